"""An optimiser lacks parameters of its network that receive gradients."""

from __future__ import annotations

from torch import nn
from torch.optim import Optimizer

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES, Role
from ganatomy.watching.texts import TEXTS
from ganatomy.words import Words, filled

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    if seen.count < 3:
        return None
    for role in ROLES:
        held = {id(each) for optimizer in seen.stepping[role] for each in _held(optimizer)}
        named = dict(seen.networks[role].named_parameters())
        missing = [name for name in named if name in seen.graded[role] and id(named[name]) not in held]
        if held and missing and len(missing) < len(named):
            return _found(seen, role, len(missing), len(named), ", ".join(missing[:3]))
        known = held | {id(each) for network in seen.networks.values() for each in network.parameters()}
        known |= {id(each) for other in ROLES for optimizer in seen.stepping[other] for each in _held(optimizer)}
        hidden = len(seen.used[role].keys() - known)
        if hidden:
            why = filled(TEXTS["missing-parameters.unregistered"], network=role)
            return _found(seen, role, hidden, hidden + len(named), why)
    return None


def _found(seen: Evidence, role: Role, missing: int, total: int, names: str | Words) -> Found:
    return Found({"network": role, "missing": missing, "all": total, "names": names}, seen.last_line(role))


def _held(optimizer: Optimizer) -> list[nn.Parameter]:
    return [each for group in optimizer.param_groups for each in group["params"]]
