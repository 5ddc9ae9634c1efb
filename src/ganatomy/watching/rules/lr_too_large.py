"""A step changes the weights by a large part of themselves."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"
HIDES = ("lr-too-small", "dead-relus", "no-signal")
LARGE = 0.3


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        changes = [step.change[role] for step in seen.steps(role) if role in step.change]
        if changes and max(changes[:10]) > LARGE:
            rates = [group["lr"] for optimizer in seen.stepping[role] for group in optimizer.param_groups]
            facts = {"network": role, "lr": f"{max(rates, default=0.0):.1g}", "change": f"{max(changes[:10]):.0%}"}
            return Found(facts, seen.last_line(role))
    return None
