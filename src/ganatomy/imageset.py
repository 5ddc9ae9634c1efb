"""Images that any program made, from arrays or folders of pictures, as this package measures them.

Nothing is guessed in silence: what a file holds is taken as it is, or with a conversion that is stated, or refused.
"""

from __future__ import annotations

import os
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from PIL import Image

from ganatomy.data.decode import SUFFIXES, BadImageError, all_grey, decode
from ganatomy.data.folder import LISTED
from ganatomy.errors import GanatomyError, UsageError

Shape = tuple[int, int, int]
"""Height, width, channels."""

NAMES = ("images", "samples", "arr_0", "x", "fake")
"""Of several arrays in an .npz, the one with one of these names holds the images."""

SLACK = 0.01
"""How far values may lie outside their range and still be cut off: resampling and rounding lead there."""

BLOCK = 1024
"""Images converted at a time, so that the intermediate numbers take little memory."""

FORMATS = (
    "accepted are X.npz, X.npy, and a folder of PNG, JPEG or WebP pictures; "
    "from torch: np.savez('samples.npz', images=tensor.cpu().numpy())"
)
RANGES = "floats in [0, 1], in [-1, 1] or from 0 to 255"


@dataclass(frozen=True)
class ImageSet:
    """Images (or points) and how they were read."""

    images: np.ndarray
    """N x H x W x C uint8; or, for points in the plane, N x 1 x 1 x 2 float32."""
    conversions: tuple[str, ...]
    """A sentence for each thing that was not N x H x W x C uint8 already: what was found, and what it was taken as."""
    source: str
    """The file or the folder, as it was given."""


def read(path: Path, shape: Shape, *, points: bool = False) -> ImageSet:
    """Images from an .npz, an .npy or a folder of pictures, as N x H x W x C uint8.

    Arrays may be N x H x W x C, N x C x H x W, and for one channel N x H x W or N x (H W); uint8 or other whole numbers
    from 0 to 255, or floats in [0, 1], in [-1, 1] or from 0 to 255. Nothing is resized, and no image is normalised by
    its own values: both would change the scores.

    Args:
        path: the file, or the folder (with its sub-folders, in the order of names).
        shape: height, width and channels (1 or 3) of the data that the images will be compared with.
        points: points in the plane, N x 2 or N x 1 x 1 x 2 finite floats, rather than images; `shape` is not used.

    Raises:
        GanatomyError: a file is missing, damaged or cannot be read.
        UsageError: what is in it is not what is expected. The message says what is, and what to do.
    """
    source, path = str(path), path.expanduser()
    notes: list[str] = []
    if path.is_dir():
        if points:
            raise _wrong(path, "a folder", "points in the plane", "give them as an .npz or .npy of N x 2 floats")
        made = _from_folder(path, shape, notes)
    elif points:
        made = _as_points(path, _array(path, notes), notes)
    else:
        made = _as_images(path, _array(path, notes), shape, notes)
    return ImageSet(made, tuple(notes), source)


def _wrong(path: Path, found: str, expected: str, advice: str) -> UsageError:
    return UsageError(f"{path}: found {found}; expected {expected}\n  {advice}")


def _unreadable(path: Path, reason: str, expected: str, advice: str = "write or copy the file again") -> GanatomyError:
    return GanatomyError(f"cannot read {path}: {reason}; expected {expected}\n  {advice}")


def _too_few(path: Path, count: int, things: str = "images") -> UsageError:
    expected = f"{things}: at least 2, and hundreds for figures that mean something"
    return UsageError(f"{path}: {expected}; found {count}\n  make more, and put all of them in one array or folder")


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape) or "a single number"


def _number(value: float) -> str:
    return f"{value:.6g}"


# ---- arrays in files


