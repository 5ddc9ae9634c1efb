"""A network is never updated: no step of an optimiser, or no parameter that requires a gradient."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import OTHER
from ganatomy.watching.texts import TEXTS

SEVERITY = "error"
PATIENCE = 50
LAST = 5


def check(seen: Evidence) -> Found | None:
    if seen.count < PATIENCE:
        return None
    for role, other in OTHER.items():
        parameters = list(seen.networks[role].parameters())
        changes = [step.change[role][0] for step in seen.steps(role)[-LAST:] if role in step.change]
        frozen = not any(parameter.requires_grad for parameter in parameters) and not any(each > 0 for each in changes)
        reached = any(role in this.reached for each in seen.iterations[-LAST:] for this in each.passes)
        if frozen and not reached and seen.steps_of[other]:
            return Found({"network": role, "iterations": seen.count, "reason": TEXTS["never-moves.frozen"]})
        if not seen.steps_of[role] and seen.steps_of[other] and reached:
            return Found({"network": role, "iterations": seen.count, "reason": TEXTS["never-moves.no-step"]})
    return None
