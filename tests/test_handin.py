"""A student's hand-in: what goes into the report, what it lacks, and the three files it becomes."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from markdown_it import MarkdownIt
from PIL import Image
from torch import nn

import ganatomy
from command_line import Command
from ganatomy.errors import UsageError
from ganatomy.evaluation import evaluate_run
from ganatomy.lab.assignments import checking, starting
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.submission import ANSWER, Submission
from ganatomy.lab.assignments.verdict import Verdict, is_empty
from ganatomy.lab.handin import contents, document, gaps, page, pasted, reporting, table
from ganatomy.lab.handin.code import Code
from ganatomy.lab.handin.reporting import Made, report
from ganatomy.lab.handin.trained import Trained
from ganatomy.words import LANGUAGES, Words
from own_loops import Flat, digits

STEPS = 15
"""An epoch of the digits in batches of 128."""
ANSWERED = " ".join(["word"] * 30)
SCRIPT = "<script>alert(1)</script>"


def completed(text: str, name: str) -> str:
    """A student's .py file with the solutions in its blanks."""
    for blank in Assignment.get(name).document.blanks:
        inner = "".join(f"{blank.indent}{line}\n" for line in blank.solution.splitlines())
        pattern = rf"(\n *# \[{blank.number}\] [^\n]*\n).*?( *# \[/{blank.number}\]\n)"
        text = re.sub(pattern, lambda found, inner=inner: found[1] + inner + found[2], text, flags=re.DOTALL)
    return text


def answered(text: str, answer: str = ANSWERED) -> str:
    """With that answer to each question that has none."""
    lines = "\n".join(f"# {line}".rstrip() for line in answer.splitlines())
    return re.sub(rf"(# (?:{'|'.join(map(re.escape, ANSWER.values()))}))(?=\n\n|\n?\Z)", rf"\1\n#\n{lines}\n", text)


