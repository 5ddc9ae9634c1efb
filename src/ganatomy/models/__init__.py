"""Model families: one file a family of generator and discriminator, found by name."""

from __future__ import annotations

from ganatomy.models.base import Discriminator, Generator, Model, Shape
from ganatomy.models.pair import adapt
from ganatomy.plugin.registry import Registry

families: Registry[Model] = Registry(
    "model",
    Model,  # type: ignore[type-abstract]
    "models",
    __name__,
    adapt=adapt,
)

__all__ = ["Discriminator", "Generator", "Model", "Shape", "families"]
