"""Lines and bands of charts, from the histories of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganatomy.report.charts import Json, Tables, faint
from ganatomy.report.thinning import LIMIT, kept, short
from ganatomy.runs.folder import Record


@dataclass(frozen=True)
class Line:
    """One quantity of one run."""

    records: list[Record]
    """Those that have it."""
    name: str

    @classmethod
    def of(cls, records: Sequence[Record], name: str) -> Line:
        return cls([record for record in records if name in record], name)

    @property
    def values(self) -> list[float | None]:
        return [_number(record[self.name]) for record in self.records]

    @property
    def finite(self) -> list[tuple[Record, float]]:
        """The records with a finite value, and that."""
        found = zip(self.records, self.values, strict=True)
        return [(record, value) for record, value in found if value is not None]

    @property
    def is_thinned(self) -> bool:
        return len(self.records) > LIMIT

    def points(self, tables: Tables) -> dict[str, Json]:
        """`x` and `y` of a trace, thinned where there are many."""
        values = self.values
        indices = kept(values)
        records = [self.records[index] for index in indices]
        return {"x": _positions(records, tables), "y": [short(values[index], 4) for index in indices]}


@dataclass(frozen=True)
class Range:
    """Lowest, mean and highest of several runs along one axis."""

    places: list[float]
    low: list[float]
    mean: list[float]
    high: list[float]

    def around(self) -> tuple[list[Json], list[Json]]:
        """x and y of the outline, forth along the highest and back along the lowest."""
        forth = sorted({*kept(self.low, LIMIT // 2), *kept(self.high, LIMIT // 2)})
        back = forth[::-1]
        places = [short(self.places[index]) for index in [*forth, *back]]
        return places, [short(self.high[index], 4) for index in forth] + [short(self.low[index], 4) for index in back]

    def middle(self) -> tuple[list[Json], list[Json]]:
        """x and y of the means."""
        indices = kept(self.mean)
        return [short(self.places[index]) for index in indices], [short(self.mean[index], 4) for index in indices]


@dataclass(frozen=True)
class Together:
    """One quantity of several runs of an arm, wherever enough of them have it.

    Over updates and images it is taken where they logged it. Their seconds differ, so over these it is taken between log
    lines, along straight lines.
    """

    ranges: dict[str, Range]
    """By horizontal axis."""
    runs: int

    @classmethod
    def of(cls, lines: Sequence[Line], at_least: int = 2) -> Together | None:
        """None where fewer than `at_least` runs have an update in common."""
        at: dict[int, list[tuple[Record, float]]] = {}
        for line in lines:
            for record, value in line.finite:
                at.setdefault(record["step"], []).append((record, value))
        common = {step: found for step, found in sorted(at.items()) if len(found) >= at_least}
        if not common:
            return None
        values = [[value for _, value in found] for found in common.values()]
        images = [sum(record.get("images", 0) for record, _ in found) / len(found) for found in common.values()]
        ranges = {"updates": _range(list(common), values), "images": _range(images, values)}
        return cls(ranges | {"seconds": _over_time(lines, at_least)}, max(map(len, values)))

    def band(self, colour: dict[str, str]) -> dict[str, Json]:
        """A trace that fills the range from the lowest to the highest run."""
        return {
            "type": "scatter",
            "mode": "lines",
            **self._chosen({axis: found.around() for axis, found in self.ranges.items()}),
            "fill": "toself",
            "fillcolor": faint(colour),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }

    def means(self) -> dict[str, Json]:
        """`x` and `y` of a trace of the means."""
        return self._chosen({axis: found.middle() for axis, found in self.ranges.items()})

    def _chosen(self, points: dict[str, tuple[list[Json], list[Json]]]) -> dict[str, Json]:
        return {"x": {axis: x for axis, (x, _) in points.items()}, "y": {axis: y for axis, (_, y) in points.items()}}


def _range(places: Sequence[float], values: Sequence[Sequence[float]]) -> Range:
    """Of the values at each place."""
    means = [sum(found) / len(found) for found in values]
    return Range(list(places), list(map(min, values)), means, list(map(max, values)))


def _over_time(lines: Sequence[Line], at_least: int) -> Range:
    """At all times at which any run was logged, of the runs that were trained then."""
    runs = [
        (np.array([record.get("seconds", 0.0) for record, _ in line.finite]), [value for _, value in line.finite])
        for line in lines
        if line.finite
    ]
    times = np.unique(np.concatenate([seconds for seconds, _ in runs]))
    at = [np.interp(times, seconds, values, left=np.nan, right=np.nan) for seconds, values in runs]
    columns = [
        (float(time), [float(v) for v in found if not np.isnan(v)]) for time, *found in zip(times, *at, strict=True)
    ]
    there = [(time, found) for time, found in columns if len(found) >= at_least]
    return _range([time for time, _ in there], [found for _, found in there])


def _positions(records: Sequence[Record], tables: Tables) -> dict[str, int]:
    return tables.put(
        [record["step"] for record in records],
        [short(record.get("seconds")) for record in records],
        [short(record.get("images"), 12) for record in records],
    )


def _number(value: object) -> float | None:
    """None for what is no finite number."""
    return None if short(value) is None else float(value)  # type: ignore[arg-type]
