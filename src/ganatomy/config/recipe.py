"""Recipes: a run's settings in a TOML file, shipped with the package or the user's own, and changes to them."""

from __future__ import annotations

import dataclasses
import inspect
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from ganatomy import paths
from ganatomy.config import LENGTHS, Config, Tree
from ganatomy.config.validation import LEAVES, config_of, source_of
from ganatomy.data import Source, of_path, passed
from ganatomy.errors import UsageError, nearest
from ganatomy.plugin import reference_of

SHIPPED = [resources.files("ganatomy") / room / "recipes" for room in ("config", "lab")]
"""The folders of the recipes that come with the package."""


def names() -> list[str]:
    """The shipped recipes, in the order of the lab, its variants last."""
    return sorted(_shipped(), key=lambda name: ("as-reported" in name, name != "gan", name))


def _shipped() -> dict[str, Traversable]:
    entries = (entry for folder in SHIPPED for entry in folder.iterdir())
    return {Path(entry.name).stem: entry for entry in entries if entry.name.endswith(".toml")}


def text(recipe: str) -> str:
    """The TOML text of a shipped recipe, or of the file whose path is given.

    Raises:
        UsageError: neither a recipe nor a file; the message has the nearest name and the list.
    """
    if recipe in _shipped():
        return _shipped()[recipe].read_text(encoding="utf-8")
    path = paths.of_user(recipe)
    if not path.is_file():
        raise UsageError(f"unknown recipe {recipe!r}: {nearest(recipe, names())}; or give the path of a TOML file")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"recipe {recipe} cannot be read: {error}; a recipe is a TOML file in UTF-8") from error


def head_comment(recipe: str) -> str:
    """The comment lines a recipe begins with, their marks removed."""
    lines = []
    for line in text(recipe).splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return "\n".join(lines).strip()


def load(recipe: str, overrides: Iterable[str] | Mapping[str, Any] = ()) -> Config:
    """A recipe with changes, checked.

    Args:
        recipe: a shipped recipe's name, or the path of a TOML file.
        overrides: `key=value` words as on the command line, or a mapping of (dotted or nested) names to values.

    Raises:
        UsageError: no such recipe, no TOML, or settings that are wrong; all of these in one message.
    """
    try:
        tree = tomllib.loads(text(recipe))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"recipe {recipe} is not TOML: {error}") from error
    changes = nested(overrides if isinstance(overrides, Mapping) else words(overrides))
    if recipe not in _shipped():
        _place(tree, paths.of_user(recipe).parent)
    if tree.pop("resolved", None) is not None or Path(recipe).name == "config.toml":
        _reject_code_inside(tree, paths.of_user(recipe).parent, changes)
        tree.pop("code", None)
        tree.pop("out", None)  # a run's own config.toml: the new run gets a folder of its own
    base: Tree = {"recipe": Path(recipe).stem}
    merge(base, tree)
    merge(base, changes)
    return config_of(base)


def _place(tree: Tree, folder: Path) -> None:
    """Leaves' files that a recipe's file names relative to itself, as absolute paths."""
    for section in LEAVES:
        table = tree.get(section)
        name = table.get("name") if isinstance(table, dict) else None
        if table and isinstance(name, str) and ".py" in name and not paths.of_user(name).is_absolute():
            table["name"] = str((folder / name).absolute())


def _reject_code_inside(tree: Tree, folder: Path, changes: Tree) -> None:
    """Code that came inside a run folder, perhaps from somebody else, is not executed because a file in there names it.

    Raises:
        UsageError: the settings name such code, and the user does not name another.
    """
    for section, registry in LEAVES.items():
        table = tree.get(section)
        name = table.get("name") if isinstance(table, dict) else None
        if not isinstance(name, str) or name in registry.shipped() or "name" in changes.get(section, {}):
            continue
        file = registry.file(name)
        if file is not None and file.resolve().is_relative_to(folder.resolve()):
            raise UsageError(
                f"{section}={name} is code inside the run's folder, which may come from somebody else; read it, and if you trust "
                f"it, name it yourself: {section}={file}"
            )


