"""The command line: exit codes, what goes to which stream, what `sample` makes, and refusals before any training."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

import ganatomy
from command_line import Command, Done
from ganatomy import randomness
from ganatomy.callbacks import Callback
from ganatomy.callbacks.progress import ProgressBar, ProgressLines, progress
from ganatomy.config import recipe, settings, tree
from ganatomy.config.resolve import resolve
from ganatomy.data import sources
from ganatomy.objectives import Batch, Critic
from ganatomy.objectives.nonsaturating import NonSaturating
from ganatomy.runs import sampling
from ganatomy.runs.events import Step
from ganatomy.runs.folder import RunFolder
from ganatomy.training.trainer import Trainer
from processes import Process, python

SMALL = {"data": "digits", "train.updates": 4, "train.batch": 16, "train.log_every": 2, "train.checkpoint_every": 2}


def tiny(**changes: object) -> list[str]:
    """The words of a training of a second; `log_every=1` stands for train.log_every=1."""
    return [
        f"{name}={value}"
        for name, value in {**SMALL, **{f"train.{key}": value for key, value in changes.items()}}.items()
    ]


TINY = tiny()
LAB_LINE = re.compile(r"^Epoch \d\d \| Step \d{4} / \d+ \| Loss_D -?\d+\.\d{4} \| Loss_G -?\d+\.\d{4}$", re.MULTILINE)


def program(*arguments: object) -> Done:
    """`python -m ganatomy ARGS` in a process of its own."""
    return python("-m", "ganatomy", *arguments)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on digits that no test changes."""
    return ganatomy.train("gan", *TINY, seed=5, out=tmp_path_factory.mktemp("trained") / "run").path


@pytest.fixture(scope="module")
def trained_on_points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("points") / "run"
    tiny = [word for word in TINY if not word.startswith("data=")]
    return ganatomy.train("gan", *tiny, data={"name": "mixtures", "count": 100}, out=out).path


