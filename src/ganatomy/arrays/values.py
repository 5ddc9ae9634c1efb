"""Values of pixels: which range they were made in, and uint8 of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganatomy.arrays.errors import wrong

SLACK = 0.01
"""How far values may lie outside their range and still be cut off: resampling and rounding lead there."""

BLOCK = 1024
"""Images converted at a time, so that the intermediate numbers take little memory."""

RANGES = "floats in [0, 1], in [-1, 1] or from 0 to 255"

SPANS = {(0.0, 1.0): "[0, 1]", (0.0, 255.0): "0 to 255, rounded", (-1.0, 1.0): "[-1, 1] (Tanh)"}
"""The ranges that floats may have, and what each is called."""


def as_uint8(path: Path | str, pixels: np.ndarray, notes: list[str]) -> np.ndarray:
    """N x H x W x C of any numeric type to uint8; not copied where it is uint8."""
    if pixels.dtype == bool:
        notes.append("bool values: False taken as 0, True as 255")
        return pixels.astype(np.uint8) * np.uint8(255)
    if pixels.dtype.kind == "f":
        return _from_floats(path, pixels, notes)
    low, high = int(pixels.min()), int(pixels.max())
    if low >= -1 and high <= 1 and (low, high) != (0, 0):
        raise wrong(
            path,
            f"{pixels.dtype} values that are never above 1",
            "0 to 255",
            "likely floats cast to whole numbers, which loses everything between: save the floats as they are, or "
            "np.round(255 * images).astype(np.uint8) for [0, 1]; if they are black and white, multiply them by 255",
        )
    if low < 0 or high > 255:
        advice = f"map them to 0 to 255 and save them as uint8, or save {RANGES}; do not normalise image by image"
        raise wrong(path, f"{pixels.dtype} values from {low} to {high}", "0 to 255", advice)
    if pixels.dtype == np.uint8:
        return pixels
    notes.append(f"{pixels.dtype} values from {low} to {high}: taken as 0 to 255")
    return pixels.astype(np.uint8)


def _from_floats(path: Path | str, pixels: np.ndarray, notes: list[str]) -> np.ndarray:
    """Floats to uint8, rounded as the package's own samples are."""
    with np.errstate(invalid="ignore"):
        low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        check_finite(path, pixels, "images")
    span = _range(low, high)
    found = f"{pixels.dtype} values from {low:.6g} to {high:.6g}"
    if span is None:
        advice = (
            "map all of them to one of these by the same rule; do not normalise image by image, which changes scores"
        )
        raise wrong(path, found, f"{RANGES}, or whole numbers from 0 to 255", advice)
    excess = max(span[0] - low, high - span[1])
    notes.append(f"{found}: taken as {SPANS[span]}" + (f"; clipped, by at most {excess:.2g}" if excess > 0 else ""))
    made = np.empty(pixels.shape, np.uint8)
    lowest, width = np.float32(span[0]), np.float32(span[1] - span[0])
    for start in range(0, len(pixels), BLOCK):
        block = pixels[start : start + BLOCK].astype(np.float32)
        # The steps of `images.to_pixels`, which rounds the package's own samples: the results are equal to the bit.
        block -= lowest
        block /= width
        np.clip(block, 0, 1, out=block)
        block *= np.float32(255)
        made[start : start + BLOCK] = np.round(block, out=block)
    return made


def _range(low: float, high: float) -> tuple[float, float] | None:
    """The range that floats between two values were made in; None if it is none of the three."""
    # Slightly negative values next to bright ones come from resampling [0, 1]. Without bright ones they are a Tanh's, near 0.
    unit = low >= 0 or (low >= -SLACK and high > 0.5)
    if unit and high <= 1 + SLACK:
        return 0.0, 1.0
    if unit and 2 < high <= 255 + SLACK:
        return 0.0, 255.0
    if -1 - SLACK <= low < 0 and high <= 1 + SLACK:
        return -1.0, 1.0
    return None


def check_finite(path: Path | str, array: np.ndarray, things: str) -> None:
    """Raises UsageError for NaN and infinity in N x ... floats."""
    blocks = [array[start : start + BLOCK] for start in range(0, len(array), BLOCK)]
    bad = np.concatenate([~np.isfinite(block).all(axis=tuple(range(1, array.ndim))) for block in blocks])
    if bad.any():
        found = f"NaN or infinity in {bad.sum()} of {len(array)} {things}, the first at index {bad.argmax()}"
        raise wrong(path, found, "finite values", f"leave these {things} out, or repair the model that made them")


def check_type(path: Path | str, dtype: np.dtype) -> None:
    """Raises UsageError unless an array is of numbers."""
    if dtype.hasobject:
        advice = "make it one array of numbers: np.stack(images); objects would have to be unpickled, which is not safe"
        raise wrong(path, "Python objects (dtype object)", "an array of numbers", advice)
    if dtype.kind not in "buif":
        advice = "save the images themselves, as uint8 or float32"
        raise wrong(path, f"an array of dtype {dtype}", "whole numbers or real floats", advice)
