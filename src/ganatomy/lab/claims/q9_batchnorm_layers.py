"""Q9: do more BatchNorm layers cut noise, and too many over-smooth?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import BATCHNORM_ARMS, BATCHNORM_LITERATURE, FULL, QUICK_DCGAN
from ganatomy.probes.sharpness import texture
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q9-batchnorm-layers",
    question="Q9",
    text=Words(
        "In DCGAN more BatchNorm layers cut the noise of the images; too many over-smooth them.",
        "在 DCGAN 中增加 BN 层数可减少生成噪声，但过量会导致过平滑。",
    ),
    design=Words(
        "The runs of the claim q5-collapse: the lab's DCGAN with no BatchNorm, with the 3 layers in G, the 2 in D, or all "
        "5, which is as many as these networks have places for. Noise is speckle, the distance of pixels to the median "
        "of their neighbours; smoothness is a lack of sharpness, the energy of the second difference; both as ratios to "
        "real images, where 1 is like real. The first half of the claim is borne out if the 3 layers lower the speckle by "
        "0.1 or more against none; the second if with all 5 sharpness is below 0.9 of real images, and lower than with 3.",
        "使用论断 q5-collapse 的运行：实验的 DCGAN，不用 BatchNorm、生成器 3 层、判别器 2 层、全部 5 层（这两个网络能放的都放了）。"
        "噪声以斑点衡量：像素与邻域中位数的距离；平滑即清晰度不足，清晰度为二阶差分的能量；两者都是相对真实图像的比值，1 为与真实相同。"
        "若 3 层比不用时斑点至少低 0.1，前半句成立；若 5 层时清晰度低于真实图像的 0.9，且低于 3 层时，后半句成立。",
    ),
    experiment=Trained(arms=BATCHNORM_ARMS, at={"quick": QUICK_DCGAN, "full": FULL}),
    quantities=(
        probe("speckle", Words("speckle, 1 is real", "斑点（真实为 1）"), lambda run: texture(run).speckle),
        probe("sharpness", Words("sharpness, 1 is real", "清晰度（真实为 1）"), lambda run: texture(run).sharpness),
        score("fid"),
    ),
    predictions=(
        Prediction("speckle", "generator", "lower", "none", least=0.1),
        Prediction("sharpness", "both", "lower", 0.9),
        Prediction("sharpness", "both", "lower", "generator"),
    ),
    meanings={
        "supported": Words(
            "BatchNorm in G makes these images less speckled, and in both networks too smooth: as the report says.",
            "生成器用 BatchNorm 使图像斑点更少，两个网络都用则过于平滑：正如报告所说。",
        ),
        "refuted": Words(
            "At least one half of the claim is wrong here: BatchNorm does not lower the speckle by as much, or as many "
            "layers as there are places for do not over-smooth. The checks tell which.",
            "论断至少有一半在这里不成立：BatchNorm 没有使斑点降低那么多，或者能放的地方都放上也没有过平滑。各项检验说明是哪一半。",
        ),
        "not decided": Words(
            "The seeds do not show both halves of the claim, nor that one is wrong.",
            "这些种子没有同时显示论断的两半，也没有显示哪一半是错的。",
        ),
    },
    literature=Words(
        "No source known to us says that BatchNorm layers smooth images. " + BATCHNORM_LITERATURE.en,
        "我们没有找到说 BatchNorm 层会使图像变平滑的文献。" + BATCHNORM_LITERATURE.zh,
    ),
)
