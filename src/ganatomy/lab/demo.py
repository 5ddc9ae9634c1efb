"""The first look: the course study's quick level with one seed, its report, and one picture of the three systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganatomy.errors import GanatomyError
from ganatomy.report import comparison, outcome
from ganatomy.studies import file
from ganatomy.studies.conduct import conduct

STUDY, SEEDS = "course", (0,)


@dataclass(frozen=True)
class Demo:
    """What the demo made."""

    runs: list[Path]
    """Of the picture, in its order."""
    picture: Path
    report: Path
    lines: list[str]
    """The scores of all runs as tables, line by line."""
    failed: bool


def run(folder: Path, say: Callable[[str], None]) -> Demo:
    """Carry out the study below `folder`, or what is left of it, and draw the runs of its first budget into a picture.

    Raises:
        GanatomyError: every run failed, so there is nothing to show.
        Interrupted: a signal; every run has its checkpoint, and the same call goes on.
    """
    made = conduct(file.load(STUDY, seeds=SEEDS), folder, say=say)
    answer, results = outcome.answer(made), made.read()
    shown = [trial.run for trial in results.select(budget=results.study.budgets[0]) if trial.state == "finished"]
    if not shown:
        raise GanatomyError(f"no run of the demo came to its end, so there is no picture; {made.report} says why")
    picture = folder / "comparison.png"
    comparison.save(shown, picture)
    return Demo([run.path for run in shown], picture, made.report, answer.lines, answer.failed)
