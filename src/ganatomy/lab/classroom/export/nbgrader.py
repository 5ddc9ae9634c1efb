"""An assignment as nbgrader's course folder has it: `source/NAME/NAME.ipynb` with solutions, test cells and points.

`grading_with_nbgrader` is what nbgrader's own configuration loads: the released copies get the assignment's placeholders, and blanks
are graded by the text of a submission, outside of its kernel, so that no student's code can change its own grade.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ganatomy.lab.assignments import copies
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.copies import CellCopy
from ganatomy.lab.assignments.notebook import NotebookCell, as_json
from ganatomy.words import Language

CONFIG = '''"""nbgrader's settings for the lab. Try it: nbgrader generate_assignment gan"""

from ganatomy.lab.classroom.export import grading_with_nbgrader

c = get_config()  # noqa: F821  nbgrader's
c.CourseDirectory.course_id = "gan-lab"
grading_with_nbgrader.configure(c)
'''


def source(assignment: Assignment, language: Language) -> str:
    """The notebook for `nbgrader generate_assignment`."""
    made = copies.with_solutions(assignment, language)
    return as_json([each for number, cell in enumerate(made) for each in _cells(assignment, number, cell)])


def _cells(assignment: Assignment, number: int, cell: CellCopy) -> Iterator[NotebookCell]:
    if cell.kind == "check":
        if not cell.blanks:
            return  # `%load_ext`, which test cells do without
        for blank in cell.blanks:
            points = assignment.points(blank)
            text = f"from ganatomy.lab.assignments.magic import award\n\naward({blank.number}, {points:g})"
            yield NotebookCell(
                "code", text, _marked(f"blank-{blank.number}", "code", grade=True, locked=True, points=points)
            )
    elif cell.question is not None:
        name, points = f"question-{cell.question.name}", cell.question.points
        yield NotebookCell("markdown", cell.text, _marked(name, "markdown", grade=True, solution=True, points=points))
    elif cell.blanks:
        yield NotebookCell("code", cell.text, _marked(f"cell-{number}", "code", solution=True))
    else:
        yield NotebookCell(cell.kind, cell.text, _marked(f"cell-{number}", cell.kind, locked=True))


def _marked(
    name: str, kind: str, grade: bool = False, solution: bool = False, locked: bool = False, points: float | None = None
) -> dict[str, Any]:
    marks = {
        "schema_version": 3,
        "grade_id": name,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "cell_type": kind,
    }
    return {"nbgrader": marks if points is None else marks | {"points": points}}
