"""Points in the plane, from an array."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganatomy.arrays.errors import times, too_few, wrong
from ganatomy.arrays.values import check_finite, check_type


def as_points(path: Path | str, array: np.ndarray, notes: list[str]) -> np.ndarray:
    """N x 1 x 1 x 2 float32, checked and converted."""
    check_type(path, array.dtype)
    if array.ndim and len(array) == 0:
        raise too_few(path, 0, "points")
    if array.shape == (2,):
        raise too_few(path, 1, "points")
    if array.shape[1:] not in ((2,), (1, 1, 2)):
        advice = "save the points' coordinates, not a picture of them: np.savez('points.npz', samples=points)"
        raise wrong(path, f"an array of {times(array.shape)}", "points in the plane, N x 2 or N x 1 x 1 x 2", advice)
    if array.dtype.kind != "f":
        raise wrong(path, f"{array.dtype} values", "floats", "save the coordinates as float32")
    if len(array) < 2:
        raise too_few(path, len(array), "points")
    if array.ndim == 2:
        notes.append(f"layout {times(array.shape)}: taken as {len(array)} points")
    if array.dtype != np.float32:
        notes.append(f"{array.dtype} values: rounded to float32")
    with np.errstate(over="ignore"):  # too large for float32 becomes infinity, which is an error below
        made = np.ascontiguousarray(array.reshape(-1, 1, 1, 2), np.float32)
    check_finite(path, made, "points")
    return made
