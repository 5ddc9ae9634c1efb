"""Model families: one file a family of generator and discriminator, found by name."""

from __future__ import annotations

from ganatomy.models.activated import ActivatedModel
from ganatomy.models.base import Discriminator, Generator, Model, Shape, generate, score, takes_labels
from ganatomy.models.pair import adapt
from ganatomy.plugin.registry import Registry

families: Registry[Model] = Registry(
    "model",
    Model,  # type: ignore[type-abstract]
    "models",
    __name__,
    adapt=adapt,
)

__all__ = [
    "ActivatedModel",
    "Discriminator",
    "Generator",
    "Model",
    "Shape",
    "families",
    "generate",
    "score",
    "takes_labels",
]
