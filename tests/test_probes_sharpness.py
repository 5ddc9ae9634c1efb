"""Sharpness and speckle: blur and noise move them as they should, and simple pictures have the values of a calculation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from ganatomy.data import sources
from ganatomy.errors import UsageError
from ganatomy.probes import inputs
from ganatomy.probes.sharpness import sharpness, speckle, texture
from ganatomy.runs.run import Run
from probes_runs import tiny


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    images: np.ndarray = sources.get("digits")().load().images
    return images[:1000]


def clipped(images: np.ndarray) -> np.ndarray:
    return images.round().clip(0, 255).astype(np.uint8)


def test_real_against_real_is_near_1(digits: np.ndarray) -> None:
    for value in (sharpness, speckle):
        assert value(digits, digits) == 1
        assert value(digits[::2], digits[1::2]) == pytest.approx(1, abs=0.05)


def test_blur_lowers_both_the_more_the_wider(digits: np.ndarray) -> None:
    for value in (sharpness, speckle):
        blurred = [
            value(digits, clipped(ndimage.gaussian_filter(digits.astype(float), (0, sigma, sigma, 0))))
            for sigma in (0.5, 1.0, 2.0)
        ]
        assert 1 > blurred[0] > blurred[1] > blurred[2] > 0


def test_noise_raises_both_the_more_the_stronger(digits: np.ndarray) -> None:
    noise = np.random.default_rng(0).standard_normal(digits.shape)
    for value in (sharpness, speckle):
        noisy = [value(digits, clipped(digits + grey * noise)) for grey in (5, 20, 60)]
        assert 1 < noisy[0] < noisy[1] < noisy[2]


def test_contrast_is_not_sharpness(digits: np.ndarray) -> None:
    faint = clipped(digits / 2)
    assert sharpness(digits, faint) == pytest.approx(1, abs=0.02)
    assert speckle(digits, faint) == pytest.approx(0.5, abs=0.02)


def stripes(width: int, low: int, high: int, columns: int = 12) -> np.ndarray:
    row = np.where(np.arange(columns) // width % 2, high, low).astype(np.uint8)
    return np.tile(row[None, None, :, None], (2, columns, 1, 1))


def test_sharpness_of_stripes() -> None:
    """a = half the contrast; a pixel with both neighbours on the other side has the Laplacian 4a, with one of them 2a."""
    fine, coarse = stripes(1, 10, 30), stripes(2, 0, 200)
    # Of 12 columns: the two at the edge see one other neighbour, the ten between them two.
    expected_fine = (10 * 16 + 2 * 4) / 12
    # Of stripes of two columns each column but the two at the edge sees one.
    expected_coarse = 10 * 4 / 12
    assert sharpness(coarse, fine) == pytest.approx(expected_fine / expected_coarse)


def test_speckle_of_single_pixels() -> None:
    """A pixel that differs by d from an even ground differs by d from its median, and no other does."""
    one, two = (np.full((3, 8, 8, 1), 50, np.uint8) for _ in range(2))
    one[:, 4, 4] = 60
    two[:, 2, 2] = 80
    two[:, 6, 6] = 20
    assert speckle(one, two) == pytest.approx((30 + 30) / 10)
    edge = np.full((3, 8, 8, 1), 50, np.uint8)
    edge[:, :, 4:] = 200
    assert speckle(one, edge) == 0


def test_channels_are_looked_at_one_by_one(digits: np.ndarray) -> None:
    colour = np.concatenate([digits, digits[::-1], digits], axis=-1)
    for value in (sharpness, speckle):
        assert value(colour, colour) == 1
    swapped = colour[..., [1, 0, 2]]
    assert speckle(colour, swapped) == pytest.approx(1)


def test_a_flat_image_has_neither(digits: np.ndarray) -> None:
    flat = np.full_like(digits, 7)
    for value in (sharpness, speckle):
        assert value(digits, flat) == 0
        with pytest.raises(UsageError, match="flat"):
            value(flat, digits)
    half = np.concatenate([digits, flat])
    assert sharpness(digits, half) == pytest.approx(0.5)


@pytest.mark.parametrize("change", [lambda x: x / 170, lambda x: x[0, ..., 0], lambda x: x[:, :8], lambda x: x[:0]])
def test_other_images_are_an_error(digits: np.ndarray, change: object) -> None:
    with pytest.raises(UsageError, match=r"expected|of one shape"):
        sharpness(digits, change(digits))  # type: ignore[operator]


@pytest.mark.parametrize("change", [lambda x: x / 255, lambda x: x[..., 0], lambda x: list(x[..., 0])])
def test_layout_and_range_of_images_make_no_difference(digits: np.ndarray, change: object) -> None:
    noisy = digits[::-1] // 2
    assert sharpness(digits, change(noisy)) == sharpness(digits, noisy)  # type: ignore[operator]


def test_of_a_run(tmp_path: Path) -> None:
    """An untrained generator's images are noise: sharper than digits are, and more speckled."""
    run = tiny(tmp_path, "gan", "model.hidden=8")
    found = texture(run, 200)
    assert found == texture(Run(run.path), 200)
    real, fake = inputs.training_images(run, 200), run.sample(200, inputs.noise_seed(run))
    assert (found.sharpness, found.speckle) == (sharpness(real, fake), speckle(real, fake))
    assert found.sharpness > 1.2
    assert texture(Run(run.path, "last"), 200) == found
    points = tiny(tmp_path, "gan", "model.hidden=8", data="mixtures")
    with pytest.raises(UsageError, match="points"):
        texture(points, 10)
