"""Checking a student's file: each blank alone, in a process that may fail."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganatomy.errors import GanatomyError
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.course import NAME, Course
from ganatomy.lab.assignments.submission import Submission
from ganatomy.lab.assignments.verdict import Verdict
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Language, Words

SECONDS = 30.0
"""Without a verdict, after which a blank counts as endless."""


def check(
    path: Path, numbers: Sequence[int] | None = None, own: Path | None = None, seconds: float = SECONDS
) -> list[Verdict]:
    """The verdict on each blank of a student's notebook or .py file, or on some.

    Args:
        own: a teacher's `course.toml`; else the one beside the file, if there is one.

    Raises:
        UsageError: it is no file of this lab, there is no such blank, or the course is wrong or another one.
        GanatomyError: the check itself failed.
    """
    course = own or path.parent / NAME
    submission = Submission.read(path)
    assignment = Assignment.of(submission, Course.of(course, asked=own is not None))
    asked = [blank.number for blank in assignment.document.blanks] if numbers is None else numbers
    blanks = [assignment.document.blank(number) for number in asked]
    found: dict[int, Verdict] = {}
    while left := [blank.number for blank in blanks if blank.number not in found]:
        lines, how = _run(path, course, left, seconds)
        verdicts = [line for line in lines if "state" in line]
        found |= {line["number"]: Verdict(**{**line, "message": Words(**line["message"])}) for line in verdicts}
        if how != "ended":
            if not lines:
                raise GanatomyError(f"{path} cannot be checked: {how}")
            blank = assignment.document.blank(lines[-1]["begun"])
            filling = submission.fillings.get(blank.number)
            line = None if filling is None else filling.line
            message = TEXTS["CHECK.endless" if how == "endless" else "CHECK.exits"]
            points = assignment.points(blank)
            found[blank.number] = Verdict(blank.number, blank.name, points, "wrong", message, line=line)
    return [found[blank.number] for blank in blanks]


def language_of(path: Path) -> Language:
    """The language of a student's file."""
    return "zh" if Submission.read(path).language == "zh" else "en"


def _run(path: Path, course: Path, numbers: Sequence[int], seconds: float) -> tuple[list[dict[str, Any]], str]:
    """The lines that a process wrote, and whether it has `ended`, was `endless`, or what it printed last as it failed."""
    with tempfile.TemporaryDirectory() as folder:
        result, said = Path(folder) / "result", Path(folder) / "said"
        command = [
            sys.executable,
            "-m",
            f"{__package__}.process",
            str(path.absolute()),
            str(course.absolute()),
            str(result),
            *map(str, numbers),
        ]
        with said.open("wb") as stream:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stream
            )
            size, since = -1, time.monotonic()
            while process.poll() is None:
                time.sleep(0.05)
                now = result.stat().st_size if result.exists() else -1
                if now != size:
                    size, since = now, time.monotonic()
                elif time.monotonic() - since > seconds + (60 if size < 0 else 0):  # torch takes a while to load
                    process.kill()
                    process.wait()
                    return _lines(result), "endless"
        lines = _lines(result)
        complete = bool(lines) and lines[-1].get("number") == numbers[-1]
        last = said.read_text("utf-8", errors="replace").strip().splitlines()
        return lines, "ended" if complete else (last or ["it ended without a word"])[-1]


def _lines(result: Path) -> list[dict[str, Any]]:
    if not result.exists():
        return []
    whole = [line for line in result.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    return [json.loads(line) for line in whole]
