"""Paths and names as people write them: `~`, names that are not UTF-8, commands to paste, terminals without a letter."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganatomy
from command_line import Command
from ganatomy import paths
from ganatomy.data.folder import Folder
from ganatomy.errors import UsageError
from ganatomy.runs.folder import RunFolder

WILD = b"\xd5\xd5"
"""A name in GBK, which is no UTF-8."""

posix = pytest.mark.skipif(os.name != "posix", reason="only there are names bytes")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


def write_pictures(folder: Path, count: int = 20, side: int = 8) -> None:
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0)
    for index in range(count):
        with (folder / f"{index}.png").open("wb") as file:
            Image.fromarray(noise.integers(0, 256, (side, side), dtype=np.uint8)).save(file, "PNG")


TINY = ["train.updates=2", "train.batch=8", "train.evaluate_every=0"]


@pytest.mark.parametrize(
    "name", ["plain", "with space", "quote'", "$HOME;ls", "图", os.fsdecode(b"a\xd5b"), "back\\slash"]
)
@posix
def test_what_is_shown_is_read_back(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    shown = paths.text(tmp_path / name)
    shown.encode()
    assert paths.of_user(shown).samefile(tmp_path / name)
    words = shlex.split(paths.command("ganatomy", "resume", tmp_path / name))
    assert words[:2] == ["ganatomy", "resume"]
    assert paths.of_user(words[2]).samefile(tmp_path / name)


def test_a_home_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no home folder is known"):
        paths.of_user("~nobody-has-this-name/runs")


def test_every_path_from_a_user_may_begin_with_a_tilde(home: Path, command: Command) -> None:
    write_pictures(home / "pictures")
    (home / "own.toml").write_text('model = "mlp"\nobjective = "nonsaturating"\n[train]\nupdates = 2\n')
    words = ["data=~/pictures", "data.size=8", *TINY]
    assert command("train", "~/own.toml", *words, "out=~/new").code == 0
    assert command("train", "gan", "data=folder", "data.path=~/pictures", "data.size=8", *TINY, "out=~/other").code == 0
    assert command("sample", "~/new", "--out", "~/grid.png").code == 0
    assert (
        command("evaluate", "--samples", "~/pictures", "data=~/pictures", "data.size=8", "--out", "~/s.json").code == 0
    )
    assert command("report", "~/new", "~/s.json", "--out", "~/page.html").code == 0
    assert command("compare", "~/new", "--out", "~/rows.png").code == 0
    run = ganatomy.train("gan", *words, runs="~/runs")
    assert run.path.parent == home / "runs"
    assert ganatomy.load("~/new").update == 2
    assert ganatomy.resume("~/new", "train.updates=3").update == 3
    ganatomy.evaluate("~/new", n=10)
    assert not Path("~").exists()
    assert {"new", "other", "grid.png", "s.json", "page.html", "rows.png", "runs"} <= {
        each.name for each in home.iterdir()
    }


@posix
def test_names_that_are_not_utf_8(tmp_path: Path, command: Command, caplog: pytest.LogCaptureFixture) -> None:
    """Class folders, files, the folder itself and the run's."""
    root, out = (tmp_path / os.fsdecode(name) for name in (b"pictures\xd5", b"run\xd5"))
    for name in (WILD, b"plain"):
        write_pictures(root / os.fsdecode(name))
        (root / os.fsdecode(name) / "0.png").rename(root / os.fsdecode(name) / os.fsdecode(b"\xc4\xe3.png"))
    settings = [f"data.path={root}", "data.size=8", "train.batch=8"]
    done = command("train", "gan", "data=folder", *settings, "train.updates=4", "train.evaluate_every=2", f"out={out}")
    assert done.code == 0, done.err
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING" and "FID" not in record.message]
    assert "TensorBoard writes to no folder whose name is not UTF-8" in warning.message
    assert sum("metric/kid" in record or "metric/coverage" in record for record in RunFolder(out).history()) == 2
    assert command("resume", out, "train.updates=5").code == 0
    assert command("evaluate", out, "-n", 20).code == 0
    assert command("evaluate", "--samples", root, "data=folder", *settings[:2], "--out", "x.json").code == 0
    assert json.loads(Path("x.json").read_text())["reference"]
    assert command("report", out, "x.json").code == 0
    assert r"run\xd5" in (out / "report.html").read_text(encoding="utf-8")
    assert command("sample", out, "--out", out / "folder").code == 0
    # What is printed to be pasted leads back.
    line = command("resume", out, "train.updates=6").out.splitlines()[-1]
    words = shlex.split(line.split(", or ganatomy ")[1])
    assert command(*words).code == 0


@posix
def test_classes_with_such_names_are_told_apart(tmp_path: Path) -> None:
    for name in (b"\xd5", b"\xd6", b"plain"):
        write_pictures(tmp_path / "pictures" / os.fsdecode(name), count=2)
    dataset = Folder(path=tmp_path / "pictures").load()
    assert dataset.classes == ("plain", r"\xd5", r"\xd6")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [(["claims", "show", "Q5", "--lang", "zh"], "\\u"), (["recipes"], "dcgan"), (["--help"], "train")],
)
def test_a_terminal_without_the_letters_gets_escapes(arguments: list[str], shown: str) -> None:
    """As redirected output has them on Windows."""
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [sys.executable, "-m", "ganatomy", *arguments], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout.decode("cp1252")


@pytest.mark.parametrize("name", ["My Drive", "it's $HOME;", "实验"])
def test_printed_commands_can_be_pasted(name: str, command: Command) -> None:
    done = command("train", "gan", "data=digits", *TINY, f"out={name}/run 1")
    assert done.code == 0
    _, _, pasted = done.out.splitlines()[-1].partition(", or ")
    words = shlex.split(pasted)
    assert words[0] == "ganatomy"
    assert command(*words[1:]).code == 0
    assert Path("grid.png").is_file()
    taken = command("train", "gan", "data=digits", f"out={name}/run 1")
    advised = taken.err.split("continue it with: ")[1].split("; or give")[0]
    assert command(*shlex.split(advised)[1:]).code == 0
