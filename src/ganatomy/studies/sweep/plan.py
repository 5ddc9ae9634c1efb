"""A sweep's plan: which recipe, where it is searched, by what, and how often its leaders are repeated."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ganatomy.config import Config, Setting, recipe, settings
from ganatomy.errors import UsageError, nearest
from ganatomy.evaluation import MEASURES
from ganatomy.studies.budget import Budget
from ganatomy.studies.file import RESERVED
from ganatomy.studies.plan import Arm, Study, merged
from ganatomy.studies.sweep.space import Space, setting_of
from ganatomy.studies.texts import TEXTS
from ganatomy.words import Words, filled

SamplerName = Literal["tpe", "random", "cmaes"]
PrunerName = Literal["median", "hyperband", "halving", "none"]

SECONDS = "seconds"
"""A metric beside those of `MEASURES`: seconds of training, fewer are better."""

LEADER_SEEDS = 1000
"""The first seed of the leaders' repetitions; a trial's seed is its number."""

FINAL_SEEDS = 2000
"""The first seed of the final comparison, which no choice was made on."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What is searched, and how the winner is found."""

    name: str
    recipe: str
    """A shipped recipe's name, or the path of a TOML file."""
    words: tuple[str, ...] = ()
    """Changes to the recipe that all trials have, `key=value`."""
    space: Space
    budget: Budget
    metrics: tuple[str, ...] = ("fid",)
    """What is sought; leaders are ranked by the first. With several, the search is for the front of their trade-off."""
    trials: int
    sampler: SamplerName = "tpe"
    """After half of the trials; the first half is random, so that the whole space is looked at."""
    pruner: PrunerName = "median"
    diagnosed: bool = True
    """Whether a trial is stopped when its curves show that it has collapsed or learns nothing."""
    leaders: int
    """Trials that are repeated with fresh seeds: the best one is often only lucky."""
    repeats: int = 3
    """Fresh seeds of each leader."""
    seeds: int = 5
    """Seeds of the final comparison of the winner with the recipe as it is, on which nothing was chosen."""
    n: int | None = None
    """Images to score with; None: as `ganatomy evaluate` does."""
    features: str | None = None
    threads: int = 1
    seed: int = 0
    """Of the sampler."""

    def config(self) -> Config:
        """The recipe with the changes of all trials, at some length."""
        return recipe.load(self.recipe, [*self.words, self.length])

    @property
    def length(self) -> str:
        """A setting that makes runs end by the clock where the budget does, and by a count where it does not."""
        return f"train.seconds={self.budget.amount:.12g}" if self.budget.kind == "seconds" else "train.updates=10"

    @property
    def directions(self) -> list[Literal["minimize", "maximize"]]:
        return ["minimize" if lower_is_better(metric) else "maximize" for metric in self.metrics]

    @property
    def is_pruned(self) -> bool:
        """Whether trials are stopped early because others do better. Of several metrics no one decides that."""
        return self.pruner != "none" and len(self.metrics) == 1

    def study(self, stage: str, arms: Sequence[Arm], seeds: Sequence[int]) -> Study:
        """Arms with seeds under the sweep's budget, scored at their end."""
        text = filled(TEXTS["sweep_stage"], name=self.name, stage=stage)
        return Study(
            name=self.name,
            level=stage,
            title=text,
            about=text,
            arms=tuple(arms),
            seeds=tuple(seeds),
            budgets=(self.budget,),
            points=("100%",),
            n=self.n,
            features=self.features,
            threads=self.threads,
        )

    def arm(self, name: str, words: Sequence[str]) -> Arm:
        """The recipe with a trial's settings."""
        return Arm(name, self.recipe, merged(self.words, words), Words(name, name))

    @property
    def runs(self) -> int:
        """Runs in all, if none is pruned."""
        return self.trials + self.leaders * self.repeats + 2 * self.seeds


