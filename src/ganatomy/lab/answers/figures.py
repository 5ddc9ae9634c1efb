"""The figures in the answers' texts: `{{ mean("q7-near-0", "D's loss", "strong-d") }}` is taken from the finding, so none is out of date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template

from ganatomy.errors import GanatomyError
from ganatomy.lab import claims, findings
from ganatomy.lab.claim import RULINGS
from ganatomy.lab.finding import Finding
from ganatomy.lab.numbers import plain
from ganatomy.words import Language

MISSING = "…"
"""In place of a figure that was not measured yet."""


def finding_of(claim: str, level: str | None, studies: Path | None) -> Finding | None:
    """The finding at a level; unset: at the highest that was run."""
    known = findings.found(claim, studies)
    if level is not None:
        return known.get(level)
    return list(known.values())[-1] if known else None


def rendered(text: str, language: Language, studies: Path | None = None) -> str:
    """A text with its figures.

    Raises:
        GanatomyError: it asks for a quantity or an arm that the claim does not measure.
    """

    def values(claim: str, quantity: str, arm: str, level: str | None) -> list[float]:
        found = finding_of(claim, level, studies)
        if found is None:
            claims.get(claim)
            return []
        if arm not in found.values.get(quantity, {}):
            raise GanatomyError(f"answers: {claim} measures no {quantity!r} of {arm!r}")
        return [each for each in found.values[quantity][arm].values() if each is not None]

    def mean(claim: str, quantity: str, arm: str, level: str | None = None, digits: int = 2) -> str:
        found = values(claim, quantity, arm, level)
        return plain(sum(found) / len(found), digits) if found else MISSING

    def percent(claim: str, quantity: str, arm: str, level: str | None = None) -> str:
        found = values(claim, quantity, arm, level)
        return plain(100 * sum(found) / len(found), 2) if found else MISSING

    def factor(claim: str, quantity: str, arm: str, other: str, level: str | None = None) -> str:
        """2 to the mean difference of a log2 quantity."""
        one, two = values(claim, quantity, arm, level), values(claim, quantity, other, level)
        return plain(2 ** (sum(one) / len(one) - sum(two) / len(two)), 2) if one and two else MISSING

    def seeds(claim: str, level: str | None = None) -> str:
        found = finding_of(claim, level, studies)
        return MISSING if found is None else str(found.seeds)

    def verdict(claim: str, level: str | None = None) -> str:
        found = finding_of(claim, level, studies)
        return MISSING if found is None else str(getattr(RULINGS[found.ruling], language))

    known: dict[str, Callable[..., Any]] = {
        "mean": mean,
        "percent": percent,
        "factor": factor,
        "seeds": seeds,
        "verdict": verdict,
    }
    return Template(text, undefined=StrictUndefined).render(**known)
