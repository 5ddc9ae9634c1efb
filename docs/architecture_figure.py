"""Draws the picture of docs/architecture.md: the packages in layers, and how data flows through them.

Run from the project's root: `python docs/architecture_figure.py`
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

OUT = Path(__file__).parent / "images" / "architecture.png"

Point = tuple[float, float]

RED, PURPLE, GREY = "#b3402f", "#8a4b9c", "#55606e"

LEFT, WIDTH, HEIGHT, STEP = 2.45, 2.3, 0.78, 1.3
COLUMNS = [LEFT + 2.55 * column for column in range(3)]

ROWS: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        "foundation",
        "#eceff3",
        [("errors", "messages for users"), ("plugin", "settings, leaves by name"), ("metrics", "NumPy alone")],
    ),
    ("leaves", "#dcecdc", [("data", "images, uint8"), ("models", "G and D"), ("objectives", "the two losses")]),
    (
        "tools",
        "#e6e3f3",
        [("config", "recipes, validation"), ("images", "pixels, grids, sets"), ("features", "extractors")],
    ),
    (
        "disk and processes",
        "#fbe9d3",
        [("runs", "folder, checkpoints, Run"), ("distributed", "shards, one all-reduce")],
    ),
    ("the loop", "#f7d9d7", [("training", "launch, Trainer, resume")]),
    (
        "readers of runs",
        "#d9e8f6",
        [("callbacks", "they watch"), ("evaluation", "images to scores"), ("probes", "gradients, units, curves")],
    ),
    (
        "many runs",
        "#d9f0f0",
        [("studies", "arms x seeds x budgets"), ("report", "one HTML page"), ("lab", "claims, course study")],
    ),
    ("entrances", "#eceff3", [("api", "import ganatomy"), ("cli", "ganatomy ...")]),
]
"""Each layer from the top: its name, its colour, its packages with a word on each."""

PLACES: dict[str, Point] = {}
"""{package: the centre of its box}."""


def box(
    axes: Axes, centre: Point, name: str, text: str, colour: str, width: float = WIDTH, height: float = HEIGHT
) -> None:
    x, y = centre
    shape = FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.1",
        fc=colour,
        ec=GREY,
        lw=1,
    )
    axes.add_patch(shape)
    axes.text(x, y + 0.14, name, ha="center", va="center", fontsize=12, weight="bold", color="#1c2733")
    axes.text(x, y - 0.19, text, ha="center", va="center", fontsize=9, color="#3a4654")


def arrow(axes: Axes, start: Point, end: Point, colour: str = RED, dashed: bool = False) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=15,
            color=colour,
            lw=1.7,
            ls=(0, (4, 2)) if dashed else "-",
            shrinkA=0,
            shrinkB=0,
        )
    )


def label(axes: Axes, place: Point, text: str, colour: str = RED, ha: str = "center") -> None:
    axes.text(*place, text, fontsize=9, color=colour, ha=ha, va="center", linespacing=1.3)


def layers(axes: Axes) -> None:
    for row, (name, colour, packages) in enumerate(ROWS):
        y = -STEP * row
        axes.text(LEFT - 1.45, y, name, ha="right", va="center", fontsize=10, style="italic", color=GREY)
        for (package, text), x in zip(packages, COLUMNS, strict=False):
            PLACES[package] = (x, y)
            box(axes, (x, y), package, text, colour)


def edge(package: str, dx: float, dy: float) -> Point:
    """A point on a package's box: -1 to 1 from its left to its right, from its bottom to its top."""
    x, y = PLACES[package]
    return x + dx * WIDTH / 2, y + dy * HEIGHT / 2


