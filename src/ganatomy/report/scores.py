"""Scores as tables: of one evaluation, and of several side by side where they were measured alike."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from pathlib import Path

from ganatomy import paths
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.evaluation import MEASURES, Evaluation
from ganatomy.evaluation.evaluate import Scored
from ganatomy.runs.folder import RunFolder

log = logging.getLogger("ganatomy")


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
    if not math.isfinite(value) or 9999.5 <= abs(value) < 1e6:
        return f"{value:.0f}"
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    if value == int(value):
        return str(int(value))
    if abs(value) >= 1:
        return f"{value:.4g}"
    digits = 4 if abs(value) >= 1e-3 else 5
    return f"{value:.{digits}f}" if round(value, digits) else "0"


def read(places: Sequence[Path]) -> list[Evaluation]:
    """The evaluations of runs, or in files.

    Raises:
        GanatomyError: a run that was not evaluated, or a file that is no evaluation.
    """
    found = []
    for place in places:
        evaluation = _read(place / "metrics.json" if place.is_dir() else place)
        updates = RunFolder(place).checkpoint_updates()
        if updates and evaluation.subject["update"] != updates[-1]:
            log.warning(
                "%s was scored at update %s and stands at %s now; score it anew: ganatomy evaluate %s",
                place,
                evaluation.subject["update"],
                updates[-1],
                place,
            )
        found.append(evaluation)
    return found


def _read(path: Path) -> Evaluation:
    try:
        return Evaluation.of_tree(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        if (path.parent / "config.toml").is_file():
            advice = f"make it with: {paths.command('ganatomy', 'evaluate', path.parent)}"
        else:
            advice = "give a run's folder, or a file that ganatomy evaluate wrote"
        raise GanatomyError(f"{path} does not exist; {advice}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GanatomyError(f"{path} is not what ganatomy evaluate writes: {error}") from error


def table(evaluations: Sequence[Evaluation]) -> list[str]:
    """One table, a column an evaluation.

    Raises:
        UsageError: they differ in data, n, extractor or reference; the message says in what.
    """
    check_alike(evaluations)
    first = evaluations[0]
    titles = _titles(evaluations)
    rows = [["metric", *titles, "floor"], ["", *map(_state, evaluations), ""]]
    for name in dict.fromkeys(name for evaluation in evaluations for name in evaluation.metrics):
        scored = [evaluation.metrics.get(name) for evaluation in evaluations]
        floor = next(number(one.floor) for one in scored if one is not None)
        rows.append([name, *("-" if one is None else _cell(one) for one in scored), floor])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    found = [
        f"{first.n} generated against {first.n} real images of {first.data}; "
        f"features: {first.extractor['name']} {first.extractor['digest'][:12]}; reference {first.reference[:12]}",
        "",
        *("   ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows),
    ]
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
            f"these scores cannot stand in one table, because they were not measured alike ({words}); "
            "evaluate all with the same data, -n and --features"
        )


def _short(name: str, digest: str) -> str:
    return f"{name} {digest[:12]}"


def _cell(scored: Scored) -> str:
    return f"{number(scored.value)} ({number(scored.low)} to {number(scored.high)})"


def _state(evaluation: Evaluation) -> str:
    """Which weights of a run were scored."""
    subject = evaluation.subject
    return f"{subject['weights']} weights, update {subject['update']}" if "run" in subject else "samples"


def _titles(evaluations: Sequence[Evaluation]) -> list[str]:
    """The folders' or files' names; whole paths where names repeat."""
    places = [str(evaluation.subject.get("run") or evaluation.subject["samples"]) for evaluation in evaluations]
    names = [Path(place).resolve().name for place in places]
    return names if len(set(names)) == len(names) else places
