"""Networks whose layers or sizes are others than the lab's."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.observation import LAYERS, SHOWN, STEPS, Failed

Step = tuple[str, list[int]]
"""A layer, and the shape of what it made."""


def steps_of(failed: Failed) -> list[Step]:
    """What the layers made before an error came."""
    found = next((note.removeprefix(STEPS) for note in failed.notes if note.startswith(STEPS)), "[]")
    steps: list[Step] = ast.literal_eval(found)
    return steps


def of_sizes(failed: Failed, right: Mapping[str, Any]) -> Kind | None:
    """The kind of an error in what is as in the lab's network: something before it has other sizes."""
    known: list[Step] = right.get(f"{SHOWN}steps", [])
    layers = [layer for layer, _ in known]
    if failed.layer is not None and failed.layer not in layers:
        return None
    for (layer, one), (other_layer, other) in zip(steps_of(failed), known, strict=False):
        if one[1:] != other[1:]:
            if layer.partition("(")[0] != other_layer.partition("(")[0]:
                return of_layers(_layers_of(failed), layers)
            return Kind.of("sizes-part", layer=layer, mine=_of_image(one), right=_of_image(other))
    return None


def _layers_of(failed: Failed) -> list[str]:
    found = next((note.removeprefix(LAYERS) for note in failed.notes if note.startswith(LAYERS)), "[]")
    layers: list[str] = ast.literal_eval(found)
    return layers


IDLE = ("Flatten(", "Identity(", "Unflatten(")
"""Layers that change no number: others are to blame first."""


def of_layers(mine: Sequence[str], right: Sequence[str]) -> Kind | None:
    """Of a network whose layers are others."""
    mine = [each for each in mine if each in right or not each.startswith(IDLE)]
    matcher = difflib.SequenceMatcher(None, mine, right, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if not changes:
        return None
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


def _of_image(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape[1:])) or "one number"
