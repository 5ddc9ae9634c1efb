"""The first look: the study `tuned` with one seed, its report, and one picture of the three systems before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ganatomy.errors import GanatomyError
from ganatomy.report import outcome, pairs
from ganatomy.studies import file
from ganatomy.studies.conduct import conduct
from ganatomy.studies.results import Results

STUDY, SEEDS = "tuned", (0,)


@dataclass(frozen=True)
class Demo:
    """What the demo made."""

    runs: list[Path]
    """That came to their end."""
    picture: Path
    report: Path
    lines: list[str]
    """The scores of all runs as tables, line by line."""
    failed: bool


def run(folder: Path, level: str | None, say: Callable[[str], None]) -> Demo:
    """Carry out a level of the study below `folder`, or what is left of it, and draw its systems into a picture.

    Raises:
        UsageError: there is no such level.
        GanatomyError: every run failed, so there is nothing to show.
        Interrupted: a signal; every run has its checkpoint, and the same call goes on.
    """
    made = conduct(file.load(STUDY, level, seeds=SEEDS), folder, say=say)
    answer, results = outcome.answer(made), made.read()
    finished = [trial.run for trial in results.trials if trial.state == "finished"]
    if not finished:
        raise GanatomyError(f"no run of the demo came to its end, so there is no picture; {made.report} says why")
    data = " and ".join(dict.fromkeys(run.config.data.name for run in finished))
    budget = " and ".join(str(budget) for budget in results.study.budgets)
    picture = folder / "comparison.png"
    pairs.save(list(_pairs(results)), picture, f"{data}, {budget} of training each, the same noise")
    return Demo([run.path for run in finished], picture, made.report, answer.lines, answer.failed)


def _pairs(results: Results) -> Iterator[pairs.Pair]:
    """Each arm that has a tuned one, under the first budget."""
    trials = {trial.arm: trial for trial in results.select(budget=results.study.budgets[0])}
    for arm, trial in trials.items():
        if tuned := trials.get(f"{arm}-tuned"):
            yield pairs.Pair(arm.upper(), tuned, trial)
