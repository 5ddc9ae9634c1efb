"""Arguments from Python: taken, or refused in one sentence that says what is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import ganatomy
from ganatomy.errors import UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 28, 28, 1), dtype=np.uint8)
CONDITIONAL = str(Path(__file__).parent / "outside" / "class_conditional.py")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ganatomy.Run:
    out = tmp_path_factory.mktemp("runs") / "run"
    return ganatomy.train("gan", data="digits", train={"updates": 1, "evaluate_every": 0}, out=out)


@pytest.fixture(scope="module")
def conditional(tmp_path_factory: pytest.TempPathFactory) -> ganatomy.Run:
    out = tmp_path_factory.mktemp("runs") / "conditional"
    settings = {"updates": 1, "evaluate_every": 0}
    return ganatomy.train("gan", data="digits", model=CONDITIONAL, train=settings, out=out)


def scored(images: Any, **options: Any) -> float:
    return ganatomy.evaluate_images(images, "digits", metrics=["kid"], **options).metrics["kid"].value


@pytest.mark.parametrize(
    "images",
    [
        torch.from_numpy(IMAGES),
        torch.from_numpy(IMAGES).permute(0, 3, 1, 2),
        list(IMAGES),
        [torch.from_numpy(image) for image in IMAGES],
        [Image.fromarray(image[..., 0]) for image in IMAGES],
        torch.from_numpy(IMAGES).float() / 255,
    ],
    ids=["tensor", "planes", "arrays", "tensors", "pictures", "floats"],
)
def test_images_of_any_kind_score_alike(images: Any) -> None:
    assert scored(images) == scored(IMAGES)


@pytest.mark.parametrize("n", [20, 20.0, np.int64(20), "20"])
def test_whole_numbers_are_whole_numbers(n: Any, run: ganatomy.Run) -> None:
    assert ganatomy.evaluate(run, n=n, metrics=["kid"]).n == 20
    assert scored(IMAGES, n=n) == scored(IMAGES, n=20)
    assert len(run.sample(n)) == 20
    assert np.array_equal(run.sample(2, seed=n), run.sample(2, seed=20))


@pytest.mark.parametrize(
    "convert",
    [lambda z: z, lambda z: z.numpy(), lambda z: z.tolist(), lambda z: z.double(), lambda z: z.requires_grad_()],
)
def test_noise_of_any_kind_decodes_alike(convert: Callable[[torch.Tensor], Any], run: ganatomy.Run) -> None:
    noise = torch.randn(3, 100, generator=torch.Generator().manual_seed(1))
    assert np.array_equal(run.decode(convert(noise.clone())), run.decode(noise))


@pytest.mark.parametrize("labels", [[1, 2, 3], np.array([1, 2, 3], np.uint8), torch.tensor([1, 2, 3])])
def test_labels_of_any_kind_decode_alike(labels: Any, conditional: ganatomy.Run) -> None:
    noise = torch.zeros(3, conditional.config.model.latent)
    assert np.array_equal(conditional.decode(noise, labels), conditional.decode(noise, torch.tensor([1, 2, 3])))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.sample(-1), "sample: count = -1: must be whole number >= 1"),
        (lambda run: run.sample(0), "sample: count = 0: must be whole number >= 1"),
        (lambda run: run.sample(1.5), "sample: count = 1.5: must be whole number"),
        (lambda run: run.sample(None), "sample: count = None: must be whole number"),
        (lambda run: run.sample(2, seed=-1), "sample: seed = -1: must be whole number >= 0"),
        (lambda run: run.decode(np.zeros((3, 50))), r"the noise is 3 x 50; expected N x 100 \(model.latent\)"),
        (lambda run: run.decode(np.zeros(100)), "the noise is 100; expected N x 100"),
        (lambda run: run.decode(np.zeros((0, 100))), "the noise is 0 x 100; expected N x 100"),
        (lambda run: run.decode(np.full((1, 100), np.nan)), "not finite"),
        (lambda run: run.decode(None), "the noise: found an object of type NoneType"),
        (lambda run: ganatomy.evaluate(run, n=0), "evaluate: n = 0: must be whole number >= 1 or unset"),
        (lambda run: ganatomy.evaluate(run, n="many"), "evaluate: n = 'many': must be whole number"),
        (lambda run: ganatomy.evaluate(run, metrics="kid"), "evaluate: metrics = 'kid': must be list"),
        (lambda run: ganatomy.evaluate(run, features=3), "evaluate: features = 3: must be text or unset"),
        (lambda run: ganatomy.evaluate(None), "evaluate: run = None: must be Run or path or text"),
        (lambda _: ganatomy.load(3), "load: path = 3: must be path or text"),
        (lambda run: ganatomy.load(run.path, weights=50), "load: weights = 50: must be text"),
        (lambda _: ganatomy.train(None), "train: recipe_name = None: must be text"),
        (lambda _: ganatomy.train("gan", 5), "5 is not of the form key=value"),
        (lambda _: ganatomy.train("gan", callbacks=5), "train: callbacks = 5: must be list, each a Callback"),
        (lambda _: ganatomy.resume(None), "resume: path = None: must be path or text"),
        (lambda _: ganatomy.build("gan", shape=(28, 28)), r"build: shape = \(28, 28\): must be list of 3"),
        (lambda _: ganatomy.study("course", seeds=2), "study: seeds = 2: must be list"),
        (lambda _: ganatomy.evaluate_images(None, "digits"), "the array: found an object of type NoneType"),
        (lambda _: ganatomy.evaluate_images(IMAGES, None), "data: found an object of type NoneType"),
        (lambda _: ganatomy.evaluate_images([], "digits"), "images: at least 2"),
    ],
)
def test_what_cannot_be_taken(call: Callable[[Any], object], message: str, run: ganatomy.Run) -> None:
    with pytest.raises(UsageError, match=message):
        call(run)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "is conditional: give labels"),
        ([1, 2], "the labels are 2 of int64; expected 3 whole numbers"),
        ([0.5, 1, 2], "expected 3 whole numbers"),
        ([0, 1, 10], "labels from 0 to 10; the data has the classes 0 to 9"),
        ([-1, 1, 2], "labels from -1 to 2"),
    ],
)
def test_labels_that_cannot_be_taken(labels: Any, message: str, conditional: ganatomy.Run) -> None:
    with pytest.raises(UsageError, match=message):
        conditional.decode(torch.zeros(3, conditional.config.model.latent), labels)


def test_all_wrong_arguments_are_named_at_once(run: ganatomy.Run) -> None:
    with pytest.raises(UsageError) as error:
        ganatomy.evaluate(run, n=-1, seed=-1)
    assert str(error.value).splitlines()[0].startswith("evaluate: n = -1")
    assert str(error.value).splitlines()[1].startswith("evaluate: seed = -1")
