"""How a network's weights change: by an optimiser's step, and by what is not one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

SAMPLED = 4096
"""Values of each parameter that are compared."""


class Weights:
    """A sample of the weights of a network, before and after its steps."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._before: Tensor | None = None
        self._after: Tensor | None = None
        self._first: float | None = None

    @torch.no_grad()
    def sample(self) -> Tensor:
        """Up to SAMPLED values of each parameter, at equal distances."""
        return torch.cat([torch.zeros(0), *(_some(each).float().cpu().clone() for each in self._parameters)])

    @property
    def _parameters(self) -> list[nn.Parameter]:
        """Those that have values: a network may grow, and lazy layers have none at first."""
        return [each for each in self._network.parameters() if not isinstance(each, UninitializedParameter)]

    def before_step(self) -> None:
        self._before = self.sample()
        if self._first is None:
            self._first = self._size(self._before)

    def after_step(self) -> tuple[float, float]:
        """Of the weight matrices: norm of the step's change over their norm; and their norm over that before the first step."""
        before, self._after = self._before, self.sample()
        if before is None or self._first is None or len(before) != len(self._after):
            return float("nan"), float("nan")
        change = self._size(self._after - before) / max(self._size(before), 1e-12)
        return change, self._size(self._after) / max(self._first, 1e-12)

    def _size(self, sampled: Tensor) -> float:
        """Norm of the values that are of matrices: BatchNorm's weights, all 1, would outweigh those."""
        masks = [torch.full((len(_some(each)),), each.ndim > 1) for each in self._parameters]
        return sampled[torch.cat([torch.zeros(0, dtype=torch.bool), *masks])].norm().item()

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


def _some(parameter: Tensor) -> Tensor:
    values = parameter.detach().reshape(-1)
    return values[:: max(1, len(values) // SAMPLED)]
