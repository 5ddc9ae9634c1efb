"""An assignment as cells: for a student with its blanks, or for a teacher with solutions and model answers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ganatomy.lab.assignments.assignment import Assignment, Question
from ganatomy.lab.assignments.document import Blank
from ganatomy.lab.assignments.submission import ANSWER, END_MARK, MARK, QUESTION
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Language


@dataclass(frozen=True)
class CellCopy:
    """A cell as it is handed out."""

    kind: str
    """`markdown`, `code`, `check` (an IPython magic that checks the blanks above) or `question`."""
    text: str
    blanks: tuple[Blank, ...] = ()
    """Those of a code cell, or those that a check is about."""
    question: Question | None = None


def for_students(assignment: Assignment, language: Language) -> list[CellCopy]:
    return [*_cells(assignment, language, lambda blank: blank.placeholder, lambda _: "")]


def with_solutions(assignment: Assignment, language: Language) -> list[CellCopy]:
    """With the solutions, and the model answers where there are some."""

    def answer(question: Question) -> str:
        return str(getattr(question.answer, language)) if question.answer else ""

    return [*_cells(assignment, language, lambda blank: blank.solution, answer)]


def _cells(
    assignment: Assignment, language: Language, inside: Callable[[Blank], str], answer: Callable[[Question], str]
) -> Iterator[CellCopy]:
    document = assignment.document
    first = next(cell for cell in document.cells if cell.kind != "markdown")
    for cell in document.cells:
        if cell.kind == "markdown":
            yield CellCopy("markdown", assignment.prose(cell, language))
            continue
        text = document.marked_cell(cell, lambda blank: str(getattr(assignment.task(blank), language)), inside)
        blanks = document.in_cell(cell)
        yield CellCopy("code", f"{head(assignment, language)}\n{text}" if cell is first else text, blanks)
        if cell is first:
            yield CellCopy("check", f"# {getattr(TEXTS['CHECK.load'], language)}\n%load_ext ganatomy")
        if blanks:
            yield CellCopy("check", f"%ganatomy check {_range(blanks)}", blanks)
    for question in assignment.questions:
        yield CellCopy("question", _asked(question, language, answer(question)), question=question)


def emptied(text: str, assignment: Assignment) -> str:
    """A cell's text with each blank and each answer as students get it."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        inside = inside and not END_MARK.match(line)
        if not inside:
            lines.append(line)
        if found := MARK.match(line):
            blank = assignment.document.blank(int(found[1]))
            lines += textwrap.indent(blank.placeholder, blank.indent).splitlines()
            inside = True
    made = "\n".join(lines)
    for place in ANSWER.values():
        if QUESTION.match(made) and place in made:
            made = made.partition(place)[0] + place
    return made


def head(assignment: Assignment, language: Language) -> str:
    """The line by which a file is known as this assignment."""
    edition = f" edition {assignment.mark}" if assignment.mark else ""
    return f"# ganatomy lab: {assignment.name} ({language}){edition}"


def _asked(question: Question, language: Language, answer: str) -> str:
    text = f"**{question.name}.** {getattr(question.text, language)}\n\n{ANSWER[language]}"
    return f"{text}\n\n{answer}" if answer else text


def _range(blanks: Sequence[Blank]) -> str:
    first, last = blanks[0].number, blanks[-1].number
    return str(first) if first == last else f"{first}-{last}"
