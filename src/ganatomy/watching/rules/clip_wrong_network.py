"""The weights of G are clipped, and not those of the critic."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    if seen.is_wasserstein and seen.is_clipped("G") and not seen.is_clipped("D"):
        return Found({"bound": f"{seen.written('G')[-1].largest:.2g}"}, seen.clipping or seen.last_line("G"))
    return None
