"""What is said of a filling: right, empty, a mistake by its name, or what differs."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import Literal

from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.document import Blank, Filling, Submission
from ganatomy.lab.assignments.observation import Failed, Observation, alike, differing, is_right, observe
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words, filled

State = Literal["passed", "empty", "mistake", "wrong", "missing"]


@dataclass(frozen=True)
class Verdict:
    """On one blank."""

    number: int
    name: str
    points: int
    state: State
    message: Words
    mistake: str | None = None
    """The name of the mistake, where it is a known one."""
    line: int | None = None
    """Of the student's file."""

    @property
    def earned(self) -> int:
        return self.points if self.state == "passed" else 0


class Judge:
    """Checks a submission's blanks, each alone: the other blanks have their solutions meanwhile."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._assignment = Assignment.get(submission.assignment)
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
            return self._say(blank, "passed", TEXTS["CHECK.passed"], filling)
        for name, code in self._assignment.mistakes(blank).items():
            if alike(mine, self._observed(blank, {blank.name: code})):
                return self._say(blank, "mistake", self._assignment.mistake(blank, name), filling, name)
        return self._say(blank, "wrong", self._difference(blank, filling, mine, right), filling)

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

    def _difference(self, blank: Blank, filling: Filling, mine: Observation, right: Observation) -> Words:
        if isinstance(mine, Failed):
            return filled(TEXTS["CHECK.error"], error=str(mine), where=_line_of(filling, mine))
        if isinstance(right, Failed):
            raise AssertionError(f"the solution of {blank.name} fails: {right}")
        names = list(differing(mine, right))
        name = names[0] if names else ""
        return filled(TEXTS["CHECK.differs"], what=name, mine=_shown(mine.get(name)), right=_shown(right.get(name)))

    def _say(
        self, blank: Blank, state: State, message: Words, filling: Filling | None, mistake: str | None = None
    ) -> Verdict:
        line = None if filling is None else filling.line
        return Verdict(blank.number, blank.name, self._assignment.points(blank), state, message, mistake, line)


def is_empty(text: str, blank: Blank) -> bool:
    """Whether nothing was filled in: what was there at first, comments, or an ellipsis."""
    code = re.sub(r"#.*", "", text).strip()
    return not code or code == blank.placeholder.strip() or bool(re.fullmatch(r"(return\s+)?\.\.\.,?|pass", code))


def _line_of(filling: Filling, failed: Failed) -> str:
    """The line of the filling in the student's file that is no Python; empty where the error came later."""
    if failed.kind != "SyntaxError":
        return ""
    try:
        ast.parse(textwrap.dedent(filling.text))
    except SyntaxError as error:
        return f" ({filling.line + (error.lineno or 1) - 1})"
    return ""


def _shown(value: object) -> str:
    """A value in short."""
    text = re.sub(r"tensor\(([^\[\]]*?)\)", r"\1", str(value)).replace("\n", " ")
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 80 else f"{text[:77]}..."
