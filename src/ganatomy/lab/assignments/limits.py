"""What a student's code may not do while it is checked: reach the network, start programs, write or remove files elsewhere, fill the memory."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

MEMORY = 4 * 2**30
"""Bytes that the process may take in addition to what it has."""
FILE = 100 * 2**20
"""Bytes of a file that it may write."""
DENIED = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "urllib.Request"),
    *(
        "os.system",
        "os.fork",
        "os.forkpty",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "subprocess.Popen",
        "os.kill",
        "os.killpg",
    ),
    *(
        "shutil.rmtree",
        "shutil.move",
        "shutil.copyfile",
        "os.chmod",
        "os.chown",
        "os.link",
        "os.symlink",
        "os.truncate",
    ),
)
PLACED = {"os.remove": 1, "os.rename": 2, "os.rmdir": 1, "os.mkdir": 2}
"""Denied outside the folder that the process works in; which argument is the first that may be a folder's descriptor."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Denied(PermissionError):
    """What a check does not let a student's code do."""


def apply(folder: Path) -> None:
    """Limit this process from now on; it may write into a folder alone.

    By audit hooks, which Python code cannot take back, and the system's own limits where it has them (not on Windows). It keeps
    accidents and pranks from a teacher's machine; it is no wall: what is written in C, as `torch.save` is, opens files unseen.
    """
    root = str(folder.resolve())

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in DENIED:
            raise Denied(f"{event} is not allowed here")
        if event == "open":
            path, mode, flags = arguments
            if isinstance(flags, int) and flags & WRITES and isinstance(path, str | bytes | os.PathLike):
                if mode is None and not Path(os.fsdecode(path)).is_absolute():
                    raise Denied("os.open writes to absolute paths alone here")  # it may be told another folder
                _check(path, root)
        elif event in PLACED:
            if any(isinstance(each, int) and each >= 0 for each in arguments[PLACED[event] :]):
                raise Denied(f"{event} with a folder's descriptor is not allowed here")
            for path in arguments[: 2 if event == "os.rename" else 1]:
                _check(path, root)

    sys.addaudithook(watch)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


def _check(path: Any, root: str) -> None:
    place = os.path.realpath(os.fsdecode(path))
    if place != os.devnull and not place.startswith(root + os.sep):
        raise Denied(f"{place} cannot be written here")
