"""The lab's thinking questions as experiments. Each claim is one TOML file here; its Chinese is in `zh/`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from ganatomy.errors import UsageError, nearest
from ganatomy.lab import file
from ganatomy.lab.claim import Claim
from ganatomy.lab.expansion import Shared
from ganatomy.lab.findings import order

FOLDER = resources.files(__name__)


def names() -> list[str]:
    """All claims that come with the package, by the number of their question."""
    found = [Path(entry.name).stem for entry in FOLDER.iterdir() if entry.name.endswith(".toml")]
    return sorted((name for name in found if name != "shared"), key=order)


@cache
def shared() -> Shared:
    """What claims have in common."""
    return Shared.of(FOLDER)


def get(name: str) -> Claim:
    """A claim by its name, or a user's own by the path of its TOML file.

    Raises:
        UsageError: there is none, with the nearest; or its file is wrong, with all errors.
    """
    if name in names():
        return file.read(FOLDER, name, shared())
    if name.endswith(".toml"):
        return file.read(Path(name).parent, Path(name).stem, shared(), own=True)
    raise UsageError(f"unknown claim {name!r}: {nearest(name, names())}; or give the path of a TOML file")


def asked_for(words: Sequence[str]) -> list[Claim]:
    """The claims with these names or paths, and of whole questions ("Q5"); without any, all.

    Raises:
        UsageError: neither a claim nor a question.
    """
    found: dict[str, Claim] = {}
    for word in words or names():
        same = [name for name in names() if name.partition("-")[0] == word.lower()]
        for name in same or [word]:
            found[name] = get(name)
    return list(found.values())
