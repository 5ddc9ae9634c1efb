"""An assignment: its source, its blanks with their known mistakes, and its texts."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from ganatomy.errors import UsageError, nearest
from ganatomy.lab.answers.evidence import measured
from ganatomy.lab.assignments.course import Course, Edition, mark_of
from ganatomy.lab.assignments.document import Blank, Cell, Document
from ganatomy.lab.assignments.observation import Probe, joined
from ganatomy.lab.assignments.submission import Submission
from ganatomy.words import LANGUAGES, Language, Table, Words, catalogue

NAMES = ("gan", "dcgan", "wgan")
HINTS = 3
REMEDY = "put the course.toml that it was made with beside it"


@dataclass(frozen=True)
class Question:
    """A question of an assignment, answered in words."""

    name: str
    text: Words
    answer: Words | None
    """A model answer."""
    points: float


@dataclass(frozen=True)
class Assignment:
    """One of the lab's systems with blanks, as it comes or in a course's edition."""

    name: str
    edition: Edition

    @classmethod
    def get(cls, name: str, course: Course | None = None) -> Assignment:
        """
        Raises:
            UsageError: there is none of that name, or the course does not fit it.
        """
        if name not in NAMES:
            raise UsageError(f"unknown assignment {name!r}: {nearest(name, NAMES)}")
        found = cls(name, (course or Course()).edition(name))
        found.check()
        return found

    @classmethod
    def of(cls, submission: Submission, course: Course, remedy: str = REMEDY) -> Assignment:
        """The assignment that a student's file fills in.

        Args:
            remedy: what to do about another course.

        Raises:
            UsageError: it was made with another course.
        """
        found = cls.get(submission.assignment, course)
        if found.mark != submission.edition:
            other = "a course.toml" if found.mark is None else "another course.toml, or none"
            raise UsageError(f"the file has the blanks of {other}; {remedy}")
        return found

    def check(self) -> None:
        """
        Raises:
            UsageError: the course names what the assignment lacks.
        """
        blanks = [blank.name for blank in self.document.blanks]
        questions = [*self._texts_of_questions, *(each.name for each in self.edition.questions)]
        mistakes = [f"{blank.name}.{name}" for blank in self.document.blanks for name in self.mistakes(blank)]
        like = [name for blank in self.edition.blanks for name in blank.like]
        for asked, known, what in (
            (self.edition.points, [*blanks, *questions], "points"),
            (self.edition.without, questions, "without"),
            (self.edition.credit, mistakes, "credit"),
            (like, [*self._probes], "like"),
        ):
            for name in asked:
                if name not in known:
                    raise UsageError(f"course, {self.name}: {what}: unknown {name!r}: {nearest(name, known)}")
        if len({*blanks}) < len(blanks) or len({*questions}) < len(questions):
            raise UsageError(f"course, {self.name}: a blank or question has a name that is there already")

    @cached_property
    def mark(self) -> str | None:
        """Which blanks it has, where the course changes them."""
        changed = self.edition.given or self.edition.blanks
        return mark_of([blank.name for blank in self.document.blanks]) if changed else None

    @property
    def _folder(self) -> Traversable:
        return resources.files(f"{__package__}.{self.name}")

    @cached_property
    def document(self) -> Document:
        return Document.of(self.edition.applied((self._folder / "source.txt").read_text("utf-8")))

    @cached_property
    def texts(self) -> Table:
        """`BLANK.task`, `BLANK.hint1` to `hint3`, `BLANK.mistakes.NAME`, `cells.NAME`."""
        return catalogue(self._folder)

    @cached_property
    def _blanks(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = tomllib.loads((self._folder / "blanks.toml").read_text("utf-8"))
        return found

    @cached_property
    def _probes(self) -> Mapping[str, Probe]:
        probes: Mapping[str, Probe] = importlib.import_module(f"{__package__}.{self.name}.probes").PROBES
        return probes

    def points(self, blank: Blank) -> float:
        own = self.edition.own(blank.name)
        default = own.points if own else self._blanks[blank.name]["points"]
        return float(self.edition.points.get(blank.name, default))

    def mistakes(self, blank: Blank) -> dict[str, str]:
        """{name: what students who make it write}."""
        if own := self.edition.own(blank.name):
            return {each.name: each.code for each in own.mistakes}
        return {name: table["code"] for name, table in self._mistakes(blank).items()}

    def credit(self, blank: Blank, mistake: str) -> float:
        """The share of a blank's points that a filling with a known mistake earns."""
        known = {} if self.edition.own(blank.name) else self._mistakes(blank)
        default = known.get(mistake, {}).get("credit", 0)
        return float(self.edition.credit.get(f"{blank.name}.{mistake}", default))

    def _mistakes(self, blank: Blank) -> Mapping[str, Any]:
        tables: Mapping[str, Any] = self._blanks[blank.name].get("mistakes", {})
        return tables

    def probe(self, blank: Blank) -> Probe:
        own = self.edition.own(blank.name)
        if own is None:
            return self._probes[blank.name]
        return joined({name: self._probes[name] for name in own.like}, own.observe)

    def task(self, blank: Blank) -> Words:
        own = self.edition.own(blank.name)
        return own.task if own else self.texts[f"{blank.name}.task"]

    def hint(self, blank: Blank, strength: int) -> Words:
        """`strength`: from 1, a question, to 3, nearly the code."""
        own = self.edition.own(blank.name)
        if own is None:
            return self.texts[f"{blank.name}.hint{strength}"]
        return own.hints[min(strength, len(own.hints)) - 1] if own.hints else own.task

    def mistake(self, blank: Blank, name: str) -> Words:
        if own := self.edition.own(blank.name):
            return next(each.text for each in own.mistakes if each.name == name)
        return self.texts[f"{blank.name}.mistakes.{name}"]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The assignment's, without those that the course leaves out, and the course's own."""
        answers = {
            name: Words(
                *(getattr(text, each).replace("{measured}", measured(name.lower(), each)) for each in LANGUAGES)
            )
            for name, text in self._kept_lines("answers").items()
        }
        mine = [Question(name, text, answers.get(name), 0) for name, text in self._texts_of_questions.items()]
        mine += [Question(each.name, each.text, each.answer, each.points) for each in self.edition.questions]
        kept = (each for each in mine if each.name not in self.edition.without)
        return tuple(replace(each, points=float(self.edition.points.get(each.name, each.points))) for each in kept)

    @cached_property
    def _texts_of_questions(self) -> Mapping[str, Words]:
        return self._kept_lines("questions")

    def prose(self, cell: Cell, language: Language) -> str:
        """The text of a markdown cell."""
        return str(getattr(self._kept_lines("cells")[cell.name], language))

    def _kept_lines(self, table: str) -> Mapping[str, Words]:
        """Texts whose lines are kept, which `catalogue` folds."""
        en, zh = (self._trees[language].get(table, {}) for language in LANGUAGES)
        return {name: Words(text.strip(), zh[name].strip()) for name, text in en.items()}

    @cached_property
    def _trees(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            language: tomllib.loads((self._folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES
        }
