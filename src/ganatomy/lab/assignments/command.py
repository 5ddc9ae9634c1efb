"""What `ganatomy lab` does for students."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganatomy import paths
from ganatomy.errors import UsageError
from ganatomy.lab.assignments import checking, running, starting
from ganatomy.lab.assignments.assignment import HINTS, Assignment
from ganatomy.lab.assignments.course import NAME, Course
from ganatomy.lab.assignments.starting import Format
from ganatomy.lab.assignments.submission import Submission
from ganatomy.lab.assignments.verdict import points_of, said
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Language, filled


@dataclass(frozen=True)
class Answer:
    """For programs, and for people."""

    tree: Any
    lines: list[str]
    passed: bool = True


def start(name: str, folder: Path, language: Language, form: Format, course: Path | None) -> Answer:
    """Write a student's copy."""
    file = starting.start(name, folder, language, form, course)
    submission = Submission.read(file)
    blanks, assignment = len(submission.fillings), Assignment.of(submission, Course.of(file.parent / NAME))
    points = f"{sum(map(assignment.points, assignment.document.blanks)):g}"
    made = getattr(filled(TEXTS["CHECK.made"], file=paths.text(file), blanks=blanks, points=points), language)
    return Answer(
        {"file": str(file), "blanks": blanks}, [made, f"next: {paths.command('ganatomy', 'lab', 'check', file)}"]
    )


def check(file: Path, number: int | None, language: Language | None) -> Answer:
    """The verdicts on a student's file, in its language or another."""
    submission = Submission.read(file)
    verdicts = checking.check(file, None if number is None else [number])
    asked = _language(submission, language)
    lines, tree = [], []
    for each in verdicts:
        place = "" if each.line is None or each.state in ("passed", "empty") else f"{paths.text(file)}:{each.line}: "
        lines.append(f"{place}{said(each, asked)}")
        tree.append(
            {
                "number": each.number,
                "blank": each.name,
                "state": each.state,
                "mistake": each.mistake,
                "line": each.line,
                "points": [each.earned, each.points],
                "message": {"en": each.message.en, "zh": each.message.zh},
            }
        )
    earned, points = sum(each.earned for each in verdicts), sum(each.points for each in verdicts)
    if fault := checking.fault_of(file, paths.text(file), verdicts):
        lines.append(getattr(fault, asked))
    lines += ["", getattr(points_of(verdicts), asked)]
    wrong = next((each for each in verdicts if each.state != "passed"), None)
    if wrong is not None:
        lines.append(f"next: {paths.command('ganatomy', 'lab', 'hint', file, str(wrong.number))}")
    return Answer(
        {"file": str(file), "blanks": tree, "points": [earned, points]}, lines, wrong is None and fault is None
    )


def run(file: Path, language: Language | None, say: Callable[[str], None]) -> Answer:
    """Train a student's code, and the reference."""
    asked = _language(Submission.read(file), language)
    ran = running.run(file, say)
    mine, reference = (f"{fid:.4g}" for fid in ran.fid)
    fids = filled(TEXTS["CHECK.fids"], mine=mine, reference=reference, steps=f"{ran.mine.update:,}")
    found = [each.text(asked) for each in ran.findings] or [getattr(TEXTS["CHECK.no_mistake"], asked)]
    lines = [
        getattr(fids, asked),
        *found,
        f"comparison: {ran.picture}",
        f"report: {ran.report}",
        "next: open it in a browser",
    ]
    tree = {
        "run": str(ran.mine.path),
        "reference": str(ran.reference.path),
        "fid": {"mine": ran.fid[0], "reference": ran.fid[1]},
        "findings": [each.as_json() for each in ran.findings],
        "comparison": str(ran.picture),
        "report": str(ran.report),
    }
    return Answer(tree, lines)


def hint(file: Path, number: int, strength: int, language: Language | None) -> Answer:
    """Hints on a blank of a student's file, up to a strength.

    Raises:
        UsageError: no such blank.
    """
    if not 1 <= strength <= HINTS:
        raise UsageError(f"--strength {strength}: 1 (a question) to {HINTS} (nearly the code)")
    submission = Submission.read(file)
    assignment = Assignment.of(submission, Course.of(file.parent / NAME))
    blank = assignment.document.blank(number)
    asked = _language(submission, language)
    hints = [getattr(assignment.hint(blank, each), asked) for each in range(1, strength + 1)]
    lines = [
        f"[{number}] {getattr(assignment.task(blank), asked)}",
        *(f"  {place}. {text}" for place, text in enumerate(hints, 1)),
    ]
    if strength < HINTS:
        more = paths.command("ganatomy", "lab", "hint", file, str(number), "--strength", str(strength + 1))
        lines.append(f"next: {more}")
    return Answer({"number": number, "blank": blank.name, "hints": hints}, lines)


def _language(submission: Submission, asked: Language | None) -> Language:
    return asked or submission.language
