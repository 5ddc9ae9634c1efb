"""The real side of every score: reference features and floors, computed once for a data set, an extractor and an n."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import logging
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from ganatomy import atomic
from ganatomy.data import Dataset, Source
from ganatomy.data.cache import cache_root, not_kept
from ganatomy.data.mixtures import Mixtures
from ganatomy.data.reserved import digest_with_labels, halves, not_held_out
from ganatomy.evaluation.measures import Measure, Mixture, Needs, Reals, chosen
from ganatomy.evaluation.score import Measured, score
from ganatomy.features import Extractor, extractor, ready_extractor
from ganatomy.metrics import frechet, modes

LEAST = 10
"""Images of each side; precision and the like need the fifth neighbour of each."""

FORMAT = 1
"""Number of the arithmetic behind what is cached; another number, and it is computed again."""

log = logging.getLogger(__name__)


def conceivable(source: Source, dataset: Dataset) -> set[Needs]:
    """What metrics a data set can have, with an extractor that knows its classes where it has some."""
    found: set[Needs] = {"features"}
    if dataset.labels is not None and dataset.bounded:
        found.add("classes")
    if isinstance(source, Mixtures):
        found.add("mixture")
    if dataset.bounded:
        found.add("pixels")
    return found


class Reference:
    """n real images to score against, and n others that show what a perfect generator would score."""

    def __init__(self, source: Source, dataset: Dataset, extractor: Extractor, n: int | None = None) -> None:
        """`n` unset, or more than there is: as many as the data has for both sets, and 10,000 at most if unset."""
        self.source = source
        self.dataset = dataset
        self.extractor = extractor
        self._real, self.held_out = halves(source, dataset, n)
        self.n = len(self._real)
        data = [self._real.digest, self.held_out.digest, digest_with_labels(dataset)]
        parts = [str(FORMAT), *data, extractor.digest, str(self.n)]
        self.digest = hashlib.sha256("/".join(parts).encode()).hexdigest()
        """SHA-256 over everything that the reference and its floors depend on."""

    @classmethod
    def of(cls, source: Source, dataset: Dataset, features: str | None = None, n: int | None = None) -> Reference:
        """With the extractor of that name, or the data's own."""
        return cls(source, dataset, extractor(source, dataset, features), n)

    @classmethod
    def ready(cls, source: Source, dataset: Dataset, n: int) -> Reference:
        """With an extractor that needs no training, so that nothing waits for it."""
        return cls(source, dataset, ready_extractor(source, dataset), n)

    @property
    def fid_warning(self) -> str | None:
        """What is wrong with an FID of so few images, in words."""
        return frechet.small_sample_warning(self.n, self.reals.features.shape[1])

    @property
    def available(self) -> set[Needs]:
        """What metrics can be had."""
        found = conceivable(self.source, self.dataset)
        return found if self.reals.class_shares is not None else found - {"classes"}

    @cached_property
    def reals(self) -> Reals:
        images = self.dataset.images
        return Reals(self._features(), images, np.arange(len(images)), self._class_shares(), self._mixture())

    def _class_shares(self) -> np.ndarray | None:
        labels = self.dataset.labels
        if labels is None or self.extractor.classes != self.dataset.classes:
            return None
        counts = np.bincount(labels, minlength=len(self.dataset.classes))
        return np.asarray(counts / counts.sum())

    def _mixture(self) -> Mixture | None:
        return Mixture(self.source.centres, self.source.sigma) if isinstance(self.source, Mixtures) else None

    def score(self, images: np.ndarray, metrics: Iterable[str] | None = None, replicates: int = 0) -> Measured:
        """The metrics of images, N x H x W x C uint8, or of points, N x 1 x 1 x 2 float32.

        Args:
            metrics: some of `MEASURES`; unset, all that the data can have.
            replicates: of the bootstrap, for intervals; 0 for the values alone.

        Raises:
            UsageError: an unknown metric, or one that this data cannot have.
        """
        return score(images, self.extractor, self.reals, chosen(metrics, self.available), replicates)

    def floors(self, measures: Iterable[Measure]) -> dict[str, float]:
        """What n held-out real images score. For `class_kl` the expectation of a perfect sampler of n images.

        A classifier's own errors are in the others; a floor of `class_kl` from one set of reals would be mostly chance.
        """
        wanted = list(measures)
        known = self._known_floors()
        missing = [measure for measure in wanted if measure.name not in known]
        if missing:
            # Held-out images that are training images too would all be copies of themselves.
            reals = dataclasses.replace(self.reals, compared=not_held_out(self.source, self.dataset, self.n))
            known |= score(self.held_out.images, self.extractor, reals, missing).values
            self._write({"floors": np.array(json.dumps(known))})
        if self.reals.class_shares is not None:
            known["class_kl"] = modes.class_kl_floor(self.n, self.reals.class_shares)
        return {measure.name: float(known[measure.name]) for measure in wanted}

    # ---- the cache

    @property
    def _file(self) -> Path:
        key = hashlib.sha256(f"{self.digest}/{self.extractor.state}".encode()).hexdigest()
        return cache_root() / "references" / f"{key}.npz"

    @cached_property
    def _cached(self) -> dict[str, np.ndarray]:
        try:
            with np.load(self._file, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except FileNotFoundError:
            return {}
        except PermissionError as error:
            log.warning("the cache file %s cannot be read (%s); computing it again", self._file, error)
            return {}
        except Exception as error:  # of whatever kind the damage makes numpy and zipfile raise
            log.warning("the cache file %s is damaged (%s); computing it again", self._file, error)
            return {}

    def _write(self, arrays: dict[str, np.ndarray]) -> None:
        """Add to the cache. Where that cannot be written, nothing is lost but time."""
        self._cached.update(arrays)
        buffer = io.BytesIO()
        np.savez(buffer, **self._cached)  # type: ignore[arg-type]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self._file, buffer.getvalue())
        except OSError as error:
            not_kept(error)

    def _features(self) -> np.ndarray:
        if "features" not in self._cached:
            self._write({"features": self.extractor.features(self._real.images)})
        return self._cached["features"]

    def _known_floors(self) -> dict[str, float]:
        if "floors" not in self._cached:
            return {}
        floors: dict[str, float] = json.loads(str(self._cached["floors"]))
        return floors
