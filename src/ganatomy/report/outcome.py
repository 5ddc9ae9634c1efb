"""What `ganatomy study` prints of a study: its tables, what failed, and where its report is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ganatomy.evaluation import MEASURES
from ganatomy.report.command import write
from ganatomy.report.scores import number
from ganatomy.studies import command, conduct
from ganatomy.studies.budget import Budget
from ganatomy.studies.command import Answer
from ganatomy.studies.folder import StudyFolder
from ganatomy.studies.results import Results
from ganatomy.studies.statistics import Estimate, differences, estimate


def run(
    name: str,
    words: Sequence[str],
    level: str | None,
    seeds: int | None,
    budgets: Sequence[str],
    studies: Path,
    parallel: int | None,
    on: str,
    retry: bool,
    say: Callable[[str], None],
) -> Answer:
    """Train and score what is not there yet, and write the report.

    Raises:
        UsageError, GanatomyError, Interrupted: as `conduct` does.
    """
    where = conduct.place(on)
    study = command.planned(name, words, level, seeds, budgets)
    return answer(conduct.conduct(study, studies, where, parallel, retry, say))


def answer(folder: StudyFolder) -> Answer:
    """A study's results in a few lines; the report is written too."""
    results = folder.read()
    report = write([folder.path], None)
    failed = [trial for trial in results.trials if trial.state == "failed"]
    lines = [line for budget in results.study.budgets for line in table(results, budget)]
    lines += [f"FAILED: {trial.arm}, {trial.budget}, seed {trial.seed}: {trial.reason}" for trial in failed]
    lines += [f"results: {folder.results_file}", f"report: {report}", "next: open the report in a browser"]
    return Answer({**conduct.summary(results), "report": str(report)}, lines, bool(failed))


def table(results: Results, budget: Budget) -> list[str]:
    """The scores at the end of the runs, a row a metric: mean over seeds, interval, and who differs from whom."""
    arms = [arm.name for arm in results.study.arms]
    seeds = results.study.seeds
    meaning = "mean over seeds with 95 % interval" if len(seeds) > 1 else "one seed: comparisons need more (--seeds 5)"
    lines = [f"{budget}, at the end of the runs; {meaning}", ""]
    rows = [["metric", *arms, ""]]
    for metric, measure in MEASURES.items():
        values = results.values(metric, budget)
        if not any(values.values()):
            continue
        cells = [_cell(estimate(list(values[arm].values()))) if values[arm] else "-" for arm in arms]
        compared = differences(values)
        decided = [f"{each.arm} {each.verdict} than {each.other}" for each in compared if each.verdict != "not decided"]
        rows.append([f"{metric} ({measure.better})", *cells, "; ".join(decided) or ("not decided" if compared else "")])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines += ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, ""]


def _cell(found: Estimate) -> str:
    if found.low is None or found.high is None:
        return number(found.mean)
    return f"{number(found.mean)} ({number(found.low)} to {number(found.high)})"
