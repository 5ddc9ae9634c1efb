"""Model families: one file a family, found by name."""

from __future__ import annotations

from ganatomy.models.base import Discriminator, Generator, Model, Shape
from ganatomy.plugin.registry import Registry

families: Registry[Model] = Registry("model", Model, __name__)  # type: ignore[type-abstract]

__all__ = ["Discriminator", "Generator", "Model", "Shape", "families"]
