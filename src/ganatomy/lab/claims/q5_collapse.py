"""Q5: does BatchNorm prevent mode collapse?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import score
from ganatomy.lab.settings import BATCHNORM_ARMS, BATCHNORM_LITERATURE, FULL, QUICK_DCGAN
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q5-collapse",
    question="Q5",
    text=Words("BatchNorm prevents mode collapse.", "BatchNorm 防止模式崩溃。"),
    design=Words(
        "The lab's DCGAN with BatchNorm in neither network, in G (the lab's own), in D, and in both; all else equal, "
        "from the same seeds. A network that collapses finds fewer classes and covers fewer real images.",
        "实验的 DCGAN，分别在两个网络都不用、仅生成器用（实验原样）、仅判别器用、两者都用 BatchNorm；其余相同，种子相同。"
        "发生崩溃的网络找到的类别更少，覆盖的真实图像也更少。",
    ),
    experiment=Trained(arms=BATCHNORM_ARMS, at={"quick": QUICK_DCGAN, "full": FULL}),
    quantities=(score("classes_found"), score("recall"), score("coverage"), score("fid")),
    predictions=(
        Prediction("classes_found", "generator", "higher", "none", least=1.0),
        Prediction("coverage", "generator", "higher", "none"),
    ),
    meanings={
        "supported": Words(
            "Without BatchNorm this DCGAN loses classes that it finds with it.",
            "没有 BatchNorm 时，这个 DCGAN 会丢失有 BatchNorm 时能找到的类别。",
        ),
        "refuted": Words(
            "Without BatchNorm this DCGAN finds as many classes, or covers as much: here there was no collapse to prevent, so it is not "
            "BatchNorm that prevents it.",
            "没有 BatchNorm 时，这个 DCGAN 找到的类别同样多，或覆盖同样广：这里本没有崩溃可防止，所以防止崩溃的不是 BatchNorm。",
        ),
        "not decided": Words(
            "The seeds do not decide between the two.",
            "这些种子不足以作出判断。",
        ),
    },
    literature=BATCHNORM_LITERATURE,
)
