"""What it takes to continue a run: its newest whole checkpoint, unchanged settings and data, and a rewound folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganatomy.config import LENGTHS, Config, Tree, flat, recipe, tree
from ganatomy.config.resolve import Resolved
from ganatomy.config.validation import config_of
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.plugin import REGISTRIES, is_outside
from ganatomy.runs.checkpoint import Checkpoint
from ganatomy.runs.folder import RunFolder, is_scored
from ganatomy.runs.reading import config_of_run, in_its_precision, newest_checkpoint
from ganatomy.runs.recorded import TABLE, is_recorded

log = logging.getLogger("ganatomy")


@dataclass(frozen=True)
class ResumePlan:
    """How a run is resumed."""

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
        """Check that the data is what the run began with.

        Raises:
            GanatomyError: with both digests.
        """
        began = self.old_facts.get("digest")
        if began is not None and began != resolved.digest:
            raise GanatomyError(
                f"the data changed: the run began on images with SHA-256 {began} and shape {self.old_facts['shape']}, "
                f"and data={self.config.data.name} now has {resolved.digest} and {list(resolved.shape)}. "
                "Bring the old data back, or start a new run"
            )
        if resolved.classes and self.old_facts.get("labels_digest") != resolved.labels_digest:
            raise GanatomyError(
                f"the labels changed: the run began on labels with SHA-256 {self.old_facts.get('labels_digest')}, and "
                f"data={self.config.data.name} now has {resolved.labels_digest}. Bring the old data back, or start a new run"
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

    @property
    def length_changed(self) -> bool:
        """Whether the checkpoint is of a run of another length."""
        return self.saved is not None and _length(self.saved.state["config"]) != _length(tree(self.config))

    def rewind(self, run: RunFolder, resolved: Resolved) -> None:
        """Bring history, checkpoints and milestones to where the checkpoint stands; callbacks do so with what is theirs."""
        timeline, train = resolved.timeline, self.config.train
        run.forget_after(self.update if self.saved else -1)
        run.keep_history(
            lambda r: r["step"] <= self.update and (is_scored(r) or timeline.is_logged(r["step"], train.log_every))
        )


def plan(run: RunFolder, overrides: Mapping[str, Any]) -> ResumePlan:
    """Read a run and check that it can be resumed with these changes.

    `overrides` may name a leaf from outside where its code is now, if it is the version that the run was trained with.

    Raises:
        GanatomyError: settings other than the length differ from those the run was trained with (with the diff), or no
            checkpoint is readable.
    """
    written, facts = run.read_config()
    if is_recorded(written):
        raise GanatomyError(
            f"{run.path} was recorded from a loop outside ganatomy ({written[TABLE].get('script')}), and only that loop can "
            "continue it; run it again, and it is recorded in a new folder"
        )
    saved = newest_checkpoint(run) if run.checkpoint_updates() else None
    if saved is None and (run.history() or set(run.milestone_updates()) - {0}):
        raise GanatomyError(
            f"{run.path} was trained, but {run.checkpoints} holds no checkpoint to continue from; "
            "bring that folder back, or start a new run: ganatomy train"
        )
    changes = recipe.nested(overrides)
    given = {section: changes[section]["name"] for section in REGISTRIES if "name" in changes.get(section, {})}
    old = config_of_run(run, _with_threads(run, in_its_precision(written)), given)
    changed: Tree = {}
    recipe.merge(changed, tree(old))
    recipe.merge(changed, changes)
    new = config_of(changed)
    trained = tree(old) if saved is None else _trained(saved, written, old)
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
    if _length(trained) != _length(tree(new)) and saved is not None and saved.state.get("reads_progress"):
        raise GanatomyError(
            f"objective={new.objective.name} reads batch.progress, so its loss is a function of the run's length, and another "
            "length is another run; start a new one: ganatomy train"
        )
    return ResumePlan(new, saved, old, facts)


def _with_threads(run: RunFolder, written: Tree) -> Tree:
    """The settings with the threads that a run had before they were a setting."""
    sessions = run.environments()
    return {**written, "train": {"threads": sessions[-1]["threads"], **written["train"]}} if sessions else written


def _trained(saved: Checkpoint, written: Tree, old: Config) -> Tree:
    """The settings that a checkpoint was trained with; those that an older version did not have have their defaults."""
    settings = in_its_precision(saved.state["config"])
    for section in REGISTRIES:
        # Code from outside may be found elsewhere now. That it is the same version was checked.
        if is_outside(type(getattr(old, section))) and settings[section]["name"] == written[section]["name"]:
            settings[section] = {**settings[section], "name": tree(old)[section]["name"]}
    return tree(config_of(settings))


def diff(old: Tree, new: Tree) -> list[str]:
    """The settings that differ, a line each; the length aside, where the data is (its digest says the same), the time-out, the threads."""
    passed = {"data.dir", "data.path", "train.timeout", "train.threads", *(f"train.{name}" for name in LENGTHS)}
    before, after = flat(old), flat(new)
    return [
        f"{name}: {before.get(name, 'unset')} -> {after.get(name, 'unset')}"
        for name in sorted(before.keys() | after.keys())
        if name not in passed and before.get(name) != after.get(name)
    ]


def _length(settings: Tree) -> Tree:
    return {name: settings["train"].get(name) for name in LENGTHS}


def warn_of_another_machine(sessions: list[dict[str, Any]], now: dict[str, Any]) -> None:
    """Say so where the run goes on under other conditions: sums are then made in another order, and last bits differ."""
    if not sessions:
        return
    before = sessions[-1]
    facts = [(name, before.get(name), now[name]) for name in ("device", "device_name", "threads")]
    facts.append(("processes", before.get("processes", 1), now["processes"]))
    facts.append(("torch", before.get("packages", {}).get("torch"), now["packages"]["torch"]))
    changed = [f"{name} was {old}, is {new}" for name, old, new in facts if old != new]
    if changed:
        log.warning("the last bits of the numbers may differ from an uninterrupted run's: %s", "; ".join(changed))
