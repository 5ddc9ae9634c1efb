"""Nearly all units behind a ReLU are 0 for every image."""

from __future__ import annotations

from statistics import median

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"
DEAD = 0.9
FLAT = 1e-6
HIDES = ("no-signal", "lr-too-small", "vanishing-gradient")


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        if any(each.ndim > 1 and len(each) > 1 and each.std() < FLAT for each in seen.networks[role].parameters()):
            continue  # no-signal: zeros come out of zero weights
        dead: dict[str, list[float]] = {}
        numbers = set()
        for number, units in seen.units(role):
            numbers.add(number)
            dead.setdefault(units.layer, []).append(units.dead)
        for layer, shares in dead.items():
            if len(shares) >= 4 and len(numbers) >= 4 and median(shares) >= DEAD:
                return Found({"network": role, "layer": layer, "dead": f"{median(shares):.0%}"})
    return None
