"""Q9: does GAN need more care with its learning rate than WGAN?"""

from __future__ import annotations

import math

from ganatomy.lab.claim import Claim, Prediction, Quantity, Trained, Values
from ganatomy.lab.settings import DIGITS
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.studies.results import Results
from ganatomy.studies.words import Words

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
"""Around 1e-3, which both systems have in the course study on the digits."""

FULL_RATES = (2e-5, 5e-5, 2e-4, 5e-4, 2e-3)
"""Around the lab's own, 2e-4 of GAN and 5e-5 of WGAN."""

SYSTEMS = {
    "gan": ("gan", (), ("optimizer.betas=[0.5, 0.999]",), Words("GAN", "GAN")),
    "wgan": ("wgan", ("model=mlp",), (), Words("WGAN with GAN's networks", "使用 GAN 网络的 WGAN")),
}


def _name(system: str, rung: int) -> str:
    return f"{system}-{rung}"


ARMS = {_name(system, rung): system for system in SYSTEMS for rung in range(len(RATES))}
"""{arm: its system}; an arm is a rung of the ladder, 0 the lowest."""


def _rates(rates: tuple[float, ...]) -> dict[str, tuple[str, ...]]:
    return {_name(system, rung): (f"optimizer.lr={rate:g}",) for system in SYSTEMS for rung, rate in enumerate(rates)}


def dependence(results: Results) -> Values:
    """log2 of the worst final FID over the best of a system's ladder, by system and seed.

    A run that diverged has the FID of the untrained generator, which is the same on all rungs. None while a run is missing, or
    where one failed by something else than its own numbers.
    """
    values: Values = {system: {} for system in SYSTEMS}
    for system in SYSTEMS:
        for seed in results.study.seeds:
            trials = [each for each in results.trials if ARMS[each.arm] == system and each.seed == seed]
            finished = [each for each in trials if each.state == "finished"]
            untrained = [scores.metrics["fid"].value for each in finished if (scores := each.scores("0%"))]
            found = [scores.metrics["fid"].value for each in finished if (scores := each.scores("100%"))]
            failed = [untrained[0] for each in trials if each.diverged and untrained]
            complete = found and len(found) + len(failed) == len(trials) and min(found) > 0
            values[system][seed] = math.log2(max([*found, *failed]) / min(found)) if complete else None
    return values


CLAIM = Claim(
    name="q9-gan-care",
    question="Q9",
    text=Words(
        "GAN's learning rate must be set with more care than WGAN's, lest gradients explode.",
        "GAN 需要比 WGAN 更谨慎地调整学习率，以防梯度爆炸。",
    ),
    design=Words(
        "GAN and WGAN with the same fully connected networks, each with its own loss and optimiser, at the same five "
        "learning rates, from a tenth to ten times of what both have in the course study (on MNIST: around the lab's), with "
        "as many updates each. Who needs care "
        "loses much by a wrong choice: per seed, the worst final FID of the five over the best. A run that fails, as by "
        "exploding gradients, counts as the untrained generator. The claim is borne out if that ratio is at least twice "
        "as large for GAN. At the low end a bad FID comes of slowness; that is a price of a wrong choice too.",
        "GAN 与 WGAN 使用相同的全连接网络，各用自己的损失和优化器，取同样的五个学习率（从课程研究所用值的十分之一到十倍；在 MNIST 上则围绕实验的取值），更新次数相同。"
        "需要谨慎，意味着选错代价大：对每个种子，取五个运行中最差的最终 FID 与最好的之比。失败的运行（如梯度爆炸）按未训练的生成器计。"
        "若 GAN 的这一比值至少是 WGAN 的两倍，论断成立。学习率过低时 FID 差是因为慢；这也是选错的代价。",
    ),
    experiment=Trained(
        arms=tuple(
            ArmTable(
                name=arm,
                recipe=SYSTEMS[system][0],
                settings=SYSTEMS[system][1],
                title=Words(f"{SYSTEMS[system][3].en}, rung {arm[-1]}", f"{SYSTEMS[system][3].zh}，第 {arm[-1]} 档"),
            )
            for arm, system in ARMS.items()
        ),
        at={
            "quick": LevelTable(
                settings=(*DIGITS, "train.log_every=50", "train.evaluate_every=0"),
                arms={arm: (*rate, *SYSTEMS[ARMS[arm]][2]) for arm, rate in _rates(RATES).items()},
                seeds=(0, 1, 2, 3),
                budgets=("1000 updates",),
                points=("0%", "100%"),
                metrics=("fid", "classes_found"),
            ),
            "full": LevelTable(
                settings=("data=mnist", "train.evaluate_every=0"),
                arms=_rates(FULL_RATES),
                seeds=(0, 1, 2, 3, 4),
                budgets=("9380 updates",),
                points=("0%", "100%"),
                n=10000,
                metrics=("fid", "classes_found"),
            ),
        },
    ),
    quantities=(
        Quantity(
            "dependence",
            Words(
                "log2 of the worst FID over the best of five learning rates",
                "五个学习率中最差与最好 FID 之比（以 2 为底的对数）",
            ),
            dependence,
        ),
    ),
    predictions=(Prediction("dependence", "gan", "higher", "wgan", least=1.0),),
    meanings={
        "supported": Words(
            "A wrong learning rate costs GAN at least twice as much as WGAN, in FID.",
            "以 FID 计，学习率选错时，GAN 付出的代价至少是 WGAN 的两倍。",
        ),
        "refuted": Words(
            "WGAN depends on its learning rate about as much as GAN, or more: it needs the same care.",
            "WGAN 对学习率的依赖与 GAN 差不多，甚至更强：它需要同样的谨慎。",
        ),
        "not decided": Words(
            "The seeds do not tell who depends more on the learning rate.",
            "这些种子不足以判断谁更依赖学习率。",
        ),
    },
    literature=Words(
        "Lucic et al. 2018 (arXiv 1711.10337): with tuning and restarts no loss consistently wins, and all depend strongly "
        "on their hyper-parameters. Gulrajani et al. 2017 (arXiv 1704.00028): WGAN with clipping has a bound to be tuned as "
        "well.",
        "Lucic 等 2018（arXiv 1711.10337）：经调参与重启后没有哪种损失始终胜出，且都强烈依赖超参数。"
        "Gulrajani 等 2017（arXiv 1704.00028）：使用裁剪的 WGAN 还有裁剪界限需要调整。",
    ),
)
