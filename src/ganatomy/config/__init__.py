"""A run's settings: from a recipe and changes to them, to one checked `Config`, and what the data decides."""

from __future__ import annotations

from ganatomy.config.config import (
    LENGTHS,
    Config,
    LearningRate,
    NetworkOptimizer,
    Optimizer,
    Setting,
    Train,
    Tree,
    flat,
    settings,
    tree,
)

__all__ = [
    "LENGTHS",
    "Config",
    "LearningRate",
    "NetworkOptimizer",
    "Optimizer",
    "Setting",
    "Train",
    "Tree",
    "flat",
    "settings",
    "tree",
]
