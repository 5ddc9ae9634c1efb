"""What `ganatomy lab` does for teachers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ganatomy import atomic, paths
from ganatomy.lab.assignments.assignment import NAMES
from ganatomy.lab.assignments.command import Answer
from ganatomy.lab.classroom import grading, pages
from ganatomy.lab.classroom.export import export as exporting
from ganatomy.lab.classroom.export.export import Kind
from ganatomy.words import Language

SHOWN = 15
"""Mistakes of a class."""


def grade(
    folder: Path,
    out: Path,
    html: Path | None,
    course: Path | None,
    language: Language,
    parallel: int,
    say: Callable[[str], None],
) -> Answer:
    """Points of all files below a folder, as CSV and perhaps as pages, and the class's mistakes."""
    atomic.try_place(out)
    if html is not None:
        atomic.try_place(html / pages.INDEX)
    graded = grading.grade(folder, course, parallel, say)
    atomic.write(out, grading.as_csv(graded))
    found = grading.frequent(graded)
    wrong = [each for each in found if each[2] not in ("empty", "missing")]
    lines = [f"{count:>5}  {name} [{number}] {mistake}" for name, number, mistake, count in wrong[:SHOWN]]
    lines = [f"{len(graded)} files; most frequent:", *lines, "", f"grades: {paths.text(out)}"]
    if html is None:
        lines.append("next: --html FOLDER writes pages for you and your students")
    else:
        lines.append(f"next: open {paths.text(pages.write_all(graded, html, language))} in a browser")
    tree = {
        "grades": str(out),
        "pages": None if html is None else str(html / pages.INDEX),
        "files": [
            {
                "file": one.file.as_posix(),
                "assignment": one.name,
                "points": [one.earned, one.points],
                "error": one.error,
            }
            for one in graded
        ],
        "mistakes": [dict(zip(("assignment", "blank", "mistake", "count"), each, strict=True)) for each in found],
    }
    return Answer(tree, lines, any(not one.error for one in graded))


def export(kind: Kind, names: Sequence[str], folder: Path, language: Language, course: Path | None) -> Answer:
    """Assignments for another tool, for students, or with their solutions."""
    files = exporting.export(kind, names or NAMES, folder, language, course)
    following = {
        "nbgrader": f"next: cd {paths.text(folder)} && nbgrader generate_assignment {(names or NAMES)[0]}",
        "otter": f"next: cd {paths.text(folder)} && otter assign {(names or NAMES)[0]}/{(names or NAMES)[0]}.ipynb dist",
        "release": "next: give the folder to your students",
        "solution": "next: keep it to yourself",
    }
    return Answer({"files": [str(file) for file in files]}, [*map(paths.text, files), following[kind]])
