"""Q8: are WGAN's images the sharpest?"""

from __future__ import annotations

import math

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import COURSE
from ganatomy.probes import sharpness
from ganatomy.runs.run import Run
from ganatomy.studies.words import Words


def unlikeness(run: Run) -> float:
    """How far the images' sharpness is from the real ones', as a factor: |ln ratio|, 0 is alike.

    Blur and noise both add to it; the ratio alone would call noise sharp.
    """
    return abs(math.log(max(sharpness.texture(run).sharpness, 1e-6)))


CLAIM = Claim(
    name="q8-sharpest",
    question="Q8",
    text=Words("WGAN's images are the sharpest.", "WGAN 的图像最清晰。"),
    design=Words(
        "The course study's three systems, at equal updates and at equal seconds. Sharpest: its images are nearer than the "
        "others' to the real images' sharpness (energy of the Laplacian; noise counts against it as blur does), and more of "
        "them lie among real images (precision).",
        "课程研究的三个系统，分别在相同更新次数与相同训练秒数下比较。最清晰：其图像的锐度（拉普拉斯能量）比其他系统更接近真实图像（噪声与模糊同样扣分），"
        "且更多图像落在真实图像之中（精确率）。",
    ),
    experiment=COURSE,
    quantities=tuple(
        quantity
        for kind in ("updates", "seconds")
        for quantity in (
            probe(
                "sharpness off",
                Words("distance from the real images' sharpness, |ln ratio|", "与真实图像锐度的差距 |ln 比值|"),
                unlikeness,
                kind,
            ),
            probe(
                "speckle",
                Words("speckle over the real images'", "斑点噪声与真实图像之比"),
                lambda run: sharpness.texture(run).speckle,
                kind,
            ),
            score("precision", kind=kind),
            score("fid", kind=kind),
        )
    ),
    predictions=tuple(
        prediction
        for kind in ("updates", "seconds")
        for other in ("gan", "dcgan")
        for prediction in (
            Prediction(f"sharpness off, {kind}", "wgan", "lower", other),
            Prediction(f"precision, {kind}", "wgan", "higher", other),
        )
    ),
    meanings={
        "supported": Words(
            "WGAN's images are the sharpest of the three, for as many updates and for as much time.",
            "无论更新次数相同还是时间相同，WGAN 的图像都是三者中最清晰的。",
        ),
        "refuted": Words(
            "At least one of the other two has images that are nearer to real sharpness or more of which pass for real: in "
            "the training that the lab gives it, WGAN's are not the sharpest.",
            "另外两个系统中至少有一个的图像更接近真实锐度，或有更多图像足以乱真：在实验给定的训练量下，WGAN 的图像不是最清晰的。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875) claim stability and a meaningful loss for WGAN, not sharper images. Lucic et "
        "al. 2018 (arXiv 1711.10337): with tuning and restarts no loss is consistently better. Gulrajani et al. 2017 (arXiv "
        "1704.00028): clipping costs the critic capacity.",
        "Arjovsky 等 2017（arXiv 1701.07875）为 WGAN 主张的是稳定性与有意义的损失，而非更清晰的图像。Lucic 等 2018（arXiv 1711.10337）："
        "经过调参与多次重启，没有哪种损失始终更好。Gulrajani 等 2017（arXiv 1704.00028）：裁剪损害评论家的能力。",
    ),
)
