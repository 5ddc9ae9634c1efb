"""Several processes train as one: gradients, losses, weights, order and noise are one process's on the whole batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

import distributed_worker as worker
import ganatomy
from distributed_launch import group
from ganatomy.distributed import Group
from ganatomy.distributed.shards import Shard
from ganatomy.runs import checkpoint
from small_pictures import SIZE, write_pictures

Order = tuple[str, str, list[str]]


def together(folder: Path, orders: Sequence[Order]) -> list[list[dict[str, Any]]]:
    """What the processes noted of the API calls, for each rank a list."""
    (folder / "orders.json").write_text(json.dumps(orders))
    group("calls", str(folder))
    return [torch.load(folder / f"watched-{rank}.pt", weights_only=False) for rank in range(2)]


# ---- shards


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_parts_cover_the_batch_and_are_even(size: int) -> None:
    for total in (1, 2, 6, 7, 128):
        shards = [Shard.of(total, rank, size) for rank in range(size)]
        assert [row for shard in shards for row in range(total)[shard.rows]] == list(range(total))
        counts = [shard.stop - shard.start for shard in shards]
        assert max(counts) - min(counts) <= 1
        assert sum(shard.share for shard in shards) == pytest.approx(1)


def test_a_group_of_one_shares_nothing_out() -> None:
    shard = Group().shard(10)
    assert (shard.rows, shard.share) == (slice(0, 10), 1.0)
    value = torch.tensor(0.1)
    assert torch.equal(shard.weigh(value), value)


# ---- gradients


# The algorithm is shown in float64, where rounding leaves ten digits. In float32 convolutions round differently for
# another number of images (other kernels), which turns a LeakyReLU's kink here and there, and BatchNorm over two images
# makes thousands of a last bit; how much of that there is depends on the processor. The multilayer perceptron does not
# suffer from it, so float32 is held to its own precision there.
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-10}


@pytest.mark.parametrize(
    ("processes", "cases"),
    [
        (2, ["gan, float32", "gan", "dcgan", "dcgan, two images", "dcgan, both"]),
        (3, ["gan", "dcgan, two images", "dcgan, both, two images"]),
    ],
)
def test_gradients_and_terms_are_those_of_one_process(processes: int, cases: list[str], tmp_path: Path) -> None:
    """Without BatchNorm for every objective, with it in G and in both (sync); with uneven shards, and shards without a row."""
    group("gradients", str(tmp_path), *cases, processes=processes)
    found = [torch.load(tmp_path / f"gradients-{rank}.pt") for rank in range(processes)]
    for name in cases:
        dtype = worker.CASES[name][-1]
        for objective in worker.objectives_of(name):
            expected = worker.gradients(name, objective, Group())
            assert any(key.startswith("generator term") for key in expected)
            for rank in range(processes):
                mine = found[rank][name, objective]
                assert mine.keys() == expected.keys()
                for key, values in expected.items():
                    where = f"{name} {objective} rank {rank}: {key}"
                    for own, value in zip(mine[key], values, strict=True):
                        # Of the largest: with BatchNorm over two images in both networks some gradients are near 100.
                        allowed = TOLERANCES[dtype] * max(1.0, value.abs().max().item())
                        torch.testing.assert_close(own, value, rtol=0, atol=allowed, msg=lambda m, w=where: f"{w}: {m}")
                    for own, first in zip(mine[key], found[0][name, objective][key], strict=True):
                        assert torch.equal(own, first), f"{where} has other bits than rank 0"


# ---- whole runs

# 25 images in batches of 10: the last batch of an epoch has 5, uneven for two.
DATA = ["data=folder", "data.path=pictures", f"data.size={SIZE}", "train.batch=10", "seed=4"]
RUN = [*DATA, "train.log_every=1", "train.evaluate_every=0", *worker.FULL_PRECISION]
LENGTH = ["train.updates=6"]
LOGGED = ("loss/", "score/", "epoch_mean/", "grad/")


def assert_same_history(one: Path | str, other: Path | str, relative: float) -> None:
    expected, found = ganatomy.load(one).history, ganatomy.load(other).history
    assert [record["step"] for record in found] == [record["step"] for record in expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.keys() == theirs.keys()
        assert {name.split("/")[0] + "/" for name in theirs} >= set(LOGGED)
        for name, value in theirs.items():
            if name.startswith(LOGGED):
                assert mine[name] == pytest.approx(value, rel=relative), f"{name} at update {theirs['step']}"


def last_tensors(run: str) -> dict[str, torch.Tensor]:
    """Weights, buffers, moving average and optimiser state of a run's last checkpoint."""
    folder = ganatomy.load(run).folder
    files = checkpoint.load(folder.checkpoint(folder.checkpoint_updates()[-1])).tensors
    return {f"{file} {name}": value for file, tensors in files.items() for name, value in tensors.items()}


def assert_same_tensors(one: str, other: str, tolerance: float) -> None:
    expected, found = last_tensors(one), last_tensors(other)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=tolerance, msg=lambda m, n=name: f"{n}: {m}")


def assert_same_draws(shards: list[dict[str, Any]], whole: dict[str, Any], updates: Iterable[int]) -> None:
    """The processes' rows, one after another, are those of one process: images and noise, to the bit."""
    for kind, place in (("real", 0), ("noise", 1)):
        expected = {key: rows for key, rows in whole[kind].items() if key[place] in updates}
        assert {key[place] for key in expected} == set(updates)
        for shard in shards:
            assert {key for key in shard[kind] if key[place] in updates} == expected.keys()
        for key, rows in expected.items():
            assert torch.equal(torch.cat([shard[kind][key] for shard in shards]), rows), key


