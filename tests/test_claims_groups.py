"""Quantities that are not one run's: over a ladder of learning rates, and over the seeds of an arm."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from ganatomy.lab import claims
from ganatomy.lab.claims import q5_learning_rate, q9_gan_care, q9_wgan_lr
from ganatomy.lab.quantities import log2, score
from ganatomy.studies.budget import Budget
from ganatomy.studies.results import Results, Trial

UNTRAINED = 64.0


@dataclass(frozen=True)
class Told(Trial):
    """A trial whose final FID is told and not read."""

    fid: float = UNTRAINED

    def scores(self, point: str) -> Any:
        value = UNTRAINED if point == "0%" else self.fid
        return SimpleNamespace(metrics={"fid": SimpleNamespace(value=value)})


DIVERGED = "training stopped before update 7: the generator's loss is not finite"


def results(
    name: str, fids: dict[str, float | None], seeds: tuple[int, ...] = (0,), fault: str | None = DIVERGED
) -> Results:
    """The claim's quick study with these final FIDs by arm; None: the run failed, with that fault."""
    study = claims.get(name).experiment.study(name, "quick")
    assert study is not None
    study = cast(Any, SimpleNamespace(arms=study.arms, seeds=seeds))
    trials = tuple(
        Told(arm, Budget("updates", 1), seed, Path(), "", "failed" if fid is None else "finished", fault, fid or 0.0)
        for seed in seeds
        for arm, fid in fids.items()
    )
    return Results(study, trials)


def test_the_highest_rung_with_a_stable_run() -> None:
    none = dict(
        zip([arm for arm in q5_learning_rate.ARMS if arm.startswith("none")], [10.0, 32.0, 33.0, None], strict=True)
    )
    norm = dict(
        zip([arm for arm in q5_learning_rate.ARMS if arm.startswith("gen")], [10.0, 40.0, 5.0, None], strict=True)
    )
    found = q5_learning_rate.highest_rung(results("q5-learning-rate", {**none, **norm}))
    assert found == {"none": {0: 2.0}, "generator": {0: 3.0}}


def test_no_stable_run_is_rung_0_and_no_run_is_none() -> None:
    failed = dict.fromkeys(arm for arm in q5_learning_rate.ARMS if arm.startswith("none"))
    assert q5_learning_rate.highest_rung(results("q5-learning-rate", dict(failed))) == {
        "none": {0: 0.0},
        "generator": {0: None},
    }


def test_a_run_that_failed_by_something_else_is_no_evidence() -> None:
    ladder = dict(
        zip([arm for arm in q5_learning_rate.ARMS if arm.startswith("none")], [10.0, 9.0, 8.0, None], strict=True)
    )
    full_disk = results("q5-learning-rate", {**ladder}, fault="runs/x cannot be written: No space left on device")
    assert q5_learning_rate.highest_rung(full_disk)["none"] == {0: None}
    gan = dict(zip([arm for arm in q9_gan_care.ARMS if arm.startswith("gan")], [8.0, 4.0, 2.0, 4.0, None], strict=True))
    killed = results("q9-gan-care", {**gan}, fault="its process was killed by SIGKILL")
    assert q9_gan_care.dependence(killed)["gan"] == {0: None}


def test_the_dependence_on_the_learning_rate_counts_a_failed_run_as_untrained() -> None:
    gan = dict(zip([arm for arm in q9_gan_care.ARMS if arm.startswith("gan")], [8.0, 4.0, 2.0, 4.0, None], strict=True))
    wgan = dict(
        zip([arm for arm in q9_gan_care.ARMS if arm.startswith("wgan")], [8.0, 4.0, 4.0, 4.0, 4.0], strict=True)
    )
    assert q9_gan_care.dependence(results("q9-gan-care", {**gan, **wgan})) == {"gan": {0: 5.0}, "wgan": {0: 1.0}}
    del gan["gan-2"]
    some = q9_gan_care.dependence(results("q9-gan-care", {**gan, **dict.fromkeys(wgan)}))
    assert some == {"gan": {0: 4.0}, "wgan": {0: None}}


def test_the_spread_is_the_distance_from_the_arms_mean() -> None:
    found = results("q9-wgan-lr", {"low": 2.0}, seeds=(0, 1))
    trials = (found.trials[0], dataclasses.replace(cast(Told, found.trials[1]), fid=8.0))
    assert q9_wgan_lr.distance_from_mean(Results(found.study, trials)) == {"low": {0: 1.0, 1: 1.0}}
    assert q9_wgan_lr.distance_from_mean(Results(found.study, trials[:1])) == {"low": {0: None}}


def test_a_power_of_two() -> None:
    found = results("q9-wgan-lr", {"low": 8.0, "high": None})
    assert log2(score("fid")).measure(found) == {"low": {0: 3.0}, "high": {0: None}}
    assert log2(score("fid")).name == "log2 fid"


def test_every_arm_goes_as_far() -> None:
    """Learning rate times updates is the same, and so is the number of records."""
    for runs in (q9_wgan_lr.RUNS, q9_wgan_lr.FULL_RUNS):
        assert len({round(rate * updates, 12) for rate, updates in runs.values()}) == 1
        assert all(updates % q9_wgan_lr.LOGS == 0 == updates % q9_wgan_lr.EVALUATIONS for _, updates in runs.values())
