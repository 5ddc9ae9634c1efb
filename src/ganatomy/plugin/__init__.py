"""What is pluggable: groups of settings, and leaves found by name, file, package or as Python objects."""

from __future__ import annotations

from ganatomy.plugin.registry import REGISTRIES, Registry, is_outside, outside_code, reference_of
from ganatomy.plugin.settings import Settings

__all__ = ["REGISTRIES", "Registry", "Settings", "is_outside", "outside_code", "reference_of"]
