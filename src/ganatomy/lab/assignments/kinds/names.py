"""Kinds of mistakes with names: misspelt, without what they belong to, used before they have a value."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import sys

import torch
from torch import nn

from ganatomy.lab.assignments.document import Blank
from ganatomy.lab.assignments.observation import Failed

Named = tuple[str, dict[str, str]]
"""A kind, and its facts."""
OWNERS = {"nn": nn, "torch": torch, "torch.optim": torch.optim}
UNKNOWN = re.compile(
    r"(?P<module>module |type object )?'(?P<owner>[\w.]+)' (?:object )?has no attribute '(?P<name>\w+)'"
)


def of_name(blank: Blank, code: str, program: str, failed: Failed) -> Named | None:
    """The kind of an error over a variable.

    Args:
        code, program: the filling, and the program with it.
    """
    found = re.search(r"'(\w+)'", failed.message)
    if found is None or failed.kind not in ("NameError", "UnboundLocalError", "KeyError"):
        return None
    name = found[1]
    if name in _assigned(blank.solution) - _assigned(code):
        return "not-assigned", {"name": name}
    if failed.kind == "UnboundLocalError":
        return "used-too-early", {"name": name}
    if owner := _owner_of(name, code, program):
        return "without-its-owner", {"name": name, "owner": owner}
    return _no_such(name, [*_variables(program), *dir(builtins)])


def of_attribute(program: str, failed: Failed) -> Named | None:
    """The kind of an error over `owner.name`."""
    found = UNKNOWN.search(failed.message)
    if failed.kind != "AttributeError" or found is None:
        return None
    owner, name = found["owner"], found["name"]
    if hasattr(torch.Tensor, name):
        if owner in ("Sequential", *re.findall(r"^class (\w+)", program, re.MULTILINE)):
            return "network-itself", {}
        if hasattr(nn, owner):
            return "module-itself", {"what": owner}
    of = sys.modules.get(owner) if found["module"] else torch.Tensor if owner == "Tensor" else None
    return _no_such(name, dir(of) if of else [], f"{owner}.")


def _no_such(name: str, known: list[str], owner: str = "") -> Named:
    capitals = [each for each in known if each.lower() == name.lower()]
    near = [each for each in (*capitals, *difflib.get_close_matches(name, known, 2, 0.7)) if each != name]
    if not near:
        return "no-such-name", {"name": owner + name}
    return "misspelt", {"name": owner + name, "near": near[0]}


def _assigned(code: str) -> set[str]:
    """The names that code gives a value."""
    try:
        nodes = [*ast.walk(ast.parse(code))]
    except SyntaxError:  # it is Python only where it stands
        return set()
    return {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _variables(program: str) -> list[str]:
    """The variables, functions and arguments of a program."""
    nodes = [*ast.walk(ast.parse(program))]
    variables = {each.id for each in nodes if isinstance(each, ast.Name)}
    return sorted(variables | {each.arg for each in nodes if isinstance(each, ast.arg)})


def _owner_of(name: str, code: str, program: str) -> str | None:
    """What a name belongs to that is used as `name(...)` or `name.part`, where only that is missing."""
    if not re.search(rf"(?<![\w.]){name}\s*[(.]", code):
        return None
    if re.search(rf"\bself\.{name}\b", program):
        return "self"
    return next((owner for owner, module in OWNERS.items() if hasattr(module, name)), None)
