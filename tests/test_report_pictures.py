"""Pictures inside the page: as good as the room allows, in greys or in colours, and what cannot be read is left out."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganatomy import images
from ganatomy.report.pictures import QUALITIES, Film, Quality, Still, encoded


def still(path: Path, channels: int = 1, side: int = 60, seed: int = 0) -> Still:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, channels), dtype=np.uint8)
    images.save_png(path, pixels)
    found = Still.read(path)
    assert found is not None
    return found


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


@pytest.mark.parametrize("levels", [16, 8, 4])
def test_greys_are_the_nearest_of_evenly_spaced_ones(tmp_path: Path, levels: int) -> None:
    found = still(tmp_path / "a.png")
    back = np.asarray(decoded(found.data_uri(Quality(levels, None))).convert("L")).astype(int)
    assert len(np.unique(back)) == levels
    assert {0, 255} <= set(np.unique(back))
    assert np.abs(back - np.asarray(found.image).astype(int)).max() <= 255 / (levels - 1) / 2 + 1


def test_black_and_white_are_kept_exactly(tmp_path: Path) -> None:
    images.save_png(tmp_path / "a.png", np.array([[[0], [255]]], np.uint8))
    found = Still.read(tmp_path / "a.png")
    assert found is not None
    assert np.asarray(decoded(found.data_uri(QUALITIES[-1])).convert("L")).tolist() == [[0, 255]]


def test_colours_stay_colours(tmp_path: Path) -> None:
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:, :20] = (200, 30, 30)
    images.save_png(tmp_path / "a.png", pixels)
    found = Still.read(tmp_path / "a.png")
    assert found is not None
    uri = found.data_uri(QUALITIES[0])
    assert uri.startswith("data:image/jpeg")
    red, green, _ = decoded(uri).convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 150 > 80 > green


def test_large_pictures_are_scaled_down(tmp_path: Path) -> None:
    assert max(still(tmp_path / "a.png", side=900).size) == 560


def test_a_film_has_all_frames_and_its_last_stays_longer(tmp_path: Path) -> None:
    frames = [np.full((20, 20, 1), value, np.uint8) for value in (0, 120, 255)]
    images.save_gif(tmp_path / "a.gif", frames)
    film = Film.read(tmp_path / "a.gif")
    assert film is not None
    uri = film.data_uri(QUALITIES[0])
    assert uri is not None
    with decoded(uri) as back:
        assert back.n_frames == 3  # type: ignore[attr-defined]
        back.seek(2)
        assert back.info["duration"] == 1800
    assert film.data_uri(Quality(4, None)) is None


def test_a_film_in_colours(tmp_path: Path) -> None:
    frames = [np.random.default_rng(n).integers(0, 256, (20, 20, 3), dtype=np.uint8) for n in range(3)]
    images.save_gif(tmp_path / "a.gif", frames)
    film = Film.read(tmp_path / "a.gif")
    assert film is not None
    uri = film.data_uri(QUALITIES[0])
    assert uri is not None
    assert decoded(uri).n_frames == 3  # type: ignore[attr-defined]


def test_less_room_means_fewer_greys_and_at_last_no_films(tmp_path: Path) -> None:
    stills = [still(tmp_path / f"{n}.png", seed=n) for n in range(9)]
    images.save_gif(tmp_path / "a.gif", [np.asarray(s.image)[:, :, None] for s in stills[:3]])
    film = Film.read(tmp_path / "a.gif")
    assert film is not None
    pictures, moving, quality = encoded(stills, [film])
    assert (len(pictures), quality) == (9, QUALITIES[0])
    assert moving[0]
    full = sum(map(len, pictures)) + len(moving[0])
    _, _, smaller = encoded(stills, [film], room=full - 1)
    assert smaller == QUALITIES[1]
    _, none, least = encoded(stills, [film], room=10)
    assert (least, none) == (QUALITIES[-1], [None])
    assert encoded([], []) == ([], [], QUALITIES[0])


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n then nothing"])
def test_what_is_no_picture_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert Still.read(tmp_path / "a.png") is None
    assert Film.read(tmp_path / "a.png") is None
    assert Still.read(tmp_path / "missing.png") is None
