"""A network is never updated: no step of an optimiser, or no parameter that requires a gradient."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import OTHER
from ganatomy.words import Words

SEVERITY = "error"
PATIENCE = 50
LAST = 5
FROZEN = Words("none of its parameters requires a gradient", "它的参数都不需要梯度（requires_grad=False）")
NO_STEP = Words("no optimizer made a step with its parameters", "没有任何优化器用它的参数执行过 step()")


def check(seen: Evidence) -> Found | None:
    if seen.count < PATIENCE:
        return None
    for role, other in OTHER.items():
        parameters = list(seen.networks[role].parameters())
        frozen = not any(parameter.requires_grad for parameter in parameters)
        reached = any(role in this.reached for each in seen.iterations[-LAST:] for this in each.passes)
        if frozen and not reached and seen.steps_of[other]:
            return Found({"network": role, "iterations": seen.count, "reason": FROZEN})
        if not seen.steps_of[role] and seen.steps_of[other] and reached:
            return Found({"network": role, "iterations": seen.count, "reason": NO_STEP})
    return None
