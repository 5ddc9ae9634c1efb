"""A tiny training: what it learns, that it can be repeated to the byte, and the file and card it leaves."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganatomy.config import recipe
from ganatomy.data import Dataset
from ganatomy.data.base import digest_of
from ganatomy.errors import UsageError
from ganatomy.features import corruptions as corrupt
from ganatomy.features import learnt, making, training
from ganatomy.features.exposure import OUTPUTS
from ganatomy.features.training import Plan, Trained

TINY = Plan(epochs=30, widths=(8, 16))
SIDE = 12


def stripes(count: int, seed: int, channels: int = 1) -> Dataset:
    """Images of 12 x 12: a bright bar that lies (class 0) or stands (class 1), on a dark ground."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 20, (count, SIDE, SIDE, channels), dtype=np.uint8)
    labels = np.arange(count, dtype=np.int64) % 2
    for image, label in zip(images, labels, strict=True):
        place, length = rng.integers(3, SIDE - 5), rng.integers(6, 9)
        bar = image[place : place + 2, 2 : 2 + length] if label == 0 else image[2 : 2 + length, place : place + 2]
        bar += rng.integers(180, 230, dtype=np.uint8)
    return Dataset(images, labels, ("lying", "standing"), digest_of(images))


def write_pictures(root: Path, dataset: Dataset, classes: bool = True) -> Path:
    """As files, in a folder for each class."""
    assert dataset.labels is not None
    for number, (image, label) in enumerate(zip(dataset.images, dataset.labels, strict=True)):
        folder = root / dataset.classes[label] if classes else root
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[:, :, 0]).save(folder / f"{number:04d}.png")
    return root


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def tiny(told: list[str]) -> Trained:
    return training.train("stripes", "graded", stripes(256, 0), stripes(200, 1), TINY, told.append)


@pytest.fixture
def graded(tiny: Trained, tmp_path: Path) -> learnt.LearntExtractor:
    path = tmp_path / "stripes-graded.safetensors"
    path.write_bytes(tiny.content)
    return learnt.load(path, tiny.card["sha256"])


def as_bytes(pixels: torch.Tensor) -> np.ndarray:
    return (pixels * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def severities(extractor: learnt.LearntExtractor, images: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return extractor.net(learnt.prepare(images))[2].sigmoid().numpy()


def test_it_learns_the_classes(tiny: Trained, graded: learnt.LearntExtractor) -> None:
    assert tiny.card["held_out_accuracy"] > 0.9
    unseen = stripes(300, 2)
    features, probabilities = graded.features_and_classes(unseen.images)
    assert features.shape == (300, 48 + len(OUTPUTS))
    assert features.dtype == probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == unseen.labels).mean() > 0.9


def test_it_learns_how_spoilt_an_image_is(graded: learnt.LearntExtractor) -> None:
    clean = stripes(200, 3).images
    pixels = torch.from_numpy(clean).permute(0, 3, 1, 2).float() / 255
    noisy = as_bytes(corrupt.noise(pixels, 0.8, torch.Generator().manual_seed(0)))
    found, expected = severities(graded, clean), severities(graded, noisy)
    assert found.min() >= 0
    assert expected.max() <= 1
    assert expected.sum(axis=1).mean() > found.sum(axis=1).mean() + 0.2
    noise = OUTPUTS.index("noise")
    assert expected[:, noise].mean() > found[:, noise].mean() + 0.05


def test_the_same_bytes_twice_and_the_global_generators_untouched(tiny: Trained) -> None:
    torch.manual_seed(5)
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1]
    short = dataclasses.replace(TINY, epochs=3)
    first, again = (training.train("s", "graded", stripes(256, 0), stripes(50, 1), short) for _ in range(2))
    assert first.content == again.content
    assert first.content != tiny.content
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)
    torch.manual_seed(6)
    assert training.train("s", "graded", stripes(256, 0), stripes(50, 1), short).content == first.content
    other = training.train("s", "graded", stripes(256, 0), stripes(50, 1), dataclasses.replace(short, seed=1))
    assert other.content != first.content


def test_what_is_held_out_is_not_learnt_from() -> None:
    short = dataclasses.replace(TINY, epochs=2)
    first, other = (training.train("s", "graded", stripes(128, 0), stripes(40, seed), short) for seed in (1, 2))
    assert first.content == other.content
    assert first.card["held_out"] != other.card["held_out"]


def test_the_images_are_not_changed() -> None:
    dataset = stripes(64, 0)
    training.train("s", "graded", dataset, dataset, dataclasses.replace(TINY, epochs=1))
    assert digest_of(dataset.images) == dataset.digest


