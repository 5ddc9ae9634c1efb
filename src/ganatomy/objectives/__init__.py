"""Objectives: one file a loss; the file's name is the objective's name on the command line."""

from __future__ import annotations

from ganatomy.objectives.base import Critic, Objective
from ganatomy.plugin.registry import Registry

objectives: Registry[Objective] = Registry("objective", Objective, __name__, "ganatomy.lab.objectives")  # type: ignore[type-abstract]

__all__ = ["Critic", "Objective", "objectives"]
