"""G's images have become alike: a state, not a mistake."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"
IS_STATE = True
PATIENCE = 100
ALIKE = 0.1
"""Spread of G's images over that of the reals, under which they are alike."""
FALLEN = 0.25
"""Of the largest spread that they had: an untrained G's images are alike, too."""


def check(seen: Evidence) -> Found | None:
    made = [call for each in seen.iterations for call in each.made if call.size > 1 and call.training]
    reals = [call.spread for each in seen.iterations for call in each.judged if call.kind == "other"]
    if seen.count < PATIENCE or len(made) < 12 or not reals:
        return None
    real, best = max(reals), max(call.spread for call in made)
    last = max(call.spread for call in made[-6:])
    if last < ALIKE * real and last < FALLEN * best:
        return Found({"spread": f"{last:.2g}", "real": f"{real:.2g}", "before": f"{best:.2g}"}, made[-1].line)
    return None
