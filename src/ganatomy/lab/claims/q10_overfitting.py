"""Q10: does the Lipschitz constraint limit the discriminator's overfitting?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import probe, score
from ganatomy.probes import discrimination
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q10-overfitting",
    question="Q10",
    text=Words(
        "The Lipschitz constraint (clipping) limits overfitting of the discriminator.",
        "Lipschitz 约束（裁剪）限制了判别器的过拟合。",
    ),
    design=Words(
        "Few training points, so that a D can learn them by heart: 100 points of the ring of eight Gaussians. The same MLP as "
        "GAN, and as WGAN with its weights clipped. Overfitting: D ranks the real points that it trained on above generated "
        "ones more surely than real points that it never saw (area under the ROC curve, training less held out).",
        "训练点很少，使判别器可能背下它们：八个高斯分布之环上的 100 个点。同一个多层感知机分别作为 GAN 与带裁剪的 WGAN。"
        "过拟合：判别器把训练过的真实点排在生成点之上的把握，大于对从未见过的真实点的把握（ROC 曲线下面积，训练减留出）。",
    ),
    experiment=Trained(
        arms=(
            ArmTable(
                name="gan",
                recipe="gan",
                settings=("optimizer.betas=[0.5, 0.999]",),
                title=Words("no constraint", "无约束"),
            ),
            ArmTable(
                name="wgan-mlp", recipe="wgan", settings=("model=mlp",), title=Words("weights clipped", "权重裁剪")
            ),
        ),
        at={
            level: LevelTable(
                settings=(
                    "data=mixtures",
                    "data.count=100",
                    "model.output=none",
                    "model.latent=16",
                    "train.batch=50",
                    "train.evaluate_every=0",
                    "optimizer.lr=1e-3",
                ),
                seeds=seeds,
                budgets=(budget,),
                points=("100%",),
            )
            for level, seeds, budget in (
                ("quick", (0, 1, 2, 3, 4), "3000 updates"),
                ("full", tuple(range(10)), "20000 updates"),
            )
        },
    ),
    quantities=(
        probe(
            "gap",
            Words("AUC on training points less AUC on held-out ones", "训练点与留出点的 AUC 之差"),
            lambda run: discrimination.discrimination(run, 100).gap,
        ),
        score("modes_found"),
    ),
    premises=(Prediction("gap", "gan", "higher", 0.0),),
    predictions=(Prediction("gap", "wgan-mlp", "lower", "gan"),),
    meanings={
        "supported": Words(
            "The unconstrained D knows its few points by heart, and the clipped critic less so.",
            "无约束的判别器背下了它的少量数据点，而被裁剪的评论家则较少如此。",
        ),
        "refuted": Words(
            "The clipped critic knows its training points at least as well by heart.",
            "被裁剪的评论家至少同样背下了训练点。",
        ),
        "not decided": Words(
            "No overfitting to limit was seen, or the seeds do not decide.",
            "没有出现可供限制的过拟合，或各种子不足以判断。",
        ),
    },
    literature=Words(
        "The WGAN paper (arXiv 1701.07875) does not claim it. Gulrajani et al. 2017 (arXiv 1704.00028), figure 5b, saw critics "
        "with a gradient penalty overfit when data were few.",
        "WGAN 论文（arXiv 1701.07875）并未如此主张。Gulrajani 等 2017（arXiv 1704.00028）图 5b 在数据很少时观察到带梯度惩罚的评论家过拟合。",
    ),
)
