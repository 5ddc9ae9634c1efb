"""What is pluggable: groups of settings, and leaves found by name, file, package or as Python objects."""

from __future__ import annotations

from ganatomy.plugin.registry import Registry, outside_code, reference_of
from ganatomy.plugin.settings import Settings

__all__ = ["Registry", "Settings", "outside_code", "reference_of"]
