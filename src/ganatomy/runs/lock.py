"""One process at a time trains in a run's folder."""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from ganatomy import atomic
from ganatomy.errors import GanatomyError

log = logging.getLogger("ganatomy")

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS)
"""What file systems without locks answer: many universities' home folders, some cloud drives."""


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
            raise self._in_use() from error
        except (OSError, NotImplementedError) as error:
            if getattr(error, "errno", errno.ENOSYS) not in NO_LOCKS:
                raise GanatomyError(f"{self._folder} cannot be written: {error}") from error
            log.warning(
                "the file system of %s has no locks (%s): a note, %s, says who trains there instead",
                self._folder,
                error,
                self._owner.name,
            )
            self._file.unlink(missing_ok=True)
            self._take_owner()
        try:
            atomic.write(self._owner, self._me())
            yield
        finally:
            self._owner.unlink(missing_ok=True)
            lock.release()

    def _take_owner(self) -> None:
        """Make the owner's file, which only one process can. One that is left of a process that ended is taken over."""
        while True:
            try:
                with self._owner.open("x") as file:
                    file.write(self._me())
                return
            except FileExistsError as error:
                if not self._is_left_over():
                    raise self._in_use(f", or, if it ended, remove {self._owner}") from error
                self._owner.unlink(missing_ok=True)
            except OSError as error:
                raise GanatomyError(f"{self._folder} cannot be written: {error.strerror or error}") from error

    def _me(self) -> str:
        return json.dumps({"pid": os.getpid(), "host": socket.gethostname()})

    def _is_left_over(self) -> bool:
        """Whether the owner's file is of a process of this machine that is there no more."""
        try:
            owner = json.loads(self._owner.read_text())
            if owner["host"] != socket.gethostname():
                return False
            os.kill(owner["pid"], 0)
        except ProcessLookupError:
            return True
        except (OSError, ValueError, KeyError):
            return False
        return False

    def _in_use(self, advice: str = "") -> InUse:
        return InUse(f"{self._folder} is in use by {self._holder()}; wait for it to end, or stop it{advice}")

    def _holder(self) -> str:
        try:
            owner = json.loads(self._owner.read_text())
            return f"process {owner['pid']} on host {owner['host']}"
        except (OSError, ValueError, KeyError):
            return "another process"
