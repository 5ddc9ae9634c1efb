"""From measured values to a ruling, by the claim's rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ganatomy.lab.claim import Claim, Prediction, Values
from ganatomy.lab.texts import TEXTS
from ganatomy.studies.finding import Check, Ruling
from ganatomy.studies.statistics import Difference, difference, holm
from ganatomy.words import Words

RULE, PREMISE = TEXTS["rule"], TEXTS["premise"]


def rule_of(claim: Claim) -> Words:
    """The rule in words."""
    return Words(RULE.en + PREMISE.en, RULE.zh + PREMISE.zh) if claim.premises else RULE


def judge(claim: Claim, values: Mapping[str, Values]) -> tuple[Ruling, tuple[Check, ...]]:
    """The ruling, and a check for every premise and prediction, in this order."""
    checks = _checked([*claim.premises, *claim.predictions], values, claim.titles)
    premises, predictions = checks[: len(claim.premises)], checks[len(claim.premises) :]
    return ruling([each.ruling for each in premises], [each.ruling for each in predictions]), checks


def ruling(premises: Sequence[Ruling], predictions: Sequence[Ruling]) -> Ruling:
    """The rule itself."""
    if any(each != "supported" for each in premises):
        return "not decided"
    if "refuted" in predictions:
        return "refuted"
    return "supported" if all(each == "supported" for each in predictions) else "not decided"


def _checked(
    predictions: Sequence[Prediction], values: Mapping[str, Values], titles: Mapping[str, Words]
) -> tuple[Check, ...]:
    found = holm([_difference(each, values[each.quantity], 0.0) for each in predictions])
    nearer = holm([_difference(each, values[each.quantity], each.least) for each in predictions])
    return tuple(
        Check(each.words(titles), each.quantity, measured, _ruling(each, measured, short))
        for each, measured, short in zip(predictions, found, nearer, strict=True)
    )


def _ruling(prediction: Prediction, measured: Difference, short: Difference) -> Ruling:
    opposite = "lower" if prediction.relation == "higher" else "higher"
    # `short` is the measured difference less the least one, in the claimed direction.
    too_small = prediction.least > 0 and short.verdict == opposite
    if measured.verdict == opposite or too_small:
        return "refuted"
    enough = abs(measured.mean) >= prediction.least
    return "supported" if measured.verdict == prediction.relation and enough else "not decided"


def _difference(prediction: Prediction, values: Values, least: float) -> Difference:
    """Seed by seed, arm less other, less the least difference in the claimed direction."""
    other, arm = prediction.other, values.get(prediction.arm, {})
    if isinstance(other, str):
        against = values.get(other, {})
        pairs = [(arm[seed], against[seed]) for seed in sorted(arm.keys() & against.keys())]
    else:
        pairs = [(value, float(other)) for _, value in sorted(arm.items())]
    margin = least if prediction.relation == "higher" else -least
    deltas = [
        a - b - margin for a, b in pairs if a is not None and b is not None and math.isfinite(a) and math.isfinite(b)
    ]
    name = other if isinstance(other, str) else f"{other:g}"
    if not deltas:
        return Difference(prediction.arm, name, 0.0, None, None, None, None, None, 0)
    return difference(prediction.arm, name, deltas)
