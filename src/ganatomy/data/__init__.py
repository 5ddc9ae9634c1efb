"""Data sources: one file a source (or a family of files in one format), found by name."""

from __future__ import annotations

from ganatomy.data.base import Dataset, Source, announce, take
from ganatomy.plugin.registry import Registry

sources: Registry[Source] = Registry("data source", Source, __name__)  # type: ignore[type-abstract]

__all__ = ["Dataset", "Source", "announce", "sources", "take"]
