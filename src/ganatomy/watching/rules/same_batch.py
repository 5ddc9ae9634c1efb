"""D is given one and the same batch of reals again and again."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"


def check(seen: Evidence) -> Found | None:
    reals = []
    for each in seen.iterations:
        calls = [call for call, _ in each.pushed("D") if call.kind == "other"]
        if calls:
            reals.append(calls[0])
    if len(reals) >= 5 and len({call.digest for call in reals}) == 1:
        return Found({"iterations": len(reals)}, reals[-1].line)
    return None
