"""The lab's assignments: right fillings pass however they are written, and wrong ones get the name of their mistake."""

from __future__ import annotations

import ast
import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from command_line import Command
from ganatomy.errors import UsageError
from ganatomy.lab.assignments import checking, starting
from ganatomy.lab.assignments.assignment import HINTS, NAMES, Assignment
from ganatomy.lab.assignments.document import Blank
from ganatomy.lab.assignments.submission import Filling, Submission
from ganatomy.lab.assignments.verdict import Judge, Verdict
from ganatomy.words import LANGUAGES, Language

BLANKS = [(name, blank) for name in NAMES for blank in Assignment.get(name).document.blanks]
MISTAKES = [(name, blank, mistake) for name, blank in BLANKS for mistake in Assignment.get(name).mistakes(blank)]
RIGHT = tomllib.loads((Path(__file__).parent / "lab_equivalents.toml").read_text("utf-8"))


def judged(name: str, blank: Blank, code: str) -> Verdict:
    filling = {blank.number: Filling(code.strip("\n"), 1)}
    return Judge(Submission(name, "en", filling), Assignment.get(name)).verdict(blank.number)


def blank(name: str, of: str) -> Blank:
    return next(each for each in Assignment.get(name).document.blanks if each.name == of)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def case(name: str, of: Blank, mistake: str = "") -> object:
    """Of the large networks only in the slow suite."""
    marks = [] if name == "gan" else [pytest.mark.slow]
    return pytest.param(
        name, of, *([mistake] if mistake else []), marks=marks, id="-".join(filter(None, (name, of.name, mistake)))
    )


@pytest.mark.parametrize(("name", "of"), [case(*each) for each in BLANKS])
def test_the_solution_is_right_and_the_students_copy_is_empty(name: str, of: Blank) -> None:
    assert judged(name, of, of.solution).state == "passed"
    assert judged(name, of, of.placeholder).state == "empty"
    assert judged(name, of, f"# my own note\n{of.placeholder}").state == "empty"


@pytest.mark.parametrize(("name", "of", "mistake"), [case(*each) for each in MISTAKES])
def test_a_mistake_gets_its_name(name: str, of: Blank, mistake: str) -> None:
    found = judged(name, of, Assignment.get(name).mistakes(of)[mistake])
    assert (found.state, found.mistake) == ("mistake", mistake)
    assert found.credit == Assignment.get(name).credit(of, mistake) < 1


def equivalents() -> Iterator[object]:
    """Right fillings as different students write them."""
    counts: Counter[tuple[str, str]] = Counter()
    for name, each in ((system, each) for system in NAMES for each in RIGHT[system]):
        of, code = each["blank"], each["code"]
        counts[name, of] += 1
        yield pytest.param(name, of, code, id=f"{name}-{of}-{counts[name, of]}")


@pytest.mark.parametrize(("name", "of", "code"), [*equivalents()])
def test_another_right_way_passes(name: str, of: str, code: str) -> None:
    found = judged(name, blank(name, of), code)
    assert found.state == "passed", found.message.en


@pytest.mark.parametrize("name", NAMES)
def test_each_blank_is_filled_in_other_right_ways(name: str) -> None:
    assert len({(each["blank"], each["code"]) for each in RIGHT[name]}) >= 50
    assert {each["blank"] for each in RIGHT[name]} == {each.name for each in Assignment.get(name).document.blanks}


def test_checks_are_the_same_on_a_machine_with_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for of in ("networks", "d-noise", "g-loss"):
        assert judged("gan", blank("gan", of), blank("gan", of).solution).state == "passed"
    unguarded = (
        "G = Generator(input_dim, hidden_dim, output_dim).cuda()\nD = Discriminator(output_dim, hidden_dim).cuda()"
    )
    assert judged("gan", blank("gan", "networks"), unguarded).mistake == "no-gpu"


