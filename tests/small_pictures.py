"""A folder of pictures so small that the convolutional networks for them are small as well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 8


def pictures(count: int) -> np.ndarray:
    """Of random grey."""
    return np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 1), dtype=np.uint8)


def write_pictures(folder: Path, count: int) -> None:
    folder.mkdir()
    for index, picture in enumerate(pictures(count)):
        Image.fromarray(picture[:, :, 0]).save(folder / f"{index:03d}.png")
