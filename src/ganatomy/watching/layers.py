"""Layers whose inputs are all 0: units behind a ReLU that never fire."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ganatomy.watching import graph
from ganatomy.watching.hooks import Guard, Hook
from ganatomy.watching.matching import ROWS
from ganatomy.watching.seen import Iteration, Role, Units

_WEIGHTED = (nn.Linear, nn.modules.conv._ConvNd)


class Layers:
    """Sees what the layers with weights are given, in an iteration that is looked at."""

    def __init__(self, guard: Guard, role: Role, network: nn.Module) -> None:
        self._guard = guard
        self._role = role
        self._iteration: Iteration | None = None
        self._handles: list[Any] = []
        # Inside a compiled network a hook would have it compiled again.
        is_compiled = hasattr(network, "_orig_mod")
        named = [] if is_compiled else list(network.named_modules())
        # The first layer is given images, which may be black at their borders, or noise.
        self._layers = [(name, layer) for name, layer in named if isinstance(layer, _WEIGHTED)][1:]

    def watch(self, iteration: Iteration) -> None:
        self._iteration = iteration
        if not self._handles:
            self._handles = [
                layer.register_forward_pre_hook(Hook(self._guard, self, "_on_input", name))
                for name, layer in self._layers
            ]

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    @torch.no_grad()
    def _on_input(self, name: str, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        value = inputs[0] if inputs else None
        if self._iteration is None or not isinstance(value, Tensor) or value.ndim < 2 or len(value) < 2:
            return
        if not graph.comes_from_relu(value):
            return
        value = value[:ROWS]
        others = [axis for axis in range(value.ndim) if axis != 1]
        alive = (value != 0).any(others[0]) if len(others) == 1 else (value != 0).flatten(2).any(2).any(0)
        if not bool(alive.all()):
            self._iteration.events.append(Units(self._role, name, 1 - alive.float().mean().item()))
