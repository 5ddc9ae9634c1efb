"""Data sources: one file a source (or a family of files in one format), found by name."""

from __future__ import annotations

from ganatomy.data.base import Dataset, Source, announce, take
from ganatomy.plugins import Plugins

sources: Plugins[Source] = Plugins("data source", __name__, Source)  # type: ignore[type-abstract]

__all__ = ["Dataset", "Source", "announce", "sources", "take"]
