"""D's loss has no gradient of its scores of the fakes: D learns from the reals alone."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    lines, tries = [], 0
    for each in seen.iterations:
        pushed = [call for call, _ in each.pushed("D")]
        if not pushed or not each.steps("D"):
            continue
        tries += 1
        silent = [call for call in each.judged if call.kind == "fake" and not call.pushes]
        if all(call.kind == "other" for call in pushed) and silent:
            lines.append(silent[0].line)
    if len(lines) >= 3 and len(lines) >= 0.9 * tries:
        return Found({"iterations": len(lines)}, lines[-1])
    return None
