"""Q3: are convolutions more efficient, at equal seconds of training?"""

from __future__ import annotations

import dataclasses

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import log2, probe, score
from ganatomy.lab.settings import CONVOLUTION_ARMS, CONVOLUTION_LITERATURE, DCGAN, DIGITS, FULL, GAN, NOTICEABLE
from ganatomy.studies.file import ArmTable, BudgetTable, LevelTable
from ganatomy.studies.words import Words

RARELY = {"gan": ("train.log_every=100", "train.evaluate_every=2000")}
"""The small GAN makes ten times the updates."""

CLAIM = Claim(
    name="q3-efficiency",
    question="Q3",
    text=Words(
        "Convolutions make adversarial training more efficient than fully connected layers do.",
        "卷积提升了对抗训练的效率，优于全连接层。",
    ),
    design=Words(
        "What a student has is time. So: as many seconds of training for each, on one thread of the same machine, and "
        "FID at their end. Arms: the lab's DCGAN; fully connected networks with as many parameters, with BatchNorm in G "
        "and without; and the lab's own small GAN, which makes many more updates in the time. The claim is borne out if "
        "DCGAN's FID is lower by a quarter or more than that of all three. How many updates fit into the time depends on "
        "the machine, and with it may the outcome: convolutions gain on a GPU.",
        "学生拥有的是时间。因此各组训练相同的秒数，在同一台机器的一个线程上，比较结束时的 FID。"
        "各组为：实验的 DCGAN；参数量相同的全连接网络，生成器用与不用 BatchNorm；以及实验原来的小 GAN，它在同样时间里更新次数多得多。"
        "若 DCGAN 的 FID 比三者都至少低四分之一，论断成立。一段时间能更新多少次取决于机器，结果也可能随之改变：在 GPU 上卷积更占优势。",
    ),
    experiment=Trained(
        arms=(*CONVOLUTION_ARMS, ArmTable(name="gan", recipe="gan", title=Words("the lab's GAN", "实验的 GAN"))),
        at={
            "quick": LevelTable(
                settings=DIGITS,
                arms={**dict.fromkeys((arm.name for arm in CONVOLUTION_ARMS), DCGAN), "gan": GAN},
                seeds=(0, 1, 2),
                budgets=(BudgetTable(amount="60 seconds", arms=RARELY),),
                points=("100%",),
            ),
            "full": dataclasses.replace(
                FULL,
                seeds=(0, 1, 2),
                budgets=(BudgetTable(amount="1800 seconds", arms={"gan": ("train.evaluate_every=10000",)}),),
            ),
        },
    ),
    quantities=(
        log2(score("fid")),
        score("fid"),
        score("coverage"),
        probe(
            "updates",
            Words("updates made in the time", "这段时间内的更新次数"),
            lambda run: float(run.update),
        ),
    ),
    predictions=(
        Prediction("log2 fid", "dcgan", "lower", "mlp-batchnorm", least=NOTICEABLE),
        Prediction("log2 fid", "dcgan", "lower", "mlp", least=NOTICEABLE),
        Prediction("log2 fid", "dcgan", "lower", "gan", least=NOTICEABLE),
    ),
    meanings={
        "supported": Words(
            "In the same time the convolutions arrive at better images than any of the fully connected networks.",
            "在相同时间内，卷积得到的图像优于所有全连接网络。",
        ),
        "refuted": Words(
            "In the same time at least one of the fully connected networks is as good: a convolution costs so much more "
            "for each parameter that on this machine its advantage an update is no advantage a second.",
            "在相同时间内，至少有一个全连接网络同样好：卷积每个参数的计算量大得多，在这台机器上，每次更新的优势并不是每秒的优势。",
        ),
        "not decided": Words(
            "The seeds do not tell who is ahead after this time.",
            "这些种子不足以判断在这段时间之后谁领先。",
        ),
    },
    literature=CONVOLUTION_LITERATURE,
)
