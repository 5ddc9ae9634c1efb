"""What a claim can measure on several runs at once, by name: over a ladder of arms, factors, or the seeds of an arm."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from scipy import stats

from ganatomy.lab.claim import Values
from ganatomy.lab.measures import critics_estimate
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.texts import TEXTS
from ganatomy.studies.results import Results, Trial

GroupMeasure = Callable[..., Values]

GROUP_MEASURES: dict[str, GroupMeasure] = {}

Ladders = Mapping[str, Sequence[str]]
"""{group: its arms, the lowest rung first}."""


def group_measure(name: str) -> Callable[[GroupMeasure], GroupMeasure]:
    """Register a function of a study's results under a name."""

    def register(function: GroupMeasure) -> GroupMeasure:
        GROUP_MEASURES[name] = function
        return function

    return register


@group_measure("rung")
def rung(results: Results, ladders: Ladders, stable: float = 0.5) -> Values:
    """The highest rung of each group's ladder with a stable run, by seed: 1 is the lowest, 0 if there is none.

    A run is stable if it finishes with an FID of at most `stable` times that of the untrained generator. None where a
    run is missing, or failed for another reason than numbers that are not finite.
    """
    values: Values = {group: {} for group in ladders}
    for group, arms in ladders.items():
        for seed in results.study.seeds:
            trials = [each for each in results.trials if each.arm in arms and each.seed == seed]
            complete = bool(trials) and all(each.state == "finished" or each.diverged for each in trials)
            rungs = [float(arms.index(each.arm) + 1) for each in trials if _is_stable(each, stable)]
            values[group][seed] = max(rungs, default=0.0) if complete else None
    return values


def _is_stable(trial: Trial, stable: float) -> bool:
    before, after = (trial.scores(point) if trial.state == "finished" else None for point in ("0%", "100%"))
    if before is None or after is None:
        return False
    fid = after.metrics["fid"].value
    return math.isfinite(fid) and fid <= stable * before.metrics["fid"].value


@group_measure("dependence")
def dependence(results: Results, ladders: Ladders) -> Values:
    """log2 of the worst final FID over the best of a group's ladder, by group and seed.

    A run that diverged has the FID of the untrained generator, which is the same on all rungs. None where a run is
    missing, or failed for another reason than numbers that are not finite.
    """
    values: Values = {group: {} for group in ladders}
    for group, arms in ladders.items():
        for seed in results.study.seeds:
            trials = [each for each in results.trials if each.arm in arms and each.seed == seed]
            finished = [each for each in trials if each.state == "finished"]
            untrained = [scores.metrics["fid"].value for each in finished if (scores := each.scores("0%"))]
            found = [scores.metrics["fid"].value for each in finished if (scores := each.scores("100%"))]
            failed = [untrained[0] for each in trials if each.diverged and untrained]
            complete = found and len(found) + len(failed) == len(trials) and min(found) > 0
            values[group][seed] = math.log2(max([*found, *failed]) / min(found)) if complete else None
    return values


@group_measure("effect")
def effect(results: Results, factors: Mapping[str, Sequence[tuple[str, str]]]) -> Values:
    """What each factor does to ln FID, by seed: the mean over its pairs of arms, (without the factor, with it)."""
    fid = score("fid").measure(results)
    arms = {arm for pairs in factors.values() for pair in pairs for arm in pair}
    found: Values = {factor: {} for factor in factors}
    for seed in results.study.seeds:
        logs = {arm: math.log(value) for arm in arms if (value := fid[arm].get(seed)) is not None and value > 0}
        if logs.keys() == arms:
            for factor, pairs in factors.items():
                total = 0.0
                for without, having in pairs:
                    total = total + logs[having] - logs[without]
                found[factor][seed] = total / len(pairs)
    return found


@group_measure("across arms")
def across_arms(results: Results) -> Values:
    """For every seed the rank correlation of the critic's final estimate and the final FID over all arms."""
    estimates = probe("estimate", TEXTS["measures.critic's estimate"], critics_estimate).measure(results)
    fids = score("fid").measure(results)
    found: dict[int, float | None] = {}
    for seed in results.study.seeds:
        pairs = [(estimates[arm].get(seed), fids[arm].get(seed)) for arm in estimates]
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        if len(known) > 2:
            correlation = float(stats.spearmanr(*zip(*known, strict=True)).statistic)
            found[seed] = None if math.isnan(correlation) else correlation
    return {"all arms": found}


@group_measure("by tenfold")
def by_tenfold(results: Results, first: str, second: str) -> Values:
    """By seed, how much log2 FID changes from one arm to another for each tenfold of the critic's final estimate."""
    estimates = probe("estimate", TEXTS["measures.critic's estimate"], critics_estimate).measure(results)
    fids = score("fid").measure(results)
    found: dict[int, float | None] = {}
    for seed in results.study.seeds:
        values = [each[arm].get(seed) for arm in (first, second) for each in (estimates, fids)]
        known = [value for value in values if value is not None and value > 0]
        if len(known) == len(values):
            tenfolds = math.log10(known[2] / known[0])
            found[seed] = math.log2(known[3] / known[1]) / tenfolds if tenfolds else None
    return {f"{second} after {first}": found}
