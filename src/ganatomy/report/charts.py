"""Charts as plain JSON for plotly.js, with what the reader may choose left open.

Three kinds of objects in a chart are choices, which the page's script makes: {"en", "zh"} by language, {"light", "dark"}
by theme, {"updates", "seconds", "images"} by the horizontal axis; and {"$x": n} is the n-th of the page's tables of
horizontal positions. Everything else is plotly's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ganatomy.report import texts
from ganatomy.words import Words

Json = Any

# Okabe and Ito's palette, which the colour-blind can tell apart; on a dark page the lighter of neighbouring hues.
BLUE = {"light": "#0072B2", "dark": "#56B4E9"}
ORANGE = {"light": "#D55E00", "dark": "#E69F00"}
GREEN = {"light": "#009E73", "dark": "#2BC79B"}
PURPLE = {"light": "#AA4E83", "dark": "#CC79A7"}
BLACK = {"light": "#1c1f24", "dark": "#e8eaed"}
AMBER = {"light": "#B97F00", "dark": "#F0E442"}

ARMS = (BLUE, ORANGE, GREEN, PURPLE, BLACK, AMBER)
"""By an arm's place; with more arms they repeat, and dashes and markers tell them apart."""
DASHES = ("solid", "7px,3px", "2px,2px", "9px,3px,2px,3px", "12px,4px")
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")

LINES: dict[str, tuple[dict[str, str], str]] = {
    "discriminator": (BLUE, "solid"),
    "generator": (ORANGE, "5px,2px"),
    "real": (GREEN, "solid"),
    "fake": (PURPLE, "5px,2px"),
    "metric": (BLACK, "solid"),
}
"""{line: its colour and dash}."""

INK = {"light": "#3c434d", "dark": "#c3c9d2"}
GRID = {"light": "#e7eaee", "dark": "#2a313a"}
PAPER = "rgba(0,0,0,0)"
LABEL = {"light": "#ffffff", "dark": "#20262e"}

TOP, BOTTOM, LEFT, RIGHT = 26, 44, 46, 10
PANEL, GAP = 112, 34
"""Heights in pixels of a panel and of what lies between two."""


@dataclass
class Tables:
    """The horizontal positions of all charts, each table once: lines of one run share theirs."""

    tables: list[dict[str, list[Json]]] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    def put(self, updates: Sequence[Json], seconds: Sequence[Json], images: Sequence[Json]) -> dict[str, int]:
        """The token that stands for these positions in a chart."""
        key = repr((updates, seconds, images))
        if key not in self._known:
            self._known[key] = len(self.tables)
            self.tables.append({"updates": list(updates), "seconds": list(seconds), "images": list(images)})
        return {"$x": self._known[key]}


@dataclass(frozen=True)
class Panel:
    """One of the plots that stand below each other in a chart, over one horizontal axis."""

    title: Words
    axis: dict[str, Json] = field(default_factory=dict)
    """More of plotly's settings for its vertical axis."""


def both(words: Words) -> dict[str, str]:
    """Words as a choice by language, for plotly, which reads tags and entities in its texts."""
    return {"en": escaped(words.en), "zh": escaped(words.zh)}


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def faint(colour: dict[str, str]) -> dict[str, str]:
    """The colour of a band."""
    return {theme: f"rgba({int(c[1:3], 16)},{int(c[3:5], 16)},{int(c[5:7], 16)},0.16)" for theme, c in colour.items()}


def stacked(panels: Sequence[Panel]) -> dict[str, Json]:
    """The layout of panels below each other; the n-th has the vertical axis `y`n (the first is `y`)."""
    height = TOP + BOTTOM + len(panels) * PANEL + (len(panels) - 1) * GAP
    inner = height - TOP - BOTTOM
    layout = base(height)
    layout["xaxis"] = {
        **_axis(),
        "title": {"text": {unit: both(words) for unit, words in texts.X_UNITS.items()}, "standoff": 8},
        "anchor": axis_name(len(panels) - 1),
        "rangemode": "tozero",
        "nticks": 6,
        "unifiedhovertitle": {"text": {unit: both(words) for unit, words in texts.X_HOVER.items()}},
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": INK,
    }
    layout["annotations"] = []
    for number, panel in enumerate(panels):
        top = inner - number * (PANEL + GAP)
        axis = axis_name(number)
        layout[axis.replace("y", "yaxis")] = {
            **_axis(),
            "domain": [max(0.0, (top - PANEL) / inner), min(1.0, top / inner)],
            # Plotly has no use for a number of ticks where they are given.
            **({} if {"dtick", "tickvals"} & panel.axis.keys() else {"nticks": 4}),
            **panel.axis,
        }
        layout["annotations"].append(_title(panel.title, top / inner))
    return layout


def axis_name(number: int) -> str:
    return "y" if number == 0 else f"y{number + 1}"


def base(height: int) -> dict[str, Json]:
    """What all charts have in common."""
    return {
        "height": height,
        "margin": {"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": LABEL, "bordercolor": GRID, "font": {"color": INK, "size": 12}},
        "font": {"color": INK, "size": 11},
    }


def _axis() -> dict[str, Json]:
    return {
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "ticks": "",
        "automargin": False,
        "fixedrange": False,
    }


def _title(words: Words, place: float) -> dict[str, Json]:
    return {
        "text": both(words),
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": place,
        "xanchor": "left",
        "yanchor": "bottom",
        "xshift": 6 - LEFT,
        "yshift": 3,
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }
