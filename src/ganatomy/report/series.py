"""Lines and bands of charts, from the histories of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ganatomy.report.charts import Json, Tables, faint
from ganatomy.report.thinning import LIMIT, kept, short
from ganatomy.run import Record

Records = Callable[[Any], Sequence[Record]]


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
    def is_thinned(self) -> bool:
        return len(self.records) > LIMIT

    def points(self, tables: Tables) -> dict[str, Json]:
        """`x` and `y` of a trace, thinned where there are many."""
        values = self.values
        indices = kept(values)
        records = [self.records[index] for index in indices]
        return {"x": _positions(records, tables), "y": [short(values[index], 4) for index in indices]}


@dataclass(frozen=True)
class Together:
    """One quantity of several runs of an arm, where two or more of them logged it."""

    steps: list[int]
    seconds: list[float]
    images: list[int]
    low: list[float]
    mean: list[float]
    high: list[float]
    runs: int

    @classmethod
    def of(cls, lines: Sequence[Line], at_least: int = 2) -> Together | None:
        """None where fewer than `at_least` runs have a step in common."""
        at: dict[int, list[tuple[Record, float]]] = {}
        for line in lines:
            for record, value in zip(line.records, line.values, strict=True):
                if value is not None:
                    at.setdefault(record["step"], []).append((record, value))
        common = {step: found for step, found in sorted(at.items()) if len(found) >= at_least}
        if not common:
            return None
        return cls(
            steps=list(common),
            seconds=[sum(r.get("seconds", 0.0) for r, _ in found) / len(found) for found in common.values()],
            images=[round(sum(r.get("images", 0) for r, _ in found) / len(found)) for found in common.values()],
            low=[min(value for _, value in found) for found in common.values()],
            mean=[sum(value for _, value in found) / len(found) for found in common.values()],
            high=[max(value for _, value in found) for found in common.values()],
            runs=max(len(found) for found in common.values()),
        )

    def band(self, tables: Tables, colour: dict[str, str]) -> dict[str, Json]:
        """A trace that fills the range from the lowest to the highest run."""
        forth = sorted({*kept(self.low, LIMIT // 2), *kept(self.high, LIMIT // 2)})
        around = [*forth, *reversed(forth)]
        heights = [self.high[index] for index in forth] + [self.low[index] for index in reversed(forth)]
        return {
            "type": "scatter",
            "mode": "lines",
            "x": self._positions(around, tables),
            "y": [short(height, 4) for height in heights],
            "fill": "toself",
            "fillcolor": faint(colour),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }

    def means(self, tables: Tables) -> dict[str, Json]:
        """`x` and `y` of a trace of the means."""
        indices = kept(self.mean)
        return {"x": self._positions(indices, tables), "y": [short(self.mean[index], 4) for index in indices]}

    def _positions(self, indices: Sequence[int], tables: Tables) -> dict[str, int]:
        return tables.put(
            [self.steps[index] for index in indices],
            [short(self.seconds[index]) for index in indices],
            [self.images[index] for index in indices],
        )


def _positions(records: Sequence[Record], tables: Tables) -> dict[str, int]:
    return tables.put(
        [record["step"] for record in records],
        [short(record.get("seconds")) for record in records],
        [short(record.get("images"), 12) for record in records],
    )


def _number(value: object) -> float | None:
    """None for what is no finite number."""
    return None if short(value) is None else float(value)  # type: ignore[arg-type]
