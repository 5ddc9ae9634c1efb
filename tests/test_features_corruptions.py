"""What each corruption does to images, by its amount: closed forms, and what all of them keep."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Generator, Tensor

from ganatomy.features import corruptions as corrupt

Spoiler = Callable[[Tensor, Tensor | float, Generator], Tensor]

SPOILERS: dict[str, tuple[Spoiler, float]] = {
    "noise": (corrupt.noise, 0.5),
    "blur": (lambda x, amount, rng: corrupt.blur(x, amount), 2.0),
    "occlude": (corrupt.occlude, 0.5),
    "ghost": (corrupt.ghost, 0.5),
    "splice": (corrupt.splice, 0.4),
    "thicken": (lambda x, amount, rng: corrupt.thicken(x, amount), 2.5),
    "thin": (lambda x, amount, rng: corrupt.thicken(x, -amount), 2.5),
    "rotate": (lambda x, amount, rng: corrupt.rotate(x, amount), 70.0),
    "warp": (corrupt.warp, 2.0),
    "fade": (lambda x, amount, rng: corrupt.fade(x, amount, 0.3), 0.6),
    "invert": (lambda x, amount, rng: corrupt.invert(x, amount), 0.9),
    "checkerboard": (lambda x, amount, rng: corrupt.checkerboard(x, amount), 0.3),
    "coarse checkerboard": (lambda x, amount, rng: corrupt.checkerboard(x, amount, 4), 0.3),
    "shuffle": (corrupt.shuffle, 0.5),
}
"""Each with an amount that shows."""

SHAPES = [(1, 28, 28), (3, 28, 28), (1, 9, 14), (3, 15, 8)]

spoilers = pytest.mark.parametrize("name", SPOILERS)
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


def rng(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def pictures(shape: tuple[int, ...] = (1, 28, 28), count: int = 6) -> Tensor:
    """Random pixels, with black and white among them."""
    return (1.4 * torch.rand(count, *shape, generator=rng(99)) - 0.2).clamp(0, 1)


def flat_images(shape: tuple[int, ...], count: int) -> Tensor:
    """Image i is of one grey, i / count."""
    return (torch.arange(count) / count)[:, None, None, None].expand(count, *shape).clone()


# ---- what holds for all


@spoilers
@shapes
def test_nothing_at_amount_zero(name: str, shape: tuple[int, ...]) -> None:
    images = pictures(shape)
    torch.testing.assert_close(SPOILERS[name][0](images, 0.0, rng()), images, rtol=0, atol=2e-5)


@spoilers
@shapes
def test_the_same_shape_within_black_and_white(name: str, shape: tuple[int, ...]) -> None:
    apply, amount = SPOILERS[name]
    images = pictures(shape)
    for factor in (0.3, 1.0):
        corrupted = apply(images, amount * factor, rng())
        assert (corrupted.shape, corrupted.dtype) == (images.shape, torch.float32)
        assert corrupted.min() >= -1e-6
        assert corrupted.max() <= 1 + 1e-6


@spoilers
@shapes
def test_every_image_by_its_own_amount(name: str, shape: tuple[int, ...]) -> None:
    apply, most = SPOILERS[name]
    images = pictures(shape)
    amounts = torch.linspace(0, 1, len(images)) * most
    together = apply(images, amounts, rng(3))
    for index, amount in enumerate(amounts):
        alone = apply(images, amount.item(), rng(3))[index]
        torch.testing.assert_close(together[index], alone, rtol=0, atol=2e-5)
    assert (together[-1] - images[-1]).abs().mean() > 0.02


@spoilers
def test_a_function_of_images_amount_and_generator(name: str) -> None:
    apply, amount = SPOILERS[name]
    images = pictures()
    kept, global_state = images.clone(), torch.get_rng_state()
    numpy_state = np.random.get_state()[1]
    first = apply(images, amount, rng(1))
    assert torch.equal(first, apply(images, amount, rng(1)))
    assert torch.equal(images, kept)
    assert torch.equal(torch.get_rng_state(), global_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


@pytest.mark.parametrize("name", ["noise", "occlude", "ghost", "splice", "warp", "shuffle"])
def test_another_seed_gives_another_result(name: str) -> None:
    apply, amount = SPOILERS[name]
    assert not torch.equal(apply(pictures(), amount, rng(1)), apply(pictures(), amount, rng(2)))


# ---- noise and blur


@pytest.mark.parametrize("channels", [1, 3])
def test_noise_has_its_standard_deviation(channels: int) -> None:
    sigma = torch.tensor([0.01, 0.03, 0.1])
    grey = torch.full((3, channels, 128, 128), 0.5)
    difference = (corrupt.noise(grey, sigma, rng()) - grey).flatten(1)
    torch.testing.assert_close(difference.std(dim=1), sigma, rtol=0.03, atol=0)
    assert (difference.mean(dim=1).abs() < sigma / 25).all()


def test_noise_differs_by_image_and_channel() -> None:
    difference = corrupt.noise(torch.full((2, 2, 64, 64), 0.5), 0.1, rng()) - 0.5
    assert (torch.corrcoef(difference.flatten(0, 1).flatten(1)) - torch.eye(4)).abs().max() < 0.1


def impulse(size: int = 61) -> Tensor:
    image = torch.zeros(1, 1, size, size)
    image[..., size // 2, size // 2] = 1
    return image


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.0, 4.0])
def test_the_kernel_of_a_blur(sigma: float) -> None:
    kernel = corrupt.blur(impulse(), sigma)[0, 0].double()
    assert kernel.sum().item() == pytest.approx(1, abs=1e-5)
    torch.testing.assert_close(kernel, kernel.T, rtol=0, atol=1e-7)
    torch.testing.assert_close(kernel, kernel.flip(0, 1), rtol=0, atol=1e-7)
    place = torch.arange(61, dtype=torch.float64) - 30
    assert (kernel.sum(dim=0) @ place**2).item() == pytest.approx(sigma**2, rel=1e-3)
    assert kernel[30, 30].item() == pytest.approx(1 / (2 * np.pi * sigma**2), rel=1e-3)


@shapes
@pytest.mark.parametrize("sigma", [0.5, 3.0, 20.0])
def test_a_blur_keeps_one_grey(shape: tuple[int, ...], sigma: float) -> None:
    grey = flat_images(shape, 5)
    torch.testing.assert_close(corrupt.blur(grey, sigma), grey, rtol=0, atol=1e-6)


def test_a_blur_keeps_the_mean_of_what_lies_away_from_the_border() -> None:
    images = torch.zeros(4, 3, 40, 48)
    images[:, :, 15:25, 18:30] = pictures((3, 10, 12), 4)
    blurred = corrupt.blur(images, 2.5)
    torch.testing.assert_close(blurred.mean(dim=(2, 3)), images.mean(dim=(2, 3)), rtol=1e-4, atol=0)
    assert blurred.amax(dim=(2, 3)).max() < images.amax(dim=(2, 3)).min()


def test_a_blur_is_scipys_away_from_the_border() -> None:
    image = pictures((1, 40, 50), 1)
    expected = ndimage.gaussian_filter(image[0, 0].double().numpy(), 1.5, truncate=6)
    np.testing.assert_allclose(corrupt.blur(image, 1.5)[0, 0, 10:-10, 10:-10], expected[10:-10, 10:-10], atol=1e-5)


# ---- parts that are lost, or another's


@shapes
@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_an_occlusion_covers_its_area(shape: tuple[int, ...], share: float) -> None:
    covered = corrupt.occlude(torch.ones(200, *shape), share, rng(), value=0.25)
    assert set(covered.unique().tolist()) <= {0.25, 1.0}
    hidden = covered == 0.25
    assert (hidden == hidden[:, :1]).all()
    rows, columns = hidden[:, 0].any(dim=2).sum(dim=1), hidden[:, 0].any(dim=1).sum(dim=1)
    # Nothing but one rectangle, of whole pixels around the sides stated.
    assert torch.equal(hidden[:, 0].sum(dim=(1, 2)), rows * columns)
    assert ((rows - share * shape[1]).abs() < 1).all()
    assert ((columns - share * shape[2]).abs() < 1).all()
    assert rows.float().mean().item() == pytest.approx(share * shape[1], abs=0.15)
    assert columns.float().mean().item() == pytest.approx(share * shape[2], abs=0.15)
    assert hidden[:, 0].any(dim=0).any(dim=0).all(), "there is a column that it never covers"
    assert hidden[:, 0].any(dim=0).any(dim=1).all(), "there is a row that it never covers"


def test_an_occlusion_of_all() -> None:
    assert (corrupt.occlude(pictures(), 1.0, rng()) == 0).all()


@shapes
@pytest.mark.parametrize("weight", [0.5, 0.2])
def test_a_ghost_is_the_mean_with_another(shape: tuple[int, ...], weight: float) -> None:
    images = pictures(shape, 7)
    mixed = corrupt.ghost(images, weight, rng(5))
    partner = corrupt.others(7, rng(5))
    torch.testing.assert_close(mixed, (1 - weight) * images + weight * images[partner])
    assert (partner != torch.arange(7)).all()


@pytest.mark.parametrize("count", [2, 3, 50])
def test_others_are_never_oneself_and_each_is_taken_once(count: int) -> None:
    for seed in range(20):
        partner = corrupt.others(count, rng(seed))
        assert sorted(partner.tolist()) == list(range(count))
        assert (partner != torch.arange(count)).all()


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_splice_takes_the_lower_or_the_right_part_of_another(share: float) -> None:
    count, height, width = 40, 8, 12
    images = flat_images((3, height, width), count)
    spliced = corrupt.splice(images, share, rng())
    foreign = spliced != images
    rows, columns = round(height * share), round(width * share)
    below, right = torch.zeros(2, height, width, dtype=torch.bool)
    below[-rows:], right[:, -columns:] = True, True
    seen = set()
    for index in range(count):
        (way,) = [way for way, mask in (("below", below), ("right", right)) if (foreign[index] == mask).all()]
        seen.add(way)
        assert len(spliced[index][foreign[index]].unique()) == 1
    assert seen == {"below", "right"}
    assert len({round(part.min().item() * count) for part in spliced[:, 0, -1:, -1]}) == count


# ---- strokes


def square(side: int, size: int = 24) -> Tensor:
    image = torch.zeros(1, 1, size, size)
    start = (size - side) // 2
    image[..., start : start + side, start : start + side] = 1
    return image


@pytest.mark.parametrize("pixels", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_square_grows_and_shrinks_by_pixels(pixels: int, sign: int) -> None:
    changed = corrupt.thicken(square(8), float(sign * pixels))[0, 0]
    side = 8 + sign * pixels
    assert set(changed.unique().tolist()) == {0.0, 1.0}
    bright = changed.nonzero()
    assert len(bright) == side**2
    assert (bright.amax(dim=0) - bright.amin(dim=0) + 1).tolist() == [side, side]
    if pixels % 2 == 0:
        assert torch.equal(changed, square(side)[0, 0]), "the middle does not stay"


@pytest.mark.parametrize("pixels", [0.25, 1.5, 2.75, -0.25, -1.5])
def test_a_part_of_a_pixel_is_a_blend(pixels: float) -> None:
    image = square(8)
    whole = float(int(pixels))
    further = whole + np.sign(pixels)
    expected = torch.lerp(corrupt.thicken(image, whole), corrupt.thicken(image, further), abs(pixels - whole))
    torch.testing.assert_close(corrupt.thicken(image, pixels), expected)


def test_thinning_what_is_bright_is_thickening_what_is_dark() -> None:
    images = pictures((3, 9, 14))
    torch.testing.assert_close(corrupt.thicken(images, -3.0), 1 - corrupt.thicken(1 - images, 3.0))
    assert (corrupt.thicken(images, 2.0) >= images - 1e-6).float().mean() == 1
    assert (corrupt.thicken(images, -2.0) <= images + 1e-6).float().mean() == 1


# ---- what moves


@pytest.mark.parametrize("size", [8, 9, 28])
@pytest.mark.parametrize("quarters", [-1, 1, 2, 3, 4])
def test_right_angles_move_whole_pixels_counter_clockwise(size: int, quarters: int) -> None:
    """Rows run down, so that from rows to columns is counter-clockwise: the way of `rot90`."""
    images = pictures((3, size, size))
    turned = corrupt.rotate(images, 90.0 * quarters)
    torch.testing.assert_close(turned, torch.rot90(images, quarters, (2, 3)), rtol=0, atol=1e-4)


def test_the_right_edge_turns_to_the_top() -> None:
    image = torch.zeros(1, 1, 8, 8)
    image[..., -1] = 1
    assert corrupt.rotate(image, 90.0)[0, 0, 0].min() > 0.999


def test_rotation_of_what_is_not_square() -> None:
    images = pictures((1, 6, 10))
    torch.testing.assert_close(corrupt.rotate(images, 180.0), images.flip(2, 3), rtol=0, atol=1e-4)
    turned = corrupt.rotate(images, 90.0)
    torch.testing.assert_close(
        turned[..., 2:8], torch.rot90(images[..., 2:8], 1, (2, 3)), rtol=0, atol=1e-4, msg="angles are not kept"
    )
    assert turned[..., :2].abs().max() < 1e-4
    assert turned[..., 8:].abs().max() < 1e-4


def test_a_turn_and_back() -> None:
    image = corrupt.blur(square(10, 40), 2.0)
    back = corrupt.rotate(corrupt.rotate(image, 30.0), -30.0)
    assert (back - image).abs().max() < 0.02
    assert (corrupt.rotate(image, 30.0) - image).abs().max() > 0.05


@shapes
@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 1), (2, 3), (-1, -2), (-3, 2)])
def test_a_shift_is_a_slice(shape: tuple[int, ...], right: int, down: int) -> None:
    images = pictures(shape)
    height, width = shape[1:]
    moved = corrupt.shift(images, right, down)
    kept = images[..., max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    there = moved[..., max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    assert torch.equal(there, kept)
    padded = np.pad(
        kept,
        [(0, 0), (0, 0), (max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0))],
        mode="edge",
    )
    assert np.array_equal(moved, padded)
    assert torch.equal(corrupt.shift(images, 0, 0), images)


@pytest.mark.parametrize("pixels", [0.25, 0.5])
def test_a_warp_moves_by_its_root_mean_square_along_each_axis(pixels: float) -> None:
    """On a ramp, the change of grey tells the distance; cubic interpolation keeps a ramp as it is."""
    size, slope = 48, 0.01
    ramp = 0.25 + slope * torch.arange(size)
    image = torch.stack([ramp.expand(size, size), ramp[:, None].expand(size, size)])
    moved = corrupt.warp(image.expand(100, 2, size, size), pixels, rng())
    inside = ((moved - image) / slope)[..., 4:-4, 4:-4]
    assert inside.square().mean().sqrt().item() == pytest.approx(pixels, rel=0.1)
    step = (inside[..., 1:] - inside[..., :-1]).square().mean().sqrt().item()
    assert step < pixels / 4, "the field is not smooth"
    assert inside.mean(dim=(2, 3)).std() > 0


# ---- greys and patterns


@shapes
def test_fading(shape: tuple[int, ...]) -> None:
    images = pictures(shape)
    grey = torch.linspace(0, 1, len(images))
    torch.testing.assert_close(corrupt.fade(images, 1.0, grey), grey[:, None, None, None].expand_as(images))
    torch.testing.assert_close(corrupt.fade(images, 0.25, 0.8), 0.75 * images + 0.2)


@shapes
def test_inverting(shape: tuple[int, ...]) -> None:
    images = pictures(shape)
    torch.testing.assert_close(corrupt.invert(images), 1 - images)
    torch.testing.assert_close(corrupt.invert(corrupt.invert(images)), images)
    torch.testing.assert_close(corrupt.invert(images, 0.5), torch.full_like(images, 0.5))


@shapes
@pytest.mark.parametrize("period", [2, 4])
def test_a_checkerboard(shape: tuple[int, ...], period: int) -> None:
    grey = torch.full((2, *shape), 0.5)
    board = corrupt.checkerboard(grey, torch.tensor([0.1, 0.3]), period)
    torch.testing.assert_close((board - 0.5).abs(), torch.tensor([0.1, 0.3])[:, None, None, None].expand_as(board))
    half = period // 2
    for axis in (2, 3):
        apart = board.narrow(axis, half, board.shape[axis] - half), board.narrow(axis, 0, board.shape[axis] - half)
        torch.testing.assert_close(apart[0] + apart[1], torch.ones_like(apart[0]))
        same = board.narrow(axis, period, board.shape[axis] - period), board.narrow(axis, 0, board.shape[axis] - period)
        assert torch.equal(*same)
    if half > 1:
        assert torch.equal(board[..., 0], board[..., 1])


# ---- shuffled pixels


def coloured(count: int, height: int, width: int) -> Tensor:
    """No two pixels alike; the second and third channel are functions of the first."""
    value = (torch.arange(height * width) / (height * width)).reshape(1, 1, height, width)
    return torch.cat([value, 1 - value, value**2], dim=1).expand(count, -1, -1, -1).clone()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 1.0])
def test_shuffling_moves_its_share_and_keeps_all_pixels(share: float) -> None:
    images = coloured(20, 30, 40)
    shuffled = corrupt.shuffle(images, share, rng())
    assert torch.equal(shuffled.flatten(2).sort(dim=2).values, images.flatten(2).sort(dim=2).values)
    assert torch.equal(shuffled[:, 1], 1 - shuffled[:, 0]), "colours came apart"
    assert torch.equal(shuffled[:, 2], shuffled[:, 0] ** 2)
    moved = (shuffled != images)[:, 0].float().mean(dim=(1, 2))
    assert ((moved - share).abs() < 0.06).all()
    assert moved.mean().item() == pytest.approx(share, abs=0.012)
    if share:
        assert not torch.equal(shuffled[0], shuffled[1])


def test_shuffled_pixels_can_come_from_anywhere() -> None:
    images = coloured(1, 40, 40)
    shuffled = corrupt.shuffle(images, 1.0, rng())[0, 0]
    assert abs(torch.corrcoef(torch.stack([images[0, 0].flatten(), shuffled.flatten()]))[0, 1]) < 0.1


# ---- JPEG


@shapes
def test_jpeg_gives_bytes_back(shape: tuple[int, ...]) -> None:
    images = corrupt.blur(pictures(shape), 2.0)
    apart = []
    for quality in (20, 95):
        back = corrupt.jpeg(images, quality)
        assert (back.shape, back.dtype) == (images.shape, torch.float32)
        steps = back.double() * 255
        torch.testing.assert_close(steps, steps.round(), rtol=0, atol=1e-4)
        assert steps.min() >= 0
        assert steps.max() <= 255
        apart.append((back - images).abs().mean().item())
    assert apart[1] < 0.02
    assert apart[1] < apart[0]


def test_jpeg_keeps_one_grey_and_the_order_of_the_images() -> None:
    grey = (torch.arange(0, 256, 15) / 255)[:, None, None, None].expand(-1, 1, 16, 16).clone()
    assert ((corrupt.jpeg(grey, 80) - grey).abs() * 255).max() <= 2
