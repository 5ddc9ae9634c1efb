"""The rule from values to a ruling, on values made by hand; how often it errs is in test_study_sequential."""

from __future__ import annotations

import math

import pytest

from ganatomy.lab.claim import RULINGS, Claim, Computed, Prediction, Ruling, Values
from ganatomy.lab.ruling import DEFINITION, PREMISE, RULE, judge, rule_of
from ganatomy.words import Words

ANY = Words("any", "任意")

STEADY = (0.0, 0.1, -0.1, 0.05, -0.05)
"""What the seeds add: little beside a difference of 1."""


def claim_of(
    primary: Prediction | None, premises: tuple[Prediction, ...] = (), secondary: tuple[Prediction, ...] = ()
) -> Claim:
    """A claim that consists of its predictions."""
    return Claim(
        name="q0-made-up",
        question="Q0",
        text=ANY,
        design=ANY,
        experiment=Computed(compute=lambda seeds: {}, titles={"height": Words("height, m", "高度（米）"), "age": ANY}),
        primary=primary,
        premises=premises,
        secondary=secondary,
        meanings=dict.fromkeys(RULINGS, ANY),
        literature=ANY,
        digests={"quick": ""},
    )


def around(*centres: float, noise: tuple[float, ...] = STEADY) -> Values:
    """{a: ..., b: ...}: a value a seed around each centre; the arms' noise differs, so that pairs do."""
    return {
        arm: {seed: centre + each * (index + 1) for seed, each in enumerate(noise)}
        for index, (arm, centre) in enumerate(zip("ab", centres, strict=False))
    }


BY_ONE = Prediction("height", "a", "higher", "b", margin=1.0)
BY_TWO = Prediction("height", "a", "higher", "b", margin=2.0)


@pytest.mark.parametrize(
    ("prediction", "a", "b", "expected"),
    [
        (BY_ONE, 3.0, 1.0, "supported"),
        (BY_ONE, 1.0, 3.0, "refuted"),
        (BY_ONE, 1.0, 1.0, "refuted"),
        # Above by 1 where 2 would matter: the direction is right, and the claim is wrong all the same.
        (BY_TWO, 2.0, 1.0, "refuted"),
        (BY_TWO, 4.0, 1.0, "supported"),
        (Prediction("height", "a", "lower", "b", margin=1.0), 1.0, 3.0, "supported"),
        (Prediction("height", "a", "lower", "b", margin=1.0), 3.0, 1.0, "refuted"),
        (Prediction("height", "a", "higher", 0.5, margin=0.2), 1.0, 9.0, "supported"),
        (Prediction("height", "a", "higher", 1.5, margin=0.2), 1.0, 9.0, "refuted"),
        (Prediction("height", "a", "lower", 9.0, margin=10.0), 1.0, 9.0, "refuted"),
    ],
)
def test_the_primary_prediction_carries_the_verdict(
    prediction: Prediction, a: float, b: float, expected: Ruling
) -> None:
    assert judge(claim_of(prediction), {"height": around(a, b)}).ruling == expected


def test_a_difference_that_is_not_sure_decides_nothing() -> None:
    values = {"height": around(2.0, 1.0, noise=(-6.0, 5.0, 1.0, 3.0, -2.0))}
    assert judge(claim_of(BY_ONE), values).ruling == "not decided"


def test_others_are_reported_and_have_no_vote() -> None:
    other = Prediction("age", "a", "higher", "b")
    found = judge(claim_of(BY_ONE, secondary=(other,)), {"height": around(3.0, 1.0), "age": around(1.0, 9.0)})
    assert found.ruling == "supported"
    (age,) = found.secondary
    assert age.mean == pytest.approx(-8.0)
    assert age.low is not None
    assert age.high is not None
    assert age.low < -8 < age.high < 0


def test_without_its_premise_nothing_is_decided() -> None:
    premise = Prediction("age", "a", "higher", "b")
    claim = claim_of(BY_ONE, premises=(premise,))
    up, down, level = around(3.0, 1.0), around(1.0, 3.0), around(1.0, 1.0)
    assert judge(claim, {"height": up, "age": up}).ruling == "supported"
    assert judge(claim, {"height": down, "age": up}).ruling == "refuted"
    for unseen in (down, level):
        assert judge(claim, {"height": down, "age": unseen}).ruling == "not decided"
    assert rule_of(claim).en == RULE.en + PREMISE.en
    assert rule_of(claim_of(BY_ONE)) == RULE


def test_a_definition_is_shown_and_not_tested() -> None:
    found = judge(claim_of(None, secondary=(Prediction("age", "a", "higher", "b"),)), {"age": around(1.0, 2.0)})
    assert (found.ruling, found.primary, found.at) == ("definition", None, None)
    assert len(found.secondary) == 1
    assert rule_of(claim_of(None)) == DEFINITION


@pytest.mark.parametrize("absent", [None, math.nan, math.inf])
def test_a_seed_without_a_value_is_left_out(absent: float | None) -> None:
    values = around(3.0, 1.0, noise=(*STEADY, 0.02))
    values["a"][1] = absent
    found = judge(claim_of(BY_ONE), {"height": values})
    assert found.ruling == "supported"
    assert found.primary is not None
    assert found.primary.seeds == len(STEADY)


@pytest.mark.parametrize("values", [{}, {"a": {}}, {"a": {0: 1.0}}, {"a": {0: None}, "b": {0: 1.0}}])
def test_no_values_decide_nothing(values: Values) -> None:
    found = judge(claim_of(BY_ONE), {"height": values})
    assert found.ruling == "not decided"
    assert found.primary is not None
    assert (found.primary.mean, found.primary.low, found.primary.seeds) == (None, None, 0)


def test_seeds_that_only_one_arm_has_are_no_pairs() -> None:
    values: Values = {"a": {0: 3.0, 1: 3.1}, "b": {1: 1.0, 2: 1.1}}
    found = judge(claim_of(BY_ONE), {"height": values}).primary
    assert found is not None
    assert (found.seeds, found.mean) == (1, pytest.approx(2.1))


def test_what_is_shown_is_arm_minus_other_whatever_was_predicted() -> None:
    lower = judge(claim_of(Prediction("height", "a", "lower", "b", margin=1.0)), {"height": around(1.0, 3.0)})
    assert lower.primary is not None
    assert lower.at is not None
    assert lower.primary.mean == pytest.approx(-2.0)
    assert lower.at.mean == pytest.approx(2.0)
    assert (lower.primary.low, lower.primary.high) == (-lower.at.high, -lower.at.low)  # type: ignore[operator]


def test_a_prediction_in_words() -> None:
    titles = {"height": Words("height, m", "高度（米）")}
    arms = {"a": Words("the tall", "高的")}
    assert BY_TWO.words(titles, arms) == Words(
        "height, m: the tall higher than b (by 2)", "高度（米）：高的 高于 b（相差 2）"
    )
    assert Prediction("height", "a", "lower", 1.5).words(titles, {}).en == "height, m: a lower than 1.5"
