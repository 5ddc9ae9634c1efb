"""Kinds of differences between what a filling does and what the solution does."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.kinds.place import Place
from ganatomy.lab.assignments.kinds.sizes import of_layers
from ganatomy.lab.assignments.observation import SHOWN, Failed, Observation, alike, differing
from ganatomy.lab.texts import TEXTS

DIFFERENCES = (
    ("other-optimizer", r"(?P<who>optim_\w): class"),
    ("learning-rate", r"(?P<who>optim_\w): learning rate"),
    ("other-setting", r"(?P<who>optim_\w): (?P<setting>betas)"),
    ("parameters-of-another", r"(?P<who>optim_\w): parameters"),
    ("other-setting", r"(?P<who>optim_\w): (?P<setting>\w+)"),
    ("other-class", r"kinds"),
    ("other-sizes", r"shapes"),
    ("other-device", r"devices.*"),
    ("other-type", r"type"),
    ("other-shape", r"shape"),
    ("single-image", r"shape of a single image"),
    ("other-range", r"lowest|highest"),
    ("range-of-batch", r"range of dark images"),
    ("other-pixels", r"reals|images"),
    ("networks-in-eval", r"networks in training mode"),
    ("with-graph", r"has a graph"),
    ("other-mode", r"in training mode.*"),
    ("other-number", r"clip_value|critic_steps"),
    ("number-of-steps", r"steps of D"),
    ("other-arguments", r"arguments"),
    ("noise-shape", r"shapes of the noise"),
    ("noise-type", r"types of the noise"),
    ("noise-repeated", r"share of different numbers in the noise"),
    ("noise-distribution", r"(?P<feature>mean|spread|fourth moment) of the noise"),
    ("loss-not-logged", r"losses that have a tag of their own"),
    ("tags-exchanged", r"tags that name the other network"),
    ("other-output", r"output"),
    ("cut-graph", r"slope"),
    ("frozen", r"weights that no longer learn"),
    ("other-losses", r"losses"),
    ("other-weights", r"weights of (?P<who>[GD])"),
    ("other-gradients", r"gradients of G"),
    ("other-weights-shapes", r"shapes of the weights"),
    ("other-estimate", r"estimates"),
    ("other-last-loss", r"loss"),
    ("other-reals", r"reals of D"),
)
"""Kinds, and the names of the observations that differ."""
MADE_OF = f"{SHOWN}layers"


def of_difference(place: Place, mine: Mapping[str, Any], right: Mapping[str, Any]) -> Kind | None:
    """The kind of what differs first."""
    others = MADE_OF in mine and MADE_OF in right and mine[MADE_OF] != right[MADE_OF]
    if others and (kind := of_layers(mine[MADE_OF], right[MADE_OF])):
        return kind
    what = next(differing(mine, right), "")
    found = [(name, match) for name, pattern in DIFFERENCES if (match := re.fullmatch(pattern, what))]
    if not found:
        return None
    name: str = found[0][0]
    facts: dict[str, Any] = found[0][1].groupdict()
    if place.blank.name == "clip" and name in ("other-losses", "other-weights"):
        return Kind.of("other-clipping")
    if place.blank.name == "d-fakes" and name == "other-losses":
        return Kind.of("other-fakes")
    if name == "other-losses":
        return _of_losses(place, mine[what], right[what])
    if name in BY_VALUES:
        return BY_VALUES[name](mine.get(what), right[what])
    if name == "noise-distribution":
        facts = {"feature": TEXTS[f"KINDS.{facts['feature'].replace(' ', '-')}"]}
    if name == "other-sizes":
        pairs = zip("GD", mine[what], right[what], strict=True)
        facts = {"who": ", ".join(who for who, one, other in pairs if one != other)}
    if name == "networks-in-eval":
        facts = {"who": ", ".join(who for who, on in zip("GD", mine[what], strict=True) if not on)}
    if name == "parameters-of-another" and {*mine[what]} == {*right[what]}:
        count, all_of_them = len(mine[what]), len(right[what])
        return Kind.of("parameters-missing", count=count, all=all_of_them, network=right[what][0], **facts)
    if name == "loss-not-logged" and not mine[f"{SHOWN}logged"]:
        return Kind.of("nothing-logged")
    return Kind.of(name, what=what, mine=_shown(what, mine), right=_shown(what, right), **facts)


def _of_output(mine: Any, right: Tensor) -> Kind | None:
    """Of a network that makes something else of the same input."""
    if isinstance(mine, list):
        return Kind.of("several-results", count=len(mine))
    if not isinstance(mine, Tensor):
        return Kind.of("no-tensor", mine=_short(mine))
    if mine.shape != right.shape:
        return Kind.of("other-output", mine=_short([*mine.shape]), right=_short([*right.shape]))
    return Kind.of("other-values", mine=_range_of(mine), right=_range_of(right))


def _of_slope(mine: Any, right: Tensor) -> Kind:
    """Of a network through which gradients do not flow, or others."""
    return Kind.of("cut-graph" if mine is None else "other-slope")


def _of_losses(place: Place, mine: Any, right: Sequence[float]) -> Kind:
    """Of steps with another loss, or another effect."""
    step = next(step for step, pair in enumerate(zip(mine, right, strict=True)) if not alike(*pair))
    one, other = mine[step], right[step]
    if not isinstance(one, int | float):
        return Kind.of("no-loss", mine=_short(one))
    if step > FIRST_LOSSES:
        return Kind.of("other-step", mine=_short(one), right=_short(other))
    ratio = one / other if other else math.nan
    for factor in (-1, 0.5, 2, -0.5, -2):
        if math.isclose(ratio, factor, rel_tol=1e-3):
            return Kind.of("times-loss", mine=_short(one), right=_short(other), factor=factor)
    if "loss_func" in place.blank.solution and "loss_func" not in place.code:
        return Kind.of("no-cross-entropy", mine=_short(one), right=_short(other))
    name = "other-losses" if "loss_func" in place.program else "other-means"
    return Kind.of(name, mine=_short(one), right=_short(other))


FIRST_LOSSES = 1
"""The place of the last loss that no step came before."""
BY_VALUES: Mapping[str, Callable[[Any, Any], Kind | None]] = {
    "other-output": _of_output,
    "cut-graph": _of_slope,
}


def _range_of(values: Tensor) -> str:
    return f"[{_short(values.min())}, {_short(values.max())}]"


def of_same_layers(one: Observation, other: Observation) -> bool:
    """Whether two networks are built of the same kinds of layers, as far as was observed."""
    if isinstance(one, Failed) or isinstance(other, Failed) or MADE_OF not in one or MADE_OF not in other:
        return True
    first, second = ([layer.partition("(")[0] for layer in each[MADE_OF]] for each in (one, other))
    return first == second


def _shown(what: str, found: Mapping[str, Any]) -> str:
    """What was observed, in short."""
    value = found.get(f"{SHOWN}{what}", found.get(what))
    if what.endswith(" of the noise") and isinstance(value, float):
        return f"{value + 0.0:.2g}"
    if isinstance(value, Tensor) and value.numel() > 1:
        return _range_of(value)
    if what in ("clip_value", "critic_steps") and isinstance(value, str):
        return repr(value)
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
    return f"{value + 0.0:.4g}" if isinstance(value, float) else str(value)
