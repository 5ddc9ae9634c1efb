"""Long lines made shorter without smoothing: what is dropped lies between values that stay."""

from __future__ import annotations

import math
from collections.abc import Sequence

LIMIT = 400
"""Points of a line at most: about one a pixel of the charts."""


def kept(values: Sequence[float | None], limit: int = LIMIT) -> list[int]:
    """The indices of at most `limit` values, in order: the first, the last, and each stretch's lowest and highest.

    A stretch that holds a value which is none (or not finite) keeps one such, because a gap is worth seeing.
    """
    count = len(values)
    if count <= limit:
        return list(range(count))
    stretches = (limit - 2) // 3
    found = {0, count - 1}
    for number in range(stretches):
        stretch = range(number * count // stretches, (number + 1) * count // stretches)
        finite = [index for index in stretch if _is_finite(values[index])]
        if finite:
            found |= {min(finite, key=lambda i: values[i]), max(finite, key=lambda i: values[i])}  # type: ignore[arg-type, return-value]
        found |= set([index for index in stretch if not _is_finite(values[index])][:1])
    return sorted(found)


def short(value: object, digits: int = 5) -> float | int | None:
    """A number with as many digits as a chart can show, for JSON; None for what is no finite number.

    >>> short(0.123456789), short(61994), short(3.0), short(float("nan"))
    (0.12346, 61994, 3, None)
    """
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
