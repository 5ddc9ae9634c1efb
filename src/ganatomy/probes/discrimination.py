"""How well the discriminator separates real images from generated ones, those that it trained on and others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from ganatomy.arrays import to_numpy
from ganatomy.probes import inputs
from ganatomy.runs.run import Run


@dataclass(frozen=True)
class Discrimination:
    """How D's scores of real images lie to those of generated ones."""

    auc_training: float
    """For real images that D trained on: the chance that one of them scores above a generated one, 0 to 1, ties being
    half. 0.5: D cannot tell.
    """
    auc_held_out: float | None
    """The same for real images that D never saw; None where the data has none of its own."""
    accuracy: float | None
    """Share classified rightly at D(x) = 1/2, the mean of the training images' and the generated ones'; None where D has no
    probability.
    """
    accuracy_held_out: float | None
    """The same with real images that D never saw."""

    @property
    def gap(self) -> float | None:
        """`auc_training` less `auc_held_out`: above 0, D knows images by heart. None without held-out images."""
        return None if self.auc_held_out is None else self.auc_training - self.auc_held_out


def discrimination(run: Run, n: int = 1000) -> Discrimination:
    """How well D separates n generated images from n training images, and from n held-out ones (as many as there are).

    The score of a D that returns one a pixel is their mean. The area under the ROC curve asks for the order of scores
    alone, so it compares a critic with a D that returns probabilities; the accuracy depends on where D sets its threshold
    as well.

    An area near 0.5 comes of a good generator or of a bad discriminator: it cannot tell which, nor can a high one tell
    how far apart the images are. Generated images are new to D in all cases, so a D that knows its training images by
    heart has a high area on them alone. Where the objective asks D for something else than real or not (the brightness,
    the image itself), the numbers say how well that happens to separate the two.

    Raises:
        UsageError: more images than there are, or a run that was not loaded with its last weights.
        GanatomyError: the data is not the run's.
    """
    fake, training = scores(run, inputs.generated(run, n)), scores(run, inputs.real(run, n))
    others = inputs.held_out(run, n)
    held_out = None if others is None else scores(run, others)
    probable = run.config.objective.probability
    return Discrimination(
        auc_training=auc(training, fake),
        auc_held_out=None if held_out is None else auc(held_out, fake),
        accuracy=accuracy(training, fake) if probable else None,
        accuracy_held_out=accuracy(held_out, fake) if probable and held_out is not None else None,
    )


@torch.no_grad()
def scores(run: Run, images: Tensor) -> np.ndarray:
    """D's raw score of each image, N x C x H x W in its range: N float32; the mean where it returns one a pixel."""
    discriminator = inputs.judge(run)
    return torch.cat([discriminator(batch).mean(1) for batch in inputs.batches(run, images)]).numpy()


def auc(real: Any, fake: Any) -> float:
    """The area under the ROC curve of two sets of scores: P(real > fake) + P(real = fake) / 2, 0 to 1."""
    real, fake = to_numpy(real), to_numpy(fake)
    is_real = np.concatenate([np.ones(len(real)), np.zeros(len(fake))])
    return float(roc_auc_score(is_real, np.concatenate([real, fake])))


def accuracy(real: Any, fake: Any) -> float:
    """The mean of the share of real scores above 0, where a probability is 1/2, and that of fake ones at 0 or below."""
    real, fake = to_numpy(real), to_numpy(fake)
    return float(((real > 0).mean() + (fake <= 0).mean()) / 2)
