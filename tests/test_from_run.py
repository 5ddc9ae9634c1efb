"""`from=RUN`: a new run that begins at another's weights, with other settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import ganatomy
from command_line import Command
from ganatomy.config import recipe
from ganatomy.errors import UsageError
from ganatomy.runs import checkpoint
from ganatomy.runs.folder import RunFolder
from ganatomy.training import launch
from study_files import bits

SMALL = {"data": "digits", "model.hidden": 8, "train.batch": 32, "train.evaluate_every": 0, "train.updates": 6}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ganatomy.train("gan", **SMALL, out=tmp_path_factory.mktemp("runs") / "source").path


def tensors(run: Path, update: int) -> dict[str, dict[str, torch.Tensor]]:
    return checkpoint.load(RunFolder(run).checkpoint(update)).tensors


def test_it_begins_at_the_others_weights_with_fresh_optimisers(source: Path, command: Command) -> None:
    words = [f"{name}={value}" for name, value in SMALL.items() if name != "train.updates"]
    done = command("train", "gan", f"from={source}", *words, "optimizer.lr=1e-3", "train.updates=1", "out=new")
    assert done.code == 0, done.err
    run = ganatomy.load("new")
    assert run.update == 1, "its own count"
    assert run.config.from_run == source
    assert run.config.optimizer.lr == 1e-3
    began, ended = tensors(Path("new"), 0), tensors(source, 6)
    for role in ("generator", "discriminator"):
        assert all(torch.equal(began[role][name], ended[role][name]) for name in ended[role])
        assert not began.get(f"{role}_optimizer")
    first = ganatomy.load("new", "0%").sample(16)
    assert np.array_equal(first, ganatomy.load(source).sample(16)), "0 % is what it begins with"


def test_a_moving_average_begins_at_the_others_or_at_its_generator(source: Path) -> None:
    new = ganatomy.train("gan", **{**SMALL, "train.ema": 0.9, "train.updates": 1}, from_run=source, out="averaged").path
    began, ended = tensors(new, 0)["average"], tensors(source, 6)["generator"]
    assert all(torch.equal(began[name], ended[name]) for name in ended)
    again = ganatomy.train(
        "gan", **{**SMALL, "from": str(new), "train.ema": 0.9, "train.updates": 1, "out": "twice"}
    ).path
    average, generator = tensors(again, 0)["average"], tensors(again, 0)["generator"]
    last = tensors(new, 1)
    assert all(torch.equal(average[name], last["average"][name]) for name in average)
    assert all(torch.equal(generator[name], last["generator"][name]) for name in generator)


def test_it_resumes_to_the_same_bits_though_the_other_run_is_gone(source: Path) -> None:
    copy = Path("copy")
    shutil.copytree(source, copy)
    whole = ganatomy.train("gan", **SMALL, from_run=copy, seed=3, out="whole").path
    part = ganatomy.train("gan", **{**SMALL, "train.updates": 3}, from_run=copy, seed=3, out="part").path
    shutil.rmtree(copy)
    ganatomy.resume(part, **{"train.updates": 6})
    assert bits(part) == bits(whole)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"from_run": "nowhere"}, "from=.*nowhere does not exist; give a run"),
        ({"model.hidden": 16}, r"its generator is another network(.|\n)*layers.0.weight: 8x100 there, 16x100 here"),
        ({"model.batchnorm": "discriminator"}, r"its discriminator is another(.|\n)*nothing there"),
    ],
)
def test_what_cannot_be_begun_with_is_an_error_before_anything_is_written(
    source: Path, changed: dict[str, object], said: str
) -> None:
    settings = {**SMALL, "from_run": source, **changed}
    with pytest.raises(UsageError, match=said):
        launch.rehearse(recipe.load("gan", settings), Path("runs"))
    with pytest.raises(UsageError, match=said):
        ganatomy.train("gan", **settings, out="broken")
    assert not Path("broken").exists()
