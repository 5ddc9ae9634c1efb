"""G is trained on the same noise again and again."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    made = [call.source for _, call, _ in seen.pushed("G") if call.source is not None and call.source.noise]
    # Several calls may be of one iteration.
    iterations = {each.number for each, call, _ in seen.pushed("G") if call.source is not None and call.source.noise}
    if len(iterations) >= 4 and len({each.noise for each in made}) == 1:
        return Found({"iterations": len(iterations)}, made[-1].line)
    return None