def in_bf16(words: list[str]) -> list[str]:
    return ["train.precision=bf16" if word.startswith("train.precision=") else word for word in words]


def test_two_processes_train_as_one_and_resume_on_another_number(tmp_path: Path) -> None:
    """In float64, with the recipes' own learning rates: the same losses and weights, to what rounding leaves."""
    write_pictures(tmp_path / "pictures", 25)
    dcgan, ema = ["dcgan", *RUN], ["train.ema=0.9", "optimizer.schedule=cosine"]
    whole = worker.call(["float64", "train", [*dcgan, *ema, *LENGTH, "out=whole"]])
    worker.call(["float64", "train", ["wgan", *RUN, "train.updates=3", "out=wgan-whole"]])
    both = [*dcgan, "model.batchnorm=both", "train.updates=3"]
    worker.call(["float64", "train", [*both, "out=both-whole"]])
    worker.call(["float32", "train", ["gan", *RUN, *LENGTH, "out=gan-whole"]])
    start = worker.call(["float64", "train", [*dcgan, "train.updates=3", "out=one-then-two"]])
    constant = worker.call(["float64", "train", [*dcgan, *LENGTH, "out=constant"]])
    orders: list[Order] = [
        ("float64", "train", [*dcgan, *ema, *LENGTH, "out=sync"]),
        ("float64", "train", ["wgan", *RUN, "train.updates=3", "out=wgan"]),
        ("float32", "train", ["gan", *RUN, *LENGTH, "out=gan"]),
        ("float32", "train", [*dcgan, *LENGTH, "train.batchnorm=local", "out=local"]),
        ("float64", "train", [*dcgan, "train.updates=3", "out=two-then-one"]),
        ("float64", "resume", ["one-then-two", *LENGTH]),
        ("float32", "train", ["gan", *RUN, "train.seconds=0.2", "out=by-time"]),
        ("float32", "train", [*in_bf16(dcgan), "train.updates=3", "out=bf16"]),
        ("float64", "train", [*both, "out=both"]),
        ("float32", "train", [*in_bf16(both), "out=both-bf16"]),
        ("float32", "train", [*both, "train.batchnorm=local", "out=both-local"]),
    ]
    ranks = together(tmp_path, orders)
    for first, second in zip(*ranks, strict=True):
        # Every rank gets the run, and has the same weights and buffers at each milestone.
        assert (first["run"], first["update"]) == (second["run"], second["update"])
        assert first["digests"] == second["digests"]
        assert first["digests"]
    sync, wgan, gan, local, two_then_one, one_then_two, by_time, *_ = (
        [rank[i] for rank in ranks] for i in range(len(orders))
    )
    assert list(sync[0]["digests"]) == list(gan[0]["digests"]) == list(local[0]["digests"]) == [0, 2, 3, 5, 6]
    assert by_time[0]["update"] >= 1

    # A run of its own has the same images and noise, the same losses and weights.
    assert_same_draws(sync, whole, range(1, 7))
    assert list(wgan[0]["digests"]) == [0, 1, 2, 3]
    # History is written in float32.
    for one, two in (("whole", "sync"), ("wgan-whole", "wgan"), ("both-whole", "both")):
        assert_same_history(one, two, 1e-6)
        assert_same_tensors(one, two, 1e-9)

    # On another number of processes it goes on with the same images and noise, to the same end.
    assert_same_draws([start], constant, range(1, 4))
    assert_same_draws(one_then_two, constant, range(4, 7))
    assert_same_draws(two_then_one, constant, range(1, 4))
    rest = worker.call(["float64", "resume", ["two-then-one", *LENGTH]])
    assert_same_draws([rest], constant, range(4, 7))
    for run in ("one-then-two", "two-then-one"):
        assert_same_history("constant", run, 1e-6)
        assert_same_tensors("constant", run, 1e-9)

    # bfloat16, whose ranks are the same to the bit as well, is near.
    for exact, rounded in (("constant", "bf16"), ("both", "both-bf16")):
        first = [ganatomy.load(run).history[0] for run in (exact, rounded)]
        for name in ("loss/discriminator", "loss/generator"):
            assert first[1][name] == pytest.approx(first[0][name], rel=0.02)

    # The trainer untouched, in float32.
    assert_same_history("gan-whole", "gan", 1e-4)
    # BatchNorm over half the batch is another network; the images are the same.
    losses = [[record["loss/generator"] for record in ganatomy.load(run).history] for run in ("constant", "local")]
    assert losses[0] != pytest.approx(losses[1], rel=1e-4)
    assert_same_draws(
        local, {kind: {k: v.float() for k, v in constant[kind].items()} for kind in ("real", "noise")}, range(1, 7)
    )

    # What a checkpoint and config.toml hold knows nothing of the number; env.json does.
    sessions = [json.loads(Path(run, "env.json").read_text()) for run in ("one-then-two", "two-then-one")]
    assert [[session["processes"] for session in run] for run in sessions] == [[1, 2], [2, 1]]
    assert Path("whole/config.toml").read_text().replace("whole", "sync") == Path("sync/config.toml").read_text()
