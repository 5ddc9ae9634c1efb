"""The lines of the user's own file: where they are now, and what stands in them."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import torch
from torch import Tensor

from ganatomy.watching.seen import Line

_OURS = (str(Path(__file__).parents[1]), str(Path(torch.__file__).parent))
_CLIPPING = ("clamp", "clamp_", "clip", "clip_")


def here() -> Line | None:
    """The innermost line that is neither of torch nor of this package."""
    frame = _frame()
    return None if frame is None else Line(frame.f_code.co_filename, frame.f_lineno)


def differentiated() -> Tensor | None:
    """The tensor whose backward() the user's code has called: that of the name before it, on the line that runs now."""
    frame = _frame()
    if frame is None:
        return None
    called = re.search(r"(\w+)\.backward\(", linecache.getline(frame.f_code.co_filename, frame.f_lineno))
    name = called[1] if called else ""
    value = frame.f_globals.get(name)
    if frame.f_locals is not frame.f_globals:
        seen = frame.f_locals
        value = seen.get(name, value)
        if isinstance(seen, dict):
            seen.clear()  # a copy, which would keep the user's tensors alive
    return value if isinstance(value, Tensor) else None


def _frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS) and not file.startswith("<frozen") and "/lib/python3" not in file:
            return frame
        frame = frame.f_back
    return None


def clipping(file: str) -> Line | None:
    """The first line of a file that clamps something of a network's parameters."""
    for node in _nodes(file):
        if isinstance(node, ast.For) and "parameters" in ast.unparse(node.iter):
            for inner in ast.walk(node):
                if _is_clamp(inner):
                    return Line(file, inner.lineno)  # type: ignore[attr-defined]
        if _is_clamp(node) and any(word in ast.unparse(node) for word in ("weight", "param")):
            return Line(file, node.lineno)  # type: ignore[attr-defined]
    return None


def _is_clamp(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLIPPING


def _nodes(file: str) -> Iterator[ast.AST]:
    try:
        return ast.walk(ast.parse("".join(linecache.getlines(file))))
    except (SyntaxError, ValueError):  # a notebook's cell with a magic
        return iter(())
