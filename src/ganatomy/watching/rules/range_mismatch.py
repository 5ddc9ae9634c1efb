"""The reals have values that G cannot make, or use a part of its range alone."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
BOUNDS = {"Tanh": (-1.0, 1.0), "Sigmoid": (0.0, 1.0)}


def check(seen: Evidence) -> Found | None:
    made = [each for iteration in seen.iterations for each in iteration.made if each.ends_in in BOUNDS]
    calls = [(call, push) for _, call, push in seen.pushed("D") if call.kind == "other"]
    reals = [call for call, _ in calls] or [
        call for each in seen.iterations for call in each.judged if call.kind == "other"
    ]
    if not made or len(reals) < 3:
        return None
    low, high = BOUNDS[made[-1].ends_in or ""]
    lowest, highest = min(call.low for call in reals), max(call.high for call in reals)
    width = high - low
    outside = lowest < low - 0.1 * width or highest > high + 0.1 * width
    # Of [0, 1] for a Tanh one end is reached. Reals well inside at both ends are a choice: a ring of points.
    unused = (lowest > low + 0.3 * width) != (highest < high - 0.3 * width)
    unused &= lowest < low + 0.1 * width or highest > high - 0.1 * width
    # Noise on D's input, and augmentation, go a little beyond.
    far = lowest < low - 2 * width or highest > high + 2 * width
    if unused or far or (outside and not seen.is_noisy):
        facts = {
            "low": f"{lowest:.2g}",
            "high": f"{highest:.2g}",
            "g_low": low,
            "g_high": high,
            "last": made[-1].ends_in,
        }
        return Found(facts, reals[-1].line)
    return None
