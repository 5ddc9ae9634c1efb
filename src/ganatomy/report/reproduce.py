"""What it takes to run everything again: the environments the runs had, and their whole settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganatomy.report import glossary
from ganatomy.report.trials import Seen
from ganatomy.report.wording import plain
from ganatomy.studies.plan import Arm
from ganatomy.words import Words

PACKAGES = "packages"


@dataclass(frozen=True)
class Fact:
    """One fact of env.json over all runs."""

    name: Words
    values: tuple[tuple[str, tuple[str, ...]], ...]
    """(value, the runs that have it); one value where all agree."""

    @property
    def is_common(self) -> bool:
        return len(self.values) == 1


@dataclass(frozen=True)
class Settings:
    """The whole config.toml of an arm's first run."""

    arm: Arm
    trial: Seen
    toml: str


def environment(trials: Sequence[Seen]) -> list[Fact]:
    """What the runs ran on, a fact each; the hosts' names and the time are left out, because they decide nothing."""
    found: dict[str, dict[str, list[str]]] = {}
    for trial in trials:
        name = f"{trial.trial.arm} s{trial.trial.seed} {trial.trial.budget}"
        for session in trial.environments:
            for fact, value in _facts(session).items():
                runs = found.setdefault(fact, {}).setdefault(_shown(value), [])
                if name not in runs:
                    runs.append(name)
    return [
        Fact(glossary.FACTS.get(fact, plain(fact)), tuple((value, tuple(runs)) for value, runs in values.items()))
        for fact, values in found.items()
    ]


def _facts(session: Mapping[str, Any]) -> dict[str, Any]:
    packages = session.get(PACKAGES)
    facts = {name: session[name] for name in glossary.FACTS if name in session}
    return facts | (dict(packages) if isinstance(packages, dict) else {})


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)


def begun(trials: Sequence[Seen]) -> tuple[str, str] | None:
    """The first and the last day on which training began; None before that."""
    days = sorted(str(session.get("started", ""))[:10] for trial in trials for session in trial.environments)
    days = [day for day in days if day]
    return (days[0], days[-1]) if days else None


def whole_settings(arms: Sequence[Arm], trials: Sequence[Seen]) -> list[Settings]:
    """One of each arm's runs that have begun."""
    found = []
    for arm in arms:
        for trial in trials:
            if trial.trial.arm == arm.name and trial.toml is not None:
                found.append(Settings(arm, trial, trial.toml))
                break
    return found
