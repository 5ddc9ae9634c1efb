"""Results of plain runs that no study planned, so that the report can show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ganatomy import paths
from ganatomy.config import LENGTHS, Config, flat, recipe, tree
from ganatomy.config.validation import LEAVES
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation import Evaluation
from ganatomy.report import outside, scores, texts
from ganatomy.report.changes import as_toml
from ganatomy.report.wording import filled, listed, plain
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.recorded import NOTEBOOK, OwnNetworks, script_of
from ganatomy.runs.run import Run
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Arm, Study
from ganatomy.studies.pool import is_trained
from ganatomy.studies.results import Results, State, Trial
from ganatomy.words import Words

LENGTH_SETTINGS = tuple(f"train.{name}" for name in LENGTHS)
OWN = Budget("own", 0)

_LEAF_NAMES = {f"{section}.name" for section in LEAVES}


@dataclass(frozen=True)
class Planless:
    """One run, and what is asked of it here."""

    path: Path

    @cached_property
    def config(self) -> Config:
        return Run(self.path).config

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.path)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """All but seed, place and length; and what follows from the length of a recorded loop."""
        passed = {"seed", "out", *LENGTH_SETTINGS}
        if isinstance(self.config.model, OwnNetworks):
            passed |= {"train.milestones", "train.threads"}
        return {name: value for name, value in flat(tree(self.config)).items() if name not in passed}

    @cached_property
    def length(self) -> Budget:
        """Updates, however its length was given; or seconds."""
        if self.config.train.seconds is not None:
            return Budget("seconds", self.config.train.seconds)
        _, resolved = self.folder.read_config()
        return Budget("updates", resolved.get("updates") or self.config.train.updates or 0)

    @property
    def state(self) -> State:
        """Finished where the last checkpoint stands at the run's length."""
        try:
            return "finished" if is_trained(self.path) else "waiting"
        except (GanatomyError, KeyError, TypeError):
            return "waiting"

    @property
    def command(self) -> str:
        """Of a recorded run, the user's own. Else the command it was begun with where that leads to these very settings, else one that reads them from its file."""
        sessions = self.folder.environments()
        words = sessions[0].get("command") if len(sessions) == 1 and isinstance(sessions[0], dict) else None
        if isinstance(self.config.model, OwnNetworks):
            if isinstance(words, list) and script_of(words) != NOTEBOOK:
                return paths.command("python", *words)
            return "# the loop's cell in its notebook"
        exact = paths.command("ganatomy", "train", self.path / "config.toml")
        if not isinstance(words, list) or len(words) < 3 or words[1] != "train":
            return exact
        given = [str(word) for word in words[2:] if not str(word).startswith("-")]
        try:
            same = self._matches(recipe.load(given[0], given[1:]))
        except (GanatomyError, IndexError):
            return exact
        return paths.command("ganatomy", "train", *given) if same else exact

    def _matches(self, config: Config) -> bool:
        """Whether settings as a user wrote them are these; what the data and the device decide aside."""
        passed = {"out", "train.precision", "train.threads", "data.dir", "data.path", "model.output", "data.range"}
        asked, have = flat(tree(config)), flat(tree(self.config))
        return all(asked.get(name) == have.get(name) for name in (asked.keys() | have.keys()) - passed)


def of_runs(places: Sequence[Path | Evaluation]) -> Results:
    """Run folders, and scores of images from elsewhere, as a study's results.

    An arm is made of the runs whose settings are equal but for seed, place and length; runs of an arm with the same seed
    are distinguished by their length, and then by their folder. Scores of images are an arm each.

    Args:
        places: run folders, files that `ganatomy evaluate` wrote, and what `evaluate_images` returned.

    Raises:
        UsageError: no place.
        GanatomyError: a path is neither a run's folder nor a file of scores, or it cannot be read.
    """
    if not places:
        raise UsageError("give at least one run's folder, such as runs/dcgan-digits-s0")
    paths = [place for place in places if isinstance(place, Path) and not is_scores(place)]
    evaluations = [
        place if isinstance(place, Evaluation) else scores.read([place])[0] for place in places if place not in paths
    ]
    runs = [Planless(path) for path in {path.resolve(): path for path in paths}.values()]
    groups = _groups(runs)
    arms = _named(groups)
    lengths = {run.length for run in runs}
    budget = next(iter(lengths)) if len(lengths) == 1 and next(iter(lengths)).amount > 0 else OWN
    trials: list[Trial] = [
        Trial(arm.name, budget, run.config.seed, run.path, run.command, run.state)
        for arm, group in zip(arms, groups, strict=True)
        for run in group
    ]
    seeds = tuple(sorted({trial.seed for trial in trials}))
    order = [arm.name for arm in arms]
    trials.sort(key=lambda trial: (trial.seed, order.index(trial.arm)))
    outside_arms, outside_trials = outside.of_evaluations(evaluations, budget, order)
    arms += outside_arms
    data = [run.config.data.name for run in runs] + [evaluation.data for evaluation in evaluations]
    study = Study(
        name="runs",
        level="",
        title=filled(
            texts.TITLE_OF_RUNS,
            systems=listed([arm.title for arm in arms]),
            data=", ".join(dict.fromkeys(data)),
        ),
        about=Words("", ""),
        arms=tuple(arms),
        seeds=seeds,
        budgets=(budget,),
    )
    return Results(study, (*trials, *outside_trials))


