"""Quick scores while a run trains: they change nothing, survive every stop, and keep the best weights."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import ganatomy
from ganatomy import cli, randomness
from ganatomy.callbacks import Callback, Step
from ganatomy.callbacks import evaluation as quick
from ganatomy.callbacks.evaluation import QuickEvaluation
from ganatomy.callbacks.tensorboard import read_events
from ganatomy.data import Dataset
from ganatomy.data.folder import Folder
from ganatomy.data.reserved import halves
from ganatomy.errors import GanatomyError, Interrupted, UsageError
from ganatomy.features import ready_extractor
from ganatomy.metrics import frechet
from ganatomy.runs import checkpoint
from ganatomy.runs.events import Due, Scores
from ganatomy.runs.folder import RunFolder
from processes import python

# 140 pictures: 70 to score against and 70 generated, more than the 52 numbers of the label-free features.
COUNT, UPDATES = 140, 12
SETTINGS = ["train.updates=12", "train.batch=16", "train.log_every=4", "train.checkpoint_every=5", "seed=3"]
EVERY = 2
STEPS = [2, 4, 6, 8, 10, 12]
WALL_CLOCK = ("seconds", "speed/images_per_second")

KILL = """
import os, signal, sys
import ganatomy
from ganatomy.callbacks import Callback

class Kill(Callback):
    def on_step(self, event):
        if event.update == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)

ganatomy.train(*sys.argv[2:], callbacks=[Kill()])
"""


class StopAt(Callback):
    """Sends a signal to its own process after one update, before or after its evaluation."""

    def __init__(self, update: int, after_scores: bool = False) -> None:
        self.update, self.after_scores = update, after_scores

    def on_step(self, event: Step) -> None:
        if event.update == self.update and not self.after_scores:
            os.kill(os.getpid(), signal.SIGINT)

    def on_scores(self, event: Scores) -> None:
        if event.update == self.update and self.after_scores:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for what a module's fixtures make, with a cache of its own: those of the single tests come later."""
    folder = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def pictures(place: Path) -> list[str]:
    """Settings for a folder of small pictures without classes."""
    folder = place / "pictures"
    folder.mkdir()
    noise = np.random.default_rng(0)
    for index in range(COUNT):
        smooth = np.add.outer(np.arange(16), np.arange(16)) * (index % 8) + noise.integers(0, 30, (16, 16))
        Image.fromarray(smooth.clip(0, 255).astype(np.uint8)).save(folder / f"{index:03d}.png")
    return ["data=folder", f"data.path={folder}", "data.size=16"]


@pytest.fixture(scope="module")
def whole(place: Path, pictures: list[str]) -> Path:
    """An uninterrupted run that no test changes."""
    settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}"]
    return ganatomy.train("gan", *settings, f"out={place / 'whole'}").path


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> dict[int, float]:
    """{update: FID} that the evaluations find, to be filled."""
    found: dict[int, float] = {}
    monkeypatch.setattr(QuickEvaluation, "measure", lambda self, event: {"metric/fid": found[event.update]})
    return found


def without_clock(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in WALL_CLOCK} for record in records]


def tensors(run: Path, update: int = UPDATES) -> dict[str, bytes]:
    """The bytes of all weights and optimiser states of a checkpoint."""
    files = RunFolder(run).checkpoint(update).glob("*.safetensors")
    return {file.name: file.read_bytes() for file in files}


def best(run: Path) -> dict[str, bytes]:
    """All that is in best/, by its name there."""
    folder = run / "best"
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def scalars(run: Path) -> list[tuple[int, str, float]]:
    """All scalars of the event files but the clocks', as (step, tag, value)."""
    return sorted(
        (event.step, value.tag, value.simple_value)
        for file in run.glob("events.out.tfevents.*")
        for event in read_events(file)
        for value in event.summary.value
        if value.HasField("simple_value") and value.tag not in WALL_CLOCK
    )


def assert_same(one: Path, other: Path) -> None:
    assert without_clock(RunFolder(one).history()) == without_clock(RunFolder(other).history())
    assert scalars(one) == scalars(other)
    assert tensors(one) == tensors(other) != {}
    assert best(one) == best(other) != {}


