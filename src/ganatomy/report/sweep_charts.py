"""A sweep's charts: what matters, each setting against the score, all settings at once, the trade-off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ganatomy.report import texts
from ganatomy.report.charts import BLUE, GRID, INK, ORANGE, Json, base, both, escaped, faint
from ganatomy.report.thinning import short
from ganatomy.report.wording import filled, plain
from ganatomy.studies.sweep.plan import SECONDS
from ganatomy.studies.sweep.results import SweepResults, SweepTrial
from ganatomy.studies.sweep.space import Parameter
from ganatomy.words import Words

ROW = 26
"""Pixels of height for each bar."""

WORST = 4
"""Times the median that the score's axis reaches at the most: collapsed trials would hide the difference of the good ones."""


def importance(results: SweepResults) -> Json:
    """Each setting's share as a bar with its interval."""
    found = list(reversed(results.importance))
    layout = base(ROW * len(found) + 50) | {"hovermode": "closest", "margin": {"l": 190, "r": 16, "t": 8, "b": 40}}
    layout["xaxis"] = {**_axis(), "range": [0, 1], "title": {"text": both(texts.SWEEP_SHARE)}}
    layout["yaxis"] = {"color": INK, "showgrid": False, "fixedrange": True}
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": [short(each.value) for each in found],
        "y": [escaped(each.parameter) for each in found],
        "marker": {"color": BLUE},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [short(max(0.0, each.high - each.value)) for each in found],
            "arrayminus": [short(max(0.0, each.value - each.low)) for each in found],
            "color": INK,
            "thickness": 1.5,
        },
        "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
    }
    return {"data": [bar], "layout": layout}


def slice_of(results: SweepResults, name: str) -> Json:
    """One setting against the score: a dot a trial, the winner's in another colour."""
    metric = results.sweep.metrics[0]
    shown = [trial for trial in results.ranked if name in trial.params]
    layout = base(230) | {"hovermode": "closest", "margin": {"l": 52, "r": 10, "t": 10, "b": 44}}
    parameter = results.sweep.space.parameters[name]
    layout["xaxis"] = {**_axis(), "title": {"text": escaped(name)}, **_scale(parameter)}
    layout["yaxis"] = {**_axis(), "title": {"text": escaped(metric)}, "range": _range(results)}
    return {"data": _dots(results, shown, [_shown(trial.params[name], parameter) for trial in shown]), "layout": layout}


def tradeoff(results: SweepResults) -> Json:
    """The first metric against seconds of training, or against the second metric; the front in another colour."""
    metric = results.sweep.metrics[0]
    other = results.sweep.metrics[1] if len(results.sweep.metrics) > 1 else SECONDS
    shown = results.ranked
    layout = base(300) | {"hovermode": "closest", "margin": {"l": 52, "r": 10, "t": 10, "b": 44}}
    title = texts.SWEEP_SECONDS if other == SECONDS else plain(other)
    layout["xaxis"] = {**_axis(), "title": {"text": both(title)}, "rangemode": "tozero"}
    layout["yaxis"] = {**_axis(), "title": {"text": escaped(metric)}, "range": _range(results)}
    data = _dots(results, shown, [short(trial.value(other) or 0.0) for trial in shown])
    front = sorted(results.front, key=lambda trial: trial.value(other) or 0.0)
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [short(trial.value(other) or 0.0) for trial in front],
            "y": [short(trial.value(metric) or 0.0) for trial in front],
            "line": {"color": ORANGE, "width": 1.5, "shape": "hv"},
            "hoverinfo": "skip",
        }
    )
    return {"data": data, "layout": layout}


