"""The lab's skeleton: five critic steps on one real batch, against five batches."""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import QUICK_CLIPS
from ganatomy.probes import discrimination
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="wgan-batches",
    question="WGAN",
    text=Words(
        "Five critic steps on five batches give better images than five steps on one batch, as the lab's skeleton has it.",
        "评论家五步各用一批真实图像，比实验框架中五步共用一批得到更好的图像。",
    ),
    claimant=Words("the WGAN paper's algorithm 1, against the lab", "WGAN 论文算法 1，与实验框架相对"),
    design=Words(
        "The lab's WGAN with one real batch shared by the five steps of an update, and with a batch for each step; as many "
        "updates for both, so that the second sees five times as many real images.",
        "实验的 WGAN：一次更新中五步共用一批真实图像，或每步各用一批；更新次数相同，因此后者看到五倍的真实图像。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(name="one-batch", recipe="wgan", title=Words("one batch (the lab's)", "共用一批（实验原样）")),
            ArmTable(
                name="five-batches",
                recipe="wgan",
                settings=("objective.shares_real_batch=false",),
                title=Words("five batches", "五批"),
            ),
        ),
        at={
            "quick": LevelTable(
                settings=QUICK_CLIPS.settings, seeds=(0, 1, 2, 3, 4), budgets=("200 updates",), points=("100%",)
            ),
            "full": LevelTable(
                settings=("data=mnist",), seeds=(0, 1, 2), budgets=("4690 updates",), n=10000, points=("100%",)
            ),
        },
    ),
    quantities=(
        score("fid"),
        score("coverage"),
        probe(
            "AUC",
            Words("AUC of the critic, real against generated", "评论家区分真假的 AUC"),
            lambda run: discrimination.discrimination(run).auc_training,
        ),
    ),
    predictions=(Prediction("fid", "five-batches", "lower", "one-batch"),),
    meanings={
        "supported": Words(
            "Fresh images for each critic step pay, at no cost in computing.",
            "每步使用新图像是值得的，且不增加计算量。",
        ),
        "refuted": Words(
            "The shared batch gives better images at this length.",
            "在这一训练长度下，共用一批反而得到更好的图像。",
        ),
        "not decided": Words(
            "No difference that these seeds could show: the shared batch is legal, and does little harm at this length.",
            "这些种子未能显示差异：共用一批是合法的，在这一训练长度下几乎无害。",
        ),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875), algorithm 1, samples a batch of real data in every critic step.",
        "Arjovsky 等 2017（arXiv 1701.07875）算法 1 在评论家的每一步都重新抽取一批真实数据。",
    ),
)
