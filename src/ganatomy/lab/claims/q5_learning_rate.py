"""Q5: does BatchNorm allow larger learning rates?"""

from __future__ import annotations

import math

from ganatomy.lab.claim import Claim, Prediction, Quantity, Trained, Values
from ganatomy.lab.settings import BATCHNORM_LITERATURE, DIGITS
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.results import Results, Trial
from ganatomy.studies.words import Words

RATES = (5e-4, 2e-3, 8e-3, 3.2e-2)
"""Each four times the one before."""

GROUPS = {"none": Words("no BatchNorm", "无 BatchNorm"), "generator": Words("BatchNorm in G", "生成器用 BatchNorm")}

STABLE = 0.5
"""A run is stable if it comes to its end and its FID there is at most this share of the untrained generator's."""

ARMS = {f"{group}-{rate:g}": (group, rate) for group in GROUPS for rate in RATES}
"""{arm: its group and its learning rate}."""


def is_stable(trial: Trial) -> bool:
    """Whether a run came to its end, with images better than noise."""
    before, after = (trial.scores(point) if trial.state == "finished" else None for point in ("0%", "100%"))
    if before is None or after is None:
        return False
    fid = after.metrics["fid"].value
    return math.isfinite(fid) and fid <= STABLE * before.metrics["fid"].value


def highest_rung(results: Results) -> Values:
    """The highest rung of the ladder with a stable run, by group and seed: 1 is the lowest learning rate, 0 none.

    None where a run is missing, or failed by something else than its own numbers.
    """
    values: Values = {group: {} for group in GROUPS}
    for group in GROUPS:
        for seed in results.study.seeds:
            trials = [each for each in results.trials if ARMS[each.arm][0] == group and each.seed == seed]
            told = bool(trials) and all(each.state == "finished" or each.diverged for each in trials)
            stable = [float(RATES.index(ARMS[each.arm][1]) + 1) for each in trials if is_stable(each)]
            values[group][seed] = max(stable, default=0.0) if told else None
    return values


CLAIM = Claim(
    name="q5-learning-rate",
    question="Q5",
    text=Words("BatchNorm allows larger learning rates.", "BatchNorm 允许使用更大的学习率。"),
    design=Words(
        "The lab's DCGAN without BatchNorm and with it in G, each at four learning rates of both networks, 5e-4 to 3.2e-2, "
        "each four times the one before; short runs, for what diverges does so early. A run is stable if it comes to its "
        "end, and its FID there is at most half of the untrained generator's. For every seed the highest rung with a "
        "stable run counts (1 to 4; 0 if there is none); a run that diverged is not stable. The claim is borne out if "
        "BatchNorm raises it by a rung or more. It can be tested only if without BatchNorm some rate is stable. In trials "
        "on seed 7, on the digits, none of 1.25e-4 (300 updates), 5e-4 (240) and 2e-3 (300) was, so at the quick level that may "
        "well fail.",
        "实验的 DCGAN，不用 BatchNorm 与生成器用 BatchNorm，两个网络的学习率各取四档，从 5e-4 到 3.2e-2，每档是前一档的四倍；"
        "训练时间短，因为会发散的很早就会发散。一个运行若能训练到底，且结束时的 FID 不超过未训练生成器的一半，就算稳定。"
        "每个种子取稳定运行的最高一档（1 到 4；没有则为 0）；发散的运行算不稳定。若 BatchNorm 使其提高一档以上，论断成立。"
        "只有不用 BatchNorm 时也有某个学习率稳定，才能检验。在种子 7 的试验中，手写数字上的 1.25e-4（300 次更新）、5e-4（240 次）与 2e-3（300 次）都不稳定，因此 quick 级别很可能不满足这一前提。",
    ),
    experiment=Trained(
        arms=tuple(
            ArmTable(
                name=name,
                recipe="dcgan",
                settings=(f"model.batchnorm={group}", f"optimizer.lr={rate:g}"),
                title=Words(f"{GROUPS[group].en}, {rate:g}", f"{GROUPS[group].zh}，{rate:g}"),
            )
            for name, (group, rate) in ARMS.items()
        ),
        at={
            "quick": LevelTable(
                settings=(*DIGITS, "train.evaluate_every=0", "optimizer.betas=[0.5, 0.999]"),
                seeds=(0, 1, 2, 3),
                budgets=("120 updates",),
                points=("0%", "100%"),
                metrics=("fid",),
            ),
            "full": LevelTable(
                settings=("data=mnist", "train.evaluate_every=0"),
                seeds=(0, 1, 2, 3, 4),
                budgets=("938 updates",),
                points=("0%", "100%"),
                n=10000,
                metrics=("fid",),
            ),
        },
    ),
    quantities=(
        Quantity(
            "rung",
            Words("highest stable learning rate, rung 0 to 4", "最高的稳定学习率（档位 0 到 4）"),
            highest_rung,
        ),
    ),
    premises=(Prediction("rung", "none", "higher", 0.5),),
    predictions=(Prediction("rung", "generator", "higher", "none", least=1.0),),
    meanings={
        "supported": Words(
            "With BatchNorm in G this DCGAN trains at learning rates that are too large without it.",
            "生成器用 BatchNorm 时，这个 DCGAN 能以不用它时过大的学习率训练。",
        ),
        "refuted": Words(
            "Without BatchNorm this DCGAN stands learning rates that are as large: Adam sets the size of the steps, and "
            "that seems to be enough here.",
            "不用 BatchNorm 时，这个 DCGAN 能承受同样大的学习率：步长由 Adam 决定，在这里似乎已经足够。",
        ),
        "not decided": Words(
            "Without BatchNorm no learning rate of the ladder trained in this time, so there is nothing to be larger than; "
            "or the seeds differ more than the two do.",
            "不用 BatchNorm 时，各档学习率在这段时间内都没有训练成功，因而无从比较大小；或者种子之间的差别大于两者之间的差别。",
        ),
    },
    literature=Words(
        "Ioffe & Szegedy 2015 (arXiv 1502.03167) say so of classifiers trained with plain gradient descent; GANs are "
        "trained with Adam, and need both players to stay balanced. " + BATCHNORM_LITERATURE.en,
        "Ioffe 与 Szegedy 2015（arXiv 1502.03167）对用普通梯度下降训练的分类器这样说；GAN 用 Adam 训练，而且需要双方保持平衡。"
        + BATCHNORM_LITERATURE.zh,
    ),
)
