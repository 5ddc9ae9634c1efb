"""Settings: what a wrong one is told, how recipes and changes are laid over each other, and that each one has help."""

from __future__ import annotations

import dataclasses
import doctest
import types
from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ganatomy.errors
import ganatomy.plugin.settings
from ganatomy.config import Config, NetworkOptimizer, Optimizer, Train, flat, recipe, settings, tree
from ganatomy.config.resolve import resolve
from ganatomy.config.validation import LEAVES, config_of
from ganatomy.data import Dataset
from ganatomy.errors import UsageError, nearest
from ganatomy.plugin.settings import allowed, field_help, field_types

GROUPS = [
    Optimizer,
    NetworkOptimizer,
    Train,
    *(plugins.get(name) for plugins in LEAVES.values() for name in plugins.names()),
]
SECTIONS = {"data", "model", "objective", "optimizer", "train"}


def error_of(name: str, *overrides: str, **given_settings: Any) -> str:
    """What a recipe with these changes is told, which must be refused as wrong usage."""
    with pytest.raises(UsageError) as caught:
        recipe.load(name, {**recipe.words(overrides), **given_settings})
    assert caught.value.exit_code == 2
    return str(caught.value)


def images_of(count: int, height: int = 28, width: int = 28) -> Dataset:
    return Dataset(np.zeros((count, height, width, 1), np.uint8), None, (), "test")


# ---- help


@pytest.mark.parametrize("module", [ganatomy.plugin.settings, ganatomy.errors])
def test_doctests(module: types.ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("group", GROUPS)
def test_every_field_has_help(group: type) -> None:
    assert dataclasses.is_dataclass(group)
    without = [name for name, text in field_help(group).items() if not text]
    assert not without
    assert field_help(group).keys() == {field.name for field in dataclasses.fields(group)}


def test_every_setting_outside_the_groups_has_help() -> None:
    assert [name for name, text in field_help(Config).items() if not text and name not in SECTIONS] == []


@pytest.mark.parametrize("group", [*GROUPS, Config])
def test_every_group_is_frozen(group: Any) -> None:
    assert group.__dataclass_params__.frozen


@pytest.mark.parametrize("name", recipe.names())
def test_every_setting_that_is_shown_tells_what_is_allowed(name: str) -> None:
    shown = {setting.name: setting for setting in settings(recipe.load(name))}
    for setting in shown.values():
        assert setting.help, setting.name
        assert setting.allowed or setting.name.endswith(".name"), setting.name
    assert {
        "seed",
        "out",
        "data.name",
        "train.epochs",
        "train.batch",
        "train.log_every",
        "train.checkpoint_every",
    } <= shown.keys()
    assert {"optimizer.lr", "optimizer.generator.lr", "optimizer.discriminator.lr"} <= shown.keys()


def test_a_subclass_may_tell_its_own_help() -> None:
    from ganatomy.objectives import objectives

    help_of = {name: field_help(objectives.get(name))["critic_steps"] for name in ("wasserstein", "nonsaturating")}
    assert help_of["wasserstein"] != help_of["nonsaturating"]


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "whole number"),
        (Path, "path"),
        (bool, "true or false"),
        (Annotated[int, annotated_types.Ge(1)], "whole number >= 1"),
        (Annotated[float, annotated_types.Ge(0), annotated_types.Lt(1)], "number >= 0 and < 1"),
        (Annotated[int, annotated_types.MultipleOf(4)], "whole number a multiple of 4"),
        (Annotated[int, annotated_types.Ge(1)] | None, "whole number >= 1 or unset"),
        (Literal["a", "b", "c"], "a or b or c"),
        (tuple[Annotated[int, annotated_types.Le(100)], ...], "list, each a whole number <= 100"),
        (tuple[float, float], "list of 2, each a number"),
    ],
)
def test_allowed_in_words(annotation: Any, words: str) -> None:
    assert allowed(annotation) == words


# ---- names


@pytest.mark.parametrize(
    ("wrong", "right"), [("dcgun", "dcgan"), ("wgan2", "wgan"), ("gan-as-report", "gan-as-reported")]
)
def test_unknown_recipe(wrong: str, right: str) -> None:
    message = error_of(wrong)
    assert f"did you mean {right!r}" in message
    assert all(name in message for name in recipe.names())


