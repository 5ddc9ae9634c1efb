"""G minimises log(1 - D(G(z))), whose gradient vanishes where D is sure."""

from __future__ import annotations

import torch
from torch import Tensor

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"


def check(seen: Evidence) -> Found | None:
    calls = [(call, push) for _, call, push in seen.pushed("G") if call.kind == "fake" and call.scores.shape[1] == 1]
    if len(calls) < 5:
        return None
    scores = torch.cat([call.scores for call, _ in calls]).flatten()
    # Sizes of batches may differ, and losses are means over them.
    slopes = torch.cat([push * len(push) for _, push in calls]).flatten()
    of_probability = all(call.ends_in == "Sigmoid" for call, _ in calls)
    probability = scores if of_probability else scores.sigmoid()
    if not bool((slopes < 0).all()) or probability.std() < 1e-3:
        return None
    shape = 1 / (1 - probability).clamp_min(1e-6) if of_probability else probability
    usual = 1 / probability.clamp_min(1e-6) if of_probability else 1 - probability
    if _is_constant(slopes / shape) and not _is_constant(slopes / usual):
        return Found({"probability": f"{probability.median().item():.2g}"}, calls[-1][0].line)
    return None


def _is_constant(ratio: Tensor) -> bool:
    return bool(ratio.std() < 0.01 * ratio.mean().abs())