# ---- it changes nothing


@pytest.mark.parametrize(("recipe", "updates"), [("gan", 6), ("dcgan", 3)])
def test_evaluated_or_not_a_run_has_the_same_bits(
    recipe: str, updates: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(quick, "SAMPLES", 100)
    settings = ["data=digits", f"train.updates={updates}", "train.batch=8", "train.log_every=1"]
    with_scores = ganatomy.train(recipe, *settings, "train.evaluate_every=2", "out=with")
    without = ganatomy.train(recipe, *settings, "train.evaluate_every=0", "out=without")
    assert [record["step"] for record in with_scores.scores] == list(range(2, updates + 1, 2))
    assert without.scores == []
    assert without_clock(with_scores.history) == without_clock(without.history)
    assert len(without.history) == updates
    found = tensors(tmp_path / "with", updates)
    assert found.keys() >= {f"{name}.safetensors" for name in ("generator", "generator_optimizer", "discriminator")}
    assert found == tensors(tmp_path / "without", updates)
    assert not (tmp_path / "without" / "best").exists()


class Meddler(Callback):
    """Measures as badly as can be: draws from the global generators, and changes the copy that it was given."""

    def measure(self, event: Due) -> dict[str, float]:
        torch.manual_seed(event.update)
        torch.randn(9)
        np.random.seed(event.update)
        for weight in event.generator.parameters():
            weight.zero_()
        return {"metric/meddling": 1.0}


def test_measuring_does_not_steer(whole: Path, pictures: list[str], tmp_path: Path) -> None:
    settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}"]
    ganatomy.train("gan", *settings, "out=run", callbacks=[Meddler()])
    assert tensors(tmp_path / "run") == tensors(whole)
    assert without_clock(ganatomy.load("run").history) == without_clock(ganatomy.load(whole).history)


def test_the_best_weights_are_those_scored_whatever_another_callback_does_to_its_copy(
    whole: Path, pictures: list[str], tmp_path: Path
) -> None:
    settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}"]
    run = ganatomy.train("gan", *settings, "out=run", callbacks=[Meddler()])
    assert [record["metric/fid"] for record in run.scores] == [
        record["metric/fid"] for record in ganatomy.load(whole).scores
    ]
    assert best(tmp_path / "run") == best(whole) != {}


@pytest.mark.parametrize("value", [np.float32(1), torch.tensor(1.0), "high", [1.0]])
def test_values_that_are_no_numbers_cost_the_callback_and_not_the_run(
    value: Any, whole: Path, pictures: list[str], tmp_path: Path
) -> None:
    class Careless(Callback):
        def measure(self, event: Due) -> dict[str, float]:
            return {"metric/careless": value}

    settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}"]
    ganatomy.train("gan", *settings, "out=run", callbacks=[Careless()])
    assert tensors(tmp_path / "run") == tensors(whole)
    assert [record["step"] for record in ganatomy.load("run").scores] == STEPS
    assert [step for step, tag, _ in scalars(tmp_path / "run") if tag == "metric/fid"] == STEPS


