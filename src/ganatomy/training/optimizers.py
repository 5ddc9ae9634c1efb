"""Optimisers and learning-rate schedules, from their settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import nn

from ganatomy.config import Config


def build(
    config: Config, player: Literal["generator", "discriminator"], parameters: Iterable[nn.Parameter]
) -> torch.optim.Optimizer:
    """The optimiser of one network, before its first step."""
    settings, lr = config.optimizer, config.lr(player)
    if settings.name == "rmsprop":
        return RMSprop(parameters, lr=lr, alpha=settings.alpha)
    # fused: one pass over the parameters an update instead of a dozen; the same formula.
    return torch.optim.Adam(parameters, lr=lr, betas=settings.betas, fused=True)


class RMSprop(torch.optim.Adam):
    """RMSprop (Tieleman & Hinton 2012): v <- alpha v + (1 - alpha) g^2;  w <- w - lr g / (sqrt(v) + eps).

    torch has no fused one for CPUs, and its own takes seven passes over the parameters. This is fused Adam with a first
    decay rate of 0, after so many steps that its bias correction is a division by 1. Its first moment is then the
    gradient, and so takes no memory of its own.
    """

    _AFTER = 2.0**60
    """Steps; a float32 that another step does not change, and even the largest alpha to this power is 0."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, alpha: float) -> None:
        super().__init__(parameters, lr=lr, betas=(0.0, alpha), fused=True)
        for parameter in self._parameters():
            self.state[parameter] = {
                "step": torch.full((), self._AFTER, device=parameter.device),
                "exp_avg_sq": torch.zeros_like(parameter),
            }

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        moved = [parameter for parameter in self._parameters() if parameter.grad is not None]
        for parameter in moved:
            self.state[parameter]["exp_avg"] = parameter.grad
        super().step()
        for parameter in moved:
            del self.state[parameter]["exp_avg"]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Also takes the state of torch's own RMSprop, which runs were trained with before this one."""
        states = {
            index: {"step": torch.tensor(self._AFTER), "exp_avg_sq": state["square_avg"]}
            if "square_avg" in state
            else state
            for index, state in state_dict["state"].items()
        }
        super().load_state_dict({**state_dict, "state": states})

    def _parameters(self) -> list[nn.Parameter]:
        return [parameter for group in self.param_groups for parameter in group["params"]]


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
