"""A student's code as it is now and as a run was trained with, and what differs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganatomy.errors import UsageError
from ganatomy.lab.assignments.submission import END_MARK, MARK, Submission, cells_of, code_of

LOOP = "ganatomy.watch("
"""What the training cell has in it."""

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What stood in a blank, or elsewhere, and what stands there now."""

    blank: int | None
    before: Lines
    after: Lines


@dataclass(frozen=True)
class Code:
    """The code of an assignment without comments."""

    blanks: Mapping[int, Lines]
    outside: Lines
    """The lines in no blank."""
    loop: Lines
    """Those of the training cell; empty where cells cannot be told apart."""
    is_whole: bool
    """Whether it is a file, and not the cells that were run in a notebook, in which order ever."""

    @classmethod
    def read(cls, path: Path, is_whole: bool = True) -> Code:
        """
        Raises:
            UsageError: it is no file of this lab, or is damaged.
        """
        fillings = Submission.read(path).fillings
        loops = [text for kind, text in cells_of(path) if kind == "code" and LOOP in text]
        return cls(
            {number: _plain(filling.text) for number, filling in fillings.items()},
            _outside(code_of(path)),
            _outside(loops[-1]) if loops and len(cells_of(path)) > 1 else (),
            is_whole,
        )

    def changes_to(self, other: Code) -> list[Change]:
        """What differs in another version: blank by blank, then elsewhere."""
        numbers = sorted(self.blanks.keys() & other.blanks.keys())
        found = [
            Change(number, self.blanks[number], other.blanks[number])
            for number in numbers
            if self.blanks[number] != other.blanks[number]
        ]
        whole = self.is_whole and other.is_whole
        before, after = (each.outside if whole else each.loop for each in (self, other))
        if before != after and before and after:
            found += _differing(before, after)
        return found


def kept(path: Path) -> Code | None:
    """The code that a run's folder keeps; None where it has none that can be read."""
    file = next(iter(sorted((path / "code" / "loop").glob("*.py"))), None)
    if file is None:
        return None
    try:
        return Code.read(file, file.name != "notebook.py")
    except UsageError:
        return None


def _differing(before: Lines, after: Lines) -> list[Change]:
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [Change(None, before[a:b], after[c:d]) for kind, a, b, c, d in blocks if kind != "equal"]


def _outside(code: str) -> Lines:
    lines, inside = list[str](), False
    for line in code.splitlines():
        if MARK.match(line):
            inside = True
        elif END_MARK.match(line):
            inside = False
        elif not inside:
            lines.append(line)
    return _plain(lines)


def _plain(text: str | Sequence[str]) -> Lines:
    """Lines without those that are empty or a comment."""
    lines = text.splitlines() if isinstance(text, str) else text
    return tuple(line.rstrip() for line in lines if not re.match(r"\s*(#|$)", line))
