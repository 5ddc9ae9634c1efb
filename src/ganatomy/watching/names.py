"""Whose loss a name stands for."""

from __future__ import annotations

import re

from ganatomy.errors import UsageError
from ganatomy.watching.seen import Role

_WORDS: dict[Role, tuple[str, ...]] = {
    "D": ("d", "disc", "discriminator", "critic", "c", "dis", "netd"),
    "G": ("g", "gen", "generator", "netg"),
}


def role_of(name: str) -> Role:
    """The network whose loss is called `loss_D`, `errG`, `d_loss`, `critic_loss`, ...

    Raises:
        UsageError: the name stands for neither.
    """
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    found = [role for role, known in _WORDS.items() if any(word in known for word in words)]
    if len(found) != 1:
        raise UsageError(f"watch.step: {name!r} names neither network's loss; use loss_D and loss_G")
    return found[0]
