"""Other programs' images: every layout, range and file that is taken, as what, and the words for those that are not."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from ganatomy import images
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.images import ImageSet, read

GREY, COLOUR = (8, 8, 1), (8, 8, 3)
SHAPES = [GREY, COLOUR]
PLANE = (1, 1, 2)


def batch(shape: tuple[int, int, int] = GREY, count: int = 5) -> np.ndarray:
    """Images with 0 and 255 among their values."""
    made = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
    made[0, 0, 0], made[0, 0, 1] = 0, 255
    return made


def npz(name: str = "samples.npz", **members: np.ndarray) -> Path:
    np.savez_compressed(name, **members)  # type: ignore[arg-type]
    return Path(name)


def folder(made: np.ndarray, ending: str = ".png", name: str = "pictures") -> Path:
    for index, image in enumerate(made):
        path = Path(name, f"{index:06d}{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        images.pillow(image).save(path)
    return Path(name)


def refused(path: Path, shape: tuple[int, int, int] = GREY, *, points: bool = False, usage: bool = True) -> str:
    """The message, after what is true of all of them."""
    with pytest.raises(GanatomyError) as caught:
        read(path, shape, points=points)
    message = str(caught.value)
    assert isinstance(caught.value, UsageError) == usage, message
    assert str(path) in message
    assert "expected" in message or "at least 2" in message
    assert "\n  " in message, "nothing on what to do"
    return message


def the_note(found: ImageSet) -> str:
    (note,) = found.conversions
    return note


# ---- what is taken as it is


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ending", [".npz", ".npy", ".NPY"])
def test_uint8_of_the_own_layout_is_taken_as_it_is(shape: tuple[int, int, int], ending: str) -> None:
    made = batch(shape)
    path = npz(images=made) if ending == ".npz" else Path(f"samples{ending}")
    if ending != ".npz":
        with path.open("wb") as file:
            np.save(file, made)
    found = read(path, shape)
    assert found.images.dtype == np.uint8
    assert np.array_equal(found.images, made)
    assert found.conversions == ()
    assert found.source == str(path)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_npz_and_a_folder_of_pngs_are_the_same(shape: tuple[int, int, int]) -> None:
    made = batch(shape, 12)
    from_file, from_folder = read(npz(images=made), shape), read(folder(made), shape)
    assert np.array_equal(from_file.images, made)
    assert np.array_equal(from_folder.images, made)
    assert from_folder.images.dtype == np.uint8
    assert from_file.conversions == from_folder.conversions == ()


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_result_is_laid_out_pixel_by_pixel(order: str) -> None:
    made = batch(COLOUR)
    np.save("samples.npy", np.asarray(made, order=order))  # type: ignore[call-overload]
    found = read(Path("samples.npy"), COLOUR)
    assert found.images.flags.c_contiguous
    assert np.array_equal(found.images, made)


def test_the_range_is_told_as_it_was_found() -> None:
    floats = np.full((2, *GREY), -1, np.float32)
    floats[1] = 0.98
    assert the_note(read(npz(images=floats), GREY)) == "float32 values from -1 to 0.98: taken as [-1, 1] (Tanh)"


def test_pixels_are_read_without_torch() -> None:
    np.save("samples.npy", batch() / 255)
    code = (
        "import sys, numpy; from ganatomy.arrays import as_images;"
        "as_images('it', numpy.load('samples.npy'), (8, 8, 1), []); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_set_is_frozen() -> None:
    with pytest.raises(AttributeError):
        read(npz(images=batch()), GREY).source = "other"  # type: ignore[misc]


# ---- several arrays


@pytest.mark.parametrize("name", images.NAMES)
def test_of_several_arrays_the_named_one_is_taken(name: str) -> None:
    made = batch()
    found = read(npz(**{"labels": np.arange(5), name: made, "z": np.zeros((5, 3))}), GREY)
    assert np.array_equal(found.images, made)
    assert f"took '{name}'" in the_note(found)
    assert "labels: 5 int64" in the_note(found)


def test_one_array_may_have_any_name() -> None:
    assert read(npz(whatever=batch()), GREY).conversions == ()


@pytest.mark.parametrize("names", [("images", "fake"), ("a", "b"), ("Images", "b")])
def test_several_arrays_without_one_name_are_listed(names: tuple[str, str]) -> None:
    message = refused(npz(**dict.fromkeys(names, batch())))
    for name in names:
        assert f"{name}: 5 x 8 x 8 x 1 uint8" in message
    assert "keep one" in message


def test_batches_are_not_taken_for_the_whole() -> None:
    np.savez("samples.npz", batch(), batch(count=3))
    assert "np.concatenate" in refused(Path("samples.npz"))
    np.savez("samples.npz", batch(), np.arange(5))  # images and labels, as some programs write them
    assert len(read(Path("samples.npz"), GREY).images) == 5


def test_a_long_list_of_arrays_is_cut() -> None:
    message = refused(npz(**{f"a{index}": batch() for index in range(30)}))
    assert "a19:" in message
    assert "a20:" not in message
    assert "and 10 more" in message


# ---- layouts


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (GREY, (5, 1, 8, 8)),
        (GREY, (5, 8, 8)),
        (GREY, (5, 64)),
        ((6, 8, 1), (5, 6, 8)),
        ((6, 8, 1), (5, 1, 6, 8)),
        ((6, 8, 1), (5, 48)),
    ],
)
def test_layouts_of_grey_images(shape: tuple[int, int, int], found: tuple[int, ...]) -> None:
    made = batch(shape)
    result = read(npz(images=made.reshape(found)), shape)
    assert np.array_equal(result.images, made)
    assert " x ".join(map(str, found)) in the_note(result)


@pytest.mark.parametrize("shape", [COLOUR, (6, 8, 3)])
def test_channels_first(shape: tuple[int, int, int]) -> None:
    made = batch(shape)
    result = read(npz(images=made.transpose(0, 3, 1, 2)), shape)
    assert np.array_equal(result.images, made)
    assert result.images.flags.c_contiguous
    assert "N x C x H x W" in the_note(result)


def test_as_many_grey_images_as_rows_are_no_single_image() -> None:
    made = batch(count=8)
    assert np.array_equal(read(npz(images=made[..., 0]), GREY).images, made)


def test_floats_with_channels_first_are_converted_in_both_ways() -> None:
    made = batch(COLOUR)
    found = read(npz(images=(made / 255).astype(np.float32).transpose(0, 3, 1, 2)), COLOUR)
    assert np.array_equal(found.images, made)
    assert len(found.conversions) == 2


@pytest.mark.parametrize(("shape", "found"), [(COLOUR, (5, 192)), (GREY, (5, 192))])
def test_what_can_be_read_in_two_ways_is_refused(shape: tuple[int, int, int], found: tuple[int, ...]) -> None:
    message = refused(npz(images=np.zeros(found, np.uint8)), shape)
    assert "channel by channel or pixel by pixel" in message
    assert "reshape(-1, 3, " in message


def test_images_of_3_by_3_need_their_layout_stated() -> None:
    made = batch((3, 3, 3))
    assert "layout='NCHW'" in refused(npz(images=made), (3, 3, 3))
    assert np.array_equal(read(made, (3, 3, 3), layout="NHWC").images, made)
    assert np.array_equal(read(made, (3, 3, 3), layout="NCHW").images, made.transpose(0, 2, 3, 1))


def test_the_advice_for_flat_colour_images_is_right() -> None:
    made = batch((6, 8, 3))
    flat = made.transpose(0, 3, 1, 2).reshape(5, -1)
    advice = refused(npz(images=flat), (6, 8, 3)).split(": ")[-1]
    again = eval(advice, {"array": flat})
    assert np.array_equal(read(npz(images=again), (6, 8, 3)).images, made)


@pytest.mark.parametrize("found", [(5, 10, 10, 1), (5, 1, 10, 10), (5, 10, 10), (5, 100), (5,), (), (1, 5, 8, 8, 1)])
def test_another_size_is_refused_and_never_resized(found: tuple[int, ...]) -> None:
    message = refused(npz(images=np.zeros(found, np.uint8)))
    assert (" x ".join(map(str, found)) or "single number") in message
    assert "N x 8 x 8 x 1, N x 1 x 8 x 8, N x 64, N x 8 x 8" in message
    assert "resize" in message
    assert "changes the scores" in message


def test_height_and_width_are_not_swapped() -> None:
    refused(npz(images=batch((8, 6, 1))), (6, 8, 1))


@pytest.mark.parametrize("found", [(5, 8, 8, 4), (5, 4, 8, 8)])
@pytest.mark.parametrize("shape", SHAPES)
def test_four_channels_are_refused(found: tuple[int, ...], shape: tuple[int, int, int]) -> None:
    message = refused(npz(images=np.zeros(found, np.uint8)), shape)
    assert "4 channels" in message
    assert "transparent images on white" in message


def test_two_channels_are_refused() -> None:
    message = refused(npz(images=np.zeros((5, 8, 8, 2), np.uint8)), COLOUR)
    assert "2 channels" in message
    assert "transparent" not in message


# ---- grey and colour


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_colour_of_equal_channels_is_grey(first: bool, kind: type) -> None:
    made = batch()
    three = np.repeat(made, 3, axis=3).astype(kind)
    found = read(npz(images=three.transpose(0, 3, 1, 2) if first else three), GREY)
    assert np.array_equal(found.images, made)
    assert found.images.flags.c_contiguous
    assert "equal in every image: taken as grey" in found.conversions[-1]


def test_colour_against_grey_is_refused() -> None:
    made = np.repeat(batch(), 3, axis=3)
    made[2, 0, 0, 1] ^= 1
    message = refused(npz(images=made))
    assert "3 channels, which differ in 1 images" in message
    assert "grey (1 channel)" in message


@pytest.mark.parametrize("found", [(5, 8, 8, 1), (5, 1, 8, 8), (5, 8, 8)])
def test_grey_against_colour_is_refused(found: tuple[int, ...]) -> None:
    message = refused(npz(images=batch().reshape(found)), COLOUR)
    assert "1 channel" in message
    assert "3 channels" in message


def test_equal_channels_are_colour_where_the_data_is() -> None:
    made = np.repeat(batch(), 3, axis=3)
    found = read(npz(images=made), COLOUR)
    assert np.array_equal(found.images, made)
    assert found.conversions == ()


# ---- values


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, ">f4", np.longdouble])
@pytest.mark.parametrize(("low", "high", "name"), [(0, 1, "[0, 1]"), (-1, 1, "[-1, 1] (Tanh)"), (0, 255, "0 to 255")])
def test_floats_of_the_three_ranges_come_out_as_the_pixels(kind: str, low: int, high: int, name: str) -> None:
    made = np.arange(256, dtype=np.uint8).reshape(4, 8, 8, 1)
    floats = (low + made.astype(np.float64) / 255 * (high - low)).astype(kind)
    found = read(npz(images=floats), GREY)
    assert np.array_equal(found.images, made)
    assert f"taken as {name}" in the_note(found)
    assert f"{floats.dtype} values from {low} to {high}" in the_note(found)
    assert "clipped" not in the_note(found)


@given(arrays.arrays(np.uint8, (3, *COLOUR)), st.sampled_from([(0, 1), (-1, 1)]))
def test_any_images_come_back_from_floats(
    tmp_path_factory: pytest.TempPathFactory, made: np.ndarray, span: tuple[int, int]
) -> None:
    made[0, 0, 0], made[0, 0, 1] = 0, 255  # the range has to show
    path = tmp_path_factory.mktemp("floats") / "samples.npy"
    low, high = span
    np.save(path, (low + made / np.float32(255) * (high - low)).astype(np.float32))
    assert np.array_equal(read(path, COLOUR).images, made)


def test_values_between_two_levels_go_to_the_nearest() -> None:
    levels = np.array([0.4, 0.6, 1.4, 1.6, 254.4, 254.6, 0, 255])
    rows = np.tile(levels, (2, 8, 1))
    for floats in (levels * 0 + rows, rows / 255, rows / 127.5 - 1):
        assert read(npz(images=floats), GREY).images[0, 0, :, 0].tolist() == [0, 1, 1, 2, 254, 255, 0, 255]


def test_more_images_than_a_block() -> None:
    made = batch(count=2 * images.BLOCK + 3)
    assert np.array_equal(read(npz(images=made / 255), GREY).images, made)


def test_a_dim_image_stays_dim() -> None:
    floats = np.full((2, *GREY), 0.1)
    floats[1] = 0.2
    assert np.unique(read(npz(images=floats), GREY).images).tolist() == [26, 51]


@pytest.mark.parametrize(
    ("low", "high", "taken", "excess"),
    [
        (0, 1.004, "[0, 1]", "0.004"),
        (-0.01, 1, "[0, 1]", "0.01"),
        (-0.004, 1.009, "[0, 1]", "0.009"),
        (-1.005, 1, "[-1, 1]", "0.005"),
        (-1, 1.01, "[-1, 1]", "0.01"),
        (-0.005, 255, "0 to 255", "0.005"),
        (0, 255.01, "0 to 255", "0.01"),
    ],
)
def test_slightly_outside_is_clipped_and_stated(low: float, high: float, taken: str, excess: str) -> None:
    floats = np.full((2, *GREY), low, np.float64)
    floats[1] = high
    found = read(npz(images=floats), GREY)
    assert np.unique(found.images).tolist() == [0, 255]
    assert f"taken as {taken}" in the_note(found)
    assert the_note(found).endswith(f"clipped, by at most {excess}")


@pytest.mark.parametrize(("low", "high"), [(-0.02, 0.9), (-0.005, 0.005), (-0.7, -0.2), (-1.0, -1.0)])
def test_any_other_value_below_0_means_a_tanh(low: float, high: float) -> None:
    floats = np.full((2, *GREY), low)
    floats[1] = high
    found = read(npz(images=floats), GREY)
    assert "taken as [-1, 1]" in the_note(found)
    assert found.images[1, 0, 0, 0] == round((high + 1) * 127.5)


def test_values_above_2_are_levels() -> None:
    floats = np.full((2, *GREY), 0.0)
    floats[1] = 2.1
    found = read(npz(images=floats), GREY)
    assert found.images[1].max() == 2
    assert "from 0 to 2.1: taken as 0 to 255" in the_note(found)


@pytest.mark.parametrize(
    ("low", "high"),
    [(-3, 4), (0, 1.02), (0, 2), (0, 255.02), (0, 300), (-1.02, 1), (-1, 1.02), (-0.02, 255), (-5, 1), (1.5, 1.7)],
)
def test_other_ranges_are_refused(low: float, high: float) -> None:
    floats = np.full((2, *GREY), low, np.float64)
    floats[1] = high
    message = refused(npz(images=floats))
    assert f"float64 values from {low} to {high}" in message
    assert "[0, 1]" in message
    assert "[-1, 1]" in message
    assert "0 to 255" in message
    assert "do not normalise image by image" in message


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.uint16, np.int32, np.int64, np.uint64, ">i4"])
def test_other_whole_numbers(kind: str) -> None:
    made = batch() // 2
    assert made.max() == 127
    found = read(npz(images=made.astype(kind)), GREY)
    assert np.array_equal(found.images, made)
    assert f"{np.dtype(kind)} values from 0 to 127: taken as 0 to 255" in the_note(found)


@pytest.mark.parametrize(("low", "high"), [(0, 256), (-1, 255), (0, 65535), (-128, 127)])
def test_whole_numbers_outside_are_refused(low: int, high: int) -> None:
    made = np.full((2, *GREY), low, np.int64)
    made[1] = high
    message = refused(npz(images=made))
    assert f"int64 values from {low} to {high}" in message
    assert "0 to 255" in message


def test_bool_is_black_and_white() -> None:
    made = batch() > 127
    found = read(npz(images=made), GREY)
    assert found.images.dtype == np.uint8
    assert np.array_equal(found.images, np.where(made, 255, 0))
    assert "False taken as 0, True as 255" in the_note(found)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32, np.int64])
def test_the_traces_of_a_wrong_cast_are_named(kind: type) -> None:
    made = (batch() / 255).astype(kind)
    assert np.unique(made).tolist() == [0, 1]
    message = refused(npz(images=made))
    assert "never above 1" in message
    assert "floats cast to whole numbers" in message


@pytest.mark.parametrize("high", [-1, 0, 1])
def test_a_cast_tanh_is_named_too(high: int) -> None:
    made = np.full((2, *GREY), -1, np.int32)
    made[1] = high
    assert "floats cast" in refused(npz(images=made))


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32])
def test_black_images_are_legal(kind: type) -> None:
    found = read(npz(images=np.zeros((3, *GREY), kind)), GREY)
    assert (found.images == 0).all()
    assert len(found.conversions) == (kind != np.uint8)
    if kind == np.float32:
        assert "[0, 1]" in the_note(found)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_nan_and_infinity_are_counted(value: float, kind: type) -> None:
    floats = (batch(count=2000) / 255).astype(kind)
    floats[1500, 3, 4], floats[1700, 0, 0], floats[1700, 1, 1] = value, value, value
    message = refused(npz(images=floats))
    assert "NaN or infinity in 2 of 2000 images, the first at index 1500" in message


@pytest.mark.parametrize(
    ("found", "count"),
    [
        ((0, 8, 8, 1), 0),
        ((0,), 0),
        ((1, 8, 8, 1), 1),
        ((1, 1, 8, 8), 1),
        ((1, 8, 8), 1),
        ((1, 64), 1),
        ((64,), 1),
        ((8, 8), 1),
        ((8, 8, 1), 1),
        ((8, 8, 3), 1),
    ],
)
def test_none_and_one_are_too_few(found: tuple[int, ...], count: int) -> None:
    message = refused(npz(images=np.zeros(found, np.uint8)))
    assert "at least 2, and hundreds for figures that mean something" in message
    assert f"found {count}\n" in message


def test_one_colour_image_with_channels_first_is_no_set_of_grey_ones() -> None:
    assert "found 1\n" in refused(npz(images=np.zeros((3, 8, 8), np.uint8)), COLOUR)


def test_two_are_enough() -> None:
    assert len(read(npz(images=batch(count=2)), GREY).images) == 2


@pytest.mark.parametrize("kind", [np.complex64, "U3", "S3", "M8[s]", [("a", "u1"), ("b", "u1")]])
def test_other_types_are_refused(kind: str) -> None:
    made = np.zeros((5, *GREY), kind)
    assert f"dtype {made.dtype}" in refused(npz(images=made))


@pytest.mark.parametrize("ending", [".npz", ".npy"])
def test_objects_are_never_unpickled(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, ("sprung",)

    made = np.empty(5, object)
    made[:] = [Trap() for _ in range(5)]
    path = Path(f"samples{ending}")
    if ending == ".npz":
        np.savez(path, images=made)
    else:
        np.save(path, made)
    message = refused(path)
    assert "dtype object" in message
    assert "np.stack" in message
    assert not Path("sprung").exists()


# ---- files that are none


@pytest.mark.parametrize("name", ["samples.npz", "samples.npy", "samples.pt", "pictures", "picture.png"])
def test_a_missing_file(name: str) -> None:
    assert "no such file or folder" in refused(Path(name), usage=False)


@pytest.mark.parametrize("name", ["samples.pt", "samples.pth", "samples.pkl", "samples.mat", "samples"])
def test_other_endings_list_what_is_accepted(name: str) -> None:
    Path(name).write_bytes(b"anything")
    message = refused(Path(name))
    for accepted in (".npz", ".npy", "a folder of pictures", "np.savez('samples.npz', images="):
        assert accepted in message


@pytest.mark.parametrize("name", ["picture.png", "picture.JPG", "picture.webp", "samples.gif"])
def test_a_single_picture_is_refused(name: str) -> None:
    images.pillow(batch()[0]).save(name)
    message = refused(Path(name))
    assert "one single picture" in message
    assert "give a folder" in message


@pytest.mark.parametrize("ending", [".npz", ".npy"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "0 bytes"), (b"<html>not found</html>", "not a"), (b"\x80\x04N.", "not a"), (b"PK", ""), (b"\x93NUMPY", "")],
)
def test_files_that_are_not_what_their_ending_says(ending: str, content: bytes, reason: str) -> None:
    path = Path(f"samples{ending}")
    path.write_bytes(content)
    message = refused(path, usage=False)
    assert f"cannot read {path}" in message
    assert reason in message
    assert "pickle" not in message


def test_exchanged_endings_are_named() -> None:
    made = batch()
    npz("good.npz", images=made).rename("samples.npy")
    assert "rename it to samples.npz" in refused(Path("samples.npy"), usage=False)
    np.save("good.npy", made)
    Path("good.npy").rename("samples.npz")
    assert "rename it to samples.npy" in refused(Path("samples.npz"), usage=False)


@pytest.mark.parametrize("ending", [".npz", ".npy"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated_files(ending: str, kept: float) -> None:
    path = npz(images=batch(count=50)) if ending == ".npz" else Path("samples.npy")
    if ending == ".npy":
        np.save(path, batch(count=50))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert "damaged or cut short" in refused(path, usage=False)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_changed_bytes_in_an_npz_are_found(save: object) -> None:
    save("samples.npz", images=batch(count=50))  # type: ignore[operator]
    content = bytearray(Path("samples.npz").read_bytes())
    content[len(content) // 2] ^= 255
    Path("samples.npz").write_bytes(content)
    assert "damaged" in refused(Path("samples.npz"), usage=False)


def test_an_archive_without_arrays() -> None:
    for members in ([], ["archive/data.pkl", "archive/data/0"]):
        with zipfile.ZipFile("samples.npz", "w") as archive:
            for member in members:
                archive.writestr(member, b"\x80\x04N.")
        message = refused(Path("samples.npz"))
        assert "no arrays" in message
        assert all(member in message for member in members)


def test_a_header_that_asks_for_all_memory() -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (1 << 46, 8, 8, 1)})
    with zipfile.ZipFile("samples.npz", "w") as archive:
        archive.writestr("images.npy", stream.getvalue())
    refused(Path("samples.npz"), usage=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="rights bind no administrator")
def test_a_file_without_rights() -> None:
    path = npz(images=batch())
    path.chmod(0)
    assert "Permission denied" in refused(path, usage=False)


def test_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    npz(images=batch())
    assert read(Path("~/samples.npz"), GREY).source == str(Path("~/samples.npz"))


def test_big_arrays_are_not_copied_many_times() -> None:
    code = (
        "import resource, sys, torch, numpy as np; from pathlib import Path; from ganatomy.images.sets import read;"
        "torch.ones(8).sub(1).round();"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; read(Path(sys.argv[1]), (32, 32, 3));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    if sys.platform != "linux":
        pytest.skip("the unit of ru_maxrss is known for Linux")
    made = np.zeros((10_000, 3, 32, 32), np.float32)
    made[0] = -1
    np.save("samples.npy", made)
    result = subprocess.run([sys.executable, "-c", code, "samples.npy"], check=True, capture_output=True, text=True)
    assert int(result.stdout) * 1024 < 2 * made.nbytes


# ---- points


@pytest.mark.parametrize("shape", [(7, 2), (7, 1, 1, 2)])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_points_of_any_range(shape: tuple[int, ...], kind: type) -> None:
    made = np.random.default_rng(0).normal(0, 50, shape).astype(kind)
    found = read(npz(images=made), PLANE, points=True)
    assert found.images.dtype == np.float32
    assert found.images.shape == (7, 1, 1, 2)
    assert np.array_equal(found.images.reshape(7, 2), made.reshape(7, 2).astype(np.float32))
    assert len(found.conversions) == (kind != np.float32) + (len(shape) == 2)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_points_are_finite(value: float) -> None:
    made = np.zeros((7, 2))
    made[4, 1] = value
    message = refused(npz(images=made), PLANE, points=True)
    assert "in 1 of 7 points, the first at index 4" in message


@pytest.mark.parametrize("shape", [(7, 3), (7, 8, 8, 1), (7, 2, 1, 1), (7,), ()])
def test_other_arrays_are_no_points(shape: tuple[int, ...]) -> None:
    message = refused(npz(images=np.zeros(shape)), PLANE, points=True)
    assert "N x 2 or N x 1 x 1 x 2" in message


@pytest.mark.parametrize(("shape", "count"), [((0, 2), 0), ((1, 2), 1), ((2,), 1)])
def test_too_few_points(shape: tuple[int, ...], count: int) -> None:
    assert f"found {count}\n" in refused(npz(images=np.zeros(shape)), PLANE, points=True)


def test_points_are_floats() -> None:
    assert "int64 values" in refused(npz(images=np.zeros((7, 2), np.int64)), PLANE, points=True)


def test_a_folder_is_no_points() -> None:
    assert "N x 2" in refused(folder(batch()), PLANE, points=True)


def test_points_are_no_images() -> None:
    assert "8 x 8 x 1" in refused(npz(images=np.zeros((7, 1, 1, 2), np.float32)))


# ---- folders


def test_subfolders_in_the_order_of_names() -> None:
    made = batch(count=6)
    names = ["a.png", "b/1.png", "b/2.png", "b/c/3.PNG", "b-d/0.png", "z.png"]
    for name, image in zip(reversed(names), made[::-1], strict=True):
        Path("pictures", name).parent.mkdir(parents=True, exist_ok=True)
        images.pillow(image).save(Path("pictures", name))
    Path("pictures", "notes.txt").write_text("no picture")
    Path("pictures", ".hidden.png").write_text("no picture either")
    Path("pictures", ".thumbnails").mkdir()
    Path("pictures", ".thumbnails", "a.png").write_text("nor this")
    assert np.array_equal(read(Path("pictures"), GREY).images, made)


def test_webp_and_jpeg_are_taken_as_decoded() -> None:
    made = np.stack([np.full(COLOUR, shade, np.uint8) for shade in (0, 100, 255)])
    root = folder(made[:1], ".jpg")
    images.pillow(made[1]).save(root / "000001.webp", lossless=True)
    images.pillow(made[2]).save(root / "000002.png")
    found = read(root, COLOUR)
    assert np.abs(found.images.astype(int) - made).max() <= 2
    assert "2 of 3 pictures JPEG, WebP or AVIF" in the_note(found)


def test_files_that_cannot_be_decoded_are_listed_in_one_error() -> None:
    root = folder(batch(count=6))
    (root / "000001.png").write_bytes(b"")
    (root / "000003.png").write_bytes((root / "000003.png").read_bytes()[:-30])
    (root / "000005.jpg").write_bytes(b"no picture")
    message = refused(root, usage=False)
    assert "3 of 7 pictures" in message
    for name in ("000001.png: empty", "000003.png: damaged", "000005.jpg: not a PNG"):
        assert name in message
    assert "000000.png" not in message


def test_a_long_list_of_files_is_cut() -> None:
    root = folder(batch(count=25))
    for path in root.iterdir():
        path.write_bytes(b"")
    message = refused(root, usage=False)
    assert len(re.findall(r"\.png: empty", message)) == 20
    assert "and 5 more" in message


def test_pictures_of_another_size_are_refused() -> None:
    root = folder(batch(count=4))
    images.pillow(batch((10, 9, 1))[0]).save(root / "000002.png")
    message = refused(root)
    assert "1 of 4, the first 000002.png with 9 x 10 pixels" in message
    assert "8 x 8 pixels" in message
    assert "resize them yourself" in message


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures(count: int) -> None:
    Path("pictures").mkdir()
    message = refused(folder(batch()[:count]))
    assert f"found {count}\n" in message
    assert ".png" in message


def test_a_folder_of_something_else() -> None:
    Path("pictures").mkdir()
    npz("pictures/samples.npz", images=batch())
    assert "found 0" in refused(Path("pictures"))


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_colour_files_of_equal_channels_are_grey(ending: str) -> None:
    made = np.stack([np.full(GREY, shade, np.uint8) for shade in (0, 100, 255)])
    found = read(folder(np.repeat(made, 3, axis=3), ending), GREY)
    assert np.abs(found.images.astype(int) - made).max() <= (2 if ending == ".jpg" else 0)
    assert found.images.shape == (3, *GREY)
    assert "3 of 3 pictures colour files of equal channels: taken as grey" in found.conversions[0]


def test_colour_files_against_grey_are_refused() -> None:
    message = refused(folder(batch(COLOUR)))
    assert "differ in 5 of 5 files, first in 000000.png" in message


def test_grey_files_against_colour_are_refused() -> None:
    message = refused(folder(batch()), COLOUR)
    assert "5 grey pictures (1 channel)" in message


def test_some_grey_files_among_colour_ones_are_taken_as_colour() -> None:
    made = batch(COLOUR)
    made[3] = made[3, :, :, :1]
    root = folder(made)
    images.pillow(made[3, :, :, :1]).save(root / "000003.png")
    found = read(root, COLOUR)
    assert np.array_equal(found.images, made)
    assert "1 of 5 pictures grey: taken as colour" in the_note(found)


def test_transparency_is_laid_on_white_and_stated() -> None:
    root = folder(batch(COLOUR, 3))
    for name, alpha in (("000000.png", 255), ("000001.png", 0)):
        Image.new("RGBA", (8, 8), (10, 20, 30, alpha)).save(root / name)
    found = read(root, COLOUR)
    assert (found.images[0] == (10, 20, 30)).all()
    assert (found.images[1] == 255).all()
    assert the_note(found) == "1 of 3 pictures transparent: laid on white"


def test_an_alpha_channel_that_hides_nothing_is_not_worth_a_word() -> None:
    made = batch(COLOUR)
    Path("pictures").mkdir()
    for index, image in enumerate(made):
        images.pillow(image).convert("RGBA").save(f"pictures/{index}.png")
    found = read(Path("pictures"), COLOUR)
    assert np.array_equal(found.images, made)
    assert found.conversions == ()


def test_16_bit_pictures_are_scaled() -> None:
    made = batch(count=3)
    Path("pictures").mkdir()
    for index, image in enumerate(made[..., 0]):
        Image.fromarray(image.astype(np.uint16) * 257).save(f"pictures/{index}.png")
    found = read(Path("pictures"), GREY)
    assert np.array_equal(found.images, made)
    assert "3 of 3 pictures of 16 bits" in the_note(found)


def test_an_animation_gives_its_first_frame() -> None:
    made = batch(COLOUR, 3)
    root = folder(made)
    first, *rest = (images.pillow(image) for image in made)
    first.save(root / "000000.png", save_all=True, append_images=rest)
    found = read(root, COLOUR)
    assert np.array_equal(found.images, made)
    assert "1 of 3 pictures animated" in the_note(found)


def test_a_folder_needs_square_data() -> None:
    assert "not square" in refused(folder(batch((6, 8, 1))), (6, 8, 1))


def test_a_decompression_bomb_is_refused_without_being_unpacked() -> None:
    root = folder(batch())
    content = bytearray((root / "000001.png").read_bytes())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (root / "000001.png").write_bytes(content)
    assert "pixels, above the limit" in refused(root, usage=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="rights bind no administrator")
def test_a_folder_without_rights() -> None:
    root = folder(batch())
    (root / "closed").mkdir(mode=0)
    with pytest.raises(GanatomyError, match=r"cannot list .*closed"):
        read(root, GREY)