def _array(path: Path, notes: list[str]) -> np.ndarray:
    """The one array of an .npz or .npy, of a numeric type. Nothing in it is ever unpickled."""
    ending = path.suffix.lower()
    if not path.exists():
        raise _unreadable(path, "no such file or folder", "images to measure", f"check the name; {FORMATS}")
    if ending in SUFFIXES:
        advice = "give a folder with one file an image (a grid of many has to be cut up first)"
        raise _wrong(path, "one single picture", "a set of images", advice)
    if ending not in (".npz", ".npy"):
        raise _wrong(path, f"a file ending in {ending or 'nothing'}", "a set of images", FORMATS)
    expected = f"an {ending} file, as NumPy writes it"
    try:
        with path.open("rb") as file:
            _check_kind(path, file.read(6), expected)
            file.seek(0)
            return _from_npz(path, file, notes) if ending == ".npz" else _from_npy(path, file)
    except GanatomyError:
        raise
    except MemoryError as error:
        raise _unreadable(path, f"not enough memory ({error})", expected, "give fewer images") from error
    except Exception as error:  # damage shows as whatever it leads to: OSError, ValueError, BadZipFile, zlib.error
        reason = getattr(error, "strerror", None) or f"damaged or cut short ({error or type(error).__name__})"
        raise _unreadable(path, reason, expected) from error


def _check_kind(path: Path, start: bytes, expected: str) -> None:
    """NumPy would take whatever else it meets for a pickle, and its message would lead astray."""
    is_zip, is_npy, wants_zip = start.startswith(b"PK"), start == npy.MAGIC_PREFIX, path.suffix.lower() == ".npz"
    if not start:
        raise _unreadable(path, "empty file (0 bytes)", expected)
    if is_zip if wants_zip else is_npy:
        return
    if is_zip or is_npy:
        inside = ".npz" if is_zip else ".npy"
        raise _unreadable(path, f"it is an {inside} file inside", expected, f"rename it to {path.stem}{inside}")
    reason = "not a zip archive" if wants_zip else "not an array of NumPy's"
    raise _unreadable(path, reason, expected, f"write it again; {FORMATS}")


def _from_npy(path: Path, file: IO[bytes]) -> np.ndarray:
    _, dtype = _header(file)
    _check_type(path, dtype)
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)


