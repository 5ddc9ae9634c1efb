"""Quantities that are not one run's: over a ladder of learning rates, and over the seeds of an arm."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ganatomy.config import recipe
from ganatomy.lab import claims, group_measures
from ganatomy.lab.group_measures import dependence, effect, rung
from ganatomy.lab.quantities import log2, score
from ganatomy.studies.budget import Budget
from ganatomy.studies.failure import Failure
from ganatomy.studies.results import Results, Trial

UNTRAINED = 64.0


@dataclass(frozen=True)
class Told(Trial):
    """A trial whose final FID is told and not read."""

    fid: float = UNTRAINED

    def scores(self, point: str) -> Any:
        value = UNTRAINED if point == "0%" else self.fid
        return SimpleNamespace(metrics={"fid": SimpleNamespace(value=value)})


DIVERGED = Failure("training stopped before update 7: the generator's loss is not finite", "diverged")


def results(fids: dict[str, float | None], seeds: tuple[int, ...] = (0,), failure: Failure = DIVERGED) -> Results:
    """A study with these final FIDs by arm; None: the run failed, for that reason."""
    study = cast(Any, SimpleNamespace(seeds=seeds))
    trials = tuple(
        Told(arm, Budget("updates", 1), seed, Path(), "", "failed", failure)
        if fid is None
        else Told(arm, Budget("updates", 1), seed, Path(), "", "finished", None, fid)
        for seed in seeds
        for arm, fid in fids.items()
    )
    return Results(study, trials)


LADDERS = {"none": ["none-0.0005", "none-0.002", "none-0.008", "none-0.032"], "generator": ["g-1", "g-2", "g-3", "g-4"]}
SYSTEMS = {"gan": [f"gan-{rung}" for rung in range(5)], "wgan": [f"wgan-{rung}" for rung in range(5)]}


def climb(arms: list[str], *fids: float | None) -> dict[str, float | None]:
    """{arm: final FID} of a ladder, the lowest rung first."""
    return dict(zip(arms, fids, strict=True))


def test_the_highest_rung_with_a_stable_run() -> None:
    none = climb(LADDERS["none"], 10.0, 32.0, 33.0, None)
    norm = climb(LADDERS["generator"], 10.0, 40.0, 5.0, None)
    assert rung(results({**none, **norm}), LADDERS) == {"none": {0: 2.0}, "generator": {0: 3.0}}


def test_no_stable_run_is_rung_0_and_no_run_is_none() -> None:
    failed = climb(LADDERS["none"], None, None, None, None)
    assert rung(results(failed), LADDERS) == {"none": {0: 0.0}, "generator": {0: None}}


def test_a_run_that_failed_for_another_reason_is_no_evidence() -> None:
    full_disk = Failure("runs/x cannot be written: No space left on device")
    assert rung(results(climb(LADDERS["none"], 10.0, 9.0, 8.0, None), failure=full_disk), LADDERS)["none"] == {0: None}
    killed = results(
        climb(SYSTEMS["gan"], 8.0, 4.0, 2.0, 4.0, None), failure=Failure("its process was killed by SIGKILL", "lost")
    )
    assert dependence(killed, SYSTEMS)["gan"] == {0: None}


def test_the_dependence_on_the_learning_rate_counts_a_failed_run_as_untrained() -> None:
    gan = climb(SYSTEMS["gan"], 8.0, 4.0, 2.0, 4.0, None)
    wgan = climb(SYSTEMS["wgan"], 8.0, 4.0, 4.0, 4.0, 4.0)
    assert dependence(results({**gan, **wgan}), SYSTEMS) == {"gan": {0: 5.0}, "wgan": {0: 1.0}}
    del gan["gan-2"]
    some = results({**gan, **dict.fromkeys(wgan)})
    assert dependence(some, SYSTEMS) == {"gan": {0: 4.0}, "wgan": {0: None}}


def test_the_effect_of_a_factor_is_its_mean_over_the_other() -> None:
    factors = {"wide": [("a", "b"), ("c", "d")], "deep": [("a", "c"), ("b", "d")]}
    found = effect(results({"a": 8.0, "b": 4.0, "c": 4.0, "d": 1.0}), factors)
    assert found["wide"][0] == pytest.approx(-1.5 * math.log(2))
    assert found["deep"][0] == pytest.approx(-1.5 * math.log(2))
    assert effect(results({"a": 8.0, "b": 4.0, "c": 4.0, "d": None}), factors) == {"wide": {}, "deep": {}}


def test_how_fid_changes_for_each_tenfold_of_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    estimates = {"small": 0.1, "large": 10.0}
    found = results({"small": 4.0, "large": 64.0})
    trials = tuple(dataclasses.replace(cast(Told, each), path=Path(each.arm)) for each in found.trials)
    monkeypatch.setattr(Told, "run", property(lambda trial: trial.arm))
    monkeypatch.setattr(group_measures, "critics_estimate", estimates.get)
    changed = group_measures.by_tenfold(Results(found.study, trials), "small", "large")
    # Four times a doubling over two tenfolds.
    assert changed == {"large after small": {0: pytest.approx(2.0)}}


def test_a_power_of_two() -> None:
    found = results({"low": 8.0, "high": None})
    assert log2(score("fid")).measure(found) == {"low": {0: 3.0}, "high": {0: None}}
    assert log2(score("fid")).name == "log2 fid"


def test_every_arm_of_q9_goes_as_far() -> None:
    """Learning rate times updates is the same, and so is the number of records."""
    for level in ("quick", "medium"):
        study = claims.get("q9-wgan-lr").experiment.study("q9-wgan-lr", level, 5)
        assert study is not None
        far, records = set(), set()
        for arm in study.arms:
            (budget,) = (each for each in study.budgets if study.has(arm, each))
            config = recipe.load(arm.recipe, study.settings(arm, budget))
            far.add(round(config.optimizer.lr * budget.amount, 12))
            records.add((budget.amount / config.train.log_every, budget.amount / config.train.evaluate_every))
        assert len(far) == len(records) == 1
