"""Nearly all units behind a ReLU are 0 for every image."""

from __future__ import annotations

from statistics import median

from torch import nn

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES

SEVERITY = "error"
DEAD = 0.9
FLAT = 1e-6
HIDES = ("no-signal", "lr-too-small", "vanishing-gradient")


def check(seen: Evidence) -> Found | None:
    for role in ROLES:
        dead: dict[str, list[float]] = {}
        numbers = set()
        for number, units in seen.units(role):
            numbers.add(number)
            dead.setdefault(units.layer, []).append(units.dead)
        for layer, shares in dead.items():
            is_dead = len(shares) >= 4 and len(numbers) >= 4 and median(shares) >= DEAD
            # Zeros that come out of zero weights are no-signal.
            if is_dead and not _has_flat_weights(seen.networks[role]):
                return Found({"network": role, "layer": layer, "dead": f"{median(shares):.0%}"})
    return None


def _has_flat_weights(network: nn.Module) -> bool:
    return any(each.ndim > 1 and len(each) > 1 and bool(each.std() < FLAT) for each in network.parameters())
