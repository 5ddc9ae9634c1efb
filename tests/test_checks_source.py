"""`ganatomy.testing.check_source` finds what is broken, and says so."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import ganatomy
from ganatomy.data import Dataset, dataset_of
from ganatomy.testing import ContractError, check_source


def pixels(count: int = 20, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 1), dtype=np.uint8)


class Sound(ganatomy.Source):
    """Ten classes of noise."""

    def load(self) -> Any:
        return dataset_of(pixels(), np.arange(20) % 10, "noise")


class Altered(Sound):
    """Each broken one changes one thing of what Sound loads."""

    def changes(self, dataset: Dataset) -> dict[str, Any]:
        return {}

    def load(self) -> Any:
        dataset = super().load()
        return dataclasses.replace(dataset, **self.changes(dataset))


class Floats(Altered):
    def changes(self, dataset):
        return {"images": dataset.images / 255}


class Flat(Altered):
    def changes(self, dataset):
        return {"images": dataset.images.reshape(20, 64)}


class ChannelsFirst(Altered):
    def changes(self, dataset):
        return {"images": np.moveaxis(dataset.images, 3, 1)}


class Writeable(Altered):
    def changes(self, dataset):
        return {"images": dataset.images.copy()}


class Strided(Altered):
    def changes(self, dataset):
        return {"images": dataset.images[:, ::2]}


class Digest(Altered):
    def changes(self, dataset):
        return {"digest": "0" * 64}


class LabelsOfOther(Altered):
    def changes(self, dataset):
        return {"labels": dataset.labels[:-1]}


class LabelsBeyond(Altered):
    def changes(self, dataset):
        return {"classes": dataset.classes[:5]}


class ClassesAlone(Altered):
    def changes(self, dataset):
        return {"labels": None}


class TwiceTheName(Altered):
    def changes(self, dataset):
        return {"classes": ("0",) * 10}


class Black(Sound):
    def load(self):
        return dataset_of(np.zeros((20, 8, 8, 1), np.uint8), None, "black")


class Bare(Sound):
    def load(self):
        return pixels()


class OtherEachTime(Sound):
    def load(self):
        return dataset_of(np.random.default_rng().integers(0, 256, (20, 8, 8, 1), dtype=np.uint8), None, "noise")


class Raises(Sound):
    def load(self):
        raise FileNotFoundError("images.bin")


class SaysAbsent(Sound):
    def present(self):
        return False


class SameHeldOut(Sound):
    def held_out(self):
        return self.load()


class HeldOutOfAnotherSize(Sound):
    def held_out(self):
        return dataset_of(pixels()[:, :4], None, "noise")


class NoLoad(ganatomy.Source):
    pass


BROKEN: list[tuple[type, str]] = [
    (Floats, "float64 images of shape .* expected uint8 pixels"),
    (Flat, r"images of shape \(20, 64\); expected an array N x H x W x C"),
    (ChannelsFirst, "images with 8 channels; expected 1 or 3, in the last place"),
    (Writeable, r"images that can be changed.*array\.setflags"),
    (Strided, "not contiguous"),
    (Digest, r"expected the SHA-256 of the images' bytes"),
    (LabelsOfOther, r"labels of shape \(19,\); expected int64"),
    (LabelsBeyond, "labels from 0 to 9; expected 0 to 4"),
    (ClassesAlone, "without labels"),
    (TwiceTheName, "two classes of one name"),
    (Black, "every pixel has the same value"),
    (Bare, "returns a ndarray; expected a ganatomy.data.Dataset"),
    (OtherEachTime, "something else the second time"),
    (Raises, r"load\(\) raises FileNotFoundError: images\.bin"),
    (SaysAbsent, r"present\(\) is False"),
    (SameHeldOut, r"held_out\(\) has the training images"),
    (HeldOutOfAnotherSize, r"held_out\(\) has images of \(4, 8, 1\); expected \(8, 8, 1\)"),
    (NoLoad, "lacks load"),
]


@pytest.mark.parametrize(("broken", "message"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_source_is_found(broken: type, message: str) -> None:
    with pytest.raises(ContractError, match=message) as raised:
        check_source(broken)
    assert broken.__name__ in str(raised.value)


def test_a_sound_one_passes_as_a_class_and_an_instance() -> None:
    check_source(Sound)
    check_source(Sound())


def test_points_are_data() -> None:
    class Points(Sound):
        def load(self):
            return dataset_of(np.random.default_rng(0).normal(size=(20, 2)), None, "points")

    check_source(Points)