def trained(
    folder: Path, name: str = "gan", lr: float = 2e-3, seed: int = 0, steps: int = STEPS, code: bool = True
) -> Path:
    """A run as the file's training cell records it."""
    torch.manual_seed(seed)
    G, D = Flat(nn.Tanh()), nn.Sequential(nn.Linear(784, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Sigmoid())
    opt_G, opt_D = torch.optim.Adam(G.parameters(), lr), torch.optim.Adam(D.parameters(), 2e-3)
    data = torch.from_numpy(digits().images.copy()).float().reshape(-1, 784) / 127.5 - 1
    loss = nn.BCELoss()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["__main__"], "__file__", str(folder / f"{name}.py") if code else None, raising=False)
        watch = ganatomy.watch(
            G, D, opt_G, opt_D, out=folder / f"runs/my-{name}", data="digits", total_steps=STEPS, every=4
        )
        for rows in torch.randperm(len(data)).split(128)[:steps]:
            scores = D(data[rows]), D(G(torch.randn(len(rows), 8)).detach())
            loss_D = loss(scores[0], torch.ones_like(scores[0])) + loss(scores[1], torch.zeros_like(scores[1]))
            opt_D.zero_grad(), loss_D.backward(), opt_D.step()
            score = D(G(torch.randn(len(rows), 8)))
            loss_G = loss(score, torch.ones_like(score))
            opt_G.zero_grad(), loss_G.backward(), opt_G.step()
            watch.step(loss_D=loss_D, loss_G=loss_G)
        watch.close()
        assert watch.path is not None
    return watch.path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which nothing is missing but the two other systems."""
    folder = tmp_path_factory.mktemp("student")
    (folder / "course.toml").write_text('title = "Course 7"\n[gan]\nepochs = 1\n', "utf-8")
    file = starting.start("gan", folder, "en", "py")
    file.write_text(answered(completed(file.read_text("utf-8"), "gan")), "utf-8")
    for lr in (2e-3, 5e-3):
        evaluate_run(ganatomy.load(trained(folder, lr=lr)), n=200)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    place = tmp_path / "student"
    shutil.copytree(whole, place)
    return place


def _quickly(path: Path, numbers: object = None, own: Path | None = None) -> list[Verdict]:
    """Right where it is the solution."""
    submission = Submission.read(path)
    found = []
    for blank in Assignment.get(submission.assignment).document.blanks:
        text = submission.fillings[blank.number].text
        state = "empty" if is_empty(text, blank) else "passed" if text == blank.solution.strip("\n") else "mistake"
        said = Words(f"It does not do {SCRIPT}.", f"它没有做 {SCRIPT}。")
        mistake = "wrong-way" if state == "mistake" else None
        found.append(Verdict(blank.number, blank.name, 1, state, said, mistake, credit=float(state == "passed")))
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "check", _quickly)


def kinds(folder: Path, name: str = "Ada", **options: object) -> list[tuple[str, str]]:
    return [(gap.system, gap.kind) for gap in gaps.of(contents.gather(folder, **options), name)]  # type: ignore[arg-type]


def edit(folder: Path, was: str, now: str) -> None:
    file = folder / "gan.py"
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, now, 1), "utf-8")


OTHERS = [("dcgan", "no-file"), ("wgan", "no-file")]


def test_the_report_of_a_folder(folder: Path) -> None:
    """With the real check of the blanks."""
    said: list[str] = []
    made = report(folder, name="Ada", say=said.append)
    assert [(gap.system, gap.kind) for gap in made.gaps] == OTHERS
    assert "ganatomy lab start wgan" in made.warnings[1]
    html, markdown, _ = (path.read_text("utf-8") for path in made.paths)
    assert [path.relative_to(folder).as_posix() for path in made.paths] == [
        f"hand-in/report.{ending}" for ending in ("html", "md", "ipynb")
    ]
    for text in (html, markdown):
        assert "Course 7" in text
        assert "Ada" in text
        assert "29 of 29" in text
        assert "★ my-gan" in text
        assert "loss_func(real_output" in text
        assert "There is no file for WGAN" in text
        assert ANSWERED in text
    assert said == ["checking gan.py"]


@pytest.mark.usefixtures("quick")
def test_each_gap_is_said(folder: Path) -> None:
    assert kinds(folder) == OTHERS
    assert kinds(folder, "")[0] == ("", "no-name")

    edit(folder, "nn.Tanh(),", "")
    assert kinds(folder)[:2] == [("gan", "empty"), ("gan", "changed")]
    edit(folder, "nn.ReLU(),", "nn.ELU(),")
    found = gaps.of(contents.gather(folder), "Ada")
    assert [gap.kind for gap in found][:3] == ["empty", "wrong", "changed"]
    assert "3 (wrong-way)" in found[1].text.en
    assert "blanks 3, 6 have changed" in found[2].text.en
    assert "第 3, 6 空有改动" in found[2].text.zh


@pytest.mark.usefixtures("quick")
def test_answers_that_are_missing_or_short(folder: Path) -> None:
    edit(folder, ANSWERED, "")
    edit(folder, ANSWERED, "It is not long.\n# ![curve](no.png)")
    assert kinds(folder)[:3] == [("gan", "no-answer"), ("gan", "short-answer"), ("gan", "no-picture-of-answer")]


@pytest.mark.usefixtures("quick")
def test_a_chinese_character_counts_as_a_word(folder: Path) -> None:
    edit(folder, ANSWERED, "两个网络目标相反，一个要区分，一个要使对方分不开。")
    assert kinds(folder) == OTHERS


@pytest.mark.usefixtures("quick")
def test_code_that_changed_after_the_run(folder: Path) -> None:
    edit(folder, "batch_size = ", "batch_size  = ")
    assert kinds(folder)[0] == ("gan", "changed-outside")
    edit(folder, "batch_size  = ", "batch_size = ")
    edit(folder, "# images: N x", "# my own note\n    # images: N x")
    edit(folder, ANSWERED, f"{ANSWERED} and more")
    assert kinds(folder) == OTHERS


@pytest.mark.usefixtures("quick")
def test_of_a_run_without_its_code_the_times_decide(folder: Path) -> None:
    for run in (folder / "runs").iterdir():
        shutil.rmtree(run / "code")
    (folder / "gan.py").touch()
    assert kinds(folder) == [("gan", "perhaps-changed"), *OTHERS]
    assert "If you changed more than answers" in gaps.of(contents.gather(folder), "Ada")[0].text.en


@pytest.mark.usefixtures("quick")
def test_runs_that_are_missing_or_too_short(folder: Path) -> None:
    stopped = trained(folder, steps=6)
    assert kinds(folder) == OTHERS  # there is a whole run of this code
    (system, *_) = contents.gather(folder).systems
    assert system.shown is not None
    assert (len(system.runs), system.shown.name) == (3, "my-gan-2")
    assert system.runs[-1].planned == STEPS
    for run in (folder / "runs").iterdir():
        if run != stopped:
            shutil.rmtree(run)
    assert kinds(folder) == [("gan", "stopped"), *OTHERS]
    shutil.rmtree(folder / "runs")
    assert kinds(folder) == [("gan", "no-run"), *OTHERS]
    assert "No run is recorded yet" in report(folder).paths[1].read_text("utf-8")


@pytest.mark.usefixtures("quick")
def test_the_run_of_the_code_that_is_handed_in_is_shown(folder: Path) -> None:
    edit(folder, "nn.ReLU(),", "nn.ELU(),")
    trained(folder)
    trained(folder, steps=4)
    assert [gap for gap in kinds(folder) if gap[1] in ("changed", "stopped")] == []
    assert contents.gather(folder).systems[0].shown.name == "my-gan-3"  # type: ignore[union-attr]
    edit(folder, "nn.ELU(),", "nn.ReLU(),")
    assert kinds(folder) == OTHERS
    assert contents.gather(folder).systems[0].shown.name == "my-gan-2"  # type: ignore[union-attr]
    edit(folder, "nn.ReLU(),", "nn.SiLU(),")
    assert [gap for gap in kinds(folder) if gap[1] in ("changed", "stopped")] == [
        ("gan", "stopped"),
        ("gan", "changed"),
    ]


@pytest.mark.usefixtures("quick")
def test_a_run_of_few_epochs(folder: Path) -> None:
    (folder / "course.toml").write_text("[gan]\nepochs = 3\n", "utf-8")
    assert kinds(folder)[0] == ("gan", "short")


@pytest.mark.usefixtures("quick")
def test_an_error_of_the_diagnosis_is_said(folder: Path) -> None:
    file = folder / "runs/my-gan-2/diagnosis.json"
    texts = dict.fromkeys(("seen", "means", "mend"), f"D never moved {SCRIPT}")
    finding = {"name": "never-moves", "severity": "error", **texts, "zh": texts, "line": None, "link": ""}
    file.write_text(json.dumps({"iterations": 15, "findings": [finding]}), "utf-8")
    assert kinds(folder)[0] == ("gan", "finding")
    made = report(folder)
    assert "never-moves" in made.paths[0].read_text("utf-8")
    assert_harmless(made)


@pytest.mark.usefixtures("quick")
def test_no_study_where_only_the_seed_differs(folder: Path) -> None:
    shutil.rmtree(folder / "runs/my-gan-2")
    assert ("", "no-tuning") in kinds(folder)
    evaluate_run(ganatomy.load(trained(folder, seed=1)), n=200)
    assert ("", "no-tuning") in kinds(folder)
    text = report(folder).paths[1].read_text("utf-8")
    assert "differ in their seed alone" in text
    assert "Alike but for the seed: `my-gan`, `my-gan-2`" in text


def test_files_are_found_one_folder_deep_and_the_newest_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "check", _quickly)
    deep = folder / "work"
    deep.mkdir()
    for entry in ("gan.py", "runs"):
        (folder / entry).rename(deep / entry)
    assert kinds(folder) == OTHERS
    notebook = folder / "gan.ipynb"
    notebook.write_text("{", "utf-8")
    assert kinds(folder)[0] == ("", "unreadable")
    notebook.unlink()
    starting.start("gan", folder, "zh", "py")
    assert ("gan", "two-files") in kinds(folder)
    assert contents.gather(folder).language == "zh"
    for hidden in (folder / "gan.py", deep / "gan.py"):
        hidden.rename(hidden.with_name(".gan.py"))
    with pytest.raises(UsageError, match="no file of the lab"):
        contents.gather(folder)


@pytest.mark.usefixtures("quick")
def test_a_file_that_cannot_be_checked_costs_only_its_own_part(folder: Path) -> None:
    edit(folder, "# [/3]", "#")
    assert kinds(folder)[0] == ("gan", "unreadable")
    made = report(folder)
    assert "the marks of blank" in made.warnings[1]
    assert "my-gan-2" in made.paths[1].read_text("utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        report(folder, own=folder / "none.toml")


# ---- the study of settings


def runs_of(folder: Path) -> list[Trained]:
    return Trained.all_of(folder / "runs", "gan")


def test_the_table_has_what_differs(folder: Path) -> None:
    edit(folder, "nn.ReLU(),", "nn.ELU(),")
    trained(folder, lr=5e-3, seed=3)
    runs = runs_of(folder)
    assert [run.name for run in runs] == ["my-gan", "my-gan-2", "my-gan-3"]
    said: list[str] = []
    evaluate_run(runs[-1].run, n=200)
    made = table.of(runs, said.append)
    assert made.columns == (("lr", "generator"), ("lr", "discriminator"), ("seed", "")) or made.columns == (
        ("lr", "generator"),
        ("seed", ""),
    )
    assert [row.settings[0] for row in made.rows] == ["0.002", "0.005", "0.005"]
    assert said == []
    fids = [row.fid for row in made.rows]
    assert made.best is not None
    assert made.best.fid == min(fids)
    assert [row.changes == () for row in made.rows] == [True, True, False]
    assert (made.rows[2].changes[0].before, made.rows[2].changes[0].after) == (("nn.ReLU(),",), ("nn.ELU(),",))
    assert made.repeated == ()
    same = dict(made.same)
    assert (same["batch", ""], same["epochs", ""], same["optimizer", ""]) == ("128", "1", "Adam")
    assert same["parameters", "generator"] == f"{sum(each.numel() for each in Flat(nn.Tanh()).parameters()):,}"


def test_runs_with_other_scores_have_no_best(folder: Path) -> None:
    evaluate_run(ganatomy.load(folder / "runs/my-gan"), n=150)
    assert table.of(runs_of(folder), lambda _: None).best is None


def test_a_run_without_scores_is_scored(folder: Path) -> None:
    (folder / "runs/my-gan/metrics.json").unlink()
    said: list[str] = []
    assert all(row.fid is not None for row in table.of(runs_of(folder), said.append).rows)
    assert len(said) == 1
    assert "my-gan" in said[0]


def test_an_older_recording_without_facts_differs_in_nothing_that_is_not_known(folder: Path) -> None:
    config = folder / "runs/my-gan/config.toml"
    text = config.read_text("utf-8").replace("lr=0.002,", "lr=0.005,", 1)
    config.write_text(re.sub(r"(?s)\[recorded\].*(?=\[resolved\])", '[recorded]\nscript = "gan.py"\n\n', text), "utf-8")
    runs = runs_of(folder)
    assert not table.is_study(runs)
    assert (runs[0].planned, runs[0].is_complete) == (STEPS, True)


def test_code_of_a_notebook_is_compared_by_its_blanks_and_its_training_cell(folder: Path, tmp_path: Path) -> None:
    file = folder / "gan.py"
    text = file.read_text("utf-8")
    cells = [cell.split("\n", 1)[1] for cell in text.split("# %%")[1:] if not cell.startswith(" [markdown]")]
    run = tmp_path / "notebook.py"
    marked = [cell for cell in cells if "# [" in cell or "ganatomy lab" in cell or "ganatomy.watch(" in cell]
    run.write_text("\n\n".join(f"# %%\n{cell}" for cell in reversed(marked)), "utf-8")
    kept = Code.read(run, is_whole=False)
    assert kept.changes_to(Code.read(file)) == []
    edit(folder, "loss_D.backward()", "loss_D.mean().backward()")
    edit(folder, "torch.manual_seed(0)", "torch.manual_seed(1)")
    one, two = kept.changes_to(Code.read(file))
    assert one.blank is not None
    assert (two.blank, two.before, two.after) == (None, ("torch.manual_seed(0)",), ("torch.manual_seed(1)",))


# ---- the files


def assert_harmless(made: Made) -> None:
    """No tag of a student's is one, in any of the files."""
    html, markdown, notebook = (path.read_text("utf-8") for path in made.paths)
    assert html.count("<script") == 1
    assert "alert(1)" in html
    cells = ["".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "markdown"]
    for text in (markdown, *cells):
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        tokens += [inner for token in tokens for inner in token.children or []]
        assert [token.content for token in tokens if token.type in ("html_block", "html_inline")] == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_students_write_is_shown_and_not_run(folder: Path, language: str) -> None:
    edit(folder, ANSWERED, f"{SCRIPT} <img src=x onerror=alert(1)> `{SCRIPT}` \\`{SCRIPT}\\`\n# {ANSWERED}")
    edit(folder, ANSWERED, f"- x\n#\n#   ```\n#\n# {SCRIPT}\n#\n# ``` a`b\n# {SCRIPT}\n#\n# {ANSWERED}")
    edit(folder, ANSWERED, f"[x](javascript:alert(1))\n#\n# ```\n# {SCRIPT} stays code")
    edit(folder, "nn.ReLU(),", f"nn.ReLU(),  # {SCRIPT} ``` `")
    made = report(folder, language=language, name=f"Ada {SCRIPT} *x*")  # type: ignore[arg-type]
    assert made.language == language
    assert_harmless(made)
    html, markdown, _ = (path.read_text("utf-8") for path in made.paths)
    assert "Ada &lt;script&gt;alert(1)&lt;/script&gt; *x*" in html
    assert 'href="javascript' not in html
    assert "onerror=alert" not in re.sub(r"&lt;img[^&]*&gt;", "", html)
    assert "思考题" in html if language == "zh" else "Hyper-parameters" in html
    assert "Ada &lt;script>alert(1)&lt;/script> \\*x\\*" in markdown
    assert f"{SCRIPT} stays code" in markdown


