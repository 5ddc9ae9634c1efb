"""Making an extractor's file for a data source, as `ganatomy features train` does."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ganatomy import atomic
from ganatomy.data import Source
from ganatomy.data.reserved import split
from ganatomy.errors import UsageError, nearest
from ganatomy.features import learnt, store, training

LEAST = 40
"""Images, a fifth of them held out."""


def make(source: Source, kind: str, folder: Path, command: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Train an extractor for a data source and write it, with its card, to `folder`/SOURCE-KIND.safetensors; the card.

    Args:
        kind: `graded` or `plain`.
        folder: where the file goes.
        command: what makes the file again, for the card.
        say: called with a line for each epoch.

    Raises:
        UsageError: an unknown kind, or data without classes.
        GanatomyError: the data is missing, or the folder cannot be written.
    """
    if kind not in learnt.KINDS:
        raise UsageError(f"unknown kind {kind!r}: {nearest(kind, learnt.KINDS)}")
    dataset = source.load()
    if dataset.labels is None or not dataset.bounded:
        raise UsageError(f"data={source.name} has no images with classes to learn from; its features need no training")
    if len(dataset) < LEAST:
        raise UsageError(f"data={source.name} has {len(dataset)} images; an extractor needs {LEAST} to learn from")
    path = folder / f"{source.name}-{kind}.safetensors"
    atomic.try_place(path)
    learns, held_out = split(source, dataset)
    plan = training.plan_for(source.name, kind, len(learns))
    trained = training.train(source.name, kind, learns, held_out, plan, say)
    made_with = {"command": command, "torch": torch.__version__, "python": platform.python_version()}
    card = {**trained.card, "made_with": {**made_with, "threads": torch.get_num_threads()}}
    store.save(path, trained.content, card)
    return {**card, "file": str(path), "bytes": len(trained.content)}
