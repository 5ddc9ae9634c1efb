"""A clipped WGAN is trained with momentum."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"
HIGH = 0.4


def check(seen: Evidence) -> Found | None:
    if not (seen.is_wasserstein and seen.is_clipped("D")):
        return None
    for optimizer in seen.stepping["D"]:
        group = optimizer.param_groups[0]
        momentum = float(group.get("betas", (group.get("momentum", 0.0),))[0])
        if momentum >= HIGH:
            return Found({"optimizer": type(optimizer).__name__, "momentum": f"{momentum:.2g}"}, seen.last_line("D"))
    return None
