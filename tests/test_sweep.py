"""A sweep from its plan to its results, its trials lost, stopped, diverged and shared."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from command_line import Command
from ganatomy.cli.live import live
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.report import sweep_page
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.run import Run
from ganatomy.studies import jobs
from ganatomy.studies.budget import Budget
from ganatomy.studies.failure import Failure
from ganatomy.studies.sweep import search as searching
from ganatomy.studies.sweep.conduct import conduct, found
from ganatomy.studies.sweep.importance import importances
from ganatomy.studies.sweep.plan import FINAL_SEEDS, LEADER_SEEDS, Sweep
from ganatomy.studies.sweep.results import SweepResults
from ganatomy.studies.sweep.search import Search
from ganatomy.studies.sweep.storage import Storage
from sweeps import in_this_process, tiny

optuna = pytest.importorskip("optuna", reason="needs Optuna: pip install 'ganatomy[sweep]'")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganatomy.studies.local.run", in_this_process)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Path, SweepResults]:
    """A small sweep carried out: its plan, the folder of studies, what it found."""
    place = tmp_path_factory.mktemp("sweep")
    sweep = tiny(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganatomy.studies.local.run", in_this_process)
        return sweep, place / "studies", conduct(sweep, place / "studies")


def search_of(sweep: Sweep, place: Path, heartbeat: float = 60, worker: int = 0) -> Search:
    return Search(sweep, Storage.of_file(place / "trials.db", heartbeat), place / "runs", worker=worker)


def begun(search: Search) -> jobs.Job:
    job = search.next()
    assert job is not None
    return job


def test_every_trial_is_an_ordinary_run_with_a_seed_of_its_own(done: tuple[Sweep, Path, SweepResults]) -> None:
    _, studies, results = done
    assert [(trial.number, trial.seed, trial.state) for trial in results.trials] == [
        (place, place, "complete") for place in range(4)
    ]
    for trial in results.trials:
        assert trial.run is not None
        run = Run(studies / "runs" / trial.run)
        assert run.update == trial.updates == 10
        assert f"optimizer.lr={run.config.optimizer.lr:g}" in [
            f"{word.partition('=')[0]}={float(word.partition('=')[2]):g}" for word in trial.settings
        ]
        assert run.config.train.batch == trial.params["train.batch"]
        assert run.config.train.evaluate_every == 1, "a quick evaluation at every tenth of the budget"
        scores = json.loads((run.path / "metrics.json").read_text())["metrics"]
        assert trial.metrics["fid"] == scores["fid"]["value"]


def test_the_leaders_are_repeated_and_the_winner_is_judged_on_seeds_that_nothing_was_chosen_by(
    done: tuple[Sweep, Path, SweepResults],
) -> None:
    _, studies, results = done
    assert {each.name for each in results.leaders} == {f"trial-{trial.number}" for trial in results.ranked[:2]}
    assert all(each.seeds == (LEADER_SEEDS, LEADER_SEEDS + 1) for each in results.leaders)
    means = [each.mean("fid") for each in results.leaders]
    assert means == sorted(means), "best first, by the fresh seeds alone"
    winner, recipe = results.final
    assert (winner.name, recipe.name) == (results.leaders[0].name, "recipe")
    assert winner.seeds == recipe.seeds == (FINAL_SEEDS, FINAL_SEEDS + 1)
    assert winner.settings == results.leaders[0].settings
    assert recipe.settings == ()
    assert {trial.seed for trial in results.trials}.isdisjoint({*winner.seeds, *results.leaders[0].seeds})
    assert len(winner.values("fid")) == len(winner.values("seconds")) == 2
    assert results.seconds == pytest.approx(
        sum(Run(path).history[-1]["seconds"] for path in (studies / "runs").iterdir()), abs=0.1
    )


def test_the_same_call_again_trains_nothing(
    done: tuple[Sweep, Path, SweepResults], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep, studies, results = done
    monkeypatch.setattr("ganatomy.studies.jobs.run", lambda job: pytest.fail(f"{job.title} was run again"))
    again = conduct(sweep, studies)
    assert again == results
    assert SweepResults.read(studies / "tiny") == results
    assert SweepResults.read(studies / "tiny" / "results.json").tree == results.tree


def test_the_same_seed_searches_the_same_settings(done: tuple[Sweep, Path, SweepResults], tmp_path: Path) -> None:
    sweep, _, results = done
    search = search_of(dataclasses.replace(sweep, pruner="none"), tmp_path)
    for trial in results.trials[:2]:  # the random half; TPE's goes by the scores
        job = begun(search)
        assert [word for word in job.settings if word.startswith(("optimizer.lr", "train.batch"))] == list(
            trial.settings
        )
        search.ended(job, Failure("x"))


def test_another_plan_of_the_same_name_is_an_error(done: tuple[Sweep, Path, SweepResults], tmp_path: Path) -> None:
    sweep, studies, _ = done
    with pytest.raises(UsageError, match=r"another sweep 'tiny', with other repeats, trials; give this one a --name"):
        conduct(dataclasses.replace(sweep, trials=9, repeats=3), studies)


def test_what_became_of_a_trial_is_kept_with_its_cause(tmp_path: Path) -> None:
    sweep = tiny(tmp_path, trials=5)
    search = search_of(sweep, tmp_path)
    for failure in (
        Failure("a loss is nan", "diverged"),
        Failure("collapsed", "pruned"),
        Failure("pruned", "pruned"),
        Failure("no space left", "error"),
        Failure("its process was killed", "lost"),
    ):
        search.ended(begun(search), failure)
    results = found(sweep, search.study)
    assert [(trial.state, trial.cause) for trial in results.trials] == [
        ("pruned", "diverged"),
        ("pruned", "collapsed"),
        ("pruned", "pruned"),
        ("failed", "no space left"),
        ("failed", "its process was killed"),
    ]
    assert results.causes == {"error": 2, "diverged": 1, "collapsed": 1, "pruned": 1}
    assert search.next() is None
    time.sleep(searching.LOOKS)
    assert search.is_done()


def test_a_sweep_in_which_nothing_comes_to_its_end_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverges(job: jobs.Job) -> None:
        raise GanatomyError("broken")

    monkeypatch.setattr("ganatomy.studies.jobs.run", diverges)
    with pytest.raises(GanatomyError, match=r"none of the 4 trials came to its end \(4 error\); .* narrower --space"):
        conduct(tiny(tmp_path), tmp_path)


def test_settings_that_do_not_fit_the_data_cost_their_trial_alone(tmp_path: Path) -> None:
    """A batch that leaves one image over cannot be normalised: only the data shows that."""
    (tmp_path / "own.toml").write_text('"train.batch" = {choices = [599]}\n"optimizer.lr" = {low = 1e-4, high = 1e-2}')
    words = ("data=digits", "model.hidden=8", "model.batchnorm=both")
    sweep = tiny(tmp_path, words=words, trials=1)
    sweep = dataclasses.replace(sweep, space=type(sweep.space).read(str(tmp_path / "own.toml")))
    images = len(sweep.config().data.load())
    lonely = next(size for size in range(2, images) if images % size == 1)
    parameter = dataclasses.replace(sweep.space.parameters["train.batch"], choices=(lonely,))
    sweep = dataclasses.replace(sweep, space=type(sweep.space)({**sweep.space.parameters, "train.batch": parameter}))
    search = search_of(sweep, tmp_path)
    assert search.next() is None
    (trial,) = found(sweep, search.study).trials
    assert trial.state == "failed"
    assert "needs two" in str(trial.cause)


# ---- pruning


def fake_history(job: jobs.Job, values: list[float]) -> None:
    """A run's folder as it stands after quick evaluations at each tenth of its 10 updates."""
    folder = RunFolder(Path(job.path))
    folder.path.mkdir(parents=True)
    folder.config.write_text("[resolved]\nupdates = 10\n")
    for place, value in enumerate(values):
        folder.append_history({"step": place + 1, "seconds": 1.0, "metric/fid": value})
    folder.metrics_of("last").write_text(json.dumps({"metrics": {"fid": {"value": values[-1]}}}))


