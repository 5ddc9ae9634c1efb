"""Random numbers as a function of (seed, purpose, position): unrelated, normal, and without any state."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor

from ganatomy import randomness

purposes = st.text("abcdefghij_", min_size=1, max_size=12)
positions = st.lists(st.integers(0, 10**6), max_size=3)


@given(seed=st.integers(0, 2**63 - 1), purpose=purposes, position=positions)
def test_derive_is_63_bits_of_a_hash_of_its_arguments(seed: int, purpose: str, position: list[int]) -> None:
    """Runs of an older version resume to the bit only while this stays."""
    key = "/".join(map(str, (seed, purpose, *position))).encode()
    (expected,) = np.frombuffer(hashlib.blake2b(key, digest_size=8).digest(), ">u8")
    found = randomness.derive(seed, purpose, *position)
    assert found == int(expected) // 2
    assert 0 <= found < 2**63


@given(
    keys=st.lists(
        st.tuples(st.integers(0, 2**63 - 1), purposes, positions.map(tuple)), min_size=2, max_size=30, unique=True
    )
)
def test_derive_differs_for_every_seed_purpose_and_position(keys: list[tuple[int, str, tuple[int, ...]]]) -> None:
    assert len({randomness.derive(seed, purpose, *position) for seed, purpose, position in keys}) == len(keys)


@pytest.mark.parametrize("other", [(1, "noise", 3), (0, "order", 3), (0, "noise", 4), (0, "noise", 3, 0), (0, "noise")])
def test_noise_differs_for_every_key(other: tuple[int, str]) -> None:
    assert not torch.equal(randomness.normal(4, 100, 0, "noise", 3), randomness.normal(4, 100, *other))


def test_normal_is_a_function_of_its_arguments() -> None:
    first = randomness.normal(5, 7, 3, "noise", 1, 2)
    randomness.normal(50, 70, 3, "noise", 1, 3)
    torch.manual_seed(99)
    assert torch.equal(randomness.normal(5, 7, 3, "noise", 1, 2), first)
    assert (first.shape, first.dtype, first.device.type) == ((5, 7), torch.float32, "cpu")


SOURCES: list[Callable[[], Tensor]] = [
    lambda: randomness.sample_noise(400, 100, 0),
    lambda: torch.cat([randomness.normal(100, 100, 0, "noise/generator", step) for step in range(4)]),
]


@pytest.mark.parametrize("source", SOURCES)
def test_noise_is_standard_normal(source: Callable[[], Tensor]) -> None:
    noise = source().numpy().astype(np.float64)
    count = noise.size
    assert abs(noise.mean()) < 4 / count**0.5
    assert abs(noise.var() - 1) < 4 * (2 / count) ** 0.5
    assert abs((noise**3).mean()) < 4 * (15 / count) ** 0.5
    assert abs((noise**4).mean() - 3) < 4 * (96 / count) ** 0.5
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("source", SOURCES)
def test_rows_and_dimensions_are_independent(source: Callable[[], Tensor]) -> None:
    noise = source().numpy().astype(np.float64)
    for products in (noise[:-1] * noise[1:], noise[:, :-1] * noise[:, 1:], noise[:200] * noise[200:]):
        assert abs(products.mean()) < 4 / products.size**0.5
    assert len(np.unique(noise, axis=0)) == len(noise)


@settings(deadline=None)
@given(few=st.integers(0, 600), many=st.integers(0, 600), seed=st.integers(0, 5))
def test_the_first_samples_are_the_same_for_every_count(few: int, many: int, seed: int) -> None:
    few, many = sorted((few, many))
    short, long = randomness.sample_noise(few, 3, seed), randomness.sample_noise(many, 3, seed)
    assert (short.shape, long.shape) == ((few, 3), (many, 3))
    assert torch.equal(long[:few], short)


@given(count=st.integers(0, 300), seed=st.integers(0, 1000), epoch=st.integers(0, 1000))
def test_permutation_is_one(count: int, seed: int, epoch: int) -> None:
    order = randomness.permutation(count, seed, epoch)
    assert order.dtype == torch.int64
    assert torch.equal(order.sort().values, torch.arange(count))
    assert torch.equal(order, randomness.permutation(count, seed, epoch))


def test_epochs_and_seeds_have_their_own_permutation() -> None:
    orders = {tuple(randomness.permutation(40, seed, epoch).tolist()) for seed in range(6) for epoch in range(6)}
    assert len(orders) == 36


def test_every_image_stands_everywhere_equally_often() -> None:
    counts = np.zeros((5, 5))
    for epoch in range(1000):
        counts[np.arange(5), randomness.permutation(5, 0, epoch).numpy()] += 1
    assert stats.chisquare(counts.ravel(), ddof=8).pvalue > 1e-3


@pytest.mark.parametrize(
    "draw",
    [
        lambda: randomness.normal(3, 3, 0, "noise", 1),
        lambda: randomness.sample_noise(300, 3, 0),
        lambda: randomness.permutation(10, 0, 0),
        lambda: torch.randn(3, generator=randomness.generator(0, "noise")),
    ],
)
def test_torchs_global_state_is_neither_used_nor_changed(draw: Callable[[], Tensor]) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = draw()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert torch.equal(draw(), first)


def test_global_seed_decides_inside_and_restores_outside() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    with randomness.global_seed(0, "layers", 3):
        inside = torch.randn(5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    with randomness.global_seed(0, "layers", 3):
        assert torch.equal(torch.randn(5), inside)
    with randomness.global_seed(0, "layers", 4):
        assert not torch.equal(torch.randn(5), inside)


def test_global_seed_restores_after_an_error() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    with pytest.raises(RuntimeError), randomness.global_seed(0, "layers"):
        torch.randn(5) @ torch.randn(4)
    assert torch.equal(torch.get_rng_state(), before)


def test_global_seeds_may_be_nested() -> None:
    with randomness.global_seed(0, "outer"):
        plain = torch.randn(2, 3)
    with randomness.global_seed(0, "outer"):
        first = torch.randn(1, 3)
        with randomness.global_seed(0, "inner"):
            torch.randn(7)
        second = torch.randn(1, 3)
    assert torch.equal(torch.cat([first, second]), plain)
