"""What a claim can measure on a finished run, by name: `{ measure = "swing", of = "loss/generator" }`.

A measure is a function of the run. The arguments after it are set in the claim's file. All scores of
`ganatomy evaluate` are measures too, and so are those of `group_measures`, which look at several runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ganatomy.probes import curves, gradients, inputs, sharpness, units, weights
from ganatomy.probes.discrimination import discrimination, scores
from ganatomy.runs.run import Run

RunMeasure = Callable[..., float | None]

RUN_MEASURES: dict[str, RunMeasure] = {}


def run_measure(name: str) -> Callable[[RunMeasure], RunMeasure]:
    """Register a function of a run under a name."""

    def register(function: RunMeasure) -> RunMeasure:
        RUN_MEASURES[name] = function
        return function

    return register


# ---- the discriminator


@run_measure("auc")
def auc(run: Run, images: int = 1000) -> float:
    """The chance that D scores a training image above a generated one, at the end of the run."""
    return discrimination(run, images).auc_training


@run_measure("AUC gap")
def auc_gap(run: Run, images: int = 1000) -> float | None:
    """The AUC on training images less the AUC on held-out ones."""
    return discrimination(run, images).gap


@run_measure("dead units")
def dead_units(run: Run) -> float:
    """The share of D's units that no image activates."""
    return units.dead_units(run).dead


@run_measure("outside [0, 1]")
def outside(run: Run) -> float:
    """The share of D's raw outputs, on real and generated images alike, that are outside [0, 1]."""
    found = np.concatenate([scores(run, images) for images in (inputs.real(run, 1000), inputs.generated(run, 1000))])
    return float(((found < 0) | (found > 1)).mean())


@run_measure("at the bound")
def at_the_bound(run: Run) -> float | None:
    """The share of the critic's weights that are at the clipping bound."""
    return weights.clipped_weights(run).share


# ---- gradients


@run_measure("gradient")
def gradient(run: Run) -> float:
    """The size of the gradient of G's loss at G's images."""
    return gradients.generator_gradient(run)


@run_measure("slope")
def slope(run: Run) -> float:
    """The mean size of D's gradient between real and generated images."""
    return gradients.slope(run).mean


@run_measure("decades")
def decades(run: Run) -> float | None:
    """By how many powers of ten the gradient changes from the critic's last hidden layer to its first."""
    ratio = gradients.layer_gradients(run).first_over_last
    return None if not ratio else math.log10(ratio)


# ---- images


@run_measure("sharpness")
def sharpness_ratio(run: Run) -> float:
    """The sharpness of the images over that of real ones."""
    return sharpness.texture(run).sharpness


@run_measure("sharpness off")
def sharpness_off(run: Run) -> float:
    """How far the images' sharpness is from the real ones', as a factor: |ln ratio|, 0 if they are alike.

    Both blur and noise add to it; the ratio alone would call noise sharp.
    """
    return abs(math.log(max(sharpness.texture(run).sharpness, 1e-6)))


@run_measure("speckle")
def speckle(run: Run) -> float:
    """The speckle of the images over that of real ones."""
    return sharpness.texture(run).speckle


# ---- the history: `of` is a key of the log, "loss/generator", or of the quick evaluations, "metric/fid"


def _records(run: Run, of: str) -> Sequence[dict[str, Any]]:
    return run.scores if of.startswith("metric/") else run.history


@run_measure("seconds")
def seconds(run: Run) -> float:
    """Seconds of training."""
    return float(run.history[-1]["seconds"])


@run_measure("mean")
def mean(run: Run, of: str, last: float = 0.1) -> float | None:
    """The mean over the last part of the run."""
    return curves.end_mean(_records(run, of), of, last)


@run_measure("swing")
def swing(run: Run, of: str, last: float = 0.5) -> float | None:
    """The standard deviation over the mean size, in the last part of the run."""
    return curves.swing(_records(run, of), of, last)


@run_measure("trend")
def trend(run: Run, of: str) -> float | None:
    """The rank correlation with the update."""
    return curves.trend(_records(run, of), of)


@run_measure("against the trend")
def against_the_trend(run: Run, of: str) -> float | None:
    """The share of changes from one record to the next that go against the trend."""
    return curves.share_against_trend(_records(run, of), of)


@run_measure("drift")
def drift(run: Run, of: str = "loss/discriminator") -> float | None:
    """How far the mean moves from the third quarter of the run to the last, relative to the third's."""
    history = _records(run, of)
    last = curves.end_mean(history, of, 0.25)
    third = curves.end_mean(history[: 3 * len(history) // 4], of, 1 / 3)
    return None if last is None or not third else abs(last - third) / abs(third)


@run_measure("mean log2 fid")
def mean_log2_fid(run: Run) -> float | None:
    """The mean of log2 FID over the quick evaluations during training: low if the images are good early."""
    values = [record["metric/fid"] for record in run.scores if record.get("metric/fid") is not None]
    if not values or min(values) <= 0 or not all(map(math.isfinite, values)):
        return None
    return sum(map(math.log2, values)) / len(values)


@run_measure("critic's estimate")
def critics_estimate(run: Run) -> float | None:
    """The critic's estimate of the distance (minus its loss), a mean over the last tenth of the run."""
    loss = curves.end_mean(run.history, "loss/discriminator")
    return None if loss is None else -loss


@run_measure("within a run")
def within_a_run(run: Run) -> float | None:
    """Spearman's rank correlation of the critic's estimate (minus its loss) with FID over the quick evaluations."""
    found = curves.loss_against_metric(run.history, run.scores, "loss/discriminator", "metric/fid")
    return None if found is None else -found
