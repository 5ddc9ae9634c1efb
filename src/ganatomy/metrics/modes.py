"""Which modes the images reach and how evenly: by a classifier's predictions, or by the centres of a 2-D mixture.

`per_class` is the number of images of each of K classes, `real_shares` the share of each among the real images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist
from scipy.special import rel_entr, xlogy

from ganatomy.arrays import to_numpy
from ganatomy.errors import UsageError
from ganatomy.metrics import checks


@dataclass(frozen=True)
class MixtureModes:
    """How a 2-D mixture is met."""

    found: int
    """Modes with at least one sample of high quality."""
    high_quality: float
    """Share of samples within 3 sigma of their nearest centre; 1 - exp(-4.5) = 0.9889 for a perfect sampler."""
    reverse_kl: float
    """KL in nats of the samples' shares over nearest centres to the uniform; 0 is best, log K is one mode alone."""


@dataclass(frozen=True, eq=False)
class MixtureReplicates:
    """The same of every bootstrap replicate: B numbers each."""

    found: np.ndarray
    high_quality: np.ndarray
    reverse_kl: np.ndarray


def class_counts(predicted: np.ndarray, classes: int) -> np.ndarray:
    """The number of images of each class: n predictions from 0 to classes - 1, to `classes` integers.

    Raises UsageError for predictions that are no such integers, or none at all.
    """
    return np.bincount(_classes("predicted", predicted, classes), minlength=classes)


def classes_found(per_class: np.ndarray, real_shares: np.ndarray, least_share: float = 0.1) -> tuple[int, ...]:
    """The classes found: with at least one image, and at least `least_share` of their share among the real images.

    Stacked MNIST's protocol (VEEGAN, https://arxiv.org/abs/1705.07761; PacGAN, https://arxiv.org/abs/1712.04086) is
    `least_share=0`: one image suffices. With few classes and many images that is too generous: of n = 10,000 images a
    classifier that errs in 1 % puts some 100 into wrong classes, so a class that the generator never makes is "found".
    """
    found = _found(checks.numbers(per_class)[:, None], real_shares, least_share)[:, 0]
    return tuple(int(index) for index in np.flatnonzero(found))


def classes_found_replicates(
    predicted: np.ndarray, real_shares: np.ndarray, counts: np.ndarray, least_share: float = 0.1
) -> np.ndarray:
    """How many classes every bootstrap replicate finds: n predictions, K shares, n x B counts to B integers."""
    return np.asarray(_found(_drawn_classes(predicted, len(real_shares), counts), real_shares, least_share).sum(axis=0))


def class_kl(per_class: np.ndarray, real_shares: np.ndarray) -> float:
    """KL(generated || real) of the classes' shares, in nats: sum q log(q / p).

    0 is best. Infinite where there are images of a class that has none among the real ones.
    """
    return float(_kl(checks.numbers(per_class)[:, None], real_shares)[0])


