"""A network as a list of tensor operations: JSON that runs without the network's code, and has none of its own.

A file of `torch.export.save` or a pickle could run anything when it is loaded. Here only operations of a list are executed: what
generators are made of, and what checks its arguments itself, or is checked here.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.export.graph_signature import InputKind

from ganatomy.runs.operations import NotAProgram, name_of, operation

FORMAT = 1
ROWS = 16
"""Of a batch that a network is traced with."""

_NAMED = (torch.dtype, torch.layout, torch.memory_format)
_DEVICE = "device of the inputs"
_MOST_NUMBERS = 100_000
"""Of a constant: it is written as text."""


class Program(nn.Module):
    """Runs the operations of a network, in eval mode, on weights that are passed to it.

    Attributes:
        weights: {name in the network's `state_dict`: tensor}; those of the network at first.
        tree: the operations, as JSON.
    """

    def __init__(self, tree: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
        """
        Raises:
            NotAProgram: the tree has another format, or names what is no core operation.
        """
        super().__init__()
        self.tree = tree
        self.weights = dict(weights)
        try:
            if tree["format"] != FORMAT:
                raise NotAProgram(f"the network is stored in format {tree['format']}, which this version cannot read")
            self._steps = [(step["out"], operation(step["op"]), step["args"], step["named"]) for step in tree["steps"]]
            self._constants = {name: _constant(each) for name, each in tree["constants"].items()}
            self._any_batch: bool = tree["any_batch"]
            self._inputs: list[str] = tree["inputs"]
            self._weights: dict[str, str] = tree["weights"]
            self._output: str = tree["output"]
        except (KeyError, TypeError, AttributeError, ValueError, RuntimeError) as error:
            raise NotAProgram(f"the stored network is damaged: {error!r}") from error

    @classmethod
    def of(cls, network: nn.Module, *inputs: Tensor) -> Program:
        """The operations of a network for a batch of any size.

        Args:
            inputs: of a batch of ROWS.

        Raises:
            NotAProgram: its forward decides by values, or does what PyTorch cannot export.
        """
        try:
            return cls._of(network, inputs, torch.export.Dim("batch", min=1))
        except NotAProgram:
            # `len(z)` is a plain number to the tracer, and so are the sizes within some layers.
            return cls._of(network, inputs, None)

    @classmethod
    def _of(cls, network: nn.Module, inputs: tuple[Tensor, ...], batch: Any) -> Program:
        """The operations for a batch of any size, or for one of ROWS where `batch` is None."""
        sizes = None if batch is None else tuple({0: batch} for _ in inputs)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exported = torch.export.export(network, inputs, dynamic_shapes=sizes).run_decompositions()
        except Exception as error:  # whatever a network of the user's own does to the tracer
            raise NotAProgram(f"its operations cannot be listed: {type(error).__name__}: {error}") from error
        state = network.state_dict()
        weights, constants, asked = {}, {}, []
        for each in exported.graph_signature.input_specs:
            name, target = getattr(each.arg, "name", ""), each.target
            if each.kind is InputKind.USER_INPUT:
                asked.append(name)
            elif target in state:
                weights[name] = target
            elif target in exported.constants:
                constants[name] = _as_json(exported.constants[target])
            else:
                raise NotAProgram(f"its input {target or name} is no tensor")
        steps = []
        for node in exported.graph.nodes:
            if node.op == "call_function":
                steps.append(
                    {
                        "out": node.name,
                        "op": name_of(node.target),
                        "args": _written(node.args),
                        "named": {key: _written(value) for key, value in node.kwargs.items()},
                    }
                )
        tree = {
            "format": FORMAT,
            "any_batch": batch is not None,
            "inputs": asked,
            "weights": weights,
            "constants": constants,
            "steps": steps,
            "output": exported.graph_signature.user_outputs[0],
        }
        return cls(tree, {name: value.detach().clone() for name, value in state.items()})

    def without_prefix(self, prefix: str) -> Program:
        """The same, with weights by names without a prefix."""
        names = {name: target.removeprefix(prefix) for name, target in self._weights.items()}
        weights = {name.removeprefix(prefix): value for name, value in self.weights.items()}
        return Program({**self.tree, "weights": names}, weights)

    def forward(self, *inputs: Tensor) -> Tensor:
        if self._any_batch:
            return self._run(*inputs)
        count = len(inputs[0])
        short = -count % ROWS
        whole = [torch.cat([each, each[:1].expand(short, *each.shape[1:])]) for each in inputs]
        made = [self._run(*rows) for rows in zip(*(each.split(ROWS) for each in whole), strict=True)]
        return torch.cat(made)[:count]

    def _run(self, *inputs: Tensor) -> Tensor:
        device = inputs[0].device
        try:
            values: dict[str, Any] = {_DEVICE: device, **dict(zip(self._inputs, inputs, strict=True))}
            values |= {name: self.weights[target] for name, target in self._weights.items()}
            values |= {name: constant.to(device) for name, constant in self._constants.items()}
            for out, run, args, named in self._steps:
                values[out] = run(*_read(args, values), **{name: _read(each, values) for name, each in named.items()})
            made: Tensor = values[self._output]
        except (KeyError, TypeError, ValueError, IndexError, RuntimeError) as error:
            raise NotAProgram(f"the stored network is damaged: {error!r}") from error
        return made


# ---- arguments, to JSON and back


def _written(value: Any) -> Any:
    if isinstance(value, torch.fx.Node):
        return {"of": value.name}
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    if isinstance(value, _NAMED):
        return {"torch": str(value).removeprefix("torch.")}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, torch.device):
        return {"of": _DEVICE}
    raise NotAProgram(f"an argument of one of its operations is {type(value).__name__}")


def _read(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_read(each, values) for each in value]
    if isinstance(value, dict):
        if "of" in value:
            return values[value["of"]]
        named = getattr(torch, value["torch"])
        if not isinstance(named, _NAMED):
            raise NotAProgram(f"torch.{value['torch']} is no argument of an operation")
        return named
    return value


def _as_json(value: Any) -> dict[str, Any]:
    if not isinstance(value, Tensor) or value.numel() > _MOST_NUMBERS:
        raise NotAProgram("it has a large tensor that is neither parameter nor buffer")
    return {
        "dtype": str(value.dtype).removeprefix("torch."),
        "shape": list(value.shape),
        "values": value.flatten().tolist(),
    }


def _constant(tree: Mapping[str, Any]) -> Tensor:
    kind = getattr(torch, tree["dtype"])
    return torch.tensor(tree["values"], dtype=kind).reshape(tree["shape"])
