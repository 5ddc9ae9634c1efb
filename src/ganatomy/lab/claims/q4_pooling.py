"""Q4: is global average pooling a key structure of DCGAN's D?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import log2, score
from ganatomy.lab.settings import FULL, NOTICEABLE, QUICK_DCGAN
from ganatomy.studies.file import ArmTable
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q4-pooling",
    question="Q4",
    text=Words(
        "Global average pooling is a key structure of DCGAN's D.",
        "全局平均池化是 DCGAN 判别器的关键结构。",
    ),
    design=Words(
        "The report names it, and its own code has none: D flattens its 64 maps of 4x4 into a linear layer, after two "
        "max-poolings. Two arms: D as the lab has it, and D whose linear layers are given the mean of each map instead; "
        "all else equal, from the same seeds. If the pooling is key, FID is lower by a quarter or more with it. It also "
        "leaves D with 119,681 parameters of 1,102,721, which is part of what pooling is.",
        "报告提到了它，但报告自己的代码里没有：判别器经两次最大池化后，把 64 张 4x4 的特征图展平送入线性层。"
        "两个组：实验原样的判别器；线性层改为接收每张特征图平均值的判别器。其余相同，种子相同。"
        "若池化是关键，使用它时 FID 应至少低四分之一。它也使判别器的参数从 1,102,721 减到 119,681，这是池化本身的一部分。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(
                name="average",
                recipe="dcgan",
                settings=("model.head=average",),
                title=Words("global average pooling in D", "判别器用全局平均池化"),
            ),
            ArmTable(name="flatten", recipe="dcgan", title=Words("D flattens (the lab's)", "判别器展平（实验原样）")),
        ),
        at={"quick": QUICK_DCGAN, "full": FULL},
    ),
    quantities=(log2(score("fid")), score("fid"), score("coverage"), score("classes_found")),
    predictions=(Prediction("log2 fid", "average", "lower", "flatten", least=NOTICEABLE),),
    meanings={
        "supported": Words(
            "With global average pooling the images are better than with the lab's own D: the report names something "
            "that its code should have had.",
            "使用全局平均池化时，图像优于实验原样的判别器：报告说的是它的代码本该有的东西。",
        ),
        "refuted": Words(
            "DCGAN does as well or better without it: what the report's code lacks is no key structure.",
            "没有它，DCGAN 同样好甚至更好：报告代码里没有的东西，并不是关键结构。",
        ),
        "not decided": Words(
            "The seeds do not tell whether it helps.",
            "这些种子不足以判断它是否有益。",
        ),
    },
    literature=Words(
        "Radford et al. 2015 (arXiv 1511.06434) tried global average pooling in place of the fully connected layers and "
        "report that it made training more stable and convergence slower; their D flattens.",
        "Radford 等 2015（arXiv 1511.06434）试过用全局平均池化代替全连接层，报告称它提高了稳定性但减慢了收敛；他们的判别器是展平的。",
    ),
)
