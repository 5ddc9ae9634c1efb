"""How a network's weights change: by an optimiser's step, and by what is not one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

SAMPLED = 4096
"""Values of each parameter that are compared."""


class Weights:
    """A sample of the weights of a network, before and after its steps."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._before: Tensor | None = None
        self._after: Tensor | None = None

    @torch.no_grad()
    def sample(self) -> Tensor:
        """Up to SAMPLED values of each parameter, at equal distances."""
        parts = [torch.zeros(0)]
        for parameter in self._network.parameters():
            values = parameter.detach().reshape(-1)
            parts.append(values[:: max(1, len(values) // SAMPLED)].float().cpu().clone())
        return torch.cat(parts)

    def before_step(self) -> None:
        self._before = self.sample()

    def after_step(self) -> float:
        """Norm of the step's change over the norm of the weights."""
        self._after = self.sample()
        if self._before is None or len(self._before) != len(self._after):
            return float("nan")
        return ((self._after - self._before).norm() / self._before.norm().clamp_min(1e-12)).item()

    def written(self, is_last_look: bool) -> tuple[bool, float, int] | None:
        """Since the last step: (whether weights changed, the largest one, how many have it).

        None where there was no step, or nothing has changed yet and this is not the `is_last_look` before the next step.
        """
        after = self._after
        if after is None:
            return None
        now = self.sample()
        changed = len(now) == len(after) and not torch.equal(now, after)
        if not changed and not is_last_look:
            return None
        self._after = None
        size = now.abs()
        largest = size.max().item() if len(size) else 0.0
        return changed, largest, int((size >= largest * (1 - 1e-6)).sum())

    def forget(self) -> None:
        """What comes now was not watched from the last step on."""
        self._after = None
