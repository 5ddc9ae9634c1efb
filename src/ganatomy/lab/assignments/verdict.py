"""What is said of a filling: right, empty, a mistake by its name, or what differs."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ganatomy.errors import UsageError
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.document import Blank, Document
from ganatomy.lab.assignments.kinds import code
from ganatomy.lab.assignments.kinds.differences import of_difference, of_same_layers
from ganatomy.lab.assignments.kinds.errors import of_error
from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.kinds.place import Place
from ganatomy.lab.assignments.observation import STOPS, Failed, Observation, Opaque, alike, differing, is_right, observe
from ganatomy.lab.assignments.submission import Filling, Submission
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words, filled

State = Literal["passed", "empty", "mistake", "wrong", "missing"]


@dataclass(frozen=True)
class Verdict:
    """On one blank."""

    number: int
    name: str
    points: float
    state: State
    message: Words
    mistake: str | None = None
    """The name of the mistake, where it is a known one."""
    line: int | None = None
    """Of the student's .py file."""
    credit: float = 0
    """The share of the points that it earns."""

    @property
    def earned(self) -> float:
        return self.points * self.credit


def said(verdict: Verdict, language: str) -> str:
    """A verdict in a line."""
    name = f" ({verdict.mistake})" if verdict.mistake else ""
    return f"[{verdict.number}]{name} {getattr(verdict.message, language)}"


def points_of(verdicts: Sequence[Verdict]) -> Words:
    """How many points verdicts earn together."""
    earned, points = sum(each.earned for each in verdicts), sum(each.points for each in verdicts)
    return filled(TEXTS["CHECK.points"], earned=f"{earned:g}", points=f"{points:g}")


class Judge:
    """Checks a submission's blanks, each alone: the other blanks have their solutions meanwhile."""

    def __init__(self, submission: Submission, assignment: Assignment) -> None:
        self._submission = submission
        self._assignment = assignment
        self._solutions: dict[str, Observation] = {}

    def verdict(self, number: int) -> Verdict:
        """On a blank.

        Raises:
            UsageError: there is no such blank.
        """
        blank = self._assignment.document.blank(number)
        filling = self._submission.fillings.get(blank.number)
        if filling is None:
            return self._say(blank, "missing", filled(TEXTS["CHECK.missing"], number=blank.number), None)
        if is_empty(filling.text, blank):
            return self._say(blank, "empty", TEXTS["CHECK.empty"], filling)
        right = self._right(blank)
        mine = self._observed(blank, {blank.name: filling.text})
        own_names = isinstance(mine, Failed) and mine.kind in ("NameError", "AttributeError", "UnboundLocalError")
        if is_right(mine, right) or (own_names and is_right(self._observed(blank, self._with_its_cell(blank)), right)):
            return self._passed(blank, filling, mine)
        if named := self._named(blank, filling, mine, right):
            name, message = named
            return self._say(blank, "mistake", message, filling, name)
        return self._say(blank, "wrong", self._difference(mine, right), filling)

    def _passed(self, blank: Blank, filling: Filling, mine: Observation) -> Verdict:
        """Right, but for its place in the file, and if the check itself is still what it was."""
        if not _fits(self._assignment.document, blank, filling):
            message = filled(TEXTS["CHECK.indented"], spaces=len(blank.indent))
            return self._say(blank, "wrong", message, filling)
        mistakes = iter(self._assignment.mistakes(blank).values())
        if (first := next(mistakes, None)) and is_right(self._observed(blank, {blank.name: first}), self._right(blank)):
            return self._say(blank, "wrong", TEXTS["CHECK.tampered"], filling)
        stops = isinstance(mine, Mapping) and mine.get(STOPS)
        return self._say(blank, "passed", TEXTS["CHECK.stops_on_gpu" if stops else "CHECK.passed"], filling)

    def _named(self, blank: Blank, filling: Filling, mine: Observation, right: Observation) -> tuple[str, Words] | None:
        """The name of the mistake: of a known one that is built alike, of its kind, or of one that only acts alike."""
        document = self._assignment.document
        place = Place(document, blank, filling.text)
        seen = code.surely(place)
        acts_alike = None
        for name, written in self._assignment.mistakes(blank).items():
            if alike(mine, made := self._observed(blank, {blank.name: written})):
                also_seen = code.surely(Place(document, blank, written))
                same = seen is None or (also_seen is not None and also_seen.name == seen.name)
                if same and of_same_layers(mine, made):
                    return name, self._assignment.mistake(blank, name)
                acts_alike = acts_alike or name
        if (
            kind := seen
            or code.perhaps(place, mine if isinstance(mine, Failed) else None)
            or self._kind(place, mine, right)
        ):
            return kind.name, kind.text
        return (acts_alike, self._assignment.mistake(blank, acts_alike)) if acts_alike else None

    def _kind(self, place: Place, mine: Observation, right: Observation) -> Kind | None:
        """What many wrong fillings have in common, where this one is none of the blank's own mistakes."""
        if isinstance(right, Failed):
            raise AssertionError(f"the solution of {place.blank.name} fails: {right}")
        return of_error(place, mine, right) if isinstance(mine, Failed) else of_difference(place, mine, right)

    def _right(self, blank: Blank) -> Observation:
        if blank.name not in self._solutions:
            self._solutions[blank.name] = self._observed(blank, {})
        return self._solutions[blank.name]

    def _observed(self, blank: Blank, fillings: dict[str, str]) -> Observation:
        return observe(self._assignment.document.program(fillings), self._assignment.probe(blank))

    def _with_its_cell(self, blank: Blank) -> dict[str, str]:
        """The student's fillings of the blank's whole cell, which may have names of their own."""
        found = {}
        for other in self._assignment.document.blanks:
            filling = self._submission.fillings.get(other.number)
            if other.cell == blank.cell and filling is not None and not is_empty(filling.text, other):
                found[other.name] = filling.text
        return found

    def _difference(self, mine: Observation, right: Observation) -> Words:
        if isinstance(mine, Failed) or isinstance(right, Failed):
            return filled(TEXTS["CHECK.error"], error=str(mine))
        names = list(differing(mine, right))
        name = names[0] if names else ""
        return filled(TEXTS["CHECK.differs"], what=name, mine=_shown(mine.get(name)), right=_shown(right.get(name)))

    def _say(
        self, blank: Blank, state: State, message: Words, filling: Filling | None, mistake: str | None = None
    ) -> Verdict:
        return verdict_on(self._assignment, blank, state, message, filling, mistake)


