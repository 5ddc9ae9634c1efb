"""ganatomy trains, measures and explains generative adversarial networks.

>>> import ganatomy
>>> run = ganatomy.train("dcgan", data="digits", seed=0)  # doctest: +SKIP
>>> images = run.sample(64)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganatomy.api import (
        Batch,
        Critic,
        Dataset,
        Model,
        Objective,
        Run,
        Source,
        build,
        diagnose,
        evaluate,
        evaluate_images,
        load,
        resume,
        study,
        train,
        watch,
    )
    from ganatomy.errors import Diverged, GanatomyError, Interrupted, UsageError

__version__ = "0.1.0"

__all__ = [
    "Batch",
    "Critic",
    "Dataset",
    "Diverged",
    "GanatomyError",
    "Interrupted",
    "Model",
    "Objective",
    "Run",
    "Source",
    "UsageError",
    "build",
    "diagnose",
    "evaluate",
    "evaluate_images",
    "load",
    "resume",
    "study",
    "train",
    "watch",
]

_ERRORS = ("Diverged", "GanatomyError", "Interrupted", "UsageError")


def __getattr__(name: str) -> Any:
    # Loaded late: torch takes seconds to import, and `ganatomy --help` does not wait for it.
    if name in __all__:
        home = "ganatomy.errors" if name in _ERRORS else "ganatomy.api"
        return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'ganatomy' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext ganatomy`: the lab's checks and hints in a notebook's cells, `%ganatomy check 7`."""
    importlib.import_module("ganatomy.lab.assignments.magic").register(shell)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
