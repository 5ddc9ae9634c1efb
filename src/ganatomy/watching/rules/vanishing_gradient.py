"""The gradient that reaches G has vanished: a state, not a mistake."""

from __future__ import annotations

from statistics import median

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"
IS_STATE = True
PATIENCE = 100
VANISHED = 1e-3
"""Of the median of the first steps' gradients."""


def check(seen: Evidence) -> Found | None:
    slopes = [step.slope["G"] for step in seen.steps("G") if "G" in step.slope]
    if seen.count < PATIENCE or len(slopes) < 12:
        return None
    first, last = median(slopes[:6]), max(slopes[-4:])
    if last < VANISHED * first:
        return Found({"last": f"{last:.1g}", "first": f"{first:.1g}"}, seen.push_line("G"))
    return None
