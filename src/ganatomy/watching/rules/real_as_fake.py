"""D is given the same real images as real and as fake."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
HIDES = ("clip-idle", "clip-missing")


def check(seen: Evidence) -> Found | None:
    lines, tries = [], 0
    for each in seen.iterations:
        calls = [(call, push) for call, push in each.pushed("D") if call.kind == "other"]
        if not calls:
            continue
        tries += 1
        up = {call.digest for call, push in calls if push.sum() < 0}
        down = {call.digest: call.line for call, push in calls if push.sum() > 0}
        both = up & down.keys()
        if both and not any(call.kind != "other" for call, _ in each.pushed("D")):
            lines.append(down[both.pop()])
    if len(lines) >= 3 and len(lines) >= 0.8 * tries:
        return Found({"iterations": len(lines)}, lines[-1])
    return None
