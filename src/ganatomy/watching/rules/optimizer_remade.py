"""An optimiser is made anew in each iteration, so that its moments are lost."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        numbers = [step.optimizer for step in seen.steps(role)]
        if len(numbers) >= 5 and len(set(numbers)) >= 0.9 * len(numbers):
            return Found(
                {"network": role, "optimizers": len(set(numbers)), "steps": len(numbers)}, seen.last_line(role)
            )
    return None
