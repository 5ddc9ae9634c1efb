"""Pictures decoded once into a memory-mapped file, found again by the pictures' names, sizes and times."""

from __future__ import annotations

import collections
import hashlib
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ganatomy.data.cache import cache_error, cache_root
from ganatomy.data.decode import VERSION, BadImageError, decode

IMAGES, RECORD = "images.npy", "dataset.json"


@dataclass(frozen=True)
class Picture:
    """One file, as it was seen when the folder was listed."""

    path: Path
    name: str
    """Relative to the folder, with / between its parts."""
    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Record:
    """What is stored with the decoded images."""

    images: int
    digest: str
    """SHA-256 of the decoded bytes."""
    file_bytes: int
    """Length of the images' file: a shorter one is damaged."""
    bad: dict[str, str]
    """{name: reason} of the files that are no picture."""
    animated: int
    """How many files were animations, of which the first frame was taken."""


def cache_key(pictures: list[Picture], size: int, channels: int | None) -> str:
    """SHA-256 over all that decides the decoded bytes, short of reading the files."""
    seen = [[picture.name, picture.bytes, picture.mtime_ns] for picture in pictures]
    return hashlib.sha256(json.dumps([VERSION, size, channels, seen]).encode()).hexdigest()


def find(key: str) -> tuple[np.ndarray, Record] | None:
    """The images of an earlier `build`, N x H x W x C uint8 in a read-only memory map; None if absent or damaged."""
    folder = _folder(key)
    try:
        record = Record(**json.loads((folder / RECORD).read_text()))
        if (folder / IMAGES).stat().st_size != record.file_bytes:
            return None
        return np.load(folder / IMAGES, mmap_mode="r"), record
    except (OSError, EOFError, ValueError, TypeError):
        return None


def discard(key: str) -> None:
    """Takes the images of an earlier `build` away at once, if there are any.

    Raises:
        GanatomyError: the cache cannot be written.
    """
    target = _folder(key)
    if target.exists():
        try:
            # Renamed first: nobody may find a folder half removed.
            leaving = Path(tempfile.mkdtemp(prefix=".leaving-", dir=target.parent))
            target.rename(leaving / target.name)
        except OSError as error:
            raise cache_error(target.parent, error) from error
        shutil.rmtree(leaving, ignore_errors=True)


def build(key: str, pictures: list[Picture], size: int, channels: int) -> Record:
    """Decodes all pictures into the cache. Those that cannot be decoded are left out and listed in the record.

    Two processes may build the same at once: each writes to a folder of its own, and the first to be done is kept.

    Raises:
        GanatomyError: the cache cannot be written, or has no space for the images.
    """
    target = _folder(key)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        needed, free = len(pictures) * size * size * channels, shutil.disk_usage(target.parent).free
        if needed > free:
            raise OSError(0, f"the images need {needed / 1e6:.0f} MB, {free / 1e6:.0f} MB are free")
        making = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            with (making / IMAGES).open("wb") as file:
                record = _write(file, pictures, size, channels)
            (making / RECORD).write_text(json.dumps(asdict(record), indent=1))
            _publish(making, target, key)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    except OSError as error:
        raise cache_error(target.parent, error) from error
    return record


def _folder(key: str) -> Path:
    return cache_root() / "folders" / key[:32]


def _publish(making: Path, target: Path, key: str) -> None:
    """Gives a finished folder its name, unless another process has put a good one there."""
    if find(key) is None:
        discard(key)
    try:
        making.rename(target)
    except OSError:
        if find(key) is None:
            raise


def _write(file: BinaryIO, pictures: list[Picture], size: int, channels: int) -> Record:
    """The .npy file, written as the pictures come: at no time are all of them in memory."""
    _write_header(file, (len(pictures), size, size, channels))
    start = file.tell()
    digest, bad, written, animations = hashlib.sha256(), {}, 0, 0
    for picture, result in _progress(_decoded(pictures, size, channels), len(pictures)):
        if isinstance(result, BadImageError):
            bad[picture.name] = str(result)
            continue
        pixels, animated = result
        content = pixels.tobytes()
        file.write(content)
        digest.update(content)
        written += 1
        animations += animated
    file_bytes = file.tell()
    file.seek(0)
    _write_header(file, (written, size, size, channels))
    # numpy leaves room for the first axis to grow, so a smaller count has a header of the same length.
    assert file.tell() == start
    file.flush()
    os.fsync(file.fileno())
    return Record(written, digest.hexdigest(), file_bytes, bad, animations)


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _decoded(pictures: list[Picture], size: int, channels: int) -> Iterator[tuple[Picture, Any]]:
    """Each picture in order with its pixels and whether it is animated, or with the `BadImageError` it raised."""

    def attempt(picture: Picture) -> tuple[np.ndarray, bool] | BadImageError:
        try:
            return decode(picture.path, size, channels)
        except BadImageError as error:
            return error

    # Few threads, because a picture takes many MB while it is decoded, and a short queue of results.
    workers = min(4, os.cpu_count() or 1)
    waiting: collections.deque[tuple[Picture, Future[Any]]] = collections.deque()
    todo = iter(pictures)
    with warnings.catch_warnings(), ThreadPoolExecutor(workers) as pool:
        # Pillow warns of what is handled here: large pictures, odd palettes, damaged EXIF.
        warnings.simplefilter("ignore")
        try:
            for picture in itertools.islice(todo, 8 * workers):
                waiting.append((picture, pool.submit(attempt, picture)))
            while waiting:
                picture, future = waiting.popleft()
                yield picture, future.result()
                for following in itertools.islice(todo, 1):
                    waiting.append((following, pool.submit(attempt, following)))
        finally:
            pool.shutdown(cancel_futures=True)  # on Ctrl-C or a full disk: do not decode what nobody awaits


def _progress(results: Iterator[Any], total: int) -> Iterator[Any]:
    """Passes everything on, and shows on stderr how far it is once it has taken a while."""
    on_terminal = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    end, every_seconds = ("\r", 0.5) if on_terminal else ("\n", 10.0)
    started = shown = time.monotonic()
    for done, result in enumerate(results, start=1):
        yield result
        now = time.monotonic()
        if now - shown >= every_seconds:
            shown = now
            left = (now - started) / done * (total - done)
            print(f"decoding images: {done} / {total}, {left:.0f} s left ", end=end, file=sys.stderr, flush=True)
    if on_terminal and shown > started:
        print(file=sys.stderr)
