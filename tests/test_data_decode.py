"""Every kind of picture file gives the pixels that a viewer would show."""

from __future__ import annotations

import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data_contract_sources import picture
from ganatomy.data.decode import KINDS, BadImageError, all_grey, decode

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)


def corners(path: Path) -> list[tuple[int, ...]]:
    """Top left, top right, bottom left, bottom right."""
    pixels, _ = decode(path, 16, 3)
    assert pixels.shape == (16, 16, 3)
    return [tuple(pixels[y, x].tolist()) for y in (2, 13) for x in (2, 13)]


def four_colours(side: int = 64) -> Image.Image:
    half = side // 2
    array = np.zeros((side, side, 3), np.uint8)
    array[:half, :half], array[:half, half:], array[half:, :half], array[half:, half:] = RED, GREEN, BLUE, YELLOW
    return Image.fromarray(array)


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG by hand, for what Pillow cannot write. `rows` has a filter byte before each row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_colours_and_places(ending: str, tmp_path: Path):
    path = tmp_path / f"a.{ending}"
    four_colours().save(path, lossless=True)
    assert corners(path) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_exif_orientation_is_undone(orientation: int, ending: str, tmp_path: Path):
    upright = four_colours()
    turn = Image.Transpose
    # What a camera held in that way stores: the inverse of what a viewer does.
    stored = {
        1: None,
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_90,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_270,
    }[orientation]
    image = upright if stored is None else upright.transpose(stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{ending}"
    image.save(path, exif=exif, lossless=True)
    for found, expected in zip(corners(path), (RED, GREEN, BLUE, YELLOW), strict=True):
        assert np.abs(np.subtract(found, expected)).max() < 12  # JPEG is not lossless


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "L"])
def test_transparency_is_laid_on_white(mode: str, tmp_path: Path):
    path = tmp_path / "a.png"
    if mode in ("RGBA", "LA"):
        array = np.zeros((8, 8, 4), np.uint8)
        array[:4, :, 3] = 255  # the upper half opaque black, the lower half nothing
        Image.fromarray(array).convert(mode).save(path)
    else:
        # Without an alpha channel one colour can stand for nothing: here black beside opaque grey.
        array = np.full((8, 8), 100, np.uint8)
        array[4:] = 0
        image = Image.fromarray(array).convert(mode)
        image.save(path, transparency=(0, 0, 0) if mode == "RGB" else 0)
    for channels in (1, 3):
        pixels, _ = decode(path, 8, channels)
        assert (pixels[5:] == 255).all()
        assert (pixels[:3] == (0 if mode in ("RGBA", "LA") else 100)).all()


def test_half_transparent_is_half_white(tmp_path: Path):
    Image.new("RGBA", (8, 8), (0, 0, 0, 127)).save(tmp_path / "a.png")
    assert (decode(tmp_path / "a.png", 8, 3)[0] == 128).all()


def test_a_palette_gives_its_colours(tmp_path: Path):
    four_colours().quantize(4).save(tmp_path / "a.png")
    assert corners(tmp_path / "a.png") == [RED, GREEN, BLUE, YELLOW]


def test_one_bit_is_black_and_white(tmp_path: Path):
    array = np.zeros((8, 8), bool)
    array[:, 4:] = True
    Image.fromarray(array).save(tmp_path / "a.png")
    assert decode(tmp_path / "a.png", 8, 1)[0][..., 0].tolist() == [[0] * 4 + [255] * 4] * 8


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit_grey_is_scaled_not_clipped(channels: int, tmp_path: Path):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    pixels, _ = decode(tmp_path / "a.png", 8, channels)
    assert np.array_equal(pixels[..., 0], np.rint(ramp / 257).astype(np.uint8))


@pytest.mark.parametrize(("colour", "samples"), [(2, 3), (4, 2), (6, 4)], ids=["RGB", "LA", "RGBA"])
def test_other_16_bit_images_keep_their_brightness(colour: int, samples: int, tmp_path: Path):
    pixel = struct.pack(f">{samples}H", *([0x8000] * samples))
    if samples in (2, 4):
        pixel = pixel[:-2] + b"\xff\xff"  # opaque
    (tmp_path / "a.png").write_bytes(png(8, 8, 16, colour, (b"\0" + pixel * 8) * 8))
    assert np.abs(decode(tmp_path / "a.png", 8, 1)[0].astype(int) - 128).max() <= 1


def test_cmyk_jpegs_have_their_colours(tmp_path: Path):
    four_colours().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    for found, expected in zip(corners(tmp_path / "a.jpg"), (RED, GREEN, BLUE, YELLOW), strict=True):
        assert np.abs(np.subtract(found, expected)).max() < 12


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_an_animation_gives_its_first_frame(ending: str, tmp_path: Path):
    path = tmp_path / f"a.{ending}"
    frames = [Image.new("RGB", (8, 8), colour) for colour in (GREEN, RED, BLUE)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    pixels, animated = decode(path, 8, 3)
    assert animated
    assert (pixels == GREEN).all()
    picture(tmp_path / "still.png")
    assert not decode(tmp_path / "still.png", 8, 3)[1]


def test_a_phones_jpeg_with_a_preview_is_no_animation(tmp_path: Path):
    four_colours().save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[four_colours(16)])
    assert decode(tmp_path / "a.jpg", 16, 3)[1] is False


