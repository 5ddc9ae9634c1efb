"""Exact resume: stopped anywhere, by any signal, a run ends in the same bits as one that was never stopped."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganatomy
from ganatomy.callbacks import Callback, Step
from ganatomy.callbacks.tensorboard import read_events
from ganatomy.errors import GanatomyError, Interrupted, UsageError
from ganatomy.runs import checkpoint
from processes import python

# 40 images in batches of 16: three updates an epoch, the last of 8 images; 8x8 keeps the convnet small.
SETTINGS = ["train.epochs=4", "train.batch=16", "train.log_every=2", "train.checkpoint_every=4", "seed=3"]
UPDATES = 12
SAVED = (0, 3, 4, 6, 8, 9, 12)  # milestones and every fourth
RECIPES = ["gan", "dcgan", "wgan", "gan-as-reported", "dcgan-as-reported"]

STOP = """
import os, sys
import ganatomy
from ganatomy.callbacks import Callback

class Stop(Callback):
    def on_step(self, event):
        if event.update == int(sys.argv[1]):
            os.kill(os.getpid(), int(sys.argv[2]))

try:
    ganatomy.train(sys.argv[3], *sys.argv[4:], callbacks=[Stop()])
except ganatomy.Interrupted as error:
    sys.exit(error.exit_code)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 small pictures."""
    folder = tmp_path_factory.mktemp("data") / "pictures"
    folder.mkdir()
    noise = np.random.default_rng(0)
    for index in range(40):
        smooth = np.add.outer(np.arange(8), np.arange(8)) * (2 * index % 16) + noise.integers(0, 30, (8, 8))
        Image.fromarray(smooth.clip(0, 255).astype(np.uint8)).save(folder / f"{index}.png")
    return folder


@pytest.fixture(scope="module")
def pictures(folder: Path) -> list[str]:
    """Settings for the pictures."""
    return ["data=folder", f"data.path={folder}", "data.size=8"]


@pytest.fixture(scope="module")
def whole(pictures: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the gan recipe that was never stopped; not to be changed."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert ganatomy.train("gan", *pictures, *SETTINGS, f"out={run}").update == UPDATES
    return run


@pytest.fixture
def finished(whole: Path, tmp_path: Path) -> Path:
    """A copy of that run, as `run`."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


def contents(run: Path) -> dict[str, Any]:
    """All that a run made, wall-clock fields apart."""
    wall_clock = ("seconds", "speed/images_per_second")
    found: dict[str, Any] = {"history": [], "events": [], "files": {}}
    for record in ganatomy.load(run).history:
        found["history"].append({name: value for name, value in record.items() if name not in wall_clock})
    for file in sorted(run.glob("events.out.tfevents.*")):
        for event in read_events(file):
            for value in event.summary.value:
                is_clock = value.tag in wall_clock
                # The settings name the run's own folder and length; when they were written is no fact of the run.
                is_settings = value.metadata.plugin_data.plugin_name == "hparams"
                content = b"" if is_clock or is_settings else value.SerializeToString()
                found["events"].append((event.step, value.tag, content))
    found["events"].sort(key=lambda entry: (entry[0], entry[1]))
    for file in sorted(run.rglob("*")):
        is_picture = file.suffix in (".png", ".gif")
        if is_picture or (
            file.suffix == ".safetensors" and "checkpoints" in file.parts and f"{UPDATES:09d}" in str(file)
        ):
            found["files"][str(file.relative_to(run))] = file.read_bytes()
        if file.suffix == ".safetensors" and "milestones" in file.parts:
            found["files"][str(file.relative_to(run))] = file.read_bytes()
    return found


def assert_same(one: Path, other: Path) -> None:
    a, b = contents(one), contents(other)
    assert a["history"] == b["history"]
    assert [entry[:2] for entry in a["events"]] == [entry[:2] for entry in b["events"]]
    assert a["events"] == b["events"]
    assert a["files"].keys() == b["files"].keys()
    for name, content in a["files"].items():
        assert content == b["files"][name], name
    assert any("checkpoints" in name for name in a["files"])


