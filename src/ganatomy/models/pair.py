"""Two plain `nn.Module`s, a generator and a discriminator, as a family of networks."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any, ClassVar

from torch import nn

from ganatomy.errors import UsageError
from ganatomy.models.base import Model, Shape
from ganatomy.plugin import calls
from ganatomy.plugin.code import SESSION, file_of

ROLES = ("Generator", "Discriminator")


class Pair(Model):
    """Two classes of networks. Their constructors get what they name among `latent`, `shape`, `classes` and `scores`.

    `value_range` (by default (-1, 1), as Tanh has) and `conditional` are class attributes of the generator.
    """

    networks: ClassVar[tuple[type[nn.Module], type[nn.Module]]]

    def generator(self, shape: Shape, classes: int = 0) -> nn.Module:
        made: nn.Module = calls.call(self.networks[0], latent=self.latent, shape=shape, classes=classes)
        return made

    def discriminator(self, shape: Shape, classes: int = 0, scores: int = 1) -> nn.Module:
        offered = {"latent": self.latent, "shape": shape, "classes": classes, "scores": scores}
        made: nn.Module = calls.call(self.networks[1], **offered)
        return made

    @property
    def has_batchnorm(self) -> bool:
        return False


def adapt(source: Any, reference: str) -> type[Model] | None:
    """The family made of a module with the classes Generator and Discriminator, or of a pair of such classes.

    Returns None for anything else.

    Raises:
        UsageError: one of the two is missing, is no `nn.Module`, or its constructor asks for more.
    """
    found: list[Any]
    if isinstance(source, ModuleType):
        found = [getattr(source, role, None) for role in ROLES]
        if not any(map(inspect.isclass, found)):
            return None
    elif isinstance(source, tuple) and len(source) == 2:
        found = list(source)
    else:
        return None
    for role, network in zip(ROLES, found, strict=True):
        if not (inspect.isclass(network) and issubclass(network, nn.Module)):
            raise UsageError(
                f"model {reference}: its {role} is {network!r}; a pair of networks is two classes derived from nn.Module (the "
                "classes, not instances: their weights are drawn from the run's seed)"
            )
        unknown = [
            parameter.name
            for parameter in list(inspect.signature(network).parameters.values())
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            and parameter.name not in ("latent", "shape", "classes", "scores")
        ]
        if unknown:
            raise UsageError(
                f"model {reference}: {role}'s constructor asks for {', '.join(unknown)}; it gets what it names among latent, "
                "shape, classes and scores, so give the others a default"
            )
    networks: tuple[type[nn.Module], type[nn.Module]] = (found[0], found[1])
    names = tuple(network.__name__ for network in networks)
    declared = {
        attribute: getattr(networks[0], attribute)
        for attribute in ("value_range", "conditional")
        if hasattr(networks[0], attribute)
    }
    if isinstance(source, tuple):
        declared["code_reference"] = _reference(networks)
        declared["name"] = "+".join(names)
    return type(
        "+".join(names),
        (Pair,),
        {
            "__module__": networks[0].__module__,
            "__doc__": inspect.getdoc(networks[0]) or "Two networks from outside the package.",
            "networks": networks,
            "code_source": networks,
            **declared,
        },
    )


def _reference(networks: tuple[type[nn.Module], type[nn.Module]]) -> str:
    """How two classes that were passed from Python are found again: by their file, if that has no other such pair."""
    files = {file_of(network) for network in networks}
    names = tuple(network.__name__ for network in networks)
    (file,) = files if len(files) == 1 else (None,)
    if file is not None and names == ROLES and all(network.__module__ != SESSION for network in networks):
        return str(file)
    return f"{SESSION}:{'+'.join(names)}"
