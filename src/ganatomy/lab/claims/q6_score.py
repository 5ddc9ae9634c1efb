"""Q6: is the critic's output a score and no probability?"""

from __future__ import annotations

import numpy as np

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import probe
from ganatomy.lab.settings import COURSE
from ganatomy.probes import discrimination, inputs
from ganatomy.runs.run import Run
from ganatomy.studies.words import Words


def outside(run: Run) -> float:
    """Share of D's raw outputs, of real and generated images alike, that are outside [0, 1]."""
    shown = [discrimination.scores(run, images) for images in (inputs.real(run, 1000), inputs.generated(run, 1000))]
    scores = np.concatenate(shown)
    return float(((scores < 0) | (scores > 1)).mean())


CLAIM = Claim(
    name="q6-score",
    question="Q6",
    text=Words("WGAN's critic gives a score, not a probability.", "WGAN 的评论家给出的是分数，而不是概率。"),
    design=Words(
        "The course study's runs at equal updates. A probability lies in [0, 1]; a score need not, but should still put "
        "real images above generated ones, which the area under its ROC curve tells (0.5: no better than chance).",
        "课程研究中相同更新次数的运行。概率必在 [0, 1] 内；分数不必，但仍应使真实图像高于生成图像，由 ROC 曲线下面积衡量（0.5 即与随机无异）。",
    ),
    experiment=COURSE,
    quantities=(
        probe(
            "outside [0, 1]",
            Words("share of D's outputs outside [0, 1]", "判别器输出在 [0, 1] 之外的比例"),
            outside,
            "updates",
        ),
        probe(
            "AUC",
            Words("AUC of D, real against generated", "判别器区分真假的 AUC"),
            lambda run: discrimination.discrimination(run).auc_training,
            "updates",
        ),
    ),
    predictions=(
        Prediction("outside [0, 1], updates", "wgan", "higher", 0.05),
        Prediction("AUC, updates", "wgan", "higher", 0.6),
    ),
    meanings={
        "supported": Words(
            "The critic's outputs leave [0, 1], and their order still tells real from generated: a score.",
            "评论家的输出超出 [0, 1]，而其大小顺序仍能区分真假：这是分数。",
        ),
        "refuted": Words(
            "The outputs stay within [0, 1], or their order tells nothing: then it is no usable score either.",
            "输出停留在 [0, 1] 内，或其顺序不含信息：那么它也算不上可用的分数。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875), section 3: the critic is a function whose mean difference is bounded "
        "by the Wasserstein distance up to a factor that clipping leaves unknown. Stanczuk et al. 2021 (arXiv 2103.01678): "
        "it is a poor estimate of that distance.",
        "Arjovsky 等 2017（arXiv 1701.07875）第 3 节：评论家的均值差不超过 Wasserstein 距离乘以裁剪所决定的未知倍数。"
        "Stanczuk 等 2021（arXiv 2103.01678）：它是该距离的一个很差的估计。",
    ),
)