@pytest.mark.parametrize(
    ("recipe", "update", "number", "more"),
    [
        *((recipe, 3 + index, signal.SIGINT, []) for index, recipe in enumerate(RECIPES)),
        ("dcgan", 7, signal.SIGKILL, []),
        ("wgan", 5, signal.SIGKILL, ["objective.shares_real_batch=false"]),
        ("dcgan", 8, signal.SIGTERM, ["train.ema=0.9", "optimizer.schedule=cosine"]),
        ("dcgan", 5, signal.SIGKILL, ["model.batchnorm=both", "train.ema=0.9"]),
        ("wgan", 7, signal.SIGINT, ["model.batchnorm=both", "model.upsampling=nearest", "model.head=average"]),
    ],
)
def test_a_stopped_run_ends_in_the_same_bits(
    recipe: str, update: int, number: int, more: list[str], pictures: list[str], tmp_path: Path
) -> None:
    settings = [*pictures, *SETTINGS, *more]
    if "objective.shares_real_batch=false" in more:
        settings = [*settings, f"train.updates={UPDATES}"]
        settings.remove("train.epochs=4")
    whole = ganatomy.train(recipe, *settings, "out=whole")
    assert whole.update == UPDATES

    code, _, _ = python("-c", STOP, update, int(number), recipe, *settings, "out=stopped")
    assert code == (-number if number == signal.SIGKILL else 128 + number)
    stopped = ganatomy.load("stopped")
    saved_before = max(saved for saved in SAVED if saved < update)
    assert stopped.update == (saved_before if number == signal.SIGKILL else update)
    assert python("-m", "ganatomy", "resume", "stopped").code == 0
    assert_same(tmp_path / "whole", tmp_path / "stopped")


class StopAt(Callback):
    """Sends a signal to its own process after one update."""

    def __init__(self, update: int) -> None:
        self.update = update

    def on_step(self, event: Step) -> None:
        if event.update == self.update:
            os.kill(os.getpid(), signal.SIGINT)


def test_every_update_is_a_good_place_to_stop(pictures: list[str], whole: Path, tmp_path: Path) -> None:
    settings = [*pictures, *SETTINGS]
    for update in range(1, UPDATES):
        with pytest.raises(Interrupted) as stopped:
            ganatomy.train("gan", *settings, f"out=stop-{update}", callbacks=[StopAt(update)])
        assert stopped.value.exit_code == 130
        ganatomy.resume(f"stop-{update}")
        assert_same(whole, tmp_path / f"stop-{update}")


def test_stopped_again_and_again(pictures: list[str], whole: Path, tmp_path: Path) -> None:
    settings = [*pictures, *SETTINGS]
    for update in (1, 2, 5, 9):
        start = ["gan", *settings, "out=often"] if update == 1 else ["often"]
        go = ganatomy.train if update == 1 else ganatomy.resume
        with pytest.raises(Interrupted):
            go(*start, callbacks=[StopAt(update)])
    ganatomy.resume("often")
    assert_same(whole, tmp_path / "often")


@pytest.mark.parametrize("first", ["train.epochs=2", "train.updates=7"])
def test_an_extended_run_equals_one_of_that_length(
    first: str, pictures: list[str], whole: Path, tmp_path: Path
) -> None:
    settings = [*pictures, *SETTINGS]
    shorter = [setting for setting in settings if setting != "train.epochs=4"]
    ganatomy.train("gan", *shorter, first, "out=extended")
    old_end = (tmp_path / "extended" / "samples" / "pct_100.png").read_bytes()
    ganatomy.resume("extended", "train.epochs=4")

    a, b = contents(whole), contents(tmp_path / "extended")
    assert a["history"] == b["history"]
    weights = [name for name in a["files"] if name.startswith("checkpoints")]
    assert weights
    assert all(a["files"][name] == b["files"][name] for name in weights)
    if first == "train.epochs=2":
        # 50 % of the longer run: the shorter one's end. 25 and 75 % of the shorter are no milestones of the longer.
        assert (tmp_path / "extended" / "samples" / "pct_050.png").read_bytes() == old_end
        assert a["files"]["samples/pct_100.png"] == b["files"]["samples/pct_100.png"]
        tags = {(step, tag) for step, tag, _ in b["events"] if tag.startswith("samples/")}
        assert {(0, "samples/pct_000"), (6, "samples/pct_050"), (12, "samples/pct_100")} <= tags
    else:
        assert (tmp_path / "extended" / "samples" / "update_000000007.png").read_bytes() == old_end


def test_a_finished_run_is_left_as_it_is(finished: Path) -> None:
    before = {file: file.read_bytes() for file in Path("run").rglob("*") if file.is_file() and file.name[0] != "."}
    assert ganatomy.resume("run").update == UPDATES
    assert {file: file.read_bytes() for file in before} == before