def source(description: Iterable[str]) -> Source:
    """The data source that words describe: "mnist", or "folder" and "data.path=pictures".

    Raises:
        UsageError: no such source, or wrong settings; all of these in one message.
    """
    given = [word if "=" in word else f"data={word}" for word in description]
    return source_of(nested(words(given)))


def words(overrides: Iterable[str]) -> dict[str, Any]:
    """{dotted name: value} of `key=value` words; a value in brackets or quotes is read as TOML, `unset` is None.

    Raises:
        UsageError: a word that is not `key=value`, or the same key twice; all of these in one message.
    """
    found: dict[str, Any] = {}
    errors = []
    for word in overrides:
        if not isinstance(word, str):
            errors.append(f'{word!r} is not of the form key=value, such as "train.epochs=5"')
            continue
        key, separator, value = word.partition("=")
        key = f"{key}.name" if key in LEAVES else key
        if not separator or not key:
            errors.append(f"{word!r} is not of the form key=value, such as train.epochs=5")
        elif key in found:
            errors.append(f"{key} is given twice: {found[key]!r} and {value!r}")
        else:
            found[key] = _value(value)
    if errors:
        raise UsageError("\n".join(errors))
    return found


def _value(word: str) -> Any:
    if word == "unset":
        return None
    if word[:1] in ("[", "{", '"', "'"):
        try:
            return tomllib.loads(f"value = {word}")["value"]
        except tomllib.TOMLDecodeError:
            return word
    return word


def nested(overrides: Mapping[str, Any]) -> Tree:
    """Dotted names as tables in tables. `data=digits` names the plug-in of the section, `data.name=digits`; `from` is a
    word of Python, and the setting's name is `from_run`.
    """
    made: Tree = {}
    for dotted, value in overrides.items():
        *tables, name = ("from_run" if dotted == "from" else dotted).split(".")
        if not tables and name in LEAVES and not isinstance(value, (Mapping, str)):
            value = _leaf(name, value)
        if not tables and name in LEAVES and not isinstance(value, Mapping):
            tables, name = [name], "name"
        table = made
        for key in tables:
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                raise UsageError(f"{dotted}: {key} is a setting, not a group of settings")
        if isinstance(value, Mapping):
            table.setdefault(name, {}).update(nested(value))
        elif tables == ["data"] and name == "name" and value is not None:
            table.update(of_path(str(value)) or {"name": value})
        else:
            table[name] = value
    return made


def _leaf(section: str, given: Any) -> Tree | str:
    """The settings of a leaf that is a Python object: a class, an instance, two networks; for data, an array or a path.

    Raises:
        UsageError: nothing of these.
    """
    registry = LEAVES[section]
    if isinstance(given, Path):
        return str(given)
    if section == "data" and not isinstance(given, Source) and not inspect.isclass(given):
        given = passed(given)
    leaf, instance = registry.of_python(given)
    return {"name": reference_of(leaf), **({} if instance is None else vars(instance))}


def merge(base: Tree, layer: Tree) -> None:
    """Lay `layer` over `base`, in place.

    A new plug-in keeps those of the old one's options that it has too; a new length replaces the old one, whatever
    its unit.
    """
    for section, given in nested(layer).items():
        if not isinstance(given, dict):
            base[section] = given
            continue
        table = base.setdefault(section, {})
        if section in LEAVES and "name" in given and table.get("name") != given["name"]:
            fields = _fields(section, str(given["name"]))
            base[section] = table = {name: value for name, value in table.items() if name in fields}
        if section == "train" and any(given.get(name) is not None for name in LENGTHS):
            for name in LENGTHS:
                table.pop(name, None)
        for name, value in given.items():
            if isinstance(value, dict) and isinstance(table.get(name), dict):
                table[name] |= value
            else:
                table[name] = value


def _fields(section: str, name: str) -> set[str]:
    """The settings of a leaf; none where it cannot be found, which validation reports."""
    try:
        return {field.name for field in dataclasses.fields(LEAVES[section].get(name))}
    except UsageError:
        return set()
