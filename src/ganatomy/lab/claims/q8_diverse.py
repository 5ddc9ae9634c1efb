"""Q8: are WGAN's images the most diverse?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import score
from ganatomy.lab.settings import COURSE
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q8-diverse",
    question="Q8",
    text=Words(
        "WGAN's images are the most diverse of the three.",
        "三者中 WGAN 的图像最多样。",
    ),
    design=Words(
        "The course study's three systems, at equal updates and at equal seconds. Diversity: recall (share of real images "
        "that lie among generated ones) and coverage (share of real images with a generated one close by).",
        "课程研究的三个系统，分别在相同更新次数与相同训练秒数下比较。多样性：召回率（落在生成图像之中的真实图像比例）与覆盖率（附近有生成图像的真实图像比例）。",
    ),
    experiment=COURSE,
    quantities=tuple(
        score(metric, kind=kind)
        for kind in ("updates", "seconds")
        for metric in ("recall", "coverage", "classes_found")
    ),
    predictions=tuple(
        Prediction(f"{metric}, {kind}", "wgan", "higher", other)
        for kind in ("updates", "seconds")
        for other in ("gan", "dcgan")
        for metric in ("recall", "coverage")
    ),
    meanings={
        "supported": Words(
            "WGAN reaches more of the real images than the other two, for as many updates and for as much time.",
            "无论更新次数相同还是时间相同，WGAN 都比另外两者覆盖更多的真实图像。",
        ),
        "refuted": Words(
            "At least one of the other two reaches more of the real images: in the training that the lab gives it, WGAN is not "
            "the most diverse.",
            "另外两个系统中至少有一个覆盖了更多真实图像：在实验给定的训练量下，WGAN 不是最多样的。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875), section 4.3, saw no mode collapse in WGAN. Lucic et al. 2018 (arXiv "
        "1711.10337) found precision and recall of all losses alike with enough tuning.",
        "Arjovsky 等 2017（arXiv 1701.07875）第 4.3 节未见 WGAN 发生模式崩溃。Lucic 等 2018（arXiv 1711.10337）发现充分调参后各种损失的精确率与召回率相近。",
    ),
)
