"""The results of the systems: samples and losses side by side, scores, and what their training showed."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from math import nan
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from ganatomy.callbacks.notebook import COLOURS
from ganatomy.errors import GanatomyError
from ganatomy.evaluation import Evaluation
from ganatomy.lab.handin.blocks import Block, Figure, Heading, Picture, Prose, Table
from ganatomy.lab.handin.contents import HandIn, System
from ganatomy.lab.handin.speech import Speech
from ganatomy.lab.handin.trained import PLAYERS, Say, Trained, evaluation_of
from ganatomy.report import comparison
from ganatomy.runs.run import Run

PARTS = (25, 50, 75, 100)
WIDTH = 1500
"""Of a picture, in pixels."""
GREYS = 32


def comparison_of(hand_in: HandIn, speech: Speech) -> Iterator[Block]:
    """The systems side by side, a row each."""
    shown = hand_in.trained
    if not shown:
        yield Prose(speech("RESULTS.none"))
        return
    names = [system.title for system, _ in shown]
    alt = speech("COMPARISON.alt", systems=speech.listed(names))
    picture = Picture("comparison.png", _drawn([run.run for _, run in shown], names), alt)
    yield Figure(picture, speech("COMPARISON.caption"))


def of(hand_in: HandIn, speech: Speech, say: Say) -> Iterator[Block]:
    """The table of the systems, and each system next to ganatomy's."""
    if not hand_in.trained:
        return
    yield Heading(speech("HEADING.results"))
    yield Prose(speech("RESULTS.lead"))
    scores = [(run.evaluation(say), _of_reference(system, say)) for system, run in hand_in.trained]
    yield _table(hand_in, scores, speech)
    mine = [each for each, _ in scores if each is not None and "fid" in each.metrics]
    if len({each.reference for each in mine}) > 1:
        data = dict.fromkeys(f"{each.data}, n = {each.n}" for each in mine)
        yield Prose(speech("RESULTS.other_data", data="; ".join(data)))
    elif mine:
        floor = f"{mine[0].metrics['fid'].floor:.3g}"
        yield Prose(speech("RESULTS.floor", data=mine[0].data, n=f"{mine[0].n:,}", floor=floor))
    if len(hand_in.trained) > 1:
        lengths = {run.epochs for _, run in hand_in.trained}
        yield Prose(speech(f"RESULTS.note{'_lengths' if len(lengths) > 1 else ''}"))
    for place, (system, run) in enumerate(hand_in.trained):
        yield Heading(system.title, 3)
        yield _next_to_ours(system, run, speech)
        yield from _curves(run, speech)
        if place == 0:
            yield Prose(speech("CURVES.note"))
        yield from _diagnosis(run, speech)


def _of_reference(system: System, say: Say) -> Evaluation | None:
    return None if system.reference is None else evaluation_of(system.reference, say)


def _table(hand_in: HandIn, scores: list[tuple[Evaluation | None, Evaluation | None]], speech: Speech) -> Table:
    heads = ("system", "parameters", "optimizer", "epochs", "fid", "reference", "time")
    rows = []
    for (system, run), (mine, ours) in zip(hand_in.trained, scores, strict=True):
        settings = run.settings
        sizes = [f"{speech(player)}\u00a0{settings.get(('parameters', player), '–')}" for player in PLAYERS]
        epochs = "–" if run.epochs is None else speech.number(run.epochs)
        rows.append(
            (
                system.title,
                "\n".join(sizes),
                _optimizers(run, speech),
                f"{epochs}\u00a0({run.steps:,})",
                _fid(mine, speech),
                "–" if ours is None else _fid(ours, speech),
                speech.duration(run.seconds),
            )
        )
    return Table(tuple(speech(f"RESULTS.{head}") for head in heads), tuple(rows))


