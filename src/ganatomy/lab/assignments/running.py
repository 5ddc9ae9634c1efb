"""A student's own code, trained, beside the same system of ganatomy over as many steps on the same data."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganatomy import atomic, paths
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation import evaluate_run
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.course import NAME, Course
from ganatomy.lab.assignments.submission import Submission, code_of
from ganatomy.lab.assignments.verdict import is_empty
from ganatomy.report import command as report
from ganatomy.report import comparison
from ganatomy.runs.run import Run
from ganatomy.watching import Findings


@dataclass(frozen=True)
class Ran:
    """What training a student's code came to."""

    mine: Run
    reference: Run
    findings: Findings
    fid: tuple[float, float]
    """Of the student's generator, and of the reference's."""
    picture: Path
    report: Path


def run(file: Path, say: Callable[[str], None]) -> Ran:
    """Run a student's file to its end, train the reference, and score both.

    Args:
        say: called with a line at each step.

    Raises:
        UsageError: blanks are empty, or it is no file of this lab.
        GanatomyError: the student's code or the reference failed, or the training was not recorded.
    """
    file = file.absolute()
    submission = Submission.read(file)
    assignment = Assignment.of(submission, Course.of(file.parent / NAME))
    _check_filled(file, submission, assignment)
    runs = file.parent / "runs"
    before = _recorded(runs, assignment.name)
    say(f"running {paths.text(file)}")
    _run_code(file)
    made = sorted(_recorded(runs, assignment.name) - before, key=lambda path: path.stat().st_mtime)
    if not made:
        raise GanatomyError(f"{file} recorded no run in {runs}; keep the lines with `watch` in its training cell")
    mine = Run(made[-1])
    reference = _reference(mine, assignment.name, runs, say)
    fids = [evaluate_run(each).metrics["fid"].value for each in (mine, reference)]
    picture, page = file.parent / f"{assignment.name}-comparison.png", file.parent / f"{assignment.name}-report.html"
    comparison.save([mine, reference], picture)
    report.write([mine.path, reference.path], page)
    return Ran(mine, reference, Findings.read(mine.folder.diagnosis), (fids[0], fids[1]), picture, page)


def _check_filled(file: Path, submission: Submission, assignment: Assignment) -> None:
    fillings = submission.fillings
    empty = [
        str(blank.number)
        for blank in assignment.document.blanks
        if blank.number not in fillings or is_empty(fillings[blank.number].text, blank)
    ]
    if empty:
        raise UsageError(
            f"{file}: blank{'s' if len(empty) > 1 else ''} {', '.join(empty)} {'are' if len(empty) > 1 else 'is'} empty; fill "
            f"in all first: {paths.command('ganatomy', 'lab', 'check', file)}"
        )


def _run_code(file: Path) -> None:
    script = file
    if file.suffix == ".ipynb":
        script = file.parent / f".{file.stem}.py"
        atomic.write(script, code_of(file))
    done = subprocess.run([sys.executable, script.name], cwd=file.parent, check=False)
    if done.returncode:
        raise GanatomyError(f"{file} failed, as said above; `ganatomy lab check` names mistakes in blanks")


def _recorded(runs: Path, name: str) -> set[Path]:
    return {config.parent for config in runs.glob(f"my-{name}*/config.toml")}


def _reference(mine: Run, name: str, runs: Path, say: Callable[[str], None]) -> Run:
    """ganatomy's own run of the same length, batch, data and seed, which is there from then on."""
    train, data = mine.config.train, mine.config.data.name
    folder = runs / f"reference-{name}-{data}-{mine.update}-{train.batch}-s{mine.config.seed}"
    if not folder.exists():
        words = [
            f"data={data}",
            f"train.updates={mine.update}",
            f"train.batch={train.batch}",
            f"seed={mine.config.seed}",
        ]
        command = [sys.executable, "-m", "ganatomy", "train", name, *words, f"out={folder}"]
        say(f"training the reference: {paths.command('ganatomy', *command[3:])}")
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise GanatomyError("the reference could not be trained, as said above")
    return Run(folder)
