"""A rank that is lost, stopped or wrong: the group ends with one message, the checkpoint is good, and training goes on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

import distributed_worker as worker
import ganatomy
from distributed_launch import Launch
from ganatomy import atomic
from ganatomy.distributed import Group, PeersLost
from ganatomy.distributed.peers import ROLL_CALL_SECONDS, Peers
from ganatomy.runs import checkpoint
from small_pictures import SIZE, write_pictures

# 25 images in batches of 10, a checkpoint at each quarter: after updates 3, 6, 9 and 12.
DATA = ["data=folder", "data.path=pictures", f"data.size={SIZE}", "train.batch=10", "seed=4"]
RUN = [*DATA, "train.log_every=1", "train.evaluate_every=0", *worker.FULL_PRECISION]
TRAIN = ["train", "gan", *RUN, "train.updates=12"]

SLACK = 20
"""Seconds that a busy machine may take longer than it is stated."""

Order = tuple[str, list[str]]


@pytest.fixture(autouse=True)
def _pictures(tmp_path: Path, _own_folder: None) -> None:
    write_pictures(tmp_path / "pictures", 25)


def launch(orders: Sequence[Order], restarts: int = 0) -> Launch:
    """Command lines in two processes, each with the fault that one of them is to have."""
    Path("orders.json").write_text(json.dumps(orders))
    return Launch("command_line", ".", options=("--standalone", f"--max-restarts={restarts}"))


def codes() -> list[list[int]]:
    """The exit codes that the command lines had, of each rank that lived to tell them."""
    return [json.loads(path.read_text()) for path in sorted(Path().glob("codes-*.json"))]


def errors(printed: str) -> list[str]:
    """The lines that say why a process ended."""
    return [line for line in printed.splitlines() if line.startswith(("error:", "stopped by"))]


def assert_whole(run: str, updates: int) -> None:
    """The last checkpoint is that update's, its hashes fit, and nothing half-written is left anywhere."""
    folder = ganatomy.load(run).folder
    assert folder.checkpoint_updates()[-1] == updates
    assert checkpoint.load(folder.checkpoint(updates)).state["update"] == updates
    assert not list(folder.path.rglob(f"{atomic.TEMPORARY}*"))


def assert_same_bits(one: str, other: str) -> None:
    """Two runs have the same history, and the same weights, buffers and optimiser state in the end."""
    assert history(other) == history(one)
    folders = [ganatomy.load(run).folder for run in (one, other)]
    first, second = (checkpoint.load(folder.checkpoint(12)).tensors for folder in folders)
    assert second.keys() == first.keys()
    for name, tensors in first.items():
        assert second[name].keys() == tensors.keys()
        for key, value in tensors.items():
            assert torch.equal(second[name][key], value), f"{name} {key}"
    assert [path.name for path in folders[1].sample_files()] == [path.name for path in folders[0].sample_files()]


def history(run: str) -> list[dict[str, Any]]:
    """What does not depend on the time of day."""
    records = ganatomy.load(run).history
    assert [record["step"] for record in records] == list(range(1, 13))
    return [{k: v for k, v in record.items() if k != "seconds" and not k.startswith("speed/")} for record in records]


def test_a_killed_rank_ends_the_group_with_one_message_and_resume_gives_the_same_bits() -> None:
    with launch([("", [*TRAIN, "out=calm"]), ("1:8:SIGKILL", [*TRAIN, "out=lost"])]) as launched:
        launched.until("gets SIGKILL")
        killed = time.monotonic()
        told = launched.until("error:")
        assert time.monotonic() - killed < ROLL_CALL_SECONDS + SLACK
        printed = launched.finish()
        assert time.monotonic() - killed < ROLL_CALL_SECONDS + SLACK
        assert launched.process.returncode == 1
    assert (
        errors(printed)
        == [told.rstrip()]
        == [
            "error: lost rank 1 of 2: ended, or did not answer for 300 s (train.timeout; 30 min where one works alone); "
            "training stopped after update 7; last good checkpoint: lost/checkpoints/step-000000006. "
            "Continue with as many processes as you like: ganatomy resume lost"
        ]
    )
    assert "[W" not in printed.split("gets SIGKILL")[1].split("error:")[1], "torch adds warnings of its own"
    assert codes() == [[0, 1], [0]]
    assert_whole("lost", 6)

    shutil.copytree("lost", "alone")
    with launch([("", ["resume", "lost"])]) as launched:
        assert not errors(launched.finish())
    assert codes() == [[0], [0]]
    assert_whole("lost", 12)
    assert_same_bits("calm", "lost")
    # By one process alone: the same but for rounding.
    assert ganatomy.resume("alone").update == 12
    for mine, theirs in zip(history("alone"), history("calm"), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3)


@pytest.mark.slow
def test_a_rank_that_stalls_is_given_up_after_the_time_out() -> None:
    with launch([("1:8:SIGSTOP", [*TRAIN, "out=stalled", "train.timeout=5"])]) as launched:
        line = launched.until("gets SIGSTOP")
        stopped = time.monotonic()
        launched.until("error:")
        assert 4 < time.monotonic() - stopped < 5 + ROLL_CALL_SECONDS + SLACK
        # torchrun would kill it half a minute later. It wakes up, finds the others gone, and adds nothing.
        os.kill(int(line.split()[1]), signal.SIGCONT)
        printed = launched.finish()
        assert launched.process.returncode == 1
    (told,) = errors(printed)
    assert told.startswith("error: lost rank 1 of 2: ended, or did not answer for 5 s (train.timeout;")
    assert "training stopped after update 7; last good checkpoint: stalled/checkpoints/step-000000006." in told
    assert_whole("stalled", 6)
    assert ganatomy.resume("stalled").update == 12
    assert_whole("stalled", 12)


