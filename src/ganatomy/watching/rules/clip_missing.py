"""A Wasserstein loss without anything that bounds the slope of the critic."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    if not seen.is_wasserstein or seen.penalises or seen.is_constrained or len(seen.written("D")) < 5:
        return None
    if seen.is_clipped("D") or seen.is_clipped("G") or seen.clipping is not None:
        return None
    largest = max(each.largest for each in seen.written("D"))
    return Found({"largest": f"{largest:.2g}"}, seen.last_line("D"))
