"""What surrounds a call: torch's switches for a whole process or thread, which decide bits as much as a seed does.

A program may compute in float64 by default, have turned gradients off, or train in several threads. Inside `standard()`
every such switch is as it is in a fresh process; afterwards it is what the program had set.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Switch:
    """One of torch's settings for the whole process."""

    read: Callable[[], Any]
    write: Callable[[Any], object]
    wanted: Any


def _attribute(owner: Any, name: str, wanted: Any) -> Switch:
    return Switch(lambda: getattr(owner, name), lambda value: setattr(owner, name, value), wanted)


def _precision_of_products() -> list[Switch]:
    """float32 products are float32: not bfloat16 or TF32, which a CPU may use for them too."""
    if not hasattr(torch.backends.mkldnn, "matmul"):  # before torch 2.9
        return [Switch(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest")]
    kinds = [getattr(torch.backends.mkldnn, name) for name in ("matmul", "conv", "rnn")]
    return [_attribute(kind, "fp32_precision", "ieee") for kind in kinds if kind.fp32_precision != "none"]


def _switches() -> list[Switch]:
    switches = [
        Switch(torch.get_default_dtype, torch.set_default_dtype, torch.float32),
        Switch(
            lambda: (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
            ),
            lambda modes: torch.use_deterministic_algorithms(modes[0], warn_only=modes[1]),
            (False, False),
        ),
        _attribute(torch.backends.mkldnn, "enabled", True),
        *_precision_of_products(),
    ]
    if torch.cuda.is_available():
        # The same order of summation each time, and float32 in float32, not in TF32's ten bits.
        switches += [
            _attribute(torch.backends.cudnn, "deterministic", True),
            _attribute(torch.backends.cudnn, "benchmark", False),
            _attribute(torch.backends.cudnn, "allow_tf32", False),
            _attribute(torch.backends.cuda.matmul, "allow_tf32", False),
        ]
    return switches


class _Process:
    """The whole process's switches: the first thread that comes in sets them, the last that leaves puts them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._found: list[tuple[Switch, Any]] = []

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                states = [(switch, switch.read()) for switch in _switches()]
                self._found = [(switch, state) for switch, state in states if state != switch.wanted]
                for switch, _ in self._found:
                    switch.write(switch.wanted)
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                for switch, state in self._found:
                    switch.write(state)


_process = _Process()


@contextmanager
def standard() -> Iterator[None]:
    """torch as a fresh process has it, inside; also a decorator."""
    with _process, ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        stack.enter_context(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        yield


class Turns:
    """A lock that threads get in the order in which they asked for it, and that its holder may take again.

    An ordinary one goes to whoever is quickest: to the thread that has just given it up, so that one training would
    hold up all others to its end.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._waiting: deque[int] = deque()
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._condition:
            if not (self._depth and self._waiting[0] == me):
                self._waiting.append(me)
                try:
                    self._condition.wait_for(lambda: self._waiting[0] == me)
                except BaseException:
                    self._waiting.remove(me)
                    self._condition.notify_all()
                    raise
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        with self._condition:
            self._depth -= 1
            if not self._depth:
                self._waiting.popleft()
                self._condition.notify_all()


alone = Turns()
"""For what torch has once in a process: its global generator, its tracer. One thread at a time."""
