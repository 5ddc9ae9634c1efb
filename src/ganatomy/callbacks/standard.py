"""The callbacks that every run has: progress, pictures of samples, TensorBoard, quick scores."""

from __future__ import annotations

import numpy as np

from ganatomy.callbacks.evaluation import QuickEvaluation
from ganatomy.callbacks.progress import progress
from ganatomy.callbacks.samples import Samples
from ganatomy.callbacks.tensorboard import TensorBoard
from ganatomy.data import Dataset
from ganatomy.runs.events import Callback


def standard(dataset: Dataset) -> list[Callback]:
    """Fresh ones for one run on that data."""
    limit = None if dataset.bounded else float(np.abs(dataset.images).max()) * 1.25
    return [progress(), Samples(limit), TensorBoard(limit), QuickEvaluation(dataset)]
