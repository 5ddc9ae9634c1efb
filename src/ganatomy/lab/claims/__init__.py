"""The lab's thinking questions as experiments. Each claim is one small file here with a `CLAIM`; found by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

from ganatomy.errors import UsageError, nearest
from ganatomy.lab.claim import Claim
from ganatomy.studies.findings import order


def names() -> list[str]:
    """All claims, by the number of their question."""
    found = [module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)]
    return sorted(found, key=order)


def get(name: str) -> Claim:
    """A claim by its name.

    Raises:
        UsageError: there is none; with the nearest.
    """
    if name not in names():
        raise UsageError(f"unknown claim {name!r}: {nearest(name, names())}")
    claim: Claim = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").CLAIM
    return claim


def asked_for(words: Sequence[str]) -> list[Claim]:
    """The claims of names and of whole questions ("Q5"); all, of none.

    Raises:
        UsageError: neither a claim nor a question.
    """
    if not words:
        return [get(name) for name in names()]
    found: dict[str, Claim] = {}
    for word in words:
        same = [name for name in names() if name.partition("-")[0] == word.lower()]
        for name in same or [word]:
            found[name] = get(name)
    return list(found.values())