@pytest.fixture
def copied(trained: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


# ---- the program, in processes of their own


def test_train_in_a_process_of_its_own() -> None:
    started = subprocess.run(
        [sys.executable, "-m", "ganatomy", "train", "gan", *TINY, "seed=2"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    done = Done(started.returncode, started.stdout, started.stderr)
    assert done.code == 0, done.err
    assert f"run: {Path('runs', 'gan-digits-s2')}" in done.out
    assert len(LAB_LINE.findall(done.err)) == 2
    assert not LAB_LINE.search(done.out)
    assert "\x1b[" not in done.out + done.err
    assert [line["step"] for line in ganatomy.load(Path("runs", "gan-digits-s2")).history] == [2, 4]


def test_wrong_usage_in_a_process_of_its_own() -> None:
    done = program("train", "gan", "train.epochs=0", "data=digts")
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert "train.epochs" in done.err
    assert "'digits'" in done.err
    assert not Path("runs").exists()


def test_failure_in_a_process_of_its_own() -> None:
    done = program("resume", "nowhere")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: nowhere does not exist")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "statement",
    [
        "import ganatomy",
        "import ganatomy; dir(ganatomy); ganatomy.UsageError; ganatomy.__version__",
        "import ganatomy.cli",
        "import sys; sys.argv = ['ganatomy', '--help']; from ganatomy.cli import main; main()",
        "import sys; sys.argv = ['ganatomy', 'train', '--help']; from ganatomy.cli import main; main()",
    ],
)
def test_torch_is_imported_late(statement: str) -> None:
    code = "\n".join(
        [
            "import sys",
            "try:",
            *(f"    {part.strip()}" for part in statement.split(";")),
            "except SystemExit:",
            "    pass",
            "heavy = {'torch', 'numpy', 'sklearn', 'tensorboard', 'matplotlib'} & sys.modules.keys()",
            "assert not heavy, heavy",
        ]
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_attributes_are_the_documented_ones() -> None:
    assert {"train", "resume", "load", "build", "Run"} <= set(dir(ganatomy))
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = ganatomy.trian


# ---- settings shown


def test_help_lists_the_commands(command: Command) -> None:
    done = command("--help")
    assert done.code == 0
    for name in ("train", "resume", "sample", "recipes", "data", "board"):
        assert re.search(rf"\b{name}\b", done.out), name


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("arguments", [("train", "dcgan", "--dry-run"), ("recipes", "dcgan")])
def test_all_settings_are_printed_with_their_help(arguments: tuple[str, ...], command: Command) -> None:
    changes = ["data=digits", "optimizer.lr=1e-3", "train.precision=fp32"]
    done = command(*arguments, *changes)
    assert (done.code, done.err) == (0, "")
    printed = squeezed(done.out)
    for setting in settings(recipe.load("dcgan", changes)):
        value = "unset" if setting.value is None else setting.value
        assert f"{setting.name} = {value}" in printed
        assert squeezed(setting.help) in printed, setting.name
        assert setting.allowed in printed, setting.name
    assert squeezed(recipe.head_comment("dcgan")) in printed.replace("# ", "")
    assert "next: ganatomy train dcgan data=digits optimizer.lr=1e-3 train.precision=fp32" in printed
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("arguments", [("train", "wgan", "--dry-run", "--json"), ("recipes", "wgan", "--json")])
def test_settings_as_json_are_the_recipes(arguments: tuple[str, ...], command: Command) -> None:
    done = command(*arguments, "train.precision=fp32")  # a dry run replaces `auto` by what it chooses
    shown = json.loads(done.out)
    shown.pop("resolved", None)
    assert shown == json.loads(json.dumps(tree(recipe.load("wgan", ["train.precision=fp32"]))))


def test_a_dry_run_tells_what_the_data_decides(command: Command) -> None:
    done = command("train", "dcgan", "--dry-run", "--json", "data=digits", "train.epochs=2")
    facts = json.loads(done.out)["resolved"]
    assert (facts["shape"], facts["images"], facts["batches_per_epoch"], facts["updates"]) == (
        [28, 28, 1],
        1797,
        15,
        30,
    )


def test_a_dry_run_refuses_what_does_not_fit_the_data(command: Command) -> None:
    done = command("train", "dcgan", "--dry-run", "data=mixtures")
    assert (done.code, done.out) == (2, "")
    assert "model=mlp" in done.err
    assert command("train", "dcgan", "--dry-run", "data=folder").code == 2


def test_a_dry_run_checks(command: Command) -> None:
    done = command("train", "dcgan", "--dry-run", "train.batch=1")
    assert (done.code, done.out) == (2, "")
    assert "BatchNorm" in done.err


def test_recipes_are_listed(command: Command) -> None:
    done = command("recipes")
    assert done.code == 0
    for name in recipe.names():
        (line,) = [line for line in done.out.splitlines() if line.split()[:1] == [name]]
        sentence, _, _ = " ".join(recipe.head_comment(name).split()).partition(". ")
        assert line.endswith(sentence)
    listed = json.loads(command("recipes", "--json").out)
    assert list(listed) == recipe.names()


@pytest.mark.parametrize("arguments", [("recipes", "dcgun"), ("train", "dcgun"), ("train", "dcgun", "--dry-run")])
def test_an_unknown_recipe(arguments: tuple[str, ...], command: Command) -> None:
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'dcgan'" in done.err


def test_a_users_own_file_works_as_a_recipe(tmp_path: Path, command: Command) -> None:
    (tmp_path / "mine.toml").write_text("# Mine.\n" + recipe.text("gan"))
    done = command("train", tmp_path / "mine.toml", "--dry-run", "--json", "seed=8")
    found = json.loads(done.out)
    assert (found["recipe"], found["seed"]) == ("mine", 8)


def test_the_data_sources_are_listed(command: Command) -> None:
    done = command("data")
    assert done.code == 0, done.err
    listed = json.loads(command("data", "--json").out)
    assert sorted(listed) == sources.names()
    for name, facts in listed.items():
        source = sources.get(name)()
        assert facts["licence"] == source.licence
        assert facts["reference"] == source.reference
        assert facts["where"] == source.location()
        assert facts["present"] == source.present()
        assert facts["size"]
        for fact in (name, source.licence, source.reference):
            assert fact in done.out
    assert listed["digits"]["present"]


@pytest.mark.parametrize("arguments", [("trian", "gan"), ("train",), ("train", "gan", "--dryrun"), ("sample",)])
def test_a_wrong_command_line(arguments: tuple[str, ...], command: Command) -> None:
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err


@pytest.mark.parametrize("words", [["train.epochs"], ["seed=1", "seed=2"], ["=3"]])
def test_a_wrong_word(words: list[str], command: Command) -> None:
    assert command("train", "gan", *words).code == 2


# ---- train


def test_train_reports_as_json(command: Command) -> None:
    done = command("train", "gan", *TINY, "out=here", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert (result["run"], result["updates"]) == ("here", 4)
    last = ganatomy.load("here").history[-1]
    assert result["last"] == last
    assert result["loss"] == {player: last[f"epoch_mean/{player}"] for player in ("discriminator", "generator")}
    assert len(LAB_LINE.findall(done.err)) == 2


def test_the_labs_line_shows_the_means_over_the_epoch(command: Command) -> None:
    done = command("train", "gan", *tiny(log_every=1), "out=here")
    history = ganatomy.load("here").history
    lines = LAB_LINE.findall(done.err)
    assert len(lines) == len(history) == 4
    for number, line in enumerate(lines, start=1):
        means = {
            player: np.mean([record[f"loss/{player}"] for record in history[:number]])
            for player in ("discriminator", "generator")
        }
        found = re.fullmatch(r"Epoch 00 \| Step (\d+) / 113 \| Loss_D (\S+) \| Loss_G (\S+)", line)
        assert found
        assert int(found[1]) == number
        assert float(found[2]) == pytest.approx(means["discriminator"], abs=1e-4)
        assert float(found[3]) == pytest.approx(means["generator"], abs=1e-4)


def test_the_report_ends_with_commands_that_work(trained: Path, command: Command) -> None:
    done = command("resume", trained)
    assert done.code == 0
    assert f"run: {trained}" in done.out
    assert "updates: 4" in done.out
    (following,) = [line for line in done.out.splitlines() if line.startswith("next:")]
    sample = following.split("or ")[-1]
    assert command(*shlex.split(sample)[1:]).code == 0
    assert Path("grid.png").exists()


@dataclass
class Stream:
    """stderr as `progress` looks at it."""

    terminal: bool

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "environment", "kind"),
    [
        (True, {}, ProgressBar),
        (False, {}, ProgressLines),
        (True, {"NO_COLOR": "1"}, ProgressLines),
        (True, {"TERM": "dumb"}, ProgressLines),
    ],
)
def test_a_bar_on_a_terminal_lines_elsewhere(
    terminal: bool, environment: dict[str, str], kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", Stream(terminal))
    assert type(progress()) is kind


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are posix")
def test_a_bar_on_a_real_terminal() -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm", "COLUMNS": "120", "OMP_NUM_THREADS": "1"}
    arguments = [sys.executable, "-m", "ganatomy", "train", "gan", *TINY, "out=here"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    out, _ = process.communicate()
    assert process.returncode == 0, shown.decode()
    assert out.decode().startswith("run: here")
    text = shown.decode()
    assert "\x1b[" in text
    without_control = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "\n")
    assert len(LAB_LINE.findall(without_control)) == 2
    assert "images/s" in text


# ---- refused before any training


def test_a_full_disk_at_the_start(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=1000))
    done = command("train", "gan", *TINY)
    assert (done.code, done.out) == (1, "")
    assert "MiB free" in done.err
    assert "out=" in done.err
    assert "Epoch" not in done.err
    assert list(Path("runs").iterdir()) == []
    assert command("train", "gan", *TINY, "out=here").code == 1
    assert not Path("here").exists()


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_place_that_cannot_be_written(out: str, command: Command) -> None:
    Path("file").write_text("a regular file")
    done = command("train", "gan", *TINY, f"out={out}")
    assert (done.code, done.out) == (1, "")
    assert out in done.err
    assert "Epoch" not in done.err
    assert [entry.name for entry in Path.cwd().iterdir()] == ["file"]


def test_a_folder_that_holds_something(command: Command) -> None:
    Path("here").mkdir()
    Path("here", "thesis.txt").write_text("mine")
    done = command("train", "gan", *TINY, "out=here")
    assert done.code == 1
    assert "not empty" in done.err
    assert [entry.name for entry in Path("here").iterdir()] == ["thesis.txt"]


def test_a_run_that_is_there_is_kept(copied: Path, command: Command) -> None:
    before = sorted(copied.rglob("*"))
    done = command("train", "gan", *TINY, f"out={copied}")
    assert done.code == 1
    assert "ganatomy resume" in done.err
    assert sorted(copied.rglob("*")) == before


def test_a_gpu_that_is_not_there(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    done = command("train", "gan", *TINY, "train.device=cuda")
    assert done.code == 1
    assert "no GPU" in done.err
    assert not Path("runs").exists()


def test_settings_that_do_not_fit_the_data(command: Command) -> None:
    done = command("train", "dcgan", "data=mixtures", "train.updates=1")
    assert done.code == 2
    assert "model=mlp" in done.err
    assert not Path("runs").exists()


# ---- resume


def test_resume_of_a_finished_run_changes_nothing(copied: Path, command: Command) -> None:
    before = {file: file.read_bytes() for file in copied.rglob("*") if file.is_file()}
    done = command("resume", copied, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["updates"] == 4
    assert {file: file.read_bytes() for file in copied.rglob("*") if file.is_file()} == before


def test_resume_to_a_greater_length(copied: Path, command: Command) -> None:
    done = command("resume", copied, "train.updates=6", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["updates"] == 6
    assert [line["step"] for line in ganatomy.load(copied).history] == [2, 4, 6]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("")])
def test_resume_and_sample_of_what_is_no_run(make: Callable[[Path], object], command: Command) -> None:
    make(Path("thing"))
    for name in ("resume", "sample"):
        done = command(name, "thing")
        assert (done.code, done.out) == (1, "")
        assert "thing" in done.err


def test_resume_with_changed_settings_shows_the_difference(copied: Path, command: Command) -> None:
    before = {file: file.read_bytes() for file in copied.rglob("*") if file.is_file()}
    done = command("resume", copied, "optimizer.lr=0.001", "seed=6", "train.updates=9")
    assert (done.code, done.out) == (1, "")
    assert "optimizer.lr: 0.0002 -> 0.001" in done.err
    assert "seed: 5 -> 6" in done.err
    assert "train.updates:" not in done.err
    assert {file: file.read_bytes() for file in copied.rglob("*") if file.is_file()} == before


def test_resume_does_not_move_a_run(copied: Path, command: Command) -> None:
    done = command("resume", copied, "out=elsewhere", "train.updates=6")
    assert (done.code, done.out) == (1, "")
    assert "out: " in done.err
    assert "elsewhere" not in (copied / "config.toml").read_text()


def test_a_run_that_was_moved_goes_on(copied: Path, command: Command) -> None:
    moved = copied.rename(copied.parent / "moved")
    done = command("resume", moved, "train.updates=6")
    assert done.code == 0, done.err
    assert ganatomy.load(moved).update == 6


def test_resume_after_the_config_was_edited(copied: Path, command: Command) -> None:
    file = copied / "config.toml"
    file.write_text(file.read_text().replace("lr = 0.0002", "lr = 0.001"))
    done = command("resume", copied, "train.updates=6")
    assert done.code == 1
    assert "optimizer.lr: 0.0002 -> 0.001" in done.err


def test_resume_on_other_data(copied: Path, command: Command) -> None:
    file = copied / "config.toml"
    text = file.read_text()
    (digest,) = re.findall(r'digest = "(\w+)"', text)
    file.write_text(text.replace(digest, "0" * 64))
    done = command("resume", copied, "train.updates=6")
    assert done.code == 1
    assert digest in done.err
    assert "0" * 64 in done.err


def test_resume_to_a_shorter_length(copied: Path, command: Command) -> None:
    done = command("resume", copied, "train.updates=3")
    assert done.code == 2
    assert "update 4" in done.err
    assert "3 updates" in done.err


def test_resume_of_a_newer_format(copied: Path, command: Command) -> None:
    for file in copied.glob("checkpoints/*/manifest.json"):
        file.write_text(json.dumps({**json.loads(file.read_text()), "format": 99}))
    done = command("resume", copied, "train.updates=6")
    assert done.code == 1
    assert "format 99" in done.err
    assert "pip install --upgrade" in done.err


def test_resume_passes_over_a_damaged_checkpoint(
    copied: Path, command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    newest = copied / "checkpoints" / "step-000000004" / "generator.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    history = ganatomy.load(copied).history
    with caplog.at_level(logging.WARNING):
        done = command("resume", copied)
    assert done.code == 0, done.err
    assert "damaged" in caplog.text
    again = ganatomy.load(copied).history
    keys = [key for key in history[-1] if key.startswith(("loss/", "score/", "grad/", "epoch_mean/", "step"))]
    assert [{key: line[key] for key in keys} for line in again] == [
        {key: line[key] for key in keys} for line in history
    ]


def test_resume_without_any_whole_checkpoint(copied: Path, command: Command) -> None:
    for file in copied.glob("checkpoints/*/state.json"):
        file.unlink()
    done = command("resume", copied, "train.updates=6")
    assert done.code == 1
    assert "no readable checkpoint" in done.err


# ---- sample


def images_of(file: Path) -> np.ndarray:
    with np.load(file) as content:
        assert content.files == ["images"]
        return content["images"]


def test_sample_to_an_array(trained: Path, command: Command) -> None:
    done = command("sample", trained, "-n", 300, "--seed", 0, "--out", "deep/samples.npz")
    assert done.code == 0, done.err
    assert done.out.strip() == f"samples: {Path('deep/samples.npz')}"
    images = images_of(Path("deep/samples.npz"))
    assert (images.shape, images.dtype) == ((300, 28, 28, 1), np.uint8)
    assert np.array_equal(images, ganatomy.load(trained).sample(300, seed=0))
    with torch.no_grad():
        noise = randomness.sample_noise(300, 100, 0)
        expected = ganatomy.load(trained).generator(noise).add(1).mul(127.5).permute(0, 2, 3, 1).numpy()
    assert np.abs(images - expected).max() < 0.51
    assert images.std() > 1


def test_samples_are_a_function_of_the_seed(trained: Path, command: Command) -> None:
    for name, arguments in {
        "a.npz": ["-n", 70, "--seed", 0],
        "b.npz": ["-n", 10, "--seed", 0],
        "c.npz": ["-n", 10, "--seed", 1],
        "d.npz": ["-n", 10],
        "e.npz": ["-n", 10, "--seed", 5],
    }.items():
        assert command("sample", trained, *arguments, "--out", name).code == 0
    made = {name: images_of(Path(f"{name}.npz")) for name in "abcde"}
    assert np.array_equal(made["a"][:10], made["b"])
    assert not np.array_equal(made["b"], made["c"])
    assert np.array_equal(made["d"], made["e"]), "unset, the run's own seed"


def test_sample_to_a_grid(trained: Path, command: Command) -> None:
    assert command("sample", trained, "-n", 10, "--out", "grid.png").code == 0
    with Image.open("grid.png") as image:
        assert (image.size, image.mode) == ((8 * 30 + 2, 2 * 30 + 2), "L")
        sheet = np.asarray(image)
    first, *_ = ganatomy.load(trained).sample(10)
    assert np.array_equal(sheet[2:30, 2:30], first[:, :, 0])


def test_the_default_samples_are_the_runs_last_picture(trained: Path, command: Command) -> None:
    assert command("sample", trained, "--out", "grid.png").code == 0
    assert np.array_equal(
        np.asarray(Image.open("grid.png")), np.asarray(Image.open(trained / "samples" / "pct_100.png"))
    )


def test_sample_to_a_folder(trained: Path, command: Command) -> None:
    assert command("sample", trained, "-n", 5, "--out", "made/here").code == 0
    files = sorted(Path("made/here").iterdir())
    assert len(files) == 5
    for file, image in zip(files, ganatomy.load(trained).sample(5), strict=True):
        assert np.array_equal(np.asarray(Image.open(file)), image[:, :, 0])


def test_sample_without_a_name_goes_to_the_run(copied: Path, command: Command) -> None:
    done = command("sample", copied, "-n", 3, "--json")
    result = json.loads(done.out)
    assert result["count"] == 3
    assert images_of(Path(result["out"])).shape == (3, 28, 28, 1)
    assert Path(result["out"]).parent == copied


def test_a_walk_as_a_picture(trained: Path, command: Command) -> None:
    assert command("sample", trained, "--interpolate", "-n", 30, "--out", "walk.png").code == 0
    with Image.open("walk.png") as image:
        assert image.size == (10 * 30 + 2, 3 * 30 + 2)
        sheet = np.asarray(image)
    ends = ganatomy.load(trained).sample(6)
    for row in range(3):
        top = 2 + 30 * row
        for left, end in ((2, ends[2 * row]), (2 + 9 * 30, ends[2 * row + 1])):
            found = sheet[top : top + 28, left : left + 28].astype(int)
            assert np.abs(found - end[:, :, 0]).max() <= 1


def test_a_walk_as_a_film(trained: Path, command: Command) -> None:
    assert command("sample", trained, "--interpolate", "-n", 20, "--out", "walk.gif").code == 0
    with Image.open("walk.gif") as image:
        assert image.n_frames == 18  # type: ignore[attr-defined]
        assert image.size == (2 * 30 + 2, 30 + 2)


def test_points_to_an_array_and_a_picture(trained_on_points: Path, command: Command) -> None:
    assert command("sample", trained_on_points, "-n", 20, "--out", "points.npz").code == 0
    points = images_of(Path("points.npz"))
    assert (points.shape, points.dtype) == ((20, 1, 1, 2), np.float32)
    assert command("sample", trained_on_points, "-n", 20, "--out", "points.png").code == 0
    assert Image.open("points.png").size == (242, 242)


@pytest.mark.parametrize("arguments", [["--out", "folder"], ["--interpolate", "--out", "walk.png"]])
def test_what_points_cannot_be(arguments: list[str], trained_on_points: Path, command: Command) -> None:
    done = command("sample", trained_on_points, *arguments)
    assert (done.code, done.out) == (2, "")
    assert "points in the plane" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--out", "samples.jpg"],
        ["--interpolate", "--out", "walk.npz"],
        ["-n", "0"],
        ["-n", "2000", "--out", "grid.png"],
        ["--seed", "-1"],
    ],
)
def test_samples_that_cannot_be_asked_for(arguments: list[str], trained: Path, command: Command) -> None:
    done = command("sample", trained, *arguments)
    assert (done.code, done.out) == (2, "")
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("out", ["file/samples.npz", "file/grid.png", "file/folder", "file"])
def test_samples_where_nothing_can_be_written(out: str, trained: Path, command: Command) -> None:
    Path("file").write_text("a regular file")
    done = command("sample", trained, "-n", 2, "--out", out)
    assert (done.code, done.out) == (1, "")
    assert "file" in done.err


def test_board_wants_a_folder(command: Command) -> None:
    done = command("board", "nowhere")
    assert done.code == 1
    assert "nowhere" in done.err


# ---- the walk's points


vectors = (
    st.lists(st.floats(-3, 3, width=32), min_size=4, max_size=4).map(torch.tensor).filter(lambda v: v.norm() > 0.1)
)


@given(start=vectors, end=vectors)
def test_a_walk_goes_from_end_to_end(start: Tensor, end: Tensor) -> None:
    walk = sampling.spherical(start, end, 5)
    assert walk.shape == (5, 4)
    assert walk.isfinite().all()
    torch.testing.assert_close(walk[0], start, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(walk[-1], end, rtol=1e-3, atol=1e-3)


@given(angle=st.floats(0.05, 3.0), steps=st.integers(2, 12))
def test_a_walk_stays_on_the_sphere_and_turns_evenly(angle: float, steps: int) -> None:
    start = torch.tensor([1.0, 0.0, 0.0])
    end = torch.tensor([np.cos(angle), np.sin(angle), 0.0], dtype=torch.float32)
    walk = sampling.spherical(start, end, steps).double()
    torch.testing.assert_close(walk.norm(dim=1), torch.ones(steps, dtype=torch.float64), rtol=1e-3, atol=1e-3)
    turned = torch.atan2(walk[:, 1], walk[:, 0])
    expected = torch.linspace(0, angle, steps, dtype=torch.float64)
    torch.testing.assert_close(turned, expected, rtol=1e-3, atol=1e-3)


# ---- losses and gradients that are not finite


def poisoned(monkeypatch: pytest.MonkeyPatch, method: str, call: int, poison: Callable[[Tensor], Tensor]) -> None:
    """Make the term `fake` of a loss bad at its call-th call."""
    whole = getattr(NonSaturating, method)
    calls = []

    def loss(self: NonSaturating, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        terms: dict[str, Tensor] = whole(self, critic, batch)
        calls.append(1)
        return {**terms, "fake": poison(terms["fake"])} if len(calls) == call else terms

    monkeypatch.setattr(NonSaturating, method, loss)


def infinite(term: Tensor) -> Tensor:
    return term + float("inf")


def not_a_number(term: Tensor) -> Tensor:
    return term * float("nan")


def steep(term: Tensor) -> Tensor:
    """Finite, with a gradient that is not."""
    return term + torch.sqrt(term - term)


CULPRITS = [
    ("critic_loss", infinite, "the term 'fake' of the discriminator's loss is inf"),
    ("critic_loss", not_a_number, "the term 'fake' of the discriminator's loss is nan"),
    ("critic_loss", steep, "the gradient of the discriminator's layers.1.weight is not finite"),
    ("generator_loss", infinite, "the term 'fake' of the generator's loss is inf"),
    ("generator_loss", steep, "the gradient of the generator's layers.0.weight is not finite"),
]


@pytest.mark.parametrize(("method", "poison", "words"), CULPRITS)
def test_a_loss_that_is_not_finite_stops_the_run(
    method: str, poison: Callable[[Tensor], Tensor], words: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(monkeypatch, method, 4, poison)
    done = command("train", "gan", *tiny(updates=8), "out=here")
    assert (done.code, done.out) == (1, "")
    assert "stopped before update 4" in done.err
    assert words in done.err
    assert f"last good checkpoint: {RunFolder(Path('here')).checkpoint(2)}" in done.err
    run = ganatomy.load("here")
    assert run.update == 2
    assert all(weight.isfinite().all() for weight in run.generator.parameters())


@pytest.mark.parametrize(("method", "poison", "words"), CULPRITS)
def test_nothing_is_updated_by_what_is_not_finite(
    method: str, poison: Callable[[Tensor], Tensor], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = recipe.load("gan", TINY)
    dataset = config.data.load()
    config, resolved = resolve(config, dataset)
    trainer = Trainer(config, resolved, dataset, RunFolder(tmp_path))
    player = trainer.players.discriminator if method == "critic_loss" else trainer.players.generator
    poisoned(monkeypatch, method, 3, poison)
    for _ in range(2):
        trainer.train_step()
    before = {name: {k: v.clone() for k, v in group.items()} for name, group in player.tensors().items()}
    with pytest.raises(ganatomy.GanatomyError) as caught:
        trainer.train_step()
    assert words in str(caught.value)
    assert trainer.update == 2
    for name, group in player.tensors().items():
        for key, value in group.items():
            assert torch.equal(value, before[name][key]), f"{name} {key}"


def test_a_run_that_fails_before_its_first_checkpoint_leaves_no_folder(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_self: Trainer) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Trainer, "_save", fails)
    done = command("train", "gan", *TINY)
    assert done.code == 1
    assert "No space left on device" in done.err
    assert list(Path("runs").iterdir()) == []


@pytest.mark.parametrize("name", ["../escape", "a/b", ".hidden", ""])
def test_a_recipes_name_stays_within_the_runs(name: str, command: Command) -> None:
    done = command("train", "gan", "data=digits", f"recipe={name}")
    assert (done.code, done.out) == (2, "")
    assert "recipe" in done.err
    assert list(Path.cwd().iterdir()) == []


def test_endings_in_capitals_are_endings(trained: Path, command: Command) -> None:
    assert command("sample", trained, "--out", "grid.PNG").code == 0
    assert Path("grid.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_walk_tells_how_many_images_it_has(trained: Path, command: Command) -> None:
    done = command("sample", trained, "--interpolate", "-n", 64, "--out", "walk.png", "--json")
    assert json.loads(done.out) == {"out": "walk.png", "count": 60}


def test_comparison_of_runs(trained: Path, command: Command) -> None:
    done = command("compare", trained, trained, "--out", "deep/comparison.png")
    assert done.code == 0, done.err
    with Image.open("deep/comparison.png") as picture:
        assert picture.width > picture.height > 300
    refused = command("compare", trained, "--out", "comparison.pdf")
    assert (refused.code, Path("comparison.pdf").exists()) == (2, False)


def test_the_version(command: Command) -> None:
    done = command("--version")
    assert (done.code, done.out) == (0, f"ganatomy {ganatomy.__version__}\n")


def test_shell_completion_names_the_commands(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    """What the shell function of `--install-completion` asks for at `ganatomy eva<TAB>`."""
    for name, value in {
        "_GANATOMY_COMPLETE": "complete_bash",
        "COMP_WORDS": "ganatomy eva",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert command("eva").out.split() == ["evaluate"]


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["train.epochs=unset", "train.updates=5"], "train.epochs", None),
        (["train.updates=5", "train.epochs=unset"], "train.updates", 5),
        (["optimizer.generator.lr=0.1", "model.discriminator_hidden=unset"], "model.discriminator_hidden", None),
    ],
)
def test_a_setting_can_be_unset(words: list[str], name: str, value: object) -> None:
    found = {setting.name: setting.value for setting in settings(recipe.load("gan", words))}
    assert found[name] == value


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train.batch=unset"], "train.batch = unset: must be whole number >= 1"),
        (["train.epochs=unset"], "set exactly one of epochs, updates and seconds as the run's length; set now: none"),
        (
            ["train.epochs=5", "train.updates=5"],
            "set now: train.epochs and train.updates; unset the others, as in train.epochs=unset",
        ),
        (["objective=unset"], "objective.name is missing"),
        (["data=unset"], "data.name is missing"),
    ],
)
def test_what_cannot_be_unset(words: list[str], message: str, command: Command) -> None:
    done = command("train", "gan", *words, "--dry-run")
    assert done.code == 2
    assert message in done.err


def test_an_interrupted_training_does_not_say_error(tmp_path: Path) -> None:
    """Ctrl-C while it trains: what is saved and how to go on, exit code 130."""
    begun = Process("-m", "ganatomy", "train", "gan", *tiny(updates=100_000), "out=run")
    while "Epoch 00 | Step 0010" not in begun.printed("err"):
        time.sleep(0.05)
    os.kill(begun.pid, signal.SIGINT)
    done = begun.finish()
    assert done.code == 130
    last = done.err.splitlines()[-1]
    assert last.startswith("stopped by SIGINT after update ")
    assert last.endswith("Continue with: ganatomy resume run")
    assert "error" not in done.err.lower()


def test_an_interrupted_command_says_so(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(recipe, "names", interrupted)
    done = command("recipes")
    assert (done.code, done.out) == (130, "")
    assert done.err.startswith("interrupted; ")


def test_ctrl_c_ends_a_loop_that_goes_on_after_errors() -> None:
    began: list[int] = []

    class Interrupt(Callback):
        def on_step(self, event: Step) -> None:
            if event.update == 2:
                os.kill(os.getpid(), signal.SIGINT)

    def over_seeds() -> None:
        for seed in range(3):
            began.append(seed)
            with contextlib.suppress(Exception):
                ganatomy.train("gan", *TINY, seed=seed, out=f"run-{seed}", callbacks=[Interrupt()])

    with pytest.raises(KeyboardInterrupt) as stopped:
        over_seeds()
    assert isinstance(stopped.value, ganatomy.Interrupted)
    assert stopped.value.exit_code == 130
    assert began == [0]
    assert ganatomy.load("run-0").update == 2


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.not_installed", "nonsense"])
def test_pictures_need_no_backend(backend: str, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's cells hand MPLBACKEND on."""
    monkeypatch.setenv("MPLBACKEND", backend)
    done = program("compare", trained, "--out", "rows.png")
    assert done.code == 0, done.err
    assert Path("rows.png").is_file()
