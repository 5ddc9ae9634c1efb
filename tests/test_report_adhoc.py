"""Plain runs as a study's results: which make an arm, what it is called, how far they are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w

from ganatomy.config import recipe, tree
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.report import adhoc, command, page, scores
from ganatomy.report.contents import Contents
from ganatomy.runs.folder import RunFolder
from ganatomy.studies.budget import Budget
from report_runs import cut_short, own_runs, runs

__all__ = ["own_runs", "runs"]

Changed = Callable[..., Path]


@pytest.fixture
def changed(own_runs: Path) -> Changed:
    """Makes another run of gan's with some settings changed, as TOML has them."""

    def make(name: str, **sections: object) -> Path:
        path = own_runs / name
        shutil.copytree(own_runs / "gan-s0", path)
        settings, resolved = RunFolder(path).read_config()
        for section, value in sections.items():
            if isinstance(value, dict):
                settings[section] |= value
                if section == "train" and "updates" in value:
                    resolved["updates"] = value["updates"]
            else:
                settings[section] = value
        (path / "config.toml").write_text(tomli_w.dumps({**settings, "resolved": resolved}))
        return path

    return make


def test_runs_that_differ_in_seed_alone_are_one_arm(runs: Path) -> None:
    results = adhoc.of_runs(sorted(path for path in runs.iterdir() if path.is_dir()))
    assert [arm.name for arm in results.study.arms] == ["dcgan", "gan", "wgan"]
    assert results.study.seeds == (0, 1)
    assert results.study.budgets == (Budget("updates", 8),)
    assert [(t.seed, t.arm) for t in results.trials] == [(s, a) for s in (0, 1) for a in ("dcgan", "gan", "wgan")]
    assert {t.state for t in results.trials} == {"finished"}
    assert results.study.title.en == "dcgan, gan, wgan on digits"
    assert "train.batch=8" in results.study.arm("gan").settings
    assert "data=digits" in results.study.arm("gan").settings


def test_arms_of_one_recipe_are_named_by_what_tells_them_apart(own_runs: Path, changed: Changed) -> None:
    fast = changed("fast", optimizer={"lr": 0.01}, train={"log_every": 2})
    slow = changed("slow", optimizer={"lr": 0.0001}, train={"log_every": 2})
    results = adhoc.of_runs([own_runs / "dcgan-s0", fast, slow])
    assert [arm.name for arm in results.study.arms] == ["dcgan", "gan-lr-0.01", "gan-lr-0.0001"]
    assert results.study.arms[1].title.en == "gan (lr=0.01)"


def test_equal_runs_of_one_seed_are_told_apart_by_length_then_by_folder(own_runs: Path, changed: Changed) -> None:
    longer = changed("longer", train={"updates": 16})
    results = adhoc.of_runs([own_runs / "gan-s0", longer])
    assert [arm.name for arm in results.study.arms] == ["gan-8-updates", "gan-16-updates"]
    assert results.study.arms[0].title.zh == "gan（8 次生成器更新）"
    assert results.study.budgets == (Budget("own", 0),)
    again = changed("again")
    results = adhoc.of_runs([own_runs / "gan-s0", again])
    assert [arm.name for arm in results.study.arms] == ["gan-gan-s0", "gan-again"]
    assert results.study.budgets == (Budget("updates", 8),)


def test_seeds_of_different_length_are_one_arm_each_with_its_own(own_runs: Path, changed: Changed) -> None:
    other = changed("other", seed=5, train={"updates": 16})
    results = adhoc.of_runs([own_runs / "gan-s0", other])
    assert [arm.name for arm in results.study.arms] == ["gan"]
    assert results.study.seeds == (0, 5)
    assert results.study.budgets == (Budget("own", 0),)
    assert [t.state for t in results.trials] == ["finished", "waiting"]


def test_a_run_given_twice_counts_once(own_runs: Path) -> None:
    assert len(adhoc.of_runs([own_runs / "gan-s0", own_runs / "." / "gan-s0"]).trials) == 1


def test_a_run_that_was_stopped_waits(own_runs: Path) -> None:
    cut_short(own_runs / "gan-s0", 4)
    (trial,) = adhoc.of_runs([own_runs / "gan-s0"]).trials
    assert (trial.state, trial.failure) == ("waiting", None)
    shutil.rmtree(own_runs / "gan-s0" / "checkpoints")
    assert adhoc.of_runs([own_runs / "gan-s0"]).trials[0].state == "waiting"


