"""A sweep in the terminal: the best trials, what matters, and the final comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ganatomy import paths
from ganatomy.report.scores import number
from ganatomy.studies.statistics import Estimate, differences, estimate
from ganatomy.studies.sweep.plan import SECONDS, Sweep
from ganatomy.studies.sweep.results import Repeated, SweepResults
from ganatomy.studies.sweep.space import Parameter

BEST = 10
"""Trials that are listed."""


def lines(results: SweepResults) -> list[str]:
    """Everything, the answer first."""
    sweep = results.sweep
    found = [headline(results), ""]
    if results.final:
        found += [f"On {sweep.seeds} seeds that nothing was chosen on, {sweep.budget} each:", *final(results), ""]
        found += [f"    ganatomy train {paths.command(sweep.recipe, *sweep.words, *_winner(results).settings)}", ""]
    if results.leaders:
        found += [f"The leaders, each with {sweep.repeats} fresh seeds, next to the trial that made it one:"]
        found += [*leaders(results), ""]
    found += ["The best trials (one seed each, so flattered by luck):", *trials(results), ""]
    if results.importance:
        found += ["What made a trial one of the best quarter (share, 95 % interval):", *importance(results), ""]
    return found


def headline(results: SweepResults) -> str:
    """How many were tried, and what became of them."""
    done = len(results.ranked)
    causes = [f"{count} {cause}" for cause, count in results.causes.items()]
    going = [
        f"{count} {state}"
        for state in ("running", "waiting")
        if (count := sum(trial.state == state for trial in results.trials))
    ]
    left = results.sweep.trials - len(results.trials)
    counts = ", ".join([f"{done} complete", *causes, *going, *([f"{left} to come"] if left > 0 else [])])
    return f"{results.sweep.name}: {len(results.trials)} of {results.sweep.trials} trials ({counts}), {duration(results.seconds)} of training"


def _winner(results: SweepResults) -> Repeated:
    return results.final[0]


def final(results: SweepResults) -> list[str]:
    rows = [["", *metrics_of(results.final)]]
    rows += [[each.name, *(_cell(each, metric) for metric in rows[0][1:])] for each in results.final]
    return [*table(rows), *verdict(results)]


def verdict(results: SweepResults) -> list[str]:
    """What the final comparison says of the first metric, in a line."""
    metric = results.sweep.metrics[0]
    values = {
        each.name: {int(seed): value for seed, value in each.metrics.get(metric, {}).items()} for each in results.final
    }
    return [
        f"{metric}: not decided between {each.arm} and {each.other} with {each.n} seeds."
        if each.verdict == "not decided"
        else f"{metric}: {each.arm} is {each.words.en} than {each.other}."
        for each in differences(values)
    ]


def leaders(results: SweepResults) -> list[str]:
    metric = results.sweep.metrics[0]
    first = {f"trial-{trial.number}": trial.value(metric) for trial in results.trials}
    rows = [["", f"{metric} as a trial", *(f"{name}, fresh seeds" for name in metrics_of(results.leaders))]]
    for each in results.leaders:
        rows.append(
            [each.name, shown(first.get(each.name)), *(_cell(each, name) for name in metrics_of(results.leaders))]
        )
    return table(rows)


def trials(results: SweepResults, count: int = BEST) -> list[str]:
    """The best trials with what was searched in them."""
    sweep = results.sweep
    parameters = list(sweep.space.parameters)
    rows = [["trial", *sweep.metrics, *(["classes"] if _has_classes(results) else []), *map(short, parameters)]]
    for trial in (results.front if len(sweep.metrics) > 1 else results.ranked)[:count]:
        classes = [shown(trial.metrics.get("classes_found"))] if _has_classes(results) else []
        values = [shown(trial.params.get(name)) for name in parameters]
        rows.append([str(trial.number), *(shown(trial.value(metric)) for metric in sweep.metrics), *classes, *values])
    return table(rows)


def importance(results: SweepResults) -> list[str]:
    return table(
        [[each.parameter, f"{each.value:.2f}", f"{each.low:.2f} to {each.high:.2f}"] for each in results.importance]
    )


def cost(sweep: Sweep, seconds: float, parallel: int) -> list[str]:
    """What a sweep would take, where a run takes so many seconds."""
    whole = sweep.runs * seconds / parallel
    parts = [
        f"{sweep.trials} trials",
        f"{sweep.leaders} leaders x {sweep.repeats} seeds",
        f"winner and recipe x {sweep.seeds} seeds",
    ]
    return [
        f"{sweep.runs} runs of {sweep.budget}: {', '.join(parts)}",
        f"at most {duration(whole)} with {parallel} at a time ({duration(seconds)} a run with its scores); pruning takes off what it takes off",
    ]


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def short(parameter: str) -> str:
    """A parameter in a table's head: without its section."""
    return parameter.partition(".")[2].replace("discriminator", "D").replace("generator", "G")


def range_of(parameter: Parameter) -> str:
    """What was searched of a setting, and when."""
    if parameter.choices is not None:
        found = ", ".join(map(str, parameter.choices))
    else:
        found = f"{parameter.low:g} to {parameter.high:g}{', log' if parameter.log else ''}"
    conditions = ", ".join(f"{other}={value}" for other, value in parameter.when.items())
    return f"{found} when {conditions}" if conditions else found


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "    " + "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def metrics_of(repeated: Sequence[Repeated]) -> list[str]:
    """Of the runs' scores, those that are shown."""
    known = {name: None for each in repeated for name in each.metrics}
    return [
        name for name in ("fid", "coverage", "precision", "recall", "classes_found", "modes_found") if name in known
    ] + [SECONDS]


def _cell(each: Repeated, metric: str) -> str:
    found = each.values(metric)
    if not found:
        return "-"
    made: Estimate = estimate(found)
    failed = f", {len(each.failed)} failed" if each.failed else ""
    if made.low is None or made.high is None:
        return number(made.mean) + failed
    return f"{number(made.mean)} ({number(made.low)} to {number(made.high)}){failed}"


def _has_classes(results: SweepResults) -> bool:
    return any("classes_found" in trial.metrics for trial in results.trials)


def shown(value: object) -> str:
    """A setting or a score in a cell."""
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:.3g}" if math.isfinite(value) else "not finite"
