"""The critic is clipped to weights so small that its scores hardly depend on the images."""

from __future__ import annotations

from statistics import median

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
CRUSHING = 2e-3
FLAT = 1e-6


def check(seen: Evidence) -> Found | None:
    if not seen.is_clipped("D"):
        return None
    bound = seen.written("D")[-1].largest
    later = [call for each in seen.iterations[1:] for call in each.judged if len(call.scores) > 1]
    if later and bound < CRUSHING and median(call.scores.std().item() for call in later) < FLAT:
        return Found(
            {"bound": f"{bound:.1g}", "spread": f"{later[-1].scores.std().item():.1e}"},
            seen.clipping or seen.last_line("D"),
        )
    return None