def test_names_of_ones_own_may_be_shared_by_the_blanks_of_a_cell() -> None:
    codes = {"d-noise": "z = torch.randn(len(reals), input_dim)", "d-fakes": "fakes = G(z).detach()"}
    fillings = {blank("gan", name).number: Filling(code, 1) for name, code in codes.items()}
    judge = Judge(Submission("gan", "en", fillings), Assignment.get("gan"))
    assert {judge.verdict(number).state for number in fillings} == {"passed"}


@pytest.mark.parametrize("name", NAMES)
def test_every_blank_has_its_texts_in_both_languages(name: str) -> None:
    assignment = Assignment.get(name)
    for each in assignment.document.blanks:
        assert assignment.points(each) >= 1
        assert len({assignment.hint(each, strength).en for strength in range(1, HINTS + 1)}) == HINTS
        assert assignment.task(each).zh != assignment.task(each).en
        assert len(assignment.mistakes(each)) >= 4
        for mistake in assignment.mistakes(each):
            assert assignment.mistake(each, mistake).zh != assignment.mistake(each, mistake).en


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_students_copy_is_python_without_the_solutions(name: str, language: Language, tmp_path: Path) -> None:
    file = starting.start(name, tmp_path, language, "py")
    text = file.read_text("utf-8")
    submission = Submission.read(file)
    blanks = Assignment.get(name).document.blanks
    assert (submission.assignment, submission.language) == (name, language)
    assert [*submission.fillings] == [each.number for each in blanks]
    lines = text.splitlines()
    for each in blanks:
        assert lines[submission.fillings[each.number].line - 2].strip().startswith(f"# [{each.number}] ")
        filled = submission.fillings[each.number].text
        assert filled == each.placeholder.strip("\n")
    assert "blank " not in text.replace("blanks", "")
    with pytest.raises(UsageError, match="perhaps with your work"):
        starting.start(name, tmp_path, language, "py")
    ast.parse(completed(text, name))


def completed(text: str, name: str) -> str:
    """A student's .py file with the solutions in its blanks."""
    out: list[str] = []
    inside = False
    blanks = {each.number: each for each in Assignment.get(name).document.blanks}
    for line in text.splitlines():
        if line.strip().startswith("# [/"):
            inside = False
        if not inside:
            out.append(line)
        if line.strip().startswith("# [") and not line.strip().startswith("# [/"):
            each = blanks[int(line.strip()[3:].split("]")[0])]
            out += [f"{each.indent}{solution}" for solution in each.solution.splitlines()]
            inside = True
    return "\n".join(out) + "\n"


def test_a_notebook_is_the_same_as_the_python_file(tmp_path: Path) -> None:
    notebook = starting.start("gan", tmp_path, "zh", "notebook")
    plain = starting.start("gan", tmp_path, "zh", "py")
    assert [each.text for each in Submission.read(notebook).fillings.values()] == [
        each.text for each in Submission.read(plain).fillings.values()
    ]
    jupytext = pytest.importorskip("jupytext")
    read = [(each.cell_type, each.source) for each in jupytext.read(notebook).cells]
    assert read == [(each.cell_type, each.source) for each in jupytext.read(plain).cells]
    assert read[0][1].startswith("# ")


# ---- the command line


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return starting.start("gan", tmp_path / "lab", "en", "py")


def write(file: Path, **fillings: str) -> None:
    """Put code into blanks, by the name of the blank with underscores."""
    text = file.read_text("utf-8")
    for name, code in fillings.items():
        each = blank("gan", name.replace("_", "-"))
        lines = text.splitlines(keepends=True)
        begin = next(place for place, line in enumerate(lines) if line.strip().startswith(f"# [{each.number}] "))
        end = next(place for place, line in enumerate(lines) if line.strip() == f"# [/{each.number}]")
        lines[begin + 1 : end] = [f"{each.indent}{line}\n" for line in code.splitlines()]
        text = "".join(lines)
    file.write_text(text, "utf-8")


