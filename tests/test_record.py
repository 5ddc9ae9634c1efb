"""A user's own loop, recorded: the training is the same to the bit, and the folder is a run's like any other."""

from __future__ import annotations

import gc
import hashlib
import json
import random
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import ganatomy
from command_line import Command
from ganatomy import randomness
from ganatomy.callbacks.tensorboard import read_events
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.images import to_pixels
from ganatomy.report import adhoc, comparison, page
from ganatomy.runs import program, recorded
from ganatomy.runs.operations import NotAProgram
from ganatomy.watching import Findings
from ganatomy.watching.pictures import MOST, Pictures
from own_loops import BATCH, LOOPS, Deciding, Flat, Loop, batches, digits

STEPS = 24
OUT = Path("runs/mine")


def record(name: str = "flat", steps: int = STEPS, **options: Any) -> tuple[ganatomy.Run, nn.Module]:
    """A recorded run of a loop, and the generator that the loop ended with."""
    loop = LOOPS[name]
    asked = {"out": OUT, "data": "digits", "every": 4, "total_steps": steps, **options}
    generator = loop.run(lambda *given: ganatomy.watch(*given, **asked), steps)
    return ganatomy.load(OUT, **({"model": generator} if name == "deciding" else {})), generator


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("conv", {}),
        ("conv", {"total_steps": STEPS}),
        *((name, {"data": "digits", "total_steps": STEPS}) for name in LOOPS),
    ],
)
def test_recording_changes_no_bit_of_the_training(name: str, options: dict[str, Any]) -> None:
    def after(watching: Callable[..., Any]) -> list[Any]:
        random.seed(1)
        np.random.seed(1)
        generator = LOOPS[name].run(watching, STEPS)
        weights = [value for network in LOOPS[name].networks for value in network.state_dict().values()]
        assert generator.training
        return [*weights, torch.get_rng_state(), random.random(), np.random.rand()]

    after(lambda *_: None)  # torch draws from Python's generator when it first loads its compiler
    alone = after(lambda *_: None)
    recorded_too = after(lambda *given: ganatomy.watch(*given, out=OUT, every=3, **options))
    assert (OUT / "history.jsonl").exists()
    for a, b in zip(alone, recorded_too, strict=True):
        assert torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


@pytest.mark.parametrize("name", LOOPS)
def test_samples_are_those_of_the_loops_own_generator(name: str) -> None:
    run, generator = record(name)
    loop = LOOPS[name]
    assert run.shape == (28, 28, 1)
    assert run.config.real_range == loop.range
    assert run.update == STEPS
    # Drawn by hand, as the loop would: standard normal noise, or the same quantiles of what the loop draws.
    z = randomness.sample_noise(20, 8, run.config.seed)
    drawn = {"uniform": 2 * torch.special.ndtr(z) - 1, "unit": torch.special.ndtr(z)}.get(name, z)
    given = [drawn * run.config.model.scale]
    if loop.labels != "none":
        given.append(randomness.labels(20, run.folder.read_config()[1]["class_counts"], run.config.seed))
    if loop.labels == "one-hot":
        given[1] = nn.functional.one_hot(given[1], 10).float()
    if name == "conv":
        given = [given[0][:, :, None, None]]
    if name == "double":
        given = [given[0].double()]
    with torch.no_grad():
        made = generator.eval()(*given)
    by_hand = (made[0] if isinstance(made, tuple) else made).reshape(20, 1, 28, 28)
    assert np.array_equal(run.sample(20), to_pixels(by_hand, loop.range))
    assert abs(run.config.model.scale - {"wide": 3}.get(name, 1)) < 0.2
    assert run.generator.state_dict().keys() == generator.state_dict().keys()


