"""Findings on claims as pictures and as Markdown."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.image
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from ganatomy import atomic
from ganatomy.report.scores import number
from ganatomy.studies.finding import RULINGS, Finding
from ganatomy.studies.results import Results
from ganatomy.studies.statistics import Difference, estimate

# Okabe and Ito's palette, which the colour-blind can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")

PANELS = 4
"""Quantities side by side."""

MOST_ARMS = 8
"""Arms whose samples are shown."""


def save(finding: Finding, results: Results | None, path: Path) -> None:
    """One picture of a finding: each quantity's value of every seed and its mean by arm, and below samples of every arm."""
    shown = _samples(results)
    columns = min(len(finding.values), PANELS)
    rows = -(-len(finding.values) // PANELS)
    height, below = 2.9 * rows, 2.2 if shown else 0
    figure = Figure(figsize=(max(3.3 * columns, 6), height + below), dpi=110, layout="constrained")
    parts = figure.subfigures(2 if shown else 1, 1, height_ratios=[height, below] if shown else None, squeeze=False)[
        :, 0
    ]
    panels = parts[0].subplots(rows, columns, squeeze=False).flat
    colours = {arm: COLOURS[place % len(COLOURS)] for place, arm in enumerate(arms_of(finding))}
    for axis, (name, values) in zip(panels, finding.values.items(), strict=False):
        _points(axis, values, colours)
        axis.set_title(_wrapped(finding.titles[name].en), fontsize=9)
    for axis in list(panels):
        axis.set_visible(False)
    for part in parts[1:]:
        part.suptitle("samples at the end, seed 0 (or the first there is), from the same noise", fontsize=8)
        for axis, (name, file) in zip(part.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
            axis.imshow(matplotlib.image.imread(file), cmap="gray", vmin=0, vmax=1, interpolation="lanczos")
            axis.set_title(name, fontsize=8)
            axis.set_xticks([])
            axis.set_yticks([])
    figure.suptitle(f"{finding.claim}: {finding.ruling}", fontsize=10, fontweight="bold")
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_with(path, lambda temporary: figure.savefig(temporary, format="png"))


def smaller(picture: Path) -> bytes:
    """A picture with 128 colours, as a PNG: a third of the size, and no difference to the eye."""
    buffer = io.BytesIO()
    with Image.open(picture) as opened:
        opened.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _points(axis: Axes, values: Mapping[str, Mapping[str, float | None]], colours: Mapping[str, str]) -> None:
    """Every seed a point, the mean a bar; equal seeds at equal places within the column, so that pairs can be followed."""
    for place, (arm, by_seed) in enumerate(values.items()):
        there = [(index, value) for index, value in enumerate(by_seed.values()) if _is_number(value)]
        if there:
            offsets = [place + 0.5 * ((index + 0.5) / len(by_seed) - 0.5) for index, _ in there]
            heights = [value for _, value in there if value is not None]
            axis.plot(offsets, heights, "o", color=colours[arm], markersize=4.5, alpha=0.8)
            axis.plot([place - 0.32, place + 0.32], [np.mean(heights)] * 2, color=colours[arm], linewidth=2)
        missing = len(by_seed) - len(there)
        if missing:
            axis.annotate(f"{missing} none", (place, 0.02), xycoords=("data", "axes fraction"), ha="center", fontsize=7)
    rotated = max((len(arm) for arm in values), default=0) > 8 or len(values) > 4
    axis.set_xticks(
        range(len(values)), list(values), fontsize=8, rotation=25 if rotated else 0, ha="right" if rotated else "center"
    )
    axis.set_xlim(-0.6, len(values) - 0.4)
    found = [
        value for by_seed in values.values() for value in by_seed.values() if value is not None and _is_number(value)
    ]
    if found and min(found) > 0 and max(found) / min(found) > 50:
        axis.set_yscale("log")
    axis.tick_params(axis="y", labelsize=8)
    axis.grid(axis="y", alpha=0.3)


def _is_number(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))


def _samples(results: Results | None) -> list[tuple[str, Path]]:
    """{arm and, where there are several, budget: the grid at the end of its first finished run}."""
    shown: dict[str, Path] = {}
    if results is not None:
        several = len(results.study.budgets) > 1
        for trial in results.trials:
            name = f"{trial.arm}\n{trial.budget}" if several else trial.arm
            if trial.state == "finished" and name not in shown:
                file = trial.run.folder.sample_file(100)
                if file.exists():
                    shown[name] = file
    return list(shown.items())[:MOST_ARMS]


def _wrapped(text: str, width: int = 40) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def write(out: Path, findings: Sequence[Finding], pictures: Mapping[str, Path]) -> None:
    """Write findings as one Markdown file in both languages; small copies of their pictures go into images/ next to it."""
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    copies = {}
    for claim, picture in pictures.items():
        copies[claim] = Path("images") / f"claim-{claim}.png"
        atomic.write(out.parent / copies[claim], smaller(picture))
    atomic.write(out, markdown(findings, copies))


def markdown(findings: Sequence[Finding], pictures: Mapping[str, Path]) -> str:
    """All findings: a table of verdicts, and then each claim in English and Chinese with its figures and command."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cells": _cells, "means": _means, "arms_of": arms_of}
    template = environment.get_template("questions.md.j2")
    return template.render(findings=findings, pictures=pictures, rulings=RULINGS)


def _cells(measured: Difference) -> list[str]:
    """The mean difference, its interval, the effect, p and the number of seeds."""
    low, high = measured.low, measured.high
    return [
        number(measured.mean),
        "-" if low is None or high is None else f"{number(low)} to {number(high)}",
        "-" if measured.effect is None else f"{measured.effect:.2g}",
        "-" if measured.effect is None else f"{measured.p_adjusted:.2g}",
        str(measured.n),
    ]


def arms_of(finding: Finding) -> list[str]:
    """All arms and groups that have values, in their order."""
    return list(dict.fromkeys(arm for values in finding.values.values() for arm in values))


def _means(finding: Finding, name: str) -> list[str]:
    """The mean of a quantity over the seeds with its interval, for each arm."""
    cells = []
    for arm in arms_of(finding):
        each = [
            value for value in finding.values[name].get(arm, {}).values() if value is not None and np.isfinite(value)
        ]
        if not each:
            cells.append("-")
            continue
        found = estimate(each)
        cells.append(
            number(found.mean)
            if found.low is None or found.high is None
            else f"{number(found.mean)} ({number(found.low)} to {number(found.high)})"
        )
    return cells
