"""G's step uses gradients of D's loss, which the attached fakes let through."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import Iteration

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    spoilt, steps = [], 0
    for each in seen.iterations:
        of_d = {this.number for this in each.passes if this.role == "D"}
        of_g = {this.number for this in each.passes if this.role == "G"}
        for step in each.steps("G"):
            steps += 1
            used = set(step.used["G"])
            if (of_d & used and of_g & used) or _helps(each, used):
                spoilt.append(step)
    if len(spoilt) >= 3 and len(spoilt) >= 0.9 * steps:
        return Found({"steps": len(spoilt)}, spoilt[-1].line)
    return None


def _helps(each: Iteration, used: set[int]) -> bool:
    """Whether one backward pass for both networks pushes the fakes' scores down and the reals' up: G descends D's loss."""
    if len(used) != 1 or not any(used <= set(step.used["D"]) for step in each.steps("D")):
        return False
    pushes = [(call, push) for call in each.judged for number, push in call.pushes if number in used]
    down = [push for call, push in pushes if call.kind == "fake" and call.attached]
    up = [push for call, push in pushes if call.kind == "other"]
    return bool(down) and bool(up) and all(each.sum() > 0 for each in down) and all(each.sum() < 0 for each in up)
