"""D's loss asks the same of reals and of fakes, so that it does not learn to tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

from torch import Tensor

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import Judged

SEVERITY = "error"
SAME = 1e-3
"""Difference of two targets, image by image, that is rounding."""
SATURATED = 1e-5
LOOKS = 5


def check(seen: Evidence) -> Found | None:
    hits = tries = 0
    shown = 0.0
    for each in seen.iterations:
        last: dict[str, tuple[Judged, Tensor]] = {call.kind: (call, push) for call, push in each.pushed("D")}
        if not {"other", "fake"} <= last.keys() or last["other"][1].shape != last["fake"][1].shape:
            continue
        tries += 1
        pairs = zip(_targets(*last["other"]), _targets(*last["fake"]), strict=True)
        alike = [real for real, fake in pairs if bool((real - fake).abs().max() < SAME)]
        if alike:
            hits, shown = hits + 1, alike[0].mean().item()
    if hits >= LOOKS and hits >= 0.9 * tries:
        return Found({"target": f"{shown:.2g}", "looks": hits}, seen.push_line("D"))
    return None


def _targets(call: Judged, push: Tensor) -> Iterator[Tensor]:
    """What D should have said, if its loss is the mean cross-entropy of probabilities or of logits, or a mean square."""
    slope = push * push.numel()
    probability = call.scores if call.ends_in == "Sigmoid" else call.scores.sigmoid()
    # Where a probability is 0 or 1 its slope is cut off, and tells no target: NaN is near nothing.
    spread = probability * (1 - probability)
    yield (probability - slope * spread).where(spread > SATURATED, nan)
    yield probability - slope
    yield call.scores - slope / 2
