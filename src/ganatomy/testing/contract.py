"""What the checks share: their error, and how a leaf is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from ganatomy.errors import UsageError
from ganatomy.plugin.registry import Registry

T = TypeVar("T")


class ContractError(AssertionError):
    """A leaf does not keep to its contract: what is wrong, what was expected, and what to do."""


def expect(condition: bool, message: str) -> None:
    if not condition:
        raise ContractError(message)


def expect_range(name: str, limits: object) -> None:
    expect(
        limits is None or (isinstance(limits, tuple) and len(limits) == 2 and limits[0] < limits[1]),
        f"{name} = {limits!r}; expected (lowest, highest), or None where there is no range",
    )


def instance_of(registry: Registry[T], given: Any) -> T:
    """A leaf with its default settings of a class or a reference; an instance as it is.

    Raises:
        ContractError: it is no such leaf, lacks a method, or a setting has no default.
    """
    try:
        if isinstance(given, (str, Path)):
            leaf: type[T] = registry.get(str(given))
        else:
            leaf, instance = registry.of_python(given)
            if instance is not None:
                return instance
    except UsageError as error:
        raise ContractError(str(error)) from error
    with explained(f"{leaf.__name__}()", "give every setting a default"):
        return leaf()


@contextmanager
def explained(call: str, advice: str) -> Iterator[None]:
    """Turns an error that a leaf's code raises into a ContractError that names the call."""
    try:
        yield
    except ContractError:
        raise
    except Exception as error:
        raise ContractError(f"{call} raises {type(error).__name__}: {error}; {advice}") from error
