"""One picture of before and after: a column for each system, samples with tuned settings above those of what it began with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.image
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ganatomy import atomic
from ganatomy.report import verdict
from ganatomy.studies.results import Trial

ROWS = ("tuned", "what you start from")


@dataclass(frozen=True)
class Pair:
    """A system, twice, from the same noise."""

    title: str
    tuned: Trial
    start: Trial


def save(pairs: Sequence[Pair], path: Path, title: str) -> None:
    """Draw the last samples of all pairs into a PNG, atomically; a run that failed has its place, and says so.

    `title` tells what all runs have in common: the data and the length of the training.
    """
    figure = Figure(figsize=(3.3 * len(pairs) + 0.4, 7.6), dpi=110, layout="constrained")
    figure.suptitle(title, fontsize=13)
    panels = figure.subplots(2, len(pairs), squeeze=False)
    for name, row in zip(ROWS, panels, strict=True):
        row[0].set_ylabel(name, fontsize=13, fontweight="bold")
    for column, pair in zip(panels.T, pairs, strict=True):
        column[0].set_title(pair.title, fontsize=14, fontweight="bold")
        for axis, trial in zip(column, (pair.tuned, pair.start), strict=True):
            _samples(axis, trial)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_with(path, lambda temporary: figure.savefig(temporary, format="png"))


def _samples(axis: Axes, trial: Trial) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[:].set_visible(False)
    if trial.state != "finished":
        axis.text(0.5, 0.5, trial.state, ha="center", va="center", transform=axis.transAxes, fontsize=12)
        return
    picture = matplotlib.image.imread(trial.run.folder.sample_file(100))
    axis.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="lanczos")
    scored = verdict.caption(trial.scores("100%"))
    axis.set_xlabel("\n".join([trial.run.config.recipe, scored.en if scored else "not scored"]), fontsize=10)
