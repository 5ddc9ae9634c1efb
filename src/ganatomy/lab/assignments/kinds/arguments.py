"""Arguments that a function of PyTorch's does not have, and those that it has."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.words import Words

OTHER_WORDS = {
    "learning_rate": "lr",
    "slope": "negative_slope",
    "alpha": "negative_slope",
    "kernel": "kernel_size",
    "size": "kernel_size",
    "filter_size": "kernel_size",
    "strides": "stride",
    "pad": "padding",
    "step": "global_step",
    "value": "scalar_value",
    "use_bias": "bias",
    "units": "out_features",
    "filters": "out_channels",
    "axis": "dim",
}
"""What other libraries call an argument, or students do."""
HIDDEN = ("device", "dtype", "inplace", "args", "kwargs")
OF_WRITER = ("tag", "scalar_value", "global_step", "walltime")


OF_TENSORS = ("size", "dtype", "device", "requires_grad", "generator", "out", "layout", "pin_memory", "fill_value")


def unknown_of_tensor(given: str) -> str | None:
    """A keyword that functions do not take that make tensors, as torch prints what they were given."""
    return next((each for each in re.findall(r"(\w+)=", given) if each not in OF_TENSORS), None)


def unknown(where: Words, what: str, argument: str) -> Kind:
    """The kind of an argument that `what` does not have."""
    what = what.removeprefix("SummaryWriter.")
    known = _arguments(what)
    if not known:
        return Kind.of("unknown-argument", where=where, what=what, argument=argument)
    other = OTHER_WORDS.get(argument)
    near = [other] if other in known else difflib.get_close_matches(argument, known, 1, 0.6)
    if near:
        return Kind.of("other-argument", where=where, what=what, argument=argument, near=near[0])
    shown = ", ".join(f"`{each}`" for each in known)
    return Kind.of("no-such-argument", where=where, what=what, argument=argument, known=shown)


def _arguments(name: str) -> list[str]:
    """Of a layer, an optimizer or a method of the writer; none where they are not known."""
    if name.startswith("add_scalar"):
        return [*OF_WRITER]
    found: Callable[..., Any] | None = getattr(nn, name, None) or getattr(torch.optim, name, None)
    if not isinstance(found, type):
        if name in ("randn", "rand", "ones", "zeros", "full", "empty"):
            return [*OF_TENSORS[:5]]
        return ["set_to_none"] if name == "zero_grad" else []
    return [each for each in inspect.signature(found).parameters if each not in HIDDEN]
