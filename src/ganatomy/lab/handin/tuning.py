"""The part of a report on hyper-parameters: a table of each system's runs, and what it proves."""

from __future__ import annotations

from collections.abc import Iterator

from ganatomy import paths
from ganatomy.lab.handin import table
from ganatomy.lab.handin.blocks import Block, Cell, Changes, Heading, Picture, Prose, Table
from ganatomy.lab.handin.contents import HandIn, System
from ganatomy.lab.handin.speech import Speech
from ganatomy.lab.handin.table import Row, Tuning
from ganatomy.lab.handin.trained import Say

MOST_LINES = 40
"""Of the changes of a run's code that are shown."""


def of(hand_in: HandIn, speech: Speech, say: Say) -> Iterator[Block]:
    systems = [each for each in hand_in.done if each.complete]
    if not systems:
        return
    yield Heading(speech("HEADING.tuning"))
    yield Prose(speech("TUNING.lead"))
    for system in systems:
        count = len(system.complete)
        yield Heading(speech(f"HEADING.tuning_of{'_one' if count == 1 else ''}", system=system.title, count=count), 3)
        yield from _of_system(system, speech, say)


def _of_system(system: System, speech: Speech, say: Say) -> Iterator[Block]:
    assert system.file is not None
    runs = system.complete
    command = paths.command("ganatomy", "lab", "run", system.file.name)
    if len(runs) == 1:
        yield Prose(speech("TUNING.one_run", file=paths.text(system.file.name), command=command))
        return
    made = table.of(runs, say)
    yield _table(made, speech)
    if not table.is_study(runs):
        only_seeds = any(setting == ("seed", "") for setting in made.columns)
        yield Prose(speech(f"TUNING.{'only_seeds' if only_seeds else 'all_same'}", count=len(runs)))
    yield from _best(made, speech)
    for group in made.repeated:
        yield from _repeated(group, speech)
    if table.is_study(runs):
        yield Prose(speech("TUNING.one_each", command=command))
    known = [each for each in made.same if each[1] != "–" and each[0][0] != "class"]
    shown = [f"{speech.setting(setting)} {value}" for setting, value in known]
    yield Prose(speech("TUNING.same", settings=speech.listed(shown)))
    yield from _changes(made, speech)


def _table(made: Tuning, speech: Speech) -> Table:
    first, *last = (speech(f"TUNING.{each}") for each in ("run", "fid", "seconds", "samples"))
    titles = [first, *map(speech.setting, made.columns), *last]
    rows = [_row(row, speech) for row in made.rows]
    best = made.best
    return Table(tuple(titles), tuple(rows), None if best is None else made.rows.index(best))


def _row(row: Row, speech: Speech) -> tuple[Cell, ...]:
    run, picture = row.trained, row.trained.picture
    alt = speech("TUNING.samples_alt", run=run.name)
    return (
        f"{'★ ' if row.is_best else ''}{run.name}",
        *row.settings,
        speech.scored(row.fid, row.interval),
        "–" if row.seconds is None else f"{row.seconds:,.0f}",
        "–" if picture is None else Picture(f"{run.name}.png", picture.read_bytes(), alt),
    )


def _best(made: Tuning, speech: Speech) -> Iterator[Prose]:
    best, first = made.best, made.rows[0]
    if best is None:
        if any(row.fid is not None for row in made.rows):
            yield Prose(speech("TUNING.not_comparable"))
        return
    facts = {"run": best.trained.name, "fid": f"{best.fid:.3g}"}
    if best is first:
        yield Prose(speech("TUNING.best_is_first", **facts))
    else:
        first_fid = speech("TUNING.not_scored") if first.fid is None else f"{first.fid:.3g}"
        yield Prose(speech("TUNING.best", first=first.trained.name, first_fid=first_fid, **facts))


def _repeated(group: tuple[Row, ...], speech: Speech) -> Iterator[Prose]:
    fids = [row.fid for row in group if row.fid is not None]
    if len(fids) > 1:
        names = speech.listed([f"`{row.trained.name}`" for row in group])
        yield Prose(speech("TUNING.repeated", runs=names, low=f"{min(fids):.3g}", high=f"{max(fids):.3g}"))


def _changes(made: Tuning, speech: Speech) -> Iterator[Changes]:
    first = made.rows[0].trained.name
    for row in made.rows:
        lines = [
            (mark, line)
            for each in row.changes
            for mark, part in (("-", each.before), ("+", each.after))
            for line in part
        ]
        if lines:
            shown = [*lines[:MOST_LINES], *([("", "…")] if len(lines) > MOST_LINES else [])]
            yield Changes(speech("TUNING.changes", first=first, run=row.trained.name), tuple(shown))
