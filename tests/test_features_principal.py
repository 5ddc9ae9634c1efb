"""Features without labels: where the data's own images lie close, garbage far away, and the order does not matter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import Generator, Tensor

from ganatomy.data.digits import Digits
from ganatomy.data.reserved import halves
from ganatomy.features import corruptions as corrupt
from ganatomy.features.principal import BANDS, COMPONENTS, Principal
from ganatomy.metrics import frechet, prdc

DIGEST = "a" * 64


def rng(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def smooth(count: int, shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    """Pictures of smooth colours with a little grain."""
    height, width, channels = shape
    coarse = torch.rand(count, channels, 4, 4, generator=rng(seed))
    fine = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=True)
    return as_bytes(corrupt.noise(fine, 0.02, rng(seed + 1)))


def as_bytes(pixels: Tensor) -> np.ndarray:
    return (pixels * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def as_pixels(images: np.ndarray) -> Tensor:
    return torch.from_numpy(images.copy()).permute(0, 3, 1, 2).float() / 255


@pytest.fixture(scope="module")
def digits() -> Principal:
    dataset = Digits().load()
    return Principal(dataset.images, dataset.digest)


@pytest.fixture(scope="module")
def reals() -> tuple[np.ndarray, np.ndarray]:
    source = Digits()
    real, other = halves(source, source.load(), None)
    return real.images, other.images


# ---- what they are


def test_the_digest_is_that_of_the_data() -> None:
    images = smooth(60, (12, 12, 1))
    first, again, other = (Principal(images, digest) for digest in (DIGEST, DIGEST, "b" * 64))
    assert first.digest == again.digest != other.digest
    assert len(first.digest) == 64
    np.testing.assert_array_equal(first.features(images), again.features(images))


def test_components_and_energies(digits: Principal, reals: tuple[np.ndarray, np.ndarray]) -> None:
    features = digits.features(reals[0][:100])
    assert features.shape == (100, COMPONENTS + len(BANDS) + 1)
    assert features.dtype == np.float64
    assert np.isfinite(features).all()
    assert digits.classes == ()
    assert digits.features_and_classes(reals[0][:3])[1] is None


def test_units_are_typical_distances_and_deviations(digits: Principal) -> None:
    features = digits.features(Digits().load().images)
    components, energies = features[:, :COMPONENTS], features[:, COMPONENTS:]
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(energies.std(axis=0), 2.0, rtol=1e-9)
    fifth = np.sort(cdist(components, components), axis=1)[:, 5]
    assert np.median(fifth) == pytest.approx(1, abs=1e-6)
    # Principal: uncorrelated, and by falling variance.
    covariance = np.cov(components.T)
    variances = np.diag(covariance)
    np.testing.assert_allclose(covariance, np.diag(variances), atol=1e-9)
    assert (np.diff(variances) < 0).all()


def test_distances_between_components_are_at_most_those_between_pixels(
    digits: Principal, reals: tuple[np.ndarray, np.ndarray]
) -> None:
    """A projection shortens, in one unit for all."""
    images = reals[0][:80]
    pixels = cdist(*[images.reshape(80, -1) / 255.0] * 2)
    components = cdist(*[digits.features(images)[:, :COMPONENTS]] * 2)
    ratio = components[pixels > 0] / pixels[pixels > 0]
    whole = np.linalg.norm(digits._directions, axis=0)
    np.testing.assert_allclose(whole, 1)
    assert ratio.max() * digits._radius <= 1 + 1e-9
    assert ratio.max() * digits._radius > 0.9


def test_the_order_of_the_data_does_not_matter(reals: tuple[np.ndarray, np.ndarray]) -> None:
    images, others = reals
    turned = images[np.random.default_rng(0).permutation(len(images))]
    distances = [
        cdist(*[Principal(given, DIGEST).features(others[:60])] * 2) for given in (images, turned, images[::-1])
    ]
    np.testing.assert_allclose(distances[1], distances[0], atol=1e-6)
    np.testing.assert_allclose(distances[2], distances[0], atol=1e-6)


def test_an_image_has_the_same_features_whatever_its_batch(
    digits: Principal, reals: tuple[np.ndarray, np.ndarray]
) -> None:
    images = np.concatenate([reals[0], reals[1]])[:1100]
    features = digits.features(images)
    for index in (0, 999, 1000, 1099):
        np.testing.assert_allclose(digits.features(images[index : index + 1])[0], features[index], atol=1e-8)


def test_the_images_are_not_changed(reals: tuple[np.ndarray, np.ndarray]) -> None:
    images = reals[0][:60].copy()
    kept = images.copy()
    Principal(images, DIGEST).features(images)
    np.testing.assert_array_equal(images, kept)


# ---- what they tell


def test_real_images_lie_among_real_ones(digits: Principal, reals: tuple[np.ndarray, np.ndarray]) -> None:
    real, other = (digits.features(images) for images in reals)
    found = prdc.prdc(real, other)
    for name in ("precision", "recall", "density", "coverage"):
        assert getattr(found, name) >= 0.85, name


GARBAGE: dict[str, Callable[[Tensor], Tensor]] = {
    "black": torch.zeros_like,
    "white": torch.ones_like,
    "grey": lambda pixels: torch.full_like(pixels, 0.5),
    "uniform noise": lambda pixels: torch.rand(pixels.shape, generator=rng()),
    "inverted": corrupt.invert,
    "shuffled": lambda pixels: corrupt.shuffle(pixels, 1.0, rng()),
    "mean image": lambda pixels: pixels.mean(dim=0, keepdim=True).expand_as(pixels),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_lies_among_nothing(name: str, digits: Principal, reals: tuple[np.ndarray, np.ndarray]) -> None:
    real, other = reals
    made = as_bytes(GARBAGE[name](as_pixels(other)))
    found = prdc.prdc(digits.features(real), digits.features(made))
    for metric in ("precision", "density", "recall", "coverage"):
        assert getattr(found, metric) <= 0.1, metric


@pytest.mark.parametrize(
    ("name", "apply", "amounts"),
    [
        ("noise", lambda pixels, sigma: corrupt.noise(pixels, sigma, rng()), (0.02, 0.05, 0.1, 0.2, 0.4)),
        ("blur", corrupt.blur, (0.5, 1.0, 2.0, 4.0)),
        ("occlusion", lambda pixels, share: corrupt.occlude(pixels, share, rng()), (0.15, 0.3, 0.5)),
        ("fading", lambda pixels, share: corrupt.fade(pixels, share, 0.5), (0.1, 0.3, 0.6, 1.0)),
    ],
)
def test_what_is_spoilt_more_is_farther(
    name: str,
    apply: Callable[[Tensor, float], Tensor],
    amounts: tuple[float, ...],
    digits: Principal,
    reals: tuple[np.ndarray, np.ndarray],
) -> None:
    real, other = digits.features(reals[0]), as_pixels(reals[1])
    found = [
        frechet.frechet_distance(real, digits.features(images))
        for images in (reals[1], *(as_bytes(apply(other, amount)) for amount in amounts))
    ]
    assert (np.diff(found) > 0).all(), found


# ---- any pictures


@pytest.mark.parametrize("shape", [(28, 28, 3), (64, 64, 3), (64, 64, 1), (40, 64, 3), (9, 7, 1), (4, 4, 3)])
@pytest.mark.parametrize("count", [30, 200])
def test_pictures_of_any_shape(shape: tuple[int, int, int], count: int) -> None:
    images = smooth(count, shape)
    extractor = Principal(images, DIGEST)
    features = extractor.features(images)
    assert len(features) == count
    assert np.isfinite(features).all()
    noisy = extractor.features(np.random.default_rng(0).integers(0, 256, images.shape, dtype=np.uint8))
    assert np.isfinite(noisy).all()
    if shape[0] > 4:  # where smooth fields have no more cells than pixels, they are noise themselves
        found = prdc.prdc(features, noisy)
        assert (found.precision, found.coverage) == (0, 0)


@pytest.mark.parametrize("count", [60, 200, 800])
def test_new_images_are_as_good_as_those_that_were_fitted(count: int) -> None:
    """A perfect generator's images are not in the data. However few these are, what their components leave out must not
    tell the two apart."""
    images = Digits().load().images
    order = np.random.default_rng(0).permutation(len(images))
    fitted, new = images[order[:count]], images[order[800:]]
    extractor = Principal(fitted, DIGEST)
    assert prdc.prdc(extractor.features(fitted), extractor.features(new)).precision > 0.8


def test_equal_images_have_no_spread_to_divide_by() -> None:
    images = np.full((40, 8, 8, 1), 77, np.uint8)
    extractor = Principal(images, DIGEST)
    assert np.isfinite(extractor.features(images)).all()
    assert np.isfinite(extractor.features(smooth(5, (8, 8, 1)))).all()