@pytest.mark.parametrize(
    ("pruner", "stopped"), [("median", True), ("halving", True), ("hyperband", None), ("none", False)]
)
def test_a_trial_far_behind_the_others_is_stopped(tmp_path: Path, pruner: str, stopped: bool | None) -> None:
    sweep = tiny(tmp_path, trials=40, pruner=pruner)
    search = search_of(sweep, tmp_path)
    reasons = []
    for place in range(14):
        job = begun(search)
        behind = place == 13
        fake_history(job, [100.0] * 9 if behind else [10.0 - tenth + place / 100 for tenth in range(9)])
        reasons.append(search.look(job))
        if not behind:
            search.ended(job, None)
            RunFolder(Path(job.path)).config.unlink()
    if stopped is not None:
        assert (reasons[-1] is not None and reasons[-1].kind == "pruned") == stopped
    assert reasons[0] is None


def test_a_trial_that_has_collapsed_is_stopped_whatever_the_pruner(tmp_path: Path) -> None:
    for diagnosed in (True, False):
        place = tmp_path / str(diagnosed)
        place.mkdir()
        search = search_of(tiny(place, pruner="none", diagnosed=diagnosed), place)
        job = begun(search)
        folder = RunFolder(Path(job.path))
        folder.path.mkdir(parents=True)
        folder.config.write_text("[resolved]\nupdates = 10\n")
        for step in (4, 5, 6):
            folder.append_history({"step": step, "metric/classes_found": 1.0})
        assert search.look(job) == (Failure("collapsed", "pruned") if diagnosed else None)