def test_the_folder_is_a_runs_like_any_other(command: Command) -> None:
    run, generator = record(steps=48)
    own = ganatomy.train("gan", data="digits", train={"updates": 20, "log_every": 5}, out="runs/own")
    assert [record["step"] for record in run.history] == [1, *range(4, 49, 4)]
    assert {"loss/discriminator", "loss/generator", "score/real", "score/fake", "seconds", "images"} <= run.history[
        1
    ].keys()
    assert run.history[-1]["images"] == 48 * BATCH
    assert [record["step"] for record in run.scores] == [12, 24, 36, 48]
    assert {"metric/fid", "metric/coverage"} <= run.scores[-1].keys()
    names = [f"pct_{percent:03d}.png" for percent in (0, 25, 50, 75, 100)]
    assert sorted(file.name for file in run.folder.samples.iterdir()) == names
    (events,) = run.path.glob("events.out.tfevents.*")
    tags = {value.tag for event in read_events(events) for value in event.summary.value}
    assert {"loss/generator", "metric/fid", "samples/pct_000", "samples/pct_100"} <= tags
    (session,) = run.folder.environments()
    assert session["packages"]["torch"] == torch.__version__
    assert Findings.read(run.folder.diagnosis) == []
    assert run.folder.gif.exists()

    assert torch.equal(run.generator.state_dict()["layers.0.weight"], generator.state_dict()["layers.0.weight"])
    kept = ganatomy.load(OUT, weights="50%")
    assert kept.update == 24
    assert not np.array_equal(kept.sample(4), run.sample(4))
    assert ganatomy.load(OUT, weights="best").update in (12, 24, 36, 48)

    scored = ganatomy.evaluate(OUT, n=200)
    assert scored.metrics["fid"].value > 0
    ganatomy.evaluate(own, n=200)
    assert command("scores", OUT, own.path).code == 0
    assert command("compare", OUT, own.path).code == 0
    assert command("sample", OUT, "--out", "grid.png").code == 0
    assert command("sample", OUT, "--interpolate", "--out", "walk.png").code == 0
    assert command("report", OUT, own.path, "--out", "report.html").code == 0
    assert "own loop" in Path("report.html").read_text("utf-8")


def test_facts_of_the_loop_are_in_its_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(name: str = "flat") -> dict[str, Any]:
        run, _ = record(name)
        found = run.folder.read_config()[0]["recorded"]
        run.path.rename(tmp_path / f"kept-{len([*tmp_path.iterdir()])}")
        return found

    one = facts()
    networks = LOOPS["flat"].networks
    counts = [sum(each.numel() for each in network.parameters()) for network in networks]
    assert one["parameters"] == dict(zip(("generator", "discriminator"), counts, strict=True))
    assert (one["planned"], one["steps"]) == (STEPS, {"generator": 1.0, "discriminator": 1.0})
    assert not {"clipped", "code"} & one.keys()
    critic = facts("critic")
    assert (critic["clipped"], critic["steps"]["discriminator"]) == (0.01, 3.0)

    # Code is kept of the lab's assignments alone.
    script = tmp_path / ".gan.py"
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(script), raising=False)
    script.write_text("SECRET = 1\n", "utf-8")
    assert "code" not in facts()
    script.write_text("# ganatomy lab: gan (en)\n# [1] x\ny = 1\n# [/1]\n", "utf-8")
    code = facts()["code"]
    (kept,) = tmp_path.rglob("code/loop/*")
    assert (kept.name, kept.read_text("utf-8")) == ("gan.py", script.read_text("utf-8"))
    assert code == {"file": "code/loop/gan.py", "sha256": hashlib.sha256(kept.read_bytes()).hexdigest()}

    # In a notebook: the cells that were run.
    cells = [
        "import secrets",
        "# ganatomy lab: wgan (zh)\nimport torch",
        "# [1] x\ny = 2\n# [/1]",
        "watch = ganatomy.watch(G)",
    ]
    shell = types.SimpleNamespace(history_manager=types.SimpleNamespace(input_hist_raw=["", *cells]))
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert facts()["code"]["file"] == "code/loop/notebook.py"
    (kept,) = tmp_path.rglob("code/loop/notebook.py")
    assert kept.read_text("utf-8") == "\n".join(cells[1:]) + "\n"


def test_time_before_the_loop_is_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def watching(*given: Any) -> Any:
        watch = ganatomy.watch(*given, out=OUT)
        time.sleep(1.5)
        return watch

    LOOPS["flat"].run(watching, 4)
    assert ganatomy.load(OUT).history[-1]["seconds"] < 1.2


def test_another_run_cannot_begin_with_a_recorded_one() -> None:
    record()
    with pytest.raises(GanatomyError, match="recorded"):
        ganatomy.train("gan", data="digits", from_run=OUT, train={"updates": 1})


