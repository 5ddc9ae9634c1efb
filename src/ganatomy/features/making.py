"""Making an extractor's file for a data source, as `ganatomy features train` does."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ganatomy.config import recipe
from ganatomy.data.reserved import split
from ganatomy.errors import UsageError, nearest
from ganatomy.features import learnt, store, training

LEAST = 40
"""Images, a fifth of them held out."""


def make(source_words: list[str], kind: str, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Train an extractor for a data source and write it, with its card, to `folder`/SOURCE-KIND.safetensors; the card.

    Args:
        source_words: as on the command line: "mnist", or "folder" and "data.path=pictures".
        kind: `graded` or `plain`.
        folder: where the file goes.
        say: called with a line for each epoch.

    Raises:
        UsageError: a wrong name or setting, or data without classes.
        GanatomyError: the data is missing, or the folder cannot be written.
    """
    if kind not in learnt.KINDS:
        raise UsageError(f"unknown kind {kind!r}: {nearest(kind, learnt.KINDS)}")
    source = recipe.source(source_words)
    dataset = source.load()
    if dataset.labels is None or not dataset.bounded:
        raise UsageError(f"data={source.name} has no images with classes to learn from; its features need no training")
    if len(dataset) < LEAST:
        raise UsageError(f"data={source.name} has {len(dataset)} images; an extractor needs {LEAST} to learn from")
    learns, held_out = split(source, dataset)
    plan = training.plan_for(source.name, kind, len(learns))
    trained = training.train(source.name, kind, learns, held_out, plan, say)
    path = folder / f"{source.name}-{kind}.safetensors"
    command = " ".join(["ganatomy features train", *source_words, "--kind", kind])
    made_with = {"command": command, "torch": torch.__version__, "python": platform.python_version()}
    card = {**trained.card, "made_with": {**made_with, "threads": torch.get_num_threads()}}
    store.save(path, trained.content, card)
    return {**card, "file": str(path), "bytes": len(trained.content)}
