"""Which extractor belongs to which data, and where it comes from: the package, the user's cache, or a short training."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from ganatomy import atomic
from ganatomy.data import Dataset, Source
from ganatomy.data.cache import cache_root, not_kept
from ganatomy.data.reserved import digest_with_labels, split
from ganatomy.errors import GanatomyError, UsageError, nearest
from ganatomy.features import learnt
from ganatomy.features.base import Extractor
from ganatomy.features.identity import Identity
from ganatomy.features.principal import Principal

log = logging.getLogger("ganatomy")

SHIPPED = Path(__file__).parent / "weights"

NAMES = ("graded", "plain", "principal", "inception", "identity")
"""What `--features` takes. Unset: what fits the data."""

VERSION = 1
"""Of how extractors are trained; with another, cached ones are made anew."""

LEAST_IN_A_CLASS = 20
"""Fewer images of a class than this make no classifier whose features mean anything."""


def default_name(dataset: Dataset) -> str:
    """`identity` for points, `graded` where there are classes to learn from, else `principal`."""
    if not dataset.bounded:
        return "identity"
    if dataset.labels is None:
        return "principal"
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    return "graded" if len(counts) > 1 and counts.min() >= LEAST_IN_A_CLASS else "principal"


def extractor(source: Source, dataset: Dataset, name: str | None = None) -> Extractor:
    """The extractor of that name for a data set; unset, the one that fits it.

    Raises:
        UsageError: no such name, or one that this data cannot have.
        GanatomyError: weights that are missing or damaged.
    """
    chosen = name or default_name(dataset)
    if chosen not in NAMES:
        raise UsageError(f"unknown features {chosen!r}: {nearest(chosen, NAMES)}")
    if (chosen == "identity") == dataset.bounded:
        fits = "points in the plane" if chosen == "identity" else "images"
        raise UsageError(f"features={chosen} is for {fits}; leave it out, for what fits data={source.name}")
    return _MAKERS[chosen](source, dataset)


def ready_extractor(source: Source, dataset: Dataset) -> Extractor:
    """The extractor that fits a data set, but none that is not shipped: then the label-free one.

    Whatever the cache holds by now: all scores of one run have to come from one extractor.
    """
    name = default_name(dataset)
    if name == "graded" and shipped_card(source.name, name) is None:
        name = "principal"
    return extractor(source, dataset, name)


def _identity(source: Source, dataset: Dataset) -> Extractor:
    return Identity()


def _principal(source: Source, dataset: Dataset) -> Extractor:
    return Principal(dataset.images, dataset.digest)


def _inception(source: Source, dataset: Dataset) -> Extractor:
    from ganatomy.features.inception import Inception

    return Inception()


def _graded(source: Source, dataset: Dataset) -> Extractor:
    return _learnt(source, dataset, "graded")


def _plain(source: Source, dataset: Dataset) -> Extractor:
    return _learnt(source, dataset, "plain")


_MAKERS: dict[str, Callable[[Source, Dataset], Extractor]] = {
    "identity": _identity,
    "principal": _principal,
    "inception": _inception,
    "graded": _graded,
    "plain": _plain,
}


def _learnt(source: Source, dataset: Dataset, kind: str) -> Extractor:
    card = shipped_card(source.name, kind)
    if card is not None:
        return learnt.load(shipped_file(source.name, kind), card["sha256"])
    if dataset.labels is None:
        raise UsageError(f"features={kind} needs classes, and data={source.name} has none; use features=principal")
    path = _cache_file(dataset, kind)
    found = _cached(path)
    if found is not None:
        return found
    with _one_process(path.with_suffix(".lock")):
        if path.is_file():  # by another process, while this one waited
            return _cached(path) or _trained(source, dataset, kind, path)
        return _trained(source, dataset, kind, path)


@contextmanager
def _one_process(file: Path) -> Iterator[None]:
    """Have the other processes wait. Where nothing can be locked, each does the work itself."""
    lock = FileLock(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _cached(path: Path) -> Extractor | None:
    """The extractor in the cache, if it is whole."""
    try:
        return learnt.load(path, json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["sha256"])
    except FileNotFoundError:
        return None
    except (GanatomyError, OSError, ValueError, KeyError) as error:
        if path.is_file():
            log.warning("%s; training it again", error)
        return None


def _trained(source: Source, dataset: Dataset, kind: str, path: Path) -> Extractor:
    """Train an extractor and keep it; where the cache cannot be written, it serves this time."""
    log.info("training the %s features for data=%s, once; they are kept in %s", kind, source.name, path)
    from ganatomy.features import training

    learns, held_out = split(source, dataset)
    trained = training.train(
        source.name, kind, learns, held_out, training.plan_for(source.name, kind, len(learns)), log.info
    )
    try:
        save(path, trained.content, trained.card)
    except OSError as error:
        not_kept(error)
    return learnt.of_bytes(trained.content, path)


def _cache_file(dataset: Dataset, kind: str) -> Path:
    """The name has a hash over images, labels and classes: renamed classes are another extractor."""
    return cache_root() / "features" / f"{kind}-{VERSION}-{digest_with_labels(dataset)}.safetensors"


def shipped_file(source: str, kind: str) -> Path:
    return SHIPPED / f"{source}-{kind}.safetensors"


def shipped_card(source: str, kind: str) -> dict[str, Any] | None:
    """The card of an extractor that comes with the package: accuracy, training data, plan, log, SHA-256 of its file."""
    path = shipped_file(source, kind).with_suffix(".json")
    if not path.is_file():
        return None
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


def save(path: Path, content: bytes, card: dict[str, Any]) -> None:
    """Put an extractor's file in place, with its card.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(path, content)
    atomic.write(path.with_suffix(".json"), json.dumps(card, indent=1) + "\n")
