"""Scores as tables: of one evaluation, and of several side by side where they were measured alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation import MEASURES, Evaluation


def lines(evaluation: Evaluation) -> list[str]:
    """The table of one evaluation."""
    subject = evaluation.subject
    if "run" in subject:
        of = f"{subject['run']}, update {subject['update']}, {subject['weights']} weights, noise seed {subject['seed']}"
    else:
        of = subject["samples"]
    card = evaluation.extractor
    found = [
        of,
        f"{evaluation.n} generated against {evaluation.n} real images of {evaluation.data}; "
        f"features: {card['name']} {card['digest'][:12]}",
        "",
        f"{'metric':17}{'value':>10}  {'95 % interval':^21}{'floor':>10}   better",
    ]
    for name, scored in evaluation.metrics.items():
        interval = f"{number(scored.low)} to {number(scored.high)}"
        found.append(
            f"{name:17}{number(scored.value):>10}  {interval:^21}{number(scored.floor):>10}   {MEASURES[name].better}"
        )
    found += ["", "floor: what as many held-out real images score. Interval: another draw from the same generator."]
    if evaluation.missing_classes:
        found.append(f"missing classes: {', '.join(evaluation.missing_classes)}")
    found += [f"note: {note}" for note in evaluation.notes]
    found.append(f"{evaluation.seconds:.1f} seconds")
    return found


def number(value: float) -> str:
    """Four significant digits, no exponent.

    >>> number(0.98765), number(123.456), number(10.0), number(-0.00001234)
    ('0.9877', '123.5', '10', '-0.00001')
    """
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if abs(value) >= 1:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return f"{value:.4f}" if abs(value) >= 1e-3 else f"{value:.5f}"


def read(places: Sequence[Path]) -> list[Evaluation]:
    """The evaluations of runs, or in files.

    Raises:
        GanatomyError: a run that was not evaluated, or a file that is no evaluation.
    """
    return [_read(place / "metrics.json" if place.is_dir() else place) for place in places]


def _read(path: Path) -> Evaluation:
    try:
        return Evaluation.of_tree(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise GanatomyError(f"{path} does not exist; make it with: ganatomy evaluate {path.parent}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GanatomyError(f"{path} is not what ganatomy evaluate writes: {error}") from error


def table(evaluations: Sequence[Evaluation]) -> list[str]:
    """One table, a column an evaluation.

    Raises:
        UsageError: they differ in data, n, extractor or reference; the message says in what.
    """
    check_alike(evaluations)
    first = evaluations[0]
    titles = [_title(evaluation) for evaluation in evaluations]
    widths = [max(24, len(title)) for title in titles]
    found = [
        f"{first.n} generated against {first.n} real images of {first.data}; "
        f"features: {first.extractor['name']} {first.extractor['digest'][:12]}; reference {first.reference[:12]}",
        "",
        f"{'metric':17}"
        + "".join(f"  {title:>{width}}" for title, width in zip(titles, widths, strict=True))
        + "   floor",
    ]
    for name in dict.fromkeys(name for evaluation in evaluations for name in evaluation.metrics):
        cells, floor = [], "-"
        for evaluation, width in zip(evaluations, widths, strict=True):
            scored = evaluation.metrics.get(name)
            if scored is None:
                cells.append(f"  {'-':>{width}}")
                continue
            interval = f"({number(scored.low)} to {number(scored.high)})"
            cells.append(f"  {f'{number(scored.value)} {interval}':>{width}}")
            floor = number(scored.floor)
        found.append(f"{name:17}" + "".join(cells) + f"   {floor}")
    return [*found, "", "in brackets: 95 % interval over the generated images; floor: what held-out real images score"]


def check_alike(evaluations: Sequence[Evaluation]) -> None:
    """Raises UsageError unless all were measured alike."""
    facts = {
        "data": [evaluation.data for evaluation in evaluations],
        "n": [str(evaluation.n) for evaluation in evaluations],
        "extractor": [
            _short(evaluation.extractor["name"], evaluation.extractor["digest"]) for evaluation in evaluations
        ],
        "reference": [evaluation.reference[:12] for evaluation in evaluations],
    }
    differing = {fact: values for fact, values in facts.items() if len(set(values)) > 1}
    if differing:
        words = "; ".join(f"{fact}: {' and '.join(dict.fromkeys(values))}" for fact, values in differing.items())
        raise UsageError(
            f"these scores cannot stand in one table, for they were not measured alike ({words}); "
            "evaluate all with the same data, -n and --features"
        )


def _short(name: str, digest: str) -> str:
    return f"{name} {digest[:12]}"


def _title(evaluation: Evaluation) -> str:
    subject = evaluation.subject
    return Path(subject["run"]).name if "run" in subject else Path(subject["samples"]).name
