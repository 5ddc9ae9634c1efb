"""What the data tests share: where the real files are, and how small files in each format are made."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REAL = os.environ.get("GANATOMY_DATA")
"""Read once at import: the tests themselves take the variable away."""


def real_data(archive_folder: str) -> Path:
    """The folder that holds the real files of MNIST or FashionMNIST; skips the test where there is none."""
    if not REAL:
        pytest.skip("GANATOMY_DATA is not set: no real data to test on")
    raw = Path(REAL) / archive_folder / "raw"
    if not any(raw.glob("train-images-idx3-ubyte*")):
        pytest.skip(f"GANATOMY_DATA has no {archive_folder}/raw")
    return Path(REAL)


def idx_bytes(array: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def write(path: Path, content: bytes) -> Path:
    """Packed where the name ends in .gz; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


def picture(path: Path, height: int = 20, width: int = 20, mode: str = "RGB", seed: int = 0) -> Path:
    """A picture of smooth colours, no two seeds alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).convert(mode).save(path)
    return path
