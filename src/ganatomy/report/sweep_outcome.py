"""What `ganatomy sweep` prints and writes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ganatomy import paths
from ganatomy.config import recipe, threads
from ganatomy.report import sweep_table
from ganatomy.report.command import write
from ganatomy.studies import jobs
from ganatomy.studies.command import Answer
from ganatomy.studies.conduct import place
from ganatomy.studies.sweep import conduct
from ganatomy.studies.sweep.conduct import Shown
from ganatomy.studies.sweep.plan import Asked, Sweep, planned, searched
from ganatomy.studies.sweep.results import SweepResults

TRIED = 20
"""Updates that a dry run trains to learn how long a budget takes."""

SCORING = 10.0
"""Seconds, roughly, that a run's scores and quick evaluations take on one core."""


def run(
    asked: Asked,
    studies: Path,
    on: str,
    parallel: int | None,
    url: str | None,
    heartbeat: float,
    say: Callable[[str], None],
    shown: Shown,
) -> Answer:
    """Carry out a sweep, or what is left of it."""
    sweep = planned(asked)
    results = conduct.conduct(sweep, studies, place(on), parallel, url, heartbeat, say, shown)
    return answer(results, studies / sweep.name)


def join(
    url: str,
    name: str | None,
    studies: Path,
    on: str,
    parallel: int | None,
    heartbeat: float,
    shown: Shown,
) -> Answer:
    """Take trials of a sweep that another process began."""
    results = conduct.join(url, name, studies, place(on), parallel, heartbeat, shown)
    lines = [
        sweep_table.headline(results),
        "next: the process that began the sweep repeats the leaders and has the results",
    ]
    return Answer(results.tree, lines)


def show(path: Path) -> Answer:
    """A sweep that was carried out, from its folder or its results.json; of a folder the page is written too."""
    results = SweepResults.read(path)
    if path.is_dir():
        return answer(results, path)
    return Answer(
        results.tree,
        [*sweep_table.lines(results), f"next: {paths.command('ganatomy', 'report', path, '--out', 'sweep.html')}"],
    )


def answer(results: SweepResults, folder: Path) -> Answer:
    """The results in a few lines; the page is written too, if there is something to show."""
    lines = [*sweep_table.lines(results), f"results: {folder / 'results.json'}"]
    if not results.ranked:
        return Answer(results.tree, lines)
    report = write([folder], None)
    lines += [f"report: {report}", "next: open the report in a browser"]
    return Answer({**results.tree, "report": str(report)}, lines)


def dry_run(asked: Asked, parallel: int | None) -> Answer:
    """The plan, its space, and what it would cost."""
    sweep = planned(asked)
    at_once = parallel or max(1, threads.cores() // sweep.threads)
    seconds = _seconds(sweep)
    rows = [["setting", "recipe", "searched"]]
    for name, setting in searched(sweep):
        wanted = sweep_table.range_of(sweep.space.parameters[name])
        rows.append([name, "unset" if setting.value is None else str(setting.value), wanted])
    lines = [f"{sweep.name}: {sweep.sampler}, pruner {sweep.pruner if sweep.is_pruned else 'none'}", ""]
    lines += [*sweep_table.table(rows), "", *sweep_table.cost(sweep, seconds, at_once)]
    tree = {"name": sweep.name, "runs": sweep.runs, "seconds_a_run": seconds, "at_once": at_once}
    return Answer({**tree, "space": {name: vars(each) for name, each in sweep.space.parameters.items()}}, lines)


def _seconds(sweep: Sweep) -> float:
    """Seconds of a run under the budget: training, measured on a few updates where the clock does not say, and scores."""
    with tempfile.TemporaryDirectory() as place:
        arm = sweep.arm("recipe", [])
        (job,) = jobs.plan(sweep.study("dry-run", [arm], [0]), Path(place))
    if sweep.budget.kind == "seconds":
        return sweep.budget.amount + SCORING
    config = recipe.load(job.recipe, job.settings)
    return (config.train.updates or 0) * jobs.speed(config, sweep.threads, TRIED) + SCORING
