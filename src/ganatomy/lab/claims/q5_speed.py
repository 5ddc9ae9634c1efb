"""Q5: does BatchNorm speed convergence?"""

from __future__ import annotations

import math

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import log2, probe, score
from ganatomy.lab.settings import BATCHNORM_ARMS, BATCHNORM_LITERATURE, FULL_QUARTER, NOTICEABLE, QUICK_DCGAN_QUARTER
from ganatomy.runs.run import Run
from ganatomy.studies.words import Words


def mean_on_the_way(run: Run) -> float | None:
    """Mean of log2 FID over the quick evaluations made while it trained: the lower, the sooner it was good."""
    values = [record["metric/fid"] for record in run.scores if record.get("metric/fid") is not None]
    if not values or min(values) <= 0 or not all(map(math.isfinite, values)):
        return None
    return sum(map(math.log2, values)) / len(values)


CLAIM = Claim(
    name="q5-speed",
    question="Q5",
    text=Words("BatchNorm speeds convergence.", "BatchNorm 加速收敛，缩短训练时间。"),
    design=Words(
        "The runs of the claim q5-collapse: the lab's DCGAN with BatchNorm in neither network, in G (the lab's own), in "
        "D, and in both, at equal learning rates. What converges faster is better early: FID after a quarter of the run, "
        "and the mean of log2 FID over the evaluations along the whole run. The claim is borne out if both are lower by "
        "the logarithm of a quarter or more with BatchNorm in G than without any. Where no arm is good at the end "
        "either, this shows who is ahead and not who arrives.",
        "使用论断 q5-collapse 的运行：实验的 DCGAN，两个网络都不用、仅生成器用（实验原样）、仅判别器用、两者都用 BatchNorm，学习率相同。"
        "收敛更快意味着前期更好：看训练到四分之一时的 FID，以及全程各次评估的 log2 FID 平均值。"
        "若生成器用 BatchNorm 时两者都比不用时至少低四分之一（取对数），论断成立。若到最后没有一个运行真正变好，则只能说明谁领先，而不是谁到达。",
    ),
    experiment=Trained(arms=BATCHNORM_ARMS, at={"quick": QUICK_DCGAN_QUARTER, "full": FULL_QUARTER}),
    quantities=(
        log2(score("fid", "25%")),
        probe(
            "mean log2 fid",
            Words("mean of log2 of FID over the run", "全程 log2 FID 的平均值"),
            mean_on_the_way,
        ),
        score("fid", "25%"),
        score("fid"),
    ),
    predictions=(
        Prediction("log2 fid at 25%", "generator", "lower", "none", least=NOTICEABLE),
        Prediction("mean log2 fid", "generator", "lower", "none", least=NOTICEABLE),
    ),
    meanings={
        "supported": Words(
            "With BatchNorm in G this DCGAN is ahead early and along the way, at the same learning rate.",
            "在相同学习率下，生成器用 BatchNorm 的这个 DCGAN 前期领先，全程也领先。",
        ),
        "refuted": Words(
            "BatchNorm brings no such head start here: without it the images are as good as soon, or sooner.",
            "在这里 BatchNorm 没有带来这样的领先：不用它，图像同样快、甚至更快变好。",
        ),
        "not decided": Words(
            "The seeds do not tell who is ahead, or the one who leads early loses the lead.",
            "这些种子不足以判断谁领先，或前期领先者后来失去了领先。",
        ),
    },
    literature=BATCHNORM_LITERATURE,
)
