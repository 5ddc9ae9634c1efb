"""The hidden layers of a discriminator, as seen at their activations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ganatomy.errors import GanatomyError

KINDS = (nn.ReLU, nn.LeakyReLU)
"""Activations that treat a unit in one of two ways, as it is above 0 or below."""


@dataclass(frozen=True)
class Passage:
    """What went through one activation: N x units, or N x units x H x W."""

    before: Tensor
    after: Tensor


@contextmanager
def watching(discriminator: nn.Module) -> Iterator[dict[str, Passage]]:
    """{an activation's name: what last went through it}, inside; after a forward pass, from the first layer to the
    last.

    Raises:
        GanatomyError: the network has no ReLU or LeakyReLU.
    """
    layers = {name: module for name, module in discriminator.named_modules() if isinstance(module, KINDS)}
    if not layers:
        raise GanatomyError("this discriminator has no ReLU or LeakyReLU, so there are no hidden units to look at")
    found: dict[str, Passage] = {}

    def note(name: str) -> Any:
        def hook(_: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
            found[name] = Passage(given[0], made)

        return hook

    handles = [module.register_forward_hook(note(name)) for name, module in layers.items()]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()
