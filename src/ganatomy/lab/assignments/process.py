"""Checks a submission's blanks in a process of its own: `python -m ganatomy.lab.assignments.process FILE COURSE RESULT BLANK...`.

What a student wrote may loop for ever, print without end or call `exit`; none of that reaches who asked, and `limits` says what
else it may not do. RESULT gets a line when a
blank is begun, and one with its verdict.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from ganatomy.lab.assignments import limits
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.course import Course
from ganatomy.lab.assignments.submission import Submission
from ganatomy.lab.assignments.verdict import Judge


def main(file: str, course: str, result: str, *numbers: str) -> None:
    torch.set_num_threads(1)
    del sys.argv[1:]
    submission = Submission.read(Path(file))
    judge = Judge(submission, Assignment.of(submission, Course.of(Path(course))))
    with Path(result).open("w", encoding="utf-8") as out:
        limits.apply(Path.cwd())

        def write(line: dict[str, Any]) -> None:
            out.write(json.dumps(line) + "\n")
            out.flush()

        for number in map(int, numbers):
            write({"begun": number})
            found = judge.verdict(number)
            message = {"en": found.message.en, "zh": found.message.zh}
            write({"number": number, "state": found.state, "mistake": found.mistake, "message": message})


if __name__ == "__main__":
    main(*sys.argv[1:])
