"""Objectives: one file a loss; the file's name is the objective's name on the command line."""

from __future__ import annotations

from ganatomy.objectives.base import Critic, Objective
from ganatomy.plugins import Plugins

objectives: Plugins[Objective] = Plugins("objective", __name__, Objective)  # type: ignore[type-abstract]

__all__ = ["Critic", "Objective", "objectives"]
