"""What every claim must have. A new one is tested the day it is added."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from ganatomy.config import recipe
from ganatomy.lab import claims
from ganatomy.lab.claim import Claim, Computed, Prediction
from ganatomy.lab.ruling import judge
from ganatomy.studies import jobs
from ganatomy.studies.failure import Failure
from ganatomy.studies.jobs import Job
from ganatomy.studies.plan import Study
from ganatomy.studies.results import Results, State, Trial
from ganatomy.studies.sequential import DECISIONS, LOOKS
from ganatomy.words import Words

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ARXIV = re.compile(r"arXiv \d{4}\.\d{4,5}")

LONGEST = 900.0
"""Seconds that the first look of a claim's quick level may take on two cores, by the table below."""

SECONDS = {"mlp": 0.005, "convnet": 0.11}
"""Of one step of D and one of G, 64 images, on one thread, as measured."""

SIZE = {256: 1.0, 2180: 28.0}
"""{width of the mlp's hidden layers: how many times the lab's an update takes}."""

CRITIC_STEP = {"mlp": 0.002, "convnet": 0.05}
"""Of each further step of D."""

AROUND = 7.0
"""Seconds of a run that are not training: its start, and its scores."""


@cache
def claim_of(name: str) -> Claim:
    return claims.get(name)


every_claim = pytest.mark.parametrize("name", claims.names())


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pool")


def predictions_of(claim: Claim) -> list[Prediction]:
    return [*([] if claim.primary is None else [claim.primary]), *claim.premises, *claim.secondary]


def study_of(claim: Claim, level: str) -> Study:
    study = claim.experiment.study(claim.name, level, LOOKS[0])
    if study is None:
        pytest.skip("this claim is computed and trains nothing")
    return study


def results_of(study: Study, state: State) -> Results:
    """A study none of whose runs is there."""
    trials = tuple(
        Trial(
            arm.name,
            budget,
            seed,
            Path("nowhere"),
            "",
            state,
            Failure("it exploded", "diverged") if state == "failed" else None,
        )
        for budget in study.budgets
        for seed in study.seeds
        for arm in study.arms
        if study.has(arm, budget)
    )
    return Results(study, trials)


def test_names_are_those_of_the_files_and_in_the_order_of_the_questions() -> None:
    numbers = [int(name[1 : name.index("-")]) for name in claims.names() if name.startswith("q")]
    assert numbers == sorted(numbers)
    for name in claims.names():
        assert claim_of(name).name == name


@every_claim
def test_the_name_begins_with_the_question(name: str) -> None:
    question = claim_of(name).question
    assert question == "-" or name.startswith((f"{question.lower()}-", "reported-"))


@every_claim
def test_every_text_is_in_both_languages(name: str) -> None:
    claim = claim_of(name)
    texts = [claim.text, claim.claimant, claim.design, claim.literature, *claim.meanings.values()]
    for text in [*texts, *_predicted(claim)]:
        assert text.en.strip() == text.en != ""
        assert text.zh.strip() == text.zh != ""
        assert text.en != text.zh
        assert CHINESE.search(text.zh)
        assert not CHINESE.search(text.en)


@every_claim
def test_a_meaning_is_written_for_every_outcome(name: str) -> None:
    meanings = claim_of(name).meanings
    wanted = {"definition"} if claim_of(name).primary is None else set(DECISIONS)
    assert wanted <= set(meanings)
    assert len({meaning.en for meaning in meanings.values()}) == len(meanings)


@every_claim
def test_the_literature_cites_papers_by_number(name: str) -> None:
    literature = claim_of(name).literature
    cited = ARXIV.findall(literature.en)
    assert cited
    assert sorted(cited) == sorted(ARXIV.findall(literature.zh))


@every_claim
def test_predictions_are_of_what_is_measured(name: str) -> None:
    """Of quantities that exist, and of arms or groups that have values: seen where all runs failed."""
    claim = claim_of(name)
    titles = [quantity.name for quantity in claim.quantities]
    assert len(titles) == len(set(titles))
    assert claim.primary is None or claim.primary.margin > 0
    assert all(each.margin == 0 for each in (*claim.premises, *claim.secondary))
    if isinstance(claim.experiment, Computed):
        return
    for level in claim.experiment.levels():
        study = study_of(claim, level)
        for state in ("failed", "waiting"):
            values = {quantity.name: quantity.measure(results_of(study, state)) for quantity in claim.quantities}
            for each in predictions_of(claim):
                there = values[each.quantity].keys()
                assert each.arm in there
                assert not isinstance(each.other, str) or (each.other in there and each.other != each.arm)
            assert judge(claim, values).ruling in ("not decided", "definition")


@every_claim
def test_the_quick_level_comes_first(name: str) -> None:
    assert next(iter(claim_of(name).experiment.levels())) == "quick"


@every_claim
def test_the_quick_level_can_be_planned_without_a_network_and_takes_minutes(
    name: str, pool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GANATOMY_DATA", raising=False)
    planned = jobs.plan(study_of(claim_of(name), "quick"), pool)
    assert all(any(word in job.settings for word in ("data=digits", "data=mixtures")) for job in planned)
    assert seconds_of(planned) < LONGEST


@every_claim
def test_the_other_levels_can_be_planned_on_mnist(name: str, pool: Path, real_data: Path) -> None:
    claim = claim_of(name)
    for level in claim.experiment.levels():
        assert jobs.plan(study_of(claim, level), pool)


def test_claims_share_their_runs(pool: Path) -> None:
    """Runs are named by what decides their bits, so the lab's DCGAN is trained once for all claims that hold it up."""

    def paths(name: str) -> set[str]:
        return {job.path for job in jobs.plan(study_of(claim_of(name), "quick"), pool)}

    lab = (
        paths("q5-collapse") & paths("q2-gradients") & paths("q4-relu") & paths("q3-quality") & paths("q1-competition")
    )
    assert len(lab) == LOOKS[0]
    assert paths("q5-collapse") == paths("q5-speed") == paths("q5-gradients") == paths("q9-batchnorm-noise")


def _predicted(claim: Claim) -> list[Words]:
    return [claim.words(each) for each in predictions_of(claim)]


def seconds_of(planned: Iterable[Job]) -> float:
    """An estimate of what jobs take on two cores, two at a time, each run once."""
    return sum(_seconds(job) for job in {job.path: job for job in planned}.values()) / 2


def _seconds(job: Job) -> float:
    config = recipe.load(job.recipe, job.settings)
    if config.train.seconds is not None:
        return config.train.seconds + AROUND
    assert config.train.updates is not None
    extra_steps = config.objective.critic_steps - 1
    share = config.train.batch / 64
    update = SECONDS[config.model.name] * SIZE[getattr(config.model, "hidden", 256)]
    update += extra_steps * CRITIC_STEP[config.model.name]
    evaluations = config.train.updates // config.train.evaluate_every if config.train.evaluate_every else 0
    return config.train.updates * update * share + evaluations * 0.5 + AROUND
