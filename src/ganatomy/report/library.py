"""The drawing library inside the page: plotly.js as it comes with the package plotly, packed."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Library:
    """plotly.js for a page that fetches nothing."""

    packed: str
    """gzip, as base64; the page's script unpacks it."""
    hash: str
    """Of the unpacked text, as a page's content security policy names the scripts that may run."""


@cache
def plotly() -> Library:
    """The installed plotly.js."""
    script = (resources.files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    # Without a time in it, so that the same report has the same bytes.
    packed = base64.b64encode(gzip.compress(script, 9, mtime=0)).decode()
    return Library(packed, policy_hash(script))


def policy_hash(script: bytes) -> str:
    """A script's name in a content security policy: 'sha256-...'."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}"
