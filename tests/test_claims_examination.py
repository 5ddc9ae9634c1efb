"""From an experiment to a finding: what is measured is the runs' own, failures are told, and nothing is lost on disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.lab import findings, saturation
from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.examination import examine
from ganatomy.lab.finding import Finding
from ganatomy.lab.quantities import probe, score
from ganatomy.studies.conduct import conduct
from ganatomy.studies.file import ArmTable, LevelTable
from ganatomy.words import Words

SOME = Words("some text", "一些文字")

CLAIM = Claim(
    name="narrower-is-better",
    question="Q0",
    text=SOME,
    design=SOME,
    experiment=Trained(
        arms=(
            ArmTable(name="narrow", recipe="gan", settings=("model.hidden=8",)),
            ArmTable(name="wide", recipe="gan", settings=("model.hidden=16",)),
        ),
        at={
            "quick": LevelTable(
                settings=("data=digits", "train.batch=32", "train.evaluate_every=0", "train.log_every=1"),
                seeds=tuple(range(8)),
                budgets=("3 updates",),
                points=("100%",),
                n=80,
                metrics=("fid",),
            )
        },
    ),
    quantities=(score("fid"), probe("updates", SOME, lambda run: float(run.update))),
    primary=Prediction("fid", "narrow", "lower", "wide", margin=1e-9),
    secondary=(Prediction("updates", "narrow", "higher", 2.5),),
    meanings={"supported": Words("yes", "是"), "refuted": Words("no", "否"), "not decided": Words("open", "未定")},
    literature=SOME,
    digests={"quick": "abc"},
)


def test_a_trained_claim_from_runs_to_its_finding_and_back(tmp_path: Path) -> None:
    """A margin that no number of seeds can exclude is looked at twice, with five seeds and with eight."""
    said: list[str] = []
    finding, results = examine(CLAIM, "quick", tmp_path, say=said.append)
    assert results is not None
    assert finding.values["updates"]["narrow"] == dict.fromkeys(range(finding.seeds), 3.0)
    for trial in results.trials:
        written = json.loads((trial.path / "metrics.json").read_text())["metrics"]["fid"]["value"]
        assert finding.values["fid"][trial.arm][trial.seed] == written
    assert [look.seeds for look in finding.looks] == [5, 8][: len(finding.looks)]
    assert any(line.startswith("narrower-is-better, quick, 5 seeds: ") for line in said)
    assert finding.primary is not None
    pairs = [
        finding.values["fid"]["narrow"][seed] - finding.values["fid"]["wide"][seed] for seed in range(finding.seeds)
    ]  # type: ignore[operator]
    assert finding.primary.mean == pytest.approx(sum(pairs) / len(pairs))
    assert finding.runs.keys() == {trial.path.name for trial in results.trials}
    assert finding.design == "abc"
    assert len(finding.code) == 64

    kept = findings.read(findings.finding_file(tmp_path, CLAIM.name, "quick"))
    assert (kept.ruling, kept.seeds, kept.runs.keys()) == (finding.ruling, finding.seeds, finding.runs.keys())
    assert kept.primary is not None
    assert kept.primary.mean == pytest.approx(finding.primary.mean, rel=1e-4)
    assert findings.found(CLAIM.name, tmp_path) == {"quick": kept}

    # A run that failed is told, has no value, and takes its seed out of the comparison.
    fault = next(trial.path for trial in results.select(arm="wide"))
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / f"{fault.name}.json").write_text(json.dumps({"fault": "it broke"}))
    shutil.rmtree(fault)
    again, _ = examine(CLAIM, "quick", tmp_path)
    assert again.failed == ("wide, 3 updates, seed 0: it broke",)
    assert again.values["fid"]["wide"][0] is None
    assert again.primary is not None
    assert again.primary.seeds == again.seeds - 1


def test_more_seeds_go_into_the_same_folder_and_fewer_take_none_away(tmp_path: Path) -> None:
    experiment = CLAIM.experiment
    for seeds in (2, 3, 2):
        study = experiment.study(CLAIM.name, "quick", seeds)
        assert study is not None
        folder = conduct(study, tmp_path)
        assert folder.path.name == "claim-narrower-is-better-quick"
    assert {trial.seed for trial in folder.read().trials} == {0, 1, 2}


def test_an_unknown_level_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'quick'"):
        examine(CLAIM, "quik", tmp_path)


def test_what_is_no_finding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}")
    with pytest.raises(GanatomyError, match="is not what ganatomy claims writes"):
        findings.read(file)
    with pytest.raises(ValueError):  # noqa: PT011
        Finding.of_tree({})


def test_the_discriminator_of_q6_is_the_optimal_one() -> None:
    """For two equal Gaussians log D / (1 - D) is linear: its gradient is distance / sigma squared."""
    distance = 0.1
    network = saturation._discriminator(distance, 0, saturation.STEPS)
    _, fake = saturation._points(distance, 0, 10_000)
    middle, slope = distance / 2, distance / saturation.SIGMA**2
    logits = -slope * (fake[:, 0] - middle)
    assert saturation._gradient("js", network, fake) == pytest.approx(
        float(torch.sigmoid(logits).mean() * slope), rel=0.1
    )
    assert saturation._gradient("non-saturating", network, fake) == pytest.approx(
        float(torch.sigmoid(-logits).mean() * slope), rel=0.1
    )


def test_the_divergence_that_q6_estimates_is_ln_2_at_most() -> None:
    network = saturation._discriminator(2.0, 0, saturation.STEPS)
    real, fake = saturation._points(2.0, 0, 10_000)
    assert saturation._estimate("js", network, real, fake) == pytest.approx(0.6931, abs=1e-3)
