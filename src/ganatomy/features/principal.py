"""Features without labels and without training: principal components of the pixels, and how much they leave out."""

from __future__ import annotations

import hashlib

import numpy as np
import scipy.linalg
import torch
import torch.nn.functional as F

from ganatomy.data import take
from ganatomy.features.base import Extractor
from ganatomy.metrics.distances import distinct, squared_radii

COMPONENTS = 48
IMAGES_A_COMPONENT = 16
BANDS = (1, 2, 4)
"""Grain, in pixels, of the details whose energy is measured."""
LARGEST = 32
FITTED_ON = 10_000
"""Images in grey, and a third of it in colour: 82 MB of numbers at most. Several times that is needed while fitting."""
SHRUNK_AT_ONCE = 100
"""Large images: those of a whole fit would take gigabytes in float64 before they are averaged down."""
NEIGHBOUR = 5
DETAIL_WEIGHT = 2.0
"""How many typical distances between neighbours a deviation of one standard deviation of the reals is worth."""


class Principal(Extractor):
    """The label-free extractor of a user's own pictures.

    An image (averaged down to 32 x 32 if larger) becomes

    1. its first 48 principal components (one for 16 images, if that is fewer) over the data's own images, in units of the median distance of the real images
       to their fifth neighbour; and
    2. for each grain of 1, 2 and 4 pixels the logarithm of the energy of its details (what a Laplacian pyramid holds
       there), and the logarithm of the energy that the components leave out, in standard deviations of the reals.

    Components alone are blind to noise and see a blurred image as an ordinary one near the mean; the energies detect both.
    It knows nothing of objects: two pictures of one thing in other places are far apart.
    """

    name = "principal"

    def __init__(self, images: np.ndarray, data_digest: str) -> None:
        """Fit on the data's own images, N x H x W x C uint8; of more than `FITTED_ON` every so many are taken."""
        fitted_on = FITTED_ON // images.shape[3]
        step = -(-len(images) // fitted_on)
        centred, energies = _looked_at(images, np.arange(0, len(images), step))
        self._mean = centred.mean(axis=0)
        centred -= self._mean
        # With more of them a small set would be fitted whole, and every new image left out.
        components = min(COMPONENTS, max(2, len(centred) // IMAGES_A_COMPONENT))
        self._directions = _directions(centred, components)
        projected = centred @ self._directions
        self._radius = max(float(np.sqrt(np.median(squared_radii(distinct(projected), NEIGHBOUR)))), 1e-6)
        energies = np.column_stack([energies, self._left_out(centred, projected)])
        self._centre, self._spread = energies.mean(axis=0), np.maximum(energies.std(axis=0), 1e-3)
        # Where all images were fitted, the limit on them decided nothing.
        limit = fitted_on if step > 1 else FITTED_ON
        what = f"ganatomy principal 1 {COMPONENTS} {BANDS} {LARGEST} {limit} {NEIGHBOUR} {DETAIL_WEIGHT} {IMAGES_A_COMPONENT} {data_digest}"
        self.digest = hashlib.sha256(what.encode()).hexdigest()
        fit = (self._mean, self._directions, self._centre, self._spread, np.array([self._radius]))
        self.state = hashlib.sha256(b"".join(part.tobytes() for part in fit)).hexdigest()

    def features(self, images: np.ndarray) -> np.ndarray:
        """N x H x W x C uint8 to N x (components + 4) float64."""
        parts = []
        for start in range(0, len(images), 1000):
            flat, energies = _looked_at(images, np.arange(start, min(start + 1000, len(images))))
            centred = flat - self._mean
            projected = centred @ self._directions
            energies = np.column_stack([energies, self._left_out(centred, projected)])
            deviation = (energies - self._centre) / self._spread
            parts.append(np.column_stack([projected / self._radius, DETAIL_WEIGHT * deviation]))
        return np.concatenate(parts)

    @staticmethod
    def _left_out(centred: np.ndarray, projected: np.ndarray) -> np.ndarray:
        """The logarithm of the mean energy per pixel that the components do not hold."""
        rest = (centred**2).sum(axis=1) - (projected**2).sum(axis=1)
        return _logarithm(rest / centred.shape[1])


def _directions(centred: np.ndarray, components: int) -> np.ndarray:
    """p x components: the principal directions, the largest entry of each positive.

    Eigenvectors of the smaller of the two products: with many pixels and few images the other would be huge.
    """
    count, pixels = centred.shape
    components = min(components, count, pixels)
    if pixels <= count:
        _, vectors = scipy.linalg.eigh(centred.T @ centred, subset_by_index=(pixels - components, pixels - 1))
    else:
        values, few = scipy.linalg.eigh(centred @ centred.T, subset_by_index=(count - components, count - 1))
        vectors = centred.T @ few / np.sqrt(np.maximum(values, 1e-12))
    vectors = vectors[:, ::-1]
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(components)]
    return np.ascontiguousarray(vectors * np.where(largest < 0, -1.0, 1.0))


def _looked_at(images: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of those images: pixels N x p in [0, 1] and the details' energies N x bands, float64, memory of the caller's."""
    _, height, width, channels = images.shape
    if max(height, width) <= LARGEST:
        return _measured(take(images, index))
    flat = np.empty((len(index), LARGEST * LARGEST * channels))
    energies = np.empty((len(index), len(BANDS)))
    for start in range(0, len(index), SHRUNK_AT_ONCE):
        part = slice(start, start + SHRUNK_AT_ONCE)
        flat[part], energies[part] = _measured(take(images, index[part]))
    return flat, energies


def _measured(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    moved = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).double() / 255
    if max(moved.shape[-2:]) > LARGEST:
        moved = F.interpolate(moved, size=(LARGEST, LARGEST), mode="area")
    energies = []
    finer = moved
    for _ in BANDS:
        coarser = F.avg_pool2d(F.pad(finer, (0, finer.shape[3] % 2, 0, finer.shape[2] % 2), mode="replicate"), 2)
        detail = finer - F.interpolate(coarser, size=finer.shape[-2:], mode="nearest")
        energies.append(_logarithm(detail.square().mean(dim=(1, 2, 3)).numpy()))
        finer = coarser
    return moved.flatten(1).numpy(), np.stack(energies, axis=1)


def _logarithm(energy: np.ndarray) -> np.ndarray:
    """Of an energy in squared shares of white; a pixel's rounding to bytes sets the least that counts."""
    return np.log(np.maximum(energy, 0) + (1 / 255) ** 2)
