"""Settings that several claims share, so that they share runs too."""

from __future__ import annotations

from ganatomy.study.file import ArmTable, LevelTable
from ganatomy.words import Words

DIGITS = ("data=digits", "train.batch=64", "train.log_every=4", "train.evaluate_every=50")
"""The course study's quick level: minutes on the built-in digits."""

DCGAN = ("optimizer.lr=5e-4", "optimizer.betas=[0.5, 0.999]")
WGAN = ("optimizer.lr=1e-3",)
GAN = ("optimizer.lr=1e-3", "optimizer.betas=[0.5, 0.999]")
"""What each system has beside at that level: larger learning rates, for there are few updates."""

QUICK_DCGAN = LevelTable(settings=(*DIGITS, *DCGAN), seeds=(0, 1, 2), budgets=("450 updates",), points=("100%",))
"""Arms of the recipe dcgan on the digits; its unchanged one is the course study's."""

FULL = LevelTable(settings=("data=mnist",), seeds=(0, 1, 2, 3, 4), budgets=("4690 updates",), n=10000, points=("100%",))
"""The lab's settings on MNIST for ten epochs."""

RING = ("data=mixtures", "model.output=none", "model.latent=2", "train.batch=256", "train.evaluate_every=500")
"""The ring of eight Gaussians in the plane, for the recipe gan: seconds a run."""

BASE = Words("as in the lab", "与实验相同")

BATCHNORM_ARMS = tuple(
    ArmTable(name=name, recipe="dcgan", settings=(f"model.batchnorm={name}",), title=title)
    for name, title in {
        "none": Words("no BatchNorm", "无 BatchNorm"),
        "generator": Words("BatchNorm in G (the lab's)", "生成器用 BatchNorm（实验原样）"),
        "discriminator": Words("BatchNorm in D", "判别器用 BatchNorm"),
        "both": Words("BatchNorm in both", "两者都用 BatchNorm"),
    }.items()
)

BATCHNORM_LITERATURE = Words(
    "Radford et al. 2015 (arXiv 1511.06434) found it needed to keep deep generators from collapsing all samples to one "
    "point. Xiang & Li 2017 (arXiv 1704.03971): GANs with BatchNorm can start faster, and be less stable.",
    "Radford 等 2015（arXiv 1511.06434）认为它是防止深层生成器把所有样本塌缩到一点所必需的。"
    "Xiang 与 Li 2017（arXiv 1704.03971）：带 BatchNorm 的 GAN 起步可能更快，但也可能更不稳定。",
)
