"""Pictures of run folders made small enough to stand in the page: few greys, or with loss where they have colours."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

ROOM = 1_700_000
"""Characters of the page that all pictures together may take; then the whole stays below 5 MB, with all findings too."""

SIDE = 560
"""Pixels of a picture's longer side; larger ones are scaled down."""


@dataclass(frozen=True)
class Quality:
    """How much of a picture is kept."""

    levels: int
    """Of grey, in stills. Of 16 one sees no difference, of 8 hardly one."""
    film: int | None
    """Of grey, in films; None: films are left out."""
    halved: bool = False
    """Whether films have half the height and width."""

    @property
    def jpeg(self) -> int:
        """Of stills that have colours."""
        return {16: 88, 8: 70}.get(self.levels, 50)


QUALITIES = (
    Quality(16, 16),
    Quality(16, 8),
    Quality(16, 4),
    Quality(8, 4),
    Quality(8, 4, halved=True),
    Quality(8, None),
    Quality(4, None),
)
"""Best first; the first is taken with which all pictures fit into the room, or the last."""


@dataclass(frozen=True)
class Still:
    """One picture, opened."""

    image: Image.Image

    @classmethod
    def read(cls, path: Path) -> Still | None:
        """None where there is none that can be read."""
        try:
            with Image.open(path) as opened:
                return cls(_fitting(opened))
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
            return None

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size

    def data_uri(self, quality: Quality) -> str:
        buffer = io.BytesIO()
        if self.image.mode == "L":
            bits = _bits(quality.levels)
            _few_greys(self.image, quality.levels).save(buffer, format="PNG", compress_level=7, bits=bits)
            return _uri("image/png", buffer)
        self.image.save(buffer, format="JPEG", quality=quality.jpeg, optimize=True)
        return _uri("image/jpeg", buffer)


@dataclass(frozen=True)
class Film:
    """The frames of a run's GIF."""

    frames: tuple[Image.Image, ...]

    @classmethod
    def read(cls, path: Path) -> Film | None:
        try:
            with Image.open(path) as opened:
                return cls(tuple(_fitting(frame.copy()) for frame in ImageSequence.Iterator(opened)))
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
            return None

    def data_uri(self, quality: Quality) -> str | None:
        """As an animated PNG, which is a fifth smaller than a GIF; the last frame stays longer."""
        if quality.film is None:
            return None
        frames = [frame.reduce(2) for frame in self.frames] if quality.halved else list(self.frames)
        first, *rest = frames
        if first.mode == "L":
            first, *rest = [_few_greys(frame, quality.film) for frame in frames]
            bits = _bits(quality.film)
        else:
            # All frames have the palette of the last, which is nearest to the data.
            palette = frames[-1].quantize(4 * quality.film, dither=Image.Dither.NONE)
            first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
            bits = 8
        buffer = io.BytesIO()
        durations = [600] * len(rest) + [1800]
        moving = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0}
        first.save(buffer, format="PNG", compress_level=7, bits=bits, **moving)
        return _uri("image/png", buffer)


def encoded(
    stills: Sequence[Still], films: Sequence[Film], room: int = ROOM
) -> tuple[list[str], list[str | None], Quality]:
    """The data URIs of all pictures in the best quality with which they fit into the room."""
    for quality in QUALITIES:
        if _estimate(stills, films, quality) <= room or quality is QUALITIES[-1]:
            pictures = [still.data_uri(quality) for still in stills]
            moving = [film.data_uri(quality) for film in films]
            if sum(map(len, pictures)) + sum(len(uri) for uri in moving if uri) <= room:
                break
    return pictures, moving, quality


def _estimate(stills: Sequence[Still], films: Sequence[Film], quality: Quality) -> float:
    """Characters that all pictures take, estimated from some of them: encoding takes most of the time of a report."""
    # Every seventh, so that it is not always the same arm's.
    some, few = stills[::7], films[::7]
    lengths = [len(still.data_uri(quality)) for still in some]
    moving = [len(film.data_uri(quality) or "") for film in few]
    return sum(lengths) * len(stills) / max(1, len(some)) + sum(moving) * len(films) / max(1, len(few))


def _fitting(image: Image.Image) -> Image.Image:
    """In grey or in RGB, and not larger than the page shows."""
    rgb = image.convert("RGB")
    values = np.asarray(rgb)
    is_grey = bool((values[:, :, 0] == values[:, :, 1]).all() and (values[:, :, 0] == values[:, :, 2]).all())
    found = rgb.convert("L") if is_grey else rgb
    if max(found.size) > SIDE:
        found.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return found


def _few_greys(image: Image.Image, levels: int) -> Image.Image:
    """The nearest of evenly spaced greys, as a picture with a palette of them."""
    nearest = np.round(np.asarray(image).astype(float) / 255 * (levels - 1)).astype(np.uint8)
    found = Image.frombytes("P", image.size, nearest.tobytes())
    found.putpalette([grey for level in range(levels) for grey in [round(level * 255 / (levels - 1))] * 3])
    return found


def _bits(levels: int) -> int:
    """Of a pixel of a PNG."""
    return 4 if levels > 4 else 2


def _uri(kind: str, buffer: io.BytesIO) -> str:
    return f"data:{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"
