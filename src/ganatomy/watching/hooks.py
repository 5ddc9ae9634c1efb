"""Hooks that a copy of the network, or a file that it is saved in, does not have."""

from __future__ import annotations

import weakref
from typing import Any


def _nothing(*_: object) -> None:
    """What is in a hook's place in copies."""


def _no_hook() -> Any:
    return _nothing


class Hook:
    """Calls a method of an object while that lives; returns None, so that nothing is changed.

    `copy.deepcopy(network)`, as for a moving average, and `torch.save(network)` take the network's hooks along. Of this one
    they get a function that does nothing.
    """

    def __init__(self, owner: object, method: str, *arguments: object) -> None:
        self._owner = weakref.ref(owner)
        self._method = method
        self._arguments = arguments

    def __call__(self, *values: Any) -> None:
        owner = self._owner()
        if owner is not None:
            getattr(owner, self._method)(*self._arguments, *values)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _nothing

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        return _no_hook, ()
