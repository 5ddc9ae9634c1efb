"""docs/extension.md: every block of it is run, in its order."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import Command
from ganatomy.objectives import objectives

DOCUMENT = Path(__file__).parents[1] / "docs" / "extension.md"
SETTINGS = ["train.batch=32", "train.evaluate_every=0"]


def blocks() -> list[tuple[str, str]]:
    """(language, text) of the fenced blocks, with a hundredth of the updates."""
    found = re.findall(r"^```(\w+)\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [(language, re.sub(r'(updates(?:=|": ))(\d+)00\b', r"\1\2", text)) for language, text in found]


@pytest.fixture
def _entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Packages in the test's folder can be imported, as if they were installed there."""
    monkeypatch.syspath_prepend(tmp_path)
    objectives.__dict__.pop("_installed", None)
    yield
    objectives.__dict__.pop("_installed", None)


def install(project: str) -> None:
    """What an installer writes of a pyproject.toml's entry points."""
    folder = Path("my_losses-1.0.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: my-losses\nVersion: 1.0\n", encoding="utf-8")
    groups = tomllib.loads(project)["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups.items()]
    (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    objectives.__dict__.pop("_installed", None)


def run_command(line: str, command: Command) -> None:
    words = shlex.split(line.removeprefix("$ ganatomy "))
    if "moved/wgan_gp.py" in line:
        Path("moved").mkdir()
        shutil.move("wgan_gp.py", "moved")
    if words[0] == "train":
        words += SETTINGS
    if words[-1] == "--trust-code":
        shutil.rmtree("moved")
        assert command(*words[:-1]).code == 1
    done = command(*words)
    assert done.code == 0, (line, done.err)


def run_python(text: str) -> None:
    """A block whose first line names a file is that file; another is run as a notebook would."""
    name = re.match(r"# (\S+\.py)\n", text)
    path = Path(name[1] if name else "notebook.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if name is None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, path], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (text, done.stderr)


@pytest.mark.usefixtures("_entry_points")
def test_every_block_runs(command: Command) -> None:
    for language, text in blocks():
        match language:
            case "python":
                run_python(text)
            case "toml":
                install(text)
            case "console":
                assert all(line.startswith("$ ganatomy ") for line in text.splitlines())
                for line in text.splitlines():
                    run_command(line, command)
            case _:
                pytest.fail(f"a block in {language}")
    runs = {path.name for path in Path("runs").iterdir()}
    assert runs == set(re.findall(r"out=\"?runs/([\w-]+)", DOCUMENT.read_text(encoding="utf-8")))
    assert Path("sevens.png").is_file()


def test_the_checks_of_the_documents_test_pass(tmp_path: Path) -> None:
    for language, text in blocks():
        if language == "python" and text.startswith("# "):
            run_python(text)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_mine.py"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_table_has_every_declaration() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    declared = {name for name in vars(objectives.base) if not name.startswith("_")}
    declared -= {"critic_loss", "generator_loss", "constrain", "score_count", "shown_scores"}
    declared = {name for name in declared if not callable(getattr(objectives.base, name))}
    rows = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert rows == declared
