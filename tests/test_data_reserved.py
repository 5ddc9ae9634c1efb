"""Real images set apart: halves that share nothing, fifths to be tested on, and always the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from ganatomy.data import Dataset, Source
from ganatomy.data.base import digest_of
from ganatomy.data.digits import Digits
from ganatomy.data.mixtures import Mixtures
from ganatomy.data.reserved import chosen, halves, most_in_half, split


def numbered(start: int, count: int, labelled: bool = True) -> Dataset:
    """Image i holds the number start + i, and its label follows from it."""
    numbers = np.arange(start, start + count)
    images = np.stack([numbers // 256, numbers % 256], axis=1).astype(np.uint8).reshape(count, 1, 2, 1)
    return Dataset(images, numbers % 3 if labelled else None, ("a", "b", "c") if labelled else (), digest_of(images))


def numbers_of(dataset: Dataset) -> list[int]:
    pairs = dataset.images.reshape(-1, 2).astype(int)
    return (pairs[:, 0] * 256 + pairs[:, 1]).tolist()


@dataclass(frozen=True, kw_only=True)
class Numbered(Source):
    """`own` images numbered from 0, and held-out ones numbered from 30,000, if any."""

    name = "numbered"
    title = extent = licence = reference = "of a test"
    own: int = 100
    apart: int = 0
    labelled: bool = True

    def load(self) -> Dataset:
        return numbered(0, self.own, self.labelled)

    def held_out(self) -> Dataset | None:
        return numbered(30_000, self.apart, self.labelled) if self.apart else None

    def location(self) -> str:
        return "nowhere"

    def present(self) -> bool:
        return True


@pytest.mark.parametrize("own", [10, 11, 101])
def test_halves_of_one_set_share_nothing(own: int) -> None:
    source = Numbered(own=own)
    real, other = halves(source, source.load(), None)
    assert len(real) == len(other) == own // 2
    assert len(set(numbers_of(real)) | set(numbers_of(other))) == 2 * (own // 2)


@pytest.mark.parametrize(("n", "found"), [(None, 50), (7, 7), (50, 50), (51, 50), (10_000, 50)])
def test_n_is_cut_to_what_there_is(n: int | None, found: int) -> None:
    source = Numbered(own=100)
    real, other = halves(source, source.load(), n)
    assert len(real) == len(other) == found
    assert not set(numbers_of(real)) & set(numbers_of(other))


@pytest.mark.parametrize(
    ("own", "apart", "n", "found"),
    [(100, 30, None, 30), (100, 30, 20, 20), (20, 30, None, 20), (100, 30, 99, 30)],
)
def test_the_other_half_is_the_sources_own_held_out(own: int, apart: int, n: int | None, found: int) -> None:
    source = Numbered(own=own, apart=apart)
    real, other = halves(source, source.load(), n)
    assert len(real) == len(other) == found
    assert max(numbers_of(real)) < own
    assert min(numbers_of(other)) >= 30_000


def test_ten_thousand_if_nothing_is_asked_for() -> None:
    source = Numbered(own=25_000)
    assert [len(half) for half in halves(source, source.load(), None)] == [10_000, 10_000]
    assert [len(half) for half in halves(source, source.load(), 12_000)] == [12_000, 12_000]


def test_always_the_same_and_drawn_from_everywhere() -> None:
    source = Numbered(own=2000)
    first, again = (halves(source, source.load(), 300) for _ in range(2))
    for one, two in zip(first, again, strict=True):
        assert one.digest == two.digest
        assert np.array_equal(one.images, two.images)
        numbers = np.array(numbers_of(one))
        assert abs(numbers.mean() - 1000) < 120
        assert (np.diff(numbers) > 0).all()
    fewer = halves(source, source.load(), 200)
    assert set(numbers_of(fewer[0])) < set(numbers_of(first[0]))


def test_labels_and_digest_go_with_the_images() -> None:
    source = Numbered(own=50)
    for part in (*halves(source, source.load(), None), *split(source, source.load())):
        assert part.labels is not None
        assert part.labels.tolist() == [number % 3 for number in numbers_of(part)]
        assert part.classes == ("a", "b", "c")
        assert part.digest == digest_of(part.images)
    without = Numbered(own=50, labelled=False)
    assert all(part.labels is None for part in halves(without, without.load(), None))


@pytest.mark.parametrize("own", [5, 100, 103])
def test_a_fifth_is_tested_on(own: int) -> None:
    source = Numbered(own=own)
    learns, held_out = split(source, source.load())
    assert len(held_out) == own // 5
    assert sorted(numbers_of(learns) + numbers_of(held_out)) == list(range(own))
    again = split(source, source.load())
    assert (again[0].digest, again[1].digest) == (learns.digest, held_out.digest)


def test_what_is_held_out_anyway_is_tested_on() -> None:
    source = Numbered(own=40, apart=15)
    learns, held_out = split(source, source.load())
    assert numbers_of(learns) == list(range(40))
    assert numbers_of(held_out) == list(range(30_000, 30_015))


def test_chosen_images_in_their_order() -> None:
    dataset = numbered(0, 20)
    part = chosen(dataset, np.array([7, 3, 11]))
    assert numbers_of(part) == [3, 7, 11]
    assert numbers_of(dataset) == list(range(20))


def test_digits() -> None:
    source = Digits()
    dataset = source.load()
    assert most_in_half(dataset, source.held_out()) == 898
    real, other = halves(source, dataset, None)
    assert len(real) == len(other) == 898
    # Every image of a half is at a place of its own: no row of the data is in both.
    rows = {image.tobytes() for image in real.images} & {image.tobytes() for image in other.images}
    twice = len(dataset) - len({image.tobytes() for image in dataset.images})
    assert len(rows) <= twice
    learns, held_out = split(source, dataset)
    assert (len(learns), len(held_out)) == (1438, 359)
    assert set(np.unique(held_out.labels)) == set(range(10))


def test_points_are_held_out_by_drawing_others() -> None:
    source = Mixtures(count=400)
    dataset = source.load()
    real, other = halves(source, dataset, None)
    assert len(real) == len(other) == 400
    assert not {point.tobytes() for point in real.images} & {point.tobytes() for point in other.images}
