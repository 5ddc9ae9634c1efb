"""Optimisers and learning-rate schedules, from their settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal

import torch
from torch import nn

from ganatomy.config import Config


def build(
    config: Config, player: Literal["generator", "discriminator"], parameters: Iterable[nn.Parameter]
) -> torch.optim.Optimizer:
    """The optimiser of one network, its state still empty."""
    settings, lr = config.optimizer, config.lr(player)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=lr, alpha=settings.alpha)
    # fused: one pass over the parameters an update instead of a dozen; the same formula.
    return torch.optim.Adam(parameters, lr=lr, betas=settings.betas, fused=True)


_FACTORS: dict[str, Callable[[float], float]] = {
    "cosine": lambda progress: (1 + math.cos(math.pi * progress)) / 2,
    "linear": lambda progress: 1 - progress,
}


def schedule(
    config: Config, optimizer: torch.optim.Optimizer, lr: float, update: int, total_updates: int | None
) -> None:
    """Set the learning rate for an update (from 1): at the first its full value, after the last 0."""
    factor = _FACTORS.get(config.optimizer.schedule)
    if factor is not None and total_updates is not None:
        for group in optimizer.param_groups:
            group["lr"] = lr * factor((update - 1) / total_updates)
