"""A folder of the user's own pictures."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le, Predicate

from ganatomy import paths
from ganatomy.data import image_cache
from ganatomy.data.base import Dataset, Source
from ganatomy.data.decode import SUFFIXES, all_grey
from ganatomy.data.image_cache import Picture
from ganatomy.data.listing import listed
from ganatomy.errors import GanatomyError, UsageError

LISTED = 20
"""How many bad files an error names one by one."""

log = logging.getLogger(__name__)


def is_1_or_3(channels: int) -> bool:
    """1 or 3: grey or colour."""
    return channels in (1, 3)


class Folder(Source):
    """Picture files below a folder, cut to squares of one size."""

    name = "folder"
    title = "your own pictures below a folder (PNG, JPEG, WebP, BMP, TIFF, GIF, PNM, AVIF); sub-folders are classes"
    extent = "as many as there are, of data.size x data.size; decoded once into the cache"
    licence = "that of your images"
    reference = "none: yours"

    path: Path | None = None
    """The folder with the images, looked through with all its sub-folders; must be given. The first level's sub-folders are the classes."""
    size: Annotated[int, Ge(4), Le(1024)] = 28
    """Height and width in pixels that the images' centre squares are resized to: 4 to 1024, the range that the networks are made for; convnet needs a multiple of 4."""
    channels: Annotated[int, Predicate(is_1_or_3)] | None = None
    """1 (grey) or 3 (colour); unset: 1 if every file is grey, else 3. Transparency is laid on white."""
    skip_bad: bool = False
    """Go on without the files that cannot be read, rather than stop and list them."""

    def load(self) -> Dataset:
        """All pictures in the order of their names: N x size x size x channels uint8, in a read-only memory map.

        The labels are None and there are no classes unless every picture lies in a sub-folder.

        Raises:
            UsageError: `path` is not given.
            GanatomyError: no such folder, no pictures in it, files that cannot be decoded (all of them in one message),
                or a cache that cannot be written.
        """
        root = self._root()
        pictures = self._pictures(root)
        key = image_cache.cache_key(pictures, self.size, self.channels)
        found = image_cache.find(key)
        # Where files were bad and must not be, they are tried again: their rights may have been the reason.
        if found is None or (found[1].bad and not self.skip_bad):
            image_cache.discard(key)
            channels = self.channels or (1 if all_grey(picture.path for picture in pictures) else 3)
            self._check(root, image_cache.build(key, pictures, self.size, channels).bad, len(pictures))
            found = image_cache.find(key)
        if found is None:
            raise GanatomyError(f"the cache of {root} vanished while it was read; start again")
        images, record = found
        self._check(root, record.bad, len(pictures))
        if record.bad:
            log.warning("%s: went on without %d of %d images", paths.text(root), len(record.bad), len(pictures))
        if record.animated:
            log.warning("%s: %d animated images; the first frame of each is taken", paths.text(root), record.animated)
        labels, classes = _labels([picture.name for picture in pictures if picture.name not in record.bad])
        return Dataset(images, labels, classes, record.digest)

    def location(self) -> str:
        return "data.path, not set" if self.path is None else paths.text(self.path)

    def present(self) -> bool:
        return self.path is not None and paths.of_user(self.path).is_dir()

    def _root(self) -> Path:
        if self.path is None:
            raise UsageError("data=folder needs data.path: the folder with the images, as in data.path=pictures")
        root = paths.of_user(self.path)
        if not root.is_dir():
            state = "is a file" if root.is_file() else "does not exist"
            raise GanatomyError(f"no folder of images: {root} {state}\n  set data.path to the folder that has them")
        return root

    def _pictures(self, root: Path) -> list[Picture]:
        found = listed(root)
        if not found.names:
            raise GanatomyError(
                f"no images in {root}: expected files ending in {', '.join(sorted(SUFFIXES))} there or in sub-folders, "
                f"found {found.others}\n  set data.path to the folder that has them"
            )
        for sentence in found.sentences:
            log.warning("%s: %s", paths.text(root), sentence)
        pictures: list[Picture] = []
        for name in found.names:
            path = root / name
            try:
                status = path.stat()
                length, changed = status.st_size, status.st_mtime_ns
            except OSError:  # a broken link: listed with the bad files when it is decoded
                length, changed = -1, 0
            pictures.append(Picture(path, name, length, changed))
        return pictures

    def _check(self, root: Path, bad: Mapping[str, str], total: int) -> None:
        """Raises an error on bad files, unless they may be skipped and something is left."""
        if not bad or (self.skip_bad and len(bad) < total):
            return
        lines = [f"    {paths.text(name)}: {reason}" for name, reason in list(bad.items())[:LISTED]]
        if len(bad) > LISTED:
            lines.append(f"    and {len(bad) - LISTED} more")
        advice = "put good images there" if len(bad) == total else "remove or replace them, or set data.skip_bad=true"
        listing = "\n".join(lines)
        raise GanatomyError(f"{len(bad)} of {total} images in {root} cannot be used:\n{listing}\n  {advice}")


def _labels(names: list[str]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Class indices and names by the first level's sub-folders, if each picture lies in one."""
    above = [name.split("/")[0] if "/" in name else None for name in names]
    classes = sorted({folder for folder in above if folder is not None})
    loose = above.count(None)
    if not classes:
        return None, ()
    if loose:
        log.warning("no classes: %d images are not in a sub-folder", loose)
        return None, ()
    index = {folder: i for i, folder in enumerate(classes)}
    labels = np.array([index[folder] for folder in above if folder is not None], np.int64)
    labels.setflags(write=False)
    return labels, tuple(map(paths.text, classes))
