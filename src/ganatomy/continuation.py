"""What it takes to continue a run: its newest whole checkpoint, unchanged settings and data, and a rewound folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ganatomy import checkpoint, recipe
from ganatomy.checkpoint import Checkpoint, DamagedCheckpoint
from ganatomy.config import LENGTHS, Config, Tree, flat, tree
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.resolve import Resolved
from ganatomy.run import RunFolder
from ganatomy.timeline import Timeline
from ganatomy.validation import config_of

log = logging.getLogger("ganatomy")


@dataclass(frozen=True)
class Continuation:
    """How a run will go on."""

    config: Config
    saved: Checkpoint | None
    """None where the run was stopped before its first checkpoint: it begins anew."""
    old_config: Config
    old_facts: Tree
    """What the data decided when the run began: [resolved] of its config.toml."""

    @property
    def update(self) -> int:
        return int(self.saved.state["update"]) if self.saved else 0

    def check_data(self, resolved: Resolved) -> None:
        """Refuse to continue on other data than the run began with.

        Raises:
            GanatomyError: with both digests.
        """
        began = self.old_facts.get("digest")
        if began is not None and began != resolved.digest:
            raise GanatomyError(
                f"the data changed: the run began on images with SHA-256 {began} and shape {self.old_facts['shape']}, "
                f"and data={self.config.data.name} now gives {resolved.digest} and {list(resolved.shape)}. "
                "Bring the old data back, or start a new run"
            )

    def is_finished(self, resolved: Resolved) -> bool:
        """Whether nothing is left to do.

        Raises:
            UsageError: the new length ends before the run's present update.
        """
        total = resolved.timeline.total_updates
        if total is None:
            return self.saved is not None and self.saved.state["seconds"] >= (self.config.train.seconds or 0)
        if self.update > total:
            raise UsageError(
                f"the run stands at update {self.update}, past the asked length of {total} updates; "
                "ask for more, or sample what there is"
            )
        return self.saved is not None and self.update == total

    def rewind(self, run: RunFolder, resolved: Resolved) -> None:
        """Bring the folder to where the checkpoint stands, named by the percentages of the run's new length."""
        timeline, train = resolved.timeline, self.config.train
        if self.saved is None:
            run.keep_history(lambda record: False)
            return
        run.forget_after(self.update)
        run.keep_history(lambda r: r["step"] <= self.update and timeline.is_logged(r["step"], train.log_every))
        old = Timeline(
            timeline.total_images, timeline.batch, timeline.batches_per_update, self.old_facts.get("updates")
        )
        if old.total_updates is not None and timeline.total_updates is not None:
            run.relabel_samples(old.milestones(train.milestones), timeline.milestones(train.milestones), self.update)


def plan(run: RunFolder, overrides: Mapping[str, Any]) -> Continuation:
    """Read a run and check that it can go on with these changes.

    Raises:
        GanatomyError: settings other than the length differ from those the run was trained with (with the diff), or no
            checkpoint is readable.
    """
    written, facts = run.read_config()
    old = config_of_run(run, written)
    changed: Tree = {}
    recipe.merge(changed, tree(old))
    recipe.merge(changed, recipe.nested(overrides))
    new = config_of(changed)
    saved = newest_checkpoint(run) if run.checkpoint_updates() else None
    trained = tree(old) if saved is None else saved.state["config"]
    difference = diff(trained, tree(new))
    if difference:
        raise GanatomyError(
            f"{run.path} was trained with other settings, and only its length "
            f"({', '.join(f'train.{name}' for name in LENGTHS)}) may change:\n"
            + "\n".join(f"  {line}" for line in difference)
            + "\nStart a new run for these: ganatomy train"
        )
    if _length(trained) != _length(tree(new)) and new.optimizer.schedule != "constant":
        raise GanatomyError(
            f"optimizer.schedule = {new.optimizer.schedule!r} makes every learning rate a function of the run's length, so "
            "another length is another run; start a new one: ganatomy train"
        )
    return Continuation(new, saved, old, facts)


def config_of_run(run: RunFolder, written: Tree) -> Config:
    """The settings of a run's config.toml.

    Raises:
        GanatomyError: they are wrong, which a file written by ganatomy is not.
    """
    try:
        return config_of(written)
    except UsageError as error:
        raise GanatomyError(f"{run.config} was changed: {error}") from error


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


def diff(old: Tree, new: Tree) -> list[str]:
    """The settings that differ, a line each; the length aside."""
    passed = {f"train.{name}" for name in LENGTHS}
    before, after = flat(old), flat(new)
    return [
        f"{name}: {before.get(name, 'unset')} -> {after.get(name, 'unset')}"
        for name in sorted(before.keys() | after.keys())
        if name not in passed and before.get(name) != after.get(name)
    ]


def _length(settings: Tree) -> Tree:
    return {name: settings["train"].get(name) for name in LENGTHS}


def warn_of_threads(sessions: list[dict[str, Any]]) -> None:
    """Say so when the number of threads differs: sums are then made in another order, and the last bits differ."""
    before = sessions[-1].get("threads") if sessions else None
    if before not in (None, torch.get_num_threads()):
        log.warning(
            "this process has %d threads, the one before had %d: the last bits of the numbers may differ; "
            "OMP_NUM_THREADS=%d continues exactly",
            torch.get_num_threads(),
            before,
            before,
        )