def verdict_on(
    assignment: Assignment,
    blank: Blank,
    state: State,
    message: Words,
    filling: Filling | None,
    mistake: str | None = None,
) -> Verdict:
    """A verdict, with what the blank is worth."""
    line = None if filling is None else filling.line
    credit = 1.0 if state == "passed" else assignment.credit(blank, mistake) if mistake else 0.0
    return Verdict(blank.number, blank.name, assignment.points(blank), state, message, mistake, line, credit)


def try_own(assignment: Assignment) -> None:
    """Check that the blanks that a teacher made can be judged.

    Raises:
        UsageError: the solution of one fails, or what is observed of it cannot be compared.
    """
    program = assignment.document.program({})
    for own in assignment.edition.blanks:
        blank = next(each for each in assignment.document.blanks if each.name == own.name)
        found = observe(program, assignment.probe(blank))
        if isinstance(found, Failed):
            raise UsageError(
                f"course, {assignment.name}: blank {own.name!r} cannot be judged: the solution gives {found}"
            )
        for text in own.observe:
            if isinstance(found[text], Opaque):
                raise UsageError(
                    f"course, {assignment.name}: blank {own.name!r}: `{text}` is {found[text]}, which cannot be compared; "
                    "observe numbers, texts, lists or tensors"
                )


EMPTY = re.compile(r"(^|=|\breturn\b)[ \t]*\.\.\.,?[ \t]*$", re.MULTILINE)
"""A placeholder that is still there, in what is no Python."""


def is_empty(text: str, blank: Blank) -> bool:
    """Whether nothing was filled in: what was there at first, comments, or an ellipsis."""
    code = re.sub(r"[ \t]*#.*", "", text).strip()
    if not code or code in (blank.placeholder.strip(), "pass"):
        return True
    try:
        nodes = [*ast.walk(ast.parse(textwrap.dedent(text)))]
    except (SyntaxError, ValueError):
        return bool(EMPTY.search(code))
    of_slices = {id(part) for each in nodes if isinstance(each, ast.Subscript) for part in ast.walk(each.slice)}
    return any(isinstance(each, ast.Constant) and each.value is ... and id(each) not in of_slices for each in nodes)


def _fits(document: Document, blank: Blank, filling: Filling) -> bool:
    """Whether Python takes a filling with the indentation that it has in the file."""
    if filling.indented is None:
        return True
    mark = "filled_in_here"
    lines = document.cell_text(document.cells[blank.cell], {blank.name: mark}).split("\n")
    place = next(number for number, line in enumerate(lines) if line.strip() == mark)
    lines[place : place + 1] = filling.indented.split("\n")
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return False
    return True


def _shown(value: object) -> str:
    """A value in short."""
    text = re.sub(r"tensor\(([^\[\]]*?)\)", r"\1", str(value)).replace("\n", " ")
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 80 else f"{text[:77]}..."
