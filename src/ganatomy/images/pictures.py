"""Folders of pictures: what is in them, decoded, and what the user should know of it."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ganatomy import paths
from ganatomy.arrays.errors import colour, grey, times, too_few, wrong
from ganatomy.arrays.layouts import Shape
from ganatomy.data.decode import KINDS, SUFFIXES, BadImageError, all_grey, decode
from ganatomy.data.folder import LISTED
from ganatomy.data.listing import listed
from ganatomy.errors import GanatomyError

LOSSY = ("JPEG", "MPO", "WEBP", "AVIF")
"""Formats whose files differ from what was saved in them. (WebP and AVIF may be lossless, and do not say so.)"""


def from_folder(root: Path, shape: Shape, notes: list[str]) -> np.ndarray:
    """N x H x W x C uint8 of the pictures below a folder, in the order of their names."""
    height, width, channels = shape
    if height != width:
        advice = "put the images into one array: np.savez('samples.npz', images=...)"
        raise wrong(root, "a folder of pictures", f"an array, as the data is {times(shape)}, not square", advice)
    found = listed(root)
    names = found.names
    if len(names) < 2:
        raise too_few(root, len(names), f"pictures ({', '.join(sorted(SUFFIXES))})")
    made = np.empty((len(names), height, width, channels), np.uint8)
    bad, sizes, coloured, seen = {}, {}, [], Counter[str]()
    for index, name in enumerate(names):
        path = root / name
        size = _size(path)
        if size is not None and size != (width, height):
            sizes[name] = size
            continue
        try:
            pixels, animated = decode(path, width, 3)
            seen.update(_traits(path, animated))
        except BadImageError as error:
            bad[name] = str(error)
            continue
        if channels == 1 and (pixels != pixels[..., :1]).any():
            coloured.append(name)
        made[index] = pixels[..., :channels]
    _check_files(root, names, bad, sizes, shape)
    if coloured:
        where = f"which differ in {len(coloured)} of {len(names)} files, first in {paths.text(coloured[0])}"
        raise colour(root, f"colour pictures (3 channels, {where})")
    if channels == 3 and seen["grey"] == len(names):
        raise grey(root, f"{len(names)} grey pictures (1 channel)", channels)
    notes += [*found.sentences, *_sentences(seen, len(names), channels)]
    return made


def _size(path: Path) -> tuple[int, int] | None:
    """Width and height by the file's header; None if it cannot be read; `decode` then says why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of very large pictures: they are an error by their size
            with Image.open(path) as image:
                return image.size
    except Exception:  # as above
        return None


def _traits(path: Path, animated: bool) -> list[str]:
    """What the user should know of a file that could be decoded."""
    with Image.open(path) as image:
        kinds = {
            "grey": all_grey([path]),
            "animated": animated,
            "wide": image.mode.startswith("I"),
            "lossy": image.format in LOSSY or image.info.get("compression") == "jpeg",
            # Many programs write an alpha channel that hides nothing.
            "transparent": image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[0] != 255,
        }
    return [kind for kind, present in kinds.items() if present]


def _check_files(
    root: Path, names: Sequence[str], bad: dict[str, str], sizes: dict[str, tuple[int, int]], shape: Shape
) -> None:
    if bad:
        lines = [f"    {paths.text(name)}: {reason}" for name, reason in list(bad.items())[:LISTED]]
        lines += [f"    and {len(bad) - LISTED} more"] if len(bad) > LISTED else []
        listing = "\n".join(lines)
        raise GanatomyError(
            f"{len(bad)} of {len(names)} pictures in {root} cannot be decoded; expected {KINDS}:\n{listing}\n"
            "  write them again, or take them out of the folder"
        )
    if sizes:
        name, (width, height) = next(iter(sizes.items()))
        found = f"pictures of another size: {len(sizes)} of {len(names)}, the first {paths.text(name)} with {width} x {height} pixels"
        advice = "resize them yourself: it is not done here, since how it is done changes the scores"
        raise wrong(root, found, f"{shape[1]} x {shape[0]} pixels, as the data's", advice)


def _sentences(seen: Counter[str], total: int, channels: int) -> list[str]:
    """The conversions of a folder's files."""
    counts = {
        "grey": seen["grey"] if channels == 3 else 0,
        "colour": total - seen["grey"] if channels == 1 else 0,
        **{kind: seen[kind] for kind in ("transparent", "wide", "animated", "lossy")},
    }
    meaning = {
        "grey": "grey: taken as colour, with three equal channels",
        "colour": "colour files of equal channels: taken as grey (1 channel)",
        "transparent": "transparent: laid on white",
        "wide": "of 16 bits: scaled to 8",
        "animated": "animated: the first frame of each taken",
        "lossy": "JPEG, WebP or AVIF: taken as decoded; what lossy compression did to them counts in the scores",
    }
    return [f"{counts[kind]} of {total} pictures {meaning[kind]}" for kind in meaning if counts[kind]]