@pytest.mark.parametrize(
    ("word", "wrong", "right"),
    [
        ("train.epoch=3", "train.epoch", "epochs"),
        ("optimizer.lrr=3", "optimizer.lrr", "lr"),
        ("sed=3", "sed", "seed"),
        ("trian.epochs=3", "trian", "train"),
        ("model.hiden=3", "model.hiden", "hidden"),
        ("optimizer.generator.rl=1e-4", "optimizer.generator.rl", "lr"),
    ],
)
def test_unknown_setting(word: str, wrong: str, right: str) -> None:
    message = error_of("gan", word)
    assert f"{wrong}: unknown setting" in message
    assert right in message.split("Known:")[0] or right in message.split("Known:")[1]


def test_unknown_setting_names_the_nearest_and_lists_all() -> None:
    message = error_of("gan", "train.epoch=3")
    assert "did you mean 'epochs'?" in message
    assert all(name in message for name in field_types(Train))


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("data=mnits", "mnist"),
        ("objective=wassersten", "wasserstein"),
        ("model=convet", "convnet"),
        ("data.name=digit", "digits"),
    ],
)
def test_unknown_plugin(word: str, right: str) -> None:
    message = error_of("dcgan", word)
    section = word.split("=")[0].split(".")[0]
    assert f"did you mean {right!r}" in message
    assert all(name in message for name in LEAVES[section].names())


def test_an_option_of_another_plugin_is_told_whose_it_is() -> None:
    assert "it belongs to objective=wasserstein" in error_of("gan", "objective.clip=0.1")
    assert "it belongs to model=mlp" in error_of("dcgan", "model.hidden=32")
    assert "it belongs to data=mixtures" in error_of("gan", "data=digits", "data.mixture=ring")


@given(
    st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=6, unique=True),
    st.text("abcdefgh", max_size=8),
)
def test_nearest_lists_all_and_suggests_only_known_names(known: list[str], wrong: str) -> None:
    clause = nearest(wrong, known)
    assert clause.endswith(f"Known: {', '.join(known)}")
    assert not clause.startswith("did") or any(clause.startswith(f"did you mean {name!r}?") for name in known)


# ---- ranges


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("train.epochs=0", ">= 1"),
        ("train.epochs=-3", ">= 1"),
        ("train.epochs=1.5", "whole number"),
        ("train.updates=0", ">= 1"),
        ("train.seconds=0", "> 0"),
        ("train.seconds=inf", "> 0"),
        ("train.batch=0", ">= 1"),
        ("train.batch=many", "whole number"),
        ("train.log_every=0", ">= 1"),
        ("train.checkpoint_every=0", ">= 1"),
        ("train.milestones=[0, 101]", "<= 100"),
        ("train.milestones=50", "list"),
        ("train.ema=1", "< 1"),
        ("train.device=gpu", "auto or cpu or cuda"),
        ("optimizer.lr=0", "> 0"),
        ("optimizer.lr=-1e-4", "> 0"),
        ("optimizer.lr=nan", "> 0"),
        ("optimizer.lr=inf", "<= 1"),
        ("optimizer.lr=fast", "number"),
        ("optimizer.betas=[0.5, 1.0]", "< 1"),
        ("optimizer.betas=[0.5]", "list of 2"),
        ("optimizer.name=sgd", "adam or rmsprop"),
        ("optimizer.generator.lr=0", "> 0"),
        ("optimizer.discriminator.lr=nan", "> 0"),
        ("objective.clip=0", "> 0"),
        ("objective.clip=-0.01", "> 0"),
        ("objective.clip=nan", "> 0"),
        ("objective.critic_steps=0", ">= 1"),
        ("objective.shares_real_batch=perhaps", "true or false"),
        ("model.latent=0", ">= 1"),
        ("model.slope=1", "< 1"),
        ("model.output=relu", "tanh or sigmoid or none"),
        ("seed=-1", ">= 0"),
        ("seed=1.5", "whole number"),
        ("data.range=wide", "generator or unit"),
    ],
)
def test_out_of_range_tells_what_is_allowed_and_why(word: str, words: str) -> None:
    name, _, value = word.partition("=")
    message = error_of("wgan", word)
    assert message.startswith("1 setting is wrong:")
    (line,) = [line for line in message.splitlines() if line.strip().startswith(f"{name} = ")]
    assert words in line.split("must be")[1]
    assert value.strip("[]").split(",")[0] in line
    shown = {setting.name: setting.help for setting in settings(recipe.load("wgan"))}
    assert line.endswith(shown[name])


