"""How many threads a run computes with on a CPU.

Threads share each operation out and wait for each other at its end. Where another program has one of their cores, all
wait for the one that waits for it: two threads beside one busy program are slower than one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Literal

import torch

USERS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""What a user sets to decide it: then nothing is measured."""

WINDOW_SECONDS = 0.25
BUSY = 0.35
"""The part of a core that other programs must have to count. Two windows must find it: a moment is no reason."""

_STAT = Path("/proc/stat")


def cores() -> int:
    """Cores that this process may use."""
    return len(_own_cores()) or os.cpu_count() or 1


def choose(wanted: Literal["auto"] | int) -> tuple[int, str]:
    """The threads of a setting, and why there are fewer than torch would take, if so.

    `auto` is torch's own number, less the cores that other programs keep busy as the run begins.
    """
    if wanted != "auto":
        return wanted, ""
    own = torch.get_num_threads()
    if own == 1 or any(name in os.environ for name in USERS):
        return own, ""
    busy = _busy_by_others()
    if busy >= BUSY:
        busy = min(busy, _busy_by_others())
    free = max(1, int(cores() - busy + BUSY))
    if free >= own:
        return own, ""
    return free, f"other programs keep {busy:.1f} of {cores()} cores busy; train.threads={own} takes {own} all the same"


def as_begun(count: int) -> int:
    """The threads that a run began with, where this machine has them and the user has not set others."""
    own = torch.get_num_threads()
    if any(name in os.environ for name in USERS):
        return own
    return min(count, max(own, cores()))


@contextmanager
def using(count: int) -> Iterator[None]:
    """Compute with that many threads inside, in this thread of Python."""
    before = torch.get_num_threads()
    # Not set where it is so already: setting it also has MKL take them all for the smallest product.
    if count != before:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if count != before:
            torch.set_num_threads(before)


def _own_cores() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _busy_by_others() -> float:
    """Cores that other programs kept busy during a window, of those that this process may use; 0 where the system does not say."""
    try:
        before = _busy_seconds()
        began = perf_counter()
        sleep(WINDOW_SECONDS)
        after = _busy_seconds()
    except (OSError, ValueError):
        return 0.0
    return max(0.0, (after - before) / (perf_counter() - began))


def _busy_seconds() -> float:
    """Seconds that this process's cores have computed for others, since some time ago."""
    names = {f"cpu{core}" for core in _own_cores()}
    ticks = 0
    for line in _STAT.read_text().splitlines():
        name, *fields = line.split()
        if name in names:
            user, nice, system, _idle, _iowait, interrupt, soft, steal = map(int, fields[:8])
            ticks += user + nice + system + interrupt + soft + steal
    mine = os.times()
    return ticks / os.sysconf("SC_CLK_TCK") - mine.user - mine.system
