"""Files and folders that are there whole or not at all, whatever is killed and whenever."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ganatomy.errors import GanatomyError

TEMPORARY = ".partial-"
"""What names begin with while they are being written; a stopped process may leave some, and `clean` removes them."""


def _temporary(path: Path) -> Path:
    """A name next to `path` that no other process or thread writes to."""
    return path.with_name(f"{TEMPORARY}{os.getpid()}-{threading.get_native_id()}-{path.name}")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut. Windows has no such call, and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def try_place(path: Path) -> None:
    """Check that a file can be written there, before the work that makes its content. Nothing is left there.

    Raises:
        GanatomyError: with the reason.
    """
    try:
        folder = next(parent for parent in path.parents if parent.exists())
        with tempfile.TemporaryFile(prefix=TEMPORARY, dir=folder):
            pass
    except OSError as error:
        raise cannot_write(path, error) from error
    if path.is_dir():
        raise GanatomyError(f"{path} is a folder; give the name of a file")


def cannot_write(path: Path, error: OSError) -> GanatomyError:
    return GanatomyError(f"{path} cannot be written: {error.strerror or error}; give another place")


def write_synced(path: Path, content: bytes) -> None:
    """Write and fsync under that very name: for files in a folder that is itself made atomically."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write(path: Path, content: bytes | str) -> None:
    """Put a whole file in the place of `path`: temporary name in the same folder, fsync, rename, fsync of the folder.

    What UTF-8 has no code for (names of files that are none) is written with escapes.
    """
    temporary = _temporary(path)
    try:
        write_synced(temporary, content.encode(errors="backslashreplace") if isinstance(content, str) else content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_with(path: Path, save: Callable[[Path], object]) -> None:
    """Like `write`, for libraries that save to a path themselves. The temporary name keeps the ending of `path`."""
    temporary = _temporary(path)
    try:
        save(temporary)
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Fill a temporary folder; on leaving without an error it gets the name `path`, which must be free."""
    temporary = _temporary(path)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        sync_folder(temporary)
        temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a folder: its name is gone at once, its content as far as the system lets it.

    Raises:
        OSError: the name cannot be removed.
    """
    if path.exists():
        leftover = _temporary(path)
        path.rename(leftover)
        shutil.rmtree(leftover, ignore_errors=True)


def clean(parent: Path) -> None:
    """Remove what a killed process left half-written directly below `parent`."""
    for leftover in parent.glob(f"{TEMPORARY}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
