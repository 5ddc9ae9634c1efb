"""G's loss is computed on images without a graph, so that no gradient reaches G."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
HIDES = ("never-moves",)


def check(seen: Evidence) -> Found | None:
    if not any(parameter.requires_grad for parameter in seen.networks["G"].parameters()):
        return None  # never-moves: G is frozen
    lines, tries = [], 0
    for each in seen.iterations:
        if not each.steps("G") and "G" not in each.losses:
            continue
        tries += 1
        if not any("G" in this.reached for this in each.passes):
            judged = [call for call in each.judged if call.kind != "other"]
            if judged and each.made and not any(call.attached for call in judged):
                lines.append(judged[-1].line)
    if len(lines) >= 3 and len(lines) >= 0.9 * tries:
        return Found({"iterations": len(lines)}, lines[-1])
    return None