@pytest.mark.parametrize(("width", "height"), [(96, 32), (32, 96), (33, 32), (32, 32), (1, 7)])
def test_the_centre_square_is_cut_out(width: int, height: int, tmp_path: Path):
    array = np.full((height, width, 3), RED, np.uint8)
    side = min(width, height)
    top, left = (height - side) // 2, (width - side) // 2
    array[top : top + side, left : left + side] = BLUE
    Image.fromarray(array).save(tmp_path / "a.png")
    assert (decode(tmp_path / "a.png", 16, 3)[0] == BLUE).all()


def test_made_smaller_it_is_averaged_not_sampled(tmp_path: Path):
    board = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / "a.png")
    assert np.abs(decode(tmp_path / "a.png", 28, 1)[0].astype(int) - 127).max() <= 2


def test_a_large_jpeg_is_the_same_picture_as_a_large_png(tmp_path: Path):
    picture(tmp_path / "a.png", 1200, 1600)
    Image.open(tmp_path / "a.png").save(tmp_path / "a.jpg", quality=95)
    both = [decode(tmp_path / name, 28, 3)[0].astype(int) for name in ("a.png", "a.jpg")]
    assert np.abs(both[0] - both[1]).max() <= 6
    assert np.ptp(both[0]) > 100


def test_the_size_itself_is_kept_to_the_bit(tmp_path: Path):
    array = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    Image.fromarray(array).save(tmp_path / "a.png")
    assert np.array_equal(decode(tmp_path / "a.png", 28, 1)[0][..., 0], array)


def bad(path: Path) -> str:
    with pytest.raises(BadImageError) as caught:
        decode(path, 28, 3)
    return str(caught.value)


def test_what_is_no_picture_says_why(tmp_path: Path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("hello")
    Image.new("RGB", (4, 4)).save(tmp_path / "really.tga")
    (tmp_path / "really.tga").rename(tmp_path / "tga.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to("nowhere")
    assert bad(tmp_path / "empty.png") == "empty file (0 bytes)"
    assert bad(tmp_path / "text.png") == bad(tmp_path / "tga.png") == f"not a {KINDS} image"
    assert bad(tmp_path / "folder.png") == bad(tmp_path / "link.png") == "not a file, or a link to none"


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.97])
def test_truncated_files_are_refused(ending: str, kept: float, tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / f"a.{ending}"
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert "damaged" in bad(path) or "not a PNG" in bad(path)


def test_a_damaged_png_is_refused(tmp_path: Path):
    picture(tmp_path / "a.png", 64, 64)
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[60:80] = bytes(20)
    (tmp_path / "a.png").write_bytes(content)
    assert "damaged" in bad(tmp_path / "a.png")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [9_500, 20_000, 2_000_000])
def test_a_decompression_bomb_is_refused_without_being_unpacked(side: int, tmp_path: Path):
    (tmp_path / "a.png").write_bytes(png(side, side, 8, 2, b"\0" * 100_000))
    reason = bad(tmp_path / "a.png")
    assert "above the limit" in reason
    assert "89,478,485" in reason


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_beside_good_pixels_does_no_harm(tmp_path: Path):
    four_colours().save(tmp_path / "a.png", exif=b"Exif\0\0MM\0*\0\0\xff\xff")
    assert corners(tmp_path / "a.png") == [RED, GREEN, BLUE, YELLOW]


def test_grey_is_told_from_colour(tmp_path: Path):
    grey = [picture(tmp_path / f"{mode}.png", mode=mode) for mode in ("L", "LA", "1", "P")]
    Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8)).save(tmp_path / "16.png")
    Image.open(tmp_path / "L.png").convert("P").save(tmp_path / "P.png")
    (tmp_path / "broken.png").write_text("no picture")
    grey += [tmp_path / "16.png", tmp_path / "broken.png", tmp_path / "none.png"]
    assert all_grey(grey)
    for mode in ("RGB", "RGBA"):
        assert not all_grey([*grey, picture(tmp_path / f"{mode}.png", mode=mode)])
    four_colours().quantize(4).save(tmp_path / "colours.png")
    assert not all_grey([*grey, tmp_path / "colours.png"])


def test_many_threads_decode_as_one_does(tmp_path: Path):
    paths = [picture(tmp_path / f"{i}.png", 40 + i, 50, seed=i) for i in range(12)]
    alone = [decode(path, 28, 3)[0] for path in paths]
    together: dict[int, np.ndarray] = {}

    def work(first: int) -> None:
        for i in range(first, 12, 4):
            together[i] = decode(paths[i], 28, 3)[0]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(alone[i], together[i]) for i in range(12))
