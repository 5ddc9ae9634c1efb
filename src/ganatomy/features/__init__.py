"""Feature extractors: images to numbers in which distances mean something. Frozen, and known by their digests."""

from __future__ import annotations

from ganatomy.features.base import Extractor
from ganatomy.features.store import NAMES, extractor, ready_extractor

__all__ = ["NAMES", "Extractor", "extractor", "ready_extractor"]
