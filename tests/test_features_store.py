"""Which extractor belongs to which data, what is refused, and the cache of those that were trained."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ganatomy.data import Dataset
from ganatomy.data.cache import cache_root
from ganatomy.data.digits import Digits
from ganatomy.data.folder import Folder
from ganatomy.data.mixtures import Mixtures
from ganatomy.data.reserved import digest_with_labels
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.features import extractor, inception, learnt, ready_extractor, store, training
from ganatomy.features.identity import Identity
from ganatomy.features.inception import Inception
from ganatomy.features.learnt import Graded, Plain
from ganatomy.features.principal import Principal
from ganatomy.features.training import Plan
from test_features_training import SIDE, stripes, write_pictures


def grey(labels: list[int] | None, classes: int = 2) -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (50 if labels is None else len(labels), 8, 8, 1), np.uint8)
    names = () if labels is None else tuple(map(str, range(classes)))
    return Dataset(images, None if labels is None else np.array(labels, np.int64), names, "0" * 64)


# ---- by the data


@pytest.mark.parametrize(
    ("labels", "classes", "name"),
    [
        (None, 0, "principal"),
        ([0, 1] * 20, 2, "graded"),
        ([0] * 100 + [1] * 20, 2, "graded"),
        ([0] * 100 + [1] * 19, 2, "principal"),
        ([0] * 100, 1, "principal"),
        ([0, 1] * 20, 3, "principal"),
    ],
)
def test_what_fits_images(labels: list[int] | None, classes: int, name: str) -> None:
    assert store.default_name(grey(labels, classes)) == name


def test_what_fits_points() -> None:
    source = Mixtures(count=200)
    dataset = source.load()
    assert store.default_name(dataset) == "identity"
    found = extractor(source, dataset)
    assert isinstance(found, Identity)
    np.testing.assert_array_equal(found.features(dataset.images), dataset.images.reshape(-1, 2).astype(np.float64))
    assert found.features(dataset.images).dtype == np.float64
    assert found.features_and_classes(dataset.images)[1] is None
    assert found.card == {"name": "identity", "digest": Identity.digest}
    assert len(Identity.digest) == 64


def test_an_unknown_name_gets_the_nearest() -> None:
    source = Digits()
    with pytest.raises(UsageError, match=r"unknown features 'pricipal': did you mean 'principal'\? Known: graded"):
        extractor(source, source.load(), "pricipal")


def test_points_features_are_not_for_images() -> None:
    source = Digits()
    with pytest.raises(UsageError, match="features=identity is for points in the plane"):
        extractor(source, source.load(), "identity")


@pytest.mark.parametrize("name", ["graded", "plain", "principal", "inception"])
def test_image_features_are_not_for_points(name: str) -> None:
    source = Mixtures(count=200)
    with pytest.raises(UsageError, match=f"features={name} is for images"):
        extractor(source, source.load(), name)


def test_principal_by_name() -> None:
    source = Digits()
    found = extractor(source, source.load(), "principal")
    assert isinstance(found, Principal)
    assert found.card["name"] == "principal"


# ---- trained once


@pytest.fixture
def pictures(tmp_path: Path) -> Folder:
    return Folder(path=write_pictures(tmp_path / "pictures", stripes(60, 0)), size=SIDE)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds that were trained, each quickly."""
    kinds: list[str] = []
    real = training.train

    def watched(source: str, kind: str, *others: object) -> training.Trained:
        kinds.append(kind)
        return real(source, kind, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "train", watched)
    monkeypatch.setattr(training, "plan_for", lambda source, kind, count: Plan(epochs=2, widths=(4, 8)))
    return kinds


def files() -> list[Path]:
    return sorted((cache_root() / "features").glob("*.safetensors"))


@pytest.mark.parametrize("kind", ["graded", "plain"])
def test_a_folder_with_classes_is_learnt_once(kind: str, pictures: Folder, trained: list[str]) -> None:
    dataset = pictures.load()
    first = extractor(pictures, dataset, kind)
    assert trained == [kind]
    assert isinstance(first, {"graded": Graded, "plain": Plain}[kind])
    (file,) = files()
    assert digest_with_labels(dataset) in file.name
    assert first.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(file.with_suffix(".json").read_text())["sha256"] == first.digest
    second = extractor(pictures, dataset, kind)
    assert trained == [kind]
    np.testing.assert_array_equal(first.features(dataset.images), second.features(dataset.images))
    assert first.classes == dataset.classes


