"""A class's figures, for its page: who has how many points, and what was written into each blank."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.document import Blank
from ganatomy.lab.assignments.verdict import Verdict
from ganatomy.lab.classroom.grading import Graded
from ganatomy.words import Words

BARS = 10

Kind = Literal["passed", "mistake", "wrong", "empty"]
MEND: tuple[Kind, ...] = ("mistake", "wrong")


def kind_of(verdict: Verdict) -> Kind:
    """Its state, where a blank without its marks is empty."""
    return "empty" if verdict.state == "missing" else verdict.state


@dataclass(frozen=True)
class Part:
    """Of a bar: files with the same in a blank."""

    kind: Kind
    mistake: str
    """Its name, of a known one."""
    count: int


@dataclass(frozen=True)
class Row:
    """What the class wrote into a blank."""

    blank: Blank
    task: Words
    parts: tuple[Part, ...]
    """Right ones, mistakes with the most frequent first, other errors, empty ones."""


@dataclass(frozen=True)
class Made:
    """A mistake that was made; or what is wrong in a blank and no known mistake."""

    blank: Blank
    name: str
    """Empty, of no known one."""
    messages: tuple[Words, ...]
    """One, of a known one."""
    files: tuple[Graded, ...]


@dataclass(frozen=True)
class Overview:
    """Of all files of an assignment."""

    assignment: Assignment
    files: tuple[Graded, ...]

    @classmethod
    def each(cls, graded: Sequence[Graded]) -> list[Overview]:
        """One for each assignment, in the order of the files."""
        found: dict[str, tuple[Assignment, list[Graded]]] = {}
        for one in graded:
            if one.assignment is not None:
                found.setdefault(one.name, (one.assignment, []))[1].append(one)
        return [cls(assignment, tuple(files)) for assignment, files in found.values()]

    @property
    def points(self) -> float:
        return max(each.points for each in self.files)

    @property
    def mean(self) -> float:
        return statistics.mean(each.earned for each in self.files)

    @property
    def median(self) -> float:
        return statistics.median(each.earned for each in self.files)

    @property
    def complete(self) -> int:
        """How many have all points."""
        return sum(each.earned == each.points for each in self.files)

    @cached_property
    def bars(self) -> list[int]:
        """How many files have up to a tenth of the points, two tenths, and so on."""
        shares = (each.earned / each.points if each.points else 0 for each in self.files)
        counts = Counter(min(BARS - 1, math.floor(share * BARS)) for share in shares)
        return [counts[bar] for bar in range(BARS)]

    @cached_property
    def rows(self) -> list[Row]:
        verdicts = self._by_blank
        return [
            Row(blank, self.assignment.task(blank), tuple(_parts([each for _, each in verdicts[blank.number]])))
            for blank in self.assignment.document.blanks
        ]

    @cached_property
    def mistakes(self) -> list[Made]:
        """The most frequent first."""
        found = []
        for blank in self.assignment.document.blanks:
            made: dict[str, list[tuple[Graded, Words]]] = {}
            for one, verdict in self._by_blank[blank.number]:
                if verdict.state in MEND:
                    made.setdefault(verdict.mistake or "", []).append((one, verdict.message))
            for name, each in made.items():
                messages = dict.fromkeys(message for _, message in each)
                found.append(Made(blank, name, tuple(messages), tuple(one for one, _ in each)))
        return sorted(found, key=lambda made: (-len(made.files), made.blank.number, made.name))

    @cached_property
    def _by_blank(self) -> dict[int, list[tuple[Graded, Verdict]]]:
        found: dict[int, list[tuple[Graded, Verdict]]] = {blank.number: [] for blank in self.assignment.document.blanks}
        for one in self.files:
            for verdict in one.verdicts:
                found[verdict.number].append((one, verdict))
        return found


def _parts(verdicts: Sequence[Verdict]) -> list[Part]:
    counts = Counter((kind_of(each), each.mistake or "") for each in verdicts)
    order = ("passed", "mistake", "wrong", "empty")
    keys = sorted(counts, key=lambda key: (order.index(key[0]), -counts[key], key[1]))
    return [Part(kind, mistake, counts[kind, mistake]) for kind, mistake in keys]
