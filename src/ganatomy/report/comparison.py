"""One picture of several runs: a row each, the milestones' samples by columns, and both players' losses next to them."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from pathlib import Path

import matplotlib.image
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ganatomy import atomic, paths
from ganatomy.callbacks.notebook import COLOURS
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs.milestones import under
from ganatomy.runs.recorded import OwnNetworks
from ganatomy.runs.run import Run


def save(runs: Sequence[Run], path: Path, names: Sequence[str] | None = None) -> None:
    """Draw the runs into a PNG, atomically.

    The losses are the logged ones, not smoothed, each row on its own scale: cross-entropies and Wasserstein losses are
    not comparable.

    Args:
        names: of the rows; unset, those of their recipes, or of the folders of recorded runs.

    Raises:
        UsageError: the picture's name does not end in .png.
        GanatomyError: a run has no picture of any milestone.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"--out {path}: the comparison is a PNG; give a name that ends in .png")
    atomic.try_place(path)
    own_of = [under(run.config.train.milestones) for run in runs]
    shown = sorted(set().union(*own_of))
    figure = Figure(figsize=(2.1 * len(shown) + 4.4, 2.35 * len(runs) + 0.75), dpi=130, layout="constrained")
    figure.suptitle(f"Samples from the same noise over the training ({_data_names(runs)})", fontsize=13)
    panels = figure.subplots(len(runs), len(shown) + 1, squeeze=False, width_ratios=[*[1] * len(shown), 1.75])
    for row, (run, own, axes) in enumerate(zip(runs, own_of, panels, strict=True)):
        if not any(run.folder.sample_file(percent).exists() for percent in own.values()):
            advice = (
                "its loop ended before it was recorded, or its images could not be drawn"
                if isinstance(run.config.model, OwnNetworks)
                else f"train it first: {paths.command('ganatomy', 'resume', run.path)}"
            )
            raise GanatomyError(f"{run.path} has no pictures in {run.folder.samples}; {advice}")
        for axis, percent in zip(axes, shown, strict=False):
            _samples(axis, run, own.get(percent, percent))
            if own.get(percent, percent) != percent:
                axis.set_xlabel(f"at {own[percent]} %", fontsize=8)
            if row == 0:
                axis.set_title(f"{percent} %", fontsize=11)
        folder = run.path.resolve().name
        name = (
            names[row] if names else folder if isinstance(run.config.model, OwnNetworks) else run.config.recipe.upper()
        )
        axes[0].set_ylabel(name, fontsize=12, fontweight="bold")
        _losses(axes[-1], run)
        if row == 0:
            axes[-1].set_title("losses, own scale each", fontsize=11)
        if row == len(runs) - 1:
            recorded = any(isinstance(each.config.model, OwnNetworks) for each in runs)
            axes[-1].set_xlabel(f"updates of the generator{' or steps of a loop' if recorded else ''}", fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_with(path, lambda temporary: figure.savefig(temporary, format="png"))


def _data_names(runs: Sequence[Run]) -> str:
    return ", ".join(dict.fromkeys(run.config.data.name for run in runs))


def _samples(axis: Axes, run: Run, percent: int) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    file = run.folder.sample_file(percent)
    if file.exists():
        axis.imshow(matplotlib.image.imread(file), cmap="gray", vmin=0, vmax=1, interpolation="lanczos")
    else:
        axis.text(0.5, 0.5, "no picture", ha="center", va="center", transform=axis.transAxes, fontsize=9)


def _losses(axis: Axes, run: Run) -> None:
    history = run.history
    steps = [record["step"] for record in history]
    for player, colour in COLOURS.items():
        axis.plot(
            steps, [record.get(f"loss/{player}", nan) for record in history], color=colour, linewidth=1.1, label=player
        )
    axis.yaxis.tick_right()
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    axis.set_ylabel(f"loss ({run.config.objective.name})", fontsize=8)
    axis.yaxis.set_label_position("right")
    axis.legend(fontsize=8, loc="best", framealpha=0.8)
