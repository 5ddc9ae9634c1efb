"""An optimiser's steps are so small that the weights do not move."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"
TINY = 2e-5
LOW = 1e-5


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        changes = [step.change[role][0] for step in seen.steps(role) if step.slope.get(role)]
        # While a schedule warms up, the rate is what it leads to.
        rates = [
            max(float(group["lr"]), float(group.get("initial_lr", 0.0)))
            for optimizer in seen.stepping[role]
            for group in optimizer.param_groups
        ]
        # With a usual rate the cause is the gradient.
        if len(changes) >= 5 and max(changes) < TINY and max(rates, default=1.0) < LOW:
            facts = {"network": role, "lr": f"{max(rates, default=0.0):.1g}", "change": f"{max(changes):.1g}"}
            return Found(facts, seen.last_line(role))
    return None
