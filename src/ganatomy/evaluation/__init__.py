"""Scores of generated images: against which reals, by which metrics, with floors and intervals."""

from __future__ import annotations

from ganatomy.evaluation.evaluate import Evaluation, evaluate_images, evaluate_run
from ganatomy.evaluation.measures import MEASURES

__all__ = ["MEASURES", "Evaluation", "evaluate_images", "evaluate_run"]
