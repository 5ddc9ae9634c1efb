"""The ladder as pictures: what each metric makes of sets whose quality is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ganatomy import atomic, images
from ganatomy.evaluation import MEASURES
from ganatomy.evaluation.ladder import Ladder

# Okabe and Ito's palette, which the colour-blind can tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")

THUMBNAILS = 4
"""Images of each set, next to its name."""

RANGES = {"precision": (0.0, 1.05), "recall": (0.0, 1.05), "coverage": (0.0, 1.05), "density": (0.0, None)}
LOGARITHMIC = ("fid", "kid")


def save(ladder: Ladder, folder: Path) -> list[Path]:
    """Write one PNG a metric, `ladder-DATA-METRIC.png`, into a folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    # Those that all extractors have.
    metrics = [name for name in MEASURES if all(name in found for found in ladder.scores[0].values())]
    made = []
    for metric in metrics:
        path = folder / f"ladder-{ladder.data}-{metric}.png"
        figure = draw(ladder, metric)
        atomic.write_with(path, lambda temporary, figure=figure: figure.savefig(temporary, format="png"))  # type: ignore[misc]
        made.append(path)
    return made


def draw(ladder: Ladder, metric: str) -> Figure:
    """A row a set: some of its images, its name, and the metric's value under each extractor."""
    rows = len(ladder.rungs)
    figure = Figure(figsize=(9.5, 0.27 * rows + 1.1), dpi=110, layout="constrained")
    pictures, values = figure.subplots(1, 2, width_ratios=[1, 3.2])
    _thumbnails(pictures, ladder)
    for number, (kind, colour) in enumerate(zip(ladder.cards, COLOURS, strict=False)):
        heights = [found[kind][metric] for found in ladder.scores]
        thick = 0.72 / len(ladder.cards)
        places = np.arange(rows) + (number - (len(ladder.cards) - 1) / 2) * thick
        values.barh(places, heights, height=0.94 * thick, color=colour, label=f"{kind} features")
    values.set_ylim(rows - 0.5, -0.5)
    values.set_yticks(range(rows), [rung.name for rung in ladder.rungs], fontsize=7.5)
    values.set_xlabel(f"{metric}, {ladder.n} images a set against as many real ones ({ladder.data})", fontsize=9)
    if metric in LOGARITHMIC:
        # A bar needs a positive end: unbiased estimates of nothing lie on either side of 0.
        least = min(abs(found[kind][metric]) for found in ladder.scores for kind in ladder.cards)
        values.set_xscale("symlog", linthresh=max(least, 1e-3))
    else:
        values.set_xlim(*RANGES.get(metric, (None, None)))
    values.grid(axis="x", alpha=0.3)
    values.tick_params(axis="x", labelsize=8)
    figure.legend(loc="outside upper right", ncols=len(ladder.cards), fontsize=9, frameon=False)
    return figure


def _thumbnails(axis: Axes, ladder: Ladder) -> None:
    height, width = ladder.shown[0].shape[1:3]
    sheet = images.grid(np.concatenate([shown[:THUMBNAILS] for shown in ladder.shown]), columns=THUMBNAILS, gap=1)
    side = (width + 1) / (height + 1)
    axis.imshow(
        sheet if sheet.shape[2] == 3 else sheet[:, :, 0],
        cmap="gray",
        vmin=0,
        vmax=255,
        aspect="auto",
        extent=(0, THUMBNAILS * side, len(ladder.rungs) - 0.5, -0.5),
        interpolation="nearest",
    )
    axis.set_axis_off()
