"""Severities that rise with the amount, and batches in which each image is corrupted as its row says."""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from ganatomy.features.exposure import FAMILIES, FOREIGN_TURNS, OUTPUTS, Family, expose

ROUND = len(FAMILIES) + FOREIGN_TURNS

families = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def rng(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int, shape: tuple[int, ...] = (1, 16, 16)) -> Tensor:
    """Bright shapes on black, no two alike."""
    images = torch.zeros(count, *shape)
    images[:, :, 4:-4, 5:-3] = 0.2 + 0.8 * torch.rand(count, *shape, generator=rng(9))[:, :, 4:-4, 5:-3]
    return images


@families
def test_severity_rises_with_the_amount(family: Family) -> None:
    amounts = torch.linspace(0, family.most, 50, dtype=torch.float64)
    severity = family.severity(amounts)
    assert severity[0] == 0
    assert (severity.diff() > 0).all()
    assert severity[-1] <= 1
    assert severity[-1] > 0.7, "the largest amount does not count as badly corrupted"
    at_scale = family.severity(torch.tensor(family.scale, dtype=torch.float64)).item()
    assert at_scale == pytest.approx(0.632, abs=1e-3)


@families
@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_drawn_amounts_lie_within_reach(family: Family, count: int) -> None:
    amounts = family.draw(count, rng())
    assert amounts.shape == (count,)
    assert amounts.min() >= 0
    assert amounts.max() <= family.most
    assert torch.equal(amounts, family.draw(count, rng()))


def test_a_quarter_of_the_amounts_are_right_angles() -> None:
    (rotation,) = [family for family in FAMILIES if family.snap]
    amounts = rotation.draw(400, rng())
    assert [(amounts == value).sum().item() for value in rotation.snap] == [50, 50]


def test_skewed_draws_prefer_small_amounts() -> None:
    for family in FAMILIES:
        share = (family.draw(4000, rng()) < family.most / 4).float().mean().item()
        assert share == pytest.approx(0.25 ** (1 / family.skew) * (0.75 if family.snap else 1), abs=0.03), family.name


def test_outputs_are_the_families_and_what_is_foreign() -> None:
    assert [*OUTPUTS] == [*(family.name for family in FAMILIES), "foreign"]
    assert len(set(OUTPUTS)) == len(OUTPUTS)


@families
@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 12, 20)])
def test_the_largest_amounts_show_and_leave_images(family: Family, shape: tuple[int, ...]) -> None:
    images = pictures(8, shape)
    most = family.apply(images, torch.full((8,), family.most), rng())
    assert most.shape == images.shape
    assert most.min() >= -1e-6
    assert most.max() <= 1 + 1e-6
    assert ((most - images).abs().mean(dim=(1, 2, 3)) > 0.01).all()
    none = family.apply(images, torch.zeros(8), rng())
    torch.testing.assert_close(none, images, rtol=0, atol=2e-5)


@pytest.mark.parametrize("count", [ROUND, 64, 130])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_batch_and_its_severities(count: int, seed: int) -> None:
    images = pictures(count)
    kept = images.clone()
    state = torch.get_rng_state()
    corrupted, severities = expose(images, rng(seed))
    assert torch.equal(images, kept)
    assert torch.equal(torch.get_rng_state(), state)
    assert corrupted.shape == images.shape
    assert corrupted.min() >= -1e-6
    assert corrupted.max() <= 1 + 1e-6
    assert severities.shape == (count, len(OUTPUTS))
    assert severities.min() >= 0
    assert severities.max() <= 1
    garbage = severities[:, -1] > 0
    assert garbage.sum() == count // ROUND * FOREIGN_TURNS + max(0, count % ROUND - len(FAMILIES))
    only_foreign = torch.zeros(len(OUTPUTS))
    only_foreign[-1] = 1
    assert (severities[garbage] == only_foreign).all()
    # Images in one family or two, and all others as they were.
    touched = (severities > 0).sum(dim=1)
    assert touched.max() <= 2
    untouched = touched == 0
    torch.testing.assert_close(corrupted[untouched], images[untouched], rtol=0, atol=1e-4)


def test_every_family_has_its_turn_and_a_quarter_a_second() -> None:
    count = ROUND * 40
    _, severities = expose(pictures(count), rng())
    used = severities > 0
    number = torch.arange(count) % ROUND
    for family in range(len(FAMILIES)):
        assert used[number == family, family].all(), FAMILIES[family].name
    corrupted = number < len(FAMILIES)
    # A second family that is the first again is one: an eleventh of them less, about.
    assert (used[corrupted].sum(dim=1) == 2).float().mean().item() == pytest.approx(0.25 * 11 / 12, abs=0.06)


def test_a_lightly_spoilt_image_is_close_to_itself() -> None:
    """The less severe the more alike, over all families."""
    images = pictures(ROUND * 40)
    corrupted, severities = expose(images, rng())
    apart = (corrupted - images).abs().mean(dim=(1, 2, 3))
    total = severities.sum(dim=1)
    assert apart[total < 0.1].mean() < 0.4 * apart[total > 0.6].mean()


def test_a_batch_is_a_function_of_the_generator() -> None:
    images = pictures(40)
    first, again, other = (expose(images, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 9, 7), (1, 4, 4)])
def test_batches_smaller_than_the_families(count: int, shape: tuple[int, ...]) -> None:
    images = torch.rand(count, *shape, generator=rng(4))
    for seed in range(10):
        corrupted, severities = expose(images, rng(seed))
        assert corrupted.shape == images.shape
        assert severities.shape == (count, len(OUTPUTS))
        assert corrupted.isfinite().all()


def test_what_is_called_spoilt_is_changed() -> None:
    """A severity above 0.12 is a claim that there is something to see; below it a splice may be narrower than a row."""
    images = torch.rand(ROUND * 20, 1, 28, 28, generator=rng(4))
    corrupted, severities = expose(images, rng())
    changed = (corrupted != images).flatten(1).any(dim=1)
    claimed = severities.sum(dim=1) > 0.12
    wrong = [OUTPUTS[int(row.argmax())] for row in severities[claimed & ~changed]]
    assert wrong == []