def is_scores(place: Path) -> bool:
    """Whether a path is of a file of scores and not of a folder."""
    return place.suffix == ".json" or place.is_file()


def _groups(runs: Iterable[Planless]) -> list[list[Planless]]:
    """The runs of each arm, in each seed once."""
    equal: dict[str, list[Planless]] = {}
    for run in runs:
        equal.setdefault(repr(sorted(run.settings.items())), []).append(run)
    found = []
    for group in equal.values():
        if _repeats_a_seed(group):
            by_length: dict[Budget, list[Planless]] = {}
            for run in group:
                by_length.setdefault(run.length, []).append(run)
            for part in by_length.values():
                found += [[run] for run in part] if _repeats_a_seed(part) else [part]
        else:
            found.append(group)
    return found


def _repeats_a_seed(group: Sequence[Planless]) -> bool:
    return len({run.config.seed for run in group}) < len(group)


def _named(groups: Sequence[Sequence[Planless]]) -> list[Arm]:
    """An arm for each group: named by its recipe, and by what distinguishes it from others of that recipe."""
    arms: list[Arm] = []
    for group in groups:
        first = group[0]
        name = first.config.recipe
        others = [other[0] for other in groups if other[0].config.recipe == name and other[0] is not first]
        distinguishing = _distinguishing(first, others)
        title = (
            filled(texts.NAME_AND_CHANGES, name=name, changes=listed(distinguishing)) if distinguishing else plain(name)
        )
        stem = re.sub(r"[^\w.-]+", "-", "-".join([name, *(words.en for words in distinguishing)])).strip("-.") or "run"
        taken = {arm.name for arm in arms}
        number = next(n for n in range(1, len(groups) + 2) if (stem if n == 1 else f"{stem}-{n}") not in taken)
        arms.append(Arm(stem if number == 1 else f"{stem}-{number}", name, _changes(first), title))
    return arms


def _distinguishing(run: Planless, others: Sequence[Planless]) -> list[Words]:
    """The fewest settings that distinguish a run from others of its recipe: one if one does, then its length, then its folder."""
    if not others:
        return []
    names = [name for name in run.settings if any(run.settings[name] != other.settings.get(name) for other in others)]
    names += [name for other in others for name in other.settings if name not in run.settings and name not in names]
    words = {name: _setting(run, name) for name in dict.fromkeys(names)}
    for name in words:
        if all(run.settings.get(name) != other.settings.get(name) for other in others):
            return [words[name]]
    unlike = [other for other in others if other.settings == run.settings]
    if not unlike:
        return list(words.values())[:3]
    if all(run.length != other.length for other in unlike):
        return [*list(words.values())[:2], run.length.words]
    return [plain(run.path.resolve().name)]


def _setting(run: Planless, name: str) -> Words:
    """A setting in short: without its section."""
    value = as_toml(run.settings.get(name)) or "unset"
    return plain(f"{name.partition('.')[2].removesuffix('.name') or name}={value}")


def _changes(run: Planless) -> tuple[str, ...]:
    """What it changes in its recipe, where that is one that can be found."""
    leaves = {name: run.settings[name] for name in _LEAF_NAMES}
    try:
        plain_recipe = flat(tree(recipe.load(run.config.recipe, {"train.updates": 1})))
        base = flat(tree(recipe.load(run.config.recipe, {"train.updates": 1, **leaves})))
    except GanatomyError:
        return ()
    # The settings of another plug-in begin at its own defaults.
    base |= {name: plain_recipe[name] for name in leaves}
    return tuple(
        f"{name.removesuffix('.name') if name in _LEAF_NAMES else name}={as_toml(value)}"
        for name, value in run.settings.items()
        if name not in ("recipe", "train.precision", "train.threads") and base.get(name) != value
    )
