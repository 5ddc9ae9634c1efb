"""From measured values to a ruling: the claim's primary prediction, looked at as `studies.sequential` does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ganatomy.lab.claim import Claim, Prediction, Ruling, Values
from ganatomy.lab.numbers import plain
from ganatomy.lab.texts import TEXTS
from ganatomy.studies.sequential import Look, decide, look
from ganatomy.words import Words, filled

RULE, PREMISE, DEFINITION = TEXTS["rule"], TEXTS["premise"], TEXTS["definition"]


@dataclass(frozen=True)
class Measured:
    """A prediction, and what was measured."""

    quantity: str
    arm: str
    other: str
    """Another arm, or a number."""
    mean: float | None
    """Of arm minus other, over the seeds, in the quantity's unit; None without a value."""
    low: float | None
    high: float | None
    """The repeated 95 % interval."""
    seeds: int

    @property
    def words(self) -> Words:
        """The difference with its interval and the number of seeds."""
        if self.mean is None:
            return TEXTS["measured.none"]
        if self.low is None or self.high is None:
            return filled(TEXTS["measured.one"], mean=plain(self.mean, 3), seeds=self.seeds)
        ends = {"low": plain(self.low, 3), "high": plain(self.high, 3)}
        return filled(TEXTS["measured.interval"], mean=plain(self.mean, 3), seeds=self.seeds, **ends)


@dataclass(frozen=True)
class Judgement:
    """What a claim's values say so far."""

    ruling: Ruling
    primary: Measured | None
    at: Look | None
    """The primary difference in the claimed direction."""
    premises: tuple[Measured, ...]
    secondary: tuple[Measured, ...]


def rule_of(claim: Claim) -> Words:
    """The rule in words."""
    if claim.primary is None:
        return DEFINITION
    return Words(RULE.en + PREMISE.en, RULE.zh + PREMISE.zh) if claim.premises else RULE


def judge(claim: Claim, values: Mapping[str, Values]) -> Judgement:
    """The ruling, and what was measured for every prediction.

    A premise that is not seen (its interval is not on its side of the number) leaves the claim undecided.
    """
    premises = tuple(_measured(each, values) for each in claim.premises)
    secondary = tuple(_measured(each, values) for each in claim.secondary)
    if claim.primary is None:
        return Judgement("definition", None, None, premises, secondary)
    at = look(directed(claim.primary, values[claim.primary.quantity]))
    seen = all(_is_seen(each, values) for each in claim.premises)
    ruling: Ruling = decide(at, claim.primary.margin) if seen else "not decided"
    return Judgement(ruling, _measured(claim.primary, values), at, premises, secondary)


def directed(prediction: Prediction, values: Values) -> list[float]:
    """The differences seed by seed, above 0 where they are as predicted; seeds without a finite pair are left out."""
    arm, other = values.get(prediction.arm, {}), prediction.other
    against = values.get(other, {}) if isinstance(other, str) else dict.fromkeys(arm, float(other))
    sign = 1 if prediction.relation == "higher" else -1
    pairs = [(arm[seed], against[seed]) for seed in sorted(arm.keys() & against.keys())]
    return [
        sign * (a - b) for a, b in pairs if a is not None and b is not None and math.isfinite(a) and math.isfinite(b)
    ]


def _is_seen(premise: Prediction, values: Mapping[str, Values]) -> bool:
    found = look(directed(premise, values[premise.quantity]))
    return found.low is not None and found.low > 0


def _measured(prediction: Prediction, values: Mapping[str, Values]) -> Measured:
    found = look(directed(prediction, values[prediction.quantity]))
    other = prediction.other if isinstance(prediction.other, str) else f"{prediction.other:g}"
    ends = (found.low, found.high) if prediction.relation == "higher" else (_minus(found.high), _minus(found.low))
    mean = None if found.seeds == 0 else found.mean if prediction.relation == "higher" else -found.mean
    return Measured(prediction.quantity, prediction.arm, other, mean, *ends, found.seeds)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
