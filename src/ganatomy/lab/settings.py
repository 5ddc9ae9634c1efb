"""Settings that several claims share, so that they share runs too."""

from __future__ import annotations

import dataclasses

from ganatomy.lab.claim import OfStudy
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.words import Words

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

QUARTER = ("25%", "100%")
QUICK_DCGAN_QUARTER = dataclasses.replace(QUICK_DCGAN, points=QUARTER)
FULL_QUARTER = dataclasses.replace(FULL, points=QUARTER)
"""The same runs, scored after a quarter of their length as well."""

TELLS = 0.75
"""An AUC halfway from guessing to certainty, from which on D is said to tell real images from generated ones."""

NOTICEABLE = 0.32
"""Of a log2 of FID: a factor of 1.25, the least that is called a difference of images."""

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

SLOPE_ARMS = (
    ArmTable(
        name="dcgan-relu",
        recipe="dcgan",
        settings=("model.slope=0",),
        title=Words("DCGAN, ReLU in D", "DCGAN，判别器用 ReLU"),
    ),
    ArmTable(
        name="dcgan-leaky",
        recipe="dcgan",
        title=Words("DCGAN, LeakyReLU in D (the lab's)", "DCGAN，判别器用 LeakyReLU（实验原样）"),
    ),
    ArmTable(
        name="gan-relu", recipe="gan", settings=("model.slope=0",), title=Words("GAN, ReLU in D", "GAN，判别器用 ReLU")
    ),
    ArmTable(
        name="gan-leaky",
        recipe="gan",
        title=Words("GAN, LeakyReLU in D (the lab's)", "GAN，判别器用 LeakyReLU（实验原样）"),
    ),
)
"""Each system of the lab with the slope of D's activation at 0 and at the lab's 0.1."""

QUICK_SLOPES = LevelTable(
    settings=DIGITS,
    arms={"dcgan-relu": DCGAN, "dcgan-leaky": DCGAN, "gan-relu": GAN, "gan-leaky": GAN},
    seeds=(0, 1, 2),
    budgets=("450 updates",),
    points=("100%",),
)

_MLP = ("model=mlp", "model.hidden=2180", "model.discriminator_hidden=731")

CONVOLUTION_ARMS = (
    ArmTable(name="dcgan", recipe="dcgan", title=Words("DCGAN (the lab's)", "DCGAN（实验原样）")),
    ArmTable(
        name="mlp-batchnorm",
        recipe="dcgan",
        settings=(*_MLP, "model.batchnorm=generator"),
        title=Words("fully connected, as many parameters, BatchNorm in G", "全连接，参数量相同，生成器用 BatchNorm"),
    ),
    ArmTable(
        name="mlp",
        recipe="dcgan",
        settings=_MLP,
        title=Words("fully connected, as many parameters", "全连接，参数量相同"),
    ),
)
"""The lab's DCGAN, and fully connected networks of its size in its place."""

CONVOLUTION_LITERATURE = Words(
    "Radford et al. 2015 (arXiv 1511.06434) made convolutional GANs trainable and showed their images, not their scores "
    "against fully connected ones. Lucic et al. 2018 (arXiv 1711.10337): comparisons need equal budgets and several seeds.",
    "Radford 等 2015（arXiv 1511.06434）使卷积 GAN 能够训练，展示了图像，但没有与全连接网络比较分数。"
    "Lucic 等 2018（arXiv 1711.10337）：比较需要相同的预算和多个种子。",
)

BATCHNORM_LITERATURE = Words(
    "Radford et al. 2015 (arXiv 1511.06434) found it needed to keep deep generators from collapsing all samples to one "
    "point. Xiang & Li 2017 (arXiv 1704.03971): GANs with BatchNorm can start faster, and be less stable.",
    "Radford 等 2015（arXiv 1511.06434）认为它是防止深层生成器把所有样本塌缩到一点所必需的。"
    "Xiang 与 Li 2017（arXiv 1704.03971）：带 BatchNorm 的 GAN 起步可能更快，但也可能更不稳定。",
)

WGAN_CLIPS = tuple(
    ArmTable(
        name=f"clip-{clip}",
        recipe="wgan",
        settings=(f"objective.clip={clip}",),
        title=Words(f"clip {clip}", f"裁剪 {clip}"),
    )
    for clip in ("0.003", "0.01", "0.03", "0.1")
)

QUICK_CLIPS = LevelTable(
    settings=("data=digits", "train.batch=32", "train.log_every=2", "train.evaluate_every=20", *WGAN),
    seeds=(0, 1, 2),
    budgets=("200 updates",),
    points=("100%",),
)
"""WGAN with four clipping values on the digits, half a minute a run."""

FULL_CLIPS = LevelTable(settings=("data=mnist",), seeds=(0, 1, 2), budgets=("4690 updates",), n=10000, points=("100%",))

COURSE = OfStudy("course")
"""The course study's runs."""
