"""What every data source returns, and what it declares about itself."""

from __future__ import annotations

import contextlib
import hashlib
import io
import mmap
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, TypeGuard

import numpy as np

from ganatomy.errors import UsageError
from ganatomy.plugin.settings import Settings


@dataclass(frozen=True)
class Dataset:
    """Images in memory or in a memory map, cut into batches by index."""

    images: np.ndarray
    """N x H x W x C uint8; or, for points in the plane, N x 1 x 1 x 2 float32 of unbounded range."""
    labels: np.ndarray | None
    """N class indices, int64; None where the source has no classes."""
    classes: tuple[str, ...]
    """The name of each class index; empty where there are none."""
    digest: str
    """SHA-256 of the images' bytes: a resumed run checks that it continues on the same data."""

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def bounded(self) -> bool:
        """True for pixels (uint8), False for coordinates (float32)."""
        return self.images.dtype == np.uint8


def take(images: np.ndarray, index: np.ndarray) -> np.ndarray:
    """A copy of some images, in the order of the index.

    Of a memory map they are read from its file: through the map a page at a time would be waited for, and in the end the
    whole file would count as this process's memory.
    """
    if _is_file(images):
        with contextlib.suppress(OSError):  # the file is gone, though not its map; or an index counts from the end
            return _read(images, index)
    taken: np.ndarray = images[index]
    return taken


def announce(images: np.ndarray, index: np.ndarray) -> None:
    """Say which images will be taken next: of a memory map's file the kernel begins to read them, and nobody waits."""
    if _is_file(images) and hasattr(os, "posix_fadvise"):
        size = images[0].nbytes
        with contextlib.suppress(OSError), _opened(images) as file:
            for place in index.tolist():
                os.posix_fadvise(file.fileno(), images.offset + place * size, size, os.POSIX_FADV_WILLNEED)


def _is_file(images: np.ndarray) -> TypeGuard[np.memmap]:
    """Whether the images are a whole file's, as it is on the disk.

    A map that can be written to may differ from its file; a part of one does not know where in the file it begins.
    """
    return isinstance(images, np.memmap) and isinstance(images.base, mmap.mmap) and not images.flags.writeable


def _opened(images: np.memmap) -> io.FileIO:
    return Path(str(images.filename)).open("rb", buffering=0)


def _read(images: np.memmap, index: np.ndarray) -> np.ndarray:
    taken = np.empty((len(index), *images.shape[1:]), images.dtype)
    with _opened(images) as file:
        for image, place in zip(taken, index.tolist(), strict=True):
            file.seek(images.offset + place * image.nbytes)
            if file.readinto(image) != image.nbytes:
                raise OSError(f"{images.filename} ends before image {place}")
    return taken


def digest_of(images: np.ndarray) -> str:
    """SHA-256 of the images' bytes in C order, as 64 hexadecimal digits."""
    return hashlib.sha256(np.ascontiguousarray(images).data).hexdigest()


def first(count: int | None, name: str, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first `count` images and labels, or all.

    Raises:
        UsageError: there are fewer.
    """
    if count is not None and count > len(images):
        raise UsageError(f"data.count={count}: data={name} has {len(images)} images; ask for that many at most")
    return images[:count], labels[:count]


class Source(Settings, ABC):
    """A place that training images come from. A subclass has `load`; the class attributes are what `ganatomy data` lists."""

    name: ClassVar[str]
    title: ClassVar[str] = ""
    """What it is, in one line."""
    extent: ClassVar[str] = ""
    """How many images of which size, and how large the files are. (Not `size`: that is a setting of `folder`.)"""
    licence: ClassVar[str] = "that of your data"
    reference: ClassVar[str] = "none: yours"
    """Author, year and link."""

    range: Literal["generator", "unit"] = "generator"
    """Pixel values shown to D: `generator`, the generator's own output range; `unit`, [0, 1] whatever G's range is (the lab's trap: D can then tell a Tanh generator's images by their range alone)."""

    @abstractmethod
    def load(self) -> Dataset:
        """The training images.

        Raises:
            GanatomyError: a file is missing, damaged or not what it should be; nothing half-written is left.
        """

    def held_out(self) -> Dataset | None:
        """Real images that no generator trains on, where the source has some of its own.

        Raises:
            GanatomyError: as `load` does.
        """
        return None

    def location(self) -> str:
        """Where the files are, or would be put."""
        return "as its code has it"

    def present(self) -> bool:
        """Whether `load` works without a network now."""
        return True

    def fetches(self) -> bool:
        """Whether `load` would now fetch something over a network."""
        return False
