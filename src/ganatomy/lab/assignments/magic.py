"""Checks and hints in a cell of a notebook: `%load_ext ganatomy`, then `%ganatomy check 3-7` or `%ganatomy hint 7 3`.

They see the cells that were run, and of a blank what was run last; the notebook need not be saved.
"""

from __future__ import annotations

import html
import itertools
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab.assignments import checking
from ganatomy.lab.assignments.assignment import HINTS, Assignment
from ganatomy.lab.assignments.course import NAME, Course
from ganatomy.lab.assignments.submission import HEAD, MARK, Filling, Submission, fillings_of
from ganatomy.lab.assignments.verdict import Verdict, points_of, said
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Language, Words

USAGE = (
    "%ganatomy check, %ganatomy check 7, %ganatomy check 3-7, %ganatomy check 3,5, %ganatomy hint 7, %ganatomy hint 7 3"
)
QUIET = "#50565e"
RIGHT, WRONG = "#00664b", "#a23b00"


class Said:
    """What a notebook shows below a cell, as HTML and as text."""

    def __init__(self, lines: Sequence[tuple[str, str]]) -> None:
        """`lines`: text and its colour, each."""
        self._lines = lines

    def __repr__(self) -> str:
        return "\n".join(text for text, _ in self._lines)

    def _repr_html_(self) -> str:
        lines = (f'<div style="color:{colour}">{html.escape(text)}</div>' for text, colour in self._lines)
        return f'<div style="max-width:60em">{"".join(lines)}</div>'


def register(shell: Any) -> None:
    """Add the magic `%ganatomy` to an IPython shell."""

    def magic(line: str) -> Said | None:
        try:
            return answer(line, _ran(shell))
        except GanatomyError as error:
            print(error)  # a traceback would say no more
            return None

    shell.register_magic_function(magic, "line", "ganatomy")


