"""Q9: does a lower learning rate make WGAN more stable?"""

from __future__ import annotations

import math
import statistics

from ganatomy.lab.claim import Claim, Prediction, Quantity, Trained, Values
from ganatomy.lab.quantities import log2, probe, score
from ganatomy.lab.settings import NOTICEABLE
from ganatomy.probes import curves
from ganatomy.studies.file import ArmTable, BudgetTable, LevelTable
from ganatomy.studies.results import Results
from ganatomy.studies.words import Words

RUNS = {"high": (2e-3, 100), "middle": (1e-3, 200), "low": (5e-4, 400)}
"""{arm: learning rate, updates} on the digits: the product is the same."""

FULL_RUNS = {"high": (2e-4, 1000), "middle": (1e-4, 2000), "low": (5e-5, 4000)}
"""On MNIST; `low` is the lab's learning rate."""

LOGS, EVALUATIONS = 100, 20
"""Records of a run, as many for each arm: from one to the next all have gone as far."""

LAST = 0.5
"""The part of the run that is looked at."""


def _budgets(runs: dict[str, tuple[float, int]]) -> tuple[BudgetTable, ...]:
    return tuple(
        BudgetTable(
            amount=f"{updates} updates",
            only=(arm,),
            settings=(
                f"optimizer.lr={rate:g}",
                f"train.log_every={updates // LOGS}",
                f"train.evaluate_every={updates // EVALUATIONS}",
            ),
        )
        for arm, (rate, updates) in runs.items()
    )


def distance_from_mean(results: Results) -> Values:
    """How far each seed's log2 FID is from the mean of its arm's."""
    found = log2(score("fid")).measure(results)
    values: Values = {}
    for arm, each in found.items():
        known = [value for value in each.values() if value is not None and math.isfinite(value)]
        centre = statistics.fmean(known) if len(known) > 1 else None
        values[arm] = {
            seed: None if value is None or centre is None else abs(value - centre) for seed, value in each.items()
        }
    return values


CLAIM = Claim(
    name="q9-wgan-lr",
    question="Q9",
    text=Words("A lower learning rate makes WGAN more stable.", "降低学习率可提升 WGAN 的稳定性。"),
    design=Words(
        "The lab's WGAN at three learning rates, each half of the one before, and trained twice as long: learning rate "
        "times updates is the same, for a run that has hardly moved is steady for no merit of its own. Every run is "
        "logged and evaluated about as often. Stability is the relative swing (standard deviation over mean size) in the run's "
        "second half of the critic's loss and of FID; the claim is borne out if both are lower by a quarter or more at "
        "the low rate than at the high one. Shown beside: the final FID, and how far the seeds lie apart, which three "
        "seeds can show but hardly test. Images are in batches of 32 on the digits.",
        "实验的 WGAN 取三个学习率，每个是前一个的一半，训练时间则是前一个的两倍：学习率乘以更新次数保持不变，因为几乎没动的训练自然平稳。"
        "各运行的记录和评估次数大致相同。稳定性指后半程判别器损失与 FID 的相对波动（标准差除以平均大小）；若低学习率的两项都比高学习率低约四分之一以上，论断成立。"
        "另列出最终的 FID，以及各种子之间的离散程度（三个种子能展示，但很难检验）。手写数字上批大小为 32。",
    ),
    experiment=Trained(
        arms=tuple(
            ArmTable(name=arm, recipe="wgan", title=Words(f"{arm} learning rate", f"{name}学习率"))
            for arm, name in {"high": "高", "middle": "中", "low": "低"}.items()
        ),
        at={
            "quick": LevelTable(
                settings=("data=digits", "train.batch=32"),
                seeds=(0, 1, 2),
                budgets=_budgets(RUNS),
                points=("100%",),
            ),
            "full": LevelTable(
                settings=("data=mnist",),
                seeds=(0, 1, 2, 3, 4),
                budgets=_budgets(FULL_RUNS),
                points=("100%",),
                n=10000,
            ),
        },
    ),
    quantities=(
        log2(
            probe(
                "swing of loss",
                Words("relative swing of the critic's loss", "判别器损失的相对波动"),
                lambda run: curves.swing(run.history, "loss/discriminator", LAST),
            )
        ),
        log2(
            probe(
                "swing of fid",
                Words("relative swing of FID", "FID 的相对波动"),
                lambda run: curves.swing(run.scores, "metric/fid", LAST),
            )
        ),
        score("fid"),
        Quantity(
            "spread",
            Words("distance of a seed's log2 FID from the arm's mean", "每个种子的 log2 FID 与该组平均值的距离"),
            distance_from_mean,
        ),
    ),
    predictions=(
        Prediction("log2 swing of loss", "low", "lower", "high", least=NOTICEABLE),
        Prediction("log2 swing of fid", "low", "lower", "high", least=NOTICEABLE),
    ),
    meanings={
        "supported": Words(
            "At a quarter of the learning rate and four times the updates WGAN goes the same way more steadily.",
            "学习率为四分之一、更新次数为四倍时，WGAN 更平稳地走完同样的路程。",
        ),
        "refuted": Words(
            "Once it has gone as far, WGAN is no steadier at the lower learning rate, in its loss or in its images; in "
            "this range what looks like stability comes of having moved less.",
            "走完同样的路程后，低学习率的 WGAN 并不更平稳，至少在损失或图像的一项上如此；在这个范围内，看似的稳定只是因为走得少。",
        ),
        "not decided": Words(
            "The seeds do not tell at which rate WGAN is steadier.",
            "这些种子不足以判断哪个学习率下 WGAN 更平稳。",
        ),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875) report that WGAN becomes unstable with momentum or high learning rates, "
        "and use RMSprop at 5e-5. Heusel et al. 2017 (arXiv 1706.08500): the ratio of both networks' rates matters too.",
        "Arjovsky 等 2017（arXiv 1701.07875）报告，使用动量或高学习率时 WGAN 会不稳定，因此采用 RMSprop，学习率 5e-5。"
        "Heusel 等 2017（arXiv 1706.08500）：两个网络学习率之比同样重要。",
    ),
)
