"""Q2: does D fail early with ReLU, and does LeakyReLU keep it working?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import auc, log2, score
from ganatomy.lab.settings import FULL, NOTICEABLE, QUICK_SLOPES, SLOPE_ARMS
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q2-failure",
    question="Q2",
    text=Words(
        "With ReLU D fails early and guides G less; LeakyReLU keeps D learning and makes training more robust.",
        "判别器若使用 ReLU 会过早失效，削弱对生成器的指导；LeakyReLU 使判别器持续学习，训练更稳健。",
    ),
    design=Words(
        "The runs of the claim q2-gradients: the lab's DCGAN and GAN, each with ReLU and with LeakyReLU in D, all else "
        "equal. A D that has failed no longer tells real images from generated ones (AUC, where 0.5 is guessing), and "
        "G's images are worse for it (FID). The claim is borne out by an AUC lower by 0.05 and a FID higher by a quarter, "
        "in both systems. Shown beside: the classes found.",
        "使用论断 q2-gradients 的运行：实验的 DCGAN 与 GAN，判别器分别用 ReLU 与 LeakyReLU，其余相同。"
        "失效的判别器不再能区分真实图像与生成图像（AUC，0.5 为猜测），生成的图像也会因此变差（FID）。"
        "若两个系统中 AUC 都低 0.05 以上，且 FID 都高四分之一以上，论断成立。另列出找到的类别数。",
    ),
    experiment=Trained(arms=SLOPE_ARMS, at={"quick": QUICK_SLOPES, "full": FULL}),
    quantities=(auc(), log2(score("fid")), score("fid"), score("classes_found")),
    predictions=(
        Prediction("auc", "dcgan-relu", "lower", "dcgan-leaky", least=0.05),
        Prediction("auc", "gan-relu", "lower", "gan-leaky", least=0.05),
        Prediction("log2 fid", "dcgan-relu", "higher", "dcgan-leaky", least=NOTICEABLE),
        Prediction("log2 fid", "gan-relu", "higher", "gan-leaky", least=NOTICEABLE),
    ),
    meanings={
        "supported": Words(
            "With ReLU D tells less well, and the images are worse: the lab's choice of LeakyReLU pays here.",
            "使用 ReLU 时，判别器的区分能力更弱，图像也更差：实验选用 LeakyReLU 在这里是值得的。",
        ),
        "refuted": Words(
            "With ReLU D goes on working, in at least one of the two systems: it tells as well, or the images are as "
            "good. LeakyReLU may still be the safer choice in deeper networks; these did not need it.",
            "使用 ReLU 时判别器仍在工作，至少在其中一个系统里如此：区分能力同样强，或图像同样好。"
            "在更深的网络里 LeakyReLU 也许仍是更稳妥的选择；但这里的网络并不需要它。",
        ),
        "not decided": Words(
            "The seeds do not tell whether D with ReLU is worse or as good.",
            "这些种子不足以判断用 ReLU 的判别器是更差还是同样好。",
        ),
    },
    literature=Words(
        "Radford et al. 2015 (arXiv 1511.06434) recommend LeakyReLU in D from experience. Lucic et al. 2018 (arXiv "
        "1711.10337): differences between GANs often vanish when each is tuned and run with several seeds.",
        "Radford 等 2015（arXiv 1511.06434）凭经验推荐判别器用 LeakyReLU。"
        "Lucic 等 2018（arXiv 1711.10337）：各 GAN 经过调参并用多个种子运行后，差异往往消失。",
    ),
)
