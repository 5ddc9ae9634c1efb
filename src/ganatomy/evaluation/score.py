"""From images to scores: the one way, for runs, files, evaluations while training, the ladder and the floors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ganatomy.evaluation.measures import MEASURES, Judged, Measure, Reals, Values, compute
from ganatomy.features import Extractor
from ganatomy.metrics import bootstrap


@dataclass(frozen=True)
class Measured:
    """The metrics of one set of images."""

    values: dict[str, float]
    replicates: Values
    """{metric: B numbers}: each the metric of images drawn anew, with replacement."""
    predicted: np.ndarray | None
    """The class of each image; None where the extractor knows no classes."""
    bounds: dict[str, tuple[float, float]]
    """{metric: the least and the greatest value that it can have}."""

    def interval(self, metric: str) -> tuple[float, float]:
        """The 95 % interval of a metric over its replicates.

        Raises:
            UsageError: there are fewer than two.
        """
        return bootstrap.interval(self.values[metric], self.replicates[metric], bounds=self.bounds[metric])


def score(
    images: np.ndarray, extractor: Extractor, reals: Reals, measures: Iterable[Measure], replicates: int = 0
) -> Measured:
    """The metrics of images, N x H x W x C uint8, or of points, N x 1 x 1 x 2 float32, against real ones.

    Args:
        replicates: of the bootstrap, for intervals; 0 for the values alone. They are the same for the same N.
    """
    features, probabilities = extractor.features_and_classes(images)
    # The first column is of the images as they are.
    counts = np.ones((len(images), 1))
    if replicates:
        counts = np.column_stack([counts, bootstrap.draws(len(images), replicates, seed=0)])
    judged = Judged(images, features, probabilities, counts)
    found = compute(measures, reals, judged)
    return Measured(
        values={name: float(each[0]) for name, each in found.items()},
        replicates={name: each[1:] for name, each in found.items()},
        predicted=None if probabilities is None else judged.predicted,
        bounds={name: MEASURES[name].bounds(reals) for name in found},
    )
