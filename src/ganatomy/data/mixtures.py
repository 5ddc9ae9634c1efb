"""Mixtures of Gaussians in the plane: the smallest data on which a GAN can lose modes."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from ganatomy.data.base import Dataset, Source, digest_of

DRAW_SEED = 20_140_610  # any fixed number: it names the data, as a file's name would


class Mixtures(Source):
    """Points in the plane around 8 or 25 centres, the same for every training seed."""

    name = "mixtures"
    title = "points in the plane: a ring of 8 Gaussians or a grid of 25; for the mlp family"
    extent = "50,000 points of 2 coordinates (settable); no files, 0.4 MB in memory"
    licence = "none needed: computed"
    reference = "A. Srivastava et al., VEEGAN, 2017, https://arxiv.org/abs/1705.07761"

    mixture: Literal["ring", "grid"] = "ring"
    """`ring`: 8 Gaussians on the circle of radius 1, sigma 0.01; `grid`: 25 at {-4, -2, 0, 2, 4} squared, sigma 0.05."""
    count: Annotated[int, Ge(1), Le(10_000_000)] = 50_000
    """How many points to draw, once, with a fixed generator: from 1, up to 10 million (80 MB of memory). Share of each mode as equal as can be."""

    @property
    def centres(self) -> np.ndarray:
        """The modes' centres in the order of the labels: K x 2 float64, K = 8 or 25."""
        if self.mixture == "ring":
            angle = 2 * np.pi * np.arange(8) / 8
            return np.stack([np.cos(angle), np.sin(angle)], axis=1)
        steps = np.arange(-4.0, 5.0, 2.0)
        return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(25, 2)

    @property
    def sigma(self) -> float:
        """Standard deviation of each mode along each axis."""
        return {"ring": 0.01, "grid": 0.05}[self.mixture]

    def load(self) -> Dataset:
        """`count` x 1 x 1 x 2 float32 with the mode's index as label; a function of the settings alone."""
        return self._drawn(DRAW_SEED)

    def held_out(self) -> Dataset:
        """As many other points, each mode's share left to chance."""
        return self._drawn(DRAW_SEED + 1, equal=False)

    def _drawn(self, seed: int, equal: bool = True) -> Dataset:
        rng = np.random.default_rng(seed)
        if equal:
            labels = rng.permutation(np.arange(self.count, dtype=np.int64) % len(self.centres))
        else:
            labels = rng.integers(len(self.centres), size=self.count)
        noise = rng.standard_normal((self.count, 2), dtype=np.float32)
        points = self.centres.astype(np.float32)[labels] + np.float32(self.sigma) * noise
        images = points.reshape(-1, 1, 1, 2)
        images.setflags(write=False)
        labels.setflags(write=False)
        # Adding 0 turns the -0.00 that a rounded sine makes into 0.00.
        names = (f"mode {i} ({x:.2f}, {y:.2f})" for i, (x, y) in enumerate(self.centres.round(2) + 0.0))
        return Dataset(images, labels, tuple(names), digest_of(images))

    def location(self) -> str:
        return "computed when loaded"

    def present(self) -> bool:
        return True
