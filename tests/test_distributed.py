"""Several processes train as one: gradients, losses, weights, order and noise are one process's on the whole batch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

import distributed_worker as worker
import ganatomy
from ganatomy.distributed import Group
from ganatomy.objectives import objectives
from ganatomy.parts import Part

SECONDS = 100
"""After these a group that hangs has failed the test."""


def launch(*arguments: str, processes: int = 2, restarts: int = 0) -> subprocess.Popen[str]:
    """The worker in several processes, under torchrun; stdout and stderr in one."""
    launcher = ["--standalone", f"--nproc-per-node={processes}", f"--max-restarts={restarts}"]
    command = [sys.executable, "-m", "torch.distributed.run", *launcher, worker.__file__, *arguments]
    environment = {key: value for key, value in os.environ.items() if key not in ("RANK", "WORLD_SIZE")}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )


def output(process: subprocess.Popen[str]) -> str:
    """All that the processes printed; one that hangs is ended, and the test with it."""
    try:
        return process.communicate(timeout=SECONDS)[0]
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # torchrun ends its processes
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=40)
        process.kill()
        raise


def torchrun(*arguments: str, processes: int = 2) -> str:
    process = launch(*arguments, processes=processes)
    printed = output(process)
    assert process.returncode == 0, printed
    return printed


def together(folder: Path, orders: Sequence[tuple[str, list[str]]]) -> list[list[dict[str, Any]]]:
    """What the processes noted of the API calls, for each rank a list."""
    (folder / "orders.json").write_text(json.dumps(orders))
    torchrun("api", str(folder))
    return [torch.load(folder / f"watched-{rank}.pt", weights_only=False) for rank in range(2)]


def alone(call: str, *arguments: str) -> dict[str, Any]:
    """The same in this process."""
    found: dict[str, Any] = {}
    with worker.watched(found):
        getattr(ganatomy, call)(*arguments)
    return found


# ---- parts


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_parts_cover_the_batch_and_are_even(size: int) -> None:
    for total in (1, 2, 6, 7, 128):
        parts = [Part.of(total, rank, size) for rank in range(size)]
        assert [row for part in parts for row in range(total)[part.rows]] == list(range(total))
        counts = [part.stop - part.start for part in parts]
        assert max(counts) - min(counts) <= 1
        assert sum(part.share for part in parts) == pytest.approx(1)


def test_a_group_of_one_shares_nothing_out() -> None:
    part = Group().part(10)
    assert (part.rows, part.share) == (slice(0, 10), 1.0)
    value = torch.tensor(0.1)
    assert torch.equal(part.weigh(value), value)


# ---- gradients


# Where convolutions round differently for another number of images, a LeakyReLU's kink can turn: that is what float32
# needs more room for there. Over two images BatchNorm makes thousands of a last bit, so that case is float64.
TOLERANCES = {"gan": 1e-6, "dcgan": 5e-6, "dcgan, two images": 1e-10}


@pytest.mark.parametrize(
    ("processes", "cases"), [(2, ["gan", "dcgan", "dcgan, two images"]), (3, ["gan", "dcgan, two images"])]
)
def test_gradients_and_terms_are_those_of_one_process(processes: int, cases: list[str], tmp_path: Path) -> None:
    """For every objective, without BatchNorm and with it (sync); with uneven parts, and parts without a row."""
    torchrun("gradients", str(tmp_path), *cases, processes=processes)
    found = [torch.load(tmp_path / f"gradients-{rank}.pt") for rank in range(processes)]
    for name in cases:
        for objective in objectives.names():
            expected = worker.gradients(name, objective, Group())
            assert any(key.startswith("generator term") for key in expected)
            for rank in range(processes):
                mine = found[rank][name, objective]
                assert mine.keys() == expected.keys()
                for key, values in expected.items():
                    where = f"{name} {objective} rank {rank}: {key}"
                    for own, value in zip(mine[key], values, strict=True):
                        torch.testing.assert_close(
                            own, value, rtol=0, atol=TOLERANCES[name], msg=lambda m, w=where: f"{w}: {m}"
                        )
                    for own, first in zip(mine[key], found[0][name, objective][key], strict=True):
                        assert torch.equal(own, first), f"{where} has other bits than rank 0"


# ---- whole runs

# 1797 images in batches of 600: the last batch of an epoch has 597, uneven for two. A small learning rate, for these
# dynamics make a thousandfold of a last bit within a few updates.
RUN = ["data=digits", "train.batch=600", "train.log_every=1", "train.evaluate_every=0", "optimizer.lr=1e-6", "seed=4"]
LENGTH = ["train.updates=6"]
LOGGED = ("loss/", "score/", "epoch_mean/", "grad/")


def assert_same_history(one: Path | str, other: Path | str) -> None:
    expected, found = ganatomy.load(one).history, ganatomy.load(other).history
    assert [record["step"] for record in found] == [record["step"] for record in expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.keys() == theirs.keys()
        for name, value in theirs.items():
            if name.startswith(LOGGED):
                assert mine[name] == pytest.approx(value, abs=1e-5), f"{name} at update {theirs['step']}"


def assert_same_draws(parts: list[dict[str, Any]], whole: dict[str, Any], updates: range) -> None:
    """The processes' rows, one after another, are those of one process: images and noise, to the bit."""
    compared = 0
    for kind, place in (("real", 0), ("noise", 1)):
        assert all(part[kind].keys() == parts[0][kind].keys() for part in parts)
        for key, rows in whole[kind].items():
            if key[place] in updates:
                assert torch.equal(torch.cat([part[kind][key] for part in parts]), rows), key
                compared += 1
    assert compared >= 3 * len(updates)