def test_any_other_changed_setting_is_refused_with_the_difference(finished: Path) -> None:
    with pytest.raises(GanatomyError, match=r"optimizer\.lr: 0\.0002 -> 0\.001") as refused:
        ganatomy.resume("run", "optimizer.lr=1e-3", "train.epochs=9")
    assert refused.value.exit_code == 1
    with pytest.raises(UsageError, match="past the asked length of 3 updates"):
        ganatomy.resume("run", "train.epochs=1")

    config = Path("run/config.toml")
    config.write_text(config.read_text().replace("hidden = 256", "hidden = 128"))
    with pytest.raises(GanatomyError, match=r"model\.hidden: 256 -> 128"):
        ganatomy.resume("run")


def test_a_schedule_makes_another_length_another_run(pictures: list[str]) -> None:
    ganatomy.train("gan", *pictures, *SETTINGS, "optimizer.schedule=linear", "out=run")
    with pytest.raises(GanatomyError, match="function of the run's length"):
        ganatomy.resume("run", "train.epochs=9")


def test_other_data_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, "pictures")
    pictures = ["data=folder", f"data.path={tmp_path / 'pictures'}", "data.size=8"]
    with pytest.raises(Interrupted):
        ganatomy.train("gan", *pictures, *SETTINGS, "out=run", callbacks=[StopAt(5)])
    (tmp_path / "pictures" / "7.png").unlink()
    with pytest.raises(GanatomyError, match="the data changed"):
        ganatomy.resume("run")


