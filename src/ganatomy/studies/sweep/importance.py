"""How much each searched setting matters, by Optuna's PED-ANOVA (arXiv 2304.10255, 2601.20800), with an interval."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from ganatomy.studies.sweep.plan import Sweep, lower_is_better
from ganatomy.studies.sweep.results import Importance, SweepTrial
from ganatomy.studies.sweep.storage import library

LEAST = 20
"""Trials under which nothing is said: PED-ANOVA wants five in the best quarter."""

QUANTILE = 0.25
"""What counts as good: the best quarter of the trials."""

REPLICATES = 50
"""Of the bootstrap."""


def importances(sweep: Sweep, trials: Sequence[SweepTrial]) -> tuple[Importance, ...]:
    """Each searched setting's share in what makes a trial one of the best quarter, greatest first; the shares sum to 1.

    Trials that were pruned, collapsed or diverged count as the worst. Empty where there are too few trials.
    """
    metric, sign = sweep.metrics[0], 1 if lower_is_better(sweep.metrics[0]) else -1
    done = [trial for trial in trials if trial.state in ("complete", "pruned")]
    values = [trial.value(metric) if trial.state == "complete" else None for trial in done]
    if len(done) < LEAST or not any(value is not None for value in values):
        return ()
    worst = max(sign * value for value in values if value is not None)
    costs = [worst if value is None else sign * value for value in values]
    generator = np.random.default_rng(0)
    whole = _shares(sweep, done, costs)
    drawn = []
    for _ in range(REPLICATES):
        chosen = generator.integers(len(done), size=len(done))
        drawn.append(_shares(sweep, [done[i] for i in chosen], [costs[i] for i in chosen]))
    found = []
    for name in sweep.space.parameters:
        low, high = np.percentile([each.get(name, 0.0) for each in drawn], [2.5, 97.5])
        found.append(Importance(parameter=name, value=whole.get(name, 0.0), low=float(low), high=float(high)))
    return tuple(sorted(found, key=lambda each: -each.value))


def _shares(sweep: Sweep, trials: Sequence[SweepTrial], costs: Sequence[float]) -> dict[str, float]:
    optuna = library()
    known = {name: parameter.distribution() for name, parameter in sweep.space.parameters.items()}
    study = optuna.create_study(storage=optuna.storages.InMemoryStorage())
    study.add_trials(
        [
            optuna.trial.create_trial(
                params=trial.params, distributions={name: known[name] for name in trial.params}, value=cost
            )
            for trial, cost in zip(trials, costs, strict=True)
        ]
    )
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=QUANTILE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the evaluator is experimental
        found: dict[str, float] = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return found
