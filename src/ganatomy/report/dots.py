"""Scores as small charts: a dot a seed, the mean with its interval, and the floor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ganatomy.report import texts
from ganatomy.report.charts import ARMS, GRID, INK, MARKERS, Json, base, escaped
from ganatomy.report.standings import Table
from ganatomy.report.thinning import short
from ganatomy.report.wording import filled
from ganatomy.studies.plan import Arm
from ganatomy.studies.statistics import Estimate
from ganatomy.words import Words

ROW = 26
"""Pixels of height for each arm."""


def chart(table: Table, metric: str, arms: Sequence[Arm]) -> dict[str, Json]:
    """One metric: the arms below each other."""
    values = table.values(metric)
    shown = [(place, arm) for place, arm in enumerate(arms) if arm.name in values]
    data: list[Json] = []
    for row, (place, arm) in enumerate(shown):
        colour, symbol = ARMS[place % len(ARMS)], MARKERS[place % len(MARKERS)]
        found = table.estimates[metric][arm.name]
        meta = {"arm": f"a{place}"}
        if found.low is not None:
            data.append({**_mean(found, row, colour), "meta": meta})
        seeds = values[arm.name]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [short(value) for value in seeds.values()],
                "y": [row] * len(seeds),
                "marker": {"size": 8, "symbol": symbol, "color": colour, "opacity": 0.75},
                # Images from elsewhere have no seed.
                "customdata": [seed if seed >= 0 else "–" for seed in seeds],
                "meta": meta,
                "hovertemplate": _each(filled(texts.HOVER_SEED, seed="%{customdata}"), "%{x:.4g}"),
            }
        )
    ends = [value for by_seed in values.values() for value in by_seed.values()]
    ends += [end for found in table.estimates[metric].values() for end in (found.low, found.high) if end is not None]
    floor = table.floor(metric) if math.isfinite(table.floor(metric)) else None
    return {"data": data, "layout": _layout(floor, ends, [arm for _, arm in shown])}


def _mean(found: Estimate, row: int, colour: dict[str, str]) -> Json:
    low, high = found.low or 0.0, found.high or 0.0
    error = {
        "type": "data",
        "symmetric": False,
        "array": [short(max(0.0, high - found.mean))],
        "arrayminus": [short(max(0.0, found.mean - low))],
        "color": colour,
        "thickness": 2,
        "width": 5,
    }
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [short(found.mean)],
        "y": [row],
        "error_x": error,
        "marker": {"symbol": "line-ns-open", "size": 14, "color": colour, "line": {"width": 3, "color": colour}},
        "hovertemplate": _each(filled(texts.HOVER_MEAN, count=found.n), f"%{{x:.4g}} ({low:.4g} – {high:.4g})"),
    }


def _each(words: Words, value: str) -> dict[str, str]:
    line = filled(texts.NAME_AND_VALUE, name=words, value=value)
    return {"en": f"{line.en}<extra></extra>", "zh": f"{line.zh}<extra></extra>"}


def _layout(floor: float | None, ends: Sequence[float], arms: Sequence[Arm]) -> dict[str, Json]:
    layout = base(ROW * len(arms) + 40)
    titles = {language: [escaped(_short(getattr(arm.title, language))) for arm in arms] for language in ("en", "zh")}
    widest = max((len(title) for title in titles["en"]), default=4)
    layout |= {"hovermode": "closest", "margin": {"l": min(130, 16 + 7 * widest), "r": 16, "t": 8, "b": 26}}
    low, high = min([*ends, *([] if floor is None else [floor])]), max([*ends, *([] if floor is None else [floor])])
    room = 0.05 * (high - low) or 0.05 * abs(high) or 0.1
    layout["xaxis"] = {
        "range": [short(low - room), short(high + room)],
        "gridcolor": GRID,
        "zeroline": False,
        "nticks": 5,
        "color": INK,
    }
    layout["yaxis"] = {
        "tickvals": list(range(len(arms))),
        "ticktext": titles,
        "range": [len(arms) - 0.4, -0.6],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    if floor is not None:
        # A trace would end with the data; a shape goes from edge to edge.
        line = {"color": INK, "width": 1.5, "dash": "4px,3px"}
        place = {"xref": "x", "yref": "paper", "x0": floor, "x1": floor, "y0": 0, "y1": 1}
        layout["shapes"] = [{"type": "line", **place, "line": line}]
    return layout


def _short(text: str, limit: int = 16) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
