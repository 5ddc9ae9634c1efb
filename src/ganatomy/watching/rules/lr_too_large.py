"""The first steps make the weights many times as large as they were initialised."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"
STEPS = 10
LARGE = 5.0
"""Growth of the weight matrices in these steps. Of RMSprop's first step at a usual rate, ten times that rate, it is 2."""
HIDES = ("lr-too-small", "dead-relus", "no-signal")


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        growth = [step.change[role][1] for step in seen.steps(role) if role in step.change][:STEPS]
        if growth and max(growth) > LARGE:
            rates = [group["lr"] for optimizer in seen.stepping[role] for group in optimizer.param_groups]
            facts = {"network": role, "lr": f"{max(rates, default=0.0):.1g}", "growth": f"{max(growth):.0f}"}
            return Found({**facts, "steps": len(growth)}, seen.last_line(role))
    return None
