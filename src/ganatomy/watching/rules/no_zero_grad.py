"""Gradients of a network are not cleared between two of its steps, so that they add up."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        steps = seen.steps(role)[1:]
        piled = [step for step in steps if not step.cleared[role] and len(step.used[role]) > 1]
        # Others that leave some steps out, on purpose, clear in between.
        if len(piled) >= 3 and len(piled) >= 0.9 * len(steps):
            return Found({"network": role, "steps": len(piled)}, piled[-1].line)
    return None
