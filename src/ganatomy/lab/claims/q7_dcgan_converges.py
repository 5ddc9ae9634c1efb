"""Q7: do DCGAN's losses oscillate but converge?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction
from ganatomy.lab.quantities import probe
from ganatomy.lab.settings import COURSE
from ganatomy.probes import curves
from ganatomy.runs.run import Run
from ganatomy.studies.words import Words


def drift(run: Run) -> float | None:
    """How far the mean of D's loss moved from the third quarter to the last, relative to the third's."""
    history = run.history
    last = curves.end_mean(history, "loss/discriminator", 0.25)
    third = curves.end_mean(history[: 3 * len(history) // 4], "loss/discriminator", 1 / 3)
    return None if last is None or not third else abs(last - third) / abs(third)


CLAIM = Claim(
    name="q7-dcgan-converges",
    question="Q7",
    text=Words(
        "DCGAN's two losses oscillate but converge.",
        "DCGAN 的两个损失虽有振荡但趋于收敛。",
    ),
    design=Words(
        "The course study's DCGAN runs at equal updates. Oscillating: of the changes from one logged loss to the next, a "
        "quarter or more goes against the trend. Converging: the mean of D's loss moves by less than a tenth from the third "
        "quarter of the run to the last.",
        "课程研究中相同更新次数的 DCGAN 运行。振荡：相邻两次记录之间的变化中，至少四分之一与趋势相反。收敛：判别器损失的均值从第三个四分之一到最后四分之一的变化小于十分之一。",
    ),
    experiment=COURSE,
    quantities=(
        probe(
            "against the trend",
            Words("share of D's loss changes against its trend", "判别器损失逆趋势变化的比例"),
            lambda run: curves.share_against_trend(run.history, "loss/discriminator"),
            "updates",
        ),
        probe(
            "G against the trend",
            Words("share of G's loss changes against its trend", "生成器损失逆趋势变化的比例"),
            lambda run: curves.share_against_trend(run.history, "loss/generator"),
            "updates",
        ),
        probe(
            "drift",
            Words("drift of D's loss, third to last quarter", "判别器损失的漂移（第三至第四个四分之一）"),
            drift,
            "updates",
        ),
    ),
    predictions=(
        Prediction("against the trend, updates", "dcgan", "higher", 0.25),
        Prediction("G against the trend, updates", "dcgan", "higher", 0.25),
        Prediction("drift, updates", "dcgan", "lower", 0.1),
    ),
    meanings={
        "supported": Words(
            "Both losses swing around a level that no longer moves, within the length of this run.",
            "在这次运行的长度内，两个损失围绕一个不再移动的水平摆动。",
        ),
        "refuted": Words(
            "The losses do not swing, or their level still moves at the end of the run: what looks like convergence is a "
            "matter of the scale of the picture.",
            "损失并不摆动，或其水平在运行结束时仍在移动：看似收敛，只是图的比例所致。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "A GAN's equilibrium has D at 1/2 and its loss at 2 ln 2 (Goodfellow et al. 2014, arXiv 1406.2661); nothing makes "
        "alternating gradient steps reach it. Heusel et al. 2017 (arXiv 1706.08500) prove convergence to a local equilibrium "
        "with two learning rates under assumptions.",
        "GAN 的均衡处判别器输出 1/2、损失为 2 ln 2（Goodfellow 等 2014，arXiv 1406.2661）；但交替的梯度步并不保证到达。"
        "Heusel 等 2017（arXiv 1706.08500）在若干假设下证明两种学习率可收敛到局部均衡。",
    ),
)