def test_the_card(tiny: Trained) -> None:
    card = tiny.card
    assert (card["source"], card["kind"]) == ("stripes", "graded")
    assert stripes(256, 0).digest in card["trained_on"]
    assert stripes(200, 1).digest in card["held_out"]
    assert card["sha256"] == hashlib.sha256(tiny.content).hexdigest()
    assert card["plan"]["epochs"] == TINY.epochs
    assert json.loads(json.dumps(card)) == {**card, "plan": {**card["plan"], "widths": [*TINY.widths]}}


def test_at_most_twenty_lines_are_told(tiny: Trained, told: list[str]) -> None:
    assert told == tiny.card["log"]
    assert f"epoch {TINY.epochs:3d} of {TINY.epochs}" in told[-1]
    assert 10 <= len(told) <= 20


def test_a_plain_one_in_colour_has_no_negative_features(tmp_path: Path) -> None:
    dataset = stripes(128, 0, channels=3)
    trained = training.train("s", "plain", dataset, dataset, dataclasses.replace(TINY, epochs=5))
    (tmp_path / "plain.safetensors").write_bytes(trained.content)
    extractor = learnt.load(tmp_path / "plain.safetensors")
    features = extractor.features(dataset.images)
    assert isinstance(extractor, learnt.Plain)
    assert features.shape == (128, 48)
    assert features.min() >= 0
    assert features.max() > 0


def test_typical_distances_are_one(tiny: Trained, graded: learnt.LearntExtractor) -> None:
    """The embedding is in units of the median distance to the fifth neighbour, about its mean."""
    embedding = graded.features(stripes(256, 0).images)[:, : -len(OUTPUTS)]
    apart = np.linalg.norm(embedding[:, None] - embedding[None], axis=2)
    assert np.median(np.sort(apart, axis=1)[:, 5]) == pytest.approx(1, abs=2e-3)
    np.testing.assert_allclose(embedding.mean(axis=0), 0, atol=1e-3)


@pytest.mark.parametrize("count", [40, 2_000, 60_000, 1_000_000])
def test_a_users_images_are_seen_often_enough_and_not_too_often(count: int) -> None:
    plan = training.plan_for("folder", "graded", count)
    assert 5 <= plan.epochs <= 200
    if 5 < plan.epochs < 200:
        assert plan.epochs * count / training.BATCH == pytest.approx(2500, rel=0.1)
    assert training.plan_for("mnist", "graded", count) == training.PLANS["mnist", "graded"]


# ---- images that move


def test_moved_images_are_shifts_by_two_pixels_at_most() -> None:
    images = torch.zeros(400, 3, 9, 7)
    images[..., 4, 3] = 1
    shifted = training.moved(images, torch.Generator().manual_seed(0))
    assert shifted.shape == images.shape
    places = shifted[:, 0].nonzero()
    assert places[:, 0].tolist() == list(range(400))
    assert torch.equal(shifted[:, 0], shifted[:, 1])
    assert {(int(y) - 4, int(x) - 3) for _, y, x in places} == {(y, x) for y in range(-2, 3) for x in range(-2, 3)}


# ---- making a file


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "plan_for", lambda source, kind, count: Plan(epochs=2, widths=(4, 8)))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("kind", ["graded", "plain"])
def test_making_writes_the_file_and_its_card(kind: str, tmp_path: Path) -> None:
    root = write_pictures(tmp_path / "pictures", stripes(80, 0))
    words = ["folder", f"data.path={root}", f"data.size={SIDE}"]
    lines: list[str] = []
    made = making.make(recipe.source(words), kind, tmp_path / "deep" / "er", "the command", lines.append)
    file = tmp_path / "deep" / "er" / f"folder-{kind}.safetensors"
    card = json.loads(file.with_suffix(".json").read_text())
    content = file.read_bytes()
    assert sorted(entry.name for entry in file.parent.iterdir()) == [f"folder-{kind}.json", file.name]
    assert card["sha256"] == made["sha256"] == hashlib.sha256(content).hexdigest()
    assert (made["file"], made["bytes"]) == (str(file), len(content))
    assert card["log"] == lines
    assert len(lines) == 2
    assert card["trained_on"].startswith("64 images")
    assert card["held_out"].startswith("16 images")
    assert card["made_with"]["command"] == "the command"
    extractor = learnt.load(file, card["sha256"])
    assert extractor.kind == kind
    assert extractor.classes == ("lying", "standing")
    assert extractor.shape == (SIDE, SIDE, 1)


@pytest.mark.usefixtures("short")
def test_data_without_classes_teaches_nothing(tmp_path: Path) -> None:
    root = write_pictures(tmp_path / "pictures", stripes(8, 0), classes=False)
    for words in (["folder", f"data.path={root}"], ["mixtures", "data.count=100"]):
        with pytest.raises(UsageError, match=f"data={words[0]} has no images with classes"):
            making.make(recipe.source(words), "graded", tmp_path / "out", "", print)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("short")
def test_wrong_names_are_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'graded'"):
        making.make(recipe.source(["digits"]), "gradet", tmp_path / "out", "", print)
    assert not (tmp_path / "out").exists()