@pytest.mark.parametrize("word", ["optimizer=adam", "train=5", "optimizer.generator=3"])
def test_a_value_where_a_group_stands(word: str) -> None:
    assert word.split("=")[0] in error_of("gan", word)


def test_a_group_where_a_value_stands() -> None:
    assert "optimizer.lr" in error_of("gan", "optimizer.lr.generator=1e-4")
    assert "seed" in error_of("gan", "seed.data=1")


# ---- contradictions


@pytest.mark.parametrize("name", ["dcgan", "wgan"])
def test_a_batch_of_one_with_batchnorm(name: str) -> None:
    message = error_of(name, "train.batch=1")
    assert "train.batch = 1" in message
    assert ">= 2" in message
    assert "BatchNorm" in message
    recipe.load("gan", ["train.batch=1"])
    recipe.load(name, ["train.batch=1", "model.batchnorm=none"])


@pytest.mark.parametrize("where", ["generator", "discriminator", "both"])
def test_a_batch_of_one_with_batchnorm_in_either_network(where: str) -> None:
    assert "BatchNorm" in error_of("gan", "train.batch=1", f"model.batchnorm={where}")
    with pytest.raises(UsageError, match="the last batch of an epoch would hold one"):
        resolve(recipe.load("gan", ["train.batch=16", f"model.batchnorm={where}"]), images_of(33))


def test_two_lengths_at_once() -> None:
    message = error_of("gan", "train.epochs=3", "train.updates=5")
    assert "train.epochs" in message
    assert "train.updates" in message
    assert "exactly one" in message


def test_no_length(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(recipe.text("gan").replace("epochs = 30", ""))
    assert "exactly one of epochs, updates and seconds" in error_of(str(file))


@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_seconds_with_a_schedule(schedule: str) -> None:
    message = error_of("gan", "train.seconds=5", f"optimizer.schedule={schedule}")
    assert "optimizer.schedule" in message
    assert "train.seconds" in message
    recipe.load("gan", ["train.updates=5", f"optimizer.schedule={schedule}"])
    recipe.load("gan", ["train.seconds=5", "optimizer.schedule=constant"])


def test_all_faults_in_one_message() -> None:
    """Type, range, unknown, unknown plug-in, and contradiction, in different groups."""
    message = error_of(
        "wgan",
        "train.epochs=5",
        "train.updates=5",
        "optimizer.lr=nan",
        "objective.clip=x",
        "model.hidden=5",
        "data=digts",
        "foo=3",
    )
    assert message.startswith("6 settings are wrong:")
    for part in ("train.epochs and train.updates", "optimizer.lr", "objective.clip", "model.hidden", "'digits'", "foo"):
        assert part in message, part


def test_several_faults_of_one_group() -> None:
    message = error_of(
        "gan", "train.batch=x", "train.log_every=0", "train.epoch=3", "optimizer.generator.lr=0", "optimizer.lr=0"
    )
    assert message.startswith("5 settings are wrong:")
    for part in (
        "train.batch = 'x'",
        "train.log_every = '0'",
        "train.epoch:",
        "optimizer.generator.lr",
        "optimizer.lr =",
    ):
        assert part in message, part


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["train.epochs=5", "train.updates=5", "train.log_every=0"], ["train.log_every", "exactly one"]),
        (["train.batch=1", "train.log_every=0"], ["train.log_every", "BatchNorm"]),
        (["train.batch=1", "model.slope=2"], ["model.slope", "BatchNorm"]),
        (
            ["train.seconds=5", "optimizer.schedule=cosine", "optimizer.lr=0"],
            ["optimizer.lr", "optimizer.schedule = 'cosine'"],
        ),
    ],
)
def test_a_contradiction_is_told_beside_another_fault_of_its_group(words: list[str], parts: list[str]) -> None:
    message = error_of("dcgan", *words)
    for part in parts:
        assert part in message, part


# ---- what the data decides