def test_a_recorded_run_is_resumed_by_its_loop_alone(command: Command) -> None:
    run, _ = record()
    done = command("resume", OUT)
    assert done.code == 1
    assert "recorded from a loop outside ganatomy" in done.err
    with pytest.raises(GanatomyError, match="networks and losses are that loop's"):
        _ = run.discriminator


def test_a_taken_folder_gets_a_number() -> None:
    for _ in range(2):
        record()
    run = ganatomy.load("runs/mine-2")
    assert (run.config.recipe, run.config.seed) == ("mine", 3)
    assert adhoc.of_runs([Path("runs/mine"), Path("runs/mine-2")]).trials


def test_repetitions_of_a_loop_without_a_seed_are_one_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "initial_seed", lambda: 9028120081227171736)
    for _ in range(3):
        record()
    results = adhoc.of_runs([Path("runs/mine"), Path("runs/mine-2"), Path("runs/mine-3")])
    assert [arm.name for arm in results.study.arms] == ["mine"]
    assert results.study.seeds == (0, 2, 3)


@pytest.mark.parametrize("steps", [40, 50])
def test_without_a_length_pictures_have_their_true_percentages(steps: int) -> None:
    run, _ = record(steps=steps, total_steps=None)
    percents = run.config.train.milestones
    assert percents[0] == 0
    assert percents[-1] == 100
    assert all(abs(percent - wanted) <= 5 for percent, wanted in zip(percents, (0, 25, 50, 75, 100), strict=True))
    assert sorted(run.folder.samples.iterdir()) == [run.folder.sample_file(percent) for percent in percents]
    assert run.folder.read_config()[1]["updates"] == steps
    assert np.array_equal(ganatomy.load(OUT, weights="100%").sample(4), run.sample(4))


@pytest.mark.parametrize("planned", [12, 100])
def test_a_loop_of_another_length_than_planned_is_as_long_as_it_was(planned: int) -> None:
    run, _ = record(total_steps=planned)
    assert run.update == STEPS
    assert run.folder.read_config()[1]["updates"] == STEPS
    assert run.config.train.milestones[-1] == 100
    assert run.folder.sample_file(100).exists()
    assert {file.name for file in run.folder.samples.iterdir()} == {
        f"pct_{percent:03d}.png" for percent in run.config.train.milestones
    }


@pytest.mark.parametrize("last", [1, 5, MOST, MOST + 1, 1000, 12345])
def test_pictures_are_spread_over_any_length(last: int) -> None:
    pictures = Pictures(None, 1)
    pictures.keep(0, np.zeros(1))
    for step in range(1, last + 1):
        if pictures.due(step) is not None:
            pictures.keep(step, np.zeros(1))
        assert len(pictures.kept) <= MOST
    pictures.keep(last, np.zeros(1))
    named = pictures.named(last)
    for step, percents in named.items():
        assert all(abs(100 * step / last - percent) <= 0.5 for percent in percents)
    if last >= MOST:
        shown = sorted(percent for percents in named.values() for percent in percents)
        assert all(abs(a - b) <= 100 / MOST + 1 for a, b in zip(shown, (0, 25, 50, 75, 100), strict=True))


def script(tmp_path: Path, ending: str) -> subprocess.CompletedProcess[str]:
    """A loop in a process of its own, whose last line is `ending`."""
    code = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import ganatomy
from own_loops import LOOPS
class Kept:
    def __init__(self, watch): self.step = watch.step; self.watch = watch
    def close(self): {ending}
LOOPS["flat"].run(lambda *given: Kept(ganatomy.watch(*given, out={str(tmp_path / "run")!r}, every=2, total_steps=20)), 20)
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)


@pytest.mark.parametrize("ending", ["pass", "os._exit(9)", "raise KeyboardInterrupt"])
def test_a_loop_that_does_not_close_leaves_a_run(tmp_path: Path, ending: str) -> None:
    done = script(tmp_path, ending)
    run = ganatomy.load(tmp_path / "run")
    assert run.update == 20, done.stderr
    assert len(run.sample(4)) == 4
    assert ("recorded 20 steps" in done.stderr) == (ending != "os._exit(9)")


def test_from_the_first_step_on_there_is_a_generator() -> None:
    found: list[int] = []

    def after(step: int) -> None:
        found.append(len(ganatomy.load(OUT).sample(2)))

    LOOPS["flat"].run(lambda *given: ganatomy.watch(*given, out=OUT, total_steps=1000), 3, after)
    assert found == [2, 2, 2]