# ---- several workers


def test_a_lost_workers_trial_is_the_same_run_again(tmp_path: Path) -> None:
    sweep = tiny(tmp_path, trials=1)
    lost = begun(search_of(sweep, tmp_path, heartbeat=1))
    other = search_of(sweep, tmp_path, heartbeat=1, worker=7)
    assert other.next() is None, "it gives signs of life"
    assert not other.is_done()
    deadline = time.monotonic() + 30
    again = None
    while again is None and time.monotonic() < deadline:
        time.sleep(0.2)
        assert not other.is_done()
        again = other.next()
    assert again == lost, "the same settings and seed, and so the same folder with its checkpoint"
    other.ended(lost, Failure("x", "diverged"))
    results = found(sweep, other.study)
    assert [(trial.number, trial.state) for trial in results.trials] == [(0, "pruned")], "one trial, not two"


def test_an_interrupted_trial_is_given_back_at_once(tmp_path: Path) -> None:
    sweep = tiny(tmp_path, trials=1)
    search = search_of(sweep, tmp_path)
    job = begun(search)
    search.interrupted(job)
    assert [trial.state for trial in found(sweep, search.study).trials] == ["waiting"]
    assert begun(search_of(sweep, tmp_path)) == job


def test_two_workers_share_the_trials_and_do_not_search_the_same(tmp_path: Path) -> None:
    sweep = tiny(tmp_path, trials=4)
    workers = [search_of(sweep, tmp_path), search_of(sweep, tmp_path, worker=3)]
    begun_jobs = [begun(workers[place % 2]) for place in range(4)]
    assert workers[0].next() is workers[1].next() is None
    assert len({job.settings for job in begun_jobs}) == 4


# ---- what it says


def test_importance_is_of_the_setting_that_matters(
    done: tuple[Sweep, Path, SweepResults],
) -> None:
    sweep, _, results = done
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    made = []
    for number in range(60):
        values = sweep.space.suggest(study.ask(), sweep.config())
        score = {"fid": abs(math.log(float(values["optimizer.lr"]) / 1e-3))}
        made.append(dataclasses.replace(results.trials[0], number=number, params=values, metrics=score))
    first, second = importances(sweep, made)
    assert (first.parameter, second.parameter) == ("optimizer.lr", "train.batch")
    assert first.value == pytest.approx(1 - second.value)
    assert second.high < first.low
    assert importances(sweep, made[:19]) == (), "too few to say"
    assert importances(sweep, [dataclasses.replace(each, state="pruned", metrics={}) for each in made]) == ()


def test_the_front_is_what_no_other_beats_in_all(done: tuple[Sweep, Path, SweepResults]) -> None:
    sweep, _, results = done
    sweep = dataclasses.replace(sweep, metrics=("fid", "seconds"))
    made = [
        dataclasses.replace(results.trials[0], number=number, metrics={"fid": fid}, seconds=seconds)
        for number, (fid, seconds) in enumerate([(1.0, 9.0), (2.0, 5.0), (3.0, 6.0), (4.0, 1.0)])
    ]
    front = dataclasses.replace(results, sweep=sweep, trials=tuple(made)).front
    assert [trial.number for trial in front] == [0, 1, 3]


def test_several_metrics_are_searched_together(tmp_path: Path) -> None:
    sweep = tiny(tmp_path, metrics=["fid", "seconds"], leaders=1, repeats=1, seeds=1)
    results = conduct(sweep, tmp_path)
    assert len(results.ranked) == 4
    assert results.importance == ()
    assert {trial.number for trial in results.front} <= {0, 1, 2, 3}


