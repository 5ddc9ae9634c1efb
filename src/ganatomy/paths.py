r"""Paths as people write and read them: `~`, names that are not UTF-8, commands to paste into a shell.

To a system a name is bytes. Python carries those that are not UTF-8 as lone surrogates, which no file format and no
terminal takes, so they are shown and stored as `\xd5`, and read back from there.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from ganatomy.errors import UsageError

_ESCAPED = re.compile(rb"\\x([89a-f][0-9a-f])")


def of_user(given: str | os.PathLike[str]) -> Path:
    """The path that somebody gave: as an argument, in a setting, in an environment variable.

    Raises:
        UsageError: `~NAME` of a user that is not there.
    """
    try:
        path = Path(given).expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"{given}: no home folder is known for that user; write the whole path, or ./{given}"
        ) from error
    if os.name == "posix" and "\\x" in str(path) and not path.exists():
        name = _ESCAPED.sub(lambda byte: bytes([int(byte[1], 16)]), os.fsencode(path))
        return Path(os.fsdecode(name))
    return path


def text(path: str | os.PathLike[str]) -> str:
    """A path as text that can be encoded; `of_user` is the inverse."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def command(*words: str | os.PathLike[str]) -> str:
    """A command line that a shell takes as these words."""
    return shlex.join(text(word) for word in words)