def test_check_and_hint_from_the_command_line(plain: Path, command: Command) -> None:
    write(plain, real_loss="real_loss = loss_func(D(reals), torch.zeros(len(reals), 1))", g_activation="nn.ReLU(),")
    done = command("lab", "check", plain)
    assert done.code == 1
    number = blank("gan", "real-loss").number
    line = next(place for place, text in enumerate(plain.read_text("utf-8").splitlines(), 1) if "torch.zeros" in text)
    assert f"{plain}:{line}: [{number}] (labels-swapped) " in done.out
    assert f"[{blank('gan', 'g-activation').number}] right" in done.out
    assert "1 of 29 points" in done.out
    found = json.loads(command("lab", "check", plain, "--blank", number, "--json").out)["blanks"]
    assert [each["mistake"] for each in found] == ["labels-swapped"]
    assert "正确" in command("lab", "check", plain, "--lang", "zh").out
    weak, strong = (command("lab", "hint", plain, number, "--strength", strength).out for strength in (1, 3))
    assert strong.startswith(weak.splitlines()[0])
    assert len(strong.splitlines()) > len(weak.splitlines())


def test_a_complete_file_has_all_points(plain: Path, command: Command) -> None:
    plain.write_text(completed(plain.read_text("utf-8"), "gan"), "utf-8")
    done = command("lab", "check", plain)
    assert (done.code, "29 of 29 points" in done.out) == (0, True)


def test_start_from_the_command_line(command: Command) -> None:
    done = command("lab", "start", "gan", "--lang", "zh", "--format", "py", "--json")
    assert json.loads(done.out) == {"file": "lab/gan.py", "blanks": 23}
    assert command("lab", "start", "gam", "--out", "other").code == 2


def test_code_that_does_not_end_or_ends_python_costs_its_own_blank(plain: Path) -> None:
    write(
        plain,
        d_noise="while True:\n    pass",
        d_fakes="exit()",
        real_loss="import os\nos._exit(3)",
        fake_loss="print('x' * 10**6)\nfake_loss = loss_func(D(fakes), torch.zeros(len(fakes), 1))",
        g_step="this is no Python",
    )
    found = {each.name: each for each in checking.check(plain, seconds=15)}
    assert "come to an end" in found["d-noise"].message.en
    assert "SystemExit" in found["d-fakes"].message.en
    assert "ends Python" in found["real-loss"].message.en
    assert found["fake-loss"].state == "passed"
    assert "SyntaxError" in found["g-step"].message.en
    assert found["g-loss"].state == "empty"


@pytest.mark.parametrize(
    ("code", "denied"),
    [
        ("import os\nos.system('touch {outside}')", "os.system"),
        ("import subprocess\nsubprocess.run(['touch', '{outside}'])", "subprocess.Popen"),
        ("open('{outside}', 'w').write('x')", "cannot be written"),
        ("from pathlib import Path\nPath('{kept}').unlink()", "cannot be written"),
        ("import os\nopen('mine', 'w').close()\nos.replace('mine', '{kept}')", "cannot be written"),
        ("import os\nos.open('other', os.O_WRONLY | os.O_CREAT, dir_fd=os.open('/', os.O_RDONLY))", "absolute paths"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "socket"),
        ("import os\nos.fork()", "os.fork"),
        ("noise = torch.zeros(10**11)", "memory"),
        ("noise = bytearray(10**11)", "memory"),
    ],
)
def test_a_students_code_reaches_nothing_outside(plain: Path, tmp_path: Path, code: str, denied: str) -> None:
    outside, kept = tmp_path / "outside", tmp_path / "kept"
    kept.touch()
    write(plain, d_noise=code.format(outside=outside, kept=kept))
    (found,) = checking.check(plain, [blank("gan", "d-noise").number])
    assert found.state in ("wrong", "mistake")
    assert denied in found.message.en
    assert not outside.exists()
    assert kept.exists()


