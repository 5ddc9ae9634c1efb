"""What `ganatomy evaluate` does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from ganatomy import atomic, paths
from ganatomy.config import recipe
from ganatomy.data import Source
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation.evaluate import Evaluation, evaluate_images, evaluate_run
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.run import Run


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
    say: Callable[[Evaluation], None] = lambda evaluation: None,
) -> list[Evaluation]:
    """Score runs, or images from elsewhere; `say` is called with each evaluation when it is done.

    Raises:
        UsageError: neither runs nor samples, both, or options that do not belong together.
        GanatomyError: as `evaluate_run` and `evaluate_images` do; of several runs, after all the others are scored.
    """
    if bool(runs) == (samples is not None):
        raise UsageError("give a run's folder (ganatomy evaluate runs/dcgan-mnist-s0), or --samples X.npz --data mnist")
    if samples is None:
        if out:
            raise UsageError("--out goes with --samples; a run keeps its own metrics.json")
        return _evaluate_runs(runs, data, "best" if best else "last", n, features, metrics, seed, say)
    if not data:
        raise UsageError("--samples needs --data: what the images are held against, such as --data mnist")
    if best or seed is not None:
        raise UsageError("--best and --seed are for runs; --samples are scored as they are")
    if out is not None and out.is_dir():
        raise UsageError(f"--out {out} is a folder; give the name of a file, such as {out / 'scores.json'}")
    if out is not None:
        atomic.try_place(out)
    evaluation = evaluate_images(samples, recipe.source(data), n, features, metrics)
    say(evaluation)
    if out is not None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(out, json.dumps(evaluation.tree, indent=1) + "\n")
        except OSError as error:
            raise atomic.cannot_write(out, error) from error
    return [evaluation]


def _evaluate_runs(
    runs: Sequence[Path],
    data: Sequence[str],
    weights: str,
    n: int | None,
    features: str | None,
    metrics: Sequence[str] | None,
    seed: int | None,
    say: Callable[[Evaluation], None],
) -> list[Evaluation]:
    done: list[Evaluation] = []
    errors: list[GanatomyError] = []
    for path in runs:
        try:
            run = Run(path, weights)
            evaluation = evaluate_run(run, n, features, metrics, seed, _moved(run, data))
        except GanatomyError as error:
            errors.append(error)
            continue
        say(evaluation)
        done.append(evaluation)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise GanatomyError("\n".join(str(error) for error in errors))
    return done


def _moved(run: Run, data: Sequence[str]) -> Source | None:
    """The run's data where `data.dir=` or `data.path=` says that it lies now.

    Raises:
        UsageError: another setting; the run's own data decides what it is scored against.
    """
    if not data:
        return None
    others = [word for word in data if not word.startswith(("data.dir=", "data.path="))]
    if others:
        raise UsageError(
            f"--data {others[0]}: a run knows its data; only its place can be given: data.dir=, data.path="
        )
    words = recipe.words(data)
    moved: Source = dataclasses.replace(
        run.config.data,
        **{name.removeprefix("data."): paths.of_user(str(place)) for name, place in words.items()},  # type: ignore[arg-type]
    )
    return moved


def next_step(evaluations: Sequence[Evaluation], out: Path | None = None) -> str:
    """Where the scores are, and the next useful command; `out` is the file of those of --samples."""
    if out is not None:
        return f"scores: {out}\nnext: ganatomy report RUN {paths.command(out)}, to show them next to a run's"
    scored = [evaluation.subject for evaluation in evaluations if "run" in evaluation.subject]
    if not scored:
        return "next: ganatomy evaluate RUN, for the same table of a run of your own"
    files = [RunFolder(Path(subject["run"])).metrics_of(subject["weights"]) for subject in scored]
    return f"scores: {', '.join(map(str, files))}\nnext: {paths.command('ganatomy', 'scores', *files)}"
