"""Passing a user's function the arguments that it names, and no others."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def names(function: Callable[..., Any], argument: str) -> bool:
    """Whether a function (or a class's constructor) takes an argument of that name."""
    return argument in inspect.signature(function).parameters


def call(function: Callable[..., Any], **offered: Any) -> Any:
    """Calls a function with those of the offered keyword arguments that its signature names."""
    return function(**{name: value for name, value in offered.items() if names(function, name)})
