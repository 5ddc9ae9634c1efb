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
_LIKE_VIEWS = (
    "MaxPool",
    "AvgPool",
    "AdaptiveAvgPool",
    "NativeBatchNorm",
    "CudnnBatchNorm",
    "NativeDropout",
    "Mul",
    "Cat",
)
_RELUS = ("Relu", "Threshold")
_DIGESTED = 4
"""Rows that tell one batch from another."""


def tensor_of(values: Any) -> Tensor | None:
    """The first tensor of what a network returns; None: there is none with rows."""
    return next(iter(tensors_of(values)), None)


def tensors_of(values: Any) -> list[Tensor]:
    """The tensors with rows among arguments, in lists and dictionaries too."""
    if isinstance(values, Tensor):
        return [values] if values.ndim else []
    if isinstance(values, Mapping):
        return tensors_of(list(values.values()))
    if isinstance(values, tuple | list):
        return [tensor for value in values for tensor in tensors_of(value)]
    return []


def floating(values: Any) -> list[Tensor]:
    """Those of `tensors_of` that hold floats, which noise and images do."""
    return [each for each in tensors_of(values) if each.is_floating_point() and len(each)]


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
    """The calls of D that a loss was computed from, and the shapes B x B that B scores were broadcast to by something else.

    What else it was computed from, such as a distance of images, does not count; nor does a comparison of all pairs of
    scores, in which both operands have a graph.
    """
    found: list[Judged] = []
    parents: dict[Any, list[Any]] = {}
    waiting: list[Any] = [loss.grad_fn]
    seen = set(waiting)
    reached = []
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        if node in nodes:
            found.append(nodes[node])
            reached.append(node)
            continue
        for child, _ in node.next_functions:
            parents.setdefault(child, []).append(node)
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    sizes = {len(call.scores) for call in found if call.scores.shape[1] == 1} - {1}
    shapes, above = [], {*reached}
    while reached:
        child = reached.pop()
        for node in parents.get(child, ()):
            shape, operands = _shape(node), sum(each is not None for each, _ in node.next_functions)
            if _is_square(shape, sizes) and not _is_square(_shape(child), sizes) and operands == 1:
                shapes.append(shape)
            if node not in above:
                above.add(node)
                reached.append(node)
    return found, shapes


def _shape(node: Any) -> tuple[int, ...]:
    """Of what the operation of a node returns."""
    return tuple(node._input_metadata[0].shape) if node._input_metadata else ()


def _is_square(shape: tuple[int, ...], sizes: set[int]) -> bool:
    return len(shape) == 2 and shape[0] == shape[1] and shape[0] in sizes


def comes_from_relu(value: Tensor) -> bool:
    """Whether a tensor is what a ReLU returned, pooled, normalised or reshaped since."""
    node: Any = value.grad_fn
    while node is not None:
        name = node.name().rpartition("::")[2]
        if name.startswith(_RELUS):
            return True
        if not name.startswith((*_VIEWS, *_LIKE_VIEWS)) or not node.next_functions:
            return False
        node = node.next_functions[0][0]
    return False


def parameters_of(output: Tensor, inputs: Iterable[Tensor]) -> tuple[dict[int, nn.Parameter], bool]:
    """The parameters that a network's output was computed from, by id, and whether something was divided on the way.

    What the inputs were computed from is not the network's.
    """
    found: dict[int, nn.Parameter] = {}
    divides = False
    seen = {each.grad_fn for each in inputs}
    waiting: list[Any] = [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if isinstance(variable, nn.Parameter):
            found[id(variable)] = variable
        divides |= node.name().startswith("Div")
        waiting += [each for each, _ in node.next_functions]
    return found, divides


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


def is_training(network: nn.Module) -> bool:
    """Whether layers that do something else in training mode are in it; one that is frozen may be in eval mode on purpose."""
    batchnorm, dropout = nn.modules.batchnorm._BatchNorm, (nn.modules.dropout._DropoutNd, nn.AlphaDropout)
    layers = [
        each
        for each in network.modules()
        if isinstance(each, dropout)
        or (isinstance(each, batchnorm) and (not each.affine or any(p.requires_grad for p in each.parameters())))
    ]
    return any(each.training for each in layers) if layers else True
