"""Q7: does a discriminator's loss near 0 show mode collapse?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import DIGITS
from ganatomy.probes import curves
from ganatomy.studies.file import ArmTable, BudgetTable, LevelTable
from ganatomy.studies.words import Words

ADAM = "optimizer.betas=[0.5, 0.999]"
RING = ("data=mixtures", "model.output=none", "model.latent=16", "train.batch=256")

CLAIM = Claim(
    name="q7-gan-collapse",
    question="Q7",
    text=Words(
        "GAN's D loss falls to near 0, which shows mode collapse.",
        "GAN 的判别器损失降到接近 0，说明发生了模式崩溃。",
    ),
    design=Words(
        "Two arms that each have one of the two and not the other, if the claim is wrong. strong-d: a DCGAN on the "
        "digits whose D takes five steps, each on images of its own, for one of G's. lost-modes: a GAN on a ring of eight "
        "Gaussians in the plane, with the lab's learning rate. Where both networks are balanced, D's loss is 2 ln 2 = "
        "1.39. If a loss near 0 shows collapse, then strong-d must have lost classes, and lost-modes, which has lost "
        "modes, must have a loss near 0. Both arms were found by trying a few on seeds 0 and 1; another one for the "
        "second, a fast G and a slow D on 25 Gaussians, did not lose modes in every seed, and was given up.",
        "若论断有误，两个组应各自只具备其中一项。strong-d：手写数字上的 DCGAN，生成器每更新一次，判别器走五步，每步用各自的真实图像。"
        "lost-modes：平面上八个高斯分布之环的 GAN，使用实验的学习率。两个网络平衡时，判别器损失为 2 ln 2 = 1.39。"
        "若损失接近 0 说明崩溃，则 strong-d 必然丢失类别，而丢失了模式的 lost-modes 的损失必然接近 0。两个组都是在种子 0 和 1 上试出来的；"
        "第二组曾用过另一设置（25 个高斯分布，生成器快、判别器慢），但并非每个种子都丢失模式，因而放弃。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(
                name="strong-d",
                recipe="dcgan",
                settings=("objective.critic_steps=5", "objective.shares_real_batch=false"),
                title=Words("D far ahead", "判别器遥遥领先"),
            ),
            ArmTable(
                name="lost-modes",
                recipe="gan",
                title=Words("lost modes", "丢失模式"),
            ),
        ),
        at={
            "quick": LevelTable(
                seeds=(0, 1, 2, 3, 4),
                budgets=(
                    BudgetTable(amount="200 updates", only=("strong-d",)),
                    BudgetTable(amount="3000 updates", only=("lost-modes",), settings=("train.evaluate_every=500",)),
                ),
                settings=(*DIGITS, "optimizer.lr=2e-4", ADAM),
                arms={"lost-modes": RING},
                points=("100%",),
            ),
            "full": LevelTable(
                seeds=tuple(range(5)),
                budgets=(
                    BudgetTable(amount="1000 updates", only=("strong-d",)),
                    BudgetTable(amount="20000 updates", only=("lost-modes",)),
                ),
                settings=("data=mnist", "optimizer.lr=2e-4", ADAM),
                arms={"lost-modes": RING},
                points=("100%",),
            ),
        },
    ),
    quantities=(
        probe(
            "D's loss",
            Words("D's loss, mean over the run's last half", "判别器损失（后半程平均）"),
            lambda run: curves.end_mean(run.history, "loss/discriminator", 0.5),
        ),
        score("classes_found"),
        score("modes_found"),
    ),
    premises=(
        Prediction("D's loss", "strong-d", "lower", 0.5),
        Prediction("modes_found", "lost-modes", "lower", 4.0),
    ),
    predictions=(
        Prediction("classes_found", "strong-d", "lower", 8.0),
        Prediction("D's loss", "lost-modes", "lower", 0.5),
    ),
    meanings={
        "supported": Words(
            "A loss of D near 0 and lost modes came together, both ways: D's loss could serve as a sign of collapse.",
            "判别器损失接近 0 与模式丢失总是同时出现：判别器损失可以作为崩溃的信号。",
        ),
        "refuted": Words(
            "D's loss tells how well D does, not how many modes G has. A perfect D and collapse are two different "
            "failures: count the modes to see the second.",
            "判别器损失反映的是判别器的表现，而不是生成器覆盖了多少模式。完美的判别器与模式崩溃是两种不同的失败：要判断后者，应数模式。",
        ),
        "not decided": Words(
            "The seeds disagree, or an arm is not in the state that the experiment needs.",
            "各种子结果不一致，或某组未处于实验所需的状态。",
        ),
    },
    literature=Words(
        "Arjovsky & Bottou 2017 (arXiv 1701.04862): a perfect D leaves G without gradients, a failure other than "
        "collapse. Fedus et al. 2018 (arXiv 1710.08446): with the non-saturating loss G learns all the same.",
        "Arjovsky 与 Bottou 2017（arXiv 1701.04862）：完美的判别器使生成器失去梯度，这与崩溃是不同的失败。"
        "Fedus 等 2018（arXiv 1710.08446）：使用非饱和损失时，生成器仍然能够学习。",
    ),
)