@pytest.mark.parametrize("name", ["dcgan", "wgan", "dcgan-as-reported"])
def test_a_last_batch_of_one_image_with_batchnorm(name: str) -> None:
    config = recipe.load(name, ["train.batch=16"])
    with pytest.raises(UsageError, match="BatchNorm") as caught:
        resolve(config, images_of(33))
    assert "train.batch = 16" in str(caught.value)
    resolve(config, images_of(34))
    resolve(config, images_of(32))
    resolve(recipe.load("gan", ["train.batch=16"]), images_of(33))


@given(count=st.integers(2, 300), batch=st.integers(2, 40))
def test_the_suggested_batch_works(count: int, batch: int) -> None:
    config = recipe.load("dcgan", {"train.batch": batch})
    try:
        resolve(config, images_of(count))
    except UsageError as error:
        assert count % batch == 1
        suggested = int(str(error).rsplit("say ", 1)[1])
        resolve(recipe.load("dcgan", {"train.batch": suggested}), images_of(count))


def test_all_that_does_not_fit_the_data_in_one_message() -> None:
    config = recipe.load("dcgan-as-reported", ["train.batch=16", "model.output=tanh"])
    with pytest.raises(UsageError) as caught:
        resolve(config, images_of(33, 30, 30))
    for part in ("30x30", "brightness_target", "data.range=unit", "train.batch = 16"):
        assert part in str(caught.value), part


def test_images_need_a_last_activation() -> None:
    with pytest.raises(UsageError, match=r"model\.output = 'none'"):
        resolve(recipe.load("gan", ["model.output=none"]), images_of(40))


def test_a_batch_larger_than_the_data_is_the_data() -> None:
    _, resolved = resolve(recipe.load("gan", ["train.batch=500", "train.epochs=3"]), images_of(40))
    assert (resolved.timeline.batch, resolved.timeline.batches_per_epoch, resolved.timeline.total_updates) == (40, 1, 3)


def test_critic_batches_of_their_own_make_an_epoch_shorter_in_updates() -> None:
    shared = resolve(recipe.load("wgan", ["train.batch=10", "train.epochs=2"]), images_of(100))[1]
    own = resolve(
        recipe.load("wgan", ["train.batch=10", "train.epochs=2", "objective.shares_real_batch=false"]), images_of(100)
    )[1]
    assert shared.timeline.total_updates == 20
    assert own.timeline.total_updates == 4


# ---- key=value


@pytest.mark.parametrize("word", ["train.epochs", "=5", "", "5"])
def test_a_word_that_is_no_key_and_value(word: str) -> None:
    message = error_of("gan", word)
    assert repr(word) in message
    assert "key=value" in message


def test_the_same_key_twice() -> None:
    message = error_of("gan", "train.epochs=5", "seed=1", "train.epochs=6")
    assert "train.epochs is given twice" in message
    assert "'5'" in message
    assert "'6'" in message


@pytest.mark.parametrize("words", [["data=digits", "data.name=mnist"], ["data.name=mnist", "data=digits"]])
def test_the_same_setting_twice_under_two_names(words: list[str]) -> None:
    assert "twice" in error_of("gan", *words)


def test_all_faulty_words_in_one_message() -> None:
    message = error_of("gan", "epochs", "seed=1", "seed=2", "=3")
    assert "'epochs'" in message
    assert "seed is given twice" in message
    assert "'=3'" in message


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [
        ("train.milestones=[0, 50, 100]", "train.milestones", (0, 50, 100)),
        ("optimizer.betas=[0.5, 0.9]", "optimizer.betas", (0.5, 0.9)),
        ("optimizer.lr=1e-4", "optimizer.lr", 1e-4),
        ("objective.shares_real_batch=false", "objective.shares_real_batch", False),
        ('out="a=b c"', "out", Path("a=b c")),
        ("out=runs/a=b", "out", Path("runs/a=b")),
        ("optimizer.generator.lr=0.001", "optimizer.generator.lr", 0.001),
    ],
)
def test_values_are_read_by_their_type(word: str, name: str, value: Any) -> None:
    found = {setting.name: setting.value for setting in settings(recipe.load("wgan", [word]))}
    assert found[name] == value


