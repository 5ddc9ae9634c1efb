"""An optimiser lacks parameters of its network that receive gradients."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES, Role
from ganatomy.words import Words

SEVERITY = "error"
UNREGISTERED = Words(
    "they are not among {0}.parameters(), as layers in a plain list are not: use nn.ModuleList",
    "它们不在 {0}.parameters() 里，例如放在普通列表中的层：请用 nn.ModuleList",
)


def check(seen: Evidence) -> Found | None:
    if seen.count < 3:
        return None
    for role in ROLES:
        held = {
            id(each)
            for optimizer in seen.stepping[role]
            for group in optimizer.param_groups
            for each in group["params"]
        }
        named = dict(seen.networks[role].named_parameters())
        missing = [name for name in named if name in seen.graded[role] and id(named[name]) not in held]
        if held and missing and len(missing) < len(named):
            return _found(seen, role, len(missing), len(named), ", ".join(missing[:3]))
        if hidden := seen.unregistered[role]:
            why = Words(UNREGISTERED.en.format(role), UNREGISTERED.zh.format(role))
            return _found(seen, role, hidden, hidden + len(named), why)
    return None


def _found(seen: Evidence, role: Role, missing: int, total: int, names: str | Words) -> Found:
    return Found({"network": role, "missing": missing, "all": total, "names": names}, seen.last_line(role))
