"""What a run's folder says of the run: its settings, and its newest whole checkpoint."""

from __future__ import annotations

import logging

from ganatomy.config import Config, Tree
from ganatomy.config.validation import config_of
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs import checkpoint
from ganatomy.runs.checkpoint import Checkpoint, DamagedCheckpoint
from ganatomy.runs.folder import RunFolder

log = logging.getLogger("ganatomy")


def in_its_precision(written: Tree) -> Tree:
    """The settings with the precision that a run had before there was a choice: float32."""
    return {**written, "train": {"precision": "fp32", **written.get("train", {})}}


def config_of_run(run: RunFolder, written: Tree) -> Config:
    """The settings of a run's config.toml.

    Raises:
        GanatomyError: they are wrong, which a file written by this version is not.
    """
    try:
        return config_of(written)
    except UsageError as error:
        raise GanatomyError(
            f"{run.config} was changed by hand, or written by a newer version of ganatomy: {error}"
        ) from error


def newest_checkpoint(run: RunFolder) -> Checkpoint:
    """The newest checkpoint whose files are whole; a damaged newer one is passed over with a warning.

    Raises:
        GanatomyError: there is none, or it has a newer format.
    """
    faults = []
    for update in reversed(run.checkpoint_updates()):
        try:
            return checkpoint.load(run.checkpoint(update))
        except DamagedCheckpoint as error:
            log.warning("%s; the one before it is taken", error)
            faults.append(f"\n  {error}")
    raise GanatomyError(f"{run.path} has no readable checkpoint{''.join(faults)}; start a new run: ganatomy train")
