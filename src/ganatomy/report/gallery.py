"""The gallery: for each run its pictures at the milestones, or why one is missing, and its scores in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganatomy.report import texts, verdict
from ganatomy.report.pictures import Film, Still, encoded
from ganatomy.report.trials import Seen
from ganatomy.report.wording import filled
from ganatomy.runs.milestones import USUAL, under
from ganatomy.words import Words

MOST = 11
"""With more milestones than these only the usual ones are shown."""


@dataclass(frozen=True)
class Frame:
    """A milestone of one run."""

    percent: int
    uri: str | None
    alt: Words
    update: int | None
    """Which update it is; None where seconds decide."""
    missing: Words | None
    """Why there is no picture."""


@dataclass(frozen=True)
class Strip:
    """The pictures of one run."""

    trial: Seen
    frames: tuple[Frame, ...]
    film: str | None
    has_film: bool
    width: int
    height: int
    caption: Words | None
    """Its scores at the end, in short."""


@dataclass(frozen=True)
class Gallery:
    """All runs' pictures."""

    percents: tuple[int, ...]
    strips: tuple[Strip, ...]
    """In the order of the trials."""
    start: int
    """The place of the percentage that is shown first: the last that has a picture."""
    reduced: Words | None
    """In what the pictures here differ from those in the run folders."""

    @staticmethod
    def columns(systems: int) -> int:
        """Side by side on a wide page: all where they are few, else in rows of equal length where that can be."""
        return systems if systems <= 4 else 3 if systems % 3 == 0 else 4


def of(trials: Sequence[Seen]) -> Gallery:
    """Read and encode the pictures of all trials."""
    wanted = percents(trials)
    stills = {
        (trial.number, percent): still
        for trial in trials
        for percent in wanted
        if (still := Still.read(trial.folder.sample_file(_own(trial, percent)))) is not None
    }
    films = {trial.number: film for trial in trials if (film := Film.read(trial.folder.gif)) is not None}
    uris, moving, quality = encoded(list(stills.values()), list(films.values()))
    by_still = dict(zip(stills, uris, strict=True))
    by_trial = dict(zip(films, moving, strict=True))
    strips = []
    for trial in trials:
        frames = tuple(_frame(trial, percent, by_still.get((trial.number, percent))) for percent in wanted)
        sizes = [still.size for (number, _), still in stills.items() if number == trial.number]
        width, height = sizes[-1] if sizes else (242, 242)
        strips.append(
            Strip(
                trial,
                frames,
                by_trial.get(trial.number),
                trial.number in films,
                width,
                height,
                verdict.caption(trial.scores("100%")),
            )
        )
    reduced = None
    if any(still.image.mode != "L" for still in stills.values()):
        reduced = texts.PICTURES_REDUCED_COLOUR
    elif stills:
        greys = texts.PICTURES_REDUCED if films and quality.film else texts.STILLS_REDUCED
        reduced = filled(greys, levels=quality.levels, film=quality.film)
    there = [place for place, percent in enumerate(wanted) if any((each.number, percent) in stills for each in trials)]
    return Gallery(wanted, tuple(strips), max(there, default=len(wanted) - 1), reduced)


def percents(trials: Sequence[Seen]) -> tuple[int, ...]:
    """The milestones shown: the usual ones, and the runs' own while these are few."""
    found = set(USUAL).union(*(under(trial.config.train.milestones) for trial in trials if trial.config))
    return tuple(sorted(found if len(found) <= MOST else USUAL))


def _own(trial: Seen, percent: int) -> int:
    """The milestone of a run that is shown at a percentage."""
    return under(trial.config.train.milestones).get(percent, percent) if trial.config else percent


def _frame(trial: Seen, percent: int, uri: str | None) -> Frame:
    total = trial.total_updates
    own = _own(trial, percent)
    update = None if total is None else int(total * own / 100 + 0.5)
    words = filled(texts.PICTURE_ALT, arm=trial.trial.arm, seed=trial.trial.seed, percent=own)
    return Frame(percent, uri, words, update, None if uri else _reason(trial, percent, update))


def _reason(trial: Seen, percent: int, update: int | None) -> Words:
    if trial.trial.state == "failed":
        return texts.NO_PICTURE_FAILED
    if trial.config is not None and _own(trial, percent) not in trial.config.train.milestones:
        return texts.NO_PICTURE_UNPLANNED
    reached = trial.trial.state == "finished" or (update is not None and 0 < update <= trial.update)
    return texts.NO_PICTURE_LOST if reached else texts.NO_PICTURE_YET
