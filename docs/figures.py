"""Draws the pictures of docs/metrics.md that `ganatomy features ladder` does not: copies, and modes of a mixture.

Run from the project's root, with the real MNIST where GANATOMY_DATA names it: `python docs/figures.py`
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from ganatomy.data.idx import Mnist
from ganatomy.data.mixtures import Mixtures
from ganatomy.evaluation.pixels import flat
from ganatomy.features import corruptions
from ganatomy.images import to_pixels
from ganatomy.metrics import modes, novelty

IMAGES = Path(__file__).parent / "images"
COUNT = 1000
SHOWN = 6


def copies() -> None:
    """Sets from new to copied, with their share of near-copies and some images beside their nearest training image."""
    source = Mnist()
    training, held_out = source.load().images, source.load("test").images[:COUNT]
    rng = torch.Generator().manual_seed(0)
    some = torch.from_numpy(training[:COUNT].copy()).permute(0, 3, 1, 2).float() / 255
    sets = {
        "held-out real images": held_out,
        "training images, noise of sigma 0.4": to_pixels(corruptions.noise(some, 0.4, rng), (0, 1)),
        "training images, shifted by 2 px": to_pixels(corruptions.shift(some, 2, 0), (0, 1)),
        "training images, noise of sigma 0.1": to_pixels(corruptions.noise(some, 0.1, rng), (0, 1)),
        "training images": training[:COUNT],
    }
    figure = Figure(figsize=(9.5, 0.72 * len(sets) + 0.3), dpi=110, layout="constrained")
    axes = figure.subplots(len(sets), 2 * SHOWN + 1, width_ratios=[4.2] + [1] * 2 * SHOWN)
    for row, (name, images) in zip(axes, sets.items(), strict=True):
        near = novelty.near_copies(*novelty.nearest_two(flat(images), flat(training)))
        row[0].text(0, 0.5, f"{name}\nnear_copies = {near.mean():.3f}", va="center", fontsize=9)
        for index in range(SHOWN):
            distance = ((training.astype(np.float32) - images[index]) ** 2).sum(axis=(1, 2, 3))
            pair = (images[index], training[distance.argmin()])
            for axis, image, title in zip(row[1 + 2 * index :], pair, ("image", "nearest"), strict=False):
                axis.imshow(image[:, :, 0], cmap="gray", vmin=0, vmax=255)
                if row is axes[0]:
                    axis.set_title(title, fontsize=7)
        for axis in row:
            axis.set_axis_off()
    figure.savefig(IMAGES / "metric-near_copies.png")


def mixture() -> None:
    """Samples of a grid of 25 Gaussians: perfect, with modes lost, spread out, unevenly shared."""
    source = Mixtures(mixture="grid", count=2500)
    rng = np.random.default_rng(0)
    perfect = source.held_out().images.reshape(-1, 2)
    labels = np.asarray(source.held_out().labels)
    share = np.linspace(0.2, 1.8, 25)
    drawn = rng.choice(25, size=2500, p=share / share.sum())
    sets = {
        "a perfect sampler": perfect,
        "9 of 25 modes lost": perfect[labels < 16],
        "all modes, but spread": perfect + rng.normal(0, 0.12, perfect.shape),
        "all modes, uneven shares": source.centres[drawn] + rng.normal(0, source.sigma, (2500, 2)),
    }
    figure = Figure(figsize=(9.5, 2.9), dpi=110, layout="constrained")
    for axis, (name, points) in zip(figure.subplots(1, len(sets)), sets.items(), strict=True):
        found = modes.mixture_modes(points, source.centres, source.sigma)
        axis.scatter(points[:, 0], points[:, 1], s=1, color="#0072B2")
        axis.set_title(
            f"{name}\nmodes_found {found.found}\nhigh_quality {found.high_quality:.3f}\nreverse_kl {found.reverse_kl:.3f}",
            fontsize=8.5,
        )
        axis.set(xlim=(-5, 5), ylim=(-5, 5), aspect="equal")
        axis.tick_params(labelsize=7)
    figure.savefig(IMAGES / "metric-modes.png")


if __name__ == "__main__":
    copies()
    mixture()
