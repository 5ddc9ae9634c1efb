"""Kinds of differences between what a filling does and what the solution does."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.observation import SHOWN, Failed, Observation, differing

DIFFERENCES = (
    ("other-optimizer", r"(?P<who>optim_\w): class"),
    ("learning-rate", r"(?P<who>optim_\w): learning rate"),
    ("other-setting", r"(?P<who>optim_\w): (?P<setting>betas|momentum)"),
    ("parameters-of-another", r"(?P<who>optim_\w): parameters"),
    ("other-class", r"kinds"),
    ("other-sizes", r"shapes"),
    ("other-device", r"devices.*"),
    ("other-type", r"type"),
    ("other-shape", r"shape"),
    ("other-range", r"lowest|highest"),
    ("with-graph", r"has a graph"),
    ("other-mode", r"in training mode.*"),
    ("other-number", r"clip_value|critic_steps"),
    ("number-of-steps", r"steps of D"),
    ("other-arguments", r"arguments"),
    ("noise-shape", r"shapes of the noise"),
    ("noise-distribution", r"(?P<feature>mean|spread|fourth moment) of the noise"),
    ("loss-not-logged", r"losses that have a tag of their own"),
    ("other-output", r"output"),
)
"""Kinds, and the names of the observations that differ."""
LAYERS = f"{SHOWN}layers"


def of_difference(mine: Mapping[str, Any], right: Mapping[str, Any]) -> Kind | None:
    """The kind of what differs first."""
    if LAYERS in mine and LAYERS in right and mine[LAYERS] != right[LAYERS]:
        return _of_layers(mine[LAYERS], right[LAYERS])
    what = next(differing(mine, right), "")
    found = [(name, match) for name, pattern in DIFFERENCES if (match := re.fullmatch(pattern, what))]
    if not found:
        return None
    name, facts = found[0][0], found[0][1].groupdict()
    if name == "other-output":
        return _of_output(mine.get(what), right[what])
    if name == "other-sizes":
        pairs = zip("GD", mine[what], right[what], strict=True)
        facts = {"who": ", ".join(who for who, one, other in pairs if one != other)}
    return Kind.of(name, what=what, mine=_shown(what, mine), right=_shown(what, right), **facts)


def _of_output(mine: Any, right: Tensor) -> Kind | None:
    """Of a network that makes something else of the same input."""
    if not isinstance(mine, Tensor):
        return Kind.of("no-tensor", mine=_short(mine))
    if mine.shape != right.shape:
        return Kind.of("other-output", mine=_short([*mine.shape]), right=_short([*right.shape]))
    return None


def of_same_layers(one: Observation, other: Observation) -> bool:
    """Whether two networks are built of the same kinds of layers, as far as was observed."""
    if isinstance(one, Failed) or isinstance(other, Failed) or LAYERS not in one or LAYERS not in other:
        return True
    first, second = ([layer.partition("(")[0] for layer in each[LAYERS]] for each in (one, other))
    return first == second


def _of_layers(mine: Sequence[str], right: Sequence[str]) -> Kind:
    """Of a network whose layers are others."""
    matcher = difflib.SequenceMatcher(None, mine, right, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    _, a, b, c, d = changes[0]
    if sorted(mine) == sorted(right):
        place = next(place for place, (one, other) in enumerate(zip(mine, right, strict=True)) if one != other)
        return Kind.of("layers-exchanged", mine=mine[place], right=right[place])
    if a == b:
        return Kind.of("layer-missing", right=right[c])
    if c == d:
        return Kind.of("layer-too-many", mine=mine[a])
    same = mine[a].partition("(")[0] == right[c].partition("(")[0]
    return Kind.of("setting-of-layer" if same else "other-layer", mine=mine[a], right=right[c])


def _shown(what: str, found: Mapping[str, Any]) -> str:
    """What was observed, in short."""
    value = found.get(what)
    if what in ("lowest", "highest"):
        return f"[{_short(found['lowest'])}, {_short(found['highest'])}]"
    if what == "arguments" and isinstance(value, list) and value:
        return _short(value[0])
    if what.endswith(": parameters") and isinstance(value, list):
        return ", ".join(sorted(set(value)))
    if what == "losses that have a tag of their own":
        return ", ".join(found[f"{SHOWN}logged"])
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, Tensor) and value.numel() == 1:
        value = value.item()
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value)) if len(value) == 1 else f"[{', '.join(map(_short, value))}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
