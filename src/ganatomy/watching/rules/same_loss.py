"""Both networks are trained with one and the same loss."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES, Iteration

SEVERITY = "error"
SURE = 0.6
HIDES = ("g-towards-fake", "wgan-sign", "labels-alike")


def check(seen: Evidence) -> Found | None:
    equal = [each for each in seen.iterations if len(each.losses) == 2]
    same = [each for each in equal if each.losses["D"] == each.losses["G"]]
    if len(same) >= 5 and len(same) >= 0.9 * len(equal):
        return Found({"iterations": len(same)}, same[-1].line)
    signs = [seen.direction(role, kind) for role in ROLES for kind in ("other", "fake")]
    d_real, d_fake, g_real, g_fake = signs
    # A relativistic G pushes the reals too, but down.
    if all(abs(sign) > SURE for sign in signs) and d_real * d_fake < 0 and d_real * g_real > 0 and d_fake * g_fake > 0:
        return Found({"iterations": len(seen.iterations)}, seen.push_line("G"))
    shared, tries = [], 0
    for each in seen.iterations:
        if each.steps("D") and each.steps("G"):
            tries += 1
            one = {number for step in each.steps("D") for number in step.used["D"]}
            two = {number for step in each.steps("G") for number in step.used["G"]}
            reals = {n for call in each.judged if call.kind != "fake" for n, _ in call.pushes}
            if one == two and len(one) == 1 and one & reals and not _opposes(each, one):
                shared.append(each)
    if len(shared) >= 3 and len(shared) >= 0.9 * tries:
        return Found({"iterations": len(shared)}, shared[-1].passes[-1].line)
    return None


def _opposes(each: Iteration, used: set[int]) -> bool:
    """Whether one backward pass of a sum holds both losses: D's on detached fakes and G's on the same, pushed the other way."""
    signs: dict[bool, float] = {}
    for call in each.judged:
        for number, push in call.pushes:
            if number in used and call.kind == "fake":
                signs[call.attached] = signs.get(call.attached, 0.0) + push.sum().item()
    return len(signs) == 2 and signs[True] * signs[False] < 0
