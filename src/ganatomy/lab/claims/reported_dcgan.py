"""The report's DCGAN to the letter: does its D learn to tell real images from generated ones?"""

from __future__ import annotations

import dataclasses

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import auc, score
from ganatomy.lab.settings import FULL, QUICK_DCGAN, TELLS
from ganatomy.studies.file import ArmTable
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="reported-dcgan",
    question="-",
    text=Words(
        "The report's DCGAN, as its code has it, trains a D that tells real images from generated ones.",
        "报告中的 DCGAN 按其代码训练，判别器学会区分真实图像与生成图像。",
    ),
    design=Words(
        "The report's code for DCGAN to the letter (D's target is the mean brightness of the real image, for real and "
        "generated images alike) against the lab's DCGAN with labels of 1 and 0; all else equal, from the same seeds. "
        "Whether D tells is its AUC: the chance that a real image scores above a generated one, where 0.5 is guessing and "
        "less is the wrong way round. The claim is borne out by an AUC above 0.75, halfway from guessing to certainty. A "
        "good G fools a good D as well, so the lab's DCGAN must be above 0.75 in the same time, or nothing is decided.",
        "报告的 DCGAN 代码原样（无论真实还是生成的图像，判别器的目标都是真实图像的平均亮度），对比实验的 DCGAN（标签为 1 和 0）；其余相同，种子相同。"
        "判别器能否区分，看其 AUC：真实图像得分高于生成图像的概率，0.5 为猜测，更低则方向相反。"
        "若 AUC 高于 0.75（猜测与确定的中点），论断成立。好的生成器也会骗过好的判别器，因此实验的 DCGAN 在同样时间内须高于 0.75，否则不作判定。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(name="reported", recipe="dcgan-as-reported", title=Words("the report's code", "报告的代码")),
            ArmTable(name="dcgan", recipe="dcgan", title=Words("the lab's DCGAN", "实验的 DCGAN")),
        ),
        at={"quick": QUICK_DCGAN, "full": dataclasses.replace(FULL, seeds=(0, 1, 2))},
    ),
    quantities=(auc(), score("fid"), score("classes_found")),
    premises=(Prediction("auc", "dcgan", "higher", TELLS),),
    predictions=(Prediction("auc", "reported", "higher", TELLS),),
    meanings={
        "supported": Words(
            "Though its target is brightness, this D scores real images above generated ones. As long as G's images are "
            "darker that is what brightness gives, and no judgement of what is real.",
            "尽管目标是亮度，这个判别器给真实图像的分数仍高于生成图像。只要生成的图像更暗，亮度就会给出这样的结果，这不是对真伪的判断。",
        ),
        "refuted": Words(
            "This D does not tell real images from generated ones, while the lab's does in as many updates: it has "
            "learnt brightness. G is rewarded for what D takes to be bright, not for what looks real.",
            "这个判别器不能区分真实图像与生成图像，而实验的判别器在同样多的更新后可以：它学到的是亮度。"
            "生成器因判别器认为它亮而得到奖励，而不是因为看起来真实。",
        ),
        "not decided": Words(
            "The seeds disagree, or the lab's own D does not tell well enough at this point for a comparison.",
            "各种子结果不一致，或此时实验原样的判别器区分能力也不足，无法比较。",
        ),
    },
    literature=Words(
        "Goodfellow et al. 2014 (arXiv 1406.2661): D is trained to give the probability that its input is real. The "
        "report's D has the target mean(x) for real images, and for a generated image the mean(x) of an unrelated real one: "
        "it regresses brightness, and nothing in the loss asks which image was real.",
        "Goodfellow 等 2014（arXiv 1406.2661）：训练判别器给出输入为真实的概率。"
        "报告的判别器对真实图像的目标是 mean(x)，对生成图像的目标是一张无关真实图像的 mean(x)：它在回归亮度，损失中没有任何一项问哪张图像是真实的。",
    ),
)