def _from_npz(path: Path, file: IO[bytes], notes: list[str]) -> np.ndarray:
    with zipfile.ZipFile(file) as archive:
        heads: dict[str, tuple[tuple[int, ...], np.dtype]] = {}
        for member in archive.namelist():
            if member.endswith(".npy"):
                with archive.open(member) as stream:
                    heads[member.removesuffix(".npy")] = _header(stream)
        if not heads:
            inside = ", ".join(archive.namelist()[:LISTED]) or "nothing"
            raise _wrong(path, f"no arrays, but {inside}", "one array of images", FORMATS)
        name = _chosen(path, heads)
        _check_type(path, heads[name][1])
        if len(heads) > 1:
            notes.append(f"{len(heads)} arrays ({_listing(heads)}): took '{name}'")
        with archive.open(f"{name}.npy") as stream:
            return npy.read_array(stream, allow_pickle=False)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array, without its numbers."""
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = npy.read_array_header_2_0(stream)
    else:
        raise ValueError(f"arrays of format {version} hold no images")
    return shape, dtype


def _chosen(path: Path, heads: dict[str, tuple[tuple[int, ...], np.dtype]]) -> str:
    """The name of the array that holds the images."""
    if len(heads) == 1:
        return next(iter(heads))
    named = [name for name in heads if name in NAMES]
    # np.savez(file, *batches) gives arr_0, arr_1, ...: the first would be only a part of the images.
    parts = [
        name for name in heads if name.startswith("arr_") and heads[name][0][1:] == heads.get("arr_0", ((),))[0][1:]
    ]
    if len(named) == 1 and not (named == ["arr_0"] and len(parts) > 1 and len(heads["arr_0"][0]) > 1):
        return named[0]
    raise _wrong(
        path,
        f"{len(heads)} arrays ({_listing(heads)})",
        f"one array, or exactly one named {', '.join(NAMES[:-1])} or {NAMES[-1]}",
        "keep one: np.savez('samples.npz', images=...); batches are put together by np.concatenate",
    )


def _listing(heads: dict[str, tuple[tuple[int, ...], np.dtype]]) -> str:
    names = [f"{name}: {_times(shape)} {dtype}" for name, (shape, dtype) in list(heads.items())[:LISTED]]
    return ", ".join(names + ([f"and {len(heads) - LISTED} more"] if len(heads) > LISTED else []))


def _check_type(path: Path, dtype: np.dtype) -> None:
    if dtype.hasobject:
        advice = "make it one array of numbers: np.stack(images); objects would have to be unpickled, which is not safe"
        raise _wrong(path, "Python objects (dtype object)", "an array of numbers", advice)
    if dtype.kind not in "buif":
        advice = "save the images themselves, as uint8 or float32"
        raise _wrong(path, f"an array of dtype {dtype}", "whole numbers or real floats", advice)


# ---- layouts


@dataclass(frozen=True)
class _Layout:
    name: str
    image: tuple[int, ...]
    """Shape of one image in the file."""
    channels: int


def _layouts(height: int, width: int, channels: int) -> list[_Layout]:
    known = [
        _Layout("N x H x W x C", (height, width, channels), channels),
        _Layout("N x C x H x W", (channels, height, width), channels),
        _Layout("N x (H W C)", (height * width * channels,), channels),
    ]
    return [*known, _Layout("N x H x W", (height, width), 1)] if channels == 1 else known


def _as_images(path: Path, array: np.ndarray, shape: Shape, notes: list[str]) -> np.ndarray:
    """N x H x W x C uint8, checked and converted."""
    height, width, channels = shape
    layout = _layout(path, array.shape, shape)
    if len(array) < 2:
        raise _too_few(path, len(array))
    if layout.channels == 1 and channels > 1:
        raise _grey(path, "grey images (1 channel)", channels)
    if layout.name == "N x C x H x W":
        pixels = np.moveaxis(array, 1, 3)
    else:
        pixels = array.reshape(len(array), height, width, layout.channels)
    if layout.name != "N x H x W x C":
        notes.append(f"layout {_times(array.shape)}: taken as {layout.name}")
    pixels = _as_uint8(path, pixels, notes)
    if layout.channels > 1 and channels == 1:
        different = int((pixels != pixels[..., :1]).any(axis=(1, 2, 3)).sum())
        if different:
            raise _colour(path, f"colour images ({layout.channels} channels, which differ in {different} images)")
        notes.append(f"{layout.channels} channels, equal in every image: taken as grey (1 channel)")
        pixels = pixels[..., :1]
    return np.ascontiguousarray(pixels)


def _layout(path: Path, found: tuple[int, ...], shape: Shape) -> _Layout:
    """The layout of an array of this shape, by the data's shape."""
    height, width, channels = shape
    if found and found[0] == 0:
        raise _too_few(path, 0)
    own, other = _layouts(*shape), _layouts(height, width, 3 if channels == 1 else 1)
    fitting = [layout for layout in own if layout.image == found[1:]]
    if not fitting:
        if any(layout.image == found for layout in own + other):
            raise _too_few(path, 1)
        fitting = [layout for layout in other if layout.image == found[1:]]
    if not fitting:
        raise _misfit(path, found, shape)
    first = fitting[0]
    if first.channels > 1 and (len(first.image) == 1 or len(fitting) > 1):
        raise _wrong(
            path,
            f"an array of {_times(found)}, which may run channel by channel or pixel by pixel",
            f"N x {_times(shape)}",
            f"of flat images by torch: array.reshape(-1, {first.channels}, {height}, {width}).transpose(0, 2, 3, 1)",
        )
    return first


def _misfit(path: Path, found: tuple[int, ...], shape: Shape) -> UsageError:
    """The error for an array that has none of the layouts."""
    height, width, channels = shape
    # Flat colour images are refused, so they are not named.
    known = [layout for layout in _layouts(*shape) if channels == 1 or len(layout.image) > 1]
    expected = f"images of {_times(shape)} ({', '.join(f'N x {_times(layout.image)}' for layout in known)})"
    for axis in (1, 3) if len(found) == 4 else ():
        if found[1:axis] + found[axis + 1 :] == (height, width):
            advice = f"keep the {'colour channels' if channels > 1 else 'grey channel'} only"
            advice += "; lay transparent images on white" if found[axis] == 4 else ""
            return _wrong(path, f"{found[axis]} channels in an array of {_times(found)}", expected, advice)
    advice = "resize or reshape the images yourself: it is not done here, since how it is done changes the scores"
    return _wrong(path, f"an array of {_times(found)}", expected, advice)


def _grey(path: Path, found: str, channels: int) -> UsageError:
    advice = "compare with grey data; or, where grey is meant, repeat N x H x W x 1: np.repeat(images, 3, axis=3)"
    return _wrong(path, found, f"colour ({channels} channels), as the data is", advice)


