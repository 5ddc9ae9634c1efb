"""An answer's picture as SVG: its letters are text, so that no font is needed to draw Chinese."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator
from PIL import Image
from torch import Tensor, nn

from ganatomy import atomic
from ganatomy.config import recipe
from ganatomy.lab import claims, saturation
from ganatomy.lab.answers.answer import Answer, Panel, texts
from ganatomy.lab.answers.figures import finding_of
from ganatomy.lab.claim import Claim
from ganatomy.lab.finding import Finding
from ganatomy.studies.folder import StudyFolder
from ganatomy.studies.results import Trial
from ganatomy.words import Language

# Okabe and Ito's palette, which the colour-blind can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")

SIDE, ROWS = 8, 4
"""Of the 64 samples in a run's grid, the first four rows are shown."""


def save(answer: Answer, language: Language, studies: Path, path: Path) -> None:
    """Draw an answer's panels, one below the other, from the findings that come with the package and their runs.

    Raises:
        GanatomyError: the study of a finding is not there.
    """
    panels = answer.facts.picture
    heights = [HEIGHTS[panel.kind] for panel in panels]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ganatomy"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)  # the viewer's fonts have it
        figure = Figure(figsize=(9, sum(heights)), layout="constrained")
        parts = np.atleast_1d(np.array(figure.subfigures(len(panels), 1, height_ratios=heights)))
        for part, panel in zip(parts, panels, strict=True):
            DRAWN[panel.kind](part, panel, _sources(panel), language, studies)
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_with(path, lambda file: figure.savefig(file, format="svg", metadata={"Date": None}))


@dataclass(frozen=True)
class _Source:
    """A claim that a panel shows, and its finding."""

    claim: Claim
    finding: Finding

    def titles(self, language: Language) -> dict[str, str]:
        return {arm: getattr(title, language) for arm, title in self.claim.arms.items()}

    def first_runs(self, arms: Sequence[str], studies: Path) -> list[Trial]:
        """Of each arm the first run that came to its end."""
        study = self.claim.experiment.study(self.claim.name, self.finding.level, self.finding.seeds)
        assert study is not None
        results = StudyFolder.of(study, studies).read()
        shown = [arm.name for arm in study.arms if not arms or arm.name in arms]
        return [next(trial for trial in results.select(arm=arm) if trial.state == "finished") for arm in shown]


def _sources(panel: Panel) -> list[_Source]:
    found = [(claims.get(name), finding_of(name, None, None)) for name in panel.claims]
    return [_Source(claim, finding) for claim, finding in found if finding is not None]


def _values(part: SubFigure, panel: Panel, sources: Sequence[_Source], language: Language, studies: Path) -> None:
    """Every seed a point, the mean a bar; the arms one below the other."""
    assert panel.of is not None
    axis = part.subplots()
    titles, values = {}, {}
    for source in reversed(sources):
        titles.update(source.titles(language))
        values.update(source.finding.values[panel.of])
    arms = list(panel.arms or values)
    for place, arm in enumerate(reversed(arms)):
        found = [each for each in values[arm].values() if each is not None]
        colour = COLOURS[arms.index(arm) % len(COLOURS)]
        offsets = place + np.linspace(-0.22, 0.22, max(len(found), 2))[: len(found)]
        axis.plot(found, offsets, "o", color=colour, markersize=5, alpha=0.75)
        axis.plot([np.mean(found)] * 2, [place - 0.36, place + 0.36], color=colour, linewidth=2.5)
    axis.set_yticks(range(len(arms)), [titles.get(arm, arm) for arm in reversed(arms)])
    axis.set_ylim(-0.6, len(arms) - 0.4)
    _scaled(axis, [each for arm in arms for each in values[arm].values() if each is not None])
    title = texts()["picture.fid"] if panel.of == "fid" else sources[0].claim.titles[panel.of]
    axis.set_xlabel(getattr(title, language))
    axis.grid(axis="x", alpha=0.3)


