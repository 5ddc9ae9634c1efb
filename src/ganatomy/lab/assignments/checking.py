"""Checking a student's file: each blank alone, in a process that may fail."""

from __future__ import annotations

import json
import shutil
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
from ganatomy.lab.assignments.starting import without_answers
from ganatomy.lab.assignments.submission import Submission, no_python
from ganatomy.lab.assignments.verdict import Verdict, verdict_on
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words, filled

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
        begun = 0
        for line in lines:
            if "begun" in line:
                begun = int(line["begun"])
            elif begun in left and begun not in found:
                blank = assignment.document.blank(begun)
                filling, message = submission.fillings.get(begun), Words(**line["message"])
                found[begun] = verdict_on(assignment, blank, line["state"], message, filling, line["mistake"])
        if how != "ended" or not lines:
            if begun not in left:
                raise GanatomyError(f"{path} cannot be checked: {how}")
            if begun not in found:
                blank, filling = assignment.document.blank(begun), submission.fillings.get(begun)
                message = TEXTS["CHECK.endless" if how == "endless" else "CHECK.exits"]
                found[begun] = verdict_on(assignment, blank, "wrong", message, filling)
    return [found[blank.number] for blank in blanks]


def fault_of(path: Path, name: str, verdicts: Sequence[Verdict]) -> Words | None:
    """Why Python does not take a file, where no verdict says so: the checks see blanks alone.

    Args:
        name: of the file, in what is said.
    """
    if any(each.state in ("mistake", "wrong") for each in verdicts) or (fault := no_python(path)) is None:
        return None
    return filled(TEXTS["CHECK.not_python"], place=f"{name}{fault[0]}", error=fault[1])


def _run(path: Path, course: Path, numbers: Sequence[int], seconds: float) -> tuple[list[dict[str, Any]], str]:
    """The lines that a process wrote, and whether it has `ended`, was `endless`, or what it printed last as it failed."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as work:
        # Copies: a student's code finds neither other files nor a course's model answers beside its own.
        file, own = Path(work) / f"submission{path.suffix.lower()}", Path(work) / NAME
        shutil.copyfile(path, file)
        if course.is_file():
            own.write_text(without_answers(course), encoding="utf-8")
        result, said = Path(folder) / "result", Path(folder) / "said"
        command = [
            sys.executable,
            "-m",
            f"{__package__}.process",
            *map(str, (file, own, result)),
            *map(str, numbers),
        ]
        with said.open("wb") as stream:
            process = subprocess.Popen(
                command, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stream
            )
            size, started = -1, time.monotonic()
            since = started
            while process.poll() is None:
                time.sleep(0.05)
                now, passed = result.stat().st_size if result.exists() else -1, time.monotonic()
                if now != size:
                    size, since = now, passed
                loading = 60 if size < 0 else 0  # torch takes a while
                if passed - since > seconds + loading or passed - started > seconds * len(numbers) + 60:
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
    *whole, _ = result.read_text("utf-8").split("\n")
    return [json.loads(line) for line in whole]
