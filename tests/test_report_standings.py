"""Who is best by which metric, and what may be compared with what."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ganatomy.evaluation import Evaluation
from ganatomy.evaluation.evaluate import Scored
from ganatomy.report.dots import chart
from ganatomy.report.standings import Table, boards, tables, turned
from ganatomy.report.trials import Seen
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Arm
from ganatomy.studies.results import State, Trial
from ganatomy.studies.statistics import difference
from ganatomy.words import Words

BUDGET = Budget("updates", 8)


def scores(reference: str = "r", **metrics: float) -> Evaluation:
    return Evaluation(
        subject={"run": "x", "weights": "last", "update": 8, "seed": 0},
        n=64,
        data="digits",
        extractor={"name": "graded", "digest": "d" * 64},
        reference=reference,
        metrics={name: Scored(value, value - 1, value + 1, 0.5) for name, value in metrics.items()},
        missing_classes=None,
        notes=["one", "two"],
        seconds=1.0,
    )


def table(**fids: list[float]) -> Table:
    """The FIDs of arms, a seed each."""
    return Table(
        scores(fid=0), {arm: {seed: scores(fid=v) for seed, v in enumerate(each)} for arm, each in fids.items()}
    )


def test_the_best_is_the_lowest_fid_and_stands_first_in_the_difference() -> None:
    (rank,) = table(a=[9.0, 9.5, 9.2], b=[3.0, 3.2, 3.1], c=[5.0, 5.5, 5.1]).ranks
    assert (rank.leaders, rank.next) == (("b",), "c")
    assert rank.value.mean == pytest.approx(3.1)
    assert rank.difference is not None
    assert (rank.difference.arm, rank.difference.other) == ("b", "c")
    assert rank.difference.mean == pytest.approx(-2.1)
    assert rank.difference.words.en == "lower with 3 seeds"
    assert rank.difference.effect is not None
    assert rank.difference.effect < 0


def test_a_higher_coverage_is_better() -> None:
    found = Table(scores(coverage=0), {"a": {0: scores(coverage=0.2)}, "b": {0: scores(coverage=0.7)}})
    assert found.best("coverage") == ["b", "a"]


def test_a_shared_best_mean_has_no_single_leader() -> None:
    assert table(a=[2.0], b=[2.0], c=[3.0]).leaders("fid") == ("a", "b")
    assert table(a=[2.0], b=[2.0]).leaders("fid") == ()
    assert table(a=[2.0]).leaders("fid") == ("a",)


def test_arms_without_a_common_seed_are_ranked_but_not_compared() -> None:
    found = Table(scores(fid=0), {"a": {0: scores(fid=1)}, "b": {1: scores(fid=2)}})
    (rank,) = found.ranks
    assert (rank.leaders, rank.next, rank.difference) == (("a",), "b", None)
    assert found.compared == []


def test_values_that_are_not_finite_count_for_nothing() -> None:
    found = table(a=[math.inf, 4.0], b=[5.0, 6.0])
    assert found.estimates["fid"]["a"].n == 1
    assert found.values("fid") == {"a": {1: 4.0}, "b": {0: 5.0, 1: 6.0}}


def test_notes_are_told_once_and_a_floor_is_anybodys() -> None:
    found = table(a=[1.0], b=[2.0])
    assert found.notes == ["one", "two"]
    assert found.floor("fid") == 0.5


def test_the_same_comparison_from_the_other_side() -> None:
    found = difference("a", "b", [1.0, 2.0, 4.0])
    back = turned(found)
    assert (back.arm, back.other, back.mean) == ("b", "a", -found.mean)
    assert found.low is not None
    assert found.high is not None
    assert (back.low, back.high, back.p) == (-found.high, -found.low, found.p)
    assert turned(back) == found
    assert turned(difference("a", "b", [1.0])).low is None


class Told(Seen):
    """A trial whose scores are given."""

    given: dict[str, Evaluation]

    def scores(self, point: str) -> Evaluation | None:
        return self.given.get(point)


def told(arm: str, seed: int, state: State = "finished", **given: Evaluation) -> Seen:
    trial = Told(Trial(arm, BUDGET, seed, Path("x"), "", state), 0, ("50%", "100%", "best"))
    object.__setattr__(trial, "given", {{"end": "100%", "half": "50%"}.get(name, name): s for name, s in given.items()})
    return trial


def test_only_what_was_measured_alike_stands_in_one_table() -> None:
    found = tables([told("a", 0, end=scores(fid=1)), told("b", 0, end=scores("other", fid=1)), told("a", 1)], "100%")
    assert [each.arms for each in found] == [["a"], ["b"]]


def test_unfinished_runs_count_for_nothing() -> None:
    assert tables([told("a", 0, "waiting", end=scores(fid=1)), told("a", 1, "failed", end=scores(fid=1))], "100%") == ()


def test_there_is_a_board_where_anything_was_scored_and_at_the_end() -> None:
    points = ("50%", "100%", "best")
    assert [b.point for b in boards([told("a", 0, half=scores(fid=1))], [BUDGET], points)] == ["50%", "100%"]
    assert [b.point for b in boards([told("a", 0)], [BUDGET], points)] == ["100%", "best"]
    assert len(boards([told("a", 0, end=scores(fid=1))], [BUDGET, Budget("seconds", 3)], points)) == 2


def test_a_metrics_chart_has_a_dot_a_seed_the_means_interval_and_the_floor() -> None:
    arms = [Arm(name, name, (), Words(f"<{name}>", name)) for name in ("a", "b")]
    figure = chart(table(a=[1.0, 2.0], b=[3.0]), "fid", arms)
    mean, dots, single = figure["data"]
    assert mean["x"] == [1.5]
    assert mean["error_x"]["array"] == [0.5]
    assert (dots["x"], dots["customdata"]) == ([1, 2], [0, 1])
    assert single["x"] == [3]
    (line,) = figure["layout"]["shapes"]
    assert line["x0"] == 0.5
    assert figure["layout"]["xaxis"]["range"][0] < 0.5
    assert figure["layout"]["yaxis"]["ticktext"]["en"] == ["&lt;a&gt;", "&lt;b&gt;"]
