"""What every feature extractor returns: numbers in which images that people find alike lie close together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np


class Extractor(ABC):
    """A frozen map from images to features. Scores of two extractors cannot be compared: their digests say so."""

    name: ClassVar[str]
    digest: str
    """SHA-256 over all that decides the features, as 64 hexadecimal digits."""
    state: str = ""
    """SHA-256 over what was fitted on this machine, where the digest is over what it was fitted to: for caches."""
    classes: tuple[str, ...] = ()
    """The classes that `features_and_classes` distinguishes; empty where the extractor knows none."""

    @abstractmethod
    def features(self, images: np.ndarray) -> np.ndarray:
        """N x H x W x C uint8 (points: N x 1 x 1 x 2 float32) to N x d float64."""

    def features_and_classes(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """The features, and N x classes probabilities (float64) in the same pass; None where no classes are known."""
        return self.features(images), None

    @property
    def card(self) -> dict[str, str]:
        """What a score's reader has to know of it: name and digest."""
        return {"name": self.name, "digest": self.digest}
