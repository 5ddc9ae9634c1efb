"""A student's copy of an assignment: a notebook, or the same as a plain .py file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import tomli_w

from ganatomy import atomic
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab.assignments import copies, course
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.copies import CellCopy
from ganatomy.lab.assignments.course import Course
from ganatomy.words import Language

Format = Literal["notebook", "py"]


def start(name: str, folder: Path, language: Language, form: Format, own: Path | None = None) -> Path:
    """Write the student's copy into a folder, and return its path.

    Args:
        own: a teacher's `course.toml`, which is put beside it without its model answers.

    Raises:
        UsageError: unknown assignment, the file is there already, or the course is wrong or another one is there.
        GanatomyError: the folder cannot be written, or a notebook is asked for without jupytext.
    """
    read = Course.of(own or folder / course.NAME, asked=own is not None)
    file = folder / f"{name}.{'ipynb' if form == 'notebook' else 'py'}"
    cells = copies.for_students(Assignment.get(name, read), language)
    if file.exists():
        raise UsageError(f"{file} is there already, perhaps with your work; give another folder with --out")
    atomic.try_place(file)
    text = as_percent(cells)
    content = text if form == "py" else as_notebook(text)
    beside = None if own is None else without_answers(own)
    place = folder / course.NAME
    if beside is not None and place.exists() and place.read_text("utf-8") != beside:
        raise UsageError(f"{place} is there already, and another one; give another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    if beside is not None:
        atomic.write(place, beside)
    atomic.write(file, content)
    return file


def without_answers(own: Path) -> str:
    """A `course.toml` as students get it: without the model answers to the teacher's questions."""
    tree: dict[str, Any] = tomllib.loads(own.read_text("utf-8"))
    for table in tree.values():
        for question in table.get("questions", []) if isinstance(table, dict) else []:
            question.pop("answer", None)
    return tomli_w.dumps(tree)


def as_percent(cells: Sequence[CellCopy]) -> str:
    """As plain Python with `# %%` between cells, which VS Code, Spyder and jupytext read."""
    parts = []
    for cell in cells:
        if cell.kind in ("markdown", "question"):
            lines = [f"# {line}".rstrip() for line in cell.text.splitlines()]
            parts.append("\n".join(["# %% [markdown]", *lines]))
        else:
            parts.append(f"# %%\n{'# ' if cell.kind == 'check' else ''}{cell.text}")
    return "\n\n".join(parts) + "\n"


def as_notebook(percent: str) -> str:
    """The notebook of a plain Python file with `# %%` between cells.

    Raises:
        GanatomyError: jupytext is not installed.
    """
    try:
        import jupytext  # type: ignore[import-untyped]
    except ImportError as error:
        raise GanatomyError(
            "a notebook needs jupytext: pip install jupytext; or take the same as a Python file: --format py"
        ) from error
    notebook = jupytext.reads(percent, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return jupytext.writes(notebook, fmt="ipynb") + "\n"
