"""Places where nothing can be written or locked, and dry runs that find it out beforehand."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganatomy
from command_line import Command
from ganatomy import atomic
from ganatomy.data import cache
from ganatomy.data.cache import cache_root
from ganatomy.errors import GanatomyError
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.lock import InUse

TINY = ["data=digits", "train.updates=2", "train.batch=8", "train.evaluate_every=0"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ganatomy.Run:
    return ganatomy.train("gan", *TINY, f"out={tmp_path_factory.mktemp('runs') / 'run'}")


# ---- file systems without locks


@pytest.fixture(params=[errno.ENOLCK, errno.EOPNOTSUPP])
def without_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """As many universities' home folders and some cloud drives answer."""
    fcntl = pytest.importorskip("fcntl")

    def flock(_file: int, _what: int) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", flock)
    number: int = request.param
    return number


def test_a_run_without_locks(without_locks: int, caplog: pytest.LogCaptureFixture) -> None:
    made = ganatomy.train("gan", *TINY, "out=run")
    ganatomy.resume(made.path, "train.updates=3")
    assert [os.strerror(without_locks) in record.message for record in caplog.records] == [True, True]
    assert not (made.path / ".owner.json").exists()
    assert ganatomy.load("run").update == 3


@pytest.mark.usefixtures("without_locks")
def test_two_at_once_without_locks() -> None:
    folder = RunFolder.open(ganatomy.train("gan", *TINY, "out=run").path)
    with folder.lock(), pytest.raises(InUse, match=f"process {os.getpid()} on host"):
        ganatomy.resume("run", "train.updates=3")
    assert ganatomy.resume("run", "train.updates=3").update == 3


@pytest.mark.usefixtures("without_locks")
def test_the_note_of_a_process_that_is_gone_is_taken_over() -> None:
    ganatomy.train("gan", *TINY, "out=run")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    note = Path("run/.owner.json")
    note.write_text(json.dumps({"pid": gone.pid, "host": socket.gethostname()}))
    assert ganatomy.resume("run", "train.updates=3").update == 3
    note.write_text(json.dumps({"pid": gone.pid, "host": "another"}))
    with pytest.raises(InUse, match=r"on host another.*if it ended, remove run/\.owner\.json"):
        ganatomy.resume("run", "train.updates=4")


