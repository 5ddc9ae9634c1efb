"""The arms' settings side by side: those that differ, and those that are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganatomy.config import LENGTHS, Config, settings
from ganatomy.report.glossary import setting_help
from ganatomy.report.trials import Seen, first_config
from ganatomy.studies.plan import Arm
from ganatomy.words import Words

PASSED = {"recipe", "seed", "out", *(f"train.{name}" for name in LENGTHS)}
"""What makes no arm: who it is, and how long it runs."""


@dataclass(frozen=True)
class Row:
    """One setting in all arms."""

    name: str
    values: tuple[str | None, ...]
    """As in TOML, an arm each; an empty text where it is unset, None where the arm has no such setting."""
    helps: tuple[tuple[str, Words], ...]
    """(value, what it does) of each plug-in's name; else one, with an empty value."""

    @property
    def is_equal(self) -> bool:
        return len(set(self.values)) == 1 or not any(self.values)

    def is_changed(self, place: int) -> bool:
        """Whether an arm's value is other than the first one's."""
        return self.values[place] != self.values[0]


@dataclass(frozen=True)
class Comparison:
    """All settings of the arms that have any."""

    arms: tuple[Arm, ...]
    differing: tuple[Row, ...]
    equal: tuple[Row, ...]
    unknown: tuple[Arm, ...]
    """Those of which no run has begun, so that only their changes to the recipe are known."""


def of(arms: Sequence[Arm], trials: Sequence[Seen]) -> Comparison:
    """The settings of each arm's first run that has begun."""
    configs = {arm.name: first_config([trial for trial in trials if trial.trial.arm == arm.name]) for arm in arms}
    known = [arm for arm in arms if configs[arm.name] is not None]
    rows = _rows([config for arm in known if (config := configs[arm.name]) is not None])
    return Comparison(
        tuple(known),
        tuple(row for row in rows if not row.is_equal),
        tuple(row for row in rows if row.is_equal),
        tuple(arm for arm in arms if configs[arm.name] is None),
    )


def _rows(configs: Sequence[Config]) -> list[Row]:
    found: dict[str, dict[int, Any]] = {}
    helps: dict[str, dict[str, Words]] = {}
    for place, config in enumerate(configs):
        for setting in settings(config):
            if setting.name not in PASSED:
                found.setdefault(setting.name, {})[place] = setting.value
                # A plug-in's name has a help for each value, another setting one for all.
                is_leaf = setting.name.endswith(".name") and not setting.allowed
                of_value = str(setting.value) if is_leaf else ""
                helps.setdefault(setting.name, {}).setdefault(of_value, setting_help(setting))
    return [
        Row(
            name,
            tuple(None if place not in values else as_toml(values[place]) for place in range(len(configs))),
            tuple(helps[name].items()),
        )
        for name, values in _in_sections(found).items()
    ]


def _in_sections(found: dict[str, dict[int, Any]]) -> dict[str, dict[int, Any]]:
    """Settings that only later arms have, among those of their section."""
    sections = list(dict.fromkeys(name.partition(".")[0] for name in found))
    return dict(sorted(found.items(), key=lambda item: sections.index(item[0].partition(".")[0])))


def as_toml(value: Any) -> str:
    """A setting's value as one writes it; empty where it is unset.

    >>> as_toml((0.5, 0.999)), as_toml(True), as_toml("adam"), as_toml(None)
    ('[0.5, 0.999]', 'true', 'adam', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(as_toml, value))}]"
    return str(value) if isinstance(value, (str, Path)) else repr(value)
