"""A teacher's own edition of an assignment, and checks in a notebook's cells."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

import ganatomy
from command_line import Command
from ganatomy.errors import UsageError
from ganatomy.lab.assignments import checking, copies, magic, starting
from ganatomy.lab.assignments.assignment import NAMES, Assignment
from ganatomy.lab.assignments.course import Course, Edition
from ganatomy.lab.assignments.submission import Submission, cells_of

COURSE = """
title = "Deep learning, autumn"

[gan]
data = "mnist"
epochs = 3
given = ["g-first", "g-output"]
without = ["Q2"]

[gan.points]
real-loss = 5
Q1 = 4

[gan.credit]
"real-loss.labels-swapped" = 0.2

[[gan.blanks]]
name = "loss"
hides = "loss_func = nn.BCELoss()"
instead = "loss_func = ..."
observe = ["loss_func(torch.tensor([0.2, 0.9]), torch.tensor([1.0, 0.0]))"]
points = 2
task = { en = "The loss of a probability.", zh = "概率的损失。" }
hints = ["Which loss compares a probability with a label?"]

[[gan.blanks.mistakes]]
name = "squared"
code = "loss_func = nn.MSELoss()"
text = "You square the error; D gives probabilities, so use the cross-entropy."

[[gan.blanks]]
name = "whole-loss"
hides = "loss_D = real_loss + fake_loss"
instead = "loss_D = ..."
like = ["d-step"]
task = "D's whole loss."