def test_an_evaluation_that_fails_is_off_and_the_run_goes_on(
    whole: Path, pictures: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    called = []

    def fails(self: QuickEvaluation, event: Due) -> dict[str, float]:
        called.append(event.update)
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(QuickEvaluation, "measure", fails)
    run = ganatomy.train("gan", *pictures, *SETTINGS, f"train.evaluate_every={EVERY}", "out=run")
    assert called == [2]
    assert "QuickEvaluation failed and is off" in caplog.text
    assert "broken on purpose" in caplog.text
    assert run.scores == []
    assert tensors(tmp_path / "run") == tensors(whole)
    assert without_clock(run.history) == without_clock(ganatomy.load(whole).history)


# ---- what is kept


def test_scores_have_lines_of_their_own_beside_the_losses(whole: Path) -> None:
    run = ganatomy.load(whole)
    assert [record["step"] for record in run.scores] == STEPS
    for record in run.scores:
        assert record.keys() == {"step", "epoch", "images", "seconds", "metric/fid", "metric/coverage"}
        assert all(np.isfinite(value) for value in record.values())
    assert not any(name.startswith("metric/") for record in run.history for name in record)
    assert all("loss/generator" in record for record in run.history)
    lines = run.folder.history()
    assert len(lines) == len(run.scores) + len(run.history)
    assert [record["step"] for record in lines] == sorted(record["step"] for record in lines)
    by_step = {record["step"]: record for record in run.history}
    for record in run.scores:
        if record["step"] in by_step:
            of_losses = by_step[record["step"]]
            assert [record[name] for name in ("epoch", "images", "seconds")] == [
                of_losses[name] for name in ("epoch", "images", "seconds")
            ]


def test_tensorboard_has_the_scores_at_their_updates(whole: Path) -> None:
    events = EventAccumulator(str(whole), size_guidance={"scalars": 0})
    events.Reload()
    scores = ganatomy.load(whole).scores
    for name in ("metric/fid", "metric/coverage"):
        assert [(event.step, event.value) for event in events.Scalars(name)] == [
            (record["step"], pytest.approx(record[name])) for record in scores
        ]


def folder_of(pictures: list[str]) -> tuple[Folder, Dataset]:
    source = Folder(path=Path(pictures[1].removeprefix("data.path=")), size=16)
    return source, source.load()


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_the_best_weights_are_those_that_scored_best(
    ema: float, whole: Path, pictures: list[str], tmp_path: Path
) -> None:
    path = whole
    if ema:
        settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}", f"train.ema={ema}"]
        path = ganatomy.train("gan", *settings, "out=run").path
    run = ganatomy.load(path, weights="best")
    least = min(run.scores, key=lambda record: record["metric/fid"])
    (step,) = (path / "best").iterdir()
    assert step.name == f"step-{least['step']:09d}"
    state = checkpoint.load(step).state
    assert state == {"update": least["step"], "metric": "fid", "value": least["metric/fid"]}
    assert run.update == least["step"]

    # The generator that is given out scores just that, on the evaluations' own noise.
    source, dataset = folder_of(pictures)
    extractor = ready_extractor(source, dataset)
    real, _ = halves(source, dataset, quick.SAMPLES)
    assert len(real) == COUNT // 2
    features = [
        extractor.features(images)
        for images in (real.images, run.sample(len(real), randomness.derive(run.config.seed, "evaluation")))
    ]
    assert frechet.frechet_distance(*features) == pytest.approx(least["metric/fid"], rel=1e-6)


def test_the_moving_average_is_what_is_scored(pictures: list[str]) -> None:
    seen: list[dict[str, torch.Tensor]] = []

    class Watch(Callback):
        def measure(self, event: Due) -> dict[str, float]:
            seen.append({name: value.cpu() for name, value in event.generator.state_dict().items()})
            assert not event.generator.training
            return {}

    settings = [*pictures, *SETTINGS, "train.evaluate_every=12", "train.ema=0.9"]
    run = ganatomy.train("gan", *settings, "out=run", callbacks=[Watch()])
    saved = checkpoint.load(run.folder.checkpoint(UPDATES)).tensors
    (scored,) = seen
    assert all(torch.equal(value, saved["average"][name]) for name, value in scored.items())
    assert not all(torch.equal(value, saved["generator"][name]) for name, value in scored.items())
    kept = ganatomy.load("run", weights="best").generator.state_dict()
    assert all(torch.equal(value, saved["average"][name]) for name, value in kept.items())


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([5, 4, 3, 4, 5, 6], 6),
        ([5, 3, 4, 3, 3, 9], 4),  # the first of equal ones
        ([1, 2, 3, 4, 5, 6], 2),
        ([6, 5, 4, 3, 2, 1], 12),
        ([0, -1, 0, 0, -1, 0], 4),
    ],
)
def test_one_step_is_kept_the_first_of_the_lowest(
    found: list[float], expected: int, scripted: dict[int, float], pictures: list[str]
) -> None:
    scripted |= dict(zip(STEPS, map(float, found), strict=True))
    run = ganatomy.train("gan", *pictures, *SETTINGS, "train.evaluate_every=2", "out=run")
    assert [step.name for step in (run.path / "best").iterdir()] == [f"step-{expected:09d}"]
    kept = ganatomy.load("run", weights="best")
    assert kept.update == expected
    assert run.update == UPDATES
    same = np.array_equal(kept.sample(8), run.sample(8))
    assert same == (expected == UPDATES)


