"""Q10: do the loss and the network both make the difference between the systems?"""

from __future__ import annotations

import math

from ganatomy.lab.claim import Claim, Prediction, Quantity, Trained, Values
from ganatomy.lab.quantities import score
from ganatomy.lab.settings import DCGAN, DIGITS, GAN, WGAN
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.results import Results
from ganatomy.studies.words import Words


def effects(results: Results) -> Values:
    """For every seed, what each factor does to ln FID: the mean over the other factor's two levels."""
    fid = score("fid").measure(results)
    found: Values = {"convolution": {}, "Wasserstein loss": {}}
    for seed in results.study.seeds:
        each = {arm: fid[arm].get(seed) for arm in ("gan", "wgan-mlp", "dcgan", "wgan")}
        if all(value is not None and value > 0 for value in each.values()):
            logs = {arm: math.log(value) for arm, value in each.items() if value is not None}
            found["convolution"][seed] = (logs["dcgan"] - logs["gan"] + logs["wgan"] - logs["wgan-mlp"]) / 2
            found["Wasserstein loss"][seed] = (logs["wgan-mlp"] - logs["gan"] + logs["wgan"] - logs["dcgan"]) / 2
    return found


CLAIM = Claim(
    name="q10-factors",
    question="Q10",
    text=Words(
        "The systems differ because of the loss (JS against Wasserstein) and because of the network (convolution): each makes "
        "the images better.",
        "三个系统的差异源于损失（JS 与 Wasserstein）和网络结构（卷积）：两者各自使图像更好。",
    ),
    design=Words(
        "All four combinations of the two losses (non-saturating, and Wasserstein with clipping) and the two networks (the MLP "
        "and the convolutions) at equal updates. What a factor does is the mean change of ln FID when it is switched on, over "
        "both levels of the other: -0.69 halves the FID.",
        "两种损失（非饱和、带裁剪的 Wasserstein）与两种网络（多层感知机、卷积）的全部四种组合，更新次数相同。"
        "某因素的作用是启用它时 ln FID 的平均变化（对另一因素的两个水平取平均）：-0.69 表示 FID 减半。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(name="gan", recipe="gan", title=Words("MLP, non-saturating", "MLP，非饱和")),
            ArmTable(
                name="wgan-mlp",
                recipe="wgan",
                settings=("model=mlp",),
                title=Words("MLP, Wasserstein", "MLP，Wasserstein"),
            ),
            ArmTable(name="dcgan", recipe="dcgan", title=Words("convolutions, non-saturating", "卷积，非饱和")),
            ArmTable(name="wgan", recipe="wgan", title=Words("convolutions, Wasserstein", "卷积，Wasserstein")),
        ),
        at={
            "quick": LevelTable(
                settings=DIGITS,
                arms={"gan": GAN, "dcgan": DCGAN, "wgan": WGAN, "wgan-mlp": WGAN},
                seeds=(0, 1, 2),
                budgets=("450 updates",),
                points=("100%",),
            ),
            "full": LevelTable(
                settings=("data=mnist",), seeds=(0, 1, 2), budgets=("4690 updates",), n=10000, points=("100%",)
            ),
        },
    ),
    quantities=(
        Quantity("effect", Words("change of ln FID by the factor", "该因素引起的 ln FID 变化"), effects),
        score("fid"),
    ),
    predictions=(
        Prediction("effect", "convolution", "lower", 0.0),
        Prediction("effect", "Wasserstein loss", "lower", 0.0),
    ),
    meanings={
        "supported": Words(
            "Both the convolutions and the Wasserstein loss lower the FID on their own.",
            "卷积与 Wasserstein 损失各自都降低了 FID。",
        ),
        "refuted": Words(
            "One of the two makes the images worse at this number of updates, so it is not what the better system owes its "
            "images to.",
            "在这一更新次数下，其中一个因素反而使图像变差，因此更好的系统并不归功于它。",
        ),
        "not decided": Words("The seeds do not decide for both factors.", "各种子不足以对两个因素都作出判断。"),
    },
    literature=Words(
        "Lucic et al. 2018 (arXiv 1711.10337): with the same network and enough tuning, losses hardly differ. Radford et al. "
        "2015 (arXiv 1511.06434): the architecture is what made convolutional GANs train.",
        "Lucic 等 2018（arXiv 1711.10337）：网络相同且充分调参时，各种损失几乎没有差别。Radford 等 2015（arXiv 1511.06434）：使卷积 GAN 得以训练的是网络结构。",
    ),
)