def _colour(path: Path, found: str) -> UsageError:
    return _wrong(
        path, found, "grey (1 channel), as the data is", "compare with colour data, or make them grey yourself"
    )


# ---- values


def _as_uint8(path: Path, pixels: np.ndarray, notes: list[str]) -> np.ndarray:
    """N x H x W x C of any numeric type to uint8; not copied where it is uint8."""
    if pixels.dtype == bool:
        notes.append("bool values: False taken as 0, True as 255")
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind == "f":
        return _from_floats(path, pixels, notes)
    low, high = int(pixels.min()), int(pixels.max())
    if low >= -1 and high <= 1 and (low, high) != (0, 0):
        raise _wrong(
            path,
            f"{pixels.dtype} values that are never above 1",
            "0 to 255",
            "likely floats cast to whole numbers, which loses everything between: save the floats as they are, or "
            "np.round(255 * images).astype(np.uint8) for [0, 1]; if they are black and white, multiply them by 255",
        )
    if low < 0 or high > 255:
        advice = f"map them to 0 to 255 and save them as uint8, or save {RANGES}; do not normalise image by image"
        raise _wrong(path, f"{pixels.dtype} values from {low} to {high}", "0 to 255", advice)
    if pixels.dtype == np.uint8:
        return pixels
    notes.append(f"{pixels.dtype} values from {low} to {high}: taken as 0 to 255")
    return pixels.astype(np.uint8)


def _from_floats(path: Path, pixels: np.ndarray, notes: list[str]) -> np.ndarray:
    """Floats to uint8, rounded as the package's own samples are."""
    with np.errstate(invalid="ignore"):
        low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        _check_finite(path, pixels, "images")
    span = _range(low, high)
    found = f"{pixels.dtype} values from {_number(low)} to {_number(high)}"
    if span is None:
        advice = (
            "map all of them to one of these by the same rule; do not normalise image by image, which changes scores"
        )
        raise _wrong(path, found, f"{RANGES}, or whole numbers from 0 to 255", advice)
    taken = {1.0: "[0, 1]", 255.0: "0 to 255, rounded"}[span[1]] if span[0] == 0 else "[-1, 1] (Tanh)"
    excess = max(span[0] - low, high - span[1])
    notes.append(f"{found}: taken as {taken}" + (f"; clipped, by at most {excess:.2g}" if excess > 0 else ""))
    import torch  # here only: pixels are read without it

    from ganatomy.images import to_pixels

    made = np.empty(pixels.shape, np.uint8)
    for start in range(0, len(pixels), BLOCK):
        block = torch.from_numpy(np.ascontiguousarray(pixels[start : start + BLOCK], np.float32))
        made[start : start + BLOCK] = to_pixels(block.permute(0, 3, 1, 2), span)
    return made


def _range(low: float, high: float) -> tuple[float, float] | None:
    """The range that floats between two values were made in; None if it is none of the three."""
    # Slightly negative values beside bright ones come from resampling [0, 1]. Beside none they are a Tanh's, near 0.
    unit = low >= 0 or (low >= -SLACK and high > 0.5)
    if unit and high <= 1 + SLACK:
        return 0.0, 1.0
    if unit and 2 < high <= 255 + SLACK:
        return 0.0, 255.0
    if -1 - SLACK <= low < 0 and high <= 1 + SLACK:
        return -1.0, 1.0
    return None


def _check_finite(path: Path, array: np.ndarray, things: str) -> None:
    """Refuses NaN and infinity in N x ... floats."""
    blocks = [array[start : start + BLOCK] for start in range(0, len(array), BLOCK)]
    bad = np.concatenate([~np.isfinite(block).all(axis=tuple(range(1, array.ndim))) for block in blocks])
    if bad.any():
        found = f"NaN or infinity in {bad.sum()} of {len(array)} {things}, the first at index {bad.argmax()}"
        raise _wrong(path, found, "finite values", f"leave these {things} out, or repair the model that made them")


