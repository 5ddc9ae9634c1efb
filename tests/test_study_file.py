"""Studies as files: levels, settings that win over others, and every fault in one message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ganatomy.errors import UsageError
from ganatomy.studies import file, jobs
from ganatomy.studies.budget import Budget
from study_files import TINY, write


def test_the_shipped_study_has_three_systems_seeds_and_both_budgets() -> None:
    study = file.load("course")
    assert [arm.name for arm in study.arms] == ["gan", "dcgan", "wgan"]
    assert study.seeds == (0, 1, 2)
    assert [budget.kind for budget in study.budgets] == ["updates", "seconds"]
    assert file.load("course", "full").seeds == (0, 1, 2)
    assert all("data=mnist" in arm.settings for arm in file.load("course", "full").arms)


@pytest.mark.parametrize("level", ["quick", "mnist", "fashion"])
def test_the_demos_study_sets_the_tuned_recipes_against_the_labs_and_changes_neither(level: str) -> None:
    study = file.load("tuned", level)
    lab = ["gan", "dcgan", "wgan"]
    assert [arm.recipe for arm in study.arms] == [*(f"{name}-tuned" for name in lab), *lab]
    assert [budget.kind for budget in study.budgets] == ["seconds"]
    for arm in study.arms:
        named = {word.split("=")[0] for word in study.settings(arm, study.budgets[0])}
        assert named <= {"data", "train.log_every", "train.evaluate_every"}


def test_the_first_level_is_taken_and_the_command_line_wins(tmp_path: Path) -> None:
    study = file.load(write(tmp_path), words=["train.batch=64"], seeds=[7], budgets=["3 seconds"])
    assert (study.name, study.level, study.seeds) == ("widths", "quick", (7,))
    assert study.budgets == (Budget("seconds", 3),)
    narrow = study.arm("narrow")
    assert "train.batch=64" in study.settings(narrow, study.budgets[0])
    assert "train.batch=32" not in study.settings(narrow, study.budgets[0])


def test_a_budget_can_change_settings_and_be_some_arms_only(tmp_path: Path) -> None:
    text = TINY.replace(
        'budgets = ["4 updates"]',
        'budgets = ["4 updates", { amount = "9 updates", only = ["wide"], settings = ["train.log_every=5"], arms.wide = ["train.batch=16"] }]',
    )
    study = file.load(write(tmp_path, text))
    planned = jobs.plan(study, tmp_path)
    assert [(job.arm, job.budget, job.seed) for job in planned] == [
        ("narrow", "4 updates", 0),
        ("wide", "4 updates", 0),
        ("wide", "9 updates", 0),
        ("narrow", "4 updates", 1),
        ("wide", "4 updates", 1),
        ("wide", "9 updates", 1),
    ]
    assert "train.log_every=5" in planned[2].settings
    assert "train.batch=16" in planned[2].settings
    assert "train.log_every=1" in planned[1].settings
    won = file.load(write(tmp_path, text), words=["train.batch=99"])
    assert "train.batch=99" in won.settings(won.arm("wide"), won.budgets[1])


def test_a_recipe_beside_the_study_is_found(tmp_path: Path) -> None:
    from ganatomy.config import recipe

    (tmp_path / "mine.toml").write_text(recipe.text("gan"), encoding="utf-8")
    study = file.load(write(tmp_path, TINY.replace('recipe = "gan"', 'recipe = "mine.toml"', 1)))
    assert study.arm("narrow").recipe == str(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("seeds = [0, 1]", "seeds = [1, 1]"), "seeds: each only once"),
        (("seeds = [0, 1]", "seeds = []"), "seeds: at least one"),
        (('"4 updates"', '"4 parsecs"'), "budget '4 parsecs'"),
        (('"50%"', '"half"'), "point 'half'"),
        (('name = "wide"', 'name = "narrow"'), "arms: each only once"),
        (('name = "wide"', 'name = "../wide"'), "arm '../wide'"),
        (("model.hidden=16", "model.hiden=16"), "did you mean 'hidden'"),
        (("model.hidden=16", "seed=3"), "seeds are the study's"),
        (("model.hidden=16", "train.epochs=3"), "the length of the runs is the study's"),
        (("model.hidden=16", "out=there"), "runs are named by the study"),
        (('recipe = "gan"', 'recipe = "gon"'), "did you mean 'gan'"),
        (("n = 80", "m = 40"), "m"),
        (('zh = "用于测试。"', 'fr = "Pour les tests."'), "about"),
        (("[[arms]]", "[[arms"), "is not TOML"),
    ],
)
def test_faults_are_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        file.load(write(tmp_path, TINY.replace(*change)))
    assert said in str(caught.value)


def test_all_faults_stand_in_one_message(tmp_path: Path) -> None:
    text = TINY.replace("seeds = [0, 1]", "seeds = [1, 1]").replace("model.hidden=8", "out=x").replace("=16", "=zero")
    with pytest.raises(UsageError) as caught:
        file.load(write(tmp_path, text))
    for said in ("seeds: each only once", "runs are named", "model.hidden"):
        assert said in str(caught.value)


def test_unknown_names_get_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'course'"):
        file.load("coarse")
    with pytest.raises(UsageError, match="no level 'quik'; did you mean 'quick'"):
        file.load("course", "quik")


def test_a_jobs_folder_is_named_by_what_decides_its_bits(tmp_path: Path) -> None:
    study = file.load(write(tmp_path))
    first, second, *_ = jobs.plan(study, tmp_path)
    assert Path(first.path).name.startswith("gan-digits-s0-")
    assert first.path != second.path
    # How it is scored, and what it is called, is not part of it.
    other = TINY.replace("n = 80", "n = 90").replace('"narrow"', '"small"')
    assert jobs.plan(file.load(write(tmp_path, other)), tmp_path)[0].path == first.path
    # Its settings, length, seed and threads are.
    for change in (("=8", "=9"), ("4 updates", "5 updates"), ("[0, 1]", "[2, 3]"), ("n = 80", "n = 80\nthreads = 2")):
        changed = jobs.plan(file.load(write(tmp_path, TINY.replace(*change))), tmp_path)[0]
        assert changed.path != first.path, change


def test_equal_images_are_as_many_updates_as_draw_them(tmp_path: Path) -> None:
    text = TINY.replace('"4 updates"', '"100 images"')
    job = jobs.plan(file.load(write(tmp_path, text)), tmp_path)[0]
    assert "train.updates=4" in job.settings  # of 32 images each
    same = jobs.plan(file.load(write(tmp_path)), tmp_path)[0]
    assert job.path == same.path


def test_the_example_of_the_docs_is_a_study(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "studies.md").read_text(encoding="utf-8")
    example, _space = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    study = write(tmp_path, example, "rates")
    assert [arm.name for arm in file.load(study).arms] == ["slow", "lab", "fast"]
    full = file.load(study, "full")
    assert [str(budget) for budget in full.budgets] == ["4690 updates", "600 seconds"]
    assert "train.log_every=20" in full.settings(full.arm("slow"), full.budgets[1])
