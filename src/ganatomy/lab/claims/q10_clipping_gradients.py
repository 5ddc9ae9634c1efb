"""Q10: does weight clipping keep the gradients through the critic?"""

from __future__ import annotations

import math

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import probe
from ganatomy.lab.settings import FULL_CLIPS, QUICK_CLIPS, WGAN_CLIPS
from ganatomy.probes import gradients
from ganatomy.runs.run import Run
from ganatomy.studies.words import Words


def decades(run: Run) -> float | None:
    """By how many powers of ten the gradient changes from the critic's last hidden layer to its first."""
    ratio = gradients.layer_gradients(run).first_over_last
    return None if not ratio else math.log10(ratio)


CLAIM = Claim(
    name="q10-clipping-gradients",
    question="Q10",
    text=Words(
        "Weight clipping keeps gradients from vanishing.",
        "权重裁剪使梯度不会消失。",
    ),
    design=Words(
        "WGAN with its weights clipped to 0.003, 0.01 (the lab's), 0.03 and 0.1. Measured is the gradient of the critic's score "
        "as it passes from the last hidden layer to the first: by more than a factor of ten weaker means that it vanishes "
        "on the way. If clipping keeps gradients, then the lab's value must, and so must the tightest.",
        "WGAN 的权重分别裁剪到 0.003、0.01（实验所用）、0.03 与 0.1。测量评论家分数的梯度从最后一个隐层传到第一个隐层的变化：减弱十倍以上即视为途中消失。"
        "若裁剪能保持梯度，则实验所用的值应当如此，最紧的值也应如此。",
    ),
    experiment=Trained(arms=WGAN_CLIPS, at={"quick": QUICK_CLIPS, "full": FULL_CLIPS}),
    quantities=(
        probe(
            "decades",
            Words("log10 of the gradient, first hidden layer over last", "梯度之比的常用对数（首个隐层比末个隐层）"),
            decades,
        ),
        probe(
            "slope",
            Words("mean |dD/dx| between real and generated images", "真实与生成图像之间 |dD/dx| 的均值"),
            lambda run: gradients.slope(run).mean,
        ),
        probe("reaches G", Words("gradient that reaches G", "到达生成器的梯度"), gradients.generator_gradient),
    ),
    predictions=(
        Prediction("decades", "clip-0.01", "higher", -1.0),
        Prediction("decades", "clip-0.003", "higher", -1.0),
    ),
    meanings={
        "supported": Words(
            "Even with tight clipping the gradient arrives at the first layer with a tenth of its size or more.",
            "即使裁剪很紧，梯度到达首层时仍保有十分之一以上的大小。",
        ),
        "refuted": Words(
            "Clipping lets the gradient vanish on its way through the critic, at least where it is tight: it trades one way of "
            "losing gradients for another.",
            "至少在裁剪很紧时，梯度在穿过评论家的途中消失：裁剪只是把一种梯度丢失换成了另一种。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Gulrajani et al. 2017 (arXiv 1704.00028), figure 1b: with clipping, gradients through the critic vanish or explode "
        "by the bound. RMSprop divides the size of G's gradient away again, so a small one still trains.",
        "Gulrajani 等 2017（arXiv 1704.00028）图 1b：裁剪时，穿过评论家的梯度随裁剪界限而消失或爆炸。RMSprop 会除去生成器梯度的大小，所以小梯度仍可训练。",
    ),
)