def _optimizers(run: Trained, speech: Speech) -> str:
    """Of both networks, or of each."""
    rates = [speech("RESULTS.lr", lr=run.settings.get(("lr", player), "–")) for player in PLAYERS]
    kinds = [run.settings.get(("optimizer", player), "–") for player in PLAYERS]
    shown = [f"{kind}, {rate}" for kind, rate in zip(kinds, rates, strict=True)]
    if len(set(shown)) == 1:
        return shown[0]
    return "\n".join(f"{speech(player)}: {each}" for player, each in zip(PLAYERS, shown, strict=True))


def _fid(scores: Evaluation | None, speech: Speech) -> str:
    fid = None if scores is None else scores.metrics.get("fid")
    return speech.scored(None, None) if fid is None else speech.scored(fid.value, (fid.low, fid.high))


def _next_to_ours(system: System, run: Trained, speech: Speech) -> Figure:
    ours = system.reference
    names = [speech(f"COMPARISON.{whose}", system=system.title) for whose in ("own", "ours")]
    if ours is not None:
        try:
            drawn = _drawn([run.run, ours], names)
            alt = speech("COMPARISON.both_alt", system=system.title)
            caption = speech("COMPARISON.both", system=system.title, run=run.name)
            return Figure(Picture(f"{system.name}-and-ganatomy.png", drawn, alt), caption)
        except (GanatomyError, OSError):  # a reference that was not trained to its end
            pass
    alt = speech("COMPARISON.alone_alt", system=system.title)
    picture = Picture(f"{system.name}.png", _drawn([run.run], names[:1]), alt)
    return Figure(picture, speech("COMPARISON.alone", run=run.name))


def _curves(run: Trained, speech: Speech) -> Iterator[Block]:
    """The logged values at the quarters of a run."""
    keys = {"loss_d": "loss/discriminator", "loss_g": "loss/generator", "real": "score/real", "fake": "score/fake"}
    scored = {record["step"]: record.get("metric/fid", nan) for record in run.run.scores}
    rows = []
    for part in PARTS:
        step = round(run.steps * part / 100)
        near = [record for record in run.history if record["step"] <= step]
        if near:
            # The scores of a step are on its line, or on one that was looked at shortly before.
            found = {name: next((each[key] for each in near[::-1] if key in each), None) for name, key in keys.items()}
            fid = next((value for at, value in scored.items() if abs(at - step) <= max(1, 0.02 * run.steps)), None)
            values = ["–" if value is None else f"{value:.3g}".replace("-", "−") for value in (*found.values(), fid)]
            rows.append((f"{part} %", f"{near[-1]['step']:,}", *values))
    if rows:
        yield Table(tuple(speech(f"CURVES.{head}") for head in ("part", "step", *keys, "fid")), tuple(rows))


def _diagnosis(run: Trained, speech: Speech) -> Iterator[Block]:
    if not run.findings:
        if run.run.folder.diagnosis.exists():
            yield Prose(speech("CURVES.no_mistake"))
        return
    yield Prose(speech("CURVES.diagnosis"))
    for finding in run.findings:
        seen, means, mend = finding.in_language(speech.language)
        yield Prose(f"{finding.severity}: {finding.name}: {seen} {means} {mend}")


def _drawn(runs: list[Run], names: list[str]) -> bytes:
    """The runs side by side as a PNG of few colours: it stands in three files, one of which has all pictures inside."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.png"
        comparison.save(runs, path, names)
        if any(run.shape[2] > 1 for run in runs):
            return path.read_bytes()
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    picture.thumbnail((WIDTH, 10 * WIDTH), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.quantize(palette=_palette(), dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _palette() -> Image.Image:
    """Greys, and the lines' colours as they fade into white."""
    colours = [(grey, grey, grey) for grey in np.linspace(0, 255, GREYS).round().astype(int)]
    for name in COLOURS.values():
        line = np.array(to_rgb(name)) * 255
        colours += [tuple((255 + (line - 255) * share).round().astype(int)) for share in np.linspace(0.125, 1, 8)]
    found = Image.new("P", (1, 1))
    found.putpalette([int(value) for colour in colours for value in colour])
    return found
