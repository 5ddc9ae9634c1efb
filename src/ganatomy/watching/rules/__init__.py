"""Rules that name a mistake, a file each: SEVERITY, and `check`, which returns what it found or None.

A rule says only what it can show. Its name is that of its file, with hyphens. HIDES names the rules whose findings follow
from its own. IS_STATE marks what is no mistake but a state that a training can get into.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def all_rules() -> dict[str, ModuleType]:
    """{name: module}, in the order of their names."""
    return {
        module.name.replace("_", "-"): importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    }
