"""Callbacks: they watch a run (TensorBoard, samples, progress), and never steer it."""

from __future__ import annotations

from ganatomy.runs.events import Callback, Due, End, Milestone, Scores, Start, Step

__all__ = ["Callback", "Due", "End", "Milestone", "Scores", "Start", "Step"]
