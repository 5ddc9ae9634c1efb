"""When a network's gradients are written and cleared, seen at one of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from ganatomy.watching.hooks import Guard, Hook

KEPT = 64
"""Backward passes that are remembered where gradients are never cleared."""


class Gradients:
    """The backward passes whose gradients a network holds.

    `zero_grad` has no hook. So the gradient's tensor and its version are compared with those that were left behind: if
    something wrote to it meanwhile, it was cleared if it is None or 0 now, and scaled or clipped otherwise.
    """

    def __init__(self, guard: Guard, network: nn.Module) -> None:
        self._guard = guard
        self._parameters = list(network.parameters())
        self._ids = {id(parameter) for parameter in self._parameters}
        self._notify: Callable[[int], None] | None = None
        self._handles: list[Any] = []
        self._sentinel: Tensor | None = None
        self._left: tuple[int, int] | None = None
        self._used: list[int] = []
        self._cleared = False
        self._had = False

    def watch(self, notify: Callable[[int], None]) -> None:
        """Call `notify` with the number of each backward pass that reaches the network."""
        self._notify = notify
        self.renew()

    def renew(self) -> None:
        """Choose a parameter that is trained, where there was none: networks may be frozen at first."""
        if self._sentinel is not None:
            return
        trained = [each for each in self._parameters if each.requires_grad and each.is_leaf]
        trained = [each for each in trained if not isinstance(each, UninitializedParameter)]
        weights = [each for each in trained if each.ndim > 1] or trained
        if weights:
            # Of a critic's last bias the gradients of reals and fakes cancel; a weight's do not.
            self._sentinel = weights[-1]
            self._left = self._state()
            self._handles = [
                self._sentinel.register_hook(Hook(self._guard, self, "_before")),
                self._sentinel.register_post_accumulate_grad_hook(Hook(self._guard, self, "_after")),
            ]

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles, self._sentinel = [], None

    def holds(self, parameters: Set[int]) -> bool:
        """Whether any of the network's parameters is among these."""
        return not self._ids.isdisjoint(parameters)

    def at_step(self) -> tuple[list[int], bool, bool]:
        """Of a step: the passes whose gradients it used, whether they were cleared since the last step, and after a backward."""
        self._look()
        found = self._used, self._cleared, self._had and not self._used
        self._used, self._cleared, self._had = list(self._used), False, False
        return found

    def size(self) -> float:
        """The largest gradient of the parameter that is looked at; 0 where it has none."""
        gradient = None if self._sentinel is None else self._sentinel.grad
        if gradient is None:
            return 0.0
        values = gradient.coalesce().values() if gradient.is_sparse else gradient
        return values.abs().max().item() if values.numel() else 0.0

    def _before(self, gradient: Tensor) -> None:
        self._look()

    def _after(self, parameter: Tensor) -> None:
        if not parameter.requires_grad:
            return  # frozen since the forward pass: nothing was added
        number = torch._C._current_graph_task_id()
        self._left = self._state()
        self._used = [*self._used[-KEPT:], number]
        self._had = True
        if self._notify is not None:
            self._notify(number)

    def _look(self) -> None:
        state = self._state()
        if state == self._left and state is not None:
            return
        self._left = state
        if state is None or self.size() == 0:
            self._used = []
            self._cleared = True

    def _state(self) -> tuple[int, int] | None:
        gradient = None if self._sentinel is None else self._sentinel.grad
        return None if gradient is None else (id(gradient), gradient._version)