def test_a_class_is_graded(tmp_path: Path, command: Command) -> None:
    for student, code in (("ada", None), ("bob", "zeros"), ("eve", "zeros"), ("kim", "")):
        file = starting.start("gan", tmp_path / "class" / student, "en", "py")
        file.write_text(completed(file.read_text("utf-8"), "gan"), "utf-8")
        if code is not None:
            line = "real_loss = loss_func(D(reals), torch.zeros(len(reals), 1))" if code else "real_loss = ..."
            write(file, real_loss=line)
    (tmp_path / "class" / "notes.py").write_text("x = 1\n")
    (tmp_path / "class" / "lost.ipynb").write_text("{")
    done = command("lab", "grade", tmp_path / "class", "--out", "grades.csv", "--html", "pages", "--json")
    tree = json.loads(done.out)
    assert "feedback/bob-gan.html" in Path(tree["pages"]).read_text("utf-8")
    assert Path("pages/feedback/bob-gan.html").exists()
    assert [(each["file"], each["points"]) for each in tree["files"]] == [
        ("ada/gan.py", [29, 29]),
        ("bob/gan.py", [27, 29]),
        ("eve/gan.py", [27, 29]),
        ("kim/gan.py", [27, 29]),
        ("lost.ipynb", [0, 0]),
    ]
    number = blank("gan", "real-loss").number
    assert tree["mistakes"][0] == {"assignment": "gan", "blank": number, "mistake": "labels-swapped", "count": 2}
    rows = Path("grades.csv").read_text("utf-8-sig").splitlines()
    assert rows[0].split(",")[:5] == ["file", "assignment", "points", "of", "error"]
    assert "labels-swapped" in rows[2]
    assert "cannot be read" in rows[5]
    assert command("lab", "grade", tmp_path / "nothing").code == 2


def test_damaged_files_are_errors(plain: Path, tmp_path: Path) -> None:
    text = plain.read_text("utf-8")
    number = blank("gan", "d-noise").number
    plain.write_text(text.replace(f"# [/{number}]\n", ""), "utf-8")
    with pytest.raises(UsageError, match=f"the marks of blank {number} are damaged"):
        checking.check(plain)
    marks = f"    # [{number}] "
    without = [line for line in text.splitlines() if not line.startswith(marks) and f"# [/{number}]" not in line]
    plain.write_text("\n".join(without), "utf-8")
    assert {each.number: each.state for each in checking.check(plain, [number])} == {number: "missing"}
    (tmp_path / "other.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="does not say which assignment"):
        checking.check(tmp_path / "other.py")
    (tmp_path / "other.ipynb").write_text("{}")
    with pytest.raises(UsageError, match="cannot be read"):
        checking.check(tmp_path / "other.ipynb")
    with pytest.raises(UsageError, match="there is no blank 99"):
        checking.check(plain, [99])


def test_run_needs_all_blanks(plain: Path, command: Command) -> None:
    done = command("lab", "run", plain)
    assert done.code == 2
    assert "blanks 1, 2, 3" in done.err
    assert not (plain.parent / "runs").exists()


@pytest.mark.slow
def test_run_trains_ones_own_code_next_to_the_reference(plain: Path, command: Command) -> None:
    """With a mistake that no check of a blank sees: it is in what stands around them."""
    text = completed(plain.read_text("utf-8"), "gan").replace('"digits", 30,', '"digits", 3,')
    plain.write_text(text.replace("reals = to_range(images[rows])", "reals = to_range(images[:64])"), "utf-8")
    found = json.loads(command("lab", "run", plain, "--json").out)
    assert [each["name"] for each in found["findings"]] == ["same-batch"]
    assert found["fid"]["mine"] > 0
    assert Path(found["report"]).exists()
    assert Path(found["comparison"]).exists()
    again = json.loads(command("lab", "run", plain, "--json").out)
    assert again["reference"] == found["reference"]
    assert again["run"] != found["run"]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_completed_notebook_runs_from_end_to_end(name: str, language: Language, tmp_path: Path) -> None:
    jupytext, nbclient = pytest.importorskip("jupytext"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    plain = starting.start(name, tmp_path, language, "py")
    text = completed(plain.read_text("utf-8"), name).replace('"digits", 30,', '"digits", 1,')
    notebook = jupytext.reads(text, fmt="py:percent")
    nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert (tmp_path / "runs" / f"my-{name}" / "diagnosis.json").exists()
    assert [*(tmp_path / "logs").rglob("events.out.tfevents.*")]
