"""Dead units of the discriminator: those that its ReLU or LeakyReLU never lets through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganatomy.probes import activations, inputs
from ganatomy.runs.run import Run


@dataclass(frozen=True)
class DeadUnits:
    """How many of D's hidden units are never above 0 before their activation; shares of all hidden units, 0 to 1."""

    units: int
    """Hidden units in all layers together. Of a convolution a unit is a channel."""
    dead: float
    """Share that is above 0 for none of the real images and for none of the generated ones."""
    silent_for_generated_only: float
    """Share that is above 0 for some real image and for no generated one. With `dead`: all that G cannot move but by
    the slope.
    """


def dead_units(run: Run, n: int = 1000) -> DeadUnits:
    """D's units that are dead on n training images and n generated ones.

    A channel is dead if it is above 0 nowhere in any image (after pooling, where that stands before the activation).
    Behind a ReLU such a unit passes nothing and, on these images, learns nothing; behind a LeakyReLU it passes `slope`
    of everything, and is merely linear.

    It cannot tell whether a unit died or was born so, nor whether it is of use: a unit that is active for one image in
    a thousand counts as alive. More images find fewer dead units, so shares compare at the same n only.

    Raises:
        UsageError: more images than there are, or a run that was not loaded with its last weights.
        GanatomyError: the data is not the run's, or D has no ReLU or LeakyReLU.
    """
    real, generated = (inputs.batches(run, shown) for shown in (inputs.real(run, n), inputs.generated(run, n)))
    return count(inputs.judge(run), real, generated)


def count(discriminator: nn.Module, real: Iterable[Tensor], generated: Iterable[Tensor]) -> DeadUnits:
    """The same for any discriminator, in the mode that it is in, and any batches of images, N x C x H x W each.

    Raises:
        GanatomyError: it has no ReLU or LeakyReLU.
    """
    for_real, for_generated = (_ever_active(discriminator, batches) for batches in (real, generated))
    units = len(for_real)
    dead = int((~for_real & ~for_generated).sum())
    silent = int((for_real & ~for_generated).sum())
    return DeadUnits(units, dead / units, silent / units)


@torch.no_grad()
def _ever_active(discriminator: nn.Module, batches: Iterable[Tensor]) -> Tensor:
    """For every unit, layer after layer, whether any of the images has it above 0."""
    parts = []
    with activations.watching(discriminator) as passed:
        for batch in batches:
            discriminator(batch)
            parts.append(torch.cat([_highest(passage.before) for passage in passed.values()]))
    return torch.stack(parts).amax(0) > 0


def _highest(values: Tensor) -> Tensor:
    """N x units or N x units x H x W: the highest value of each unit."""
    return values.amax([0, *range(2, values.dim())])