def test_the_command_carries_it_out_shows_it_and_names_the_winners_settings(command: Command, tmp_path: Path) -> None:
    sweep = tiny(tmp_path)
    options = ["--trials", 2, "--leaders", 1, "--repeats", 1, "--seeds", 1, "-n", 80, "--no-diagnose", "--name", "mine"]
    words = ["gan", *sweep.words, "--space", "space.toml", "--budget", "10 updates", *options, "--studies", "here"]
    ended = command("sweep", *words)
    assert ended.code == 0, ended.err
    assert "mine: 2 of 2 trials (2 complete)" in ended.out
    assert "ganatomy train gan data=digits model.hidden=8 train.log_every=2 optimizer.lr=" in ended.out
    assert "about" in ended.err
    shown = command("sweep", "show", "here/mine")
    assert shown.out.splitlines()[:5] == ended.out.splitlines()[:5]
    tree = json.loads(command("sweep", "show", "here/mine/results.json", "--json").out)
    assert len(tree["trials"]) == 2
    assert command("report", "here/mine", "gan").code == 2
    assert command("report", "here/mine/results.json", "--out", "page.html").code == 0
    page, written = Path("page.html").read_text(), Path("here/mine/report.html").read_text()
    assert page.count("<img") == written.count("<img") == 5, (
        "of the winner, the recipe, the best, the median, the worst"
    )
    for shown in ("The winner", "optimizer.lr", "trial-", 'id="slice-1"', 'id="parallel"', 'id="tradeoff"'):
        assert shown in written


def test_equal_seconds_are_no_trade_off(done: tuple[Sweep, Path, SweepResults]) -> None:
    """Under a budget of seconds all trials would lie at the same place of the chart."""
    sweep, folder, results = done
    seconds = dataclasses.replace(sweep, budget=Budget.of("5 seconds"))
    for plan, is_drawn in (sweep, True), (seconds, False):
        page = sweep_page.render(dataclasses.replace(results, sweep=plan), folder)
        assert ('id="tradeoff"' in page) == is_drawn
        assert 'id="parallel"' in page


def test_a_terminal_shows_the_best_trials_as_they_end(done: tuple[Sweep, Path, SweepResults]) -> None:
    results, drawn = done[2], io.StringIO()
    *ended, last = results.trials
    earlier = dataclasses.replace(results, trials=(*ended, dataclasses.replace(last, state="running")))
    with live(Console(file=drawn, force_terminal=True, width=150)) as display:
        display.shown(earlier)
        first = drawn.getvalue()
        display.shown(results)
    assert "(3 complete, 1 running)" in first
    assert f"{earlier.ranked[0].value('fid'):.3g}" in first
    assert "(4 complete)" in drawn.getvalue().removeprefix(first)


def test_a_dry_run_says_what_it_would_cost_and_makes_nothing(command: Command, tmp_path: Path) -> None:
    ended = command("sweep", "gan", "data=digits", "--budget", "60 seconds", "--jobs", 2, "--dry-run")
    assert ended.code == 0, ended.err
    assert "36 runs of 60 seconds: 20 trials, 2 leaders x 3 seeds, winner and recipe x 5 seeds" in ended.out
    assert "at most 21 min with 2 at a time" in ended.out
    made: dict[str, Any] = json.loads(
        command("sweep", "gan", "data=digits", "--budget", "50 updates", "--dry-run", "--json").out
    )
    assert made["seconds_a_run"] > 10
    assert made["space"]["optimizer.generator.lr"] == {
        "low": 1e-5,
        "high": 1e-2,
        "log": True,
        "choices": None,
        "when": {},
    }
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gam"], "did you mean 'gan'"),
        (["gan", "--on", "her"], "did you mean 'here'"),
        (["gan", "--space", "none.toml"], "space none.toml cannot be read"),
        (["join", "sqlite:///empty.db"], "holds no sweep"),
        (["join", "postgresql://nobody:secret@127.0.0.1:1/none"], "does not answer"),
        (["show", "nowhere"], "holds no sweep"),
    ],
)
def test_wrong_usage_is_told(command: Command, arguments: list[str], said: str) -> None:
    ended = command("sweep", *arguments)
    assert ended.code in (1, 2)
    assert said in ended.err
    assert "secret" not in ended.err
