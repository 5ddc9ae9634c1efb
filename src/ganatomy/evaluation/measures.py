"""The metrics by name: what each needs, which way is better, and how it is computed from features."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ganatomy.errors import UsageError, nearest
from ganatomy.evaluation.pixels import flat
from ganatomy.metrics import frechet, kernel, modes, novelty, prdc


@dataclass(frozen=True)
class Mixture:
    """The known truth of 2-D data."""

    centres: np.ndarray
    sigma: float


@dataclass(frozen=True)
class Reals:
    """What generated images are held against."""

    features: np.ndarray
    """n x d."""
    training: np.ndarray
    """All training images: what a memorising generator would copy."""
    compared: np.ndarray
    """Indices of those that copies are looked for among."""
    class_shares: np.ndarray | None
    """Share of each class among all training images; None where the extractor knows no classes."""
    mixture: Mixture | None


@dataclass(frozen=True)
class Judged:
    """Images to be scored: generated ones, or held-out reals for the floor."""

    images: np.ndarray
    features: np.ndarray
    probabilities: np.ndarray | None
    counts: np.ndarray
    """n x (1 + B): the first column is all ones, for the value; the others are the bootstrap's draws."""

    @property
    def predicted(self) -> np.ndarray:
        """The class of each image."""
        assert self.probabilities is not None
        return np.asarray(self.probabilities.argmax(axis=1))


Values = dict[str, np.ndarray]
"""{metric: 1 + B numbers: its value, and that of each replicate}."""


def _fid(reals: Reals, judged: Judged) -> Values:
    return {"fid": frechet.replicates(reals.features, judged.features, judged.counts)}


def _kid(reals: Reals, judged: Judged) -> Values:
    return {"kid": kernel.replicates(reals.features, judged.features, judged.counts)}


def _prdc(reals: Reals, judged: Judged) -> Values:
    point, drawn = prdc.prdc_with_replicates(reals.features, judged.features, judged.counts[:, 1:])
    return {
        name: np.concatenate([[getattr(point, name)], getattr(drawn, name)])
        for name in ("precision", "recall", "density", "coverage")
    }


def _classes(reals: Reals, judged: Judged) -> Values:
    assert reals.class_shares is not None
    assert judged.probabilities is not None
    return {
        "classes_found": modes.classes_found_replicates(judged.predicted, reals.class_shares, judged.counts),
        "class_kl": modes.class_kl_replicates(judged.predicted, reals.class_shares, judged.counts),
        "classifier_score": modes.classifier_score_replicates(judged.probabilities, judged.counts),
    }


def _mixture(reals: Reals, judged: Judged) -> Values:
    assert reals.mixture is not None
    drawn = modes.mixture_replicates(judged.features, reals.mixture.centres, reals.mixture.sigma, judged.counts)
    return {"modes_found": drawn.found, "high_quality": drawn.high_quality, "reverse_kl": drawn.reverse_kl}


def _novelty(reals: Reals, judged: Judged) -> Values:
    near = novelty.near_copies(*novelty.nearest_two(flat(judged.images), flat(reals.training, reals.compared)))
    return {"near_copies": novelty.near_copy_replicates(near, judged.counts)}


Needs = Literal["features", "classes", "mixture", "pixels"]


@dataclass(frozen=True)
class Measure:
    """One metric of a table of scores."""

    name: str
    better: Literal["lower", "higher"]
    needs: Needs
    compute: Callable[[Reals, Judged], Values]
    """May return other metrics too, which cost nothing more."""
    what: str
    """In a line."""
    least: float = 0.0
    most: float | Literal["classes", "modes"] = math.inf
    """What it can be: its least and its greatest value."""

    def bounds(self, reals: Reals) -> tuple[float, float]:
        """The least and the greatest value that it can have against these images."""
        if self.most == "classes":
            assert reals.class_shares is not None
            return self.least, len(reals.class_shares)
        if self.most == "modes":
            assert reals.mixture is not None
            return self.least, len(reals.mixture.centres)
        return self.least, self.most


_ALL = (
    Measure("fid", "lower", "features", _fid, "distance between the distributions of features, as Gaussians"),
    Measure(
        "kid", "lower", "features", _kid, "distance between them by a cubic kernel; no bias at small n", least=-math.inf
    ),
    Measure("precision", "higher", "features", _prdc, "share of generated images that lie among real ones", most=1.0),
    Measure("recall", "higher", "features", _prdc, "share of real images that lie among generated ones", most=1.0),
    Measure("density", "higher", "features", _prdc, "how deep generated images lie among real ones; 1 is real"),
    Measure("coverage", "higher", "features", _prdc, "share of real images with a generated one close by", most=1.0),
    Measure(
        "classes_found",
        "higher",
        "classes",
        _classes,
        "classes with a tenth of their real share, or more",
        most="classes",
    ),
    Measure("class_kl", "lower", "classes", _classes, "how far the classes' shares are from the real ones, in nats"),
    Measure(
        "classifier_score",
        "higher",
        "classes",
        _classes,
        "sure of each class, even over all (Inception Score)",
        least=1.0,
        most="classes",
    ),
    Measure(
        "modes_found", "higher", "mixture", _mixture, "modes of the mixture with a sample within 3 sigma", most="modes"
    ),
    Measure("high_quality", "higher", "mixture", _mixture, "share of samples within 3 sigma of a mode", most=1.0),
    Measure("reverse_kl", "lower", "mixture", _mixture, "how far the modes' shares are from equal, in nats"),
    Measure("near_copies", "lower", "pixels", _novelty, "share of images that copy a training image", most=1.0),
)

MEASURES = {measure.name: measure for measure in _ALL}
"""All metrics, in the order of the table."""


def check_names(names: Iterable[str] | None) -> None:
    """Raises UsageError for a name that is no metric's, with the nearest one, and for none at all."""
    if isinstance(names, str) or (names is not None and not list(names)):
        raise UsageError(f"metrics must be a list of names, found {names!r}; or leave it out, for all that fit")
    for name in names or ():
        if name not in MEASURES:
            raise UsageError(f"unknown metric {name!r}: {nearest(name, MEASURES)}")


def chosen(names: Iterable[str] | None, available: set[Needs]) -> list[Measure]:
    """The measures of those names; unset, all that the data has what they need for.

    Raises:
        UsageError: an unknown name, or one that this data cannot have.
    """
    if names is None:
        return [measure for measure in _ALL if measure.needs in available]
    names = list(names)
    check_names(names)
    found = []
    for name in names:
        if MEASURES[name].needs not in available:
            raise UsageError(f"metric {name} {_WHY[MEASURES[name].needs]}; leave it out")
        found.append(MEASURES[name])
    return [measure for measure in _ALL if measure in found]


_WHY: dict[Needs, str] = {
    "features": "needs features, and there are none",
    "classes": "needs classes, which this data or these features do not have",
    "mixture": "is for 2-D mixtures, whose modes are known",
    "pixels": "is for images, and these are points",
}


def compute(measures: Iterable[Measure], reals: Reals, judged: Judged) -> Values:
    """All values of the measures asked for; what several share is computed once."""
    wanted = {measure.name: measure for measure in measures}
    values: Values = {}
    for function in dict.fromkeys(measure.compute for measure in wanted.values()):
        values |= function(reals, judged)
    return {name: values[name] for name in wanted}
