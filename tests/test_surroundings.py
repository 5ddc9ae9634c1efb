"""The same bits whatever surrounds the call: torch's and NumPy's switches, other threads, and nothing of theirs is changed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

import ganatomy
from ganatomy import atomic, surroundings
from ganatomy.testing import check_model, check_objective

UPDATES = {"updates": 4, "evaluate_every": 0, "milestones": (100,), "log_every": 1, "batch": 16}

DROPOUT = """
from torch import nn

class Generator(nn.Sequential):
    def __init__(self, latent, shape):
        height, width, channels = shape
        super().__init__(nn.Linear(latent, height * width * channels), nn.Tanh(), nn.Unflatten(1, (channels, height, width)))

class Discriminator(nn.Sequential):
    def __init__(self, shape):
        super().__init__(nn.Flatten(), nn.Dropout(0.5), nn.Linear(shape[0] * shape[1] * shape[2], 1))
"""


def trained(folder: Path, precision: str = "fp32", recipe: str = "dcgan", **settings: object) -> dict[str, str]:
    """Train, resume and score a run; the digests of all that decides or shows its bits."""
    train = {**UPDATES, "precision": precision}
    run = ganatomy.train(recipe, data="digits", train=train, out=folder, **settings)
    run = ganatomy.resume(run.path, "train.updates=6")
    scores = ganatomy.evaluate(run, n=60, metrics=["kid"])
    weights = (run.path / "checkpoints").glob("step-*6/*.safetensors")
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in weights}
    digests["samples"] = hashlib.sha256(run.sample(16).tobytes()).hexdigest()
    digests["scores"] = json.dumps({name: score.value for name, score in scores.metrics.items()})
    return digests


@contextmanager
def switched(read: Callable[[], object], write: Callable[[object], object], value: object) -> Iterator[None]:
    before = read()
    write(value)
    try:
        yield
        assert read() == value, "the program's own switch was changed"
    finally:
        write(before)


def attribute(owner: object, name: str, value: object) -> AbstractContextManager[None]:
    return switched(lambda: getattr(owner, name), lambda new: setattr(owner, name, new), value)


def deterministic() -> AbstractContextManager[None]:
    return switched(torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms, True)  # type: ignore[arg-type]


SURROUNDINGS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "no_grad": torch.no_grad,
    "set_grad_enabled": lambda: switched(torch.is_grad_enabled, torch.set_grad_enabled, False),  # type: ignore[arg-type]
    "inference_mode": torch.inference_mode,
    "default_dtype": lambda: switched(torch.get_default_dtype, torch.set_default_dtype, torch.float64),  # type: ignore[arg-type]
    "default_device": lambda: torch.device("meta"),
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "deterministic": deterministic,
    "matmul_precision": lambda: switched(
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
        "medium",  # type: ignore[arg-type]
    ),
    "no_mkldnn": lambda: attribute(torch.backends.mkldnn, "enabled", False),
    "numpy_errors": lambda: np.errstate(all="raise"),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The digests of each recipe and precision."""
    folder = tmp_path_factory.mktemp("undisturbed")
    kinds = {("gan", "fp32"), ("gan", "bf16"), ("dcgan", "fp32")}
    return {
        f"{recipe} {precision}": trained(folder / f"{recipe}-{precision}", precision, recipe)
        for recipe, precision in kinds
    }


CONVOLVED = ("deterministic", "matmul_precision", "no_mkldnn", "default_dtype")
"""Those that decide how a convolution is computed."""

CASES = [
    *((name, "gan fp32") for name in SURROUNDINGS if name not in CONVOLVED),
    *((name, "dcgan fp32") for name in CONVOLVED),
    ("default_dtype", "gan bf16"),
    ("autocast", "gan bf16"),
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_what_surrounds_a_call_changes_no_bit_and_is_not_changed(
    name: str, kind: str, undisturbed: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    recipe, precision = kind.split()
    with SURROUNDINGS[name]():
        assert trained(tmp_path / "run", precision, recipe) == undisturbed[kind]


def test_leaves_are_checked_in_surroundings_of_their_own() -> None:
    with ExitStack() as stack:
        for name in ("default_dtype", "inference_mode", "default_device"):
            stack.enter_context(SURROUNDINGS[name]())
        check_objective("wasserstein")
        check_model("mlp", shapes=[(8, 8, 1)])


def test_no_global_generator_is_touched_by_the_first_training_of_a_process(tmp_path: Path) -> None:
    script = """
import random, sys
import numpy, torch, ganatomy
before = random.getstate(), numpy.random.get_state()[1].tobytes(), torch.get_rng_state().numpy().tobytes()
run = ganatomy.train("gan", data="digits", train={"updates": 2, "evaluate_every": 1}, out=sys.argv[1])
ganatomy.evaluate(run, n=60)
run.sample(3)
after = random.getstate(), numpy.random.get_state()[1].tobytes(), torch.get_rng_state().numpy().tobytes()
sys.exit([name for name, a, b in zip(("random", "numpy", "torch"), before, after) if a != b] or 0)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "run")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("model", ["convnet", "dropout"])
def test_trainings_in_several_threads_are_each_exact(
    model: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another thread samples and draws meanwhile, as a notebook does, or a web server."""
    settings: dict[str, object] = {"seed": 3}
    if model == "dropout":
        (tmp_path / "dropout.py").write_text(DROPOUT)
        settings["model"] = str(tmp_path / "dropout.py")
    expected = trained(tmp_path / "alone", **settings)  # type: ignore[arg-type]
    found: dict[int, dict[str, str]] = {}

    def work(number: int) -> None:
        found[number] = trained(tmp_path / str(number), **settings)  # type: ignore[arg-type]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    run = ganatomy.load(tmp_path / "alone")
    while any(thread.is_alive() for thread in threads):
        ganatomy.load(run.path).sample(4)
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(2), expected)
    assert not caplog.records


def test_threads_may_write_the_same_file(tmp_path: Path) -> None:
    """As two evaluations do that cache the same features."""
    failed: list[BaseException] = []

    def write(content: str) -> None:
        for _ in range(50):
            try:
                atomic.write(tmp_path / "file", content)
            except OSError as error:
                failed.append(error)

    threads = [threading.Thread(target=write, args=(letter * 1000,)) for letter in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert (tmp_path / "file").read_text() in {letter * 1000 for letter in "abc"}


def test_the_last_one_out_restores_the_switches() -> None:
    """Two calls that overlap, the first of which ends first."""
    first, second = surroundings.standard(), surroundings.standard()
    with SURROUNDINGS["default_dtype"]():
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert torch.get_default_dtype() == torch.float32
        second.__exit__(None, None, None)
        assert torch.get_default_dtype() == torch.float64


def test_turns_go_round() -> None:
    """A thread that takes the lock again and again does not keep the others waiting."""
    turns, order = surroundings.Turns(), []

    def take(name: str) -> None:
        for _ in range(3):
            with turns, turns:
                order.append(name)
                time.sleep(0.01)

    with turns:
        threads = [threading.Thread(target=take, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        while len(turns._waiting) < 3:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order in (list("ababab"), list("bababa"))


def test_a_thread_that_stops_waiting_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = surroundings.Turns()
    monkeypatch.setattr(turns._condition, "wait_for", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        turns.__enter__()
    assert not turns._waiting
