"""A student's copy of an assignment: a notebook, or the same as a plain .py file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ganatomy import atomic
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.words import Language

Format = Literal["notebook", "py"]


def start(name: str, folder: Path, language: Language, form: Format) -> Path:
    """Write the student's copy into a folder, and return its path.

    Raises:
        UsageError: unknown assignment, or the file is there already.
        GanatomyError: the folder cannot be written, or a notebook is asked for without jupytext.
    """
    file = folder / f"{name}.{'ipynb' if form == 'notebook' else 'py'}"
    cells = Assignment.get(name).student_copy(language)
    if file.exists():
        raise UsageError(f"{file} is there already, perhaps with your work; give another folder with --out")
    atomic.try_place(file)
    text = _percent(cells)
    content = text if form == "py" else _notebook(text)
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write(file, content)
    return file


def _percent(cells: list[tuple[str, str]]) -> str:
    """As plain Python with `# %%` between cells, which VS Code, Spyder and jupytext read."""
    parts = []
    for kind, text in cells:
        if kind == "markdown":
            lines = [f"# {line}".rstrip() for line in text.splitlines()]
            parts.append("\n".join(["# %% [markdown]", *lines]))
        else:
            parts.append(f"# %%\n{text}")
    return "\n\n".join(parts) + "\n"


def _notebook(text: str) -> str:
    try:
        import jupytext  # type: ignore[import-untyped]
    except ImportError as error:
        raise GanatomyError(
            "a notebook needs jupytext: pip install jupytext; or take the same as a Python file: --format py"
        ) from error
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return jupytext.writes(notebook, fmt="ipynb") + "\n"
