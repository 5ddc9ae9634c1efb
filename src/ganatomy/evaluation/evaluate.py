"""From a run, or from anybody's images, to scores: value, interval and floor of each metric."""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ganatomy import atomic
from ganatomy.data import Dataset, Source
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation.measures import Measure, check_names, chosen
from ganatomy.evaluation.reference import LEAST, Reference, conceivable
from ganatomy.features import extractor as extractor_for
from ganatomy.images import Layout, read
from ganatomy.metrics import frechet, modes
from ganatomy.runs.run import Run
from ganatomy.surroundings import standard

log = logging.getLogger("ganatomy")

REPLICATES = 200
"""Of the bootstrap: the ends of a 95 % interval then move by some tenth of its width from one drawing to another."""

POINTS = 2500
"""Samples of a 2-D mixture, as in the protocols of VEEGAN and PacGAN."""


@dataclass(frozen=True)
class Scored:
    """One metric's value, with what it takes to read it."""

    value: float
    low: float
    high: float
    """The 95 % bootstrap interval over the generated images: where another draw from the generator would lie."""
    floor: float
    """What as many held-out real images score: the best that can be hoped for, not 0 or 1."""


@dataclass(frozen=True)
class Evaluation:
    """All scores of one set of images. `tree` is what metrics.json holds."""

    subject: dict[str, Any]
    """The run, its update and noise seed; or the file or folder of images."""
    n: int
    """Generated images, and as many real ones."""
    data: str
    extractor: dict[str, str]
    reference: str
    """SHA-256 over the real images, the extractor and n: scores with equal ones can stand in one table."""
    metrics: dict[str, Scored]
    missing_classes: list[str] | None
    """By name; None where no classes are known."""
    notes: list[str]
    """Conversions of the images, and what to be careful about."""
    seconds: float

    @property
    def tree(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_tree(cls, tree: dict[str, Any]) -> Evaluation:
        """The inverse of `tree`.

        Raises:
            KeyError, TypeError: it is no such tree.
        """
        facts = {**tree, "metrics": {name: Scored(**values) for name, values in tree["metrics"].items()}}
        _ = (
            tree["extractor"]["name"],
            tree["extractor"]["digest"],
            tree["subject"].get("run") or tree["subject"]["samples"],
        )
        for name, scored in facts["metrics"].items():
            if not all(isinstance(value, (int, float)) for value in dataclasses.astuple(scored)):
                raise TypeError(f"metric {name} holds what is no number")
        return cls(**facts)


@standard()
def evaluate_run(
    run: Run,
    n: int | None = None,
    features: str | None = None,
    metrics: Sequence[str] | None = None,
    seed: int | None = None,
    source: Source | None = None,
) -> Evaluation:
    """Score a run's generator (its moving average where it has one), and write metrics.json into the run's folder.

    Of its best weights the file is metrics-best.json. Where the folder cannot be written, the scores are returned all the
    same, with a warning.

    Args:
        run: from `load`; with its best checkpoint's weights if it was loaded so.
        n: images to generate, and real ones to hold them against. Unset: 10,000 (2,500 for points), or as many as the
            data allows. More than that is cut down to it, with a note.
        features: an extractor's name; unset, the one that fits the data.
        metrics: some of `MEASURES`; unset, all that fit.
        seed: of the noise; unset, the run's own.
        source: the run's data where it lies now; unset, where it lay when the run was made.

    Raises:
        UsageError: an unknown metric or extractor, or too few images.
        GanatomyError: the data is missing or not what the run was trained on; a damaged checkpoint or weights' file.
    """
    started = time.perf_counter()
    check_names(metrics)
    source = run.config.data if source is None else source
    dataset = source.load()
    _, resolved = run.folder.read_config()
    if resolved["digest"] != dataset.digest:
        raise GanatomyError(
            f"{run.path} was trained on data with the digest {resolved['digest'][:12]}, and {source.name} has "
            f"{dataset.digest[:12]} now; give the same data back, or score its samples with --samples"
        )
    check_asked(n, metrics, source, dataset)
    extractor = extractor_for(source, dataset, features)
    asked = n if n is not None or dataset.bounded else POINTS
    reference = Reference(source, dataset, extractor, asked)
    images = run.sample(reference.n, seed)
    subject = {"run": str(run.path), "update": run.update, "weights": run.weights}
    subject["seed"] = run.config.seed if seed is None else seed
    evaluation = _evaluate(subject, images, reference, metrics, _cut_note(n, reference), started)
    file = run.folder.metrics_of(run.weights)
    try:
        atomic.write(file, json.dumps(evaluation.tree, indent=1) + "\n")
    except OSError as error:
        log.warning("%s cannot be written (%s); the scores are not kept", file, error.strerror or error)
    return evaluation


@standard()
def evaluate_images(
    images: Any,
    source: Source,
    n: int | None = None,
    features: str | None = None,
    metrics: Sequence[str] | None = None,
    layout: Layout | None = None,
) -> Evaluation:
    """Score the images of any program: whatever `images.read` takes.

    Raises:
        UsageError: images that do not fit the data, an unknown metric or extractor, or too few images.
        GanatomyError: a file or the data is missing or damaged.
    """
    started = time.perf_counter()
    check_names(metrics)
    dataset = source.load()
    found = read(images, dataset.shape, points=not dataset.bounded, layout=layout)
    asked = len(found.images) if n is None else n
    if asked > len(found.images):
        raise UsageError(f"{found.source} has {len(found.images)} images, fewer than the {asked} asked for; lower -n")
    check_asked(asked, metrics, source, dataset)
    extractor = extractor_for(source, dataset, features)
    reference = Reference(source, dataset, extractor, asked)
    notes = [*found.conversions, *_cut_note(asked, reference)]
    if reference.n < len(found.images):
        # Every so-many-th: files made class by class would otherwise lose whole classes.
        spread = np.linspace(0, len(found.images) - 1, reference.n).round().astype(int)
        scored = found.images[spread]
        notes.append(f"{reference.n} of its {len(found.images)} images are scored, evenly spread over the set")
    else:
        scored = found.images
    return _evaluate({"samples": found.source}, scored, reference, metrics, notes, started)


def check_asked(n: int | None, metrics: Sequence[str] | None, source: Source, dataset: Dataset) -> None:
    """Check what is asked for, before an extractor is trained or images are drawn.

    Raises:
        UsageError: too few images, or a metric that the data cannot have.
    """
    if n is not None and n < LEAST:
        raise UsageError(
            f"n is {n}: too few images to say anything; give at least {LEAST}, and 1,000 for figures that mean something"
        )
    chosen(metrics, conceivable(source, dataset))


def _evaluate(
    subject: dict[str, Any],
    images: np.ndarray,
    reference: Reference,
    metrics: Sequence[str] | None,
    notes: list[str],
    started: float,
) -> Evaluation:
    if reference.n < LEAST:
        raise UsageError(
            f"data={reference.source.name} has {len(reference.dataset)} images, {reference.n} for each side; "
            f"at least {LEAST} for each are needed"
        )
    measures, said = _affordable(chosen(metrics, reference.available), metrics is not None, reference)
    notes = [*notes, *said, *_seen_note(reference)]
    scores = reference.score(images, [measure.name for measure in measures], REPLICATES)
    floors = reference.floors(measures)
    return Evaluation(
        subject=subject,
        n=reference.n,
        data=reference.source.name,
        extractor=reference.extractor.card,
        reference=reference.digest,
        metrics={name: Scored(value, *scores.interval(name), floors[name]) for name, value in scores.values.items()},
        missing_classes=_missing(reference, scores.predicted),
        notes=notes,
        seconds=round(time.perf_counter() - started, 2),
    )


def _missing(reference: Reference, predicted: np.ndarray | None) -> list[str] | None:
    shares = reference.reals.class_shares
    if shares is None or predicted is None:
        return None
    found = modes.classes_found(modes.class_counts(predicted, len(shares)), shares)
    return [name for index, name in enumerate(reference.extractor.classes) if index not in found]


def _seen_note(reference: Reference) -> list[str]:
    if reference.source.held_out() is not None or not reference.extractor.classes:
        return []
    return [
        f"{reference.source.name} has no images of its own set apart: the extractor has learnt from four fifths of the "
        "floor's images, so the floors are a little better than new images could score"
    ]


def _cut_note(asked: int | None, reference: Reference) -> list[str]:
    if asked is None or asked <= reference.n:
        return []
    return [
        f"n is {reference.n}, not {asked}: {reference.source.name} has no more real images for the reference and for "
        "the floor, which share none"
    ]


def _affordable(measures: list[Measure], named: bool, reference: Reference) -> tuple[list[Measure], list[str]]:
    """The measures that n images are enough for, and what is to be said of n.

    Raises:
        UsageError: n is so small that a metric asked for by name does not exist.
    """
    n, dimensions = reference.n, reference.reals.features.shape[1]
    if not any(measure.name == "fid" for measure in measures):
        return measures, []
    sentence = frechet.small_sample_warning(n, dimensions)
    if n <= dimensions and named:
        raise UsageError(f"{sentence} Or leave fid out of --metrics")
    if n <= dimensions:
        return [measure for measure in measures if measure.name != "fid"], [f"fid is left out. {sentence}"]
    return measures, [sentence] if sentence else []
