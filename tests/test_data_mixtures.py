from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from ganatomy.data.mixtures import Mixtures


def test_ring_and_grid_have_their_centres():
    ring, grid = Mixtures(), Mixtures(mixture="grid")
    assert ring.centres.shape == (8, 2)
    assert np.allclose(np.linalg.norm(ring.centres, axis=1), 1)
    assert len(np.unique(ring.centres.round(6), axis=0)) == 8
    assert {tuple(centre) for centre in grid.centres} == {(x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)}
    assert (ring.sigma, grid.sigma) == (0.01, 0.05)


@pytest.mark.parametrize("mixture", ["ring", "grid"])
def test_points_spread_about_their_labels_centre_by_sigma(mixture):
    source = Mixtures(mixture=mixture)
    dataset = source.load()
    assert dataset.images.shape == (50_000, 1, 1, 2)
    offsets = dataset.images[:, 0, 0] - source.centres[dataset.labels]
    for mode in range(len(source.centres)):
        own = offsets[dataset.labels == mode]
        assert np.abs(own.mean(axis=0)).max() < 5 * source.sigma / len(own) ** 0.5
        assert own.std(axis=0) == pytest.approx(source.sigma, rel=0.1)
    assert np.abs(np.corrcoef(offsets.T)[0, 1]) < 0.02


@pytest.mark.parametrize(("mixture", "count"), [("ring", 1003), ("grid", 1003), ("grid", 7), ("ring", 1)])
def test_equal_shares_shuffled(mixture, count):
    labels = Mixtures(mixture=mixture, count=count).load().labels
    counts = np.bincount(labels, minlength=len(Mixtures(mixture=mixture).centres))
    assert counts.sum() == count
    assert np.ptp(counts) <= 1
    assert count < 100 or not np.array_equal(labels[:50], np.sort(labels[:50]))


def test_the_same_points_each_time_and_others_for_other_settings():
    first = Mixtures(count=100).load()
    assert np.array_equal(first.images, Mixtures(count=100).load().images)
    digests = {Mixtures(mixture=kind, count=n).load().digest for kind in ("ring", "grid") for n in (100, 101)}
    assert len(digests) == 4


def test_modes_are_named_by_their_centres():
    assert Mixtures().load().classes[:3] == ("mode 0 (1.00, 0.00)", "mode 1 (0.71, 0.71)", "mode 2 (0.00, 1.00)")
    assert not any("-0.00" in name for name in Mixtures().load().classes)


@pytest.mark.parametrize("wrong", [{"mixture": "swiss roll"}, {"count": 0}, {"count": 10_000_001}, {"count": "many"}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        TypeAdapter(Mixtures).validate_python(wrong)


def test_settings_may_come_as_text():
    assert TypeAdapter(Mixtures).validate_python({"mixture": "grid", "count": "250"}) == Mixtures(
        mixture="grid", count=250
    )
