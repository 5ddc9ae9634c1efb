"""The document of an assignment: cells of text and code, blanks in the code, and their solutions."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ganatomy.errors import UsageError

BEGINS = re.compile(r"^(\s*)# blank ([\w-]+)$")
ENDS = re.compile(r"^\s*# end$")
INSTEAD = re.compile(r"^\s*#- ?(.*)$")
"""What the student's copy has instead of the solution."""


@dataclass(frozen=True)
class Blank:
    """A place in an assignment that students fill in."""

    number: int
    name: str
    cell: int
    indent: str
    solution: str
    placeholder: str
    """What the student's copy begins with; empty where a list of layers may be."""


@dataclass(frozen=True)
class Cell:
    """A cell of an assignment: `markdown`, `code`, or `run`, which checks leave out."""

    kind: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """An assignment with its solutions."""

    cells: tuple[Cell, ...]
    blanks: tuple[Blank, ...]

    @classmethod
    def of(cls, text: str) -> Document:
        """Read a source: cells begin with `# %% [markdown] KEY`, `# %%` or `# %% run`; blanks are between `# blank NAME` and `# end`."""
        cells: list[tuple[str, str, list[str]]] = []
        for line in text.splitlines():
            if line.startswith("# %%"):
                words = line.split()[2:]
                markdown = words[:1] == ["[markdown]"]
                kind = "markdown" if markdown else "run" if words == ["run"] else "code"
                cells.append((kind, words[1] if markdown else "", []))
            else:
                cells[-1][2].append(line)
        made = tuple(Cell(kind, name, tuple(_trimmed(lines))) for kind, name, lines in cells)
        blanks: list[Blank] = []
        for number, cell in enumerate(made):
            for indent, name, inner in _blanks(cell.lines):
                instead = [found[1] for line in inner if (found := INSTEAD.match(line))]
                solution = [line for line in inner if not INSTEAD.match(line)]
                texts = (textwrap.dedent("\n".join(lines)) for lines in (solution, instead))
                blanks.append(Blank(len(blanks) + 1, name, number, indent, *texts))
        return cls(made, tuple(blanks))

    def in_cell(self, cell: Cell) -> tuple[Blank, ...]:
        """The blanks of a cell."""
        return tuple(blank for blank in self.blanks if self.cells[blank.cell] is cell)

    def blank(self, number: int) -> Blank:
        """
        Raises:
            UsageError: there is none of that number.
        """
        if not 1 <= number <= len(self.blanks):
            raise UsageError(f"there is no blank {number}; this assignment has blanks 1 to {len(self.blanks)}")
        return self.blanks[number - 1]

    def program(self, fillings: Mapping[str, str]) -> str:
        """The code that defines everything, with other fillings than the solutions: {name of a blank: lines}."""
        return "\n\n".join(self.cell_text(cell, fillings) for cell in self.cells if cell.kind == "code")

    def cell_text(self, cell: Cell, fillings: Mapping[str, str]) -> str:
        """A cell's code with those fillings."""
        lines: list[str] = []
        for line in self._lines(cell):
            if isinstance(line, Blank):
                lines += _indented(fillings.get(line.name, line.solution), line.indent)
            else:
                lines.append(line)
        return "\n".join(lines)

    def marked_cell(self, cell: Cell, task: Callable[[Blank], str], inside: Callable[[Blank], str]) -> str:
        """A cell's code with each blank between its marks, below what is to be done.

        Args:
            task: what a blank asks for.
            inside: what stands in a blank.
        """
        lines: list[str] = []
        for line in self._lines(cell):
            if isinstance(line, Blank):
                lines.append(f"{line.indent}# [{line.number}] {' '.join(task(line).split())}")
                lines += _indented(inside(line), line.indent)
                lines.append(f"{line.indent}# [/{line.number}]")
            else:
                lines.append(line)
        return "\n".join(lines)

    def _lines(self, cell: Cell) -> Iterator[str | Blank]:
        """The lines of a cell, and its blanks in their places."""
        by_name = {blank.name: blank for blank in self.blanks}
        inside = False
        for line in cell.lines:
            if found := BEGINS.match(line):
                inside = True
                yield by_name[found[2]]
            elif ENDS.match(line):
                inside = False
            elif not inside:
                yield line


def _blanks(lines: tuple[str, ...]) -> Iterator[tuple[str, str, list[str]]]:
    inner: list[str] | None = None
    indent = name = ""
    for line in lines:
        if found := BEGINS.match(line):
            indent, name, inner = found[1], found[2], []
        elif ENDS.match(line) and inner is not None:
            yield indent, name, inner
            inner = None
        elif inner is not None:
            inner.append(line)


def _indented(text: str, indent: str) -> list[str]:
    lines = textwrap.dedent(text).strip("\n")
    return [f"{indent}{line}" if line.strip() else "" for line in lines.split("\n")] if lines else []


def _trimmed(lines: list[str]) -> list[str]:
    text = "\n".join(lines).strip("\n")
    return text.splitlines()
