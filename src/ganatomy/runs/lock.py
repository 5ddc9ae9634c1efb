"""One process at a time trains in a run's folder."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from ganatomy import atomic
from ganatomy.errors import GanatomyError


class InUse(GanatomyError):
    """Another process holds the run."""


class Lock:
    """The lock on a run's folder. It ends with the process that holds it, even when that is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / ".lock"
        self._owner = folder / ".owner.json"

    @property
    def names(self) -> set[str]:
        """The files that locking leaves in the folder, also when the process is killed."""
        return {self._file.name, self._owner.name}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process.

        Raises:
            InUse: another process holds it; the message has its PID and host.
            GanatomyError: the folder cannot be written.
        """
        lock = filelock.FileLock(self._file, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise InUse(f"{self._folder} is in use by {self._holder()}; wait for it to end, or stop it") from error
        except OSError as error:
            raise GanatomyError(f"{self._folder} cannot be written: {error.strerror or error}") from error
        try:
            atomic.write(self._owner, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
            yield
        finally:
            self._owner.unlink(missing_ok=True)
            lock.release()

    def _holder(self) -> str:
        try:
            owner = json.loads(self._owner.read_text())
            return f"process {owner['pid']} on host {owner['host']}"
        except (OSError, ValueError, KeyError):
            return "another process"
