"""What the page's script unpacks: the charts' descriptions, and plotly.js as it comes with the package plotly."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Library:
    """plotly.js for a page that fetches nothing."""

    packed: str
    hash: str
    """Of the unpacked text, as a page's content security policy names the scripts that may run."""


@cache
def plotly() -> Library:
    """The installed plotly.js."""
    script = (resources.files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    return Library(packed(script), policy_hash(script))


def packed_json(value: Any) -> str:
    """A value as JSON, packed. Raises ValueError for numbers that JSON does not have."""
    return packed(
        json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(errors="backslashreplace")
    )


def packed(content: bytes) -> str:
    """gzip as base64, which may stand between script tags whatever it holds."""
    # Without a time in it, so that the same content gives the same text.
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def policy_hash(script: bytes) -> str:
    """A script's name in a content security policy: 'sha256-...'."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}"
