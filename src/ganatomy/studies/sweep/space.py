"""What a sweep searches: for each setting of a recipe a range or a choice, where wanted under a condition."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from ganatomy import paths
from ganatomy.config import Config, Tree, flat, recipe, settings, tree
from ganatomy.errors import UsageError
from ganatomy.studies.file import RESERVED

if TYPE_CHECKING:
    import optuna

Value = bool | int | float | str

DEFAULT = resources.files("ganatomy") / "studies" / "sweep" / "spaces" / "default.toml"

NOT_SEARCHED = {**RESERVED, "train.seconds": RESERVED["train.updates"], "recipe": "a sweep is of one recipe"}
"""Settings that a space may not have, and why."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A setting's range (`low` and `high`) or its `choices`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    low: int | float | None = None
    """The smallest value. Whole numbers are drawn where both ends are written as such: 1, not 1.0."""
    high: int | float | None = None
    """The greatest value, included."""
    log: bool = False
    """Whether each power of ten is as likely as the next: for learning rates."""
    choices: tuple[Any, ...] | None = None
    when: Mapping[str, Any] = field(default_factory=dict)
    """{setting: value}: the setting is searched only where these have these values; elsewhere it is the recipe's."""

    def error(self) -> str | None:
        """What is wrong with it by itself."""
        if self.choices is not None:
            if self.low is not None or self.high is not None or self.log:
                return "has choices, and so no low, high or log"
            return None if self.choices else "choices is empty"
        if self.low is None or self.high is None:
            return "needs low and high, or choices"
        if not self.low < self.high:
            return f"low = {self.low} must be below high = {self.high}"
        if self.log and not self.low > 0:
            return f"log = true needs low above 0, found {self.low}"
        return None

    @property
    def extremes(self) -> tuple[Any, ...]:
        """Values that are allowed only if all are: both ends, or each choice."""
        return (self.low, self.high) if self.choices is None else self.choices

    def distribution(self) -> optuna.distributions.BaseDistribution:
        """The same as Optuna has it; a list is one of its choices as JSON."""
        from optuna import distributions

        if self.choices is not None:
            plain = [json.dumps(choice) if isinstance(choice, list | tuple) else choice for choice in self.choices]
            return distributions.CategoricalDistribution(plain)
        assert self.low is not None
        assert self.high is not None
        if isinstance(self.low, int) and isinstance(self.high, int):
            return distributions.IntDistribution(self.low, self.high, log=self.log)
        return distributions.FloatDistribution(self.low, self.high, log=self.log)

    def suggest(self, trial: optuna.Trial, name: str) -> Value:
        """A value for a trial; numbers to three digits, so that they can be read."""
        drawn: Value = trial._suggest(name, self.distribution())
        if not isinstance(drawn, float) or self.low is None or self.high is None:
            return drawn
        return min(max(float(f"{drawn:.3g}"), self.low), self.high)


