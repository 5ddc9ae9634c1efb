"""Errors a user can act on. Each message names the thing, what was expected, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Protocol


class Reporting(Protocol):
    """Which one of several processes prints an error that all of them end with (`peers.Reporting`)."""

    @property
    def is_mine(self) -> bool: ...

    def done(self) -> None:
        """Called by the one that reports, after it has printed the error, and by the others to wait for it."""


class GanatomyError(Exception):
    """Something outside the settings is wrong: a file, a disk, a run. The command line exits with 1."""

    exit_code = 1
    reporting: Reporting | None = None
    """Which of several processes that end with this error prints it; None: each."""


class UsageError(GanatomyError):
    """What was asked for cannot be: a wrong name or a setting out of range. The command line exits with 2."""

    exit_code = 2


class Interrupted(KeyboardInterrupt):
    """A signal asked the training to stop. The checkpoint is safe; the exit code is the shell's 128 + signal.

    It is no error, and no `Exception`: a loop over seeds that goes on after errors ends at Ctrl-C.
    """

    reporting: Reporting | None = None
    """As in `GanatomyError`."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number

    def __reduce__(self) -> tuple[type[Interrupted], tuple[str, int]]:
        """It is sent between processes of a cluster."""
        return Interrupted, (str(self), self.exit_code - 128)


class Diverged(GanatomyError):
    """A loss or a gradient was not finite, so the training stopped."""

    def __init__(self, message: str, update: int) -> None:
        super().__init__(message)
        self.update = update
        """The last update that was made."""

    def __reduce__(self) -> tuple[type[Diverged], tuple[str, int]]:
        """It is sent between processes, as by `concurrent.futures`."""
        return Diverged, (str(self), self.update)


def nearest(wrong: str, names: Iterable[str]) -> str:
    """The clause that helps with a wrong name: the nearest right one, then all of them.

    >>> nearest("dcgun", ["gan", "dcgan"])
    "did you mean 'dcgan'? Known: gan, dcgan"
    """
    known = list(names)
    close = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}Known: {', '.join(known)}"
