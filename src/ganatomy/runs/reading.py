"""What a run's folder says of the run: its settings, and its newest whole checkpoint."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ganatomy.config import Config, Tree
from ganatomy.config.validation import config_of
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs import checkpoint, recorded
from ganatomy.runs.checkpoint import Checkpoint, DamagedCheckpoint
from ganatomy.runs.code import with_usable_code
from ganatomy.runs.folder import RunFolder

log = logging.getLogger("ganatomy")


def in_its_precision(written: Tree) -> Tree:
    """The settings with the precision that a run had before there was a choice: float32."""
    return {**written, "train": {"precision": "fp32", **written.get("train", {})}}


def config_of_run(run: RunFolder, written: Tree, given: Mapping[str, str] | None = None) -> Config:
    """The settings of a run's config.toml.

    Args:
        given: {section: reference} of leaves from outside, where their code is now.

    Raises:
        GanatomyError: they are wrong, which a file written by this version is not; or code from outside is missing, has
            changed, or came inside a run folder that is not trusted (`code.trust`).
    """
    if recorded.is_recorded(written):
        return recorded.config_of({**written, **with_usable_code(run, recorded.data_of(written), given)})
    usable = with_usable_code(run, written, given)
    try:
        return config_of(usable)
    except UsageError as error:
        raise GanatomyError(
            f"{run.config} was changed by hand, or written by a newer version of ganatomy: {error}"
        ) from error


def newest_checkpoint(run: RunFolder) -> Checkpoint:
    """The newest checkpoint whose files are whole; a damaged newer one is passed over with a warning.

    Raises:
        GanatomyError: there is none, or it has a newer format.
    """
    reasons = []
    for update in reversed(run.checkpoint_updates()):
        try:
            return checkpoint.load(run.checkpoint(update))
        except DamagedCheckpoint as error:
            log.warning("%s; the one before it is taken", error)
            reasons.append(f"\n  {error}")
    raise GanatomyError(f"{run.path} has no readable checkpoint{''.join(reasons)}; start a new run: ganatomy train")
