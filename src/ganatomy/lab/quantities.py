"""Quantities: a measure of every finished run, or of groups of runs, with its name and title."""

from __future__ import annotations

import math
from collections.abc import Callable

from ganatomy.evaluation import MEASURES
from ganatomy.lab.claim import Quantity, Values
from ganatomy.lab.texts import TEXTS
from ganatomy.runs.run import Run
from ganatomy.studies.results import Results, Trial
from ganatomy.words import Words, filled


def score(metric: str, point: str = "100%", title: Words | None = None) -> Quantity:
    """A score at a point of the run."""
    assert metric in MEASURES
    name, title = metric, title or TEXTS[f"measures.{metric}"]
    if point != "100%":
        name, title = f"{metric} at {point}", filled(TEXTS["at_point"], title=title, point=point)

    def of(trial: Trial) -> float | None:
        found = trial.scores(point)
        return found.metrics[metric].value if found is not None and metric in found.metrics else None

    return _of_trials(name, title, of)


def probe(name: str, title: Words, function: Callable[[Run], float | None]) -> Quantity:
    """A measure of the run itself: its networks, its samples, its history."""
    return _of_trials(name, title, lambda trial: function(trial.run))


def log2(quantity: Quantity) -> Quantity:
    """The base-2 logarithm of a quantity: a difference of 1 is a factor of 2. None where the value is not above 0."""

    def measure(results: Results) -> Values:
        return {
            arm: {seed: math.log2(value) if value is not None and value > 0 else None for seed, value in each.items()}
            for arm, each in quantity.measure(results).items()
        }

    return Quantity(f"log2 {quantity.name}", filled(TEXTS["log2"], title=quantity.title), measure)


def _of_trials(name: str, title: Words, of: Callable[[Trial], float | None]) -> Quantity:
    def measure(results: Results) -> Values:
        values: Values = {}
        for trial in results.trials:
            values.setdefault(trial.arm, {})[trial.seed] = of(trial) if trial.state == "finished" else None
        return values

    return Quantity(name, title, measure)
