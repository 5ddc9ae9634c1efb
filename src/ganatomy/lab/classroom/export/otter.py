"""An assignment as `otter assign` reads it: questions between raw cells, a test for each blank.

A test says in the student's notebook what is wrong; the score is `grading_with_otter`'s, which judges the text of the submission, so
that no student's code can change its own grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ganatomy.lab.assignments import copies
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.copies import CellCopy
from ganatomy.lab.assignments.course import NAME
from ganatomy.lab.assignments.document import Blank
from ganatomy.lab.assignments.notebook import NotebookCell, as_json, raw
from ganatomy.words import Language

PLUGIN = "ganatomy.lab.classroom.export.grading_with_otter.JudgedByText"


def source(assignment: Assignment, language: Language, with_course: bool) -> str:
    """The notebook for `otter assign`.

    Args:
        with_course: whether a `course.toml` lies beside it.
    """
    made = copies.with_solutions(assignment, language)
    cells = [raw(*_config(assignment, with_course))]
    for cell in made:
        if cell.kind == "check":
            continue  # otter's own cells check
        if cell.question is not None:
            cells += _written_question(cell)
        elif cell.blanks:
            cells += _question(_name(cell), cell, assignment)
        else:
            cells.append(NotebookCell(cell.kind, cell.text))
    return as_json(cells)


def _config(assignment: Assignment, with_course: bool) -> Iterator[str]:
    yield "# ASSIGNMENT CONFIG"
    yield f"name: {assignment.name}"
    if with_course:
        yield f"files: [{NAME}]"
    yield from ("tests:", "    ok_format: false", "export_cell:", "    pdf: false", "    run_tests: false")
    yield from ("generate:", "    pdf: false", "    show_all_public: true", f"    plugins: [{PLUGIN}]")


def _name(cell: CellCopy) -> str:
    """Of otter's question about a cell: `blanks_2_7`."""
    return f"blanks_{cell.blanks[0].number}_{cell.blanks[-1].number}"


def numbers_of(name: str) -> range:
    """The blanks of a question by its name; none where it is answered in words."""
    found = re.fullmatch(r"blanks_(\d+)_(\d+)", name)
    return range(int(found[1]), int(found[2]) + 1) if found else range(0)


def _question(name: str, cell: CellCopy, assignment: Assignment) -> list[NotebookCell]:
    return [
        raw("# BEGIN QUESTION", f"name: {name}"),
        raw("# BEGIN SOLUTION"),
        NotebookCell("code", _with_prompts(cell.text, {blank.number: blank for blank in cell.blanks})),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        *(_test(blank, assignment) for blank in cell.blanks),
        raw("# END TESTS"),
        raw("# END QUESTION"),
    ]


def _test(blank: Blank, assignment: Assignment) -> NotebookCell:
    function = f"blank_{blank.number}"
    return NotebookCell(
        "code",
        f'""" # BEGIN TEST CONFIG\npoints: {assignment.points(blank):g}\n""" # END TEST CONFIG\n'
        f"def {function}(env):\n"
        "    from ganatomy.lab.assignments.magic import require\n"
        f"    require({blank.number})\n"
        f"{function}(env=globals())",
    )


def _with_prompts(text: str, blanks: dict[int, Blank]) -> str:
    """A cell's code with otter's marks around each solution, and the placeholder in a prompt."""
    lines: list[str] = []
    for line in text.splitlines():
        begins, ends = re.match(r"(\s*)# \[(\d+)\]", line), re.match(r"(\s*)# \[/(\d+)\]", line)
        if ends:
            lines.append(f"{ends[1]}# END SOLUTION")
            if placeholder := blanks[int(ends[2])].placeholder:
                prompt = [f"{ends[1]}{each}" for each in placeholder.splitlines()]
                lines += [f'{ends[1]}""" # BEGIN PROMPT', *prompt, f'{ends[1]}""" # END PROMPT']
        lines.append(line)
        if begins:
            lines.append(f"{begins[1]}# BEGIN SOLUTION NO PROMPT")
    return "\n".join(lines)


def _written_question(cell: CellCopy) -> list[NotebookCell]:
    assert cell.question is not None
    asked, _, answer = cell.text.partition("\n\n*")
    return [
        raw("# BEGIN QUESTION", f"name: {cell.question.name}", "manual: true", f"points: {cell.question.points:g}"),
        NotebookCell("markdown", asked),
        raw("# BEGIN SOLUTION"),
        NotebookCell("markdown", "*" + answer),
        raw("# END SOLUTION"),
        raw("# END QUESTION"),
    ]