def test_two_processes_train_as_one_and_resume_on_another_number(tmp_path: Path) -> None:
    whole = alone("train", "dcgan", *RUN, *LENGTH, "out=whole")
    alone("train", "gan", *RUN, *LENGTH, "out=gan-whole")
    alone("train", "dcgan", *RUN, "train.updates=3", "out=one-then-two")
    orders = [
        ("train", ["dcgan", *RUN, *LENGTH, "out=sync"]),
        ("train", ["dcgan", *RUN, *LENGTH, "train.batchnorm=local", "out=local"]),
        ("train", ["gan", *RUN, *LENGTH, "out=gan"]),
        ("train", ["dcgan", *RUN, "train.updates=3", "out=two-then-one"]),
        ("resume", ["one-then-two", *LENGTH]),
        ("train", ["gan", *RUN, "train.seconds=0.2", "out=by-time"]),
    ]
    ranks = together(tmp_path, orders)
    for first, second in zip(*ranks, strict=True):
        # Every rank gets the run, and has the same weights and buffers at each milestone.
        assert (first["run"], first["update"]) == (second["run"], second["update"])
        assert first["digests"] == second["digests"]
        assert first["digests"]
    sync, local, gan, two_then_one, one_then_two, by_time = ([rank[i] for rank in ranks] for i in range(len(orders)))

    assert list(sync[0]["digests"]) == [0, 2, 3, 5, 6]
    assert by_time[0]["update"] >= 1
    assert_same_history("whole", "sync")
    assert_same_history("gan-whole", "gan")
    everything = range(1, 7)
    for parts in (sync, local):
        assert_same_draws(parts, whole, everything)
    assert gan[0]["digests"].keys() == sync[0]["digests"].keys()
    # BatchNorm over half the batch is another network.
    last = [ganatomy.load(run).history[-1]["loss/generator"] for run in ("whole", "local")]
    assert last[0] != pytest.approx(last[1], abs=1e-5)

    # On another number of processes it goes on with the same images and noise, to the same end.
    assert list(one_then_two[0]["digests"])[-1] == 6
    assert_same_draws(one_then_two, whole, range(4, 7))
    rest = alone("resume", "two-then-one", *LENGTH)
    assert_same_draws([rest], whole, range(4, 7))
    assert_same_draws(two_then_one, whole, range(1, 4))
    expected = ganatomy.load("whole").generator.state_dict()
    for run in ("sync", "one-then-two", "two-then-one"):
        assert_same_history("whole", run)
        for name, value in ganatomy.load(run).generator.state_dict().items():
            torch.testing.assert_close(value, expected[name], rtol=1e-5, atol=2e-5, msg=lambda m, n=name: f"{n}: {m}")

    # What a checkpoint and config.toml hold knows nothing of the number; env.json does.
    sessions = [json.loads(Path(run, "env.json").read_text()) for run in ("one-then-two", "two-then-one")]
    assert [[session["processes"] for session in run] for run in sessions] == [[1, 2], [2, 1]]
    assert Path("whole/config.toml").read_text().replace("whole", "sync") == Path("sync/config.toml").read_text()
