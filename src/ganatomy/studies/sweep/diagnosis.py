"""What a run's curves show before its end: that it has collapsed, or that a network learns nothing any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PATIENCE = 3
"""Measurements in a row that must show the same."""

STILL = 1e-7
"""Euclidean norm of a whole gradient under which a network stands still. The lab's have from 1e-3 to 1e2 while they learn."""


EARLY = 0.5
"""The part of its budget in which a run may look collapsed: it has yet to learn any class."""


def diagnose(history: Sequence[Mapping[str, Any]], progress: float, classes: int | None) -> str | None:
    """Why a run is not worth its remaining budget, in a word; None where nothing shows.

    `collapsed`: at most a tenth of the classes, or one, at each of the last quick evaluations.
    `dead discriminator`, `dead generator`: its gradient is 0, for all purposes, in each of the last log lines.

    Args:
        history: the lines of history.jsonl.
        progress: how much of its budget the run has used, from 0 to 1.
        classes: of the data; None where it has none.
    """
    found = [line["metric/classes_found"] for line in history if "metric/classes_found" in line][-PATIENCE:]
    if classes and progress >= EARLY and len(found) == PATIENCE and max(found) <= max(1, classes // 10):
        return "collapsed"
    for network in ("discriminator", "generator"):
        norms = [line[f"grad/{network}"] for line in history if f"grad/{network}" in line][-PATIENCE:]
        if len(norms) == PATIENCE and max(norms) < STILL:
            return f"dead {network}"
    return None
