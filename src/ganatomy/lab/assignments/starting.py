"""A student's copy of an assignment: a notebook, or the same as a plain .py file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import tomli_w

from ganatomy import atomic
from ganatomy.errors import UsageError
from ganatomy.lab.assignments import copies, course
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.copies import CellCopy
from ganatomy.lab.assignments.course import Course
from ganatomy.lab.assignments.notebook import NotebookCell, as_json
from ganatomy.lab.assignments.verdict import try_own
from ganatomy.words import Language

Format = Literal["notebook", "py"]
PROSE = ("markdown", "question")


def start(name: str, folder: Path, language: Language, form: Format, own: Path | None = None) -> Path:
    """Write the student's copy into a folder, and return its path.

    Args:
        own: a teacher's `course.toml`, which is put beside it without its model answers.

    Raises:
        UsageError: unknown assignment, the file is there already, or the course is wrong or another one is there.
        GanatomyError: the folder cannot be written.
    """
    read = Course.of(own or folder / course.NAME, asked=own is not None)
    file = folder / f"{name}.{'ipynb' if form == 'notebook' else 'py'}"
    assignment = Assignment.get(name, read)
    if own is not None:
        try_own(assignment)
    cells = copies.for_students(assignment, language)
    if file.exists():
        raise UsageError(f"{file} is there already, perhaps with your work; give another folder with --out")
    atomic.try_place(file)
    content = as_percent(cells) if form == "py" else as_notebook(cells)
    beside = None if own is None else without_answers(own)
    place = folder / course.NAME
    if (
        beside is not None
        and place.exists()
        and place.read_text("utf-8-sig") != beside
        and not place.samefile(own or place)
    ):
        raise UsageError(f"{place} is there already, and another one; give another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    if beside is not None and not place.exists():
        atomic.write(place, beside)
    atomic.write(file, content)
    return file


def without_answers(own: Path) -> str:
    """A `course.toml` as students get it: without the model answers to the teacher's questions."""
    tree: dict[str, Any] = tomllib.loads(own.read_text("utf-8-sig"))
    for table in tree.values():
        for question in table.get("questions", []) if isinstance(table, dict) else []:
            question.pop("answer", None)
    return tomli_w.dumps(tree)


def as_percent(cells: Sequence[CellCopy]) -> str:
    """As plain Python with `# %%` between cells, which VS Code, Spyder and jupytext read."""
    parts = []
    for cell in cells:
        if cell.kind in PROSE:
            lines = [f"# {line}".rstrip() for line in cell.text.splitlines()]
            parts.append("\n".join(["# %% [markdown]", *lines]))
        else:
            parts.append("# %%\n" + re.sub("^%", "# %", cell.text, flags=re.MULTILINE))
    return "\n\n".join(parts) + "\n"


def as_notebook(cells: Sequence[CellCopy]) -> str:
    """The same as a notebook."""
    return as_json([NotebookCell("markdown" if cell.kind in PROSE else "code", cell.text) for cell in cells])