@pytest.mark.usefixtures("quick")
def test_the_page_needs_no_network(folder: Path) -> None:
    html = report(folder, name="Ada").paths[0].read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; img-src data:;")
    assert {source.split(",")[0] for source in re.findall(r'src="([^"]*)"', html)} == {"data:image/png;base64"}
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)
    script = re.search(r"<script>(.*?)</script>", html)
    assert script is not None
    assert page.policy_hash(script[1].encode()) in policy[1]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_is_valid_and_the_pictures_are_there(folder: Path, language: str) -> None:
    edit(folder, ANSWERED, f"![my curve](curve.png) {ANSWERED}")
    Image.new("L", (4, 4)).save(folder / "curve.png")
    made = report(folder, folder / "elsewhere", language)  # type: ignore[arg-type]
    _, markdown, notebook = made.paths
    links = re.findall(r"!\[[^]]*\]\(([^)]+)\)", markdown.read_text("utf-8"))
    assert {"report-pictures/comparison.png", "report-pictures/my-gan.png", "report-pictures/gan-Q1-1.png"} <= {*links}
    for link in links:
        Image.open(markdown.parent / link).verify()

    tree = nbformat.read(notebook, as_version=4)
    nbformat.validate(tree)
    assert (tree.nbformat, tree.nbformat_minor) == (4, 5)
    assert {cell.cell_type for cell in tree.cells} == {"markdown", "code"}
    shown = {}
    for cell in tree.cells:
        names = re.findall(r"\]\(attachment:([^)]+)\)", cell.source)
        assert {*names} == {*cell.get("attachments", {})}
        shown |= cell.get("attachments", {})
    assert len(shown) == len({*links})
    for each in shown.values():
        Image.open(io.BytesIO(base64.b64decode(each["image/png"]))).verify()
    # It is no file of the lab itself.
    with pytest.raises(UsageError, match="does not say which assignment"):
        Submission.read(notebook)


