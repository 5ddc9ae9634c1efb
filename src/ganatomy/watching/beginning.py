"""How a user's own loop comes to be watched: `ganatomy.watch`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from ganatomy import atomic, paths
from ganatomy.config import recipe
from ganatomy.data import passed
from ganatomy.errors import UsageError
from ganatomy.plugin.arguments import Count, checked
from ganatomy.watching.recorder import Asked
from ganatomy.watching.watch import Watch
from ganatomy.words import Language


@checked
def watch(
    G: nn.Module,
    D: nn.Module,
    opt_G: Any = None,
    opt_D: Any = None,
    *,
    out: Path | str | None = None,
    data: Any = None,
    total_steps: Count | None = None,
    value_range: tuple[float, float] | None = None,
    every: Count = 25,
    language: Language = "en",
) -> Watch:
    """Watch a training loop of your own: name its mistakes, and with `out` record it as a run. Nothing of the training changes by a bit.

    Call `watch.step(loss_D=..., loss_G=...)` at the end of each iteration, `watch.diagnose()` for what was found, and
    `watch.close()` at the end, or use it in a `with` statement. An error is printed to stderr as soon as it is certain. It
    sees the calls of the networks, the backward passes, and the steps of every optimizer that has their parameters.

    Args:
        G, D: the networks that the loop calls: G returns images, D scores or probabilities.
        opt_G, opt_D: their optimizers, or a wrapper that has one as its attribute `optimizer`, as Lightning's; left out, they
            are known by their parameters once they step.
        out: a folder for the run: history, TensorBoard, samples from one fixed noise, G's weights, quick scores. With a number
            behind it where it is taken: runs/mine-2. Of several processes the first writes. Unset: nothing is written.
        data: what the loop trains on, for the scores: a source's name such as "mnist", an array, a tensor, or a pair (images,
            labels).
        total_steps: calls of `step` that the loop will make; samples are then drawn at 0, 25, 50, 75 and 100 % of it. Unset:
            at steps that are spread over the loop, however long it turns out.
        value_range: the values of black and white in the images that D is given; unset, they are seen.
        every: iterations between two looks at what the networks are given and return, and between two log lines. The first 16
            are always looked at.
        language: "en" or "zh", of what it prints.

    Raises:
        UsageError: G or D is no module, opt_G or opt_D no optimizer, `data` no data, or it is given without `out`.
        GanatomyError: the data is missing or damaged, or the folder cannot be written.
    """
    optimizers = _optimizer("opt_G", opt_G), _optimizer("opt_D", opt_D)
    for name, value in {"data": data, "total_steps": total_steps, "value_range": value_range}.items():
        if out is None and value is not None:
            raise UsageError(f"watch: {name} is for recording; give the run's folder as well: out='runs/mine'")
    record = None
    if out is not None and _is_leader():
        source = None if data is None else recipe.source([data]) if isinstance(data, str) else passed(data)
        place = paths.of_user(out)
        atomic.try_place(place / "config.toml")
        dataset = None if source is None else source.load()
        record = Asked(place, source, dataset, total_steps, value_range, every, language)
    return Watch(G, D, *optimizers, every=every, language=language, record=record)


def _is_leader() -> bool:
    """Whether this process writes: of several that train together, the first."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank() == 0
    return os.environ.get("RANK", "0") == "0"  # torchrun's


def _optimizer(name: str, given: Any) -> Optimizer | None:
    inner = given
    while inner is not None and not isinstance(inner, Optimizer):
        if not hasattr(inner, "optimizer"):
            raise UsageError(f"watch: {name} is {type(given).__name__}; give a torch optimizer, or leave it out")
        inner = inner.optimizer
    return inner
