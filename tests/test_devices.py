"""What the trainer does otherwise on a GPU, tested on the CPU: images that stay there, faults that are noticed later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import ganatomy
from ganatomy.config import recipe
from ganatomy.config.resolve import resolve
from ganatomy.config.timeline import Timeline
from ganatomy.data import Dataset
from ganatomy.distributed.shards import Shard
from ganatomy.errors import GanatomyError
from ganatomy.objectives import Batch
from ganatomy.objectives.nonsaturating import NonSaturating
from ganatomy.runs.folder import RunFolder
from ganatomy.training import batches
from ganatomy.training.players import NotFinite, Player
from ganatomy.training.trainer import Trainer

SETTINGS = ["data=digits", "train.batch=32", "train.evaluate_every=0", "train.log_every=5"]


@pytest.mark.parametrize("points", [False, True])
def test_batches_from_the_devices_memory_are_those_from_the_hosts(points: bool) -> None:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (37, 4, 5, 3), np.uint8)
    if points:
        images = draw.normal(size=(37, 1, 1, 2)).astype(np.float32)
    words: Any = (
        Dataset(images, None, (), "test"),
        Timeline(37, 10, 1, None),
        3,
        None if points else (-1.0, 1.0),
        torch.device("cpu"),
    )
    host, resident = batches.HostBatches(*words), batches.ResidentBatches(*words)
    assert isinstance(batches.of(*words), batches.HostBatches)
    for update in range(1, 13):  # three epochs, the last batch of each shorter
        for shard in (None, Shard(2, 5, 10)):
            assert torch.equal(host.real(update, 0, shard), resident.real(update, 0, shard))


@pytest.fixture
def asynchronous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every player as on a GPU."""
    made = Player.__init__

    def init(self: Player, *words: Any) -> None:
        made(self, *words)
        self.asynchronous = True

    monkeypatch.setattr(Player, "__init__", init)


@pytest.mark.parametrize("name", ["gan", "wgan"])
def test_faults_looked_for_later_change_no_number(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    settings = [*SETTINGS, "train.updates=7"]
    expected = ganatomy.train(name, *settings, f"out={tmp_path / 'now'}")
    request.getfixturevalue("asynchronous")
    found = ganatomy.train(name, *settings, f"out={tmp_path / 'later'}")
    for key, value in expected.generator.state_dict().items():
        assert torch.equal(value, found.generator.state_dict()[key])
    assert [record["loss/generator"] for record in found.history] == [
        record["loss/generator"] for record in expected.history
    ]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", ["gan", "wgan"])
@pytest.mark.usefixtures("asynchronous")
def test_an_update_that_is_not_finite_is_not_made(name: str, precision: str, tmp_path: Path) -> None:
    config = recipe.load(name, {"data": "digits", "train.batch": 8, "train.precision": precision})
    dataset = config.data.load()
    config, resolved = resolve(config, dataset)
    trainer = Trainer(config, resolved, dataset, RunFolder(tmp_path))
    trainer.train_step()
    trainer.players.check()
    generator = trainer.players.generator
    before = {
        name: {key: value.clone() for key, value in tensors.items()} for name, tensors in generator.tensors().items()
    }
    for update in (2, 3):
        fakes = generator(trainer.noise(trainer.group.shard(8), "noise/generator", update))
        loss = fakes.mean() * float("inf" if update == 2 else "nan")
        generator.backward(loss, Shard(0, 8, 8))
        generator.terms = {"fake": loss.detach()}
        generator.check_finite(update)
        generator.step(update, None)
    for name, tensors in generator.tensors().items():
        for key, value in tensors.items():
            if "running" not in key and "num_batches" not in key:
                assert torch.equal(value, before[name][key]), key
    with pytest.raises(NotFinite, match="generator's loss or gradient was not finite in update 2"):
        trainer.players.check()
    trainer.players.check()  # told once
    trainer.train_step()
    trainer.players.check()


@pytest.mark.usefixtures("asynchronous")
def test_a_run_stops_at_the_next_log_line_and_keeps_its_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = NonSaturating.generator_loss
    calls = iter(range(1, 100))

    def loss(self: NonSaturating, critic: Any, batch: Batch) -> dict[str, Tensor]:
        terms = made(self, critic, batch)
        return {"fake": terms["fake"] * float("nan")} if next(calls) == 7 else terms

    monkeypatch.setattr(NonSaturating, "generator_loss", loss)
    settings = [*SETTINGS, "train.updates=40", "train.checkpoint_every=5", "train.milestones=[0]"]
    with pytest.raises(
        GanatomyError, match=r"after update 10: the generator's loss or gradient .* in update 7.*step-0*5"
    ):
        ganatomy.train("gan", *settings, f"out={tmp_path / 'run'}")
    run = ganatomy.load(tmp_path / "run")
    assert [record["step"] for record in run.history] == [5]
    assert RunFolder(run.path).checkpoint_updates()[-1] == 5
    monkeypatch.setattr(NonSaturating, "generator_loss", made)
    resumed = ganatomy.resume(run.path)
    assert resumed.update == 40