def parallel(results: SweepResults) -> Json:
    """A line a trial through all settings, from the lowest to the highest of each; the best quarter in colour."""
    names = [*results.sweep.space.parameters, results.sweep.metrics[0]]
    best = {trial.number for trial in results.ranked[: max(1, len(results.ranked) // 4)]}
    data: list[Json] = []
    for trial in sorted(results.ranked, key=lambda each: each.number in best):
        heights = [_height(results, trial, name) for name in names]
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": list(range(len(names))),
                "y": heights,
                "connectgaps": True,
                "line": {
                    "color": BLUE if trial.number in best else faint(BLUE),
                    "width": 2 if trial.number in best else 1,
                },
                "marker": {"size": 4, "color": BLUE if trial.number in best else faint(BLUE)},
                "text": [_label(trial, name, results) for name in names],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    layout = base(340) | {"hovermode": "closest", "margin": {"l": 30, "r": 30, "t": 26, "b": 90}}
    layout["xaxis"] = {
        "tickvals": list(range(len(names))),
        "ticktext": [escaped(name.partition(".")[2] or name) for name in names],
        "tickangle": 30,
        "color": INK,
        "gridcolor": GRID,
        "zeroline": False,
        "fixedrange": True,
    }
    layout["yaxis"] = {"visible": False, "range": [-0.05, 1.05], "fixedrange": True}
    ends = [_ends(results, name) for name in names]
    layout["annotations"] = [
        {
            "x": place,
            "y": y,
            "text": escaped(text),
            "showarrow": False,
            "font": {"size": 10, "color": INK},
            "yshift": shift,
        }
        for place, (low, high) in enumerate(ends)
        for y, text, shift in ((0, low, -9), (1, high, 9))
    ]
    return {"data": data, "layout": layout}


def _dots(results: SweepResults, shown: Sequence[SweepTrial], places: Sequence[Json]) -> list[Json]:
    metric = results.sweep.metrics[0]
    winner = results.winner.name if results.winner else None
    top = _range(results)[1]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "cliponaxis": False,
            "x": [places[at] for at in chosen],
            "y": [short(min(shown[at].value(metric) or 0.0, top)) for at in chosen],
            "marker": {
                "size": 11 if won else 7,
                "color": ORANGE if won else BLUE,
                "opacity": 0.8,
                "symbol": "star" if won else "circle",
            },
            "text": [_hover(shown[at], results) for at in chosen],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for won in (False, True)
        if (chosen := [at for at, trial in enumerate(shown) if (f"trial-{trial.number}" == winner) == won])
    ]


def _hover(trial: SweepTrial, results: SweepResults) -> dict[str, str]:
    metric = results.sweep.metrics[0]
    words: Words = filled(texts.SWEEP_TRIAL, number=trial.number)
    lines = [f"{metric} {trial.value(metric):.3g}", *trial.settings]
    return {language: "<br>".join([getattr(words, language), *map(escaped, lines)]) for language in ("en", "zh")}


def _label(trial: SweepTrial, name: str, results: SweepResults) -> str:
    value = trial.value(name) if name in results.sweep.metrics else trial.params.get(name)
    return escaped(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}")


def _range(results: SweepResults) -> list[float]:
    """The score's axis: from 0 to the worst, or to some times the median."""
    values = sorted(trial.value(results.sweep.metrics[0]) or 0.0 for trial in results.ranked)
    top = min(values[-1], WORST * max(values[len(values) // 2], 1e-9)) if values else 1.0
    return [min([0.0, *values]), 1.05 * top or 1.0]


def _scale(parameter: Parameter) -> dict[str, Json]:
    if parameter.choices is not None:
        return {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [_shown(each, parameter) for each in parameter.choices],
        }
    return {"type": "log", "exponentformat": "power", "dtick": 1} if parameter.log else {"nticks": 6}


def _shown(value: Any, parameter: Parameter) -> Json:
    if parameter.choices is not None:
        return escaped(str(list(value) if isinstance(value, tuple) else value))
    return short(value)


def _height(results: SweepResults, trial: SweepTrial, name: str) -> float | None:
    """Where a trial's line crosses the axis of a setting, from 0 to 1; None where it does not have that setting."""
    if name in results.sweep.metrics:
        values = [each.value(name) or 0.0 for each in results.ranked]
        low, high = min(values), max(values)
        return short(((trial.value(name) or 0.0) - low) / (high - low or 1.0))
    if name not in trial.params:
        return None
    parameter, value = results.sweep.space.parameters[name], trial.params[name]
    if parameter.choices is not None:
        known = [_shown(each, parameter) for each in parameter.choices]
        return short(known.index(_shown(value, parameter)) / max(1, len(known) - 1))
    assert parameter.low is not None
    assert parameter.high is not None
    if parameter.log:
        return short(math.log(value / parameter.low) / math.log(parameter.high / parameter.low))
    return short((value - parameter.low) / (parameter.high - parameter.low))


def _ends(results: SweepResults, name: str) -> tuple[str, str]:
    if name in results.sweep.metrics:
        values = [trial.value(name) or 0.0 for trial in results.ranked]
        return f"{min(values):.3g}", f"{max(values):.3g}"
    extremes = results.sweep.space.parameters[name].extremes
    return str(extremes[0]), str(extremes[-1])


def _axis() -> dict[str, Json]:
    return {"gridcolor": GRID, "zeroline": False, "color": INK}
