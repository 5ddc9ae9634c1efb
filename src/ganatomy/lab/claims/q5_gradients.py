"""Q5: does BatchNorm stabilise gradients?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Quantity, Trained
from ganatomy.lab.quantities import log2, probe, score
from ganatomy.lab.settings import BATCHNORM_ARMS, BATCHNORM_LITERATURE, FULL, NOTICEABLE, QUICK_DCGAN
from ganatomy.probes import curves
from ganatomy.studies.words import Words


def _swing(network: str, title: Words) -> Quantity:
    return log2(probe(f"swing of {network}", title, lambda run: curves.swing(run.history, f"grad/{network}", 0.5)))


CLAIM = Claim(
    name="q5-gradients",
    question="Q5",
    text=Words(
        "BatchNorm stabilises the gradients of both networks.",
        "BatchNorm 稳定梯度传播，缓解生成器与判别器训练不均衡的问题。",
    ),
    design=Words(
        "The runs of the claim q5-collapse: the lab's DCGAN with BatchNorm in neither network, in G (the lab's own), in "
        "D, and in both. The norm of each network's gradient is logged every few updates; its swing is the standard "
        "deviation over the mean in the run's second half, so that a gradient that is merely larger does not count as "
        "less stable. The claim is borne out if the swings of both networks are lower by a quarter or more with BatchNorm "
        "in G than without any.",
        "使用论断 q5-collapse 的运行：实验的 DCGAN，两个网络都不用、仅生成器用（实验原样）、仅判别器用、两者都用 BatchNorm。"
        "每隔几次更新记录各网络的梯度范数；其波动为后半程的标准差除以平均值，因此仅仅更大的梯度不算更不稳定。"
        "若生成器用 BatchNorm 时两个网络的波动都比不用时低约四分之一以上，论断成立。",
    ),
    experiment=Trained(arms=BATCHNORM_ARMS, at={"quick": QUICK_DCGAN, "full": FULL}),
    quantities=(
        _swing("generator", Words("swing of G's gradient norm", "生成器梯度范数的波动")),
        _swing("discriminator", Words("swing of D's gradient norm", "判别器梯度范数的波动")),
        score("fid"),
    ),
    predictions=(
        Prediction("log2 swing of generator", "generator", "lower", "none", least=NOTICEABLE),
        Prediction("log2 swing of discriminator", "generator", "lower", "none", least=NOTICEABLE),
    ),
    meanings={
        "supported": Words(
            "With BatchNorm in G the gradients of both networks swing less: they are steadier here.",
            "生成器用 BatchNorm 时，两个网络的梯度波动都更小：在这里梯度确实更稳定。",
        ),
        "refuted": Words(
            "The gradient of at least one network is as unsteady with BatchNorm as without, or more. What it does for the "
            "images, if anything, it does otherwise.",
            "至少一个网络的梯度，用 BatchNorm 时与不用时同样不稳，甚至更不稳。如果它对图像有好处，也是以别的方式。",
        ),
        "not decided": Words(
            "The seeds do not tell whose gradients are steadier.",
            "这些种子不足以判断谁的梯度更稳定。",
        ),
    },
    literature=Words(
        "Ioffe & Szegedy 2015 (arXiv 1502.03167) gave internal covariate shift as the reason for BatchNorm; Santurkar et "
        "al. 2018 (arXiv 1805.11604) found that it hardly changes that shift, and smooths the loss instead. "
        + BATCHNORM_LITERATURE.en,
        "Ioffe 与 Szegedy 2015（arXiv 1502.03167）以内部协变量偏移解释 BatchNorm；"
        "Santurkar 等 2018（arXiv 1805.11604）发现它几乎不改变这种偏移，而是使损失更平滑。" + BATCHNORM_LITERATURE.zh,
    ),
)
