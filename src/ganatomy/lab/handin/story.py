"""The one content of a report, from which its HTML, its Markdown and its notebook are made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ganatomy import paths
from ganatomy.lab.handin import results, tuning
from ganatomy.lab.handin.blocks import (
    Answered,
    Block,
    Code,
    Document,
    Entry,
    Facts,
    Heading,
    Notice,
    Picture,
    Prose,
)
from ganatomy.lab.handin.contents import RUNS, Answer, HandIn, System
from ganatomy.lab.handin.gaps import Gap
from ganatomy.lab.handin.speech import Speech
from ganatomy.lab.handin.trained import Say, Trained
from ganatomy.runs.environment import version_of


def of(hand_in: HandIn, gaps: list[Gap], name: str, say: Say) -> Document:
    """The whole report.

    Args:
        name: the student's; empty where it is not given.
        say: called with a line where something takes a while.
    """
    speech = Speech(hand_in.language)
    title = hand_in.course or speech("title", systems=speech.listed([each.title for each in hand_in.done]))
    opening = [_facts(hand_in, name, speech), _notice(gaps, speech), *results.comparison_of(hand_in, speech)]
    body = [
        *results.of(hand_in, speech, say),
        *tuning.of(hand_in, speech, say),
        *_answers(hand_in, speech),
        *_code(hand_in, speech),
        *_made(hand_in, speech),
    ]
    return Document(title, hand_in.language, tuple(opening), tuple(body))


def _facts(hand_in: HandIn, name: str, speech: Speech) -> Facts:
    checked = [each for each in hand_in.done if each.verdicts]
    points = [speech("FACT.points_of", system=each.title, earned=each.earned, points=each.points) for each in checked]
    if len(checked) > 1:
        total = sum(each.earned for each in checked), sum(each.points for each in checked)
        points.append(speech("FACT.total", earned=total[0], points=total[1]))
    answers = [
        speech(
            "FACT.answers_of",
            system=each.title,
            answered=sum(bool(answer.text) for answer in each.answers),
            asked=len(each.answers),
        )
        for each in checked
    ]
    return Facts(
        (
            (speech("FACT.student"), name or speech("FACT.no_name")),
            (speech("FACT.points"), "\n".join(points) or "–"),
            (speech("FACT.answers"), "\n".join(answers) or "–"),
            (speech("FACT.made"), date.today().isoformat()),
        )
    )


def _notice(gaps: list[Gap], speech: Speech) -> Notice:
    if not gaps:
        return Notice(speech("nothing_missing"))
    return Notice(speech("missing", count=len(gaps)), tuple(speech.of(gap.text) for gap in gaps))


def _answers(hand_in: HandIn, speech: Speech) -> Iterator[Block]:
    asked = [each for each in hand_in.done if each.answers]
    if asked:
        yield Heading(speech("HEADING.answers"))
    for system in asked:
        yield Heading(system.title, 3)
        for answer in system.answers:
            yield _answered(answer, system, speech)


def _answered(answer: Answer, system: System, speech: Speech) -> Answered:
    name = answer.question.name
    pictures = {
        source: None
        if pasted is None
        else Picture(f"{system.name}-{name}-{place}.{pasted.ending}", pasted.content, f"{name}, {place}")
        for place, (source, pasted) in enumerate(answer.pictures.items(), 1)
    }
    points = answer.question.points
    shown = speech("with_points", name=name, points=points) if points else name
    return Answered(shown, speech.of(answer.question.text), answer.text, speech("no_answer"), pictures)


def _code(hand_in: HandIn, speech: Speech) -> Iterator[Block]:
    yield Heading(speech("HEADING.code"))
    yield Prose(speech("CODE.lead"))
    for system in hand_in.done:
        yield Heading(f"{system.title} · {paths.text(system.file.name) if system.file else ''}", 3)
        if not system.verdicts:
            yield Prose(speech("CODE.not_checked"))
        if system.verdicts and system.changes == []:
            yield Prose(speech("CODE.trained_with"))
        yield from _cells(system, speech)


def _cells(system: System, speech: Speech) -> Iterator[Code]:
    """The code of a system, a block for each cell with blanks."""
    if system.assignment is None or system.submission is None:
        return
    verdicts = {each.number: each for each in system.verdicts}
    for cell in system.assignment.document.cells:
        entries = []
        for blank in system.assignment.document.in_cell(cell):
            verdict = verdicts[blank.number]
            head = speech("CODE.head", number=blank.number, task=speech.of(system.assignment.task(blank)))
            filling = system.submission.fillings.get(blank.number)
            note = ""
            if verdict.state in ("empty", "missing"):
                note = speech(f"CODE.{verdict.state}")
            elif verdict.state != "passed":
                note = f"{verdict.mistake}: " if verdict.mistake else ""
                note += speech.of(verdict.message)
            entries.append(Entry(head, "" if filling is None else filling.text, note))
        if entries:
            yield Code(tuple(entries))


def _made(hand_in: HandIn, speech: Speech) -> Iterator[Block]:
    yield Heading(speech("HEADING.made"))
    yield Prose(speech("MADE.how", command=paths.command("ganatomy", "lab", "report", hand_in.folder)))
    if hand_in.trained:
        yield Prose(speech("MADE.runs", runs=speech.listed([_run(run, speech) for _, run in hand_in.trained])))
        runs = _runs_of(hand_in)
        logs = paths.command("tensorboard", "--logdir", runs.parent / "logs")
        yield Prose(speech("MADE.board", command=paths.command("ganatomy", "board", runs), logs=logs))
    yield Prose(speech("MADE.version", version=version_of("ganatomy")))


def _runs_of(hand_in: HandIn) -> Path:
    file = hand_in.trained[0][0].file
    return hand_in.folder / RUNS if file is None else file.parent / RUNS


def _run(run: Trained, speech: Speech) -> str:
    session = next(iter(run.run.folder.environments()), {})
    return speech(
        "MADE.run",
        run=run.name,
        started=str(session.get("started", "–"))[:10],
        device=session.get("device", "–"),
        torch=session.get("packages", {}).get("torch", "–"),
    )
