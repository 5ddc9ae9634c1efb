"""A network is trained while its BatchNorm or Dropout is in eval mode."""

from __future__ import annotations

from collections.abc import Sequence

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found
from ganatomy.watching.seen import Judged, Made

SEVERITY = "error"
LAST = 4
"""Iterations that must all show it: training mode may come and go."""


def check(seen: Evidence) -> Found | None:
    of_g = [(each.number, call.source) for each, call, _ in seen.pushed("G") if call.source is not None]
    of_d = [(each.number, call) for each, call, _ in seen.pushed("D")]
    if wrong := _last(of_g):
        return Found({"network": "G", "calls": len(wrong)}, wrong[-1].line)
    if wrong := _last(of_d):
        return Found({"network": "D", "calls": len(wrong)}, wrong[-1].line)
    return None


def _last(calls: Sequence[tuple[int, Made | Judged]]) -> list[Made | Judged]:
    """The calls of the last iterations, if all of them were in eval mode; else none."""
    numbers = sorted({number for number, _ in calls})[-LAST:]
    found = [call for number, call in calls if number in numbers]
    return found if len(numbers) == LAST and not any(call.training for call in found) else []