@dataclass(frozen=True)
class Space:
    """{dotted setting, or one element of a list such as `optimizer.betas[0]`: what is searched}."""

    parameters: Mapping[str, Parameter]

    @classmethod
    def of_tree(cls, found: Tree) -> Space:
        """From TOML's tables; `optimizer.lr = {low = 1e-5, high = 1e-2, log = true}`.

        Raises:
            UsageError: every error in one message.
        """
        made, errors = {}, []
        for name, given in _tables(found, ""):
            try:
                made[name] = TypeAdapter(Parameter).validate_python(given)
            except ValidationError as error:
                errors += [f"{name}.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
                continue
            if (wrong := made[name].error()) is not None:
                errors.append(f"{name} {wrong}")
            if name in NOT_SEARCHED:
                errors.append(f"{name}: {NOT_SEARCHED[name]}")
        errors += _order_errors(made)
        if not made and not errors:
            errors.append('it is empty; a line is such as "optimizer.lr" = {low = 1e-5, high = 1e-2, log = true}')
        if errors:
            raise UsageError("the space is wrong:\n" + "\n".join(f"  {error}" for error in errors))
        return cls(made)

    @classmethod
    def read(cls, path: str) -> Space:
        """From a user's TOML file.

        Raises:
            UsageError: it cannot be read, or is wrong.
        """
        try:
            return cls.of_tree(tomllib.loads(paths.of_user(path).read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"space {path} is not TOML: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"space {path} cannot be read: {error}; a space is a TOML file in UTF-8") from error

    @classmethod
    def default(cls, config: Config) -> Space:
        """The shipped space, less what this recipe does not have."""
        whole = cls.of_tree(tomllib.loads(DEFAULT.read_text(encoding="utf-8")))
        has = {setting.name for setting in settings(config)} | flat(tree(config)).keys()
        fixed = flat(tree(config))
        kept = {
            name: parameter
            for name, parameter in whole.parameters.items()
            if setting_of(name) in has
            and all(other in whole.parameters or fixed.get(other) == value for other, value in parameter.when.items())
        }
        return cls(kept)

    def without(self, names: Sequence[str]) -> Space:
        """Less the settings that are decided otherwise."""
        return Space({name: each for name, each in self.parameters.items() if setting_of(name) not in names})

    def suggest(self, trial: optuna.Trial, config: Config) -> dict[str, Value]:
        """{parameter: value} of a trial; without those whose condition does not hold."""
        fixed, drawn = flat(tree(config)), dict[str, Value]()
        for name, parameter in self.parameters.items():
            known = {**{other: value for other, value in fixed.items() if other not in self.parameters}, **drawn}
            if all(known.get(other) == value for other, value in parameter.when.items()):
                drawn[name] = parameter.suggest(trial, name)
        return drawn

    def check(self, name: str, words: Sequence[str]) -> None:
        """Try the ends of every range, and every choice, on a recipe with these changes.

        Raises:
            UsageError: every setting that does not exist or may not have such a value, in one message.
        """
        config = recipe.load(name, words)
        errors: dict[str, None] = {}
        for parameter, each in self.parameters.items():
            for value in each.extremes:
                shown = json.dumps(value) if isinstance(value, list | tuple) else value
                conditions = {other: given for other, given in each.when.items() if other in self.parameters}
                try:
                    recipe.load(name, [*words, *words_of({**conditions, parameter: shown}, config)])
                except UsageError as error:
                    errors |= dict.fromkeys(line for line in str(error).splitlines() if line.startswith("  "))
                    if "\n" not in str(error):
                        errors[f"  {error}"] = None
        if errors:
            raise UsageError(f"the space does not fit recipe {name}:\n" + "\n".join(errors))


def setting_of(name: str) -> str:
    """`optimizer.betas` of `optimizer.betas[0]`; any other name itself."""
    return name.partition("[")[0]


def words_of(values: Mapping[str, Value], config: Config) -> tuple[str, ...]:
    """The changes to a recipe, `key=value`, of a trial's values; elements are put into the recipe's list.

    Raises:
        UsageError: an element of what is no list, or of a place that it does not have.
    """
    fixed, lists, words = flat(tree(config)), dict[str, list[Any]](), dict[str, str]()
    for name, value in values.items():
        setting, bracket, place = name.partition("[")
        if not bracket:
            words[name] = f"{name}={str(value).lower() if isinstance(value, bool) else value}"
            continue
        whole = lists.setdefault(setting, list(fixed[setting]) if isinstance(fixed.get(setting), list) else [])
        if not place[:-1].isdigit() or not place.endswith("]") or int(place[:-1]) >= len(whole):
            raise UsageError(f"{name}: {setting} = {fixed.get(setting, 'unset')} has no such element")
        whole[int(place[:-1])] = value
        words[setting] = f"{setting}={json.dumps(whole)}"
    return tuple(words.values())


def _tables(found: Tree, prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in found.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and not value.keys() & {"low", "high", "choices"}:
            yield from _tables(value, f"{name}.")
        else:
            yield name, value if isinstance(value, dict) else {"choices": [value]}


def _order_errors(made: Mapping[str, Parameter]) -> list[str]:
    """Conditions on settings that are searched further down."""
    names = list(made)
    return [
        f"{name}: {other} in its `when` must stand above it"
        for place, name in enumerate(names)
        for other in made[name].when
        if other in names[place:]
    ]
