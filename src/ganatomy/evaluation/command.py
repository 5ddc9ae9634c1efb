"""What `ganatomy evaluate` does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ganatomy import atomic, recipe
from ganatomy.errors import UsageError
from ganatomy.evaluation.evaluate import Evaluation, evaluate_images, evaluate_run
from ganatomy.loaded import Run


def evaluate(
    runs: Sequence[Path],
    samples: Path | None,
    data: Sequence[str],
    out: Path | None,
    best: bool,
    n: int | None,
    features: str | None,
    metrics: Sequence[str] | None,
    seed: int | None,
) -> list[Evaluation]:
    """Score runs, or images from elsewhere.

    Raises:
        UsageError: neither runs nor samples, both, or options that do not belong together.
        GanatomyError: as `evaluate_run` and `evaluate_images` do.
    """
    if bool(runs) == (samples is not None):
        raise UsageError("give a run's folder (ganatomy evaluate runs/dcgan-mnist-s0), or --samples X.npz --data mnist")
    if samples is None:
        if data or out:
            raise UsageError("--data and --out go with --samples; a run knows its data, and keeps its own metrics.json")
        return [evaluate_run(Run(run, "best" if best else "last"), n, features, metrics, seed) for run in runs]
    if not data:
        raise UsageError("--samples needs --data: what the images are held against, such as --data mnist")
    if best or seed is not None:
        raise UsageError("--best and --seed are for runs; --samples are scored as they are")
    evaluation = evaluate_images(samples, recipe.source(data), n, features, metrics)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(out, json.dumps(evaluation.tree, indent=1) + "\n")
    return [evaluation]


def next_step(evaluations: Sequence[Evaluation]) -> str:
    """The next useful command."""
    runs = [evaluation.subject["run"] for evaluation in evaluations if "run" in evaluation.subject]
    if not runs:
        return "next: ganatomy evaluate RUN, for the same table of a run of your own"
    return f"scores: {', '.join(f'{run}/metrics.json' for run in runs)}\nnext: ganatomy scores {' '.join(runs)}"
