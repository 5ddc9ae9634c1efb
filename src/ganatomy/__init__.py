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
    from ganatomy.errors import GanatomyError, Interrupted, UsageError

__version__ = "0.1.0"

__all__ = [
    "GanatomyError",
    "Interrupted",
    "Run",
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
_ERRORS = {"GanatomyError", "Interrupted", "UsageError"}
_HOME = {name: "ganatomy.errors" if name in _ERRORS else "ganatomy.api" for name in __all__}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'ganatomy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
