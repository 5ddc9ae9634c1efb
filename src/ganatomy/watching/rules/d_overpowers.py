"""D tells every real image from every fake, and G's gradient fades: a state, not a mistake."""

from __future__ import annotations

from statistics import median

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"
IS_STATE = True
PATIENCE = 100
LOOKS = 4
FADED = 0.02
"""Of the median of the first steps' gradients of G."""
HIDES = ("vanishing-gradient",)


def check(seen: Evidence) -> Found | None:
    slopes = [step.slope["G"] for step in seen.steps("G") if "G" in step.slope]
    if seen.count < PATIENCE or len(slopes) < 12 or seen.is_wasserstein:
        return None
    apart = []
    for each in seen.iterations[-LOOKS:]:
        reals = [call.scores.min().item() for call, _ in each.pushed("D") if call.kind == "other"]
        fakes = [call.scores.max().item() for call, _ in each.pushed("D") if call.kind == "fake"]
        apart.append(bool(reals and fakes and min(reals) > max(fakes)))
    first, last = median(slopes[:6]), max(slopes[-LOOKS:])
    if len(apart) == LOOKS and all(apart) and last < FADED * first:
        return Found({"last": f"{last:.1g}", "first": f"{first:.1g}", "looks": LOOKS}, seen.push_line("D"))
    return None
