"""Many students' files: points of each, and which mistakes the class made."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ganatomy.errors import UsageError
from ganatomy.lab.assignments import checking
from ganatomy.lab.assignments.assignment import NAMES, Assignment
from ganatomy.lab.assignments.course import NAME, Course
from ganatomy.lab.assignments.submission import END_MARK, HEAD, Submission, code_of
from ganatomy.lab.assignments.verdict import Verdict, try_own
from ganatomy.words import Words

REPORT = "hand-in"
"""Where `lab report` writes, with copies of the code."""
FORMULA = ("=", "+", "-", "@")
"""What begins a formula in a spreadsheet."""


@dataclass(frozen=True)
class Graded:
    """One student's file."""

    file: Path
    """Below the folder that was graded."""
    submission: Submission | None
    assignment: Assignment | None
    verdicts: Sequence[Verdict]
    error: str = ""
    """Why it could not be checked; then there is no submission, no assignment and no verdict."""
    fault: Words | None = None
    """Why Python does not take it as a whole, though its blanks could be checked."""

    @property
    def name(self) -> str:
        """Of its assignment; empty where it could not be checked."""
        return self.assignment.name if self.assignment else ""

    @property
    def earned(self) -> float:
        return sum(each.earned for each in self.verdicts)

    @property
    def points(self) -> float:
        return sum(each.points for each in self.verdicts)


def grade(folder: Path, own: Path | None, parallel: int, say: Callable[[str], None]) -> list[Graded]:
    """Check all files of the lab below a folder, in the order of their names.

    Args:
        own: the teacher's `course.toml`; else the folder's, if it has one. Those beside students' files count for nothing.
        parallel: files at a time.

    Raises:
        UsageError: the folder has none, or the course is wrong.
    """
    path = own or folder / NAME
    course = Course.of(path, asked=own is not None)
    for name in NAMES:
        try_own(Assignment.get(name, course))
    files = sorted(_of_the_lab(folder))
    if not files:
        raise UsageError(f"{folder} has no file of the lab: .ipynb or .py files that `ganatomy lab start` made")

    def one(file: Path) -> Graded:
        name = file.relative_to(folder)
        try:
            submission = Submission.read(file)
            assignment = Assignment.of(submission, course, "give your course.toml with --course")
            verdicts = checking.check(file, own=path if path.is_file() else None)
            found = Graded(name, submission, assignment, verdicts, fault=checking.fault_of(file, file.name, verdicts))
        except Exception as error:  # of whatever kind: the others' grades do not depend on it
            found = Graded(name, None, None, (), str(error) or type(error).__name__)
        say(f"{name}: {found.error or f'{found.earned:g} of {found.points:g}'}")
        return found

    with ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(one, files))


def _of_the_lab(folder: Path) -> Iterator[Path]:
    """Files that are to be graded: with an assignment's first line, with blanks, or damaged. Runs and hand-ins keep copies: left out."""
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if not name.startswith(".") and not _keeps_copies(here / name)]
        for name in names:
            file = here / name
            if not name.startswith(".") and file.suffix.lower() in (".py", ".ipynb"):
                try:
                    code = code_of(file)
                except UsageError:
                    yield file  # the teacher is to see it
                else:
                    if HEAD.search(code) or END_MARK.search(code):
                        yield file


def _keeps_copies(folder: Path) -> bool:
    return os.access(folder, os.X_OK) and ((folder / "config.toml").exists() or folder.name == REPORT)


def as_csv(graded: Sequence[Graded]) -> str:
    """A row each: points, of each blank whether it is right, empty, or which mistake, and of each question whether it is answered."""
    numbers = sorted({(each.number, each.name) for one in graded for each in one.verdicts})
    questions = list(dict.fromkeys(each.name for one in graded if one.assignment for each in one.assignment.questions))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    blanks = [f"{number} {name}" for number, name in numbers]
    writer.writerow(["file", "assignment", "points", "of", "error", *blanks, *questions])
    for one in graded:
        states = {(each.number, each.name): each.mistake or each.state for each in one.verdicts}
        row = [states.get(key, "") for key in numbers] + [_answered(one, name) for name in questions]
        line = [
            one.file.as_posix(),
            one.name,
            f"{one.earned:g}",
            f"{one.points:g}",
            one.error or (one.fault.en if one.fault else ""),
            *row,
        ]
        writer.writerow([f"'{each}" if each[:1] in FORMULA else each for each in line])
    return "\ufeff" + out.getvalue()  # by which spreadsheets know UTF-8


def _answered(one: Graded, question: str) -> str:
    asked = one.assignment is not None and question in [each.name for each in one.assignment.questions]
    if not asked or one.submission is None:
        return ""
    return "answered" if one.submission.answers.get(question, "").strip() else "empty"


def frequent(graded: Sequence[Graded]) -> list[tuple[str, int, str, int]]:
    """(assignment, blank, mistake, how many) of all that is not right, the most frequent first."""
    found = Counter(
        (one.name, each.number, each.mistake or each.state)
        for one in graded
        for each in one.verdicts
        if each.state != "passed"
    )
    return [(*key, count) for key, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
