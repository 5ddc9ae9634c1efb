"""Who is best by which metric: scores of runs that were measured alike, over seeds, with paired differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ganatomy.evaluation import MEASURES, Evaluation
from ganatomy.report.trials import Seen
from ganatomy.studies.budget import Budget
from ganatomy.studies.statistics import Difference, Estimate, differences, estimate

HEADLINE = ("fid", "coverage", "classes_found", "high_quality", "modes_found")
"""Metrics that stand first; the others are folded away where there are many rows."""


@dataclass(frozen=True)
class Rank:
    """The best by one metric, and how it stands to the next."""

    metric: str
    leaders: tuple[str, ...]
    """One arm, or those that share the best mean; none where all do."""
    value: Estimate
    next: str | None
    difference: Difference | None
    """Of the best minus the next; None where there is no next, or no seed that both have."""


@dataclass(frozen=True)
class Table:
    """The scores of arms under one budget at one point that may be compared."""

    example: Evaluation
    """Any of them: data, n, extractor and reference are the same in all."""
    scored: dict[str, dict[int, Evaluation]]
    """{arm: {seed: scores}}, of finished runs."""

    @cached_property
    def metrics(self) -> list[str]:
        """Those that any has, in the order of the table of measures."""
        found = {name for each in self.evaluations for name in each.metrics}
        return [name for name in MEASURES if name in found] + sorted(found - MEASURES.keys())

    @property
    def evaluations(self) -> list[Evaluation]:
        return [each for of_arm in self.scored.values() for each in of_arm.values()]

    @property
    def arms(self) -> list[str]:
        return list(self.scored)

    def values(self, metric: str) -> dict[str, dict[int, float]]:
        """{arm: {seed: value}}, finite ones; arms without any are left out."""
        found = {
            arm: {
                seed: each.metrics[metric].value
                for seed, each in by_seed.items()
                if metric in each.metrics and math.isfinite(each.metrics[metric].value)
            }
            for arm, by_seed in self.scored.items()
        }
        return {arm: by_seed for arm, by_seed in found.items() if by_seed}

    def floor(self, metric: str) -> float:
        """What as many held-out real images score."""
        return next(each.metrics[metric].floor for each in self.evaluations if metric in each.metrics)

    @cached_property
    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """{metric: {arm: its mean over seeds}}."""
        return {
            metric: {arm: estimate(list(by_seed.values())) for arm, by_seed in self.values(metric).items()}
            for metric in self.metrics
        }

    @cached_property
    def differences(self) -> dict[str, list[Difference]]:
        """{metric: all pairs of arms, corrected together}."""
        return {metric: differences(self.values(metric)) for metric in self.metrics}

    @property
    def compared(self) -> list[tuple[bool, list[str]]]:
        """The metrics by which arms can be compared: (True, those that stand first), (False, the others)."""
        found = [metric for metric in self.metrics if self.differences[metric]]
        first = [metric for metric in found if metric in HEADLINE]
        groups = [(True, first or found), (False, [metric for metric in found if metric not in first] if first else [])]
        return [(is_first, metrics) for is_first, metrics in groups if metrics]

    @property
    def notes(self) -> list[str]:
        """What the evaluations remark, each once."""
        return list(dict.fromkeys(note for each in self.evaluations for note in each.notes))

    def best(self, metric: str) -> list[str]:
        """The arms, best first; empty for a metric of which it is not known which way is better."""
        if metric not in MEASURES:
            return []
        sign = 1 if MEASURES[metric].better == "lower" else -1
        found = self.estimates[metric]
        return sorted(found, key=lambda arm: sign * found[arm].mean)

    def leaders(self, metric: str) -> tuple[str, ...]:
        """The best arm, or all that share its mean; none where there is nothing to lead."""
        order, found = self.best(metric), self.estimates[metric]
        leading = tuple(arm for arm in order if found[arm].mean == found[order[0]].mean)
        return leading if len(leading) < len(order) or len(order) == 1 else ()

    @property
    def ranks(self) -> Iterator[Rank]:
        """The best by each metric."""
        for metric in self.metrics:
            order, leaders = self.best(metric), self.leaders(metric)
            if order:
                first, second = order[0], order[1] if len(order) > 1 else None
                compared = None if second is None else self.difference(metric, first, second)
                yield Rank(metric, leaders, self.estimates[metric][first], second, compared)

    def difference(self, metric: str, arm: str, other: str) -> Difference | None:
        """Of arm minus other, whichever way round the pair was compared."""
        for found in self.differences[metric]:
            if (found.arm, found.other) == (arm, other):
                return found
            if (found.arm, found.other) == (other, arm):
                return turned(found)
        return None


@dataclass(frozen=True)
class Board:
    """All scores under one budget at one point: a table for each way of measuring."""

    budget: Budget
    point: str
    tables: tuple[Table, ...]


def boards(trials: Sequence[Seen], budgets: Sequence[Budget], points: Sequence[str]) -> list[Board]:
    """One for each budget and each point at which any run was scored; the end always."""
    scored = {point for point in points if any(trial.scores(point) for trial in trials)} or set(points[-1:])
    shown = [point for point in points if point in scored or point == "100%"]
    return [
        Board(budget, point, tables([trial for trial in trials if trial.trial.budget == budget], point))
        for budget in budgets
        for point in shown
    ]


def tables(trials: Sequence[Seen], point: str) -> tuple[Table, ...]:
    """The scores of finished runs, those measured alike together."""
    found: dict[tuple[str, ...], Table] = {}
    for trial in trials:
        scores = trial.scores(point) if trial.counts else None
        if scores is not None:
            key = (scores.data, str(scores.n), scores.extractor["digest"], scores.reference)
            table = found.setdefault(key, Table(scores, {}))
            table.scored.setdefault(trial.trial.arm, {})[trial.trial.seed] = scores
    return tuple(found.values())


def turned(found: Difference) -> Difference:
    """The same comparison seen from the other side."""

    def minus(value: float | None) -> float | None:
        return None if value is None else -value

    return replace(
        found,
        arm=found.other,
        other=found.arm,
        mean=-found.mean,
        low=minus(found.high),
        high=minus(found.low),
        effect=minus(found.effect),
    )
