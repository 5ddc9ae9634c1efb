"""Q2: does ReLU in D kill gradients?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import SHOWN, log2, probe
from ganatomy.lab.settings import FULL, QUICK_SLOPES, SLOPE_ARMS
from ganatomy.probes.gradients import generator_gradient
from ganatomy.probes.units import dead_units
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q2-gradients",
    question="Q2",
    text=Words(
        "With ReLU in D the gradient of the negative part vanishes; LeakyReLU keeps a small one alive.",
        "判别器若使用 ReLU，负区间的梯度会消失；LeakyReLU 则保留微弱的梯度。",
    ),
    design=Words(
        "The lab's DCGAN and GAN, each with the slope of D's activation at 0 (ReLU) and at 0.1 (the lab's LeakyReLU); "
        "all else equal, from the same seeds. That a ReLU passes nothing below 0 is its definition; what counts is "
        "whether it matters: whether units of D are dead, below 0 for every real and every generated image, and "
        "whether less gradient reaches G through D. The claim is borne out by 5 % of dead units or more, and by a "
        "gradient at G of half its size or less, in both systems.",
        "实验的 DCGAN 与 GAN，判别器激活函数的负斜率分别取 0（ReLU）和 0.1（实验的 LeakyReLU）；其余相同，种子相同。"
        "ReLU 在负区间不传梯度是其定义；要看的是这是否有影响：判别器是否有死亡单元（对所有真实图像和生成图像都低于 0），"
        "以及经判别器到达生成器的梯度是否变小。若两个系统中死亡单元都达到 5 % 以上，且到达生成器的梯度减到一半以下，论断成立。",
    ),
    experiment=Trained(arms=SLOPE_ARMS, at={"quick": QUICK_SLOPES, "full": FULL}),
    quantities=(
        probe(
            "dead units",
            Words("dead units in D, share", "判别器中死亡单元的比例"),
            lambda run: dead_units(run, SHOWN).dead,
        ),
        log2(
            probe(
                "gradient",
                Words("gradient of G's loss that reaches G's images", "到达生成图像的梯度大小"),
                lambda run: generator_gradient(run, SHOWN),
            )
        ),
    ),
    predictions=(
        Prediction("dead units", "dcgan-relu", "higher", 0.05),
        Prediction("dead units", "gan-relu", "higher", 0.05),
        Prediction("log2 gradient", "dcgan-relu", "lower", "dcgan-leaky", least=1.0),
        Prediction("log2 gradient", "gan-relu", "lower", "gan-leaky", least=1.0),
    ),
    meanings={
        "supported": Words(
            "With ReLU a noticeable part of D's units is dead, and less gradient reaches G: the slope is needed here.",
            "使用 ReLU 时，判别器有相当一部分单元死亡，到达生成器的梯度也更小：这里确实需要负斜率。",
        ),
        "refuted": Words(
            "The gradients of these networks survive a ReLU in D, at least in one of the ways in which they should have "
            "died: few units are dead, or as much gradient reaches G. A unit that is off for one image is on for "
            "another, so what the definition says of one input is not what happens to a network.",
            "在这些网络里，判别器用 ReLU 时梯度依然存活，至少在论断所说的一个方面如此：死亡单元很少，或到达生成器的梯度同样大。"
            "一个单元对某张图像关闭，对另一张却会打开；定义对单个输入的说法，并不等于整个网络的情形。",
        ),
        "not decided": Words(
            "Some of it is seen and some is not, or the seeds disagree: look at the two figures for each system.",
            "只看到了一部分现象，或各种子结果不一致：请分别看每个系统的两项数值。",
        ),
    },
    literature=Words(
        "Radford et al. 2015 (arXiv 1511.06434) found LeakyReLU in D to work well and gave no measurement of gradients. "
        "Arjovsky & Bottou 2017 (arXiv 1701.04862): what takes G's gradient away is a perfect D, whatever its activation.",
        "Radford 等 2015（arXiv 1511.06434）认为判别器用 LeakyReLU 效果好，但没有测量梯度。"
        "Arjovsky 与 Bottou 2017（arXiv 1701.04862）：使生成器失去梯度的是完美的判别器，与其激活函数无关。",
    ),
)
