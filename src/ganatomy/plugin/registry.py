"""Leaves (objectives, models, data sources) by name: shipped, from a file, from an installed package, from Python."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from ganatomy import paths
from ganatomy.errors import UsageError, nearest
from ganatomy.plugin.code import SESSION, Code, code_of, digest_of, file_of, load_file, load_module, module_file, split

T = TypeVar("T")

REFERENCE = "code_reference"
"""The class attribute that says how a leaf from outside is found again."""

REGISTRIES: dict[str, Registry[Any]] = {}
"""{section: its registry}."""


class Registry(Generic[T]):
    """The final subclasses of `base`: shipped ones by their class attribute `name`, others by reference.

    A reference is `path/file.py`, `path/file.py:Class`, `package.module:Class`, or the name of an entry point in the group
    `ganatomy.GROUP`.
    """

    def __init__(
        self,
        section: str,
        base: type[T],
        group: str,
        *packages: str,
        kind: str | None = None,
        adapt: Callable[[Any, str], type[T] | None] = lambda source, reference: None,
    ) -> None:
        """
        Args:
            section: the section of the settings whose `name` picks a leaf.
            base: the class that leaves derive from.
            group: of the entry points: `ganatomy.GROUP`.
            packages: where the shipped leaves are, a module each.
            kind: what messages call a leaf; unset, as the section.
            adapt: makes a leaf of something that is none, such as a module with two networks, or returns None.
        """
        self.section = section
        self.kind = section if kind is None else kind
        self.base = base
        self.group = f"ganatomy.{group}"
        self.packages = packages
        self.passed: dict[str, type[T]] = {}
        """Classes that were passed from Python, by reference."""
        REGISTRIES[section] = self
        self._adapt = adapt

    @cached_property
    def _shipped(self) -> dict[str, type[T]]:
        found: dict[str, type[T]] = {}
        for package in self.packages:
            for module_info in pkgutil.iter_modules(importlib.import_module(package).__path__):
                for leaf in self._leaves(importlib.import_module(f"{package}.{module_info.name}")):
                    if isinstance(getattr(leaf, "name", None), str):
                        found[leaf.name] = leaf  # type: ignore[attr-defined]
        return found

    @cached_property
    def _installed(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group) if point.name not in self._shipped}

    def names(self) -> list[str]:
        """The shipped leaves, and those that installed packages offer."""
        return sorted([*self._shipped, *self._installed])

    def shipped(self) -> list[str]:
        return sorted(self._shipped)

    def get(self, reference: str) -> type[T]:
        """The leaf of a name or a reference.

        Raises:
            UsageError: there is none, or its code fails; the message has the nearest name and the list.
        """
        if reference in self._shipped:
            return self._shipped[reference]
        if reference in self.passed:
            return self.passed[reference]
        if reference in self._installed:
            point = self._installed[reference]
            return self._chosen(
                load_module(point.module), point.attr or None, f"{point.module}:{point.attr}", reference
            )
        place, name = split(reference)
        if place.endswith(".py"):
            path = paths.of_user(place).absolute()
            if not path.is_file():
                raise UsageError(f"{self.kind} {reference!r}: there is no file {path}")
            return self._chosen(
                load_file(path), name or None, f"{path}:{name}" if name else str(path), name or path.stem
            )
        if place == SESSION:
            return self._of_session(name)
        if place:
            return self._chosen(load_module(place), name, reference, name)
        raise UsageError(f"unknown {self.kind} {reference!r}: {nearest(reference, self.names())}; {self.ways}")

    def file(self, reference: str) -> Path | None:
        """The file of a leaf from outside, found without running it; None where there is none."""
        if reference in self.passed:
            return file_of(self.passed[reference])
        place, _ = split(reference)
        if place == SESSION:
            return None
        file = paths.of_user(place).absolute() if place.endswith(".py") else module_file(place)
        return file if file is not None and file.is_file() else None

    def is_there(self, reference: str) -> bool:
        """Whether `get` finds it."""
        try:
            self.get(reference)
        except UsageError:
            return False
        return True

    def digest(self, reference: str) -> str | None:
        """The SHA-256 of a leaf's code. A file is not run for it; a module, which is the user's own, is imported.

        Raises:
            UsageError: as `get`, of a module.
        """
        place, _ = split(reference)
        if place.endswith(".py") and reference not in self.passed:
            return digest_of(paths.of_user(place))
        return code_of(self.get(reference), reference).sha256

    @property
    def ways(self) -> str:
        """How else a leaf is named, in words."""
        return "or give your own as path/file.py, path/file.py:Class or package.module:Class"

    def of_python(self, given: Any) -> tuple[type[T], Any]:
        """The leaf's class, and the instance if one was given, of a class or an instance in Python.

        Raises:
            UsageError: it is neither.
        """
        cls = given if inspect.isclass(given) else type(given)
        if isinstance(given, ModuleType) or not issubclass(cls, self.base):
            adapted = self._adapt(given, self.kind)
            if adapted is None:
                raise UsageError(
                    f"{self.kind}={given!r}: must be a name, or a subclass or an instance of ganatomy.{self.base.__name__}"
                )
            cls, given = adapted, adapted
        self._check(cls, cls.__qualname__)
        if cls not in self._shipped.values():
            self._mark(cls, _reference_of(cls), cls.__name__)
            self.passed[vars(cls)[REFERENCE]] = cls
        return cls, None if inspect.isclass(given) else given

    def _of_session(self, name: str) -> type[T]:
        leaf = getattr(importlib.import_module(SESSION), name, None)
        if not (inspect.isclass(leaf) and issubclass(leaf, self.base)):
            raise UsageError(
                f"{self.kind} {name} was defined in a notebook or a script, and is not defined here; pass it from Python: "
                f"ganatomy.resume(path, {self.section}={name})"
            )
        found: type[T] = self.of_python(leaf)[0]
        return found

    def _chosen(self, module: ModuleType, name: str | None, reference: str, default_name: str) -> type[T]:
        """The class of that name in a module; without a name its only leaf."""
        where = module.__file__ or module.__name__
        if name is not None:
            leaf = getattr(module, name, None)
            if leaf is None:
                known = [each for each, value in vars(module).items() if inspect.isclass(value)]
                raise UsageError(f"{self.kind} {reference}: {where} has no {name!r}; {nearest(name, known)}")
            if not (inspect.isclass(leaf) and issubclass(leaf, self.base)):
                raise UsageError(
                    f"{self.kind} {reference}: {name} is no subclass of ganatomy.{self.base.__name__}; derive it from that"
                )
        else:
            leaves = list(self._leaves(module, abstract=True))
            if not leaves:
                adapted = self._adapt(module, reference)
                if adapted is not None:
                    self._mark(adapted, reference, default_name)
                    return adapted
                raise UsageError(
                    f"{self.kind} {reference}: {where} has no subclass of ganatomy.{self.base.__name__}{self._instead}"
                )
            final = [leaf for leaf in leaves if not inspect.isabstract(leaf)] or leaves
            if len(final) > 1:
                names = ", ".join(each.__name__ for each in final)
                raise UsageError(
                    f"{self.kind} {reference}: {where} has several ({names}); name one, as in {reference}:{final[0].__name__}"
                )
            leaf = final[0]
        self._check(leaf, where)
        self._mark(leaf, reference, default_name)
        found: type[T] = leaf
        return found

    @property
    def _instead(self) -> str:
        return " and no nn.Modules called Generator and Discriminator" if self.group == "ganatomy.models" else ""

    def _check(self, leaf: type, where: str) -> None:
        if inspect.isabstract(leaf):
            missing = ", ".join(sorted(leaf.__abstractmethods__))  # type: ignore[attr-defined]
            raise UsageError(
                f"{self.kind} {leaf.__name__} of {where} lacks {missing}; define it as ganatomy.{self.base.__name__} does"
            )

    def _mark(self, leaf: type, reference: str, name: str) -> None:
        if REFERENCE not in vars(leaf):
            leaf.code_reference = reference  # type: ignore[attr-defined]
        leaf.code_section = self.section  # type: ignore[attr-defined]
        if "name" not in vars(leaf):
            leaf.name = name  # type: ignore[attr-defined]

    def _leaves(self, module: ModuleType, abstract: bool = False) -> Iterator[type[T]]:
        for leaf in vars(module).values():
            own = inspect.isclass(leaf) and issubclass(leaf, self.base) and leaf.__module__ == module.__name__
            if own and (abstract or not inspect.isabstract(leaf)):
                yield leaf


def _reference_of(cls: type) -> str:
    """How a class that was passed from Python is found again: by its file where that is no part of a package."""
    module = importlib.import_module(cls.__module__)
    file = getattr(module, "__file__", None)
    if cls.__module__ == SESSION or file is None or "<locals>" in cls.__qualname__:
        return f"{SESSION}:{cls.__qualname__}"
    if "." in cls.__module__ or getattr(module, "__path__", None):
        return f"{cls.__module__}:{cls.__qualname__}"
    return f"{Path(file).absolute()}:{cls.__qualname__}"


def reference_of(leaf: type) -> str:
    """What a setting names a leaf by: its name where it is shipped, else how its code is found."""
    return str(vars(leaf).get(REFERENCE) or leaf.name)  # type: ignore[attr-defined]


def is_outside(leaf: type) -> bool:
    """Whether a leaf does not come with the package."""
    return REFERENCE in vars(leaf)


def outside_code(leaf: type) -> Code | None:
    """The code of a leaf from outside the package; None for a shipped one."""
    reference = vars(leaf).get(REFERENCE)
    return None if reference is None else code_of(leaf, reference)


def rebuilt(section: str, reference: str, fields: dict[str, Any]) -> Any:
    """A leaf from outside in another process: its class by reference, with those settings."""
    return REGISTRIES[section].get(reference)(**fields)
