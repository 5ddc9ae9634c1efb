"""Q7: do WGAN's losses fall steadily, a monotone optimisation of the Wasserstein distance?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import probe
from ganatomy.lab.settings import COURSE
from ganatomy.probes import curves
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q7-wgan-monotone",
    question="Q7",
    text=Words(
        "WGAN's critic loss falls steadily and so does G's: the Wasserstein distance is optimised monotonically.",
        "WGAN 的评论家损失稳定下降，生成器损失也稳定下降，体现了 Wasserstein 距离的单调优化。",
    ),
    design=Words(
        "The course study's WGAN runs at equal updates. The critic's loss is minus its estimate of the distance, so a "
        "distance that shrinks makes this loss rise towards 0, not fall. Falling: Spearman's rank correlation of the loss "
        "with the update below -0.8. Steadily: less than a quarter of the changes between logged losses goes upwards "
        "against the trend.",
        "课程研究中相同更新次数的 WGAN 运行。评论家的损失是其距离估计的相反数，所以距离缩小时该损失应上升趋近 0，而不是下降。"
        "下降：损失与更新次数的 Spearman 秩相关低于 -0.8。稳定：相邻记录间逆趋势的变化少于四分之一。",
    ),
    experiment=COURSE,
    quantities=(
        probe(
            "critic's trend",
            Words("rank correlation of the critic's loss with the update", "评论家损失与更新次数的秩相关"),
            lambda run: curves.trend(run.history, "loss/discriminator"),
            "updates",
        ),
        probe(
            "G's trend",
            Words("rank correlation of G's loss with the update", "生成器损失与更新次数的秩相关"),
            lambda run: curves.trend(run.history, "loss/generator"),
            "updates",
        ),
        probe(
            "against the trend",
            Words("share of the critic's loss changes against its trend", "评论家损失逆趋势变化的比例"),
            lambda run: curves.share_against_trend(run.history, "loss/discriminator"),
            "updates",
        ),
    ),
    predictions=(
        Prediction("critic's trend, updates", "wgan", "lower", -0.8),
        Prediction("G's trend, updates", "wgan", "lower", -0.8),
        Prediction("against the trend, updates", "wgan", "lower", 0.25),
    ),
    meanings={
        "supported": Words(
            "Both losses fall, and hardly ever rise on the way.",
            "两个损失都在下降，途中几乎不回升。",
        ),
        "refuted": Words(
            "The losses do not fall steadily. The critic's loss rises towards 0 as generated images come nearer to real ones, "
            "G's loss has no zero to fall to (only differences of scores mean anything), and both go up and down on the way.",
            "损失并非稳定下降。生成图像越接近真实图像，评论家的损失越上升趋近 0；生成器的损失没有可供下降的零点（只有分数之差有意义）；二者途中都有起伏。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875), figure 3, show a critic's estimate that falls as samples improve, so a "
        "loss that rises. Stanczuk et al. 2021 (arXiv 2103.01678): the WGAN loss is a poor estimate of the Wasserstein "
        "distance.",
        "Arjovsky 等 2017（arXiv 1701.07875）图 3：样本变好时评论家的估计下降，即其损失上升。"
        "Stanczuk 等 2021（arXiv 2103.01678）：WGAN 的损失是 Wasserstein 距离的一个很差的估计。",
    ),
)
