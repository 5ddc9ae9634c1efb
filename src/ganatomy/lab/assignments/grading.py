"""Many students' files: points of each, and which mistakes the class made."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab.assignments import checking
from ganatomy.lab.assignments.document import HEAD, Submission, code_of
from ganatomy.lab.assignments.verdict import Verdict


@dataclass(frozen=True)
class Graded:
    """One student's file."""

    file: Path
    assignment: str
    verdicts: Sequence[Verdict]
    error: str = ""
    """Why it could not be checked."""

    @property
    def earned(self) -> int:
        return sum(each.earned for each in self.verdicts)

    @property
    def points(self) -> int:
        return sum(each.points for each in self.verdicts)


def grade(folder: Path, parallel: int, say: Callable[[str], None]) -> list[Graded]:
    """Check all files of the lab below a folder, in the order of their names.

    Args:
        parallel: files at a time.

    Raises:
        UsageError: the folder has none.
    """
    files = sorted(_of_the_lab(folder))
    if not files:
        raise UsageError(f"{folder} has no file of the lab: .ipynb or .py files that `ganatomy lab start` made")

    def one(file: Path) -> Graded:
        name = file.relative_to(folder)
        try:
            found = Graded(name, Submission.read(file).assignment, checking.check(file))
        except GanatomyError as error:
            found = Graded(name, "", (), str(error))
        say(f"{name}: {found.error or f'{found.earned} of {found.points}'}")
        return found

    with ThreadPoolExecutor(parallel) as pool:
        return list(pool.map(one, files))


def _of_the_lab(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix in (".py", ".ipynb") and file.is_file() and not hidden:
            try:
                if HEAD.search(code_of(file)):
                    yield file
            except UsageError:
                if file.suffix == ".ipynb":
                    yield file  # damaged: the teacher is to see it


def as_csv(graded: Sequence[Graded]) -> str:
    """A row each: points, and of each blank whether it is right, empty, or which mistake."""
    numbers = sorted({(each.number, each.name) for one in graded for each in one.verdicts})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "assignment", "points", "of", "error", *(f"{number} {name}" for number, name in numbers)])
    for one in graded:
        states = {(each.number, each.name): each.mistake or each.state for each in one.verdicts}
        row = [states.get(key, "") for key in numbers]
        writer.writerow([one.file.as_posix(), one.assignment, one.earned, one.points, one.error, *row])
    return out.getvalue()


def frequent(graded: Sequence[Graded]) -> list[tuple[str, int, str, int]]:
    """(assignment, blank, mistake, how many) of all that is not right, the most frequent first."""
    found = Counter(
        (one.assignment, each.number, each.mistake or each.state)
        for one in graded
        for each in one.verdicts
        if each.state != "passed"
    )
    return [(*key, count) for key, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
