"""Climbing the ladder: every set of known quality scored by several extractors, as one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from ganatomy import atomic, images, randomness
from ganatomy.config import recipe
from ganatomy.errors import UsageError
from ganatomy.evaluation.reference import Reference
from ganatomy.features.ladder import Rung, rungs
from ganatomy.runs.networks import build_networks

METRICS = ("fid", "kid", "precision", "recall", "density", "coverage")
"""The table's columns."""

CLASS_METRICS = ("classes_found", "class_kl")
"""Measured too where the extractor knows classes."""

SHOWN = 8
"""Images of each set in the picture."""

SEED = 7


@dataclass(frozen=True)
class Ladder:
    """Every rung's scores under every extractor."""

    data: str
    n: int
    cards: dict[str, dict[str, str]]
    rungs: list[Rung]
    scores: list[dict[str, dict[str, float]]]
    """For each rung {extractor: {metric: value}}."""
    shown: list[np.ndarray]
    """Some images of each rung, N x H x W x C uint8."""

    @property
    def tree(self) -> dict[str, Any]:
        sets = {rung.name: found for rung, found in zip(self.rungs, self.scores, strict=True)}
        return {"data": self.data, "n": self.n, "extractors": self.cards, "sets": sets}

    @property
    def lines(self) -> list[str]:
        """As plain text."""
        return [f"{self.n} images a set, of {self.data}", "", *_columns(self._rows())]

    @property
    def markdown(self) -> list[str]:
        head, *rows = self._rows()
        ruled = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
        return [f"| {' | '.join(row)} |" for row in ruled]

    def save(self, file: Path) -> None:
        """Write the table as Markdown."""
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(file, "\n".join(self.markdown) + "\n")

    def _rows(self) -> list[list[str]]:
        head = ["set", *(f"{kind} {metric}" for kind in self.cards for metric in METRICS)]
        return [
            head,
            *(
                [rung.name, *(_cell(metric, found[kind][metric]) for kind in self.cards for metric in METRICS)]
                for rung, found in zip(self.rungs, self.scores, strict=True)
            ),
        ]


def _cell(metric: str, value: float) -> str:
    return f"{value:.2f}" if metric not in ("kid", "fid") else f"{value:.3g}" if abs(value) >= 0.01 else f"{value:.3f}"


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]


def climb(
    source_words: list[str],
    kinds: Sequence[str],
    n: int | None,
    say: Callable[[str], None] = lambda line: None,
) -> Ladder:
    """Score every set of the ladder for a source of images.

    Args:
        source_words: as on the command line: "mnist", or "folder" and "data.path=pictures".
        kinds: names of extractors.
        n: images a set; unset, 10,000 or what the data has.
        say: called with a line for each set.

    Raises:
        UsageError: no source of images, or an unknown extractor.
    """
    source = recipe.source(source_words)
    dataset = source.load()
    if not dataset.bounded:
        raise UsageError(f"data={source.name} has no images to corrupt; the ladder is for images")
    references = [Reference.of(source, dataset, kind, n) for kind in kinds]
    held_out = references[0].held_out
    shown = torch.from_numpy(held_out.images.copy()).permute(0, 3, 1, 2).float() / 255
    labels = None if held_out.labels is None else torch.from_numpy(held_out.labels.copy())
    has_classes = labels is not None and len(labels.unique()) > 1
    sets = list(rungs(_untrained(dataset.shape), has_classes))
    found, drawn = [], []
    for number, rung in enumerate(sets):
        corrupted = _to_bytes(rung.make(shown, labels, randomness.generator(SEED, "ladder", number)))
        found.append({kind: _scores(reference, corrupted) for kind, reference in zip(kinds, references, strict=True)})
        drawn.append(corrupted[:SHOWN])
        first = found[-1][kinds[0]]
        say(f"{rung.name}: " + ", ".join(f"{metric} {_cell(metric, first[metric])}" for metric in METRICS))
    cards = {kind: reference.extractor.card for kind, reference in zip(kinds, references, strict=True)}
    return Ladder(source.name, references[0].n, cards, sets, found, drawn)


def _scores(reference: Reference, corrupted: np.ndarray) -> dict[str, float]:
    names = METRICS if reference.reals.class_shares is None else (*METRICS, *CLASS_METRICS)
    return reference.score(corrupted, names).values


def _to_bytes(pixels: Tensor) -> np.ndarray:
    return images.to_pixels(pixels, (0.0, 1.0))


def _untrained(shape: tuple[int, int, int]) -> Callable[[Tensor, Tensor | None, Generator], Tensor]:
    """Images of the lab's DCGAN before its first update; of its MLP where the shape allows no other."""
    fits = shape[0] % 4 == 0 and shape[1] % 4 == 0
    config = recipe.load("dcgan" if fits else "gan")
    generator, _ = build_networks(config, shape)
    generator.eval()

    @torch.inference_mode()
    def make(shown: Tensor, labels: Tensor | None, rng: Generator) -> Tensor:
        noise = randomness.sample_noise(len(shown), config.model.latent, SEED)
        made = torch.cat([generator(part) for part in noise.split(250)])
        assert config.real_range is not None
        low, high = config.real_range
        return (made - low) / (high - low)

    return make