def flow(axes: Axes) -> None:
    right = COLUMNS[2] + WIDTH / 2
    loop = PLACES["training"][1]
    disk = (COLUMNS[2], loop)
    box(axes, disk, "run folder", "on disk: the only hand-over", "#fff6c9", WIDTH + 0.1)

    # Into the loop: the settings down the left side, the leaves through the gap between the columns.
    gap = (COLUMNS[0] + COLUMNS[1]) / 2
    axes.plot([gap, gap], [PLACES["data"][1] - 0.62, loop + 0.2], color=RED, lw=1.7)
    for package in ("data", "models", "objectives"):
        x = PLACES[package][0]
        axes.plot([x, x], [PLACES["data"][1] - HEIGHT / 2, PLACES["data"][1] - 0.62], color=RED, lw=1.7)
    axes.plot([COLUMNS[0], COLUMNS[2]], [PLACES["data"][1] - 0.62] * 2, color=RED, lw=1.7)
    arrow(axes, (gap, loop + 0.2), (COLUMNS[0] + WIDTH / 2 - 0.02, loop + 0.2))
    side = COLUMNS[0] - WIDTH / 2 - 0.14
    axes.plot([COLUMNS[0] - WIDTH / 2, side, side], [PLACES["config"][1]] * 2 + [loop], color=RED, lw=1.7)
    arrow(axes, (side, loop), edge("training", -1, 0))

    # Out of it: the run folder, events for the callbacks, and what reads the folder.
    arrow(axes, edge("training", 1, -0.25), (disk[0] - WIDTH / 2 - 0.05, loop - 0.25 * HEIGHT / 2))
    label(axes, (COLUMNS[1], loop + 0.1), "settings, history, checkpoints,\nmilestones, samples")
    arrow(axes, edge("training", 0, -1), edge("callbacks", 0, 1))
    label(axes, (COLUMNS[0] + 0.1, loop - STEP / 2), "events", ha="left")
    arrow(axes, (disk[0] - 0.5, loop - HEIGHT / 2), edge("evaluation", 0.6, 1))
    arrow(axes, (disk[0], loop - HEIGHT / 2), edge("probes", 0, 1))
    label(axes, (disk[0] + 0.12, loop - STEP / 2), "weights, history", ha="left")
    arrow(axes, edge("evaluation", -0.5, -1), edge("studies", 0.8, 1))
    label(axes, (COLUMNS[1] - 0.6, PLACES["evaluation"][1] - STEP / 2), "scores", ha="left")
    arrow(axes, edge("probes", 0, -1), edge("lab", 0, 1))
    arrow(axes, edge("studies", 1, 0), edge("report", -1, 0))
    arrow(axes, edge("lab", -1, 0), edge("report", 1, 0))

    # Studies start runs.
    axes.plot(
        [COLUMNS[0] - WIDTH / 2, side, side],
        [PLACES["studies"][1]] * 2 + [loop - 0.25],
        color=PURPLE,
        lw=1.7,
        ls=(0, (4, 2)),
    )
    arrow(axes, (side, loop - 0.25), (COLUMNS[0] - WIDTH / 2, loop - 0.25), PURPLE, dashed=True)
    label(axes, (side - 0.08, PLACES["callbacks"][1] - STEP * 0.5), "start\nruns", PURPLE, ha="right")
    label(axes, (side - 0.08, PLACES["runs"][1] + STEP * 0.5), "recipe +\nkey=value", ha="right")

    # Who may import whom.
    x = right + 0.55
    arrow(axes, (x, PLACES["api"][1] - HEIGHT / 2), (x, HEIGHT / 2), GREY)
    axes.text(
        x + 0.16,
        PLACES["training"][1] + STEP / 2,
        "imports go up only",
        rotation=90,
        ha="left",
        va="center",
        fontsize=10,
        color=GREY,
    )


def main() -> None:
    figure = Figure(figsize=(10.4, 10.4), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal")
    layers(axes)
    flow(axes)
    axes.set_xlim(-0.75, COLUMNS[2] + WIDTH / 2 + 1.1)
    axes.set_ylim(-STEP * (len(ROWS) - 1) - 0.6, 0.6)
    figure.savefig(OUT)


if __name__ == "__main__":
    main()
