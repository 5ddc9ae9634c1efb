"""Callbacks: they watch a run (TensorBoard, samples, progress), and never steer it."""

from __future__ import annotations

from ganatomy.callbacks.base import Callback, End, Milestone, Start, Step

__all__ = ["Callback", "End", "Milestone", "Start", "Step"]
