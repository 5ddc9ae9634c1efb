"""What a sweep searches: typed ranges and choices, conditions, and every error of a space in one message."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ganatomy.config import recipe
from ganatomy.errors import UsageError
from ganatomy.studies.sweep.plan import Asked, planned
from ganatomy.studies.sweep.space import Space, words_of

optuna = pytest.importorskip("optuna", reason="needs Optuna: pip install 'ganatomy[sweep]'")

GAN = recipe.load("gan", ["data=digits"])


def space_of(text: str) -> Space:
    return Space.of_tree(tomllib.loads(text))


def drawn(space: Space, count: int = 60) -> list[dict[str, object]]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    return [space.suggest(study.ask(), GAN) for _ in range(count)]


def test_each_range_has_its_type() -> None:
    space = space_of(
        'optimizer.lr = {low = 1e-5, high = 1e-2, log = true}\n"train.batch" = {low = 8, high = 32}\n'
        '"train.ema" = {choices = [0.0, 0.99]}\n"optimizer.betas" = {choices = [[0.0, 0.9], [0.5, 0.999]]}'
    )
    found = drawn(space)
    rates = [each["optimizer.lr"] for each in found]
    assert all(isinstance(rate, float) and 1e-5 <= rate <= 1e-2 for rate in rates)
    # Half of a logarithmic range of three powers of ten is below its middle, 3.2e-4; of a linear one, a thirtieth.
    assert 15 < sum(rate < 3.2e-4 for rate in rates) < 45
    assert all(rate == float(f"{rate:.3g}") for rate in rates), "more digits than a reader wants"
    assert {type(each["train.batch"]) for each in found} == {int}
    assert min(each["train.batch"] for each in found) >= 8
    assert max(each["train.batch"] for each in found) <= 32
    assert {each["train.ema"] for each in found} == {0.0, 0.99}
    assert {each["optimizer.betas"] for each in found} == {"[0.0, 0.9]", "[0.5, 0.999]"}


def test_a_condition_decides_what_is_searched() -> None:
    space = space_of(
        '"optimizer.name" = {choices = ["adam", "rmsprop"]}\n'
        '"optimizer.alpha" = {low = 0.9, high = 0.99, when = {"optimizer.name" = "rmsprop"}}\n'
        '"optimizer.betas[0]" = {low = 0.0, high = 0.9, when = {"optimizer.name" = "adam"}}\n'
        '"objective.smoothing" = {low = 0.1, high = 0.2, when = {"objective.name" = "wasserstein"}}'
    )
    for each in drawn(space):
        has = {"optimizer.name", "optimizer.alpha" if each["optimizer.name"] == "rmsprop" else "optimizer.betas[0]"}
        assert each.keys() == has, "smoothing is for another objective than gan's"


def test_an_element_is_put_into_the_recipes_list() -> None:
    assert words_of({"optimizer.betas[0]": 0.5}, GAN) == ("optimizer.betas=[0.5, 0.999]",)
    assert words_of({"optimizer.betas[0]": 0.5, "optimizer.betas[1]": 0.9}, GAN) == ("optimizer.betas=[0.5, 0.9]",)
    assert words_of({"train.compile": True, "train.ema": 0.9}, GAN) == ("train.compile=true", "train.ema=0.9")
    trained = recipe.load("gan", words_of({"optimizer.betas[0]": 0.5, "train.compile": False}, GAN))
    assert trained.optimizer.betas == (0.5, 0.999)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("optimizer.lr = {low = 1e-2, high = 1e-5}", r"low = 0.01 must be below high"),
        ("optimizer.lr = {low = 0, high = 1, log = true}", r"log = true needs low above 0"),
        ("optimizer.lr = {low = 1e-5}", "needs low and high, or choices"),
        ("optimizer.lr = {low = 1e-5, hihg = 1}", "hihg"),
        ("optimizer.lr = {choices = [], log = true}", "has choices, and so no"),
        ("seed = {low = 0, high = 9}", "seeds are the study's"),
        ("train.updates = {low = 10, high = 90}", "length of the runs"),
        ("", "it is empty"),
        (
            '"optimizer.alpha" = {low = 0.1, high = 0.2, when = {"optimizer.name" = "rmsprop"}}\n'
            '"optimizer.name" = {choices = ["adam", "rmsprop"]}',
            "must stand above it",
        ),
    ],
)
def test_a_wrong_space_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        space_of(text)


def test_all_that_does_not_fit_the_recipe_is_in_one_message() -> None:
    space = space_of(
        'optimizer.lr = {low = 1e-5, high = 2.0}\nobjective.clip = {low = 0.1, high = 0.2}\n"optimizer.betas[2]" = {low = 0.0, high = 0.1}\n'
        '"optimizer.schedule" = {choices = ["linear", "step"]}\n"model.hidden" = {low = 16, high = 32}'
    )
    with pytest.raises(UsageError) as caught:
        space.check("gan", ["data=digits", "train.updates=10"])
    said = str(caught.value)
    for name in (
        "optimizer.lr = '2.0'",
        "objective.clip: unknown",
        "optimizer.betas[2]",
        "optimizer.schedule = 'step'",
    ):
        assert name in said
    assert "1e-05" not in said
    assert "hidden" not in said


@pytest.mark.parametrize("name", recipe.names())
def test_every_recipe_has_a_default_space_that_fits_it(name: str) -> None:
    for budget in ("60 seconds", "100 updates"):
        words = ["data=digits"]
        if name == "best" and budget == "60 seconds":
            words.append("optimizer.schedule=constant")  # its own needs a length known beforehand
        sweep = planned(Asked(recipe=name, words=words, budget=budget))
        assert {"optimizer.generator.lr", "train.batch", "train.ema"} <= sweep.space.parameters.keys()
        assert ("objective.clip" in sweep.space.parameters) == (sweep.config().objective.name == "wasserstein")
        assert ("optimizer.schedule" in sweep.space.parameters) == (budget == "100 updates"), "seconds know no end"


def test_what_the_command_line_sets_is_not_searched() -> None:
    sweep = planned(
        Asked(recipe="gan", words=["optimizer.name=adam", "optimizer.betas=[0.5, 0.999]", "train.batch=64"])
    )
    assert not {"optimizer.betas[0]", "train.batch"} & sweep.space.parameters.keys()


def test_a_users_own_leaf_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from ganatomy.objectives.nonsaturating import NonSaturating\n"
        "class Mine(NonSaturating):\n    weight: float = 1.0\n    'A factor.'\n"
    )
    (tmp_path / "space.toml").write_text("objective.weight = {low = 0.5, high = 2.0}")
    words = ["data=digits", f"objective={tmp_path / 'mine.py'}"]
    asked = Asked(recipe="gan", words=words, space=str(tmp_path / "space.toml"))
    assert list(planned(asked).space.parameters) == ["objective.weight"]
    with pytest.raises(UsageError, match=r"objective.weight: unknown setting"):
        planned(Asked(recipe="gan", words=["data=digits"], space=str(tmp_path / "space.toml")))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"metrics": ["fd"]}, "did you mean 'fid'"),
        ({"metrics": ["seconds"]}, "the first metric is one of quality"),
        ({"sampler": "tpee"}, "did you mean 'tpe'"),
        ({"pruner": "medain"}, "did you mean 'median'"),
        ({"sampler": "cmaes", "metrics": ["fid", "seconds"]}, "for one metric"),
        ({"words": ["seed=3"]}, "every trial has a seed of its own"),
        ({"words": ["train.epochs=3"]}, "--budget"),
        ({"name": "a/b"}, "--name"),
        ({"budget": "sixty"}, "budget"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(changed: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        planned(Asked(recipe="gan", **changed))  # type: ignore[arg-type]