@pytest.mark.slow
def test_torchruns_restart_continues_to_the_same_bits() -> None:
    """The rank that writes is killed in the launch's second run: the first, finished one is left alone."""
    with launch([("", [*TRAIN, "out=calm"]), ("0:8:SIGKILL", [*TRAIN, "out=again"])], restarts=1) as launched:
        printed = launched.finish()
        assert launched.process.returncode == 0, printed
    (told,) = errors(printed)  # by the other rank, before the restart
    assert told.startswith("error: lost rank 0 of 2:")
    assert "last good checkpoint: again/checkpoints/step-000000006." in told
    assert codes() == [[0, 0], [0, 0]]
    assert [session["from_update"] for session in sessions("calm")] == [0]
    assert [session["from_update"] for session in sessions("again")] == [0, 6]
    assert_whole("again", 12)
    assert_same_bits("calm", "again")
    assert not Path("again-2").exists()


def sessions(run: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(run, "env.json").read_text())
    return found


def test_faults_that_all_ranks_live_through_are_told_once() -> None:
    orders: dict[str, tuple[Order, int, str]] = {
        "a signal to one": (
            ("1:5:SIGTERM", [*TRAIN, "out=term"]),
            143,
            "stopped by SIGTERM after update 5; last good checkpoint: term/checkpoints/step-000000005. "
            "Continue with: ganatomy resume term",
        ),
        "Ctrl-C": (
            ("0:5:SIGINT", [*TRAIN, "out=int"]),
            130,
            "stopped by SIGINT after update 5; last good checkpoint: int/checkpoints/step-000000005. "
            "Continue with: ganatomy resume int",
        ),
        "a full disk": (
            ("0:6:full", [*TRAIN, "out=full"]),
            1,
            "error: full cannot be written: No space left on device; last good checkpoint: "
            "full/checkpoints/step-000000003",
        ),
        "a wrong setting": (("", [*TRAIN, "out=wrong", "optimizer.lr=5"]), 2, "error: 1 setting is wrong:"),
        "other settings in one": (
            ("", [*TRAIN, "out=other", "train.ema=0.RANK"]),
            1,
            "error: the processes do not agree on the settings and the data: rank 1 differs from rank 0.",
        ),
        "no data in one": (
            ("", ["train", "gan", "data=folder", "data.path=pictures-RANK", "out=none"]),
            1,
            "error: rank 1: no folder of images: pictures-1 does not exist",
        ),
    }
    Path("pictures-0").symlink_to("pictures")
    again: list[Order] = [("", ["resume", run]) for run in ("term", "int")]
    wrong_option: list[Order] = [("", ["train", "--no-such-option"])]
    calm: list[Order] = [("", [*TRAIN, "out=calm"])]
    with launch([*(order for order, _, _ in orders.values()), *wrong_option, *calm, *again]) as launched:
        parts = re.split(r"--- order \d+\n", launched.finish())[1:]
    expected = [code for _, code, _ in orders.values()]
    assert codes() == [[*expected, 2, 0, 0, 0]] * 2
    for (name, (_, _, message)), printed in zip(orders.items(), parts, strict=False):
        (told,) = errors(printed)
        assert told.startswith(message), f"{name}: {told}"
    assert parts[len(orders)].count("No such option") == 1
    for run in ("wrong", "other", "none"):
        assert not Path(run).exists()
    assert_whole("full", 3)
    assert ganatomy.resume("full").update == 12
    for run in ("term", "int"):
        assert_whole(run, 12)
        assert_same_bits("calm", run)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_torchrun_stops_all_ranks_after_the_same_update(number: signal.Signals) -> None:
    with launch([("", ["train", "gan", *RUN, "train.updates=1000000", "out=long"])]) as launched:
        launched.until("Epoch 01")
        launched.process.send_signal(number)
        printed = launched.finish()
        assert launched.process.returncode != 0
    assert codes() == [[128 + number]] * 2
    (told,) = errors(printed)
    update = int(told.split(" after update ")[1].split(";")[0])
    assert told.startswith(f"stopped by {number.name} after update {update}; last good checkpoint: ")
    assert_whole("long", update)


class LostStore:
    """As torch's store is, once the process that has it is gone."""

    def __getattr__(self, name: str) -> Any:
        def fail(*words: Any) -> None:
            raise RuntimeError("Broken pipe")

        return fail


def test_a_rank_without_the_launchers_store_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked who is lost, where the launcher that had the store went with its machine."""
    monkeypatch.setenv("MASTER_ADDR", "first.local")
    monkeypatch.setenv("MASTER_PORT", "29500")
    group = Group(rank=1, size=2)
    group._peers = Peers(LostStore(), 1, 2, "session")  # type: ignore[arg-type]
    with pytest.raises(PeersLost) as lost, group._watched():
        raise RuntimeError("Connection closed by peer")
    assert str(lost.value).startswith("lost the launcher at first.local:29500, and with it word of the other ranks:")
    reporting = lost.value.reporting
    assert reporting is not None
    assert reporting.is_mine
    reporting.peers.reported()
    reporting.peers.wait_until_reported()


def test_a_wrong_setting_under_torchrun_is_one_message_and_exit_2() -> None:
    with Launch("-m", "ganatomy", *TRAIN, "out=wrong", "optimizer.lr=5") as launched:
        printed = launched.finish()
        assert launched.process.returncode != 0
    assert len(errors(printed)) == 1
    assert re.findall(r"exitcode +: (-?\d+)", printed) == ["2", "2"]
    assert 'Traceback (most recent call last):\n  File "' + str(Path(ganatomy.__file__).parent) not in printed
    assert not Path("wrong").exists()
