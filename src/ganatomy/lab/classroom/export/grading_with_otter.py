"""The plugin of an exported assignment that scores it; needs otter-grader."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from otter.plugins import AbstractOtterPlugin

from ganatomy.lab.assignments import checking
from ganatomy.lab.assignments.course import NAME
from ganatomy.lab.assignments.submission import Submission
from ganatomy.lab.assignments.verdict import Verdict, said
from ganatomy.lab.classroom.export.otter import numbers_of


class JudgedByText(AbstractOtterPlugin):
    """Sets each question's score from the text of its blanks; nothing of the submission is run in the kernel that has the tests."""

    IMPORTABLE_NAME = f"{__name__}.JudgedByText"

    _found: Mapping[int, Verdict]
    _language: str

    def before_execution(self, submission: Any) -> Any:
        """Called by otter with the notebook that it is about to run."""
        course = Path.cwd() / NAME
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "notebook.ipynb"
            file.write_text(nbformat.writes(submission), encoding="utf-8")
            found = checking.check(file, own=course if course.is_file() else None)
            self._language = Submission.read(file).language
        self._found = {each.number: each for each in found}
        submission.cells = [cell for cell in submission.cells if cell.cell_type != "code"]
        return submission

    def after_grading(self, results: Any) -> None:
        """Called by otter with all results of a submission."""
        for name, result in results.results.items():
            verdicts = [self._found[number] for number in numbers_of(name)]
            if verdicts:
                results.update_score(name, sum(each.earned for each in verdicts))
            for case, verdict in zip(result.test_case_results, verdicts, strict=False):
                case.passed = verdict.state == "passed"
                case.message = said(verdict, self._language)