[[gan.questions]]
name = "Own"
text = { en = "What surprised you?", zh = "什么让你惊讶？" }
answer = "Anything honest."
points = 3
"""


OWN = '[[gan.blanks]]\nname = "own"\ntask = "t"\nhides = "{hides}"\nobserve = ["{observe}"]'


@pytest.fixture
def course(tmp_path: Path) -> Path:
    file = tmp_path / "teacher" / "course.toml"
    file.parent.mkdir()
    file.write_text(COURSE, "utf-8")
    return file


@pytest.fixture
def file(tmp_path: Path, course: Path) -> Path:
    return starting.start("gan", tmp_path / "lab", "en", "py", course)


def fill(file: Path, name: str, code: str) -> int:
    """Put code into a blank of a student's file; returns the blank's number."""
    assignment = Assignment.of(Submission.read(file), Course.of(file.parent / "course.toml"))
    blank = next(each for each in assignment.document.blanks if each.name == name)
    head, _, rest = file.read_text("utf-8").partition(f"# [{blank.number}] ")
    task, _, rest = rest.partition("\n")
    tail = rest[rest.index(f"{blank.indent}# [/{blank.number}]") :]
    code = "".join(f"{blank.indent}{line}\n" for line in code.splitlines())
    file.write_text(f"{head}# [{blank.number}] {task}\n{code}{tail}", "utf-8")
    return blank.number


def test_a_course_adds_and_removes_blanks_and_questions(file: Path) -> None:
    text = file.read_text("utf-8")
    plain, own = (Assignment.get("gan", each) for each in (None, Course.read(file.parent / "course.toml")))
    names = [blank.name for blank in own.document.blanks]
    assert {*names} ^ {blank.name for blank in plain.document.blanks} == {"g-first", "g-output", "loss", "whole-loss"}
    assert [question.name for question in own.questions] == ["Q1", "Q7", "Graph", "Own"]
    assert 'data, epochs, batch_size = "mnist", 3, 128' in text
    assert "nn.Linear(input_dim, hidden_dim),\n            # [" in text
    assert "loss_func = ...\n" in text
    assert "What surprised you?" in text
    assert "honest" not in text + (file.parent / "course.toml").read_text("utf-8")
    assert [*Submission.read(file).answers] == ["Q1", "Q7", "Graph", "Own"]


def test_own_blanks_are_checked_and_hinted(file: Path, command: Command) -> None:
    number = fill(file, "loss", "loss_func = nn.MSELoss()")
    (found,) = checking.check(file, [number])
    assert (found.mistake, found.earned, found.message.zh) == ("squared", 0, found.message.en)
    assert "probability with a label" in command("lab", "hint", file, number).out
    fill(file, "loss", "loss_func = nn.functional.binary_cross_entropy")
    other = fill(file, "whole-loss", "loss_D = fake_loss")
    right, wrong = checking.check(file, [number, other])
    assert (right.state, wrong.mistake) == ("passed", "variable-missing")
    assert "does not use `real_loss`" in wrong.message.en
    fill(file, "whole-loss", "loss_D = fake_loss + real_loss")
    assert [each.state for each in checking.check(file, [other])] == ["passed"]


def test_credit_and_points_are_the_teachers(file: Path, course: Path, command: Command, tmp_path: Path) -> None:
    fill(file, "real-loss", "real_loss = loss_func(D(reals), torch.zeros(len(reals), 1))")
    altered = file.parent / "course.toml"
    altered.write_text(altered.read_text("utf-8").replace("real-loss = 5", "real-loss = 500"), "utf-8")
    done = command("lab", "grade", file.parent, "--course", course, "--out", tmp_path / "grades.csv", "--json")
    (graded,) = json.loads(done.out)["files"]
    assert graded["points"][0] == 1
    rows = (tmp_path / "grades.csv").read_text("utf-8-sig").splitlines()
    assert rows[0].endswith("Q1,Q7,Graph,Own")
    assert rows[1].endswith("empty,empty,empty,empty")


def test_a_file_needs_the_course_that_it_was_made_with(file: Path, tmp_path: Path, command: Command) -> None:
    (file.parent / "course.toml").unlink()
    with pytest.raises(UsageError, match=r"put the course\.toml that it was made with beside it"):
        checking.check(file)
    assert command("lab", "hint", file, 1).code == 2
    plain = starting.start("gan", tmp_path / "plain", "en", "py")
    with pytest.raises(UsageError, match=r"another course\.toml, or none"):
        checking.check(plain, own=tmp_path / "teacher" / "course.toml")


def test_a_second_course_in_the_folder_is_refused(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[dcgan]\nepochs = 3\n", "utf-8")
    with pytest.raises(UsageError, match="another one"):
        starting.start("dcgan", file.parent, "en", "py", other)
    assert not (file.parent / "dcgan.py").exists()
    assert starting.start("dcgan", file.parent, "en", "py").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gan", "cannot be read"),
        ("[gam]", "gam"),
        ("[gan]\nepochs = 0", "epochs"),
        ('[gan]\ngiven = ["g-frist"]', "g-first"),
        ('[gan]\nwithout = ["Q9"]', "without: unknown 'Q9'"),
        ("[gan.points]\nrael-loss = 3", "real-loss"),
        ('[gan.credit]\n"real-loss.nothing" = 1', "credit"),
        ('[gan.credit]\n"real-loss.labels-swapped" = 2', "credit"),
        ('[[gan.blanks]]\nname = "a"\nhides = "x = 1"\ntask = "t"\nobserve = ["x"]', "nowhere outside of blanks"),
        ('[[gan.blanks]]\nname = "a"\nhides = "import torch"\ntask = "t"', "observe"),
        ('[[gan.blanks]]\nname = "a"\nhides = "import torch"\ntask = "t"\nlike = ["d-stpe"]', "d-step"),
        (OWN.format(hides="", observe="1"), "at least one line"),
        (OWN.format(hides="input_dim, hidden_dim, output_dim = 100, 256, 28 * 28", observe="inptu_dim"), "NameError"),
        (OWN.format(hides="loss_func = nn.BCELoss()", observe="loss_func"), "cannot be compared"),
        (OWN.format(hides="steps = epochs * -(-len(images) // batch_size)", observe="1"), "training cell"),
        (OWN.replace('"own"', '"my own"').format(hides="import torch", observe="1"), "name"),
        ('[[gan.questions]]\nname = "Q1"\ntext = "Why?"', "there already"),
    ],
)
def test_a_wrong_course_is_a_clear_error(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said):
        starting.start("gan", tmp_path / "lab", "en", "py", tmp_path / "course.toml")
    assert not (tmp_path / "lab").exists()


def test_the_course_of_the_90_minutes_fits() -> None:
    course = Course.read(Path(__file__).parents[1] / "docs" / "course-90-minutes.toml")
    assert all(Assignment.get(name, course).document.blanks for name in NAMES)


# ---- in a notebook's cells


def ran(file: Path) -> list[str]:
    """The sources of a notebook's cells, as IPython keeps them."""
    return [text for kind, text in cells_of(file) if kind == "code"]


