"""Where weight clipping leaves the critic's weights: at the bound, or within it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganatomy.errors import UsageError
from ganatomy.runs.run import Run

NEAR = 1e-3
"""How near to the bound counts as at it, relative to the bound."""


@dataclass(frozen=True)
class ClippedWeights:
    """Shares of the critic's weights, biases included, whose size is within 0.1 % of the clipping bound; 0 to 1."""

    bound: float
    share: float
    """Of all weights."""
    layers: dict[str, float]
    """Of each layer's, by its name in the checkpoint, from the first to the last."""


def clipped_weights(run: Run) -> ClippedWeights:
    """How many of the critic's weights stand at the bound that they are clamped to after each of its steps.

    Gulrajani et al. 2017 (arXiv 1704.00028), figure 1b, right: clipping pushes weights to the two extremes, which makes
    a critic of much simpler functions than it could be. A large layer outweighs all others in `share`; see `layers`.

    It cannot tell how a weight came to the bound: one that starts wider than the bound (as torch draws those of narrow
    layers) stands there after the first step, with no training at all. Compare with a run of a few updates.

    Raises:
        UsageError: the run's objective clips no weights.
    """
    bound = getattr(run.config.objective, "clip", None)
    if bound is None:
        raise UsageError(f"{run.path}: objective={run.config.objective.name} clips no weights; wasserstein does")
    found: dict[str, list[Tensor]] = {}
    for name, parameter in run.discriminator.named_parameters():
        layer, _, _ = name.rpartition(".")
        found.setdefault(layer, []).append((parameter.abs() >= bound * (1 - NEAR)).flatten())
    layers = {layer: torch.cat(parts) for layer, parts in found.items()}
    share = torch.cat(list(layers.values())).double().mean().item()
    return ClippedWeights(bound, share, {layer: at_bound.double().mean().item() for layer, at_bound in layers.items()})