def test_by_coverage_the_highest_is_the_best(pictures: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    coverage = dict(zip(STEPS, [0.1, 0.4, 0.3, 0.4, 0.2, 0.0], strict=True))

    def measure(self: QuickEvaluation, event: Due) -> dict[str, float]:
        return {"metric/fid": 1 / event.update, "metric/coverage": coverage[event.update]}

    monkeypatch.setattr(QuickEvaluation, "measure", measure)
    settings = [*pictures, *SETTINGS, "train.evaluate_every=2", "train.best=coverage"]
    run = ganatomy.train("gan", *settings, "out=run")
    assert run.folder.best_updates() == [4]
    assert checkpoint.load(run.folder.best_step(4)).state == {"update": 4, "metric": "coverage", "value": 0.4}


def test_a_best_that_is_found_after_a_stop_is_held_against_those_before(
    scripted: dict[int, float], pictures: list[str]
) -> None:
    scripted |= {2: 5.0, 4: 1.0, 6: 2.0, 8: 3.0, 10: 4.0, 12: 2.0}
    with pytest.raises(Interrupted):
        ganatomy.train("gan", *pictures, *SETTINGS, "train.evaluate_every=2", "out=run", callbacks=[StopAt(7)])
    assert ganatomy.resume("run").folder.best_updates() == [4]
    scripted |= {14: 1.0, 16: 0.5}
    assert ganatomy.resume("run", "train.updates=14").folder.best_updates() == [4]
    assert ganatomy.resume("run", "train.updates=16").folder.best_updates() == [16]


def test_best_weights_of_a_run_without_any(pictures: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    ganatomy.train("gan", *pictures, *SETTINGS, "train.evaluate_every=0", "out=run")
    run = ganatomy.load("run", weights="best")
    for ask in (lambda: run.sample(2), lambda: run.generator, lambda: run.update):
        with pytest.raises(GanatomyError, match=r"run has no best weights.*train\.evaluate_every = 0.*the last"):
            ask()
    assert call("evaluate", "run", "--best", "--features", "principal", "-n", "60") == 1
    assert "has no best weights" in capsys.readouterr().err


def test_only_known_weights_can_be_asked_for(whole: Path) -> None:
    with pytest.raises(UsageError, match="bset"):
        ganatomy.load(whole, weights="bset")  # type: ignore[arg-type]


def test_damaged_best_weights_are_refused(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "run")
    (file,) = Path("run/best").glob("*/generator.safetensors")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(GanatomyError, match="damaged"):
        ganatomy.load("run", weights="best").sample(2)
    assert ganatomy.load("run").sample(2).shape == (2, 16, 16, 1)


def call(*arguments: str) -> int:
    """`ganatomy ARGS` within this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["ganatomy", *arguments])
        try:
            cli.main()
        except SystemExit as ended:
            return int(ended.code or 0)
    return 0


def test_the_best_weights_are_evaluated_and_said_to_be(
    scripted: dict[int, float], pictures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    scripted |= dict(zip(STEPS, [2.0, 1.0, 3.0, 3.0, 3.0, 3.0], strict=True))
    ganatomy.train("gan", *pictures, *SETTINGS, "train.evaluate_every=2", "out=run")
    words = ["evaluate", "run", "--features", "principal", "-n", "60"]
    capsys.readouterr()
    assert call(*words) == 0
    last = capsys.readouterr().out.splitlines()
    assert call(*words, "--best") == 0
    of_best = capsys.readouterr().out.splitlines()
    assert last[0] == "run, update 12, last weights, noise seed 3"
    assert of_best[0] == "run, update 4, best weights, noise seed 3"
    assert [line for line in last if line.startswith("fid")] != [line for line in of_best if line.startswith("fid")]


# ---- stopped and resumed


@pytest.mark.parametrize(("update", "after_scores"), [(1, False), (4, False), (4, True), (7, False), (12, True)])
def test_a_stopped_run_ends_with_the_same_scores_and_best_weights(
    update: int, after_scores: bool, whole: Path, pictures: list[str], tmp_path: Path
) -> None:
    settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}", "out=run"]
    if update < UPDATES:
        with pytest.raises(Interrupted):
            ganatomy.train("gan", *settings, callbacks=[StopAt(update, after_scores)])
    else:
        ganatomy.train("gan", *settings, callbacks=[StopAt(update, after_scores)])
    stopped = ganatomy.load("run")
    assert stopped.update == update
    assert [record["step"] for record in stopped.scores] == [step for step in STEPS if step <= update]
    ganatomy.resume("run")
    assert_same(whole, tmp_path / "run")


def test_a_killed_run_ends_with_the_same_scores_and_best_weights(
    whole: Path, pictures: list[str], tmp_path: Path
) -> None:
    settings = [*pictures, *SETTINGS, f"train.evaluate_every={EVERY}", "out=run"]
    done = python("-c", KILL, 9, "gan", *settings)
    assert done.code == -signal.SIGKILL, done.err
    assert ganatomy.load("run").update == 6, "the checkpoint before; the scores of update 8 are found again"
    ganatomy.resume("run")
    assert_same(whole, tmp_path / "run")


@pytest.mark.parametrize("best_at", [4, 10])
def test_killed_after_an_evaluation_that_no_checkpoint_holds(
    best_at: int, scripted: dict[int, float], pictures: list[str], tmp_path: Path
) -> None:
    """The newer best goes, the older comes back; then both are found again.

    Until the next checkpoint is written, what was best at the last one but one is kept too.
    """

    class Killed(Callback):
        def on_step(self, event: Step) -> None:
            if event.update == 9:
                raise KeyboardInterrupt  # no Exception: it goes through, as a kill would

    scripted |= {step: float(abs(step - best_at)) for step in STEPS}
    settings = [*pictures, *SETTINGS, "train.evaluate_every=2"]
    ganatomy.train("gan", *settings, "out=whole")
    with pytest.raises(KeyboardInterrupt):
        ganatomy.train("gan", *settings, "out=run", callbacks=[Killed()])
    assert ganatomy.load("run").update == 6
    assert [record["step"] for record in ganatomy.load("run").scores] == [2, 4, 6, 8]
    assert set(RunFolder(Path("run")).best_updates()) == ({4} if best_at == 4 else {4, 6, 8})
    ganatomy.resume("run")
    assert RunFolder(Path("run")).best_updates() == [best_at]
    assert_same(tmp_path / "whole", tmp_path / "run")


def test_an_extended_run_has_the_scores_of_one_of_that_length(whole: Path, pictures: list[str], tmp_path: Path) -> None:
    shorter = ["train.updates=7" if word == "train.updates=12" else word for word in SETTINGS]
    ganatomy.train("gan", *pictures, *shorter, f"train.evaluate_every={EVERY}", "out=run")
    ganatomy.resume("run", "train.updates=12")
    one, other = ganatomy.load(whole), ganatomy.load("run")
    assert without_clock(one.scores) == without_clock(other.scores)
    assert best(whole) == best(tmp_path / "run") != {}


# ---- the clock


def test_evaluations_count_as_no_time_of_training(pictures: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def sleeps(self: QuickEvaluation, event: Due) -> dict[str, float]:
        time.sleep(0.5)
        return {"metric/fid": 1.0}

    monkeypatch.setattr(QuickEvaluation, "measure", sleeps)
    settings = [word for word in SETTINGS if not word.startswith(("train.updates", "train.log_every"))]
    more = ["train.updates=6", "train.evaluate_every=1", "train.log_every=1"]
    began = time.perf_counter()
    run = ganatomy.train("gan", *pictures, *settings, *more, "out=run")
    assert time.perf_counter() - began > 3
    assert [record["step"] for record in run.history] == list(range(1, 7))
    assert run.history[-1]["seconds"] < 2
    assert checkpoint.load(run.folder.checkpoint(6)).state["seconds"] < 2
    assert all(a["seconds"] == b["seconds"] for a, b in zip(run.history, run.scores, strict=True))


def test_a_run_of_some_seconds_trains_that_long(pictures: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []

    def sleeps(self: QuickEvaluation, event: Due) -> dict[str, float]:
        if not slept:
            slept.append(time.sleep(1.0))
        return {"metric/fid": 1.0}

    monkeypatch.setattr(QuickEvaluation, "measure", sleeps)
    settings = [word for word in SETTINGS if not word.startswith("train.updates")]
    run = ganatomy.train("gan", *pictures, *settings, "train.seconds=0.6", "train.evaluate_every=1", "out=run")
    assert run.update > 1
    assert run.history[-1]["seconds"] >= 0.6
    assert len(run.scores) == run.update


def test_the_cost_is_told_at_the_end(pictures: list[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ganatomy"):
        ganatomy.train("gan", *pictures, *SETTINGS, "train.evaluate_every=5", "out=run")
    (line,) = [record.getMessage() for record in caplog.records if "evaluate_every=" in record.getMessage()]
    assert line.startswith(f"2 quick evaluations of {COUNT // 2} samples took ")
    assert "% of the time (train.evaluate_every=5)" in line
    share = float(line.split(" s, ")[1].split(" %")[0])
    assert 0 < share < 100


def test_without_evaluations_no_cost_is_told(pictures: list[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ganatomy"):
        ganatomy.train("gan", *pictures, *SETTINGS, "train.evaluate_every=0", "out=run")
    assert "quick evaluations" not in caplog.text


# ---- a user's own, and other data


def test_a_users_own_measure_lands_in_the_history(pictures: list[str], tmp_path: Path) -> None:
    heard: list[Scores] = []

    class Mean(Callback):
        def measure(self, event: Due) -> dict[str, float]:
            return {"metric/double": 2.0 * event.update}

        def on_scores(self, event: Scores) -> None:
            heard.append(event)

    settings = [*pictures, *SETTINGS, "train.evaluate_every=6"]
    run = ganatomy.train("gan", *settings, "out=run", callbacks=[Mean()])
    assert [(record["step"], record["metric/double"]) for record in run.scores] == [(6, 12.0), (12, 24.0)]
    assert all("metric/fid" in record for record in run.scores)
    assert [event.record for event in heard] == run.scores
    assert {(6, "metric/double", 12.0), (12, "metric/double", 24.0)} <= set(scalars(tmp_path / "run"))


def test_points_are_scored_by_their_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ["data=mixtures", "train.updates=4", "train.batch=64", "train.evaluate_every=2"]
    run = ganatomy.train("gan", *settings, "out=run")
    for record in run.scores:
        names = {name for name in record if name.startswith("metric/")}
        assert names == {"metric/fid", "metric/coverage", "metric/modes_found", "metric/high_quality"}
    assert len(run.scores) == 2
    assert len(run.folder.best_updates()) == 1


def test_a_metric_for_the_best_that_the_data_lacks_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    settings = ["data=mixtures", "train.updates=6", "train.batch=64", "train.evaluate_every=2"]
    run = ganatomy.train("gan", *settings, "train.best=classes_found", "out=run")
    assert len(run.scores) == 3
    assert run.folder.best_updates() == []
    told = [record for record in caplog.records if "no best weights are kept" in record.getMessage()]
    assert "classes_found" in told[0].getMessage()
    assert len(told) == 1


def test_best_weights_that_the_data_has_no_metric_for_are_said_to_lack_it() -> None:
    settings = ["data=mixtures", "train.updates=2", "train.batch=64", "train.evaluate_every=2"]
    ganatomy.train("gan", *settings, "train.best=classes_found", "out=run")
    with pytest.raises(GanatomyError, match="classes_found") as refused:
        ganatomy.load("run", weights="best").sample(2)
    assert "never evaluated" not in str(refused.value)
