"""An optimiser has the other network's parameters."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import OTHER

SEVERITY = "error"
HIDES = ("never-moves", "no-zero-grad", "fakes-attached", "labels-alike")


def check(seen: Evidence) -> Found | None:
    for role, other in OTHER.items():
        optimizer = seen.optimizers[role]
        if optimizer is None:
            continue
        held = {id(each) for group in optimizer.param_groups for each in group["params"]}
        own, others = ({id(each) for each in seen.networks[name].parameters()} for name in (role, other))
        if held & (others - own) and not held & own:
            return Found({"network": role, "other": other}, seen.last_line(other, optimizer))
    return None
