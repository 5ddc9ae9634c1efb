"""What the data decides about a run: the networks' shape, the range of pixels, the number of updates."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganatomy.config import Config, Tree, precision
from ganatomy.config.devices import pick_device
from ganatomy.config.timeline import Timeline
from ganatomy.data import Dataset
from ganatomy.errors import UsageError
from ganatomy.models import ActivatedModel
from ganatomy.plugin import is_outside
from ganatomy.plugin.settings import field_types


@dataclass(frozen=True)
class Resolved:
    """A run's facts that are no settings."""

    shape: tuple[int, int, int]
    """Height, width, channels of an image."""
    digest: str
    """SHA-256 of the training images."""
    timeline: Timeline
    classes: tuple[str, ...] = ()
    """The names of the data's classes, where the networks or the objective may use them."""
    class_counts: tuple[int, ...] = ()
    """Training images of each class."""
    labels_digest: str = ""
    """SHA-256 of the labels, where there are `classes`."""

    def tree(self) -> Tree:
        """As `[resolved]` in the run's config.toml has it."""
        facts: Tree = {
            "shape": list(self.shape),
            "images": self.timeline.total_images,
            "batches_per_epoch": self.timeline.batches_per_epoch,
            "digest": self.digest,
        }
        if self.timeline.total_updates is not None:
            facts["updates"] = self.timeline.total_updates
        if self.classes:
            facts |= {
                "classes": list(self.classes),
                "class_counts": list(self.class_counts),
                "labels_digest": self.labels_digest,
            }
        return facts


def resolve(config: Config, dataset: Dataset, processes: int = 1) -> tuple[Config, Resolved]:
    """The settings with what the data decides filled in, and the facts that follow.

    Points in the plane have no range, so their generator ends without an activation, whatever the recipe says.
    `processes` will share each batch out among themselves.

    Raises:
        UsageError: settings that do not fit the data; all of these in one message.
    """
    if not dataset.bounded:
        model, data = config.model, dataclasses.replace(config.data, range="generator")
        if isinstance(model, ActivatedModel):
            model = dataclasses.replace(model, output="none")
        config = dataclasses.replace(config, model=model, data=data)
    # A run may be resumed from another folder than it was started in.
    places = {name: getattr(config.data, name) for name in field_types(type(config.data)) if name in ("dir", "path")}
    found = {name: place.absolute() for name, place in places.items() if isinstance(place, Path)}
    config = dataclasses.replace(config, data=dataclasses.replace(config.data, **found))  # type: ignore[arg-type]
    if config.from_run is not None:
        config = dataclasses.replace(config, from_run=config.from_run.absolute())
    chosen = precision.choose(config.train.precision, pick_device(config.train.device), dataset.bounded)
    config = dataclasses.replace(config, train=dataclasses.replace(config.train, precision=chosen))
    errors = _errors(config, dataset, processes)
    if errors:
        raise UsageError(
            f"these settings do not fit data={config.data.name}:\n" + "\n".join(f"  {each}" for each in errors)
        )

    objective, train = config.objective, config.train
    timeline = Timeline(
        total_images=len(dataset),
        batch=min(train.batch, len(dataset)),
        batches_per_update=1 if objective.shares_real_batch else objective.critic_steps,
        total_updates=None,
    )
    updates = train.updates if train.epochs is None else timeline.updates_for(train.epochs)
    timeline = dataclasses.replace(timeline, total_updates=updates)
    resolved = Resolved(dataset.shape, dataset.digest, timeline)
    if dataset.labels is not None and _may_use_labels(config):
        counts = np.bincount(dataset.labels, minlength=len(dataset.classes)).tolist()
        digest = hashlib.sha256(dataset.labels.tobytes()).hexdigest()
        resolved = dataclasses.replace(
            resolved, classes=dataset.classes, class_counts=tuple(counts), labels_digest=digest
        )
    return config, resolved


def _may_use_labels(config: Config) -> bool:
    """Whether the networks or the loss are, or may be, a function of labels."""
    declared = config.model.conditional or config.objective.needs_labels or config.objective.scores == "classes"
    return declared or is_outside(type(config.model)) or is_outside(type(config.objective))


def _errors(config: Config, dataset: Dataset, processes: int) -> list[str]:
    errors = []
    unsupported = config.model.unsupported(dataset.shape)
    if unsupported:
        errors.append(unsupported)
    if dataset.bounded and config.model.value_range is None:
        unbounded = "model.output = 'none'" if isinstance(config.model, ActivatedModel) else "value_range = None"
        errors.append(f"{unbounded}: images have a range; use tanh or sigmoid ('none' is for points: data=mixtures)")
    if not dataset.bounded and config.model.value_range is not None:
        errors.append(
            f"model={config.model.name} has value_range {config.model.value_range}, and points in the plane have no range; "
            "use model=mlp, or declare value_range = None"
        )
    if dataset.labels is None:
        wanting = [
            f"{section}={getattr(config, section).name}"
            for section, needs in (
                ("model", config.model.conditional),
                ("objective", config.objective.needs_labels or config.objective.scores == "classes"),
            )
            if needs
        ]
        errors += [
            f"{each} needs labels, and data={config.data.name} has none; use data with classes" for each in wanting
        ]
    needed = config.objective.real_range
    if needed is not None and config.real_range != needed:
        found = "unbounded" if config.real_range is None else f"in {list(config.real_range)}"
        errors.append(
            f"objective={config.objective.name} takes real images as targets in {list(needed)}, and these are {found}; "
            "use data.range=unit with images, or another objective"
        )
    if config.model.has_batchnorm:
        errors += _lonely_image(len(dataset), config) or _small_shard(len(dataset), config, processes)
    return errors


def _lonely_image(count: int, config: Config) -> list[str]:
    """The error of a batch that would hold one image only, with a batch size that does not."""
    if count == 1:
        return [
            f"data={config.data.name} has one image, and BatchNorm in model={config.model.name} needs two in a batch"
        ]
    batch = config.train.batch
    if count % batch != 1:
        return []
    better = next(size for size in itertools.count(batch + 1) if count % size != 1)
    return [
        f"train.batch = {batch}: the last batch of an epoch would hold one of the {count} images, and BatchNorm in "
        f"model={config.model.name} needs two; use another batch size, say {better}"
    ]


def _small_shard(count: int, config: Config, processes: int) -> list[str]:
    """The error of a batch of which a process would have fewer than two images to normalise over."""

    def smallest(batch: int) -> int:
        return min(batch, count % batch or batch, count) // processes

    batch = config.train.batch
    if processes == 1 or config.train.batchnorm == "sync" or smallest(batch) >= 2:
        return []
    better = next((size for size in range(batch + 1, count + 1) if smallest(size) >= 2), None)
    advice = f"use another batch size, say {better}, or " if better else "use "
    return [
        f"train.batch = {batch}: of the smallest batch of an epoch each of the {processes} processes would have "
        f"{smallest(batch)} of the {count} images at the least, and BatchNorm in model={config.model.name} needs two with "
        f"train.batchnorm=local; {advice}train.batchnorm=sync"
    ]
