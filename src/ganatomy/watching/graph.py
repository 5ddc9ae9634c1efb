"""What autograd's graph tells: the last operation of a tensor, and what lies between scores and a loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganatomy.watching.seen import Iteration, Judged, Pass, Role, Stepped

_VIEWS = (
    "View",
    "Reshape",
    "UnsafeView",
    "Squeeze",
    "Unsqueeze",
    "Unflatten",
    "Flatten",
    "Alias",
    "Clone",
    "Permute",
    "Select",
    "Slice",
    "Transpose",
)
_DIGESTED = 4
"""Rows that tell one batch from another."""


def tensor_of(values: Any) -> Tensor | None:
    """The first tensor of arguments or of what a network returns; None: there is none with rows."""
    if isinstance(values, Tensor):
        return values if values.ndim else None
    if isinstance(values, tuple | list):
        for value in values:
            found = tensor_of(value)
            if found is not None:
                return found
    return None


def digest(tensor: Tensor) -> bytes:
    """What tells a batch from another: the bytes of its first rows."""
    return tensor[:_DIGESTED].detach().float().cpu().contiguous().numpy().tobytes()


def last_operation(tensor: Tensor) -> str | None:
    """The operation that made the tensor, views apart: "Sigmoid", "Addmm"; None where it has no graph."""
    node: Any = tensor.grad_fn
    while node is not None:
        name = node.name().rpartition("::")[2].rstrip("0123456789").removesuffix("Backward")
        if not name.startswith(_VIEWS) or not node.next_functions:
            return name
        node = node.next_functions[0][0]
    return None


def push(gradient: Tensor) -> tuple[int, Tensor]:
    """(number of the backward pass, gradient with respect to the scores, rows x outputs)."""
    copied = gradient.detach().reshape(len(gradient), -1).float().cpu().clone()
    return torch._C._current_graph_task_id(), copied


def between(loss: Tensor, nodes: Mapping[Any, Judged]) -> tuple[list[Judged], list[tuple[int, ...]]]:
    """The calls of D that a loss was computed from, and the B x B tensors on the way from B scores."""
    found: list[Judged] = []
    shapes: list[tuple[int, ...]] = []
    seen, waiting = set(), [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node in nodes:
            found.append(nodes[node])
            continue
        shapes += [tuple(each.shape) for each in node._input_metadata]
        waiting += [each for each, _ in node.next_functions]
    sizes = {len(call.scores) for call in found if call.scores.shape[1] == 1} - {1}
    return found, [shape for shape in shapes if len(shape) == 2 and shape[0] == shape[1] and shape[0] in sizes]


def unregistered(output: Tensor, network: nn.Module) -> int:
    """Parameters that a network's output was computed from, and that are not among its `parameters()`."""
    own = {id(each) for each in network.parameters()}
    found, seen, waiting = 0, set(), [output.grad_fn]
    while waiting:
        node: Any = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        found += isinstance(variable, nn.Parameter) and id(variable) not in own
        waiting += [each for each, _ in node.next_functions]
    return found


def assign(iteration: Iteration) -> None:
    """Say of each backward pass of an iteration whose loss it differentiated."""
    for this in iteration.passes:
        calls = {id(call) for call in iteration.judged if any(number == this.number for number, _ in call.pushes)}
        covers = {role: {id(call) for call in found} for role, found in iteration.covers.items()}
        of_d, of_g = covers.get("D", set()), covers.get("G", set())
        if calls & (of_d - of_g):
            this.role = "D"
        elif calls & (of_g - of_d):
            this.role = "G"
        else:
            this.role = _by_order(iteration, this)


def _by_order(iteration: Iteration, this: Pass) -> Role | None:
    """The network whose step comes next; where several passes stand before the steps of both, what they differentiate decides."""
    events = iteration.events
    place = events.index(this)
    before = _until_step(reversed(events[:place]))
    after = _until_step(iter(events[place + 1 :]))
    rest = events[place + 1 :]
    steps = [event for event in rest if isinstance(event, Stepped)]
    if not steps:
        return None
    following: list[Role] = []
    for event in rest[rest.index(steps[0]) :]:
        if isinstance(event, Pass):
            break
        if isinstance(event, Stepped):
            following += event.roles
    if set(following) == {"G", "D"} and (before or after):
        judged = [call for call in iteration.judged if any(number == this.number for number, _ in call.pushes)]
        return "G" if judged and all(call.kind == "fake" and call.attached for call in judged) else "D"
    return steps[0].roles[0] if len(steps[0].roles) == 1 else None


def _until_step(events: Iterable[Any]) -> list[Pass]:
    found = []
    for event in events:
        if isinstance(event, Stepped):
            break
        if isinstance(event, Pass):
            found.append(event)
    return found


def differs_in_training(module: nn.Module) -> bool:
    """Whether a layer does something else in training mode: BatchNorm, Dropout."""
    return isinstance(module, nn.modules.batchnorm._BatchNorm | nn.modules.dropout._DropoutNd | nn.AlphaDropout)
