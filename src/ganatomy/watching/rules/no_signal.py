"""From the beginning D's scores, or G's images, hardly depend on what they are made from."""

from __future__ import annotations

from torch import Tensor, nn

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import ROLES, Judged

SEVERITY = "error"
HIDES = ("lr-too-small",)
TINY = 1e-6
EDGE = 0.999
MOST_DROPPED = 0.95


def check(seen: Evidence) -> Found | None:
    first = seen.iterations[:3]
    scores = [call for each in first for call in each.judged]
    flat = [call for call in scores if _is_flat(call.scores)]
    if len(scores) >= 3 and len(flat) == len(scores) and not _is_saturated(flat):
        return Found({"network": "D", "spread": f"{flat[-1].scores.std().item():.1e}"}, flat[-1].line)
    made = [call for each in first for call in each.made if call.size > 1]
    if len(made) >= 3 and all(call.spread < TINY for call in made) and made[0].high < EDGE and made[0].low > -EDGE:
        return Found({"network": "G", "spread": f"{made[-1].spread:.1e}"}, made[-1].line)
    for role in ROLES:
        for name, module in seen.networks[role].named_modules():
            if isinstance(module, nn.modules.dropout._DropoutNd) and module.p >= MOST_DROPPED:
                return Found({"network": role, "spread": f"Dropout(p={module.p}) ({name})"})
    return None


def _is_flat(scores: Tensor) -> bool:
    return len(scores) > 1 and bool(scores.std(0).max() <= TINY * (1 + scores.abs().max()))


def _is_saturated(calls: list[Judged]) -> bool:
    return any(call.ends_in in ("Sigmoid", "Tanh") and call.scores.abs().sub(0.5).abs().min() > 0.499 for call in calls)