def test_pictures_of_answers(tmp_path: Path) -> None:
    folder = tmp_path / "student"
    folder.mkdir()
    Image.new("RGB", (3, 3)).save(folder / "a b.png")
    Image.new("RGB", (3, 3)).save(tmp_path / "outside.png")
    (folder / "secret.png").write_text("no picture")
    content = (folder / "a b.png").read_bytes()
    text = (
        "![one](<a b.png>) ![two](a%20b.png 'title') ![three](../outside.png) ![four](secret.png) "
        "![five](attachment:image.png) ![six](https://example.org/x.png)"
    )
    found = pasted.of(text, folder, {"image.png": content})
    there = {source for source, picture in found.items() if picture is not None}
    assert there == {"a b.png", "a%20b.png", "attachment:image.png"}
    assert pasted.replaced(text, lambda source: "x.png" if found[source] else None) == (
        "![one](x.png) ![two](x.png) [three] [four] ![five](x.png) [six]"
    )


def test_attachments_belong_to_the_question_above(tmp_path: Path) -> None:
    def cell(source: str, content: bytes) -> dict[str, object]:
        attached = {"image.png": {"image/png": base64.b64encode(content).decode()}}
        return {"cell_type": "markdown", "source": [source], "attachments": attached}

    notebook = tmp_path / "gan.ipynb"
    cells = [cell("**Q1.** Why?", b"1"), {"cell_type": "code", "source": "x"}, cell("**Q2.** How?", b"2")]
    cells += [{"cell_type": "markdown", "source": "more"}, cell("and more", b"3")]
    notebook.write_text(json.dumps({"cells": cells}), "utf-8")
    assert pasted.attachments(notebook) == {"Q1": {"image.png": b"1"}, "Q2": {"image.png": b"3"}}


