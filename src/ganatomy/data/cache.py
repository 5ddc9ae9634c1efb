"""Where the data package keeps what it downloaded or decoded: one folder a user."""

from __future__ import annotations

from pathlib import Path

from ganatomy.errors import GanatomyError


def cache_root() -> Path:
    """The user's cache folder: `$XDG_CACHE_HOME/ganatomy`, else the system's own place. It need not exist."""
    import pooch

    return Path(pooch.os_cache("ganatomy"))


def cache_error(folder: Path, error: OSError) -> GanatomyError:
    """The error for a cache that cannot be written: no right to, no space, a file in the way."""
    return GanatomyError(
        f"cannot write to the cache folder {folder}: {error.strerror or error}\n"
        "  free some space there, or set the environment variable XDG_CACHE_HOME to a folder that can be written"
    )
