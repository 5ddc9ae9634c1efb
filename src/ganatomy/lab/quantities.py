"""What claims measure: scores, probes and curves of every finished run, as quantities with names and titles."""

from __future__ import annotations

import math
from collections.abc import Callable

from ganatomy.evaluation import MEASURES
from ganatomy.lab.claim import Quantity, Values
from ganatomy.probes.discrimination import discrimination
from ganatomy.runs.run import Run
from ganatomy.studies.budget import Kind
from ganatomy.studies.results import Results, Trial
from ganatomy.studies.words import Words

SHOWN = 1000
"""Images that probes look at."""

SCORES = {
    "fid": Words("FID", "FID"),
    "precision": Words("precision", "精确率"),
    "recall": Words("recall", "召回率"),
    "density": Words("density", "密度"),
    "coverage": Words("coverage", "覆盖率"),
    "classes_found": Words("classes found", "找到的类别数"),
    "class_kl": Words("class KL, nats", "类别 KL（奈特）"),
    "modes_found": Words("modes found", "找到的模式数"),
    "high_quality": Words("share of high-quality samples", "高质量样本比例"),
    "reverse_kl": Words("reverse KL of the modes, nats", "模式的反向 KL（奈特）"),
}

_KINDS: dict[Kind, Words] = {
    "updates": Words("at equal updates", "相同更新次数"),
    "seconds": Words("at equal seconds", "相同训练秒数"),
    "images": Words("at equal images", "相同图像数"),
}


def score(metric: str, point: str = "100%", kind: Kind | None = None) -> Quantity:
    """A score at a point of the run; `kind` picks one of a study's budgets, and then stands in the name."""
    title = SCORES[metric]
    at = "" if point == "100%" else f" at {point}"

    def of(trial: Trial) -> float | None:
        found = trial.scores(point)
        return found.metrics[metric].value if found is not None and metric in found.metrics else None

    assert metric in MEASURES
    return _quantity(f"{metric}{at}", Words(f"{title.en}{at}", f"{title.zh}{at}"), of, kind)


def probe(
    name: str,
    title: Words,
    function: Callable[[Run], float | None],
    kind: Kind | None = None,
) -> Quantity:
    """Something measured on the run itself: its networks, its samples, its history."""
    return _quantity(name, title, lambda trial: function(trial.run), kind)


def log2(quantity: Quantity) -> Quantity:
    """A quantity as the power of two that it is: a difference of 1 is a factor of 2. None where it is not above 0."""

    def measure(results: Results) -> Values:
        return {
            arm: {seed: math.log2(value) if value is not None and value > 0 else None for seed, value in each.items()}
            for arm, each in quantity.measure(results).items()
        }

    title = Words(f"log2 of {quantity.title.en}", f"{quantity.title.zh}（以 2 为底的对数）")
    return Quantity(f"log2 {quantity.name}", title, measure)


def auc(kind: Kind | None = None) -> Quantity:
    """How well D tells its training images from generated ones at the end of the run."""
    title = Words("AUC of D, training images against generated ones", "判别器区分训练图像与生成图像的 AUC")
    return probe("auc", title, lambda run: discrimination(run, SHOWN).auc_training, kind)


def _quantity(name: str, title: Words, of: Callable[[Trial], float | None], kind: Kind | None) -> Quantity:
    def measure(results: Results) -> Values:
        values: Values = {}
        for trial in results.trials:
            if kind in (None, trial.budget.kind):
                values.setdefault(trial.arm, {})[trial.seed] = of(trial) if trial.state == "finished" else None
        return values

    if kind is not None:
        words = _KINDS[kind]
        name, title = f"{name}, {kind}", Words(f"{title.en}, {words.en}", f"{title.zh}，{words.zh}")
    return Quantity(name, title, measure)