def answer(line: str, ran: Sequence[str]) -> Said:
    """What a magic answers.

    Args:
        line: what follows `%ganatomy`.
        ran: the source of each cell that was run.

    Raises:
        UsageError: it asks for nothing known, or the assignment's first cell was not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = written(ran, Path(folder))
        submission = Submission.read(file)
        language = submission.language
        words = [word for word in line.split() if word != "--strength"]
        if words[:1] == ["hint"] and len(words) in (2, 3) and all(map(str.isdigit, words[1:])):
            assignment = Assignment.of(submission, _course())
            return _hints(assignment, int(words[1]), int(words[2]) if words[2:] else 1, language)
        if words[:1] == ["check"]:
            asked = numbers("".join(words[1:])) if words[1:] else None
            return _verdicts(verdicts(file, asked), language, whole=asked is None)
    raise UsageError(f"{' '.join(['%ganatomy', *line.split()])}: give one of {USAGE}")


def written(ran: Sequence[str], folder: Path) -> Path:
    """The cells that were run, as a student's file.

    Raises:
        UsageError: none says which assignment it is.
    """
    heads = [(place, found) for place, text in enumerate(ran) if (found := HEAD.search(text))]
    if not heads:
        raise UsageError("run the first cell of the assignment first: it says which assignment this is")
    mine = heads[-1][1]
    others = [place for place, found in heads if found[0] != mine[0]]
    blanks: dict[int, Filling] = {}
    newest = True
    for text in reversed(ran[others[-1] + 1 if others else 0 :]):
        if any(MARK.match(line) for line in text.split("\n")):
            try:
                read = fillings_of(text, "the cell that you ran last")
            except UsageError:
                if newest:
                    raise
            else:
                blanks = read | blanks
            newest = False
    lines = [mine[0]]
    for number, filling in blanks.items():
        lines += [f"# [{number}]", filling.indented or filling.text, f"# [/{number}]"]
    file = folder / "notebook.py"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def verdicts(file: Path, asked: Sequence[int] | None) -> list[Verdict]:
    """On blanks of a written file, by the course beside the notebook."""
    own = Path.cwd() / NAME
    return checking.check(file, asked, own if own.is_file() else None)


def numbers(text: str) -> list[int]:
    """Of blanks: `7`, `3-7`, or several of these with commas.

    Raises:
        UsageError: it is none of these.
    """
    asked: dict[int, None] = {}
    for part in text.split(","):
        found = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if found is None:
            raise UsageError(
                f"{text}: the number of a blank, two with a hyphen between (3-7), or several with commas (3,5)"
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise UsageError(f"{text}: the smaller number first: {last}-{first}")
        asked |= dict.fromkeys(range(first, last + 1))
    return [*asked]


def award(number: int, points: float) -> float:
    """Says what is wrong with a blank, and returns its points: for a test cell of nbgrader, whose last value is the score."""
    found = _verdict(number)
    print(_line(*found))
    return points * found[0].credit


def require(number: int) -> None:
    """
    Raises:
        AssertionError: a blank is not right, with what is wrong: for a test of otter.
    """
    found = _verdict(number)
    if found[0].state != "passed":
        raise AssertionError(_line(*found))


def _verdict(number: int) -> tuple[Verdict, Language]:
    """On what was run last, with all blanks of the cell checked at once and kept."""
    with tempfile.TemporaryDirectory() as folder:
        file = written(_ran(_shell()), Path(folder))
        text = file.read_text("utf-8")
        submission = Submission.read(file)
        if (text, number) not in _KNOWN:
            document = Assignment.of(submission, _course()).document
            mine = document.blank(number)
            asked = [blank.number for blank in document.blanks if blank.cell == mine.cell]
            _KNOWN.update({(text, each.number): each for each in verdicts(file, asked)})
        return _KNOWN[text, number], submission.language


_KNOWN: dict[tuple[str, int], Verdict] = {}


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def _course() -> Course:
    return Course.of(Path.cwd() / NAME)


def _ran(shell: Any) -> list[str]:
    return [*shell.history_manager.input_hist_raw]


def _verdicts(found: Sequence[Verdict], language: Language, whole: bool) -> Said:
    lines: list[tuple[str, str]] = []
    for (state, _), group in itertools.groupby(
        enumerate(found), lambda pair: (pair[1].state, pair[1].number - pair[0])
    ):
        alike = [each for _, each in group]
        if state in ("missing", "empty"):
            lines.append(
                (
                    _numbered(alike, TEXTS["CHECK.not_run"] if state == "missing" else TEXTS["CHECK.empty"], language),
                    QUIET,
                )
            )
        else:
            lines += [(said(each, language), _colour(each)) for each in alike]
    if whole:
        lines.append((getattr(points_of(found), language), QUIET))
    wrong = next((each for each in found if each.state not in ("passed", "missing")), None)
    if wrong is not None:
        lines.append((f"%ganatomy hint {wrong.number}", QUIET))
    return Said(lines)


def _numbered(found: Sequence[Verdict], words: Words, language: Language) -> str:
    """A line on blanks that follow one another."""
    first, last = found[0].number, found[-1].number
    numbers = f"[{first}]" if first == last else f"[{first}]-[{last}]"
    return f"{numbers} {getattr(words, language)}"


def _colour(verdict: Verdict) -> str:
    return RIGHT if verdict.state == "passed" else WRONG


def _line(verdict: Verdict, language: Language) -> str:
    not_run = verdict.state == "missing"
    return said(replace(verdict, message=TEXTS["CHECK.not_run"]) if not_run else verdict, language)


def _hints(assignment: Assignment, number: int, strength: int, language: Language) -> Said:
    if not 1 <= strength <= HINTS:
        raise UsageError(f"%ganatomy hint {number} {strength}: 1 (a question) to {HINTS} (nearly the code)")
    blank = assignment.document.blank(number)
    lines = [f"{each}. {getattr(assignment.hint(blank, each), language)}" for each in range(1, strength + 1)]
    lines += [f"%ganatomy hint {number} {strength + 1}"] if strength < HINTS else []
    return Said([(line, "inherit") for line in lines])
