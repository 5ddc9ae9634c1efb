"""A loss, a score or a weight is infinite or not a number."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    if seen.not_finite is None:
        return None
    number, what, line = seen.not_finite
    return Found({"iteration": number, "what": what}, line)
