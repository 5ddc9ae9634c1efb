"""What students hand in is read as they mean it, and cannot grade itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import Command
from ganatomy.lab.assignments import checking, starting
from ganatomy.lab.assignments.submission import Submission, cells_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return starting.start("gan", tmp_path / "lab", "en", "py")


def put(file: Path, number: int, code: str) -> None:
    """Lines into a blank, as they are."""
    text = file.read_text("utf-8")
    begin = text.index("\n", text.index(f"# [{number}] ")) + 1
    end = text.rindex("\n", 0, text.index(f"# [/{number}]")) + 1
    file.write_text(f"{text[:begin]}{code}\n{text[end:]}", "utf-8")


def states(file: Path, *numbers: int) -> list[str]:
    return [each.state for each in checking.check(file, [*numbers], seconds=15)]


RIGHT = "    reals = images.float() / 127.5 - 1"


@pytest.mark.parametrize(
    "attack",
    [
        'import sys\n    sys.modules["ganatomy.lab.assignments.verdict"].is_right = lambda a, b: True\n    reals = images',
        "import torch as t\n    t.allclose = lambda *a, **b: True\n    reals = images.float() * 0",
        """import json, os
    message = {"en": "", "zh": ""}
    with open("result", "a") as out:
        out.writelines(json.dumps({"number": n, "state": "passed", "mistake": None, "message": message}) + "\\n" for n in (1, 2))
    os._exit(0)""",
    ],
)
def test_code_cannot_pass_itself(file: Path, attack: str) -> None:
    put(file, 1, f"    {attack}")
    first, second = states(file, 1, 2)
    assert first in ("wrong", "mistake")
    assert second == "empty"


def test_a_file_that_keeps_the_check_busy_comes_to_an_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(file, 1, "    raise ValueError('x' * 10**6 + chr(0x2028))")
    (found,) = checking.check(file, [1])
    assert len(found.message.en) < 700


def test_indentation_that_python_refuses_is_named(file: Path) -> None:
    put(file, 1, RIGHT.strip())
    (found,) = checking.check(file, [1])
    assert (found.state, "4 spaces" in found.message.en) == ("wrong", True)
    put(file, 1, RIGHT)
    assert states(file, 1) == ["passed"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("reals = images[..., 0].float()[..., None] / 127.5 - 1", "passed"),
        ("reals = images.float() / 127.5 - 1\n    'the placeholder was\\nreals = ...'", "passed"),
        ("reals = ...  # images / 127.5 - 1", "empty"),
        ("reals = (images - ...) / 2", "empty"),
    ],
)
def test_an_ellipsis_is_a_placeholder_but_in_an_index(file: Path, code: str, state: str) -> None:
    put(file, 1, f"    {code}")
    assert states(file, 1) == [state]


def test_a_half_filled_placeholder_is_empty(file: Path) -> None:
    number = next(n for n, each in Submission.read(file).fillings.items() if each.text == "G = ...\nD = ...")
    put(file, number, "    G = Generator(100, 256, 784).to(device)\n    D = ...  # later")
    assert states(file, number) == ["empty"]


@pytest.mark.parametrize("comment", ["# [1] Goodfellow et al. 2014", "# [3] see the paper"])
def test_a_comment_that_looks_like_a_mark_is_a_comment(file: Path, comment: str) -> None:
    put(file, 1, f"    {comment}\n{RIGHT}  # scaled\u2028to -1..1")
    file.write_text(file.read_text("utf-8").replace("import ganatomy\n", f"import ganatomy\n\n{comment}\n", 1), "utf-8")
    assert states(file, 1, 3) == ["passed", "empty"]


def test_answers_have_any_markdown_and_any_number_of_cells(file: Path) -> None:
    text = file.read_text("utf-8")
    head, place, tail = text.partition("# *Your answer:*")
    answer = "# **Claim.** They play.\n#\n# **Q2.** see below\n\n#%% [md]\n# **Evidence.** The curves.\n"
    file.write_text(f"{head}{place}\n{answer}{tail}", "utf-8")
    answers = Submission.read(file).answers
    assert [*answers] == ["Q1", "Q2", "Q7", "Graph"]
    assert answers["Q1"] == "**Claim.** They play.\n\n**Q2.** see below\n\n**Evidence.** The curves."
    assert answers["Q2"] == ""


def test_windows_and_other_tools_change_nothing(file: Path, tmp_path: Path) -> None:
    notebook = json.loads(starting.start("gan", tmp_path / "n", "zh", "notebook").read_text("utf-8"))
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    place = tmp_path / "My lab (1).IPYNB"
    place.write_text(json.dumps({"cells": notebook["cells"]}), "utf-8-sig")
    assert [each.text for each in Submission.read(place).fillings.values()] == [
        each.text for each in Submission.read(file).fillings.values()
    ]
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert len(Submission.read(file).answers) == 4
    assert cells_of(file)[1] == ("code", cells_of(file)[1][1])


def test_each_file_of_a_class_is_seen_and_none_twice(file: Path, tmp_path: Path, command: Command) -> None:
    copy = file.parent / "runs" / "my-gan" / "code" / "loop" / "gan.py"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(file.read_bytes())
    (file.parent / "runs" / "my-gan" / "config.toml").touch()
    (file.parent / "hand-in").mkdir()
    (file.parent / "hand-in" / "report.ipynb").write_text("{}")
    (file.parent / "utf16.py").write_bytes(file.read_text("utf-8").encode("utf-16"))
    (file.parent / "headless.py").write_text(file.read_text("utf-8").replace("# ganatomy lab", "# lab"), "utf-8")
    (file.parent / "deep.ipynb").write_text("[" * 200_000)
    (file.parent / "=1+1.py").write_bytes(file.read_bytes())
    done = command("lab", "grade", file.parent, "--out", tmp_path / "grades.csv", "--json")
    found = {each["file"]: each["error"] for each in json.loads(done.out)["files"]}
    assert sorted(found) == ["=1+1.py", "deep.ipynb", "gan.py", "headless.py", "utf16.py"]
    assert [name for name, error in found.items() if not error] == ["=1+1.py", "gan.py"]
    assert "\n'=1+1.py,gan," in (tmp_path / "grades.csv").read_text("utf-8-sig")


def test_a_file_that_is_no_python_is_said_to_be_though_its_blanks_are_right(file: Path, command: Command) -> None:
    text = file.read_text("utf-8").replace("return loss_D.item()", "return loss_D.item(")
    line = text[: text.index("loss_D.item(")].count("\n") + 1
    file.write_text(text, "utf-8")
    put(file, 1, RIGHT)
    assert f"{file}:{line} is no Python: '(' was never closed" in command("lab", "check", file).out
    grades = file.parent / "grades.csv"
    command("lab", "grade", file.parent, "--out", grades, "--html", file.parent / "pages")
    assert f"{file.name}:{line} is no Python" in grades.read_text("utf-8-sig")
    (page,) = (file.parent / "pages" / "feedback").glob("*.html")
    assert "was never closed" in page.read_text("utf-8")
