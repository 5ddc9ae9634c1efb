"""D returns as many numbers as an image has pixels."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
LEAST = 64


def check(seen: Evidence) -> Found | None:
    calls = [call for each in seen.iterations for call in each.judged]
    wide = [call for call in calls if call.scores.shape[1] == call.pixels and call.pixels >= LEAST]
    if len(wide) >= 3 and len(wide) == len(calls):
        return Found({"outputs": wide[-1].scores.shape[1]}, wide[-1].line)
    return None
