"""Gradients of the discriminator's scores: what reaches G, how it fares through D's layers, how steep D is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ganatomy import randomness
from ganatomy.objectives import Batch
from ganatomy.probes import activations, inputs
from ganatomy.runs.run import Run


@dataclass(frozen=True)
class LayerGradients:
    """How the gradient of D's score changes on its way down: score per unit of activation."""

    norms: tuple[float, ...]
    """One a hidden layer, from the first to the last."""
    first_over_last: float | None
    """The first of them over the last: near 1 it arrives as it was, below it vanishes, above it explodes. None where
    the last is 0.
    """


@dataclass(frozen=True)
class Slope:
    """How steep D is between real and generated images: score per unit of distance in D's input."""

    mean: float
    deviation: float
    """Standard deviation over the points."""


def generator_gradient(run: Run, n: int = 1000) -> float:
    """The gradient that reaches G: the mean over n generated images of |dL/dG(z)|, Euclidean over an image's values.

    L is G's loss, the sum of the objective's terms, times the images in the batch, so that it does not depend on their
    number: what the loss says of that one image. Its unit is loss per unit of D's input: in a range of [0, 1] the same
    two greys lie half as far apart as in [-1, 1], and the same D, seen so, is twice as steep.

    It cannot tell whether the gradient points anywhere useful, nor, between objectives, which one teaches G more: Adam
    and RMSprop divide its size away again, until it vanishes. With BatchNorm in D, images of a batch act on one
    another, and so do their gradients.

    Raises:
        UsageError: more images than there are, or a run that was not loaded with its last weights.
        GanatomyError: the data is not the run's.
    """
    fakes, reals = inputs.generated(run, n), inputs.real(run, n)
    norms = []
    critic = inputs.judge(run)
    noise = run.sampler.noise(n, inputs.noise_seed(run))
    for fake, real, rows in zip(*(inputs.batches(run, each) for each in (fakes, reals, noise)), strict=True):
        fake.requires_grad_()
        terms = run.config.objective.generator_loss(critic, Batch(real, fake, rows, progress=1.0))
        # The loss is a mean over these images; times their number, each has a gradient of its own.
        loss = torch.stack(list(terms.values())).sum() * len(fake)
        norms.append(_norms(torch.autograd.grad(loss, fake)[0]))
    return torch.cat(norms).mean().item()


def layer_gradients(run: Run, n: int = 1000) -> LayerGradients:
    """The norm of D's score's gradient for the activations of each hidden layer, a mean over n generated images.

    As in Gulrajani et al. 2017 (arXiv 1704.00028), figure 1b, where a critic with clipped weights explodes it or lets
    it vanish. The score is raw, so the objective's own slope (a sigmoid that saturates) is not in it; of a D that returns
    one score a pixel it is the mean over them. The mean score is taken times the images in its batch, as in
    `generator_gradient`. With BatchNorm after a layer, moving all of a batch alike changes nothing, and the gradient
    lacks that direction.

    Layers differ in width and in the scale of their activations, and that is in the ratio too: compare it between runs
    whose D is built alike, or with the same D before training. It says nothing about layers that are not followed by a
    ReLU or LeakyReLU.

    Raises:
        UsageError: a run that was not loaded with its last weights.
        GanatomyError: D has no ReLU or LeakyReLU.
    """
    parts = []
    critic = inputs.judge(run)
    with activations.watching(critic) as passed:
        for batch in inputs.batches(run, inputs.generated(run, n)):
            score = _scores(critic, batch.requires_grad_()).sum()
            gradients = torch.autograd.grad(score, [passage.after for passage in passed.values()])
            parts.append(torch.stack([_norms(gradient) for gradient in gradients]))
    norms = tuple(torch.cat(parts, 1).mean(1).tolist())
    return LayerGradients(norms, norms[0] / norms[-1] if norms[-1] else None)


def slope(run: Run, n: int = 1000) -> Slope:
    """Mean and deviation of |dD/dx| at n points, each at random on the line from a training image to a generated one.

    The points are those of the gradient penalty (Gulrajani et al. 2017, arXiv 1704.00028, algorithm 1). An optimal
    1-Lipschitz critic has 1 there; one with clipped weights has some other constant if any, and a D with a probability
    has no bound at all. D's score is raw; of a D that returns one a pixel it is the mean.

    A slope is a thing of one image, so a D with BatchNorm is taken with its running statistics here, as in no other
    probe. Away from those lines D may be steeper, so the greatest slope found is no Lipschitz constant. Units are those
    of D's input: runs on [0, 1] and on [-1, 1] differ by a factor of 2 for the same pictures.

    Raises:
        UsageError: more images than there are, or a run that was not loaded with its last weights.
        GanatomyError: the data is not the run's.
    """
    fakes, reals = inputs.generated(run, n), inputs.real(run, n)
    share = torch.rand(n, 1, 1, 1, generator=randomness.generator(run.config.seed, "probe/between"))
    between = torch.lerp(fakes, reals, share)
    norms = []
    for points in between.split(inputs.CHUNK):
        points.requires_grad_()
        norms.append(_norms(torch.autograd.grad(_scores(run.discriminator, points).sum(), points)[0]))
    found = torch.cat(norms).double()
    return Slope(found.mean().item(), found.std(correction=0).item())


def _scores(discriminator: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """One raw score an image."""
    return discriminator(images).mean(1)


def _norms(gradient: Tensor) -> Tensor:
    """N x ... to N Euclidean norms."""
    return torch.linalg.vector_norm(gradient.flatten(1), dim=1)