def test_texts_are_shown_as_they_are() -> None:
    assert document.plain("a*b_c [x] `d*e` <b> 3 < 4 | $x$") == r"a\*b\_c \[x\] `d*e` &lt;b> 3 < 4 \| \$x\$"
    assert document.plain("# 1") == r"\# 1"
    assert document.fenced("```", "python") == "````python\n```\n````"
    assert document.harmless("~~~\n<b>") == "~~~\n<b>\n~~~"
    assert page.light("a <b> `c`\nd") == "a &lt;b&gt; <code>c</code><br>d"


# ---- from the command line on


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    file = starting.start("gan", tmp_path / "lab", "zh", "py")
    text = completed(file.read_text("utf-8"), "gan").replace('"digits", 30,', '"digits", 2,')
    file.write_text(answered(text), "utf-8")
    return file


@pytest.mark.slow
def test_two_runs_with_other_learning_rates(lab: Path, command: Command) -> None:
    assert command("lab", "run", lab).code == 0
    text = lab.read_text("utf-8")
    lab.write_text(text.replace("lr=2e-4", "lr=1e-3"), "utf-8")
    assert command("lab", "run", lab).code == 0
    made = reporting.report(lab.parent, name="Ada")
    kinds = [(gap.system, gap.kind) for gap in made.gaps]
    # The learning rate is a blank of the assignment, so the check says that it is another.
    assert kinds == [("gan", "wrong"), ("gan", "short"), *OTHERS]
    markdown = made.paths[1].read_text("utf-8")
    assert "| 学习率 |" in markdown
    assert "gan-and-ganatomy.png" in markdown
    assert "+ optim_G = torch.optim.Adam(G.parameters(), lr=1e-3)" in markdown
    nbformat.validate(nbformat.read(made.paths[2], as_version=4))
