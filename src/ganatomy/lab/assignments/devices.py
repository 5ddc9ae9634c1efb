"""Checks run on the CPU, whatever the machine has: a GPU is hidden, or pretended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

META = torch.device("meta")
"""Where networks land that are moved to the pretended GPU: no memory is needed, and nothing can be computed there."""


@contextmanager
def without_gpu() -> Iterator[None]:
    """A student's code finds no GPU."""
    with _replaced(torch.cuda, "is_available", lambda: False):
        yield


@contextmanager
def with_gpu() -> Iterator[None]:
    """A student's code finds a GPU, and may move networks there by `.cuda()`, `.to("cuda")` or `.to(device)`."""
    move = nn.Module.to

    def to(network: nn.Module, *where: Any, **named: Any) -> nn.Module:
        return move(network, *map(_meant, where), **{name: _meant(value) for name, value in named.items()})

    def cuda(network: nn.Module, device: Any = None) -> nn.Module:
        return move(network, META)

    with ExitStack() as stack:
        for owner, name, instead in (
            (torch.cuda, "is_available", lambda: True),
            (nn.Module, "to", to),
            (nn.Module, "cuda", cuda),
        ):
            stack.enter_context(_replaced(owner, name, instead))
        yield


def _meant(value: Any) -> Any:
    number = isinstance(value, int) and not isinstance(value, bool)
    is_gpu = number or (isinstance(value, str | torch.device) and str(value).startswith("cuda"))
    return META if is_gpu else value


@contextmanager
def _replaced(owner: Any, name: str, instead: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, instead)
    try:
        yield
    finally:
        setattr(owner, name, before)
