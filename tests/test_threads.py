"""How many threads a run computes with, which it keeps: chosen by what other programs leave free."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import ganatomy
from ganatomy.callbacks import Callback
from ganatomy.config import threads
from ganatomy.runs.events import Step

TINY = ["data=digits", "train.updates=2", "train.batch=8", "train.evaluate_every=0"]
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Machine:
    """Cores whose other programs compute a given part of the time, as /proc/stat and a clock tell it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stat: Path, cores: int) -> None:
        self.now = 0.0
        self.slept = 0
        self.others = [0.0]
        """Cores that others keep busy in each window; the last one stays."""
        self._done = 0.0
        self._stat = stat
        self._cores = cores
        monkeypatch.setattr(threads, "_STAT", stat)
        monkeypatch.setattr(threads, "_own_cores", lambda: set(range(cores)))
        monkeypatch.setattr(threads, "sleep", self._sleep)
        monkeypatch.setattr(threads, "perf_counter", lambda: self.now)
        self._write()

    def _sleep(self, seconds: float) -> None:
        self._done += seconds * self.others[min(self.slept, len(self.others) - 1)]
        self.now += seconds
        self.slept += 1
        self._write()

    def _write(self) -> None:
        mine = os.times()
        ticks = int((self._done + mine.user + mine.system + 1000) * TICKS)
        lines = ["cpu  1 2 3 4 5 6 7 8 9 10", f"cpu0 {ticks} 0 0 77 0 0 0 0 0 0"]
        lines += [f"cpu{core} 0 0 0 99 0 0 0 0 0 0" for core in range(1, self._cores)]
        lines += ["cpu77 123456789 0 0 0 0 0 0 0 0 0", "ctxt 5"]  # a core that this process may not use
        self._stat.write_text("\n".join(lines))


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where the user has set nothing; two threads."""
    for name in threads.USERS:
        monkeypatch.delenv(name, raising=False)
    with threads.using(2):
        yield


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize(
    ("cores", "own", "others", "expected"),
    [
        (2, 2, [0.0], 2),
        (2, 2, [0.2], 2),
        (2, 2, [0.9, 0.1], 2),  # a moment
        (2, 2, [1.0], 1),
        (2, 2, [0.6], 1),
        (2, 2, [2.0], 1),
        (8, 8, [1.0], 7),
        (8, 8, [7.9], 1),
        (8, 4, [1.0], 4),
        (8, 8, [0.1], 8),
    ],
)
def test_other_programs_leave_threads(
    cores: int, own: int, others: list[float], expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = Machine(monkeypatch, tmp_path / "stat", cores)
    machine.others = others
    monkeypatch.setattr(torch, "get_num_threads", lambda: own)
    count, reason = threads.choose("auto")
    assert count == expected
    assert bool(reason) == (expected < own)


def test_what_the_user_sets_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, tmp_path / "stat", 2)
    machine.others = [2.0]
    with threads.using(2):
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        assert threads.choose("auto") == (2, "")
        assert threads.as_begun(1) == 2
        monkeypatch.delenv("OMP_NUM_THREADS")
        assert threads.choose(2) == (2, "")
        assert threads.choose("auto")[0] == 1
    with threads.using(1):
        slept = machine.slept
        assert threads.choose("auto") == (1, "")
        assert machine.slept == slept


@pytest.mark.usefixtures("free")
def test_a_system_that_does_not_say_is_taken_as_quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(threads, "_STAT", tmp_path / "absent")
    assert threads.choose("auto") == (2, "")


class Watch(Callback):
    def __init__(self) -> None:
        self.seen: set[int] = set()

    def on_step(self, event: Step) -> None:
        self.seen.add(torch.get_num_threads())


def recorded(run: Path) -> object:
    return tomllib.loads((run / "config.toml").read_text())["train"]["threads"]


@pytest.mark.usefixtures("free")
def test_a_run_keeps_its_threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, tmp_path / "stat", 2)
    machine.others = [1.0]
    begun, resumed, changed = Watch(), Watch(), Watch()
    run = ganatomy.train("gan", *TINY, out="run", callbacks=[begun])
    machine.others = [0.0]
    assert torch.get_num_threads() == 2
    ganatomy.resume(run.path, "train.updates=4", callbacks=[resumed])
    assert (begun.seen, resumed.seen, recorded(run.path)) == ({1}, {1}, 1)
    ganatomy.resume(run.path, "train.updates=5", "train.threads=2", callbacks=[changed])
    assert (changed.seen, recorded(run.path)) == ({2}, 2)
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("free")
def test_a_run_from_before_threads_were_a_setting_keeps_what_it_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = Machine(monkeypatch, tmp_path / "stat", 2)
    machine.others = [0.0]
    run = ganatomy.train("gan", *TINY, "train.threads=1", out="run")
    config = run.path / "config.toml"
    config.write_text(config.read_text().replace("threads = 1\n", ""))
    assert json.loads((run.path / "env.json").read_text())[0]["threads"] == 1
    watch = Watch()
    ganatomy.resume(run.path, "train.updates=4", callbacks=[watch])
    assert (watch.seen, recorded(run.path)) == ({1}, 1)


@pytest.mark.usefixtures("free")
def test_resume_is_exact_whatever_else_computes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begun beside a busy program, resumed on a quiet machine by a program that has set another number of threads."""
    machine = Machine(monkeypatch, tmp_path / "stat", 2)
    machine.others = [1.0]
    words = ["data=digits", "train.batch=16", "train.evaluate_every=0"]
    whole = ganatomy.train("dcgan", *words, "train.updates=6", out="whole")
    part = ganatomy.train("dcgan", *words, "train.updates=3", out="part")
    machine.others = [0.0]
    with threads.using(2):
        ganatomy.resume(part.path, "train.updates=6")
    for name in ("generator", "discriminator"):
        file = f"checkpoints/step-000000006/{name}.safetensors"
        assert (whole.path / file).read_bytes() == (part.path / file).read_bytes()