def test_a_refusal_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def flock(_file: int, _what: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(GanatomyError, match="Input/output error"):
        ganatomy.train("gan", *TINY, "out=run")
    assert not Path("run").exists()


@pytest.mark.usefixtures("without_locks")
def test_features_are_learnt_without_locks(tmp_path: Path) -> None:
    write_classes(tmp_path / "pictures")
    settings = [f"data.path={tmp_path / 'pictures'}", "data.size=8"]
    scored = ganatomy.evaluate_images(tmp_path / "pictures", "folder", *settings, features="plain", metrics=["kid"])
    assert scored.extractor["name"] == "plain"
    assert list((cache_root() / "features").glob("*.safetensors"))


def write_classes(root: Path) -> None:
    noise = np.random.default_rng(0)
    for name in "ab":
        (root / name).mkdir(parents=True)
        for index in range(30):
            Image.fromarray(noise.integers(0, 256, (8, 8), dtype=np.uint8)).save(root / name / f"{index}.png")


# ---- where nothing can be written


def read_only(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Writing below a folder fails as on a read-only file system; rights do not bind the user that tests may run as."""
    refused = OSError(errno.EROFS, os.strerror(errno.EROFS))
    write = atomic.write_synced
    temporary = atomic.tempfile.TemporaryFile

    def write_synced(path: Path, content: bytes) -> None:
        if path.absolute().is_relative_to(folder.absolute()):
            raise refused
        write(path, content)

    def temporary_file(*args: object, dir: Path, **options: object) -> object:
        if Path(dir).absolute().is_relative_to(folder.absolute()):
            raise refused
        return temporary(*args, dir=dir, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(atomic, "write_synced", write_synced)
    monkeypatch.setattr(atomic.tempfile, "TemporaryFile", temporary_file)


def test_scores_are_shown_though_the_run_is_read_only(
    run: ganatomy.Run, monkeypatch: pytest.MonkeyPatch, command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    read_only(monkeypatch, run.path)
    done = command("evaluate", run.path, "-n", 20)
    assert done.code == 0
    assert "kid" in done.out
    (warning,) = [record for record in caplog.records if "metrics.json" in record.message]
    assert "cannot be written (Read-only file system); the scores are not kept" in warning.message
    assert not (run.path / "metrics.json").exists()
    assert ganatomy.evaluate(run, n=20, metrics=["kid"]).metrics["kid"].value


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "--samples", "x.npz", "data=digits", "--out", "closed/scores.json"],
        ["report", "RUN", "--out", "closed/new/page.html"],
        ["sample", "RUN", "--out", "closed/x.npz"],
        ["sample", "RUN", "--out", "closed/folder"],
        ["sample", "RUN", "--out", "closed/walk.gif", "--interpolate"],
        ["compare", "RUN", "--out", "closed/x.png"],
        ["features", "train", "digits", "--out", "closed"],
        ["features", "ladder", "digits", "--out", "closed/table.md"],
        ["features", "ladder", "digits", "--figures", "closed/figures"],
        ["study", "course", "--studies", "closed/studies"],
        ["train", "gan", "data=digits", "out=closed/run", "--dry-run"],
    ],
)
def test_a_place_is_tried_before_the_work(
    words: list[str], run: ganatomy.Run, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    Path("closed").mkdir()
    np.savez("x.npz", images=run.sample(20))
    read_only(monkeypatch, Path("closed"))

    def worked(*_: object, **__: object) -> None:
        raise AssertionError("the work was begun")

    for place in (
        "ganatomy.runs.sampler.Sampler.decode",
        "ganatomy.evaluation.command.evaluate_images",
        "ganatomy.features.training.train",
        "ganatomy.evaluation.ladder.climb",
        "ganatomy.report.page.save",
        "ganatomy.studies.local.run",
        "ganatomy.training.trainer.Trainer.train_step",
    ):
        monkeypatch.setattr(place, worked)
    done = command(*(run.path if word == "RUN" else word for word in words))
    assert done.code == 1
    assert "closed" in done.err
    assert "cannot be written: Read-only file system; give another place" in done.err
    assert not list(Path("closed").iterdir())


def test_python_gets_one_kind_of_error(run: ganatomy.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("closed").mkdir()
    read_only(monkeypatch, Path("closed"))
    with pytest.raises(GanatomyError, match="cannot be written"):
        ganatomy.study("course", studies="closed")


def test_scores_are_shown_though_the_file_fails_at_last(
    run: ganatomy.Run, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    np.savez("x.npz", images=run.sample(20))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ganatomy.evaluation.command.atomic.write", full)
    done = command("evaluate", "--samples", "x.npz", "data=digits", "--out", "scores.json")
    assert done.code == 1
    assert "kid" in done.out
    assert done.err.endswith("error: scores.json cannot be written: No space left on device; give another place\n")


def test_features_are_learnt_for_this_time_where_the_cache_is_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write_classes(tmp_path / "pictures")
    settings = [f"data.path={tmp_path / 'pictures'}", "data.size=8"]
    ganatomy.evaluate_images(tmp_path / "pictures", "folder", *settings, features="principal", metrics=["kid"])
    read_only(monkeypatch, cache_root())
    cache._say_not_kept.cache_clear()
    caplog.clear()
    for _ in range(2):
        ganatomy.evaluate_images(tmp_path / "pictures", "folder", *settings, features="plain", metrics=["kid"])
    (warning,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert "is not kept, because the cache" in warning
    assert "Read-only file system" in warning


# ---- dry runs


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data=mnist", "data.dir=/nowhere"], "no mnist in /nowhere: the folder that data.dir names does not exist"),
        (["data=folder", "data.path=/nowhere"], "no folder of images: /nowhere does not exist"),
        (["data=digits", "out=taken"], "taken is not empty"),
        (["data=digits", "out=file/run"], "cannot be written: Not a directory; give another place with out=FOLDER"),
        (["data=digits", "objective=./broken.py"], "the critic has no colour"),
    ],
)
def test_a_dry_run_finds_what_a_run_would(words: list[str], message: str, command: Command) -> None:
    Path("taken").mkdir()
    Path("taken/something").touch()
    Path("file").touch()
    Path("broken.py").write_text(
        "from ganatomy import Objective\n"
        "class Broken(Objective):\n"
        "    def critic_loss(self, critic, batch):\n"
        "        raise ValueError('the critic has no colour')\n"
        "    def generator_loss(self, critic, batch):\n"
        "        return {'fake': critic(batch.fake).mean()}\n"
    )
    before = sorted(Path().rglob("*"))
    done = command("train", "gan", *words, "--dry-run")
    assert done.code in (1, 2)
    assert message in done.err
    assert [path for path in sorted(Path().rglob("*")) if "__pycache__" not in str(path)] == before
    assert command("train", "gan", *words).code == done.code


def test_a_dry_run_writes_nothing(command: Command) -> None:
    assert command("train", "dcgan", *TINY, "--dry-run").code == 0
    assert command("train", "dcgan", *TINY, "out=new/run", "--dry-run").code == 0
    assert not Path("runs").exists()
    assert not Path("new").exists()


# ---- the board


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_the_board_ends_with_its_process(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "runs").mkdir()
    words = ["board", "runs", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", "ganatomy", *words], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.1)
        else:
            raise AssertionError("no board")
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        with socket.socket() as again:
            again.bind(("127.0.0.1", port))
    finally:
        process.kill()
        process.wait()
