"""One picture file to one square of pixels, whatever its mode, depth, orientation or size."""

from __future__ import annotations

import itertools
import threading
import warnings
from collections.abc import Iterable
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image, ImageFile

VERSION = 2
"""Goes into the cache's key: to be raised with every change to the pixels made here."""

_ENDINGS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WEBP": (".webp",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "PPM": (".pbm", ".pgm", ".ppm", ".pnm"),
    "AVIF": (".avif",),
}
"""The formats, by Pillow's names: those whose files say by their first bytes what they are."""

SUFFIXES = frozenset(itertools.chain.from_iterable(_ENDINGS.values()))
KINDS = "PNG, JPEG, WebP, BMP, TIFF, GIF, PNM or AVIF"

PIXEL_LIMIT = 89_478_485
"""Pillow's own limit (a quarter of 1 GiB at 3 bytes a pixel): a file that unpacks to more may be made to fill memory."""

LARGE = 1 << 24
"""Pixels from which files are decoded one at a time: the largest take a gigabyte while they are converted."""

_one_at_a_time = threading.Lock()
_ORIENTATION = 0x0112  # the EXIF tag
_GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"})


class BadImageError(Exception):
    """A file that is no picture; the message is the reason, without the file's name."""


def decode(path: Path, size: int, channels: int) -> tuple[np.ndarray, bool]:
    """The picture's centre square, resized with antialiasing.

    The EXIF orientation is applied, transparency is laid on white, 16-bit grey is scaled (not clipped) to 8 bits, an
    animation becomes its first frame.

    Args:
        path: a file of one of the formats.
        size: height and width to make, in pixels.
        channels: 1 (grey by the ITU-R 601 weights) or 3 (RGB).

    Returns:
        size x size x channels uint8, and whether the file is an animation.

    Raises:
        BadImageError: empty, truncated, damaged, not one of the formats, more than `PIXEL_LIMIT` pixels, or unreadable.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        if not path.is_file():
            raise BadImageError("not a file, or a link to none")
        if path.stat().st_size == 0:
            raise BadImageError("empty file (0 bytes)")
        with Image.open(path, formats=_formats()) as image:
            if image.width * image.height > PIXEL_LIMIT:
                raise BadImageError(_bomb(f"{image.width} x {image.height}"))
            # Phones' JPEGs with a preview (MPO) count as several frames, but are not animations.
            animated = image.format != "MPO" and bool(getattr(image, "is_animated", False))
            if image.format == "PNG":
                _check_sums(path)
            image.draft(None, (3 * size, 3 * size))  # JPEG only: decodes at 1/2, 1/4 or 1/8 where that is enough
            with _one_at_a_time if image.width * image.height > LARGE else nullcontext():
                key = _transparent_key(image)
                square = _resized(_flat(_centre(image), key, "L" if channels == 1 else "RGB"), size)
                orientation = _orientation(image)
                image.close()  # its pixels too are gone before the next large file has its turn
        return np.asarray(_turned(square, orientation)).reshape(size, size, channels), animated
    except BadImageError:
        raise
    except UnidentifiedImageError as error:
        raise BadImageError(f"not a {KINDS} image") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImageError(_bomb("too many")) from error
    except Exception as error:  # decoders raise whatever the damage leads to: OSError, SyntaxError, struct.error
        raise BadImageError(f"damaged: {str(error) or type(error).__name__}") from error


@cache
def _formats() -> tuple[str, ...]:
    """Only these decoders look at a file, whatever its ending says. Pillow may be built without AVIF."""
    from PIL import features

    return tuple(name for name in _ENDINGS if name != "AVIF" or features.check("avif"))


def all_grey(paths: Iterable[Path]) -> bool:
    """Whether all files hold grey by their mode, or by their palette. One that cannot be read is no sign of colour."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of large pictures and the like: `decode` has its own words for them
        return all(_is_grey(path) for path in paths if path.is_file())


def _is_grey(path: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(path, formats=_formats()) as image:
            if image.mode != "P" or image.width * image.height > PIXEL_LIMIT:
                return image.mode in _GREY_MODES
            colours = np.asarray(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
            used = colours[np.unique(np.asarray(image))]
            return bool((used == used[:, :1]).all())
    except Exception:  # as above; `decode` finds it again and reports it
        return True


def _bomb(pixels: str) -> str:
    return f"{pixels} pixels, above the limit of {PIXEL_LIMIT:,} that guards against decompression bombs"


def _check_sums(path: Path) -> None:
    """Compares a PNG's check sums: Pillow's decoder does not, and would return noise for damaged pixels."""
    from PIL import Image

    with Image.open(path, formats=_formats()) as image:
        image.verify()


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged EXIF with good pixels: the picture stays as it is stored
        return 1


def _transparent_key(image: ImageFile.ImageFile) -> tuple[int, ...] | None:
    """The one colour of a PNG that is transparent (its tRNS chunk), as its decoded pixels have it; None if there is none.

    The chunk has it at the file's own depth. Of 16-bit colour Pillow keeps the upper bytes, and so does this.
    """
    key = image.info.get("transparency")
    if image.format != "PNG" or image.mode == "P" or not isinstance(key, int | tuple):
        return None
    arguments = image.tile[0].args
    mode = str(arguments[0] if isinstance(arguments, tuple) else arguments)
    values = (key,) if isinstance(key, int) else tuple(key)
    if mode == "1":
        return tuple(255 * value for value in values)
    if mode.startswith("L;"):
        return tuple(value * 255 // (2 ** int(mode[2:]) - 1) for value in values)
    return tuple(value >> 8 for value in values) if mode == "RGB;16B" else values


def _flat(image: Image.Image, key: tuple[int, ...] | None, mode: str) -> Image.Image:
    """Grey or RGB at 8 bits, nothing transparent: what has an alpha channel, or is of the colour `key`, is laid on white."""
    from PIL import Image

    if key is not None:
        image.info.pop("transparency", None)
        pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
        hidden = (pixels.reshape(*pixels.shape[:2], -1) == np.array(key)).all(2)
        made = np.array(_flat(image, None, mode))
        made[hidden] = 255
        return Image.fromarray(made)
    if image.mode.startswith("I"):
        wide = np.asarray(image).astype(np.int64)
        if wide.size and (wide.min() < 0 or wide.max() > 65535):
            raise BadImageError(f"values from {wide.min()} to {wide.max()}; save it with 8 or 16 bits")
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8)).convert(mode)
    if image.mode == "F":
        raise BadImageError("floating-point pixels, whose black and white are not known; save it with 8 or 16 bits")
    if image.has_transparency_data:
        seen = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper.convert(mode)
    return image.convert(mode)


def _centre(image: Image.Image) -> Image.Image:
    """The centre square. Cut before the resize, whose kernel would mix in what lies next to it."""
    side = min(image.size)
    if image.width == image.height:
        return image
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def _resized(image: Image.Image, size: int) -> Image.Image:
    from PIL import Image

    # Lanczos keeps most detail when made smaller; enlarging with it would ring around edges.
    kernel = Image.Resampling.LANCZOS if image.width > size else Image.Resampling.BICUBIC
    return image.resize((size, size), kernel, reducing_gap=3.0)


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    """Upright by the EXIF orientation, 1 to 8. (A centre square may be turned after the cut: it is the same square.)"""
    from PIL import Image

    turn = Image.Transpose
    turns = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_270,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image
