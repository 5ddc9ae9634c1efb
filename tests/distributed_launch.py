"""Start `distributed_worker.py` in several processes, under torchrun or without, follow what it prints, and see to it that nothing stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from types import TracebackType

import pytest

import distributed_worker
from processes import Process

SECONDS = 240
"""After these a group that hangs has failed the test."""

MARK = "GANATOMY_TEST_LAUNCH"
"""A variable in the environment of all processes of one launch; its value is the launch's own."""


class Launch:
    """The worker in several processes; stdout and stderr in one. At the end of the block all must have ended."""

    def __init__(self, *words: str, processes: int = 2, options: tuple[str, ...] = ("--standalone",)) -> None:
        self._mark = uuid.uuid4().hex
        program = words if words[0] == "-m" else (distributed_worker.__file__, *words)
        launcher = [sys.executable, "-m", "torch.distributed.run", *options, f"--nproc-per-node={processes}"]
        environment = {key: value for key, value in os.environ.items() if key not in ("RANK", "WORLD_SIZE")}
        self.process = subprocess.Popen(
            [*launcher, *program],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**environment, MARK: self._mark},
        )
        self._lines: list[str] = []
        self._more = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self._lines.append(line)
                self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()

    @property
    def printed(self) -> str:
        with self._more:
            return "".join(self._lines)

    def until(self, text: str) -> str:
        """The first line that has a text; waits for it."""
        deadline = time.monotonic() + SECONDS
        seen = 0
        while True:
            with self._more:
                for line in self._lines[seen:]:
                    if text in line:
                        return line
                seen = len(self._lines)
                if self._ended or time.monotonic() > deadline:
                    raise AssertionError(f"no line with {text!r} in:\n{''.join(self._lines)}")
                self._more.wait(1)

    def finish(self) -> str:
        """Wait for the end; everything that was printed."""
        self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        return self.printed

    def __enter__(self) -> Launch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None and self.process.poll() is None:
            self.finish()
        left = living(self._mark)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        if kind is None:
            assert not left, f"processes {left} outlived their launcher:\n{self.printed}"


def group(*words: str, processes: int = 2) -> None:
    """The worker in several processes with the environment that a launcher gives them, in which nothing may fail."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(processes)}
    started = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in place.items():
            patch.setenv(name, value)
        for rank in range(processes):
            patch.setenv("RANK", str(rank))
            patch.setenv("LOCAL_RANK", str(rank))
            started.append(Process("-m", "distributed_worker", *words))
    done = [process.finish() for process in started]
    assert not any(each.code for each in done), "\n".join(f"rank {rank}:\n{each.err}" for rank, each in enumerate(done))


def living(mark: str) -> list[int]:
    """The processes of a launch that still are, as Linux lists them; elsewhere none are found."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
    return found
