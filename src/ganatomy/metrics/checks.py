"""What every metric asks of its input, said once; and the blocks in which big matrices are worked through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ganatomy.arrays import to_numpy
from ganatomy.errors import UsageError


def numbers(values: Any, name: str = "the array") -> np.ndarray:
    """An array, a torch tensor of any device, or a list, as float64."""
    return to_numpy(values, name).astype(np.float64, copy=False)


def features(name: str, rows: Any) -> np.ndarray:
    """`rows`, an array or a torch tensor, as float64, n x d.

    Raises UsageError unless it is 2-D with at least two rows and one column, of numbers that are all finite.
    """
    array = to_numpy(rows, name)
    if array.ndim != 2 or array.shape[0] < 2 or array.shape[1] < 1:
        raise UsageError(
            f"{name} has the shape {array.shape}; a metric needs at least two rows, one per image: "
            "give an array images x features"
        )
    found = numbers(array)
    if not np.isfinite(found).all():
        raise UsageError(f"{name} holds NaN or infinity; features must be finite: look at the network they came from")
    return found


def same_columns(first_name: str, first: np.ndarray, second_name: str, second: np.ndarray) -> None:
    """Raises UsageError unless both have as many columns."""
    if first.shape[1] != second.shape[1]:
        raise UsageError(
            f"{first_name} has {first.shape[1]} columns and {second_name} {second.shape[1]}; "
            "both must come from the same network: extract them again"
        )


def pair(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 with the same number of columns, else UsageError."""
    checked = features("real", real), features("fake", fake)
    same_columns("real", checked[0], "fake", checked[1])
    return checked


def shares(name: str, values: Any) -> np.ndarray:
    """`values` as float64, K shares.

    Raises UsageError unless it is 1-D, not negative, and sums to 1 within 1e-6.
    """
    array = numbers(values, name)
    if array.ndim != 1 or not (array >= 0).all() or abs(array.sum() - 1) > 1e-6:
        raise UsageError(f"{name} must be shares of classes that sum to 1: divide the counts by their sum")
    return array


def blocks(n: int, size: int) -> Iterator[slice]:
    """Slices that cut 0..n into the fewest blocks of at most `size`, all about equally long."""
    number = -(-n // max(size, 1))
    for index in range(number):
        yield slice(index * n // number, (index + 1) * n // number)
