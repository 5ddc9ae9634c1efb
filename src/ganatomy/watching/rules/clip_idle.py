"""The clipping of a WGAN changes no weight."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
LAST = 5
PATIENCE = 100
"""Iterations in which weights may still grow to the bound."""


def check(seen: Evidence) -> Found | None:
    if not seen.is_wasserstein or seen.penalises or seen.is_constrained or len(seen.written("D")) < 5:
        return None
    if seen.count < PATIENCE or seen.clipping is None or seen.is_clipped("D") or seen.is_clipped("G"):
        return None
    if any(each.changed for each in seen.written("D")[-LAST:]):
        return None
    largest = max(each.largest for each in seen.written("D"))
    return Found({"largest": f"{largest:.2g}", "steps": len(seen.written("D"))}, seen.clipping)
