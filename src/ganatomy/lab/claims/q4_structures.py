"""Q4: does each of the structures that the report names in DCGAN matter?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import log2, score
from ganatomy.lab.settings import BASE, FULL, NOTICEABLE, QUICK_DCGAN
from ganatomy.studies.file import ArmTable
from ganatomy.studies.words import Words

CHANGES = {
    "nearest": ("model.upsampling=nearest", Words("no transposed convolution in G", "生成器不用转置卷积")),
    "no-batchnorm": ("model.batchnorm=none", Words("no BatchNorm in G", "生成器不用批归一化")),
    "leaky-g": ("model.generator_slope=0.2", Words("no ReLU in G (LeakyReLU 0.2)", "生成器不用 ReLU（LeakyReLU 0.2）")),
    "relu-d": ("model.slope=0", Words("no LeakyReLU in D (ReLU)", "判别器不用 LeakyReLU（ReLU）")),
}

CLAIM = Claim(
    name="q4-structures",
    question="Q4",
    text=Words(
        "Key structures of DCGAN: transposed convolution, BatchNorm and ReLU in G, LeakyReLU in D; each matters for the "
        "images.",
        "DCGAN 的关键结构：生成器的转置卷积、批归一化、ReLU，判别器的 LeakyReLU；每一个都影响生成效果。",
    ),
    design=Words(
        "The lab's DCGAN, and four arms in each of which one structure is replaced by the usual alternative: transposed "
        "convolution by nearest-neighbour doubling and a convolution, BatchNorm by nothing, ReLU in G by LeakyReLU, "
        "LeakyReLU in D by ReLU. All else equal, from the same seeds. A structure matters if FID is higher by a quarter "
        "or more without it. D's convolutions are not varied here (q3-quality replaces the convolutions of both "
        "networks), and its pooling has a claim of its own (q4-pooling).",
        "实验的 DCGAN，以及四个组，各把一个结构换成常见的替代：转置卷积换成最近邻放大加卷积，批归一化去掉，"
        "生成器的 ReLU 换成 LeakyReLU，判别器的 LeakyReLU 换成 ReLU。其余相同，种子相同。去掉后 FID 至少高四分之一，该结构才算重要。"
        "判别器的卷积在此不作变动（q3-quality 替换两个网络的卷积），其池化另有论断（q4-pooling）。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(name="lab", recipe="dcgan", title=BASE),
            *(
                ArmTable(name=name, recipe="dcgan", settings=(setting,), title=title)
                for name, (setting, title) in CHANGES.items()
            ),
        ),
        at={"quick": QUICK_DCGAN, "full": FULL},
    ),
    quantities=(log2(score("fid")), score("fid"), score("coverage"), score("classes_found")),
    predictions=tuple(Prediction("log2 fid", name, "higher", "lab", least=NOTICEABLE) for name in CHANGES),
    meanings={
        "supported": Words(
            "The images are worse without each of the four: all of them matter here.",
            "去掉四者中任何一个，图像都变差：在这里它们都重要。",
        ),
        "refuted": Words(
            "At least one of the four can be replaced without loss, or with gain; the checks tell which. A structure that "
            "is in all textbooks need not be what makes this network work.",
            "四者中至少有一个可以替换而没有损失，甚至更好；各项检验说明是哪一个。教科书都有的结构，未必就是这个网络有效的原因。",
        ),
        "not decided": Words(
            "None is shown to be without effect, and not each is shown to matter; the checks tell which do.",
            "没有哪个被证明无影响，也并非每个都被证明重要；各项检验说明哪些重要。",
        ),
    },
    literature=Words(
        "Radford et al. 2015 (arXiv 1511.06434) give these as guidelines found by trying. Xiang & Li 2017 (arXiv "
        "1704.03971): BatchNorm can start faster and be less stable. Lucic et al. 2018 (arXiv 1711.10337): without several "
        "seeds and equal tuning, differences between GANs mean little.",
        "Radford 等 2015（arXiv 1511.06434）把它们作为摸索得出的准则。"
        "Xiang 与 Li 2017（arXiv 1704.03971）：批归一化起步可能更快，也可能更不稳定。"
        "Lucic 等 2018（arXiv 1711.10337）：没有多个种子和同等的调参，GAN 之间的差异说明不了什么。",
    ),
)
