"""Pixels to numbers and back, grids and scatter plots to the pixel, and files that hold what was given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from ganatomy import atomic, images

RANGES = [(-1.0, 1.0), (0.0, 1.0)]
GREY = 96

pictures = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3]))
)


def every_value() -> np.ndarray:
    return np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)


@pytest.mark.parametrize("value_range", RANGES)
def test_every_pixel_value_comes_back(value_range: tuple[float, float]) -> None:
    numbers = images.to_range(torch.from_numpy(every_value()), value_range)
    assert numbers.dtype == torch.float32
    assert np.array_equal(images.to_pixels(numbers, value_range), every_value())


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_black_white_and_what_is_between(low: float, high: float) -> None:
    numbers = images.to_range(torch.from_numpy(every_value()), (low, high)).flatten().double()
    assert numbers[0] == low
    assert numbers[255] == high
    expected = low + (high - low) * torch.arange(256, dtype=torch.float64) / 255
    torch.testing.assert_close(numbers, expected, rtol=0, atol=2e-7)


@given(batch=pictures, value_range=st.sampled_from(RANGES))
def test_any_images_come_back_in_their_layout(batch: np.ndarray, value_range: tuple[float, float]) -> None:
    numbers = images.to_range(torch.from_numpy(batch), value_range)
    count, height, width, channels = batch.shape
    assert numbers.shape == (count, channels, height, width)
    assert np.array_equal(images.to_pixels(numbers, value_range), batch)
    one = images.to_range(torch.from_numpy(batch[:, :, :, :1].copy()), value_range)
    assert torch.equal(numbers[:, :1], one)


def test_the_source_is_not_changed() -> None:
    batch = torch.from_numpy(every_value())
    images.to_range(batch, (-1.0, 1.0))
    assert np.array_equal(batch.numpy(), every_value())
    numbers = torch.linspace(-1, 1, 9).reshape(1, 1, 3, 3)
    kept = numbers.clone()
    images.to_pixels(numbers, (-1.0, 1.0))
    assert torch.equal(numbers, kept)


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_what_is_outside_the_range_is_cut_off(low: float, high: float) -> None:
    outside = torch.tensor(
        [low - 100, low - 1e-3, low, (low + high) / 2, high, high + 1e-3, high + 100, float("inf"), -float("inf")]
    )
    found = images.to_pixels(outside.reshape(1, 1, 1, -1), (low, high)).ravel()
    assert found.tolist() == [0, 0, 0, 128, 255, 255, 255, 255, 0]


def test_rounded_to_the_nearest() -> None:
    shades = torch.tensor([0.4, 0.6, 1.4, 1.6, 254.4, 254.6]) / 255
    assert images.to_pixels(shades.reshape(1, 1, 1, -1), (0.0, 1.0)).ravel().tolist() == [0, 1, 1, 2, 254, 255]


@given(
    shades=arrays.arrays(np.float32, (5, 1, 2, 2), elements=st.floats(-2, 2, width=32)),
    value_range=st.sampled_from(RANGES),
)
def test_no_image_depends_on_its_neighbours(shades: np.ndarray, value_range: tuple[float, float]) -> None:
    batch = torch.from_numpy(shades)
    together = images.to_pixels(batch, value_range)
    for index in range(len(batch)):
        assert np.array_equal(together[index], images.to_pixels(batch[index : index + 1], value_range)[0])


def test_a_dim_image_stays_dim() -> None:
    dim = torch.full((1, 1, 4, 4), 0.1)
    dim[0, 0, 0, 0] = 0.2
    assert images.to_pixels(dim, (0.0, 1.0)).max() == 51


def test_points_pass_through() -> None:
    points = np.random.default_rng(0).normal(0, 5, (7, 1, 1, 2)).astype(np.float32)
    numbers = images.to_range(torch.from_numpy(points), None)
    assert numbers.shape == (7, 2, 1, 1)
    back = images.to_pixels(numbers, None)
    assert back.dtype == np.float32
    assert np.array_equal(back, points)


# ---- grids


@given(batch=pictures, columns=st.integers(1, 9), gap=st.integers(0, 3))
def test_a_grid_holds_every_image_pixel_for_pixel(batch: np.ndarray, columns: int, gap: int) -> None:
    count, height, width, channels = batch.shape
    sheet = images.grid(batch, columns, gap)
    wide = min(columns, count)
    rows = -(-count // wide)
    assert sheet.dtype == np.uint8
    assert sheet.shape == (gap + rows * (height + gap), gap + wide * (width + gap), channels)
    seen = np.zeros(sheet.shape, bool)
    for index, image in enumerate(batch):
        row, column = divmod(index, wide)
        place = (
            slice(gap + row * (height + gap), gap + row * (height + gap) + height),
            slice(gap + column * (width + gap), gap + column * (width + gap) + width),
        )
        assert np.array_equal(sheet[place], image)
        assert not seen[place].any()
        seen[place] = True
    assert (sheet[~seen] == GREY).all()


def test_the_grid_of_a_milestone() -> None:
    sheet = images.grid(np.zeros((64, 28, 28, 1), np.uint8))
    assert sheet.shape == (8 * 30 + 2, 8 * 30 + 2, 1)


def test_the_grid_of_nothing_is_empty() -> None:
    assert (images.grid(np.zeros((0, 4, 4, 3), np.uint8)) == GREY).all()


# ---- scatter plots


def points(*pairs: tuple[float, float]) -> np.ndarray:
    return np.array(pairs, np.float32).reshape(-1, 1, 1, 2)


def dots(sheet: np.ndarray) -> set[tuple[int, int]]:
    """(row, column) of the dark pixels."""
    return {(int(row), int(column)) for row, column in np.argwhere(sheet[:, :, 0] < 255)}


def square(row: int, column: int) -> set[tuple[int, int]]:
    return {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)}


@pytest.mark.parametrize(
    ("point", "row", "column"),
    [((0, 0), 50, 50), ((1, 0), 50, 75), ((0, 1), 25, 50), ((-1, -1), 75, 25), ((1.96, -1.96), 99, 99)],
)
def test_a_point_is_a_dot_in_its_place(point: tuple[float, float], row: int, column: int) -> None:
    sheet = images.scatter(points(point), limit=2.0, side=101)
    assert (sheet.shape, sheet.dtype) == ((101, 101, 1), np.uint8)
    assert dots(sheet) == square(row, column)


def test_points_outside_the_limit_are_not_shown() -> None:
    sheet = images.scatter(points((3, 0), (0, -3), (100, 100), (0.5, 0.5)), limit=1.0, side=101)
    assert dots(sheet) == square(25, 75)


@given(arrays.arrays(np.float32, (6, 1, 1, 2), elements=st.floats(-1e6, 1e6, width=32)))
def test_with_its_own_limit_every_point_is_shown(batch: np.ndarray) -> None:
    sheet = images.scatter(batch)
    assert sheet.shape == (242, 242, 1)
    for index in range(len(batch)):
        limit = float(np.abs(batch).max(initial=1e-6)) * 1.05
        assert dots(images.scatter(batch[index : index + 1], limit)) <= dots(sheet)
        assert dots(images.scatter(batch[index : index + 1], limit))


def test_no_points_make_a_white_sheet() -> None:
    assert (images.scatter(np.zeros((0, 1, 1, 2), np.float32)) == 255).all()


def test_a_picture_is_a_grid_of_images_or_a_scatter_of_points() -> None:
    batch = np.random.default_rng(0).integers(0, 256, (10, 4, 4, 3), dtype=np.uint8)
    assert np.array_equal(images.picture(batch), images.grid(batch))
    assert np.array_equal(images.picture(points((1, 1)), limit=2), images.scatter(points((1, 1)), 2))


# ---- files


def read(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


@given(batch=pictures)
def test_a_png_holds_the_array(batch: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("png") / "picture.png"
    images.save_png(file, batch[0])
    assert np.array_equal(read(file).reshape(batch[0].shape), batch[0])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_is_grey_or_colour(channels: int, tmp_path: Path) -> None:
    images.save_png(tmp_path / "picture.png", np.zeros((4, 6, channels), np.uint8))
    with Image.open(tmp_path / "picture.png") as image:
        assert image.mode == {1: "L", 3: "RGB"}[channels]
        assert image.size == (6, 4)


def frames_of(file: Path, mode: str) -> list[np.ndarray]:
    found = []
    with Image.open(file) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            found.append(np.asarray(image.convert(mode)).copy())
    return found


def test_a_grey_gif_holds_its_frames() -> None:
    rng = np.random.default_rng(0)
    frames = [rng.permutation(256).astype(np.uint8).reshape(16, 16, 1) for _ in range(5)]
    images.save_gif(Path("frames.gif"), frames)
    found = frames_of(Path("frames.gif"), "L")
    assert len(found) == 5
    for frame, expected in zip(found, frames, strict=True):
        assert np.array_equal(frame, expected[:, :, 0])


def test_a_colour_gif_holds_frames_of_few_colours() -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (40, 3), dtype=np.uint8)
    frames = [colours[rng.integers(0, 40, (8, 8))] for _ in range(4)]
    images.save_gif(Path("frames.gif"), frames)
    found = frames_of(Path("frames.gif"), "RGB")
    assert len(found) == 4
    for frame, expected in zip(found, frames, strict=True):
        assert np.array_equal(frame, expected)


def test_a_gif_is_endless_and_rests_on_its_last_frame() -> None:
    frames = [np.full((4, 4, 1), shade, np.uint8) for shade in (0, 100, 200)]
    images.save_gif(Path("frames.gif"), frames, seconds_a_frame=0.2)
    durations = []
    with Image.open("frames.gif") as image:
        assert image.info["loop"] == 0
        for index in range(3):
            image.seek(index)
            durations.append(image.info["duration"])
    assert durations == [200, 200, 600]


def test_a_gif_of_one_frame() -> None:
    images.save_gif(Path("frames.gif"), [np.full((4, 4, 1), 7, np.uint8)])
    (frame,) = frames_of(Path("frames.gif"), "L")
    assert (frame == 7).all()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    file = folder / "picture.png"
    old = np.full((4, 4, 1), 7, np.uint8)
    images.save_png(file, old)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        images.save_png(file, np.zeros((4, 4, 1), np.uint8))
    assert [entry.name for entry in folder.iterdir()] == ["picture.png"]
    assert np.array_equal(read(file), old[:, :, 0])