def _as_points(path: Path, array: np.ndarray, notes: list[str]) -> np.ndarray:
    """N x 1 x 1 x 2 float32, checked and converted."""
    if array.ndim and len(array) == 0:
        raise _too_few(path, 0, "points")
    if array.shape == (2,):
        raise _too_few(path, 1, "points")
    if array.shape[1:] not in ((2,), (1, 1, 2)):
        advice = "save the points' coordinates, not a picture of them: np.savez('points.npz', samples=points)"
        raise _wrong(path, f"an array of {_times(array.shape)}", "points in the plane, N x 2 or N x 1 x 1 x 2", advice)
    if array.dtype.kind != "f":
        raise _wrong(path, f"{array.dtype} values", "floats", "save the coordinates as float32")
    if len(array) < 2:
        raise _too_few(path, len(array), "points")
    if array.ndim == 2:
        notes.append(f"layout {_times(array.shape)}: taken as {len(array)} points")
    if array.dtype != np.float32:
        notes.append(f"{array.dtype} values: rounded to float32")
    with np.errstate(over="ignore"):  # too large for float32 becomes infinity, which is refused below
        made = np.ascontiguousarray(array.reshape(-1, 1, 1, 2), np.float32)
    _check_finite(path, made, "points")
    return made


# ---- folders of pictures


def _from_folder(root: Path, shape: Shape, notes: list[str]) -> np.ndarray:
    """N x H x W x C uint8 of the pictures below a folder, in the order of their names."""
    height, width, channels = shape
    if height != width:
        advice = "put the images into one array: np.savez('samples.npz', images=...)"
        raise _wrong(root, "a folder of pictures", f"an array, as the data is {_times(shape)}, not square", advice)
    names = _names(root)
    if len(names) < 2:
        raise _too_few(root, len(names), f"pictures ({', '.join(sorted(SUFFIXES))})")
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
        where = f"which differ in {len(coloured)} of {len(names)} files, first in {coloured[0]}"
        raise _colour(root, f"colour pictures (3 channels, {where})")
    if channels == 3 and seen["grey"] == len(names):
        raise _grey(root, f"{len(names)} grey pictures (1 channel)", channels)
    notes += _sentences(seen, len(names), channels)
    return made


def _names(root: Path) -> list[str]:
    """The pictures below a folder, relative to it, in order. Hidden ones and links to folders are left out."""

    def unlisted(error: OSError) -> None:
        raise GanatomyError(
            f"cannot list {error.filename}: {error.strerror}\n  check the rights of the folder"
        ) from error

    found = []
    for folder, subfolders, names in os.walk(root, onerror=unlisted):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        found += [Path(folder, name).relative_to(root) for name in names if not name.startswith(".")]
    return [name.as_posix() for name in sorted(found, key=lambda name: name.parts) if name.suffix.lower() in SUFFIXES]


def _size(path: Path) -> tuple[int, int] | None:
    """Width and height by the file's header; None if it cannot be read, for which `decode` has the words."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of very large pictures: they are refused by their size
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
            "lossy": image.format != "PNG",
            # Many programs write an alpha channel that hides nothing.
            "transparent": image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[0] != 255,
        }
    return [kind for kind, present in kinds.items() if present]


def _check_files(
    root: Path, names: list[str], bad: dict[str, str], sizes: dict[str, tuple[int, int]], shape: Shape
) -> None:
    if bad:
        lines = [f"    {name}: {reason}" for name, reason in list(bad.items())[:LISTED]]
        lines += [f"    and {len(bad) - LISTED} more"] if len(bad) > LISTED else []
        listing = "\n".join(lines)
        raise GanatomyError(
            f"{len(bad)} of {len(names)} pictures in {root} cannot be decoded; expected PNG, JPEG or WebP:\n{listing}\n"
            "  write them again, or take them out of the folder"
        )
    if sizes:
        name, (width, height) = next(iter(sizes.items()))
        found = (
            f"pictures of another size: {len(sizes)} of {len(names)}, the first {name} with {width} x {height} pixels"
        )
        advice = "resize them yourself: it is not done here, since how it is done changes the scores"
        raise _wrong(root, found, f"{shape[1]} x {shape[0]} pixels, as the data's", advice)


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
        "lossy": "JPEG or WebP: taken as decoded; what lossy compression did to them counts in the scores",
    }
    return [f"{counts[kind]} of {total} pictures {meaning[kind]}" for kind in meaning if counts[kind]]
