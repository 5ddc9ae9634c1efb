"""Kinds of mistakes with names: misspelt, without what they belong to, used before they have a value."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import sys
from collections.abc import Sequence

import torch
from torch import nn

from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.kinds.place import Place
from ganatomy.lab.assignments.observation import Failed
from ganatomy.words import Words

OWNERS = {"nn": nn, "torch": torch, "torch.optim": torch.optim}
UNKNOWN = re.compile(
    r"(?P<module>module |type object )?'(?P<owner>[\w.]+)' (?:object )?has no attribute '(?P<name>\w+)'"
)
WRITER = ("add_scalar", "add_scalars", "add_image", "add_images", "add_graph", "add_histogram", "flush", "close")
"""Methods of TensorBoard's writer."""


IMPORTED = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "F": "import torch.nn.functional as F",
    "math": "import math",
    "random": "import random",
    "torchvision": "import torchvision",
    "transforms": "from torchvision import transforms",
    "plt": "import matplotlib.pyplot as plt",
}
"""Names that are known to students from elsewhere."""


def of_name(place: Place, failed: Failed) -> Kind | None:
    """The kind of an error over a variable."""
    found = re.search(r"'(\w+)'", failed.message)
    if found is None or failed.kind not in ("NameError", "UnboundLocalError", "KeyError"):
        return None
    where = place.words(failed)
    return _of_variable(found[1], place, failed, where)


def of_builtin(name: str, place: Place, failed: Failed) -> Kind | None:
    """The kind of an error over a function of Python's that stands where a variable is meant."""
    return _of_variable(name, place, failed, place.words(failed)) if hasattr(builtins, name) else None


def _of_variable(name: str, place: Place, failed: Failed, where: Words) -> Kind:
    if name in _assigned(place.blank.solution) - _assigned(place.code):
        return Kind.of("not-assigned", where=where, name=name)
    if failed.kind == "UnboundLocalError":
        return Kind.of("used-too-early", where=where, name=name)
    if owner := _owner_of(name, place):
        return Kind.of("without-its-owner", where=where, name=name, owner=owner)
    new = _assigned(place.code) - {*place.names}
    likely, known_here = ([each for each in known if each not in new] for known in (place.of_solution, place.names))
    if place.blank.name == "log-losses" and name == "loss":
        return Kind.of("tag-without-quotes", where=where)
    if near := _nearest(name, likely, [*known_here, *dir(builtins)]):
        return Kind.of("misspelt", where=where, name=name, near=near)
    known = _listed(place.arguments)
    if name in IMPORTED:
        return Kind.of("not-imported", where=where, name=name, line=IMPORTED[name])
    if place.is_of_training(name) and known:
        return Kind.of("name-of-training", where=where, name=name, known=known)
    if other := place.function_with(name):
        return Kind.of("name-of-another-function", where=where, name=name, other=other)
    if known:
        return Kind.of("none-of-arguments", where=where, name=name, known=known)
    return Kind.of("no-such-name", where=where, name=name)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def of_attribute(place: Place, failed: Failed) -> Kind | None:
    """The kind of an error over `owner.name`."""
    found = UNKNOWN.search(failed.message)
    if failed.kind != "AttributeError" or found is None:
        return None
    owner, name, where = found["owner"], found["name"], place.words(failed)
    own_classes = ("Sequential", *re.findall(r"^class (\w+)", place.program, re.MULTILINE))
    if name in ("step", "backward"):
        return Kind.of(f"{name}-of-another", where=where)
    if hasattr(torch.Tensor, name):
        if owner in own_classes:
            return Kind.of("method-of-tensor", where=where, name=name)
        if hasattr(nn, owner):
            return Kind.of("module-itself", where=where, what=owner)
    if owner == "SummaryWriter" and name in WRITER:
        return Kind.of("not-for-numbers", where=where, name=name)
    written = next((ast.unparse(each) for each in _attributes(place) if each.attr == name), f"{owner}.{name}")
    known = _parts_of(owner, place, own_classes, bool(found["module"]))
    likely = [each for each in place.of_solution if each in known]
    if near := _nearest(name, likely, [each for each in known if not each.startswith("_")]):
        return Kind.of("misspelt", where=where, name=written, near=f"{written.rpartition('.')[0]}.{near}")
    if owner in own_classes and (own := _listed(place.attributes_of(owner))):
        return Kind.of("no-such-attribute", where=where, name=written, known=own)
    return Kind.of("no-such-part", where=where, name=written)


def _attributes(place: Place) -> list[ast.Attribute]:
    return [each for each in place.nodes() if isinstance(each, ast.Attribute)]


def _parts_of(owner: str, place: Place, own_classes: Sequence[str], is_module: bool) -> list[str]:
    """What a module, or an object of a class, has."""
    if is_module:
        return dir(sys.modules[owner]) if owner in sys.modules else []
    if owner == "SummaryWriter":
        return [*WRITER]
    if owner in own_classes:
        return [*place.attributes, "eval", "train", "parameters", "zero_grad", "to"]
    for namespace in (torch, torch.optim, nn):
        if hasattr(namespace, owner):
            return dir(getattr(namespace, owner))
    return []


def _nearest(name: str, first: Sequence[str], known: Sequence[str]) -> str | None:
    """What a name is a misspelling of: rather one of the first ones."""
    for among, least in ((first, 0.65), (known, 0.75)):
        capitals = [each for each in among if each.lower() == name.lower()]
        near = [*capitals, *difflib.get_close_matches(name, [*dict.fromkeys(among)], 2, least)]
        if found := next((each for each in near if each != name), None):
            return found
    return None


def _assigned(code: str) -> set[str]:
    """The names that code gives a value."""
    try:
        nodes = [*ast.walk(ast.parse(code))]
    except SyntaxError:  # it is Python only where it stands
        return set()
    return {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _owner_of(name: str, place: Place) -> str | None:
    """What a name belongs to that is used as `name(...)` or `name.part`, where only that is missing."""
    if not re.search(rf"(?<![\w.]){name}\s*[(.]", place.code):
        return None
    if name in place.attributes and "self" in place.arguments:
        return "self"
    if name in WRITER and "writer" in place.arguments:
        return "writer"
    return next((owner for owner, module in OWNERS.items() if hasattr(module, name)), None)
