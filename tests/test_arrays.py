"""Images as people hold them: whatever form they have, the same pixels come out, or an error that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, TensorDataset

from ganatomy import images
from ganatomy.arrays import as_images, own_shape, to_numpy
from ganatomy.data import passed
from ganatomy.errors import UsageError
from ganatomy.metrics import bootstrap, frechet, kernel, modes, novelty, prdc
from ganatomy.probes import discrimination

COLOUR = (6, 8, 3)
GREY = (8, 8, 1)


def batch(shape: tuple[int, int, int], count: int = 5) -> np.ndarray:
    made = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)
    made[:, 0, 0], made[:, 0, 1] = 0, 255
    return made


def first(made: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(made.transpose(0, 3, 1, 2).copy())


FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "array": lambda made: made,
    "channels first": lambda made: made.transpose(0, 3, 1, 2),
    "tensor": first,
    "tensor, channels last": torch.from_numpy,
    "tensor in [0, 1]": lambda made: first(made) / 255,
    "tensor in [-1, 1] with a graph": lambda made: (first(made) / 127.5 - 1).requires_grad_() * 1.0,
    "double": lambda made: first(made).double() / 255,
    "list of arrays": list,
    "list of tensors": lambda made: list(first(made)),
    "list of pictures": lambda made: [images.pillow(image) for image in made],
    "nested lists": lambda made: made.tolist(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [COLOUR, GREY])
def test_every_form_is_the_same_images(form: str, shape: tuple[int, int, int]) -> None:
    made = batch(shape)
    given = FORMS[form](made)
    assert np.array_equal(images.read(given, shape).images, made)
    assert np.array_equal(images.as_pixels(given), made)
    assert np.array_equal(passed(given).load().images, made)
    assert np.array_equal(images.grid(given), images.grid(made))
    assert np.array_equal(images.picture(given), images.picture(made))


def test_images_without_an_axis_of_channels_are_grey() -> None:
    made = batch(GREY)
    for given in (made[..., 0], torch.from_numpy(made[..., 0] / 255)):
        assert np.array_equal(images.as_pixels(given), made)
        assert np.array_equal(passed(given).load().images, made)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision(kind: torch.dtype) -> None:
    made = np.zeros((4, *GREY), np.uint8)
    made[:, 2] = 255
    assert np.array_equal(images.as_pixels((first(made) / 255).to(kind)), made)


@pytest.mark.parametrize("span", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_floats_are_rounded_as_the_packages_own_samples_are(span: tuple[float, float]) -> None:
    low, high = span
    values = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * (high - low) + low
    values[:, 0, 0, 0], values[:, 0, 0, 1] = low, high
    ties = (torch.arange(256) + 0.5).clamp(max=255) / 255 * (high - low) + low
    values[:, 0, 1:5] = ties.reshape(4, 64)
    assert np.array_equal(as_images("it", values.numpy(), (64, 64, 3), []), images.to_pixels(values, span))


@pytest.mark.parametrize("shape", [(3, 3, 3, 3), (5, 1, 8, 1), (5, 3, 8, 1), (5, 1, 8, 3)])
def test_an_ambiguous_layout_is_an_error_that_says_how_to_state_it(shape: tuple[int, ...]) -> None:
    given = np.full(shape, 7, np.uint8)
    for take in (lambda: own_shape("it", shape), lambda: passed(given)):
        with pytest.raises(UsageError, match="layout='NCHW'"):
            take()
    assert own_shape("it", shape, "NHWC") == shape[1:]
    assert own_shape("it", shape, "NCHW") == (shape[2], shape[3], shape[1])


def test_a_layout_that_is_stated_wrongly_is_an_error() -> None:
    with pytest.raises(UsageError, match="stated as N x C x H x W"):
        own_shape("it", (5, 8, 8, 3), "NCHW")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("word", "type str"),
        (object(), "type object"),
        ([np.zeros((2, 2)), np.zeros((3, 3))], "several shapes: 2 x 2 and 3 x 3"),
        ([[1, 2], [3]], "several lengths"),
        ([Image.new("RGBA", (4, 4))], r"picture.convert\('L'\)"),
        (TensorDataset(torch.zeros(4, 8, 8)), "a TensorDataset"),
        (DataLoader(TensorDataset(torch.zeros(4, 8, 8))), r"torch.cat of a loader's batches"),
    ],
)
def test_what_holds_no_images_is_named(given: Any, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        to_numpy(given)


def test_the_data_of_a_run_does_not_change_with_the_callers_array() -> None:
    made = batch(GREY)
    source = passed(made)
    before = made.copy()
    made[:] = 0  # and it can be written still
    assert np.array_equal(source.load().images, before)


def test_dark_pictures_are_saved_as_they_are(tmp_path: Any) -> None:
    dark = np.zeros(GREY, np.uint8)
    dark[0, 0] = 1
    images.save_png(str(tmp_path / "dark.png"), dark)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "dark.png")), dark[..., 0])


def test_metrics_take_tensors() -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(60, 3)), rng.normal(size=(50, 3))
    counts = bootstrap.draws(50, 4, 0)
    shares, predicted = np.array([0.5, 0.5]), rng.integers(0, 2, 50)

    def graph(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(values).requires_grad_()

    assert frechet.frechet_distance(graph(real), graph(fake)) == frechet.frechet_distance(real, fake)  # type: ignore[arg-type]
    assert kernel.kernel_distance(graph(real), graph(fake)) == kernel.kernel_distance(real, fake)  # type: ignore[arg-type]
    assert prdc.prdc(graph(real), graph(fake)) == prdc.prdc(real, fake)  # type: ignore[arg-type]
    drawn = torch.from_numpy(counts)
    assert np.array_equal(frechet.replicates(real, fake, drawn), frechet.replicates(real, fake, counts))  # type: ignore[arg-type]
    assert np.array_equal(
        modes.class_kl_replicates(torch.from_numpy(predicted), graph(shares), drawn),  # type: ignore[arg-type]
        modes.class_kl_replicates(predicted, shares, counts),
    )
    near = novelty.nearest_two(fake, real)
    assert np.array_equal(novelty.nearest_two(graph(fake), graph(real)), near)  # type: ignore[arg-type]
    assert np.array_equal(novelty.near_copies(*map(graph, near)), novelty.near_copies(*near))  # type: ignore[arg-type]
    assert discrimination.auc(graph(real[:, 0]), graph(fake[:, 0])) == discrimination.auc(real[:, 0], fake[:, 0])
