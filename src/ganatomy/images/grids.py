"""From arrays of images to grids, scatter plots, PNG and GIF files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from ganatomy import atomic


def grid(images: np.ndarray, columns: int = 8, gap: int = 2) -> np.ndarray:
    """N x H x W x C uint8 laid in rows on mid-grey, pixel for pixel: one array, rows x columns x C."""
    count, height, width, channels = images.shape
    columns = min(columns, max(count, 1))
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, channels), 96, np.uint8)
    for index, image in enumerate(images):
        top = gap + index // columns * (height + gap)
        left = gap + index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def scatter(points: np.ndarray, limit: float | None = None, side: int = 242) -> np.ndarray:
    """Points, N x 1 x 1 x 2, as dark dots on white over [-limit, limit] squared: side x side x 1 uint8.

    The limit is known beforehand where the data's is given, so that pictures can be compared; else the points' own.
    """
    flat = points.reshape(-1, 2)
    limit = float(np.abs(flat).max(initial=1e-6)) * 1.05 if limit is None else limit
    sheet = np.full((side, side, 1), 255, np.uint8)
    spots = np.round((flat / limit + 1) / 2 * (side - 1)).astype(int)
    for horizontal, vertical in spots[((spots >= 1) & (spots < side - 1)).all(axis=1)]:
        row = side - 1 - vertical
        sheet[row - 1 : row + 2, horizontal - 1 : horizontal + 2] = 40
    return sheet


def picture(images: np.ndarray, columns: int = 8, limit: float | None = None) -> np.ndarray:
    """Images as a grid, points as a scatter plot: rows x columns x C uint8."""
    return grid(images, columns) if images.dtype == np.uint8 else scatter(images, limit)


def pillow(array: np.ndarray) -> Image.Image:
    """H x W x C uint8, C 1 or 3, as a Pillow image."""
    return Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array)


def save_png(path: Path, array: np.ndarray) -> None:
    """H x W x C uint8 as a PNG, atomically."""
    buffer = io.BytesIO()
    pillow(array).save(buffer, format="PNG")
    atomic.write(path, buffer.getvalue())


def save_gif(path: Path, frames: list[np.ndarray], seconds_a_frame: float = 0.6) -> None:
    """H x W x C uint8 frames as an endless GIF, atomically; the last frame stays longer."""
    first, *rest = [pillow(frame) for frame in frames]
    durations = [int(seconds_a_frame * 1000)] * len(rest) + [int(seconds_a_frame * 3000)]
    buffer = io.BytesIO()
    first.save(buffer, format="GIF", save_all=True, append_images=rest, duration=durations, loop=0)
    atomic.write(path, buffer.getvalue())
