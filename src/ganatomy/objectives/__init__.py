"""Objectives: one file a loss; the file's name is the objective's name on the command line."""

from __future__ import annotations

from ganatomy.objectives.base import Batch, Critic, Objective
from ganatomy.plugin.registry import Registry

objectives: Registry[Objective] = Registry(
    "objective",
    Objective,  # type: ignore[type-abstract]
    "objectives",
    __name__,
    "ganatomy.lab.objectives",
)

__all__ = ["Batch", "Critic", "Objective", "objectives"]
