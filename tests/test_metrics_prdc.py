"""Precision, recall, density, coverage against the definition and the authors' code; repeats; influences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prdc import compute_prdc
from scipy import stats
from scipy.spatial.distance import cdist

from ganatomy.errors import UsageError
from ganatomy.metrics import bootstrap, distances, prdc
from ganatomy.metrics.prdc import Prdc
from test_metrics_frechet import sets

seeds = st.integers(0, 10**6)


def definition(real: np.ndarray, fake: np.ndarray, k: int, drawn: np.ndarray | None = None) -> Prdc:
    """By the whole matrices of exact distances; only the `drawn` fakes, whose balls are those in the full set."""
    drawn = np.arange(len(fake)) if drawn is None else drawn
    real_radii, fake_radii = (np.sort(cdist(rows, rows), axis=1)[:, k] for rows in (real, fake))
    apart = cdist(real, fake)[:, drawn]
    in_real, in_fake = apart <= real_radii[:, None], apart <= fake_radii[drawn]
    return Prdc(in_real.any(0).mean(), in_fake.any(1).mean(), in_real.sum(0).mean() / k, in_real.any(1).mean())


def close(found: Prdc, expected: Prdc) -> bool:
    return bool(np.allclose(list(vars(found).values()), list(vars(expected).values()), rtol=1e-12))


def overlapping(seed: int, n: int = 90, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.standard_normal((n, d)), generator.standard_normal((n + 9, d)) * 0.9 + 0.3


@given(seed=seeds, k=st.integers(1, 12))
def test_the_definition(seed: int, k: int) -> None:
    real, fake = overlapping(seed)
    assert close(prdc.prdc(real, fake, k), definition(real, fake, k))


@given(seed=seeds, k=st.integers(1, 6))
def test_points_on_a_grid(seed: int, k: int) -> None:
    """Small integers: many equal rows and equal distances, and no rounding that could tell < from <=."""
    real, fake = np.random.default_rng(seed).integers(0, 4, (2, 40, 3)) * 2.0
    real[-1] = 6 * 20 - real[:-1].sum(axis=0)  # so that the mean is a whole number, and centring exact
    assert close(prdc.prdc(real * 40, fake * 40, k), definition(real * 40, fake * 40, k))


@pytest.mark.parametrize(("n", "d"), [(300, 2), (1000, 64), (2500, 16)])
def test_the_authors_code(n: int, d: int, capsys: pytest.CaptureFixture[str]) -> None:
    real, fake = overlapping(n, n, d)
    expected = compute_prdc(real, fake, nearest_k=5)
    assert capsys.readouterr().out.startswith("Num real")
    found = prdc.prdc(real, fake)
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(float(value), abs=1e-12), name


@given(seed=seeds, scale=st.floats(0.01, 100))
def test_invariances(seed: int, scale: float) -> None:
    real, fake = overlapping(seed)
    value = prdc.prdc(real, fake)
    generator = np.random.default_rng(seed)
    rotation = stats.ortho_group.rvs(5, random_state=seed)
    assert close(prdc.prdc(generator.permutation(real), generator.permutation(fake)), value)
    assert close(prdc.prdc(real @ rotation + 7, fake @ rotation + 7), value)
    assert close(prdc.prdc(real * scale, fake * scale), value)


@given(seed=seeds, k=st.integers(1, 6))
def test_both_sets_repeated(seed: int, k: int) -> None:
    """With every row twice, the (2k+1)-th neighbour is the old k-th: the same balls, each twice as full."""
    real, fake = overlapping(seed)
    value = prdc.prdc(real, fake, k)
    found = prdc.prdc(np.repeat(real, 2, axis=0), np.repeat(fake, 2, axis=0), 2 * k + 1)
    assert close(found, Prdc(value.precision, value.recall, value.density * 2 * k / (2 * k + 1), value.coverage))


@pytest.mark.parametrize("times", [1, 2, 10])
@pytest.mark.parametrize("far", [0.0, 1e6])
def test_a_set_is_like_itself(times: int, far: float) -> None:
    """Also where every row has more than k equals, whose balls are of radius 0; each row lies in all their balls."""
    real, _ = overlapping(0)
    rows = np.repeat(real + far, times, axis=0)
    found = prdc.prdc(rows, np.random.default_rng(0).permutation(rows))
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    if times == 10:
        assert found.density == 10 / 5


@pytest.mark.parametrize("known", [True, False])
def test_one_image_repeated(known: bool) -> None:
    """Its ball has the radius 0: nothing is recalled but itself; it covers the few reals that it is a neighbour of."""
    real, _ = overlapping(0, 1000, 8)
    image = real[0] if known else real.mean(axis=0)
    found = prdc.prdc(real, np.tile(image, (1000, 1)))
    assert found.recall == (0.001 if known else 0)
    assert found.precision == 1
    radii = np.sort(cdist(real, real), axis=1)[:, 5]
    assert found.coverage == (np.linalg.norm(real - image, axis=1) <= radii).mean() < 0.1


def test_equal_rows_are_found_by_value() -> None:
    rows = np.array([[0.0, 1.0], [-0.0, 1.0], [2.0, 3.0], [0.0, 1.0]])
    points = distances.distinct(rows)
    assert sorted(points.times.tolist()) == [1, 3]
    np.testing.assert_array_equal(points.rows[points.place], rows)
    here, there = distances.shared(points, distances.distinct(rows[2:] + np.array([[0, 0], [5, 5]])))
    assert (here.tolist(), there.tolist()) == ([points.place[2]], [0])


@given(seed=seeds, k=st.integers(1, 6))
def test_replicates_of_precision_and_density_are_means_over_the_drawn(seed: int, k: int) -> None:
    real, fake = overlapping(seed)
    counts = bootstrap.draws(len(fake), 4, seed)
    found = prdc.prdc_replicates(real, fake, counts, k)
    expected = [definition(real, fake, k, np.repeat(np.arange(len(fake)), column)) for column in counts.T]
    np.testing.assert_allclose(found.precision, [one.precision for one in expected])
    np.testing.assert_allclose(found.density, [one.density for one in expected])


def test_a_fakes_influence_is_what_its_absence_costs() -> None:
    """Replicates in which one image took another's place: the first's gain and the second's loss."""
    real, fake = overlapping(3)
    n = len(fake)
    whole = definition(real, fake, 5)
    losses = [definition(real, fake, 5, np.delete(np.arange(n), index)) for index in range(n)]
    # Column j draws image j never and image 0 twice.
    counts = np.ones((n, n)) - np.eye(n)
    counts[0] += 1
    found = prdc.prdc_replicates(real, fake, counts)
    for name in ("recall", "coverage"):
        influence = np.array([getattr(whole, name) - getattr(loss, name) for loss in losses])
        assert influence.max() > 0
        np.testing.assert_allclose(getattr(found, name), getattr(whole, name) + influence[0] - influence, atol=1e-12)


def test_one_pass_gives_both() -> None:
    real, fake = overlapping(0)
    counts = bootstrap.draws(len(fake), 5, 0)
    point, cloud = prdc.prdc_with_replicates(real, fake, counts)
    assert point == prdc.prdc(real, fake)
    alone = prdc.prdc_replicates(real, fake, counts)
    for name in vars(point):
        np.testing.assert_array_equal(getattr(cloud, name), getattr(alone, name))


def test_repeated_fakes_have_no_influence_of_their_own() -> None:
    real, fake = overlapping(0)
    twice = np.repeat(fake, 2, axis=0)
    found = prdc.prdc_replicates(real, twice, bootstrap.draws(len(twice), 20, 0))
    assert np.ptp(found.recall) == np.ptp(found.coverage) == 0
    assert np.ptp(found.density) > 0


@pytest.mark.parametrize("k", [0, 80, 87])
def test_k_must_fit(k: int) -> None:
    real, fake, _ = sets(0)
    with pytest.raises(UsageError, match=f"k is {k}"):
        prdc.prdc(real, fake, k)