def _images(part: SubFigure, panel: Panel, sources: Sequence[_Source], language: Language, studies: Path) -> None:
    """Samples of each arm at the end of its first finished run, from the same noise."""
    shown = [(source, trial) for source in sources for trial in source.first_runs(panel.arms, studies)]
    for axis, (source, trial) in zip(part.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        axis.imshow(_grid(trial), cmap="gray", vmin=0, vmax=255, interpolation="none")
        axis.set_title(_wrapped(source.titles(language)[trial.arm], 26 if len(shown) < 4 else 17, language), fontsize=9)
        axis.set_axis_off()


def _curves(part: SubFigure, panel: Panel, sources: Sequence[_Source], language: Language, studies: Path) -> None:
    """D's and G's logged losses of one run for each arm."""
    shown = [(source, trial) for source in sources for trial in source.first_runs(panel.arms, studies)]
    axes = part.subplots(1, len(shown), squeeze=False)[0]
    for axis, (source, trial) in zip(axes, shown, strict=True):
        history = [each for each in trial.run.history if "loss/discriminator" in each]
        steps = [each["step"] for each in history]
        for key, name, colour in (("loss/discriminator", "D", COLOURS[0]), ("loss/generator", "G", COLOURS[1])):
            axis.plot(steps, [each[key] for each in history], color=colour, linewidth=1, label=name)
        axis.set_title(_wrapped(source.titles(language)[trial.arm], 30, language), fontsize=10)
        axis.set_xlabel(getattr(texts()["picture.update"], language))
        axis.grid(alpha=0.3)
        axis.legend(loc="best", fontsize=8)
    axes[0].set_ylabel(getattr(texts()["picture.loss"], language))


def _distances(part: SubFigure, panel: Panel, sources: Sequence[_Source], language: Language, studies: Path) -> None:
    """The gradient that reaches a generated point at each distance of the two Gaussians, by loss."""
    axis = part.subplots()
    for colour, loss in zip(COLOURS, ("js", "non-saturating", "wasserstein"), strict=False):
        means = [
            np.mean(
                [each for each in sources[0].finding.values[f"gradient at {at:g}"][loss].values() if each is not None]
            )
            for at in saturation.DISTANCES
        ]
        label = getattr(texts()[f"picture.{loss}"], language)
        axis.plot(saturation.DISTANCES, means, "o-", color=colour, label=label)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(saturation.DISTANCES, [f"{each:g}" for each in saturation.DISTANCES])
    axis.minorticks_off()
    axis.set_xlabel(getattr(texts()["picture.distance"], language))
    axis.set_ylabel(getattr(texts()["picture.gradient"], language))
    axis.grid(alpha=0.3)
    axis.legend()


def _shapes(part: SubFigure, panel: Panel, sources: Sequence[_Source], language: Language, studies: Path) -> None:
    """The layers of G and of D in their order, with the shape that each returns and its numbers of weights."""
    axis = part.subplots()
    axis.set_axis_off()
    config = recipe.load(panel.recipes[0], ["train.updates=1"])
    image = (1, 28, 28)
    networks = (
        ("G", config.model.generator(image), torch.zeros(2, config.model.latent)),
        ("D", config.model.discriminator(image), torch.zeros(2, *image)),
    )
    for row, (name, network, given) in enumerate(networks):
        for column, (layer, shape, count) in enumerate(_layers(network, given)):
            axis.text(
                column,
                -row,
                f"{layer}\n{shape}\n{count:,}" if count else f"{layer}\n{shape}",
                ha="center",
                va="center",
                fontsize=8,
                bbox={"boxstyle": "round", "facecolor": COLOURS[5] if count else "#eeeeee", "alpha": 0.35},
            )
        axis.text(-1, -row, name, ha="center", va="center", fontsize=12, fontweight="bold")
    axis.set_xlim(-1.4, 7.6)
    axis.set_ylim(-1.6, 0.6)


def _layers(network: nn.Module, given: Tensor) -> Iterator[tuple[str, str, int]]:
    """(layer, shape of its output with N for the batch, its numbers of weights) of each layer without layers of its own."""
    seen: list[tuple[str, str, int]] = []

    def note(layer: nn.Module, _: object, output: Tensor) -> None:
        if isinstance(layer, nn.Flatten | nn.Unflatten):
            return
        shape = " x ".join(["N", *map(str, output.shape[1:])])
        seen.append((type(layer).__name__, shape, sum(each.numel() for each in layer.parameters())))

    hooks = [layer.register_forward_hook(note) for layer in network.modules() if not list(layer.children())]
    with torch.no_grad():
        network(given)
    for hook in hooks:
        hook.remove()
    yield from seen


HEIGHTS = {"values": 2.3, "images": 2.0, "curves": 2.4, "distances": 3.2, "shapes": 2.2}
DRAWN = {"values": _values, "images": _images, "curves": _curves, "distances": _distances, "shapes": _shapes}


def _grid(trial: Trial) -> np.ndarray:
    """The first rows of a run's samples at its end, in 16 greys; of points in the plane the whole picture."""
    with Image.open(trial.run.folder.sample_file(100)) as opened:
        grey = np.asarray(opened.convert("L"))
    if trial.run.config.data.name != "mixtures":
        grey = grey[: round(grey.shape[0] * ROWS / SIDE)]
    return (grey // 16 * 17).astype(np.uint8)


def _scaled(axis: Axes, values: Sequence[float]) -> None:
    if values and min(values) > 0 and max(values) > 1 and max(values) / min(values) > 20:
        axis.set_xscale("log")
    elif all(value == int(value) for value in values):
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))


def _wrapped(text: str, width: int, language: Language) -> str:
    """Lines of about that many letters; a Chinese one is two wide, and a line may end after it."""
    if language == "en":
        return "\n".join(textwrap.wrap(text, width))
    lines, used = [""], 0
    for piece in re.findall(r"[\w.\-]+ ?|.", text, re.ASCII):
        wide = len(piece) if piece.isascii() else 2
        if used + wide > width + 2:
            lines.append("")
            used = 0
        lines[-1] += piece
        used += wide
    return "\n".join(lines)