def lower_is_better(metric: str) -> bool:
    return metric == SECONDS or MEASURES[metric].better == "lower"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a command line asks for; unset, what suits."""

    recipe: str
    words: Sequence[str] = ()
    space: str | None = None
    trials: int = 20
    metrics: Sequence[str] = ("fid",)
    budget: str = "60 seconds"
    sampler: str = "tpe"
    pruner: str = "median"
    diagnosed: bool = True
    leaders: int | None = None
    repeats: int = 3
    seeds: int = 5
    n: int | None = None
    features: str | None = None
    threads: int = 1
    name: str | None = None
    seed: int = field(default=0)


def planned(asked: Asked) -> Sweep:
    """The checked plan of what is asked for.

    Raises:
        UsageError: an unknown name, or a space that does not fit the recipe; every error of the space in one message.
    """
    budget = Budget.of(asked.budget)
    for metric in asked.metrics:
        if metric not in MEASURES and metric != SECONDS:
            raise UsageError(f"--metric {metric}: {nearest(metric, [*MEASURES, SECONDS])}")
    if not asked.metrics or asked.metrics[0] == SECONDS:
        raise UsageError("--metric seconds: the first metric is one of quality, such as fid; give seconds after it")
    sampler = _one_of("--sampler", asked.sampler, ("tpe", "random", "cmaes"))
    pruner = _one_of("--pruner", asked.pruner, ("median", "hyperband", "halving", "none"))
    if sampler == "cmaes" and len(asked.metrics) > 1:
        raise UsageError("--sampler cmaes is for one metric; take tpe for several")
    for word in asked.words:
        if (key := word.partition("=")[0].strip()) in RESERVED:
            raise UsageError(f"{word}: in a sweep {_said(key)}")
    draft = Sweep(
        name="draft", recipe=asked.recipe, words=tuple(asked.words), space=Space({}), budget=budget, trials=1, leaders=1
    )
    config = draft.config()
    space = Space.default(config) if asked.space is None else Space.read(asked.space)
    given = [f"{key}.name" if key in ("data", "model", "objective") else key for key in map(_key, asked.words)]
    space = space.without([*given, "optimizer.schedule"] if budget.kind == "seconds" and asked.space is None else given)
    if not space.parameters:
        raise UsageError("nothing is left to search: every setting of the space is given on the command line")
    space.check(asked.recipe, [*asked.words, draft.length])
    name = asked.name or "-".join(["sweep", config.recipe, config.data.name, *asked.metrics, *str(budget).split()])
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
        raise UsageError(
            f"--name {name!r}: must be of letters, digits, dots, dashes and underscores; folders are named by it"
        )
    return Sweep(
        name=name,
        recipe=asked.recipe,
        words=tuple(asked.words),
        space=space,
        budget=budget,
        metrics=tuple(asked.metrics),
        trials=asked.trials,
        sampler=sampler,  # type: ignore[arg-type]
        pruner=pruner,  # type: ignore[arg-type]
        diagnosed=asked.diagnosed,
        leaders=min(
            asked.trials, max(2, round(math.sqrt(asked.trials) / 2)) if asked.leaders is None else asked.leaders
        ),
        repeats=asked.repeats,
        seeds=asked.seeds,
        n=asked.n,
        features=asked.features,
        threads=asked.threads,
        seed=asked.seed,
    )


def searched(sweep: Sweep) -> list[tuple[str, Setting]]:
    """The parameters of a sweep's space with the setting that each is of, as the recipe has it."""
    found = {setting.name: setting for setting in settings(sweep.config())}
    return [(name, found[setting_of(name)]) for name in sweep.space.parameters]


def _one_of(option: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise UsageError(f"{option} {given}: {nearest(given, known)}")
    return given


def _key(word: str) -> str:
    return word.partition("=")[0].strip()


def _said(key: str) -> str:
    return {
        "seed": "every trial has a seed of its own (--seeds: those of the final comparison)",
        "out": "runs are named by the sweep",
        "train.milestones": "runs keep 0, 25, 50, 75 and 100 %",
    }.get(key, "the length of the runs is --budget")
