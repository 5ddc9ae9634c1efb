"""Jobs on this machine: some processes at a time, each with its own threads."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ganatomy.distributed.signals import StopRequest
from ganatomy.errors import Interrupted
from ganatomy.studies.failure import Failure
from ganatomy.studies.jobs import Job
from ganatomy.studies.work import Work

RETRIES = 2
"""How often a job is taken up again whose process was stopped from outside, as by a system short of memory."""


def thread_variables(threads: int) -> dict[str, str]:
    """The environment in which the numerical libraries keep to that many threads."""
    return dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))


@dataclass
class _Running:
    job: Job
    process: subprocess.Popen[str]
    output: IO[str]
    tries: int
    stopped_for: Failure | None = None


def run(work: Work, parallel: int, logs: Path) -> None:
    """Carry out the work, `parallel` jobs at a time. What each process prints is in LOGS/RUN.log.

    Raises:
        Interrupted: SIGINT or SIGTERM; every run has its checkpoint.
    """
    logs.mkdir(parents=True, exist_ok=True)
    again: deque[tuple[Job, int]] = deque()
    running: list[_Running] = []
    stop = StopRequest()
    try:
        with stop.listening():
            while running or again or not work.is_done():
                if stop.signal_number is not None:
                    raise Interrupted(f"stopped by {signal.Signals(stop.signal_number).name}", stop.signal_number)
                while len(running) < parallel and (following := again.popleft() if again else _following(work)):
                    running.append(_start(*following, logs))
                for each in [each for each in running if each.process.poll() is not None]:
                    running.remove(each)
                    code, failure = each.process.returncode, _failure(each, logs)
                    if each.stopped_for is not None and failure is not None:
                        work.ended(each.job, each.stopped_for)
                    elif _was_stopped(code) and each.tries < RETRIES:
                        again.append((each.job, each.tries + 1))
                    else:
                        work.ended(each.job, failure)
                for each in running:
                    if each.stopped_for is None and (reason := work.look(each.job)) is not None:
                        each.stopped_for = reason
                        each.process.terminate()
                time.sleep(0.05)
    finally:
        _end(running)
        for each in running:
            work.interrupted(each.job)


def _following(work: Work) -> tuple[Job, int] | None:
    job = work.next()
    return None if job is None else (job, 0)


def _start(job: Job, tries: int, logs: Path) -> _Running:
    with _log(job, logs).open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ganatomy.studies.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **thread_variables(job.threads)},
            # A Ctrl-C of the terminal goes to this process alone, which passes it on once.
            start_new_session=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it ended already, and its exit code says why
        process.stdin.write(job.as_json() + "\n")
        process.stdin.flush()
    return _Running(job, process, process.stdout, tries)


def _was_stopped(code: int) -> bool:
    """Whether a process ended by a signal, at a checkpoint or not, and so not by an error of its job."""
    return code < 0 or code in (128 + signal.SIGINT, 128 + signal.SIGTERM)


def _log(job: Job, logs: Path) -> Path:
    return logs / f"{Path(job.path).name}.log"


def _failure(ended: _Running, logs: Path) -> Failure | None:
    code = ended.process.returncode
    said = ended.output.read().strip().splitlines()
    _close(ended)
    if code == 0:
        return None
    try:
        return Failure.of_tree(json.loads(said[-1]))
    except (IndexError, ValueError, KeyError, TypeError):
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return Failure(f"its process {how}; what it printed is in {_log(ended.job, logs)}", "lost")


def _end(running: Sequence[_Running]) -> None:
    """Stop what still runs, each at a checkpoint, and wait for that."""
    for each in running:
        each.process.terminate()
    for each in running:
        each.process.wait()
        _close(each)


def _close(each: _Running) -> None:
    each.output.close()
    assert each.process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        each.process.stdin.close()
