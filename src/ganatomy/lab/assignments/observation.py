"""Running an assignment with a filling, and comparing what it does with what the solution and known mistakes do."""

from __future__ import annotations

import contextlib
import io
import linecache
import math
import random
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganatomy.lab.assignments.devices import without_gpu

NAME = "<your file>"
LONGEST = 500
"""Letters of an error that are kept."""
Namespace = dict[str, Any]
Probe = Callable[[Namespace], Mapping[str, Any]]


@dataclass(frozen=True)
class Failed:
    """An error instead of an observation."""

    kind: str
    message: str
    lines: tuple[int, ...] = ()
    """Of the program that was run, each called from the one before."""
    layer: str | None = None
    """Of a network, in which it happened."""
    notes: tuple[str, ...] = ()
    """What `noting` says of it, which tells it from others with the same message."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


Observation = Mapping[str, Any] | Failed


def observe(program: str, probe: Probe) -> Observation:
    """What a program does on a machine without a GPU, seen by a probe; prints nothing."""
    namespace: Namespace = {"__name__": "assignment"}
    linecache.cache[NAME] = (len(program), None, program.splitlines(keepends=True), NAME)
    torch.manual_seed(0), np.random.seed(0), random.seed(0)
    try:
        with contextlib.redirect_stdout(io.StringIO()), without_gpu(), torch.enable_grad():
            exec(compile(program, NAME, "exec"), namespace)
            torch.manual_seed(0)
            return {name: _plain(value) for name, value in probe(namespace).items()}
    except SyntaxError as error:
        return Failed("SyntaxError", error.msg or "", (error.lineno or 0,))
    except (Exception, SystemExit) as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
        lines, notes = tuple(frame.lineno or 0 for frame in frames), tuple(getattr(error, "__notes__", ()))
        return Failed(type(error).__name__, str(error)[:LONGEST], lines, _layer_of(error), notes)


def _layer_of(error: BaseException) -> str | None:
    """The innermost layer that was at work when an error came."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_name == "forward")
    owners = [each for frame in frames if isinstance(each := frame.f_locals.get("self"), nn.Module)]
    return repr(owners[-1]) if owners and not [*owners[-1].children()] else None


@contextlib.contextmanager
def noting(note: str) -> Iterator[None]:
    """Adds a note to an error that comes inside."""
    try:
        yield
    except Exception as error:
        error.add_note(note)
        raise


def layers(network: nn.Module) -> list[nn.Module]:
    """Those of its modules that have no others inside."""
    return [each for each in network.modules() if not [*each.children()]]


@contextlib.contextmanager
def tracing(network: nn.Module) -> Iterator[list[tuple[str, list[int]]]]:
    """Notes each layer that works inside, with the shape of what it makes; also in an error that comes."""
    steps: list[tuple[str, list[int]]] = []

    def note(layer: nn.Module, _: Any, made: Any) -> None:
        steps.append((repr(layer), [*made.shape]) if isinstance(made, Tensor) else (repr(layer), []))

    hooks = [each.register_forward_hook(note) for each in layers(network)]
    try:
        yield steps
    except Exception as error:
        error.add_note(f"{STEPS}{steps}")
        raise
    finally:
        for hook in hooks:
            hook.remove()


LAYERS, STEPS = "layers: ", "steps: "
"""Begin the notes of an error that say what a network consists of, and which of it worked before."""


def joined(probes: Mapping[str, Probe], expressions: Sequence[str]) -> Probe:
    """What several probes see, and the values of expressions in the program."""

    def probe(names: Namespace) -> Mapping[str, Any]:
        found: dict[str, Any] = {text: eval(text, names) for text in expressions}
        for name, each in probes.items():
            torch.manual_seed(0)
            found |= {f"{name}: {key}": value for key, value in each(names).items() if not key.startswith(BESIDES)}
        return found

    return probe


class Opaque(str):
    """Stands for a value that cannot be compared."""


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return [[str(key), _plain(each)] for key, each in value.items()]
    if isinstance(value, np.ndarray | np.generic):
        return torch.as_tensor(value)
    if isinstance(value, torch.dtype | torch.device):
        return str(value)
    return (
        value if value is None or isinstance(value, bool | int | float | str) else Opaque(f"a {type(value).__name__}")
    )


BESIDES = "besides: "
"""Begins the names of what is observed to tell mistakes apart, and is no mistake by itself."""
SHOWN = f"{BESIDES}shown: "
"""Begins the names of what is observed only to say what was written."""
STOPS = f"{SHOWN}stops on a GPU"
"""Whether a filling that is right on the CPU would stop on a GPU."""


def is_right(mine: Observation, right: Observation) -> bool:
    """Whether a filling does what the solution does."""
    if isinstance(mine, Failed) or isinstance(right, Failed):
        return False
    return not list(differing(mine, right))


def _known_by(failed: Failed) -> tuple[str, str, tuple[str, ...]]:
    return failed.kind, failed.message, failed.notes


def alike(a: Any, b: Any) -> bool:
    """Whether two observations are the same but for rounding."""
    if isinstance(a, Failed) or isinstance(b, Failed):
        return isinstance(a, Failed) and isinstance(b, Failed) and _known_by(a) == _known_by(b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        a, b = ({name: each[name] for name in each if not name.startswith(SHOWN)} for each in (a, b))
        return a.keys() == b.keys() and all(alike(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a.shape == b.shape and bool(torch.allclose(a.double(), b.double(), rtol=1e-3, atol=1e-6, equal_nan=True))
    if isinstance(a, float | int) and isinstance(b, float | int) and not isinstance(a, bool):
        return math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-6) or (math.isnan(a) and math.isnan(b))
    return type(a) is type(b) and bool(a == b)


def differing(mine: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[str]:
    """The names of what differs."""
    needed = (name for name in right if not name.startswith(BESIDES))
    yield from (name for name in needed if name not in mine or not alike(mine[name], right[name]))


# ---- what probes use


def settle(network: nn.Module) -> nn.Module:
    """Give a network's parameters values that depend on their shapes alone, whatever it was initialised with."""
    with torch.no_grad():
        for place, parameter in enumerate(network.parameters()):
            drawn = torch.randn(parameter.numel(), generator=torch.Generator().manual_seed(place))
            size = math.prod(parameter.shape[1:]) if parameter.ndim > 1 else 25
            parameter.copy_((drawn / math.sqrt(size)).reshape(parameter.shape))
    return network


def shapes(network: nn.Module) -> list[list[int]]:
    return [list(parameter.shape) for parameter in network.parameters()]


def sampled(network: nn.Module, gradients: bool = False) -> Tensor:
    """Some numbers of each parameter, or of its gradient; -1 where it has none."""
    found = []
    for parameter in network.parameters():
        values = parameter.grad if gradients else parameter.detach()
        found.append(torch.full((7,), -1.0) if values is None else _few(values))
    return torch.cat(found) if found else torch.zeros(0)


def _few(values: Tensor) -> Tensor:
    flat = values.detach().reshape(-1)
    return flat[torch.linspace(0, len(flat) - 1, 7).long()].float()