@given(
    epochs=st.integers(1, 10**6),
    batch=st.integers(2, 10**4),
    lr=st.floats(1e-12, 1),
    seed=st.integers(0, 2**63 - 1),
    betas=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
    clip=st.floats(1e-6, 100),
)
def test_words_mappings_and_trees_give_the_same_settings(
    epochs: int, batch: int, lr: float, seed: int, betas: tuple[float, float], clip: float
) -> None:
    dotted = {
        "train.epochs": epochs,
        "train.batch": batch,
        "optimizer.lr": lr,
        "seed": seed,
        "optimizer.betas": list(betas),
        "objective.clip": clip,
    }
    config = recipe.load("wgan", dotted)
    assert config.train.epochs == epochs
    assert (config.optimizer.lr, config.optimizer.betas, config.seed) == (lr, betas, seed)
    assert recipe.load("wgan", [f"{name}={value}" for name, value in dotted.items()]) == config
    by_group = {
        "train": {"epochs": epochs, "batch": batch},
        "optimizer": {"lr": lr, "betas": betas},
        "seed": seed,
        "objective": {"clip": clip},
    }
    assert recipe.load("wgan", by_group) == config
    assert config_of(tree(config)) == config
    assert recipe.load("wgan", flat(tree(config))) == config


# ---- layers


@pytest.mark.parametrize("length", [{"train.updates": 7}, {"train.seconds": 2.5}, {"train.epochs": 4}])
def test_a_new_length_replaces_the_recipes_whatever_its_unit(length: dict[str, float]) -> None:
    train = recipe.load("gan", length).train
    found = {f"train.{name}": getattr(train, name) for name in ("epochs", "updates", "seconds")}
    assert {name: value for name, value in found.items() if value is not None} == length


def test_other_settings_leave_the_length() -> None:
    assert recipe.load("gan", {"train.batch": 7}).train.epochs == 30


def test_a_new_objective_keeps_only_the_options_it_has() -> None:
    config = recipe.load("wgan", ["objective=nonsaturating"])
    assert config.objective.name == "nonsaturating"
    assert (config.objective.critic_steps, config.objective.shares_real_batch) == (5, True)
    assert "clip" not in tree(config)["objective"]


def test_a_new_model_keeps_only_the_options_it_has() -> None:
    config = recipe.load("gan", ["model=convnet", "model.slope=0.3"])
    assert config.model.name == "convnet"
    assert config.model.slope == 0.3  # type: ignore[attr-defined]
    assert "hidden" not in tree(config)["model"]
    assert recipe.load("dcgan", ["model=mlp"]).model.output == "sigmoid"


def test_new_data_keeps_only_the_options_it_has() -> None:
    assert recipe.load("gan-as-reported", ["data=digits"]).data.range == "unit"
    config = recipe.load("gan", {"data": "mixtures", "data.mixture": "grid"})
    assert config.data.mixture == "grid"  # type: ignore[attr-defined]


def test_the_same_plugin_named_again_keeps_its_options() -> None:
    assert recipe.load("wgan", ["objective=wasserstein"]) == recipe.load("wgan")


@pytest.mark.parametrize("given_settings", [{"data": "digits"}, {"data.name": "digits"}, {"data": {"name": "digits"}}])
def test_a_plugin_is_named_in_three_ways(given_settings: dict[str, Any]) -> None:
    assert recipe.load("gan", given_settings).data.name == "digits"


def test_a_players_own_learning_rate() -> None:
    config = recipe.load("gan", {"optimizer.lr": 1e-3, "optimizer.generator.lr": 5e-4})
    assert (config.lr("generator"), config.lr("discriminator")) == (5e-4, 1e-3)


# ---- files


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[train\nepochs = 3")
    assert "not TOML" in error_of(str(file))


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe\x00train")
    assert str(file) in error_of(str(file))


def test_a_path_without_a_file(tmp_path: Path) -> None:
    assert "path of a TOML file" in error_of(str(tmp_path / "none.toml"))
    assert "path of a TOML file" in error_of(str(tmp_path))


def test_a_file_with_faults_is_told_all_of_them(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('speed = 3\n[data]\nname = "digits"\n[train]\nepochs = "many"\n')
    message = error_of(str(file))
    for part in ("speed", "train.epochs = 'many'", "model.name is missing", "objective.name is missing"):
        assert part in message, part


def test_a_runs_own_settings_work_as_a_recipe(tmp_path: Path) -> None:
    from ganatomy.runs.folder import RunFolder

    config = recipe.load("wgan", ["data=digits", "seed=4"])
    run = RunFolder(tmp_path)
    run.write_config(tree(config), {"shape": [28, 28, 1]})
    assert recipe.load(str(run.config)) == config