def class_kl_replicates(predicted: np.ndarray, real_shares: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """`class_kl` of every bootstrap replicate: n predictions, K shares, n x B counts to B numbers."""
    return _kl(_drawn_classes(predicted, len(real_shares), counts), real_shares)


def class_kl_floor(n: int, real_shares: np.ndarray) -> float:
    """What `class_kl` is on average for a perfect sampler of n images, in nats: no generator can be expected below it.

    Exact: a class's number X is binomial, so E = sum over k and x of P(X = x) (x / n) log(x / (n p_k)). For n p_k well
    above 1 it is near (K - 1) / (2 n). Raises UsageError for shares that do not sum to 1.
    """
    from scipy.stats import binom  # two thirds of this package's import time, for this one function

    distinct, times = np.unique(checks.shares("real_shares", real_shares), return_counts=True)
    total = 0.0
    for share, classes in zip(distinct[distinct > 0], times[distinct > 0], strict=True):
        # Beyond this reach lies less than 1e-16 of the probability (Bernstein's inequality).
        reach = 10 * np.sqrt(n * share * (1 - share)) + 40
        number = np.arange(max(int(n * share - reach), 0), min(int(n * share + reach) + 1, n) + 1)
        total += classes * float(binom.pmf(number, n, share) @ xlogy(number / n, number / (n * share)))
    return total


def classifier_score(probabilities: np.ndarray) -> float:
    """Inception Score's formula on any classifier's n x K probabilities: exp(E KL(p(y|x) || p(y))), from 1 to K.

    Salimans et al. 2016, https://arxiv.org/abs/1606.03498, section 4, of all images at once, not averaged over splits.
    In float64, with 0 log 0 = 0: rows that are sure of their class are no exception.
    Raises UsageError unless every row sums to 1.
    """
    return float(classifier_score_replicates(probabilities, np.ones((len(probabilities), 1)))[0])


def classifier_score_replicates(probabilities: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """`classifier_score` of every bootstrap replicate: n x K probabilities, n x B counts to B numbers."""
    rows = checks.features("probabilities", probabilities)
    sums = rows.sum(axis=1, keepdims=True)
    if (rows < 0).any() or (np.abs(sums - 1) > 1e-3).any():
        raise UsageError(
            "every row of probabilities must be a distribution that sums to 1: apply softmax to the logits"
        )
    rows = rows / sums
    counts = checks.numbers(counts, "counts")
    marginal = counts.T @ rows / len(rows)
    # The mean KL to the mean distribution is the entropy of the mean less the mean of the entropies.
    surety = xlogy(rows, rows).sum(axis=1) @ counts / len(rows)
    return np.asarray(np.exp(np.maximum(surety - xlogy(marginal, marginal).sum(axis=1), 0.0)))


def mixture_modes(points: np.ndarray, centres: np.ndarray, sigma: float) -> MixtureModes:
    """How n x 2 points meet a mixture of K x 2 centres with the standard deviation sigma, as VEEGAN and PacGAN count.

    https://arxiv.org/abs/1705.07761 and https://arxiv.org/abs/1712.04086: a sample belongs to its nearest centre, and
    is of high quality within 3 sigma of it; a mode is found when one sample of high quality belongs to it. Samples of
    low quality count in the reverse KL too. Raises UsageError for wrong shapes.
    """
    replicate = mixture_replicates(points, centres, sigma, np.ones((len(points), 1)))
    return MixtureModes(int(replicate.found[0]), float(replicate.high_quality[0]), float(replicate.reverse_kl[0]))


def mixture_replicates(points: np.ndarray, centres: np.ndarray, sigma: float, counts: np.ndarray) -> MixtureReplicates:
    """`mixture_modes` of every bootstrap replicate: n x 2 points, K x 2 centres, n x B counts."""
    points, centres = checks.features("points", points), checks.features("centres", centres)
    checks.same_columns("points", points, "centres", centres)
    counts = checks.numbers(counts, "counts")
    distances = cdist(points, centres)
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) <= 3 * sigma
    modes = len(centres)
    return MixtureReplicates(
        found=(_by_class(nearest[good], modes, counts[good]) > 0).sum(axis=0),
        high_quality=good @ counts / len(points),
        reverse_kl=_kl(_by_class(nearest, modes, counts), np.full(modes, 1 / modes)),
    )


def _classes(name: str, predicted: np.ndarray, classes: int) -> np.ndarray:
    array = to_numpy(predicted, name)
    if array.ndim != 1 or not len(array) or array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= classes:
        raise UsageError(
            f"{name} must be integers from 0 to {classes - 1}, one per image: take the argmax of the scores"
        )
    return array


def _drawn_classes(predicted: np.ndarray, classes: int, counts: np.ndarray) -> np.ndarray:
    predicted = _classes("predicted", predicted, classes)
    return _by_class(predicted, classes, checks.numbers(counts, "counts"))


def _by_class(labels: np.ndarray, classes: int, counts: np.ndarray) -> np.ndarray:
    """The sums of the counts' rows over each class: K x B."""
    entries = (np.ones(len(labels)), (labels, np.arange(len(labels))))
    return np.asarray(sparse.csr_array(entries, shape=(classes, len(labels))) @ counts)


def _fitting(per_class: np.ndarray, real_shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Generated shares K x B and real shares K x 1."""
    real = checks.shares("real_shares", real_shares)
    return per_class / per_class.sum(axis=0), real[:, None]


def _kl(per_class: np.ndarray, real_shares: np.ndarray) -> np.ndarray:
    generated, real = _fitting(per_class, real_shares)
    return np.asarray(np.maximum(rel_entr(generated, real).sum(axis=0), 0.0))


def _found(per_class: np.ndarray, real_shares: np.ndarray, least_share: float) -> np.ndarray:
    generated, real = _fitting(per_class, real_shares)
    # A class with exactly the least share has it, whatever 0.1 * 0.1 is in floating point.
    return np.asarray((generated > 0) & (generated >= least_share * real * (1 - 1e-12)))
