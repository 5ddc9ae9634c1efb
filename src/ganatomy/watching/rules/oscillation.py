"""G's images swing between two states: a state, not a mistake."""

from __future__ import annotations

from itertools import pairwise

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"
IS_STATE = True
PATIENCE = 100
LOOKS = 8
WIDE = 0.5
"""A swing of the mean image over the reals' spread."""


def check(seen: Evidence) -> Found | None:
    reals = [call.spread for each in seen.iterations for call in each.judged if call.kind == "other"]
    means = [each.made[-1].mean for each in seen.iterations[-LOOKS:] if each.made]
    if seen.count < PATIENCE or len(means) < LOOKS or not reals:
        return None
    steps = [(new - old).square().mean().sqrt().item() for old, new in pairwise(means)]
    twice = [(new - old).square().mean().sqrt().item() for old, new in zip(means, means[2:], strict=False)]
    returns = sum(back < 0.5 * step for back, step in zip(twice, steps[1:], strict=True))
    wide = sum(step > WIDE * max(reals) for step in steps)
    if wide >= LOOKS - 2 and returns >= LOOKS - 3:
        return Found({"swing": f"{max(steps):.2g}", "real": f"{max(reals):.2g}"}, seen.push_line("G"))
    return None
