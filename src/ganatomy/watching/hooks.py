"""Hooks that cannot harm the training: an error ends the watching, and copies of a network do not have them."""

from __future__ import annotations

import contextlib
import weakref
from typing import Any


class Guard:
    """Remembers the first error of any hook, after which none does anything."""

    def __init__(self) -> None:
        self.failure: Exception | None = None


class Hook:
    """Calls a method of an object while that lives; returns None, so that nothing is changed.

    `copy.deepcopy(network)`, as for a moving average, and `torch.save(network)` take the network's hooks along. Of this one
    they get something of Python's own that does nothing.
    """

    def __init__(self, guard: Guard, owner: object, method: str, *arguments: object) -> None:
        self._guard = guard
        self._owner = weakref.ref(owner)
        self._method = method
        self._arguments = arguments

    def __call__(self, *values: Any) -> None:
        owner = self._owner()
        if owner is None or self._guard.failure is not None:
            return
        try:
            getattr(owner, self._method)(*self._arguments, *values)
        except Exception as error:
            self._guard.failure = error

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return contextlib.nullcontext().__exit__

    def __reduce__(self) -> tuple[Any, tuple[Any, str]]:
        return getattr, (contextlib.nullcontext(), "__exit__")
