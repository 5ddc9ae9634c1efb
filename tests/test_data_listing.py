"""What is in a folder of pictures: the same for training and for samples, and what is left out is said."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

import ganatomy
from ganatomy.data.decode import BadImageError, decode
from ganatomy.data.folder import Folder
from ganatomy.data.listing import listed
from ganatomy.images import read

ENDINGS = ["png", "jpg", "jpeg", "jpe", "jfif", "webp", "bmp", "tif", "tiff", "gif", "pgm", "ppm", "pnm", "avif"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of 8x8 pictures of every kind that is read."""
    noise = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for ending in ENDINGS:
            if ending != "avif" or features.check("avif"):
                kind = {"jfif": "JPEG", "jpe": "JPEG", "pnm": "PPM"}.get(ending)
                pixels = noise.integers(0, 256, (8, 8), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{ending}.{ending}", format=kind)
    return tmp_path / "pictures"


def both_ways(root: Path, caplog: pytest.LogCaptureFixture) -> tuple[int, int, str, str]:
    """How many pictures training and evaluation find, and what they say."""
    caplog.clear()
    trained = len(Folder(path=root, size=8, channels=1).load())
    found = read(root, (8, 8, 1))
    return trained, len(found.images), caplog.text, "\n".join(found.conversions)


def test_all_kinds_are_read(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    count = 2 * (len(ENDINGS) - (not features.check("avif")))
    trained, scored, said, noted = both_ways(root, caplog)
    assert (trained, scored) == (count, count)
    assert "left out" not in said + noted


def test_what_is_left_out_is_said(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = both_ways(root, caplog)[:2]
    for name in ("a/list.txt", "a/x.xcf", "b/y.xcf", "a/README"):
        (root / name).write_text("x")
    trained, scored, said, noted = both_ways(root, caplog)
    assert (trained, scored) == before
    for words in (said, noted):
        assert "left out 4 other files by their endings, as no pictures: 2 .xcf, 1 " in words


@pytest.mark.parametrize("litter", ["@eaDir", "__MACOSX", "$RECYCLE.BIN", "#recycle", "a/@eaDir"])
def test_what_systems_put_there_is_no_class(litter: str, root: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = both_ways(root, caplog)[:2]
    (root / litter).mkdir()
    Image.new("L", (8, 8)).save(root / litter / "SYNOPHOTO_THUMB.png")
    (root / "Thumbs.db").write_bytes(b"x")
    (root / ".ipynb_checkpoints").mkdir()
    trained, scored, said, noted = both_ways(root, caplog)
    assert (trained, scored) == before
    assert Folder(path=root, size=8).load().classes == ("a", "b")
    for words in (said, noted):
        assert "left out what a system put there: " in words
        assert litter in words
        assert "Thumbs.db" in words
        assert "endings" not in words


def test_links_are_followed_and_circles_are_said(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = both_ways(root, caplog)[0]
    (root / "b").rename(tmp_path / "elsewhere")
    (root / "b").symlink_to(tmp_path / "elsewhere")
    (root / "b" / "back").symlink_to(root)
    trained, scored, said, noted = both_ways(root, caplog)
    assert (trained, scored) == (before, before)
    for words in (said, noted):
        assert "left out links to folders that were read already: b/back" in words


def test_linked_halves_score_as_the_whole(root: Path, tmp_path: Path) -> None:
    """An evaluation of a folder, half of it behind a link."""
    whole = ganatomy.evaluate_images(
        root, "folder", f"data.path={root}", "data.size=8", "data.channels=1", metrics=["kid"]
    )
    (root / "b").rename(tmp_path / "elsewhere")
    (root / "b").symlink_to(tmp_path / "elsewhere")
    linked = ganatomy.evaluate_images(
        root, "folder", f"data.path={root}", "data.size=8", "data.channels=1", metrics=["kid"]
    )
    assert linked.metrics["kid"].value == whole.metrics["kid"].value


def test_the_order_is_that_of_the_parts_of_names(tmp_path: Path) -> None:
    for name in ("a/z.png", "a b/y.png", "a.png", "b/c/x.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert listed(tmp_path).names == ("a/z.png", "a b/y.png", "a.png", "b/c/x.png")


# ---- one transparent colour, at all depths


def png(depth: int, colour: int, rows: list[bytes], key: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 8, len(rows), depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tRNS", key) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_transparent_grey_is_white_at_every_depth(depth: int, channels: int, tmp_path: Path) -> None:
    """Four pixels of the transparent grey, and four that are black or nearly so."""
    key = 2**depth // 3
    values = [key] * 4 + [0 if key else 1] * 4
    if depth == 16:
        row = struct.pack(">8H", *values)
    else:
        bits = "".join(f"{value:0{depth}b}" for value in values)
        row = int(bits, 2).to_bytes(len(bits) // 8, "big")
    (tmp_path / "a.png").write_bytes(png(depth, 0, [row] * 8, struct.pack(">H", key)))
    made, _ = decode(tmp_path / "a.png", 8, channels)
    assert (made[:, :4] == 255).all()
    assert (made[:, 4:] == (255 if depth == 1 else 0)).all()


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_colour_is_white_at_every_depth(depth: int, tmp_path: Path) -> None:
    code, scale = (">3B", 1) if depth == 8 else (">3H", 257)
    colours = [(10, 20, 30)] * 4 + [(10, 20, 31)] * 4
    row = b"".join(struct.pack(code, *(scale * value for value in colour)) for colour in colours)
    key = struct.pack(">3H", *(scale * value for value in colours[0]))
    (tmp_path / "a.png").write_bytes(png(depth, 2, [row] * 8, key))
    made, _ = decode(tmp_path / "a.png", 8, 3)
    assert (made[:, :4] == 255).all()
    assert (made[:, 4:] == (10, 20, 31)).all()


@pytest.mark.parametrize("mode", ["F", "I"])
def test_numbers_of_which_black_and_white_are_not_known(mode: str, tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 100_000, np.float32 if mode == "F" else np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(BadImageError, match="save it with 8 or 16 bits"):
        decode(tmp_path / "a.tif", 8, 1)
