"""Model families: one file a family, found by name."""

from __future__ import annotations

from ganatomy.models.base import Discriminator, Generator, Model, Shape
from ganatomy.plugins import Plugins

families: Plugins[Model] = Plugins("model", __name__, Model)  # type: ignore[type-abstract]

__all__ = ["Discriminator", "Generator", "Model", "Shape", "families"]