def test_a_forgotten_watch_ends_its_recording() -> None:
    loop = Loop(LOOPS["flat"].generator)
    held: list[Any] = []

    def watching(*given: Any) -> Any:
        held.append(ganatomy.watch(*given, out=OUT, every=4))
        return types.SimpleNamespace(step=lambda **losses: held[0].step(**losses), close=lambda: None)

    loop.run(watching, 8)
    assert not (OUT / "diagnosis.json").exists()
    held.clear()
    gc.collect()
    assert (OUT / "diagnosis.json").exists()


def test_what_cannot_be_drawn_is_said_and_the_rest_is_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    def odd_noise(n: int) -> torch.Tensor:
        return torch.cat([torch.randn(n, 6), torch.eye(2).repeat(n // 2, 1)], 1)

    Loop(LOOPS["flat"].generator, odd_noise).run(lambda *given: ganatomy.watch(*given, out=OUT, data="digits", every=4))
    said = capsys.readouterr().err
    assert "no samples are drawn: G's noise is neither" in said
    run = ganatomy.load(OUT)
    assert len(run.history) > 3
    assert run.update == STEPS
    with pytest.raises(GanatomyError, match="no pictures"):
        comparison.save([run], Path("out.png"))


def test_a_generator_that_decides_by_values_is_passed_again(capsys: pytest.CaptureFixture[str]) -> None:
    record("deciding")
    assert "load(path, model=G)" in capsys.readouterr().err
    with pytest.raises(GanatomyError, match=r"ganatomy.load\(path, model=G\)"):
        ganatomy.load(OUT).sample(1)
    assert len(ganatomy.load(OUT, model=Deciding(nn.Tanh())).sample(3)) == 3
    with pytest.raises(UsageError, match=r"pass its generator, an nn\.Module"):
        ganatomy.load(OUT, model="moved.py")


def test_without_data_there_are_samples_and_no_scores() -> None:
    run, _ = record(data=None)
    assert run.scores == []
    assert len(run.sample(5)) == 5
    with pytest.raises(GanatomyError, match="recorded without its data"):
        ganatomy.evaluate(run)


def test_data_may_be_an_array() -> None:
    data = digits()
    run, _ = record(data=(data.images, data.labels))
    assert ganatomy.evaluate(run, n=100, features="principal").n == 100


def test_data_of_another_size_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = record(data=np.zeros((100, 32, 32), np.uint8))
    assert "28 x 28 x 1" in capsys.readouterr().err
    assert run.scores == []


def test_normalised_data_shows_its_own_black_and_white(capsys: pytest.CaptureFixture[str]) -> None:
    Loop(lambda: LOOPS["wide"].generator(), range=(-0.42, 2.82)).run(lambda *given: ganatomy.watch(*given, out=OUT))
    low, high = ganatomy.load(OUT).config.real_range or (0, 0)
    assert (round(low, 2), round(high, 2)) == (-0.42, 2.82)
    assert "value_range=(low, high)" in capsys.readouterr().err


def test_wrong_arguments_are_errors_before_the_loop_begins(tmp_path: Path) -> None:
    networks = nn.Linear(8, 784), nn.Linear(784, 1)
    with pytest.raises(UsageError, match="data is for recording"):
        ganatomy.watch(*networks, data="digits")
    with pytest.raises(UsageError, match="digits"):
        ganatomy.watch(*networks, out=OUT, data="digitz")
    (tmp_path / "file").touch()
    with pytest.raises(GanatomyError, match="file"):
        ganatomy.watch(*networks, out=tmp_path / "file" / "run")
    assert not OUT.exists()


@pytest.mark.parametrize("method", ["append_history", "write_config", "add_environment"])
def test_an_error_of_the_recording_costs_no_training(
    method: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    alone = LOOPS["flat"].run(steps=STEPS)
    with monkeypatch.context() as patch:
        patch.setattr(f"ganatomy.runs.folder.RunFolder.{method}", full)
        watched = LOOPS["flat"].run(lambda *given: ganatomy.watch(*given, out=OUT))
    assert "stopped recording, and the training goes on" in capsys.readouterr().err
    assert all(map(torch.equal, alone.state_dict().values(), watched.state_dict().values()))
    assert OUT.exists() == (method == "append_history")
    record()  # the folder is not locked any more


def test_wrapped_networks_are_recorded_as_their_own() -> None:
    loop = Loop(lambda: nn.DataParallel(LOOPS["flat"].generator()))
    generator = loop.run(lambda *given: ganatomy.watch(*given, out=OUT, every=4))
    run = ganatomy.load(OUT)
    assert run.config.model.generator_class == "Flat"
    assert run.generator.state_dict().keys() == generator.module.state_dict().keys()
    assert len(run.sample(3)) == 3


def test_an_error_of_the_watching_ends_the_recording_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def sometimes(*_: Any) -> Any:
        seen.append(1)
        if len(seen) > 20:
            raise IndexError("a tensor of a new kind")
        return "other", slice(0, 0), None

    monkeypatch.setattr("ganatomy.watching.observer.kind_of", sometimes)
    LOOPS["flat"].run(lambda *given: ganatomy.watch(*given, out=OUT, every=2))
    run = ganatomy.load(OUT)
    assert 1 < run.update < STEPS
    assert run.folder.read_config()[1]["updates"] == run.update


def test_after_an_error_nothing_is_written_any_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ganatomy.runs.folder.RunFolder.append_history", full)
        LOOPS["flat"].run(lambda *given: ganatomy.watch(*given, out=OUT))
    gc.collect()
    assert "recorded" not in capsys.readouterr().err.replace("recording", "")
    assert not (OUT / "diagnosis.json").exists()


def test_where_nothing_can_be_drawn_at_the_end_the_diagnosis_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after an error on a GPU."""

    def lost(*_: Any) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    def watching(*given: Any) -> Any:
        watch = ganatomy.watch(*given, out=OUT)
        close = watch.close

        def closing() -> None:
            monkeypatch.setattr("ganatomy.watching.recording.Recording.samples", lost)
            close()

        return types.SimpleNamespace(step=watch.step, close=closing)

    LOOPS["flat"].run(watching)
    assert "could not be ended: RuntimeError: CUDA error" in capsys.readouterr().err
    assert Findings.read(OUT / "diagnosis.json").iterations == STEPS
    assert ganatomy.load(OUT).update == STEPS


def test_a_generators_own_hooks_do_not_see_what_is_drawn() -> None:
    seen: list[int] = []

    def generator() -> nn.Module:
        made = LOOPS["flat"].generator()
        made.register_forward_hook(lambda *_: seen.append(1))
        return made

    Loop(generator).run(lambda *given: ganatomy.watch(*given, out=OUT, total_steps=STEPS))
    assert len(seen) == 2 * STEPS


def test_pictures_given_to_g_are_no_noise(capsys: pytest.CaptureFixture[str]) -> None:
    """An image-to-image network: what it is given has the range of uniform noise, and nothing else of it."""
    Loop(lambda: Flat(nn.Tanh(), 784), lambda n: next(batches(1, -1.0, 1.0))[0]).run(
        lambda *given: ganatomy.watch(*given, out=OUT)
    )
    assert "no samples are drawn: G's noise is neither" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "batches_each"), [("critic", 1), ("flat", 1)])
def test_real_images_are_counted(name: str, batches_each: int) -> None:
    """The critic's loop shows one batch three times."""
    run, _ = record(name)
    assert run.history[-1]["images"] == STEPS * BATCH * batches_each


def test_batches_of_several_critic_steps_are_counted() -> None:
    G, D = LOOPS["flat"].generator(), nn.Sequential(nn.Flatten(), nn.Linear(784, 1))
    opt_D = torch.optim.Adam(D.parameters(), 1e-4)
    with ganatomy.watch(G, D, out=OUT, every=4) as watch:
        reals = batches(60, -1.0, 1.0)
        for _ in range(20):
            for _ in range(3):
                real, _ = next(reals)
                loss = D(G(torch.randn(BATCH, 8)).detach()).mean() - D(real).mean()
                opt_D.zero_grad()
                loss.backward()
                opt_D.step()
            watch.step(loss_D=loss)
    assert ganatomy.load(OUT).history[-1]["images"] == 20 * 3 * BATCH


def test_a_watch_that_saw_no_training_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with ganatomy.watch(nn.Linear(8, 784), nn.Linear(784, 1), out=OUT) as watch:
        watch.step(loss_D=1.0)
        assert watch.path is None
    assert "nothing was recorded" in capsys.readouterr().err
    assert not OUT.exists()


def test_the_diagnosis_is_kept_and_reported(command: Command) -> None:
    def broken(*given: Any) -> Any:
        given[3].zero_grad = lambda *_, **__: None
        return ganatomy.watch(*given, out="runs/broken")

    Loop(LOOPS["flat"].generator).run(broken, 40)
    record()
    (finding, *_) = ganatomy.diagnose("runs/broken")
    assert finding.name == "no-zero-grad"
    assert finding.line is not None
    assert "loss_D.backward()" in finding.line.text or "opt_D.step()" in finding.line.text
    assert json.loads(command("diagnose", "runs/broken", "--json").out)["findings"][0]["zh"]["seen"]
    shown = page.render(adhoc.of_runs([Path("runs/broken"), OUT]))
    assert 'href="#diagnosis"' in shown
    assert "A mistake shows in the training of broken" in shown
    assert "梯度" in shown
    assert "A mistake shows" not in page.render(adhoc.of_runs([OUT]))


def test_diagnosing_a_run_of_ganatomy_keeps_what_was_found() -> None:
    run = ganatomy.train("gan", data="digits", train={"updates": 2}, out="runs/own")
    assert 'id="diagnosis"' not in page.render(adhoc.of_runs([run.path]))
    ganatomy.diagnose(run, updates=15)
    assert 'id="diagnosis"' in page.render(adhoc.of_runs([run.path]))


# ---- the stored operations


@pytest.fixture
def stored() -> dict[str, Any]:
    network = nn.Sequential(nn.Linear(4, 8), nn.Tanh()).eval()
    tree: dict[str, Any] = json.loads(json.dumps(program.Program.of(network, torch.zeros(2, 4)).tree))
    return tree


@pytest.mark.parametrize(
    "name", ["from_file.default", "save.default", "add_.Tensor", "no_such.default", "__class__.default"]
)
def test_nothing_but_core_operations_is_executed(stored: dict[str, Any], name: str) -> None:
    stored["steps"][0]["op"] = name
    with pytest.raises(NotAProgram):
        program.Program(stored, {})


def test_operations_get_what_fits_them(stored: dict[str, Any]) -> None:
    """A normalisation with too few weights would read what is behind them; a product of texts would fill the memory."""
    network = nn.Sequential(
        nn.ConvTranspose2d(4, 8, 3), nn.BatchNorm2d(8), nn.GroupNorm(2, 8), nn.InstanceNorm2d(8)
    ).eval()
    made = program.Program.of(network, torch.zeros(program.ROWS, 4, 1, 1))
    for name, short in (("1.running_mean", 2), ("1.weight", 2), ("2.weight", 2)):
        wrong = program.Program(made.tree, {**made.weights, name: torch.zeros(short)})
        with pytest.raises(NotAProgram, match="8 channels"):
            wrong(torch.zeros(2, 4, 1, 1))
    stored["steps"].insert(0, {"out": "text", "op": "mul", "args": ["x", 10**9], "named": {}})
    with pytest.raises(NotAProgram, match="for sizes"):
        program.Program(stored, made.weights)(torch.zeros(2, 4))


@pytest.mark.parametrize(
    "change",
    [
        {"output": "nothing"},
        {"constants": {"a": {"dtype": "float32", "shape": [3], "values": [1.0]}}},
        {"constants": {"a": {"dtype": "load", "shape": [1], "values": [1.0]}}},
        {"weights": {"p_0_weight": "nothing"}},
    ],
)
def test_a_program_that_does_not_hold_together_is_an_error(stored: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(NotAProgram, match="damaged"):
        program.Program({**stored, **change}, {})(torch.zeros(2, 4))


def test_a_damaged_or_newer_program_is_an_error(stored: dict[str, Any]) -> None:
    with pytest.raises(NotAProgram, match="format 99"):
        program.Program({**stored, "format": 99}, {})
    with pytest.raises(NotAProgram, match="damaged"):
        program.Program({"format": 1}, {})
    run, _ = record()
    run.folder.program.write_text("{")
    with pytest.raises(GanatomyError, match="damaged"):
        ganatomy.load(OUT).sample(1)


def test_damaged_settings_of_a_recorded_run_are_an_error() -> None:
    run, _ = record()
    text = run.folder.config.read_text().replace('noise = "normal"', 'noise = "pink"')
    run.folder.config.write_text(text)
    with pytest.raises(GanatomyError, match="damaged"):
        _ = ganatomy.load(OUT).config
    assert recorded.is_recorded(run.folder.read_config()[0])


# ---- notebooks


def test_a_notebook_shows_samples_and_losses_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    display = types.SimpleNamespace(
        HTML=lambda text: text,
        display=lambda text, display_id: shown.append(text) or types.SimpleNamespace(update=shown.append),
    )
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(
        sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell, display=display, version_info=(9, 0))
    )
    monkeypatch.setattr("ganatomy.callbacks.notebook.SECONDS", 0.0)
    monkeypatch.setattr("ganatomy.callbacks.notebook.SHARE", 1e9)
    record()
    assert len(shown) >= 5
    assert shown[-1].count("<img") == 2
    assert "fid" in shown[-1]


def test_a_public_notebooks_loop_is_watched_with_three_added_lines(capsys: pytest.CaptureFixture[str]) -> None:
    tqdm = pytest.importorskip("tqdm").tqdm
    from torch.utils.data import DataLoader, TensorDataset
    from torch.utils.tensorboard import SummaryWriter

    class Generator(nn.Module):
        def __init__(self, noise_dim: int, img_dim: int) -> None:
            super().__init__()
            self.gen = nn.Sequential(nn.Linear(noise_dim, 64), nn.LeakyReLU(0.01), nn.Linear(64, img_dim), nn.Tanh())

        def forward(self, x: torch.Tensor) -> Any:
            return self.gen(x)

    class Discriminator(nn.Module):
        def __init__(self, img_dim: int) -> None:
            super().__init__()
            self.disc = nn.Sequential(nn.Linear(img_dim, 64), nn.LeakyReLU(0.01), nn.Linear(64, 1), nn.Sigmoid())

        def forward(self, x: torch.Tensor) -> Any:
            return self.disc(x)

    z_dim, num_epochs = 16, 2
    images = torch.cat([real for real, _ in batches(20, -1.0, 1.0)])
    loader = DataLoader(TensorDataset(images, torch.zeros(len(images))), batch_size=32, shuffle=True)
    gen, disc = Generator(z_dim, 784), Discriminator(784)
    fixed_noise = torch.randn((32, z_dim))
    opt_gen = torch.optim.Adam(gen.parameters(), lr=3e-4)
    opt_disc = torch.optim.Adam(disc.parameters(), lr=3e-4)
    criterion = nn.BCELoss()
    writer = SummaryWriter("logs/fake")
    watch = ganatomy.watch(gen, disc, opt_gen, opt_disc, out=OUT, data="digits")  # added
    step = 0
    for _epoch in range(num_epochs):
        loop = tqdm(loader, leave=False)
        for batch_idx, (real, _) in enumerate(loop):
            real = real.view(-1, 784)
            batch_size = real.shape[0]
            fake = gen(torch.randn(batch_size, z_dim))
            disc_real = disc(real).view(-1)
            loss_d_real = criterion(disc_real, torch.ones_like(disc_real))
            disc_fake = disc(fake).view(-1)
            loss_d_fake = criterion(disc_fake, torch.zeros_like(disc_fake))
            loss_d = (loss_d_real + loss_d_fake) / 2
            disc.zero_grad()
            loss_d.backward(retain_graph=True)
            opt_disc.step()
            output = disc(fake).view(-1)
            loss_g = criterion(output, torch.ones_like(output))
            gen.zero_grad()
            loss_g.backward()
            opt_gen.step()
            watch.step(loss_D=loss_d, loss_G=loss_g)  # added
            loop.set_postfix(d=loss_d.item(), g=loss_g.item())
            if batch_idx == 0:
                with torch.no_grad():
                    writer.add_images("fake", gen(fixed_noise).reshape(-1, 1, 28, 28), global_step=step)
                step += 1
    watch.close()  # added
    writer.close()
    assert watch.diagnose() == []
    run = ganatomy.load(OUT)
    assert run.update == num_epochs * len(loader)
    assert run.history[-1]["epoch"] == 0
    assert "recorded 20 steps in runs/mine" in capsys.readouterr().err
    assert [record["step"] for record in run.scores] == [20]
    assert run.sample(3).shape == (3, 28, 28, 1)
