"""The IDX file format of MNIST: a magic number, the sizes, the bytes. Every error has its own message."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np

from ganatomy.data.idx_search import GZIP
from ganatomy.errors import GanatomyError


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """An IDX file of unsigned bytes, read-only; unpacked first where its name ends in .gz.

    Args:
        dimensions: 1 for labels (N), 3 for images (N x H x W).

    Raises:
        GanatomyError: unreadable, truncated, corrupted, not IDX, other dimensions, other length than the header says.
    """
    content = _unpacked(path)
    magic = bytes([0, 0, 0x08, dimensions])  # two zeros, the code of unsigned bytes, how many sizes follow
    if content[:4] != magic:
        raise file_error(
            path, f"wrong magic number: expected {magic.hex()}, found {content[:4].hex() or 'an empty file'}"
        )
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise file_error(path, f"truncated: expected at least {header} bytes of header, found {len(content)}")
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", dimensions, offset=4))
    expected = header + int(np.prod(shape, dtype=object))
    if len(content) != expected:
        kind = "truncated" if len(content) < expected else "too long"
        sizes = " x ".join(map(str, shape))
        raise file_error(path, f"{kind}: its header says {sizes}, so expected {expected} bytes, found {len(content)}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def check_sha256(path: Path, array: np.ndarray, expected: str) -> None:
    """Compares an array as `read_idx` returns it with the SHA-256 of the original, unpacked file.

    Raises:
        GanatomyError: another content.
    """
    header = bytes([0, 0, 0x08, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    found = hashlib.sha256(header)
    found.update(array.data)
    if found.hexdigest() != expected:
        raise file_error(path, f"wrong content: expected SHA-256 {expected} (unpacked), found {found.hexdigest()}")


def file_error(path: Path, what: str) -> GanatomyError:
    """The error for a file that is there but wrong."""
    return GanatomyError(
        f"{path} is damaged or not the original file\n  {what}\n"
        "  delete it and put a good copy there; in the cache folder, deleting it is enough: "
        "the next start downloads it again"
    )


def _unpacked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GanatomyError(f"cannot read {path}: {error.strerror or error}\n  check the rights of the file") from error
    if path.suffix != ".gz" and not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except EOFError as error:
        raise file_error(
            path, f"truncated gzip file: it ends before its content does, after {len(content)} bytes"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise file_error(path, f"corrupted gzip file: {error}") from error
