"""What `ganatomy study` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganatomy.evaluation import MEASURES
from ganatomy.report.scores import number
from ganatomy.studies import conduct, file, jobs
from ganatomy.studies.budget import Budget
from ganatomy.studies.folder import StudyFolder
from ganatomy.studies.plan import Study
from ganatomy.studies.pool import Pool
from ganatomy.studies.results import Results
from ganatomy.studies.statistics import Estimate, differences, estimate


@dataclass(frozen=True)
class Answer:
    """For programs, and for people."""

    tree: Any
    lines: list[str]
    failed: bool = False


def catalogue() -> Answer:
    """The studies that come with the package."""
    tree, lines = [], []
    for name in file.names():
        found = file.read(name)
        tree.append({"name": name, "title": found.title.en, "levels": list(found.levels)})
        lines += [f"{name}: {found.title.en}"]
        for level, at in found.levels.items():
            budgets = " and ".join(each if isinstance(each, str) else each.amount for each in at.budgets)
            lines.append(f"    --level {level}: {len(at.seeds)} seeds, {budgets}; {' '.join(at.settings)}")
    return Answer(tree, [*lines, "", "next: ganatomy study course"])


def planned(name: str, words: Sequence[str], level: str | None, seeds: int | None, budgets: Sequence[str]) -> Study:
    """The plan that a command line asks for."""
    return file.load(name, level, words, None if seeds is None else range(seeds), budgets)


def dry_run(
    name: str, words: Sequence[str], level: str | None, seeds: int | None, budgets: Sequence[str], studies: Path
) -> Answer:
    """The runs of a plan with their state."""
    study = planned(name, words, level, seeds, budgets)
    pool = Pool(studies)
    rows = [(job, pool.state(Path(job.path))[0]) for job in jobs.plan(study, pool.path)]
    tree = [{"run": job.path, "state": state, "command": job.command} for job, state in rows]
    return Answer(tree, [f"{job.title} ({state}): {job.command}" for job, state in rows])


def carry_out(
    name: str,
    words: Sequence[str],
    level: str | None,
    seeds: int | None,
    budgets: Sequence[str],
    studies: Path,
    parallel: int | None,
    on: str,
    retry: bool,
    tell: Callable[[str], None],
) -> Answer:
    """Train and score what is not there yet, and write the report.

    Raises:
        UsageError, GanatomyError, Interrupted: as `conduct` does.
    """
    where = conduct.place(on)
    study = planned(name, words, level, seeds, budgets)
    return answer(conduct.conduct(study, studies, where, parallel, retry, tell))


def answer(folder: StudyFolder) -> Answer:
    """A study's results in a few lines; the report is written beside them."""
    from ganatomy.report import command

    results = folder.read()
    report = command.write([folder.path], None)
    failed = [trial for trial in results.trials if trial.state == "failed"]
    lines = [line for budget in results.study.budgets for line in table(results, budget)]
    lines += [f"FAILED: {trial.arm}, {trial.budget}, seed {trial.seed}: {trial.fault}" for trial in failed]
    lines += [f"results: {folder.results_file}", f"report: {report}", "next: open the report in a browser"]
    return Answer({**conduct.summary(results), "report": str(report)}, lines, bool(failed))


def table(results: Results, budget: Budget) -> list[str]:
    """The scores at the end of the runs, a row a metric: mean over seeds, interval, and who differs from whom."""
    arms = [arm.name for arm in results.study.arms]
    lines = [f"{budget}, mean over seeds with 95 % interval, at the end of the runs", ""]
    rows = [["metric", *arms, ""]]
    for metric, measure in MEASURES.items():
        values = results.values(metric, budget)
        if not any(values.values()):
            continue
        cells = [_cell(estimate(list(values[arm].values()))) if values[arm] else "-" for arm in arms]
        decided = [
            f"{each.arm} {each.words.en.split(' with')[0]} than {each.other}"
            for each in differences(values)
            if each.verdict != "not decided"
        ]
        rows.append([f"{metric} ({measure.better})", *cells, "; ".join(decided) or "not decided"])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines += ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, ""]


def _cell(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return number(found.mean)
    return f"{number(found.mean)} ({number(found.low)} to {number(found.high)})"
