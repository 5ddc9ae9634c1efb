"""ganatomy trains, measures and explains generative adversarial networks.

>>> import ganatomy
>>> run = ganatomy.train("dcgan", data="digits", seed=0)  # doctest: +SKIP
>>> images = run.sample(64)  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ganatomy.api import Run, build, evaluate, evaluate_images, load, resume, study, train
    from ganatomy.data import Dataset, Source
    from ganatomy.errors import Diverged, GanatomyError, Interrupted, UsageError
    from ganatomy.models import Model
    from ganatomy.objectives import Batch, Critic, Objective

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
    "evaluate",
    "evaluate_images",
    "load",
    "resume",
    "study",
    "train",
]

# torch takes seconds to import; `import ganatomy` and `ganatomy --help` do not wait for it.
_HOME = dict.fromkeys(__all__, "ganatomy.api") | {
    **dict.fromkeys(("Diverged", "GanatomyError", "Interrupted", "UsageError"), "ganatomy.errors"),
    **dict.fromkeys(("Batch", "Critic", "Objective"), "ganatomy.objectives"),
    **dict.fromkeys(("Dataset", "Source"), "ganatomy.data"),
    "Model": "ganatomy.models",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'ganatomy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
