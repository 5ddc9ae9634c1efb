"""The rule from values to a ruling, on values made by hand."""

from __future__ import annotations

import math

import pytest

from ganatomy.lab.claim import Claim, Computed, Prediction, Values
from ganatomy.lab.ruling import PREMISE, RULE, judge, rule_of, ruling
from ganatomy.studies.finding import RULINGS, Ruling
from ganatomy.words import Words

ANY = Words("any", "任意")

STEADY = (0.0, 0.1, -0.1, 0.05, -0.05)
"""What the seeds add: little beside a difference of 1."""


def claim_of(*predictions: Prediction, premises: tuple[Prediction, ...] = ()) -> Claim:
    """A claim that consists of its predictions."""
    return Claim(
        name="q0-made-up",
        question="Q0",
        text=ANY,
        design=ANY,
        experiment=Computed(compute=lambda level: {}, titles={"height": Words("height, m", "高度（米）"), "age": ANY}),
        predictions=predictions,
        premises=premises,
        meanings=dict.fromkeys(RULINGS, ANY),
        literature=ANY,
    )


def around(*centres: float, noise: tuple[float, ...] = STEADY) -> Values:
    """{a: ..., b: ...}: a value a seed around each centre; the arms' noise differs, so that pairs do."""
    return {
        arm: {seed: centre + each * (index + 1) for seed, each in enumerate(noise)}
        for index, (arm, centre) in enumerate(zip("ab", centres, strict=False))
    }


HIGHER = Prediction("height", "a", "higher", "b")
BY_TWO = Prediction("height", "a", "higher", "b", least=2.0)


@pytest.mark.parametrize(
    ("prediction", "a", "b", "expected"),
    [
        (HIGHER, 3.0, 1.0, "supported"),
        (HIGHER, 1.0, 3.0, "refuted"),
        (HIGHER, 1.0, 1.0, "not decided"),
        # Above by 1 where 2 were asked for: the direction is right, and the claim is wrong all the same.
        (BY_TWO, 2.0, 1.0, "refuted"),
        (BY_TWO, 4.0, 1.0, "supported"),
        (Prediction("height", "a", "lower", "b"), 1.0, 3.0, "supported"),
        (Prediction("height", "a", "lower", "b"), 3.0, 1.0, "refuted"),
        (Prediction("height", "a", "lower", "b", least=2.0), 1.0, 2.0, "refuted"),
        (Prediction("height", "a", "lower", "b", least=2.0), 1.0, 4.0, "supported"),
        (Prediction("height", "a", "higher", 0.5), 1.0, 9.0, "supported"),
        (Prediction("height", "a", "higher", 1.5), 1.0, 9.0, "refuted"),
        (Prediction("height", "a", "lower", 9.0, least=10.0), 1.0, 9.0, "refuted"),
    ],
)
def test_a_single_prediction(prediction: Prediction, a: float, b: float, expected: Ruling) -> None:
    assert judge(claim_of(prediction), {"height": around(a, b)})[0] == expected


def test_a_difference_of_the_right_size_that_is_not_sure_decides_nothing() -> None:
    values = {"height": around(2.0, 1.0, noise=(-6.0, 5.0, 1.0))}
    assert judge(claim_of(HIGHER), values)[0] == "not decided"


def test_near_the_margin_the_direction_alone_counts() -> None:
    # By 2 more or less: whether it is smaller than the least stays open, and that it is above is sure.
    assert judge(claim_of(BY_TWO), {"height": around(3.0, 1.0)})[0] == "supported"


def test_all_predictions_are_needed_and_one_refutes() -> None:
    other = Prediction("age", "a", "higher", "b")
    both = claim_of(HIGHER, other)
    up, down, level = around(3.0, 1.0), around(1.0, 3.0), around(1.0, 1.0)
    assert judge(both, {"height": up, "age": up})[0] == "supported"
    assert judge(both, {"height": up, "age": level})[0] == "not decided"
    assert judge(both, {"height": up, "age": down})[0] == "refuted"
    assert judge(both, {"height": level, "age": down})[0] == "refuted"


