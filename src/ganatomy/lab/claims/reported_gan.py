"""The report's GAN to the letter: does its D learn to tell real images from generated ones?"""

from __future__ import annotations

import dataclasses

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import auc, score
from ganatomy.lab.settings import DIGITS, FULL, GAN, TELLS
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="reported-gan",
    question="-",
    text=Words(
        "The report's GAN, as its code has it, trains a D that tells real images from generated ones.",
        "报告中的 GAN 按其代码训练，判别器学会区分真实图像与生成图像。",
    ),
    design=Words(
        "The report's code for GAN to the letter (D gives 784 values, and its targets are images) against the lab's GAN "
        "with labels of 1 and 0; the same number of updates and learning rate, from the same seeds. Whether D tells is "
        "its AUC: the chance that a real image scores above a generated one, where 0.5 is guessing and less is the wrong "
        "way round. The score of a D that gives 784 values is their mean. The claim is borne out by an AUC above 0.75, "
        "halfway from guessing to certainty. A good G fools a good D as well, so the lab's GAN must be above 0.75 in the "
        "same time, or nothing is decided.",
        "报告的 GAN 代码原样（判别器输出 784 个值，目标是图像），对比实验的 GAN（标签为 1 和 0）；更新次数、学习率与种子相同。"
        "判别器能否区分，看其 AUC：真实图像得分高于生成图像的概率，0.5 为猜测，更低则方向相反。输出 784 个值的判别器以其平均值为得分。"
        "若 AUC 高于 0.75（猜测与确定的中点），论断成立。好的生成器也会骗过好的判别器，因此实验的 GAN 在同样时间内须高于 0.75，否则不作判定。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(name="reported", recipe="gan-as-reported", title=Words("the report's code", "报告的代码")),
            ArmTable(name="gan", recipe="gan", title=Words("the lab's GAN", "实验的 GAN")),
        ),
        at={
            "quick": LevelTable(
                settings=(*DIGITS, *GAN), seeds=(0, 1, 2, 3, 4), budgets=("450 updates",), points=("100%",)
            ),
            "full": dataclasses.replace(FULL, seeds=(0, 1, 2)),
        },
    ),
    quantities=(auc(), score("fid"), score("classes_found")),
    premises=(Prediction("auc", "gan", "higher", TELLS),),
    predictions=(Prediction("auc", "reported", "higher", TELLS),),
    meanings={
        "supported": Words(
            "Though nothing in its loss asks for it, this D's output happens to be higher for real images than for "
            "generated ones. That is a difference in brightness as D copies it, and no judgement.",
            "尽管损失中没有任何一项要求如此，这个判别器的输出对真实图像恰好高于生成图像。这是它复制出的亮度差异，并不是判断。",
        ),
        "refuted": Words(
            "This D does not put real images above generated ones, while the lab's does in as many updates. The report's "
            "GAN is no GAN: nothing in its loss asks which image is real.",
            "这个判别器不能把真实图像排在生成图像之上，而实验的判别器在同样多的更新后可以。报告的 GAN 不是 GAN：它的损失从未问哪张图像是真的。",
        ),
        "not decided": Words(
            "The seeds disagree, or the lab's own D does not tell well enough at this point for a comparison.",
            "各种子结果不一致，或此时实验原样的判别器区分能力也不足，无法比较。",
        ),
    },
    literature=Words(
        "Goodfellow et al. 2014 (arXiv 1406.2661): D is trained to give the probability that its input is real. The "
        "report's D has the targets BCE(D(x), x) and BCE(D(G(z)), x): the first term is least where D copies its input, and "
        "the second pairs every generated image with an unrelated real one, so that the best answer is the mean image. "
        "Neither asks which of the two was real.",
        "Goodfellow 等 2014（arXiv 1406.2661）：训练判别器给出输入为真实的概率。"
        "报告的判别器目标是 BCE(D(x), x) 和 BCE(D(G(z)), x)：第一项在判别器复制输入时最小，"
        "第二项把每张生成图像与一张无关的真实图像配对，最佳答案是平均图像。两项都没有问哪一张是真实的。",
    ),
)
