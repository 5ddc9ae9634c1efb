"""The gradients are cleared after the backward pass and before the step, which then does nothing."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"
HIDES = ("never-moves", "clip-missing", "clip-idle")


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        steps = seen.steps(role)
        wiped = [step for step in steps if step.wiped[role]]
        if len(wiped) >= 3 and len(wiped) >= 0.9 * len(steps):
            return Found({"network": role, "steps": len(wiped)}, wiped[-1].line)
    return None