def test_more_predictions_ask_for_surer_ones() -> None:
    """Holm's correction: a p of 0.03 is enough alone, and not beside another."""
    nearly = {"a": {0: 1.0, 1: 1.5, 2: 2.1, 3: 0.4}, "b": dict.fromkeys(range(4), 0.0)}
    alone, checks = judge(claim_of(HIGHER), {"height": nearly})
    assert alone == "supported"
    assert checks[0].difference.p is not None
    assert 0.025 < checks[0].difference.p < 0.05
    several = claim_of(HIGHER, Prediction("age", "a", "higher", "b"))
    assert judge(several, {"height": nearly, "age": nearly})[0] == "not decided"


def test_without_its_premise_nothing_is_decided() -> None:
    premise = Prediction("age", "a", "higher", "b")
    claim = claim_of(HIGHER, premises=(premise,))
    up, down, level = around(3.0, 1.0), around(1.0, 3.0), around(1.0, 1.0)
    assert judge(claim, {"height": up, "age": up})[0] == "supported"
    assert judge(claim, {"height": down, "age": up})[0] == "refuted"
    for unseen in (down, level):
        verdict, checks = judge(claim, {"height": down, "age": unseen})
        assert verdict == "not decided"
        assert [check.quantity for check in checks] == ["age", "height"]
    assert rule_of(claim).en == RULE.en + PREMISE.en
    assert rule_of(claim_of(HIGHER)) == RULE


@pytest.mark.parametrize("absent", [None, math.nan, math.inf])
def test_a_seed_without_a_value_is_left_out(absent: float | None) -> None:
    values = around(3.0, 1.0)
    values["a"][1] = absent
    verdict, (check,) = judge(claim_of(HIGHER), {"height": values})
    assert (verdict, check.difference.n) == ("supported", len(STEADY) - 1)


@pytest.mark.parametrize("values", [{}, {"a": {}}, {"a": {0: 1.0}}, {"a": {0: None}, "b": {0: 1.0}}])
def test_no_values_decide_nothing(values: Values) -> None:
    verdict, (check,) = judge(claim_of(HIGHER), {"height": values})
    assert (verdict, check.difference.n, check.difference.p) == ("not decided", 0, None)


def test_seeds_that_only_one_arm_has_are_no_pairs() -> None:
    values: Values = {"a": {0: 3.0, 1: 3.1}, "b": {1: 1.0, 2: 1.1}}
    assert judge(claim_of(HIGHER), {"height": values})[1][0].difference.n == 1


def test_one_seed_decides_nothing() -> None:
    verdict, (check,) = judge(claim_of(HIGHER), {"height": {"a": {0: 100.0}, "b": {0: 1.0}}})
    assert (verdict, check.difference.n, check.difference.p) == ("not decided", 1, None)
    assert check.difference.mean == 99.0


def test_the_check_shows_the_measured_difference_and_not_what_is_missing_to_the_margin() -> None:
    _, (check,) = judge(claim_of(BY_TWO), {"height": around(2.0, 1.0)})
    assert check.difference.mean == pytest.approx(1.0)
    assert check.prediction.en == "height, m: a higher than b (by 2 or more)"
    assert check.prediction.zh == "高度（米）：a 高于 b（至少相差 2）"


@pytest.mark.parametrize(
    ("premises", "predictions", "expected"),
    [
        ([], ["supported"], "supported"),
        ([], ["supported", "not decided"], "not decided"),
        ([], ["not decided", "refuted"], "refuted"),
        (["supported"], ["refuted"], "refuted"),
        (["refuted"], ["supported"], "not decided"),
        (["not decided"], ["refuted"], "not decided"),
    ],
)
def test_the_rule_itself(premises: list[Ruling], predictions: list[Ruling], expected: Ruling) -> None:
    assert ruling(premises, predictions) == expected