def test_a_run_by_seconds_is_finished_when_its_checkpoint_has_them(own_runs: Path, changed: Changed) -> None:
    path = changed("timed")
    settings, resolved = RunFolder(path).read_config()
    del settings["train"]["updates"], resolved["updates"]
    settings["train"]["seconds"] = 1.0
    (path / "config.toml").write_text(tomli_w.dumps({**settings, "resolved": resolved}))
    cut_short(path, 4)  # its checkpoint tells one second
    results = adhoc.of_runs([path])
    assert results.study.budgets == (Budget("seconds", 1.0),)
    assert results.trials[0].state == "finished"


def test_the_command_is_the_one_it_was_begun_with_if_that_gives_these_settings(own_runs: Path) -> None:
    folder = RunFolder(own_runs / "gan-s0")
    config = adhoc.Planless(folder.path).config
    words = ["gan", "data=digits", "train.updates=8", "train.batch=8", "train.log_every=1", "train.evaluate_every=4"]
    assert tree(recipe.load("gan", words[1:]))["train"]["batch"] == config.train.batch
    (session,) = folder.environments()

    def command(*argv: str) -> str:
        folder.environment.write_text(json.dumps([{**session, "command": list(argv)}]))
        return adhoc.of_runs([folder.path]).trials[0].command

    exact = f"ganatomy train {folder.config}"
    assert command("/usr/bin/ganatomy", "train", *words, "--json") == f"ganatomy train {' '.join(words)}"
    assert command("/usr/bin/ganatomy", "train", *words, "optimizer.lr=0.5") == exact
    assert command("/usr/bin/ganatomy", "train", "no-such-recipe") == exact
    assert command("script.py") == exact
    folder.environment.write_text(json.dumps([session, session]))
    assert adhoc.of_runs([folder.path]).trials[0].command == exact


def test_a_recipe_of_ones_own_needs_no_file(changed: Changed) -> None:
    results = adhoc.of_runs([changed("mine", recipe="my own!")])
    (arm,) = results.study.arms
    assert (arm.name, arm.recipe, arm.settings) == ("my-own", "my own!", ())


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one"):
        adhoc.of_runs([])
    with pytest.raises(GanatomyError, match="does not exist"):
        adhoc.of_runs([tmp_path / "nowhere"])
    with pytest.raises(GanatomyError, match="no run"):
        adhoc.of_runs([tmp_path])


# ---- scores of images that no run made


@pytest.fixture
def scored(runs: Path, tmp_path: Path) -> Path:
    """A file of scores as `ganatomy evaluate --samples` writes it, measured as the runs were."""
    tree = json.loads((runs / "dcgan-s0" / "metrics.json").read_text())
    tree["subject"] = {"samples": "elsewhere/mine.npz"}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(tree))
    return path


def test_images_from_elsewhere_stand_next_to_runs(runs: Path, scored: Path) -> None:
    results = adhoc.of_runs([runs / "dcgan-s0", scored, runs / "dcgan-s1"])
    assert [arm.name for arm in results.study.arms] == ["dcgan", "mine.npz"]
    assert results.study.seeds == (0, 1)
    html = page.render(results)
    assert "mine.npz" in html
    (board,) = Contents.of(results).boards
    (table,) = board.tables
    assert list(table.scored) == ["dcgan", "mine.npz"]
    assert not any(table.differences.values())  # it has no seed, so it is paired with no run
    shown = {heading for heading in page.SECTIONS if f'id="{heading}"' in html}
    assert shown == set(page.SECTIONS) - {"diagnosis"}  # nobody has looked


def test_an_evaluation_is_taken_as_its_file_is(runs: Path, scored: Path) -> None:
    (evaluation,) = scores.read([scored])
    from_file, from_memory = (adhoc.of_runs([runs / "gan-s0", place]) for place in (scored, evaluation))
    assert from_file == from_memory


def test_scores_alone_make_a_page_without_empty_sections(scored: Path) -> None:
    html = page.render(adhoc.of_runs([scored]))
    assert {heading for heading in page.SECTIONS if f'id="{heading}"' in html} == {"glance", "scores"}


def test_two_sets_of_one_name_are_told_apart(scored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(scored.read_text().replace("elsewhere/", "there/"))
    results = adhoc.of_runs([scored, other])
    assert [arm.title.en for arm in results.study.arms] == ["elsewhere/mine.npz", "there/mine.npz"]
    assert [arm.name for arm in results.study.arms] == ["mine.npz", "mine.npz-2"]


def test_the_report_of_one_run_and_scores_goes_into_the_runs_folder(own_runs: Path, scored: Path) -> None:
    assert command.write([own_runs / "gan-s0", scored], None) == own_runs / "gan-s0" / "report.html"
    with pytest.raises(UsageError, match="--out"):
        command.write([scored], None)
    with pytest.raises(GanatomyError, match="does not exist"):
        command.write([own_runs / "gan-s0", Path("nothing.json")], None)
