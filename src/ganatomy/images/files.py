"""Arrays in .npz and .npy files. Nothing in them is ever unpickled."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from ganatomy.arrays.errors import times, unreadable, wrong
from ganatomy.arrays.values import check_type
from ganatomy.data.decode import SUFFIXES
from ganatomy.data.folder import LISTED
from ganatomy.errors import GanatomyError

NAMES = ("images", "samples", "arr_0", "x", "fake")
"""Of several arrays in an .npz, the one with one of these names holds the images."""

FORMATS = (
    "accepted are X.npz, X.npy, and a folder of pictures; "
    "from torch: np.savez('samples.npz', images=tensor.cpu().numpy())"
)

Head = tuple[tuple[int, ...], np.dtype]
"""Shape and type of an array, without its numbers."""


def array(path: Path, notes: list[str]) -> np.ndarray:
    """The one array of an .npz or .npy, of a numeric type. Nothing in it is ever unpickled."""
    ending = path.suffix.lower()
    if not path.exists():
        raise unreadable(path, "no such file or folder", "images to measure", f"check the name; {FORMATS}")
    if ending in SUFFIXES:
        advice = "give a folder with one file an image (a grid of many has to be cut up first)"
        raise wrong(path, "one single picture", "a set of images", advice)
    if ending not in (".npz", ".npy"):
        raise wrong(path, f"a file ending in {ending or 'nothing'}", "a set of images", FORMATS)
    expected = f"an {ending} file, as NumPy writes it"
    try:
        with path.open("rb") as file:
            _check_kind(path, file.read(6), expected)
            file.seek(0)
            return _from_npz(path, file, notes) if ending == ".npz" else _from_npy(path, file)
    except GanatomyError:
        raise
    except MemoryError as error:
        raise unreadable(path, f"not enough memory ({error})", expected, "give fewer images") from error
    except Exception as error:  # damage shows as whatever it leads to: OSError, ValueError, BadZipFile, zlib.error
        reason = getattr(error, "strerror", None) or f"damaged or cut short ({error or type(error).__name__})"
        raise unreadable(path, reason, expected) from error


def _check_kind(path: Path, start: bytes, expected: str) -> None:
    """NumPy would take whatever else it meets for a pickle, and its message would lead astray."""
    wanted = path.suffix.lower()
    inside = ".npz" if start.startswith(b"PK") else ".npy" if start == npy.MAGIC_PREFIX else None
    if not start:
        raise unreadable(path, "empty file (0 bytes)", expected)
    if inside == wanted:
        return
    if inside:
        raise unreadable(path, f"it is an {inside} file inside", expected, f"rename it to {path.stem}{inside}")
    reason = "not a zip archive" if wanted == ".npz" else "not an array of NumPy's"
    raise unreadable(path, reason, expected, f"write it again; {FORMATS}")


def _from_npy(path: Path, file: IO[bytes]) -> np.ndarray:
    _, dtype = _header(file)
    check_type(path, dtype)
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)


def _from_npz(path: Path, file: IO[bytes], notes: list[str]) -> np.ndarray:
    with zipfile.ZipFile(file) as archive:
        heads: dict[str, Head] = {}
        for member in archive.namelist():
            if member.endswith(".npy"):
                with archive.open(member) as stream:
                    heads[member.removesuffix(".npy")] = _header(stream)
        if not heads:
            inside = ", ".join(archive.namelist()[:LISTED]) or "nothing"
            raise wrong(path, f"no arrays, but {inside}", "one array of images", FORMATS)
        name = _chosen(path, heads)
        check_type(path, heads[name][1])
        if len(heads) > 1:
            notes.append(f"{len(heads)} arrays ({_listing(heads)}): took '{name}'")
        with archive.open(f"{name}.npy") as stream:
            return npy.read_array(stream, allow_pickle=False)


def _header(stream: IO[bytes]) -> Head:
    read = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype


def _chosen(path: Path, heads: dict[str, Head]) -> str:
    """The name of the array that holds the images."""
    if len(heads) == 1:
        return next(iter(heads))
    named = [name for name in heads if name in NAMES]
    if len(named) == 1 and not (named == ["arr_0"] and _in_batches(heads)):
        return named[0]
    raise wrong(
        path,
        f"{len(heads)} arrays ({_listing(heads)})",
        f"one array, or exactly one named {', '.join(NAMES[:-1])} or {NAMES[-1]}",
        "keep one: np.savez('samples.npz', images=...); batches are put together by np.concatenate",
    )


def _in_batches(heads: dict[str, Head]) -> bool:
    """Whether arr_0 is only a part of the images: np.savez(file, *batches) writes arr_0, arr_1, ..."""
    image = heads["arr_0"][0][1:]
    alike = [name for name, (shape, _) in heads.items() if name.startswith("arr_") and shape[1:] == image]
    return len(alike) > 1 and image != ()


def _listing(heads: dict[str, Head]) -> str:
    names = [f"{name}: {times(shape)} {dtype}" for name, (shape, dtype) in list(heads.items())[:LISTED]]
    return ", ".join(names + ([f"and {len(heads) - LISTED} more"] if len(heads) > LISTED else []))
