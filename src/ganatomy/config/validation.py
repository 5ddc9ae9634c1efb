"""From a tree of settings to a `Config`, or to one message that names every error in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from ganatomy import paths
from ganatomy.config import LENGTHS, Config, Optimizer, Train, Tree
from ganatomy.data import Source, sources
from ganatomy.errors import UsageError, nearest
from ganatomy.models import Model, families
from ganatomy.objectives import objectives
from ganatomy.plugin.registry import Registry
from ganatomy.plugin.settings import allowed, field_help, field_types

LEAVES: dict[str, Registry[Any]] = {"data": sources, "model": families, "objective": objectives}
"""The sections whose `name` picks a plug-in; the other keys are that plug-in's fields."""


def config_of(tree: Tree) -> Config:
    """The settings of a tree, checked: names, types, ranges and contradictions.

    Raises:
        UsageError: with one line for each error, never only the first.
    """
    errors: list[str] = []
    sections: Tree = {}
    for name in field_types(Config):
        given = tree.get(name, {})
        if name in LEAVES:
            sections[name] = _leaf(name, given, errors)
        elif name in ("optimizer", "train"):
            sections[name] = _group(Optimizer if name == "optimizer" else Train, given, f"{name}.", errors)
    for name in tree.keys() - field_types(Config).keys():
        errors.append(f"{name}: unknown setting; {nearest(name, field_types(Config))}")
    plain: Tree = {name: tree[name] for name in ("recipe", "seed", "out", "from_run") if name in tree}
    sections |= _plain(plain, errors)
    errors += _contradictions(tree.get("train"), sections["train"], sections["optimizer"], sections["model"])
    if errors:
        noun = "1 setting is" if len(errors) == 1 else f"{len(errors)} settings are"
        raise UsageError(f"{noun} wrong:\n" + "\n".join(f"  {line}" for line in errors))
    return Config(**sections)


def source_of(tree: Tree) -> Source:
    """The data source of a tree that has the table `data` and nothing else.

    Raises:
        UsageError: with one line for each error.
    """
    errors = [f"{name}: only settings of data can be given here" for name in tree if name != "data"]
    source = _leaf("data", tree.get("data", {}), errors)
    if errors:
        raise UsageError("\n".join(errors))
    made: Source = source
    return made


def _plain(given: Tree, errors: list[str]) -> Tree:
    """The settings that stand outside every section, one by one."""
    checked: Tree = {}
    for name, value in given.items():
        try:
            checked[name] = TypeAdapter(field_types(Config)[name]).validate_python(_places(Config, {name: value})[name])
        except ValidationError as error:
            errors += _lines(error, Config, "", {name: value}, at=name)
    return checked


def _leaf(section: str, given: Any, errors: list[str]) -> Any:
    """The plug-in that a section names, with its options; None when there is no such."""
    options = dict(given) if isinstance(given, dict) else {"name": given}
    name = options.pop("name", None)
    registry = LEAVES[section]
    if name is None:
        errors.append(f"{section}.name is missing; {nearest('', registry.names())}, {registry.ways}")
        return None
    try:
        leaf = registry.get(str(name))
    except UsageError as error:
        errors.append(str(error))
        return None
    return _group(leaf, options, f"{section}.", errors)


def _group(group: type, given: Any, prefix: str, errors: list[str]) -> Any:
    """A group of settings from its table, its wrong fields left at their defaults; None when that cannot be."""
    if not isinstance(given, dict):
        errors.append(f"{prefix[:-1]} = {given!r}: a group of settings; {nearest('', field_types(group))}")
        return None
    try:
        return TypeAdapter(group).validate_python(_places(group, given))
    except ValidationError as error:
        errors += _lines(error, group, prefix, given)
        broken = {detail["loc"][0] for detail in error.errors()}
        return _group(group, {name: value for name, value in given.items() if name not in broken}, prefix, [])


def _places(group: type, given: Tree) -> Tree:
    """The settings with those that are paths as `paths.of_user` reads them."""
    fields = field_types(group)
    return {
        name: paths.of_user(value)
        if isinstance(value, str | Path) and name in fields and Path in (fields[name], *get_args(fields[name]))
        else value
        for name, value in given.items()
    }


def _lines(error: ValidationError, group: type, prefix: str, given: Tree, at: str = "") -> list[str]:
    """One line a wrong field: its name, what was given, what is allowed, and why (its help)."""
    lines: dict[str, str] = {}
    for detail in error.errors():
        location = [part for part in detail["loc"] if isinstance(part, str)]
        name, *inner = [at] if at else location
        owner, value, dotted = group, given.get(name), name
        # A group within the group (optimizer.generator.lr): go down to the one that owns the wrong field.
        while inner and isinstance(value, dict) and dataclasses.is_dataclass(field_types(owner).get(name)):
            owner, (name, *inner) = field_types(owner)[name], inner
            value, dotted = value.get(name), f"{dotted}.{name}"
        if name not in field_types(owner):
            lines[dotted] = f"{prefix}{dotted}: unknown setting; {_unknown(name, owner, prefix)}"
        else:
            help_text = field_help(owner)[name]
            allowed_values = allowed(field_types(owner)[name])
            shown = "unset" if value is None else repr(value)
            lines[dotted] = f"{prefix}{dotted} = {shown}: must be {allowed_values}. {help_text}".rstrip()
    return list(lines.values())


def _unknown(name: str, group: type, prefix: str) -> str:
    registry = LEAVES.get(prefix.rstrip("."))
    if registry is not None:
        leaves: dict[str, type] = {leaf: registry.get(leaf) for leaf in registry.shipped()}
        owners = [leaf for leaf, kind in leaves.items() if name in field_types(kind)]
        if owners:
            section = prefix.rstrip(".")
            return f"it belongs to {' and '.join(f'{section}={owner}' for owner in owners)}"
    return nearest(name, field_types(group))


def _contradictions(given: Any, train: Train | None, optimizer: Optimizer | None, model: Model | None) -> list[str]:
    """Settings that are each allowed, but not together; a group that is None cannot be judged.

    `given` is the table of `train`: a length that is out of range is reported as that, and not as missing too.
    """
    errors: list[str] = []
    if train is None:
        return errors
    lengths = [name for name in LENGTHS if isinstance(given, dict) and given.get(name) is not None]
    if len(lengths) != 1:
        found = " and ".join(f"train.{name}" for name in lengths) or "none"
        advice = f"; unset the others, as in train.{lengths[0]}=unset" if lengths else ""
        errors.append(
            f"train: set exactly one of epochs, updates and seconds as the run's length; set now: {found}{advice}"
        )
    if train.batch == 1 and model is not None and model.has_batchnorm:
        errors.append(
            f"train.batch = 1: must be whole number >= 2 with model={model.name}, which has BatchNorm: the variance of a "
            "batch of one image is zero"
        )
    if train.seconds is not None and optimizer is not None and optimizer.schedule != "constant":
        errors.append(
            f"optimizer.schedule = {optimizer.schedule!r}: needs a length known beforehand, so train.epochs or "
            "train.updates, not train.seconds; or use optimizer.schedule=constant"
        )
    return errors
