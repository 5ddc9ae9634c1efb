"""Numbers as people write them."""

from __future__ import annotations

import math


def plain(value: float, digits: int) -> str:
    """So many significant digits, no exponent.

    >>> plain(0.0612, 2), plain(4.254, 2), plain(14470.0, 2), plain(-0.19, 1), plain(10.0, 2)
    ('0.061', '4.3', '14,000', '-0.2', '10')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value + 0.0:g}"  # no minus before 0
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,.{max(places, 0)}f}"
