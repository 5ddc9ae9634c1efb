"""Where the data package keeps what it downloaded or decoded: one folder a user."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from ganatomy.errors import GanatomyError

log = logging.getLogger("ganatomy")


def cache_root() -> Path:
    """The user's cache folder: `$XDG_CACHE_HOME/ganatomy`, else the system's own place. It need not exist."""
    import pooch

    return Path(pooch.os_cache("ganatomy"))


def not_kept(error: OSError) -> None:
    """Say, once in a process, that what was computed cannot be kept. It is not lost: it is computed again next time."""
    _say_not_kept(cache_root(), error.strerror or str(error))


@cache
def _say_not_kept(root: Path, reason: str) -> None:
    log.warning(
        "what is learnt and computed here is not kept, because the cache %s cannot be written (%s); free some space "
        "there, or set XDG_CACHE_HOME to a folder that can be written",
        root,
        reason,
    )


def cache_error(folder: Path, error: OSError) -> GanatomyError:
    """The error for a cache that cannot be written: no right to, no space, a file in the way."""
    return GanatomyError(
        f"cannot write to the cache folder {folder}: {error.strerror or error}\n"
        "  free some space there, or set the environment variable XDG_CACHE_HOME to a folder that can be written"
    )
