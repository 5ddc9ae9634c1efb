"""Q10: does GAN's discriminator overpower its generator?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import COURSE
from ganatomy.probes import discrimination, gradients
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q10-overpower",
    question="Q10",
    text=Words(
        "GAN's D overpowers G, and more so than the other two's.", "GAN 的判别器压倒生成器，且甚于另外两个系统。"
    ),
    design=Words(
        "The course study's three systems at equal updates: how well D tells its real images from generated ones at the end "
        "(area under the ROC curve, which compares scores with probabilities). Overpowering: above 0.95, and above both "
        "others.",
        "课程研究的三个系统，更新次数相同：结束时判别器区分真假图像的能力（ROC 曲线下面积，可比较分数与概率）。压倒：高于 0.95，且高于另外两者。",
    ),
    experiment=COURSE,
    quantities=(
        probe(
            "AUC",
            Words("AUC of D, real against generated", "判别器区分真假的 AUC"),
            lambda run: discrimination.discrimination(run).auc_training,
            "updates",
        ),
        probe(
            "reaches G", Words("gradient that reaches G", "到达生成器的梯度"), gradients.generator_gradient, "updates"
        ),
        score("fid", kind="updates"),
    ),
    predictions=(
        Prediction("AUC, updates", "gan", "higher", 0.95),
        Prediction("AUC, updates", "gan", "higher", "dcgan"),
        Prediction("AUC, updates", "gan", "higher", "wgan"),
    ),
    meanings={
        "supported": Words(
            "GAN's D tells almost all images apart, and better than the other two's.",
            "GAN 的判别器几乎能区分所有图像，且优于另外两者。",
        ),
        "refuted": Words(
            "GAN's D is not that strong, or another system's is as strong: strength of D alone does not tell the systems apart.",
            "GAN 的判别器没有那么强，或另一系统的判别器同样强：仅凭判别器的强弱不能区分这些系统。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Arjovsky & Bottou 2017 (arXiv 1701.04862): a D trained to its optimum is perfect whenever supports are disjoint, "
        "whatever the network. Heusel et al. 2017 (arXiv 1706.08500): the ratio of the learning rates sets the balance.",
        "Arjovsky 与 Bottou 2017（arXiv 1701.04862）：只要支撑集不相交，训练到最优的判别器总是完美的，与网络无关。"
        "Heusel 等 2017（arXiv 1706.08500）：两者学习率之比决定平衡。",
    ),
)
