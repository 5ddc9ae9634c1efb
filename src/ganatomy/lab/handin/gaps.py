"""What a hand-in lacks: files, blanks, runs, answers, a study of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ganatomy import paths
from ganatomy.lab.handin import table
from ganatomy.lab.handin.contents import HandIn, System
from ganatomy.lab.handin.texts import TEXTS
from ganatomy.lab.handin.trained import Trained
from ganatomy.report.scores import number
from ganatomy.words import Words, filled

FEW_WORDS = 20
"""Of an answer; a Chinese character counts as a word."""
NEAR = 0.95
"""Of the epochs asked for, with which a run is long enough."""


@dataclass(frozen=True)
class Gap:
    """Something that is missing or not as it should be."""

    kind: str
    system: str
    """Empty where it is about the whole."""
    text: Words


def of(hand_in: HandIn, name: str = "") -> list[Gap]:
    """All that a hand-in lacks, system by system.

    Args:
        name: the student's.
    """
    found = [] if name else [_gap("no-name")]
    found += [_gap("unreadable", file=paths.text(file.name), error=error) for file, error in hand_in.unreadable]
    for system in hand_in.systems:
        found += _of_system(system, hand_in)
    return [*found, *_of_tuning(hand_in)]


def _of_system(system: System, hand_in: HandIn) -> Iterator[Gap]:
    if system.file is None:
        words = ("ganatomy", "lab", "start", system.name, "--lang", hand_in.language, "--out", hand_in.folder)
        yield _gap("no-file", system, command=paths.command(*words))
        return
    file = paths.text(system.file.name)
    for other in system.others:
        yield _gap("two-files", system, taken=file, other=paths.text(other.name))
    if system.error:
        yield _gap("unreadable", system, file=file, error=system.error)
        return
    yield from _of_blanks(system, file)
    yield from _of_runs(system, paths.command("ganatomy", "lab", "run", system.file))
    yield from _of_answers(system)


def _of_blanks(system: System, file: str) -> Iterator[Gap]:
    empty = [str(each.number) for each in system.verdicts if each.state in ("empty", "missing")]
    wrong = [each for each in system.verdicts if each.state in ("wrong", "mistake")]
    if empty:
        yield _gap("empty", system, _many(empty), file=file, numbers=", ".join(empty))
    if wrong:
        names = [f"{each.number} ({each.mistake})" if each.mistake else str(each.number) for each in wrong]
        assert system.file is not None
        check = paths.command("ganatomy", "lab", "check", system.file)
        yield _gap("wrong", system, _many(names), file=file, numbers=", ".join(names), command=check)


def _of_runs(system: System, command: str) -> Iterator[Gap]:
    shown = system.shown
    if shown is None:
        yield _gap("no-run", system, command=command)
        return
    last = system.runs[-1]
    if not last.is_complete and (not shown.is_complete or system.changes != []):
        percent = round(100 * last.steps / last.planned)
        steps, planned = f"{last.steps:,}", f"{last.planned:,}"
        yield _gap("stopped", system, run=last.name, steps=steps, planned=planned, percent=percent, command=command)
    epochs, asked = shown.epochs, system.asked_epochs
    if shown.is_complete and epochs is not None and asked is not None and epochs < NEAR * asked:
        yield _gap("short", system, run=shown.name, epochs=number(epochs), asked=asked)
    yield from _of_code(system, shown, command)
    for finding in shown.findings:
        if finding.severity == "error":
            yield _gap("finding", system, run=shown.name, name=finding.name, seen=finding.seen)
    if shown.picture is None:
        yield _gap("no-pictures", system, run=shown.name)


def _of_code(system: System, shown: Trained, command: str) -> Iterator[Gap]:
    changes = system.changes
    if changes is None:
        if system.is_newer:
            yield _gap("perhaps-changed", system, run=shown.name, command=command)
        return
    numbers = [str(each.blank) for each in changes if each.blank is not None]
    if numbers:
        yield _gap("changed", system, _many(numbers), run=shown.name, numbers=", ".join(numbers), command=command)
    elif changes:
        yield _gap("changed-outside", system, run=shown.name, command=command)


def _of_answers(system: System) -> Iterator[Gap]:
    for answer in system.answers:
        words = len(re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", answer.text))
        if not words:
            yield _gap("no-answer", system, question=answer.question.name)
        elif words < FEW_WORDS:
            yield _gap("short-answer", system, question=answer.question.name, count=words)
        for source, picture in answer.pictures.items():
            if picture is None:
                yield _gap("no-picture-of-answer", system, question=answer.question.name, source=source)


def _of_tuning(hand_in: HandIn) -> Iterator[Gap]:
    done = hand_in.done
    if any(table.is_study(system.complete) for system in done) or not any(system.complete for system in done):
        return
    counts = ", ".join(f"{system.title}: {len(system.complete)}" for system in done if system.complete)
    yield _gap("no-tuning", counts=counts)


def _gap(kind: str, system: System | None = None, plural: str = "", **facts: object) -> Gap:
    if system is not None:
        facts["system"] = system.title
    return Gap(kind, "" if system is None else system.name, filled(TEXTS[f"GAP.{kind}{plural}"], **facts))


def _many(of: list[str]) -> str:
    return "s" if len(of) > 1 else ""