def test_each_data_and_kind_has_its_own_file(pictures: Folder, trained: list[str], tmp_path: Path) -> None:
    other = Folder(path=write_pictures(tmp_path / "others", stripes(60, 1)), size=SIDE)
    for source in (pictures, other):
        for kind in ("graded", "plain"):
            extractor(source, source.load(), kind)
    assert trained == ["graded", "plain"] * 2
    assert len(files()) == 4


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[: len(content) // 2], lambda content: b"", lambda content: b"\xff" * 100],
    ids=["truncated", "empty", "something else"],
)
def test_a_damaged_cache_file_is_made_anew_with_a_warning(
    damage: Callable[[bytes], bytes], pictures: Folder, trained: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    dataset = pictures.load()
    first = extractor(pictures, dataset)
    (file,) = files()
    content = file.read_bytes()
    file.write_bytes(damage(content))
    with caplog.at_level(logging.WARNING, logger="ganatomy"):
        second = extractor(pictures, dataset)
    assert trained == ["graded", "graded"]
    assert str(file) in caplog.text
    assert "training it again" in caplog.text
    assert file.read_bytes() == content
    assert second.digest == first.digest


def test_a_byte_lost_in_the_cached_weights_is_noticed(pictures: Folder, trained: list[str]) -> None:
    """The card beside the file tells what the file was."""
    dataset = pictures.load()
    first = extractor(pictures, dataset)
    (file,) = files()
    content = bytearray(file.read_bytes())
    content[-5] ^= 64
    file.write_bytes(content)
    assert extractor(pictures, dataset).digest == first.digest


def test_a_cache_that_cannot_be_written_costs_no_training(
    pictures: Folder, trained: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    dataset = pictures.load()
    (cache_root() / "features").write_text("a file in the way")
    assert isinstance(extractor(pictures, dataset), Graded)
    assert trained == ["graded"]
    (warning,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("what is learnt and computed here is not kept, because the cache ")


@pytest.mark.parametrize("kind", ["graded", "plain"])
def test_what_needs_classes_is_refused_without(kind: str, trained: list[str], tmp_path: Path) -> None:
    source = Folder(path=write_pictures(tmp_path / "pictures", stripes(10, 0), classes=False), size=SIDE)
    with pytest.raises(UsageError, match=f"features={kind} needs classes.*features=principal"):
        extractor(source, source.load(), kind)
    assert trained == []


# ---- ready, and never trained


def test_ready_features_are_never_trained(pictures: Folder, trained: list[str], tmp_path: Path) -> None:
    dataset = pictures.load()
    assert isinstance(ready_extractor(pictures, dataset), Principal)
    assert trained == []
    extractor(pictures, dataset)
    assert trained == ["graded"]
    # Though the cache has one now: all scores of one run come from one extractor.
    assert isinstance(ready_extractor(pictures, dataset), Principal)
    assert trained == ["graded"]


def test_ready_features_are_never_trained_after_damage(pictures: Folder, trained: list[str]) -> None:
    dataset = pictures.load()
    extractor(pictures, dataset)
    (file,) = files()
    file.write_bytes(b"no weights")
    ready_extractor(pictures, dataset)
    assert trained == ["graded"]


def test_points_and_shipped_features_are_ready(trained: list[str]) -> None:
    source = Mixtures(count=200)
    assert isinstance(ready_extractor(source, source.load()), Identity)
    digits = Digits()
    expected = Principal if store.shipped_card("digits", "graded") is None else Graded
    assert isinstance(ready_extractor(digits, digits.load()), expected)
    assert trained == []


def test_shipped_weights_that_are_damaged_are_not_trained_anew(
    trained: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path)
    store.save(tmp_path / "digits-graded.safetensors", b"damaged", {"sha256": "0" * 64})
    source = Digits()
    with pytest.raises(GanatomyError, match=r"digits-graded\.safetensors are damaged.*install the package again"):
        extractor(source, source.load())
    (tmp_path / "digits-graded.safetensors").unlink()
    with pytest.raises(GanatomyError, match=r"digits-graded\.safetensors cannot be read"):
        extractor(source, source.load())
    assert trained == []


# ---- Inception


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch_fidelity seems to be there."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: object())


def test_inception_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    source = Digits()
    with pytest.raises(GanatomyError, match=r"pip install 'ganatomy\[inception\]'"):
        extractor(source, source.load(), "inception")


@pytest.mark.usefixtures("installed")
def test_inception_names_the_weights_it_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GANATOMY_INCEPTION", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    with pytest.raises(GanatomyError) as caught:
        Inception()
    assert str(tmp_path / "torch" / "hub" / "checkpoints" / inception.WEIGHTS) in str(caught.value)
    assert "GANATOMY_INCEPTION" in str(caught.value)
    monkeypatch.setenv("GANATOMY_INCEPTION", str(tmp_path / "mine.pth"))
    with pytest.raises(GanatomyError) as caught:
        Inception()
    assert str(tmp_path / "mine.pth") in str(caught.value)


@pytest.mark.usefixtures("installed")
def test_inception_refuses_other_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    path.write_bytes(b"other weights")
    monkeypatch.setenv("GANATOMY_INCEPTION", str(path))
    with pytest.raises(GanatomyError) as caught:
        Inception()
    found = hashlib.sha256(b"other weights").hexdigest()[:8]
    assert f"{path} is damaged" in str(caught.value)
    assert f"begins with {found}, expected 6726825d" in str(caught.value)


def test_every_name_has_its_maker() -> None:
    assert set(store._MAKERS) == set(store.NAMES)
    assert set(learnt.KINDS) < set(store.NAMES)
