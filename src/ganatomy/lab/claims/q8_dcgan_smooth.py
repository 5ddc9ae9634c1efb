"""Q8: are DCGAN's images rich in detail, but somewhat smoothed over and with artefacts?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import probe
from ganatomy.lab.settings import COURSE
from ganatomy.probes import sharpness
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q8-dcgan-smooth",
    question="Q8",
    text=Words(
        "DCGAN's images are somewhat smoothed over, and have artefacts.",
        "DCGAN 的图像有一定的过度平滑，并带有伪影。",
    ),
    design=Words(
        "The course study's DCGAN at equal updates, held against the real images. Smoothed over: its sharpness (energy of "
        "the Laplacian over the variance) is a tenth or more below the real images'. Artefacts: it has a tenth or more "
        "speckle above them.",
        "课程研究中相同更新次数的 DCGAN，与真实图像比较。过度平滑：锐度（拉普拉斯能量与方差之比）比真实图像低十分之一以上。伪影：斑点噪声比真实图像高十分之一以上。",
    ),
    experiment=COURSE,
    quantities=(
        probe(
            "sharpness",
            Words("sharpness over the real images', 1 is alike", "锐度与真实图像之比（1 为相同）"),
            lambda run: sharpness.texture(run).sharpness,
            "updates",
        ),
        probe(
            "speckle",
            Words("speckle over the real images', 1 is alike", "斑点噪声与真实图像之比（1 为相同）"),
            lambda run: sharpness.texture(run).speckle,
            "updates",
        ),
    ),
    predictions=(
        Prediction("sharpness, updates", "dcgan", "lower", 0.9),
        Prediction("speckle, updates", "dcgan", "higher", 1.1),
    ),
    meanings={
        "supported": Words(
            "DCGAN's images are softer than real ones and yet more speckled: both faults that the report saw are there.",
            "DCGAN 的图像比真实图像更柔和，却又有更多斑点：报告所见的两个缺点都存在。",
        ),
        "refuted": Words(
            "At least one of the two faults is not there at this length of training: the images are as sharp as real ones, "
            "or no more speckled.",
            "在这一训练长度下，至少有一个缺点并不存在：图像与真实图像一样清晰，或斑点并不更多。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Radford et al. 2015 (arXiv 1511.06434) show detail that earlier GANs lacked, and remaining instability. Lucic et al. "
        "2018 (arXiv 1711.10337): how good images look says little of a loss without many runs.",
        "Radford 等 2015（arXiv 1511.06434）展示了此前 GAN 所缺的细节，也指出仍有不稳定。Lucic 等 2018（arXiv 1711.10337）：没有大量运行，图像的好坏很难说明某种损失的优劣。",
    ),
)
