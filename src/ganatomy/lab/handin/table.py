"""The study of hyper-parameters: a student's runs of one system, what differs between them, and how they scored."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ganatomy.lab.handin.code import Change
from ganatomy.lab.handin.trained import OF_BOTH, PLAYERS, Say, Setting, Trained

ORDER = (
    "optimizer",
    "lr",
    "betas",
    "alpha",
    "momentum",
    "weight_decay",
    "critic_steps",
    "clipped",
    "batch",
    "epochs",
    "steps",
)
"""Settings that come first, in this order."""
SEEN = ("parameters", "critic_steps", "clipped")
"""What older recordings lack; it counts only where all runs have it."""


@dataclass(frozen=True)
class Row:
    """One run."""

    trained: Trained
    settings: tuple[str, ...]
    """A value for each of the table's columns."""
    fid: float | None
    interval: tuple[float, float] | None
    seconds: float | None
    changes: tuple[Change, ...]
    """Of the code, from the first run's; empty where it is the same, or not known."""
    is_best: bool


@dataclass(frozen=True)
class Tuning:
    """The runs of a system, oldest first."""

    columns: tuple[Setting, ...]
    """The settings that differ; a player is empty where both networks have the same in each run."""
    rows: tuple[Row, ...]
    same: tuple[tuple[Setting, str], ...]
    """What all runs have in common."""
    repeated: tuple[tuple[Row, ...], ...]
    """Groups of runs that differ in their seed alone."""

    @property
    def best(self) -> Row | None:
        return next((row for row in self.rows if row.is_best), None)


def is_study(runs: Sequence[Trained]) -> bool:
    """Whether runs differ in more than their seed."""
    return any(_differs(runs[0], other) for other in runs[1:])


def of(runs: Sequence[Trained], say: Say) -> Tuning:
    """The table of at least one run.

    Args:
        say: called with a line where a run is scored first.
    """
    columns, same = _columns([run.settings for run in runs])
    scores = [run.evaluation(say) for run in runs]
    found = [None if each is None or "fid" not in each.metrics else each.metrics["fid"] for each in scores]
    comparable = len({each.reference for each in scores if each is not None}) == 1
    known = [each.value for each in found if each is not None]
    rows = []
    for run, fid in zip(runs, found, strict=True):
        rows.append(
            Row(
                run,
                tuple(_value(run.settings, column) for column in columns),
                None if fid is None else fid.value,
                None if fid is None else (fid.low, fid.high),
                run.seconds,
                tuple(runs[0].code.changes_to(run.code)) if runs[0].code and run.code else (),
                fid is not None and comparable and len(known) > 1 and fid.value == min(known),
            )
        )
    return Tuning(tuple(columns), tuple(rows), tuple(same), tuple(_repeated(rows)))


def _differs(one: Trained, other: Trained) -> bool:
    """Whether two runs have other settings, the seed left aside, or other code."""
    names = one.settings.keys() | other.settings.keys()
    lacking = one.settings.keys() ^ other.settings.keys()
    asked = [each for each in names if each[0] != "seed" and not (each[0] in SEEN and each in lacking)]
    return any(one.settings.get(each) != other.settings.get(each) for each in asked) or _other_code(one, other)


def _other_code(one: Trained, other: Trained) -> bool:
    """Whether code differs that is no seed."""
    if one.code is None or other.code is None:
        return False
    changes = one.code.changes_to(other.code)
    return any("manual_seed" not in line for each in changes for line in (*each.before, *each.after))


def _columns(settings: Sequence[dict[Setting, str]]) -> tuple[list[Setting], list[tuple[Setting, str]]]:
    """The settings that differ, and those that are the same; those of both networks as one where they never differ."""
    found = dict.fromkeys(key for each in settings for key in each)
    lacking = {name for name, player in found if name in SEEN and any((name, player) not in each for each in settings)}
    names = list(dict.fromkeys(name for name, _ in found if name not in lacking))
    names.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    merged: list[Setting] = []
    for name in names:
        pairs = [[each.get((name, player), "–") for player in PLAYERS] for each in settings]
        if name not in OF_BOTH or (name not in ("parameters", "class") and all(one == two for one, two in pairs)):
            merged.append((name, ""))
        else:
            merged += [(name, player) for player in PLAYERS]
    values = {column: [_value(each, column) for each in settings] for column in merged}
    differing = [column for column in merged if len(set(values[column])) > 1]
    return differing, [(column, values[column][0]) for column in merged if column not in differing]


def _value(settings: dict[Setting, str], column: Setting) -> str:
    name, player = column
    key = (name, PLAYERS[0]) if name in OF_BOTH and not player else column
    return settings.get(key, "–")


def _repeated(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Runs with several seeds and everything else the same."""
    groups: list[list[Row]] = []
    for row in rows:
        group = next((each for each in groups if not _differs(each[0].trained, row.trained)), None)
        if group is None:
            groups.append([row])
        else:
            group.append(row)
    seeds = ({row.trained.settings["seed", ""] for row in group} for group in groups)
    return [tuple(group) for group in itertools.compress(groups, (len(each) > 1 for each in seeds))]
