"""What `nbgrader_config.py` of an exported course loads; needs nbgrader."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import v4
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    IgnorePattern,
    IncludeHeaderFooter,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    SaveAutoGrades,
    SaveCells,
)

from ganatomy.errors import GanatomyError
from ganatomy.lab.assignments import checking
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.copies import emptied
from ganatomy.lab.assignments.course import NAME, Course
from ganatomy.lab.assignments.submission import Submission
from ganatomy.lab.assignments.verdict import said


def configure(config: Any) -> None:
    """Set nbgrader's steps: ours in place of those that clear solutions and that run the notebook."""
    config.OverwriteCells.add_missing_cells = True
    config.GenerateAssignment.preprocessors = [
        IncludeHeaderFooter,
        LockCells,
        Emptied,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ]
    config.Autograde.autograde_preprocessors = [
        JudgedByText,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]


class Emptied(NbGraderPreprocessor):
    """Puts the assignment's placeholders in place of the solutions, and takes the model answers out."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        with _written(nb) as file:
            submission = Submission.read(file)
        assignment = Assignment.of(submission, Course.of(_course(resources)))
        for cell in nb.cells:
            cell.source = emptied(cell.source, assignment)
        return nb, resources


class JudgedByText(NbGraderPreprocessor):
    """Writes the outputs of test cells from the text of the blanks; nothing of the notebook is run here."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        verdicts, problem = {}, ""
        with _written(nb) as file:
            try:
                course = _course(resources)
                found = checking.check(file, own=course if course.is_file() else None)
                verdicts = {each.number: each for each in found}
                language = Submission.read(file).language
            except GanatomyError as error:
                problem = str(error)
                self.log.error("%s", problem)
        for cell in nb.cells:
            marks = cell.metadata.get("nbgrader", {})
            kind, _, number = marks.get("grade_id", "").partition("-")
            if kind == "blank" and number.isdigit():
                verdict = verdicts.get(int(number))
                earned = marks["points"] * verdict.credit if verdict else 0.0
                text = said(verdict, language) if verdict else problem
                cell.outputs = [
                    v4.new_output("stream", name="stdout", text=f"{text}\n"),
                    v4.new_output("execute_result", data={"text/plain": str(float(earned))}, execution_count=1),
                ]
        return nb, resources


@contextmanager
def _written(nb: Any) -> Iterator[Path]:
    """A notebook's code as a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "notebook.ipynb"
        file.write_text(nbformat.writes(nb), encoding="utf-8")
        yield file


def _course(resources: Any) -> Path:
    """The teacher's `course.toml`, which nbgrader puts beside the notebook."""
    return Path(resources["metadata"]["path"]) / NAME
