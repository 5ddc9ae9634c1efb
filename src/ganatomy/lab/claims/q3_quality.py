"""Q3: do convolutions give better images than fully connected layers, at equal parameters and updates?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import log2, probe, score
from ganatomy.lab.settings import CONVOLUTION_ARMS, CONVOLUTION_LITERATURE, FULL, NOTICEABLE, QUICK_DCGAN
from ganatomy.probes.sharpness import texture
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q3-quality",
    question="Q3",
    text=Words(
        "Convolutions suit images: DCGAN restores detail and resolution better than fully connected layers.",
        "卷积天然适合图像：与全连接层相比，DCGAN 能更好地恢复细节，提升生成分辨率。",
    ),
    design=Words(
        "The lab's DCGAN against fully connected networks with as many parameters (6.68 and 1.11 million, to 1 %), the "
        "same loss, data, learning rate and number of updates; so that what differs is the convolutions and not the size, "
        "which is 23 times the lab's GAN's. Two arms are fully connected: with BatchNorm in G as the DCGAN has, and "
        "without any as the lab's GAN. Better: FID lower by a quarter or more than both, and more of the real images "
        "covered. Shown beside: sharpness and speckle relative to real images, of which the detail is a part. All arms "
        "have DCGAN's learning rate.",
        "实验的 DCGAN，对比参数量相同（668 万与 111 万，相差不到 1 %）的全连接网络；损失、数据、学习率、更新次数都相同。"
        "这样差别只在卷积，而不在规模（规模是实验 GAN 的 23 倍）。全连接有两组：生成器像 DCGAN 一样用 BatchNorm；像实验的 GAN 一样不用。"
        "“更好”指 FID 比两组都至少低四分之一，且覆盖更多真实图像。另列出相对真实图像的清晰度与斑点，细节与之有关。各组都用 DCGAN 的学习率。",
    ),
    experiment=Trained(arms=CONVOLUTION_ARMS, at={"quick": QUICK_DCGAN, "full": FULL}),
    quantities=(
        log2(score("fid")),
        score("fid"),
        score("coverage"),
        probe("sharpness", Words("sharpness, 1 is real", "清晰度（真实为 1）"), lambda run: texture(run).sharpness),
        probe("speckle", Words("speckle, 1 is real", "斑点（真实为 1）"), lambda run: texture(run).speckle),
    ),
    predictions=(
        Prediction("log2 fid", "dcgan", "lower", "mlp-batchnorm", least=NOTICEABLE),
        Prediction("log2 fid", "dcgan", "lower", "mlp", least=NOTICEABLE),
        Prediction("coverage", "dcgan", "higher", "mlp-batchnorm"),
        Prediction("coverage", "dcgan", "higher", "mlp"),
    ),
    meanings={
        "supported": Words(
            "At equal size and updates the convolutions give better images: it is their structure that pays, not their "
            "number of parameters.",
            "规模和更新次数相同时，卷积给出更好的图像：起作用的是其结构，而不是参数的数量。",
        ),
        "refuted": Words(
            "At least one fully connected pair of equal size does as well as the convolutions in images of this size. "
            "What the lab's DCGAN has over its GAN is then in part its size, or BatchNorm.",
            "在这种大小的图像上，至少有一组同等规模的全连接网络与卷积做得一样好。"
            "那么实验里 DCGAN 胜过 GAN 的地方，部分来自规模或 BatchNorm。",
        ),
        "not decided": Words(
            "The seeds do not show the convolutions ahead in all that was measured, nor behind.",
            "这些种子没有显示卷积在各项测量中都领先，也没有显示落后。",
        ),
    },
    literature=CONVOLUTION_LITERATURE,
)
