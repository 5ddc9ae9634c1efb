"""Writing an exported assignment: what a teacher takes into a tool, hands out, or keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from ganatomy import atomic
from ganatomy.errors import UsageError
from ganatomy.lab.assignments import copies, course, starting
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.copies import CellCopy
from ganatomy.lab.assignments.course import Course
from ganatomy.lab.assignments.verdict import try_own
from ganatomy.lab.classroom.export import nbgrader, otter
from ganatomy.words import Language

Kind = Literal["nbgrader", "otter", "release", "solution"]


def export(kind: Kind, names: Sequence[str], folder: Path, language: Language, own: Path | None) -> list[Path]:
    """Write assignments into a folder, and return the files.

    `release` and `solution` are notebooks and plain Python files; `nbgrader` is a course folder for `nbgrader generate_assignment`;
    `otter` has a folder for each, for `otter assign`.

    Args:
        own: the teacher's `course.toml`, which goes along without its model answers.

    Raises:
        UsageError: unknown assignment, a wrong course, or the folder has one of the files already.
        GanatomyError: a file cannot be written.
    """
    read = Course.of(own, asked=True) if own else Course()
    assignments = [Assignment.get(name, read) for name in names]
    for each in assignments:
        try_own(each)
    beside = starting.without_answers(own) if own else None
    files = MADE[kind](assignments, language, beside)
    for name in files:
        if (folder / name).exists():
            raise UsageError(f"{folder / name} is there already; give another folder with --out")
    for name, text in files.items():
        place = folder / name
        atomic.try_place(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(place, text)
    return [folder / name for name in files]


def _copies(
    made: Callable[[Assignment, Language], list[CellCopy]],
    assignments: Sequence[Assignment],
    language: Language,
    beside: str | None,
) -> dict[str, str]:
    files: dict[str, str] = {course.NAME: beside} if beside else {}
    for each in assignments:
        cells = made(each, language)
        files |= {f"{each.name}.py": starting.as_percent(cells), f"{each.name}.ipynb": starting.as_notebook(cells)}
    return files


def _nbgrader(assignments: Sequence[Assignment], language: Language, beside: str | None) -> dict[str, str]:
    files = {"nbgrader_config.py": nbgrader.CONFIG}
    for each in assignments:
        files[f"source/{each.name}/{each.name}.ipynb"] = nbgrader.source(each, language)
        if beside:
            files[f"source/{each.name}/{course.NAME}"] = beside
    return files


def _otter(assignments: Sequence[Assignment], language: Language, beside: str | None) -> dict[str, str]:
    files: dict[str, str] = {}
    for each in assignments:
        files[f"{each.name}/{each.name}.ipynb"] = otter.source(each, language, beside is not None)
        if beside:
            files[f"{each.name}/{course.NAME}"] = beside
    return files


MADE: dict[Kind, Callable[[Sequence[Assignment], Language, str | None], dict[str, str]]] = {
    "nbgrader": _nbgrader,
    "otter": _otter,
    "release": partial(_copies, copies.for_students),
    "solution": partial(_copies, copies.with_solutions),
}
