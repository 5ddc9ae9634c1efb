"""Assignments exported for other tools, tried with these tools where they are installed (the extra `graders`)."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from command_line import Command
from ganatomy.errors import UsageError
from ganatomy.lab.assignments import copies
from ganatomy.lab.assignments.assignment import NAMES, Assignment
from ganatomy.lab.assignments.course import Course
from ganatomy.lab.assignments.submission import END_MARK, MARK, Submission
from ganatomy.lab.classroom.export import export
from ganatomy.words import LANGUAGES, Language

COURSE = """
[gan]
given = ["g-first"]
[gan.points]
real-loss = 4
Q1 = 3
[gan.credit]
"g-activation.leaky-relu" = 0.5
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    file = tmp_path / "teacher.toml"
    file.write_text(COURSE, "utf-8")
    return file


def test_solutions_are_complete_and_releases_are_empty(tmp_path: Path) -> None:
    made = {kind: export.export(kind, NAMES, tmp_path / kind, "zh", None) for kind in ("release", "solution")}
    assert [each.name for each in made["release"]] == [f"{name}.{end}" for name in NAMES for end in ("py", "ipynb")]
    for name in NAMES:
        assignment = Assignment.get(name)
        solution = Submission.read(tmp_path / "solution" / f"{name}.ipynb")
        release = Submission.read(tmp_path / "release" / f"{name}.ipynb")
        assert {number: each.text for number, each in solution.fillings.items()} == {
            blank.number: blank.solution.strip("\n") for blank in assignment.document.blanks
        }
        assert not any(release.answers.values())
        assert {key: text for key, text in solution.answers.items() if text} == {
            each.name: each.answer.zh for each in assignment.questions if each.answer
        }
    with pytest.raises(UsageError, match="is there already"):
        export.export("release", ["gan"], tmp_path / "release", "en", None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_solution_is_left_in_an_emptied_cell(name: str, language: Language) -> None:
    assignment = Assignment.get(name)
    solved, empty = copies.with_solutions(assignment, language), copies.for_students(assignment, language)
    assert [copies.emptied(cell.text, assignment) for cell in solved] == [cell.text for cell in empty]


def test_a_course_goes_along_without_its_answers(tmp_path: Path, course: Path, command: Command) -> None:
    course.write_text(
        COURSE + '[[gan.questions]]\nname = "Own"\ntext = "Why?"\nanswer = "Because of the secret."\n', "utf-8"
    )
    for kind in export.MADE:
        done = command("lab", "export", "gan", f"--{kind}", "--out", kind, "--course", course, "--json")
        files = [Path(each) for each in json.loads(done.out)["files"]]
        copied = next(file for file in files if file.name == "course.toml")
        assert "secret" not in copied.read_text("utf-8")
        assert Course.read(copied).gan.points["real-loss"] == 4
    assert "secret" in Path("solution/gan.py").read_text("utf-8")
    assert "secret" not in Path("release/gan.py").read_text("utf-8")
    assert command("lab", "export", "gan").code == 2
    assert command("lab", "export", "gan", "--otter", "--release").code == 2


FILLED = {
    "right": {},
    "partial": {"g-activation": "nn.LeakyReLU(0.1),"},
    "mistaken": {"real-loss": "real_loss = loss_func(D(reals), torch.zeros(len(reals), 1))"},
    "broken": {"d-noise": "noise = torch.randn(", "d-step": "while True:\n    pass"},
    "cheating": {"real-loss": "import ganatomy.lab.assignments.magic as m\nm.award = m.require = lambda *a: 99"},
}
EARNED = {"right": 30, "partial": 29.5, "mistaken": 26, "broken": 27, "cheating": 26}
"""Of 30 points: 29, less 1 for the blank that is given, and 2 more for `real-loss`."""


def submitted(released: Path, place: Path, fillings: Mapping[str, str], course: Path) -> None:
    """A released notebook, filled in."""
    assignment = Assignment.get("gan", Course.read(course))
    blanks = {blank.number: blank for blank in assignment.document.blanks}
    notebook = json.loads(released.read_text("utf-8"))
    for cell in notebook["cells"]:
        lines: list[str] = []
        inside = False
        for line in "".join(cell["source"]).splitlines():
            inside = inside and not END_MARK.match(line)
            if not inside:
                lines.append(line)
            if (found := MARK.match(line)) and cell["cell_type"] == "code":
                blank = blanks[int(found[1])]
                code = fillings.get(blank.name, blank.solution)
                lines += [f"{blank.indent}{each}" for each in code.splitlines()]
                inside = True
        cell["source"] = "\n".join(lines)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(notebook), "utf-8")


def ran(folder: Path, *words: object) -> str:
    """What a tool of this environment printed."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [str(word) for word in words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_nbgrader_releases_and_grades_it(tmp_path: Path, course: Path) -> None:
    pytest.importorskip("nbgrader")
    export.export("nbgrader", ["gan"], tmp_path / "n", "en", course)
    ran(tmp_path / "n", "nbgrader", "generate_assignment", "gan")
    released = tmp_path / "n" / "release" / "gan" / "gan.ipynb"
    assert not next(iter(Submission.read(released).fillings.values())).text.strip(". reals=")
    for student, fillings in FILLED.items():
        submitted(released, tmp_path / "n" / "submitted" / student / "gan" / "gan.ipynb", fillings, course)
        shutil.copy(released.with_name("course.toml"), tmp_path / "n" / "submitted" / student / "gan" / "course.toml")
    ran(tmp_path / "n", "nbgrader", "autograde", "gan")
    ran(tmp_path / "n", "nbgrader", "generate_feedback", "gan")
    ran(tmp_path / "n", "nbgrader", "export")
    rows = csv.DictReader((tmp_path / "n" / "grades.csv").read_text("utf-8").splitlines())
    assert {row["student_id"]: float(row["score"]) for row in rows} == EARNED
    page = (tmp_path / "n" / "feedback" / "mistaken" / "gan" / "gan.html").read_text("utf-8")
    assert "labels-swapped" in page


@pytest.mark.slow
def test_otter_assigns_and_grades_it(tmp_path: Path, course: Path) -> None:
    pytest.importorskip("otter")
    export.export("otter", ["gan"], tmp_path / "o", "en", course)
    folder = tmp_path / "o" / "gan"
    said = ran(folder, "otter", "assign", "-v", "gan.ipynb", "dist")
    assert "All autograder tests passed" in said
    (bundle,) = (folder / "dist" / "autograder").glob("*-autograder_*.zip")
    released = folder / "dist" / "student" / "gan.ipynb"
    assert "torch.ones_like" not in released.read_text("utf-8")
    for student, fillings in FILLED.items():
        place = tmp_path / "subs" / student / "gan.ipynb"
        submitted(released, place, fillings, course)
        (tmp_path / "res" / student).mkdir(parents=True)
        ran(tmp_path, "otter", "run", "-a", bundle, "-o", tmp_path / "res" / student, "--no-logo", place)
        found = json.loads((tmp_path / "res" / student / "results.json").read_text("utf-8"))
        assert sum(each.get("score", 0) for each in found["tests"]) == EARNED[student]
        if student == "mistaken":
            assert "labels-swapped" in json.dumps(found)
