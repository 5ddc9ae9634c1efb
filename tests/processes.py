"""Processes of their own for tests that need one: forked from a process that has loaded torch, which takes seconds.

Such a process is as new as `python -m ganatomy`'s: nothing has been computed in it. Its signals, its working directory, its
environment, and its standard output and error are its own, so it can be stopped or killed.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from command_line import Done

LOADED = ["ganatomy.api", "torch._dynamo", "ganatomy.cli", "ganatomy.cli.runs", "scipy.linalg", "sklearn.datasets"]

if os.name == "posix":
    CONTEXT: multiprocessing.context.BaseContext = multiprocessing.get_context("forkserver")
    CONTEXT.set_forkserver_preload(LOADED)  # type: ignore[attr-defined]
else:
    CONTEXT = multiprocessing.get_context("spawn")

SECONDS = 300
"""After these a process that hangs has failed the test."""


class Process:
    """`python ARGUMENTS`, ARGUMENTS being `-m MODULE ...` or `-c CODE ...`; already started."""

    def __init__(self, *arguments: object) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="process-")
        words = [str(argument) for argument in arguments]
        self.process: BaseProcess = CONTEXT.Process(  # type: ignore[attr-defined]
            target=_perform, args=(words, self._folder.name, str(Path.cwd()), dict(os.environ))
        )
        self.process.start()

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def printed(self, stream: str = "out") -> str:
        """What it has written so far to its standard output (`out`) or error (`err`)."""
        file = Path(self._folder.name, stream)
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def finish(self) -> Done:
        """Wait for its end. The code is -N where signal N killed it, as subprocess says it."""
        self.process.join(SECONDS)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
            raise AssertionError(f"no end within {SECONDS} s; it said: {self.printed('err')}")
        done = Done(self.process.exitcode, self.printed("out"), self.printed("err"))
        self._folder.cleanup()
        return done


def python(*arguments: object) -> Done:
    """What `python ARGUMENTS` left."""
    return Process(*arguments).finish()


def _perform(arguments: list[str], streams: str, folder: str, environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(Path(streams, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    kind, what, *rest = arguments
    if kind == "-c":
        sys.argv = ["-c", *rest]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = [what, *rest]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
