"""Studies as TOML files: those that come with the package, and a user's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from ganatomy import paths
from ganatomy.config import LENGTHS, recipe
from ganatomy.errors import UsageError, nearest
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import POINTS, Arm, Study, errors_of, merged
from ganatomy.words import Words

SHIPPED = resources.files("ganatomy") / "lab" / "studies"

RESERVED = {
    "seed": "seeds are the study's: seeds = [0, 1, 2]",
    "out": "runs are named by the study",
    "train.milestones": "where runs are scored is the study's: points = ['50%', '100%']",
    **{f"train.{name}": "the length of the runs is the study's: budgets = ['600 updates']" for name in LENGTHS},
}
"""Settings that no arm may have, and where they are set instead."""


@dataclass(frozen=True, kw_only=True)
class _Strict:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class ArmTable(_Strict):
    """[[arms]] of a study's file."""

    name: str
    recipe: str
    settings: tuple[str, ...] = ()
    title: Words | None = None


@dataclass(frozen=True, kw_only=True)
class BudgetTable(_Strict):
    """A budget that changes settings: how often a run is logged depends on how long it is."""

    amount: str
    settings: tuple[str, ...] = ()
    """Of all arms."""
    arms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: tuple[str, ...] | None = None
    """The arms that have it; unset: all."""


@dataclass(frozen=True, kw_only=True)
class LevelTable(_Strict):
    """[levels.NAME] of a study's file."""

    seeds: tuple[int, ...]
    budgets: tuple[str | BudgetTable, ...]
    settings: tuple[str, ...] = ()
    """Of all arms."""
    arms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """{arm: its settings at this level}."""
    points: tuple[str, ...] = POINTS
    n: int | None = None
    features: str | None = None
    metrics: tuple[str, ...] | None = None
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class StudyFile(_Strict):
    """A study's whole file."""

    title: Words
    about: Words
    arms: tuple[ArmTable, ...]
    levels: Mapping[str, LevelTable]


def names() -> list[str]:
    """The studies that come with the package."""
    return sorted(Path(entry.name).stem for entry in SHIPPED.iterdir() if entry.name.endswith(".toml"))


def read(study: str) -> StudyFile:
    """A shipped study by name, or a file by path.

    Raises:
        UsageError: neither, or no such TOML; every error in one message.
    """
    if study in names():
        text = (SHIPPED / f"{study}.toml").read_text(encoding="utf-8")
    else:
        path = paths.of_user(study)
        if not path.is_file():
            raise UsageError(f"unknown study {study!r}: {nearest(study, names())}; or give the path of a TOML file")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"study {study} cannot be read: {error}; a study is a TOML file in UTF-8") from error
    try:
        return TypeAdapter(StudyFile).validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"study {study} is not TOML: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise UsageError(f"study {study} is wrong:\n" + "\n".join(lines)) from error


def load(
    study: str,
    level: str | None = None,
    words: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
    budgets: Sequence[str] = (),
) -> Study:
    """A study at one of its levels, with changes, checked.

    Args:
        study: a shipped study's name, or the path of a TOML file.
        level: one of the file's; unset, its first.
        words: settings of all arms, `key=value`, which win over the file's.
        seeds: instead of the file's.
        budgets: instead of the file's: "600 updates".

    Raises:
        UsageError: an unknown study, level or setting; all that is wrong with the plan in one message.
    """
    shipped = study in names()
    folder = None if shipped else paths.of_user(study).parent
    return plan_of(study if shipped else Path(study).stem, read(study), level, words, seeds, budgets, folder)


def plan_of(
    name: str,
    found: StudyFile,
    level: str | None = None,
    words: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
    budgets: Sequence[str] = (),
    folder: Path | None = None,
) -> Study:
    """As `load`, of a study that is read already; recipes that are files are looked for in the folder `folder` first.

    Raises:
        UsageError: as `load` does.
    """
    level = next(iter(found.levels), "") if level is None else level
    if level not in found.levels:
        raise UsageError(f"study {name} has no level {level!r}; {nearest(level, found.levels)}")
    at = found.levels[level]
    tables = [BudgetTable(amount=each) if isinstance(each, str) else each for each in budgets or at.budgets]
    named = {arm.name for arm in found.arms}
    given = [arm for changes in (at.arms, *((*table.arms, *(table.only or ())) for table in tables)) for arm in changes]
    unknown = [arm for arm in given if arm not in named]
    if unknown:
        raise UsageError(f"study {name}, level {level}: no arm {unknown[0]!r}; {nearest(unknown[0], named)}")
    arms = tuple(
        Arm(
            arm.name,
            _recipe(arm.recipe, folder),
            merged(at.settings, arm.settings, at.arms.get(arm.name, ()), words),
            arm.title or Words(arm.name, arm.name),
        )
        for arm in found.arms
    )
    made = Study(
        name=name,
        level=level,
        title=found.title,
        about=found.about,
        arms=arms,
        seeds=tuple(at.seeds if seeds is None else seeds),
        budgets=tuple(Budget.of(table.amount) for table in tables),
        changes={
            str(Budget.of(table.amount)): {
                arm.name: merged(table.settings, table.arms.get(arm.name, ()), words) for arm in arms
            }
            for table in tables
            if table.settings or table.arms
        },
        only={str(Budget.of(table.amount)): table.only for table in tables if table.only is not None},
        points=at.points,
        n=at.n,
        features=at.features,
        metrics=at.metrics,
        threads=at.threads,
    )
    check(made)
    return made


def check(study: Study) -> None:
    """Check that the plan can be carried out, before anything is trained.

    Raises:
        UsageError: every error of the plan and of its arms' settings, in one message.
    """
    errors = errors_of(study)
    for arm in study.arms:
        for settings in dict.fromkeys(
            study.settings(arm, budget) for budget in study.budgets if study.has(arm, budget)
        ):
            errors += [
                f"arm {arm.name}: {word}: {RESERVED[key]}" for word in settings if (key := _key(word)) in RESERVED
            ]
            try:
                recipe.load(arm.recipe, [word for word in settings if _key(word) not in RESERVED])
            except UsageError as error:
                errors.append(f"arm {arm.name}: {error}")
    if errors:
        raise UsageError(f"study {study.name} cannot be run:\n" + "\n".join(f"  {error}" for error in errors))


def _key(word: str) -> str:
    return word.partition("=")[0].strip()


def _recipe(name: str, folder: Path | None) -> str:
    if folder is None or name in recipe.names() or not (folder / name).is_file():
        return name
    return str(folder / name)
