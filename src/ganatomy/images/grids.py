"""From arrays of images to grids, scatter plots, PNG and GIF files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganatomy import atomic
from ganatomy.arrays import Layout, as_images, own_shape, to_numpy


def as_pixels(images: Any, layout: Layout | None = None) -> np.ndarray:
    """N x H x W x C uint8, returned as it is; or made of an array, a tensor or a list, in any plain layout and range.

    Raises:
        UsageError: no such layout or values; the message says what is expected.
    """
    found = to_numpy(images, "the images")
    if found.dtype == np.uint8 and found.ndim == 4 and found.shape[3] in (1, 3) and layout != "NCHW":
        return found
    return as_images("the images", found, own_shape("the images", found.shape, layout), [], layout, least=0)


def grid(images: Any, columns: int = 8, gap: int = 2) -> np.ndarray:
    """Images as `as_pixels` takes them, laid in rows on mid-grey, pixel for pixel: one array, rows x columns x C."""
    images = as_pixels(images)
    count, height, width, channels = images.shape
    columns = min(columns, max(count, 1))
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, channels), 96, np.uint8)
    for index, image in enumerate(images):
        top = gap + index // columns * (height + gap)
        left = gap + index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def scatter(points: Any, limit: float | None = None, side: int = 242) -> np.ndarray:
    """Points, N x 1 x 1 x 2, as dark dots on white over [-limit, limit] squared: side x side x 1 uint8.

    The limit is known beforehand where the data's is given, so that pictures can be compared; else the points' own.
    """
    flat = to_numpy(points, "the points").reshape(-1, 2)
    limit = float(np.abs(flat).max(initial=1e-6)) * 1.05 if limit is None else limit
    sheet = np.full((side, side, 1), 255, np.uint8)
    spots = np.round((flat / limit + 1) / 2 * (side - 1)).astype(int)
    for horizontal, vertical in spots[((spots >= 1) & (spots < side - 1)).all(axis=1)]:
        row = side - 1 - vertical
        sheet[row - 1 : row + 2, horizontal - 1 : horizontal + 2] = 40
    return sheet


def picture(images: Any, columns: int = 8, limit: float | None = None) -> np.ndarray:
    """Images as a grid, points (N x 2 or N x 1 x 1 x 2) as a scatter plot: rows x columns x C uint8."""
    found = to_numpy(images, "the images")
    return scatter(found, limit) if found.shape[1:] in ((2,), (1, 1, 2)) else grid(found, columns)


def pillow(array: Any) -> Image.Image:
    """One picture, H x W x C or H x W, C 1 or 3, in any form that `as_pixels` takes, as a Pillow image."""
    array = as_pixels(to_numpy(array, "the picture")[None])[0]
    return Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array)


def save_png(path: Path | str, array: Any) -> None:
    """One picture, as `pillow` takes it, as a PNG, atomically."""
    buffer = io.BytesIO()
    pillow(array).save(buffer, format="PNG")
    atomic.write(Path(path), buffer.getvalue())


def save_gif(path: Path | str, frames: Sequence[Any], seconds_a_frame: float = 0.6) -> None:
    """Pictures, as `pillow` takes them, as an endless GIF, atomically; the last frame stays longer."""
    first, *rest = [pillow(frame) for frame in frames]
    durations = [int(seconds_a_frame * 1000)] * len(rest) + [int(seconds_a_frame * 3000)]
    buffer = io.BytesIO()
    first.save(buffer, format="GIF", save_all=True, append_images=rest, duration=durations, loop=0)
    atomic.write(Path(path), buffer.getvalue())
