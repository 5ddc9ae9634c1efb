"""Plug-in leaves are found by looking into their package: adding one is adding a file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cached_property
from typing import Generic, TypeVar

from ganatomy.errors import UsageError, nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """All final subclasses of `base` in the modules of some packages, by their class attribute `name`."""

    def __init__(self, kind: str, base: type[T], *packages: str) -> None:
        self.kind = kind
        self.packages = packages
        self.base = base

    @cached_property
    def _by_name(self) -> dict[str, type[T]]:
        found: dict[str, type[T]] = {}
        for package in self.packages:
            for module_info in pkgutil.iter_modules(importlib.import_module(package).__path__):
                module = importlib.import_module(f"{package}.{module_info.name}")
                for leaf in vars(module).values():
                    is_leaf = inspect.isclass(leaf) and issubclass(leaf, self.base) and not inspect.isabstract(leaf)
                    if is_leaf and leaf.__module__ == module.__name__:
                        found[leaf.name] = leaf
        return found

    def names(self) -> list[str]:
        return sorted(self._by_name)

    def get(self, name: str) -> type[T]:
        """The plug-in of that name.

        Raises:
            UsageError: no such name; the message has the nearest one and the list.
        """
        if name not in self._by_name:
            raise UsageError(f"unknown {self.kind} {name!r}: {nearest(name, self.names())}")
        return self._by_name[name]