def test_a_cell_says_what_is_wrong_with_what_was_run_last(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    number = fill(file, "loss", "loss_func = nn.MSELoss()")
    history = ran(file)
    assert "(squared)" in repr(magic.answer(f"check {number}", history))
    fill(file, "loss", "loss_func = nn.BCELoss()")
    again = [*history, *(text for text in ran(file) if "nn.BCELoss()" in text)]
    assert repr(magic.answer(f"check {number}", again)) == f"[{number}] right"
    assert repr(magic.answer("check 1-3,5", again)).splitlines()[:2] == ["[1]-[3] empty", "[5] empty"]
    assert "points" in repr(magic.answer("check", again))
    html = magic.answer("check 1-3", again)._repr_html_()
    assert html.count("<div") == 3
    hint = repr(magic.answer(f"hint {number}", again))
    assert "Which loss" in hint
    assert f"%ganatomy hint {number} 2" in hint


def test_a_cell_that_was_not_run_is_said_to_be(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    first = ran(file)[0]
    assert "[2] not run yet" in repr(magic.answer("check 2", [first]))
    with pytest.raises(UsageError, match="run the first cell"):
        magic.answer("check 2", ["x = 1"])
    for line in ("", "check a", "hint", "hint 1 2 3", "chek 1", "check 3-"):
        with pytest.raises(UsageError):
            magic.answer(line, [first])


def test_a_cell_with_damaged_marks_may_be_repaired(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    cells = ran(file)
    damaged = [each.replace("    # [/1]\n", "") for each in cells[:3]]
    with pytest.raises(UsageError, match="the cell that you ran last"):
        magic.answer("check 1", damaged)
    assert repr(magic.answer("check 1", [*damaged, *cells[:3]])).startswith("[1] empty")
    with pytest.raises(UsageError, match="smaller number first"):
        magic.answer("check 3-1", cells)


def test_ipython_gets_the_magic(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(file.parent)
    known = {}
    shell = SimpleNamespace(
        history_manager=SimpleNamespace(input_hist_raw=ran(file)),
        register_magic_function=lambda function, kind, name: known.update({name: function}),
    )
    ganatomy.load_ipython_extension(shell)
    assert repr(known["ganatomy"]("check 1")) == "[1] empty\n%ganatomy hint 1"
    assert known["ganatomy"]("chek 1") is None
    assert "give one of %ganatomy check" in capsys.readouterr().out
    monkeypatch.setattr(magic, "_shell", lambda: shell)
    assert magic.award(1, 3) == 0
    with pytest.raises(AssertionError, match=r"\[2\] empty"):
        magic.require(2)
    fill(file, "data-range", "reals = images.float() / 127.5 - 1")
    shell.history_manager.input_hist_raw.extend(ran(file))
    assert magic.award(1, 3) == 3


@pytest.mark.parametrize("name", NAMES)
def test_each_cell_with_blanks_is_followed_by_its_check(name: str) -> None:
    cells = copies.for_students(Assignment(name, Edition()), "en")
    for cell, following in pairwise(cells):
        if cell.kind == "code" and cell.blanks:
            first, last = cell.blanks[0].number, cell.blanks[-1].number
            assert magic.numbers(following.text.removeprefix("%ganatomy check ")) == [*range(first, last + 1)]