def test_a_damaged_checkpoint_is_passed_over(
    pictures: list[str], whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = [*pictures, *SETTINGS]
    with pytest.raises(Interrupted):
        ganatomy.train("gan", *settings, "out=run", callbacks=[StopAt(7)])
    newest = Path("run/checkpoints/step-000000007/generator.safetensors")
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    ganatomy.resume("run")
    assert "damaged" in caplog.text
    assert_same(whole, tmp_path / "run")

    for folder in Path("run/checkpoints").iterdir():
        (folder / "manifest.json").unlink()
    with pytest.raises(GanatomyError, match="no readable checkpoint"):
        ganatomy.resume("run", "train.epochs=5")


def test_killed_before_the_first_checkpoint_the_run_begins_anew(
    pictures: list[str], whole: Path, tmp_path: Path
) -> None:
    class Killed(Callback):
        def on_checkpoint(self, update: int) -> None:
            raise KeyboardInterrupt  # no Exception: it goes through, as a kill would

    settings = [*pictures, *SETTINGS]
    shutil.copytree(whole, "early")
    shutil.rmtree("early/checkpoints")
    shutil.rmtree("early/milestones")
    Path("early/history.jsonl").unlink()
    ganatomy.resume("early")
    assert_same(whole, tmp_path / "early")
    with pytest.raises(KeyboardInterrupt):
        ganatomy.train("gan", *settings, "out=killed", callbacks=[Killed()])
    assert not Path("killed").exists()


def test_a_trained_run_without_its_checkpoints_is_not_begun_anew(finished: Path) -> None:
    shutil.rmtree("run/checkpoints")
    history = Path("run/history.jsonl").read_bytes()
    with pytest.raises(GanatomyError, match="holds no checkpoint to continue from"):
        ganatomy.resume("run")
    assert Path("run/history.jsonl").read_bytes() == history


def test_a_newer_format_is_refused(pictures: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "FORMAT", 2)
        ganatomy.train("gan", *pictures, *SETTINGS, "out=run")
    with pytest.raises(GanatomyError, match="has format 2; this version of ganatomy reads up to 1"):
        ganatomy.resume("run", "train.epochs=9")


def test_a_callback_neither_steers_nor_stops_a_run(
    pictures: list[str], whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Meddler(Callback):
        """Draws random numbers, and fails at a milestone."""

        def on_step(self, event: Step) -> None:
            import torch

            torch.manual_seed(event.update)
            torch.randn(100)

        def on_milestone(self, event: object) -> None:
            raise RuntimeError("broken on purpose")

    settings = [*pictures, *SETTINGS]
    ganatomy.train("gan", *settings, "out=run", callbacks=[Meddler()])
    assert "Meddler failed and is off" in caplog.text
    assert_same(whole, tmp_path / "run")


def picture(run: str, name: str) -> bytes:
    return Path(run, "samples", name).read_bytes()


def pictures_of(run: str) -> list[str]:
    return sorted(file.name for file in Path(run, "samples").iterdir())


def image_tags(run: str) -> list[tuple[int, str]]:
    return [(step, tag) for step, tag, _ in contents(Path(run))["events"] if tag.startswith("samples/")]


def test_pictures_and_tags_follow_the_length_through_two_extensions(pictures: list[str]) -> None:
    ganatomy.train("gan", *pictures, *SETTINGS[1:], "train.updates=8", "out=run")
    at_four = picture("run", "pct_050.png")
    ganatomy.resume("run", "train.updates=12")
    assert picture("run", "update_000000004.png") == at_four
    ganatomy.resume("run", "train.updates=16")
    assert picture("run", "pct_025.png") == at_four
    kept = {2: "update_000000002", 4: "pct_025", 6: "update_000000006", 8: "pct_050"}
    tags = dict(image_tags("run"))
    assert {update: tags[update] for update in kept} == {update: f"samples/{name}" for update, name in kept.items()}
    assert {f"{name}.png" for name in kept.values()} <= set(pictures_of("run"))
    assert len(image_tags("run")) == len(set(image_tags("run"))) == len(pictures_of("run"))


def test_seconds_as_length(pictures: list[str]) -> None:
    run = ganatomy.train("gan", *pictures, *SETTINGS[1:], "train.seconds=0.5", "out=run")
    assert run.history[-1]["seconds"] >= 0.5
    assert run.config.train.seconds == 0.5
    assert pictures_of("run") == [f"pct_{percent:03d}.png" for percent in (0, 25, 50, 75, 100)]
    untrained, old_end = picture("run", "pct_000.png"), picture("run", "pct_100.png")
    old_update = run.update

    longer = ganatomy.resume("run", "train.seconds=1.2")
    assert longer.history[-1]["seconds"] >= 1.2
    assert longer.config.train == dataclasses.replace(run.config.train, seconds=1.2)
    assert picture("run", "pct_000.png") == untrained
    assert picture("run", f"update_{old_update:09d}.png") == old_end
    # 25 % of 1.2 s had passed before; the rest was reached now.
    assert [name for name in pictures_of("run") if name.startswith("pct")] == [
        f"pct_{percent:03d}.png" for percent in (0, 50, 75, 100)
    ]
    assert picture("run", "pct_100.png") != old_end


def test_from_updates_to_seconds_the_untrained_picture_stays(finished: Path) -> None:
    untrained = picture("run", "pct_000.png")
    ganatomy.resume("run", "train.seconds=0.5")
    assert picture("run", "pct_000.png") == untrained
    assert picture("run", "pct_100.png") != untrained


def test_an_extension_that_is_killed_at_once_can_go_on(pictures: list[str], whole: Path, tmp_path: Path) -> None:
    ganatomy.train("gan", *pictures, *SETTINGS[1:], "train.epochs=2", "out=run")

    class Killed(Callback):
        def on_step(self, event: Step) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ganatomy.resume("run", "train.epochs=4", callbacks=[Killed()])
    assert ganatomy.resume("run").update == UPDATES
    a, b = contents(whole), contents(tmp_path / "run")
    assert a["history"] == b["history"]
    for name in ("pct_000.png", "pct_050.png", "pct_100.png"):
        assert picture(whole, name) == picture("run", name)


def test_a_run_can_go_on_from_another_folder_and_with_its_data_moved(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, "pictures")
    relative = ["data=folder", "data.path=pictures", "data.size=8"]
    with pytest.raises(Interrupted):
        ganatomy.train("gan", *relative, *SETTINGS, "out=run", callbacks=[StopAt(5)])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(Interrupted):
        ganatomy.resume("../run", callbacks=[StopAt(7)])
    (tmp_path / "pictures").rename(tmp_path / "moved")
    assert ganatomy.resume("../run", "data.path=../moved").update == UPDATES


def test_settings_that_an_older_version_did_not_have_are_at_their_defaults(pictures: list[str]) -> None:
    with pytest.raises(Interrupted):
        ganatomy.train("gan", *pictures, *SETTINGS, "out=run", callbacks=[StopAt(5)])
    config = Path("run/config.toml")
    config.write_text(config.read_text().replace("alpha = 0.99\n", ""))
    assert "alpha" not in config.read_text()
    assert ganatomy.resume("run").update == UPDATES


def test_a_runs_own_config_is_a_recipe(whole: Path) -> None:
    first = ganatomy.load(whole)
    again = ganatomy.train(str(whole / "config.toml"))
    assert again.path == Path("runs/gan-folder-s3")
    assert again.history[-1]["loss/generator"] == first.history[-1]["loss/generator"]
