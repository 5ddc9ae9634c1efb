"""Where updates, epochs, log lines and milestones lie: closed forms, and counting by hand as the oracle."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganatomy.config.timeline import Timeline
from ganatomy.data import Dataset
from ganatomy.training.batches import HostBatches

PERCENTS = (0, 25, 50, 75, 100)
LAB = Timeline(total_images=60_000, batch=128, batches_per_update=1, total_updates=14_070)

timelines = st.builds(
    Timeline,
    total_images=st.integers(1, 60),
    batch=st.integers(1, 60),
    batches_per_update=st.integers(1, 7),
    total_updates=st.none() | st.integers(1, 200),
)


def batch_sizes(timeline: Timeline) -> list[int]:
    """The sizes of one epoch's batches, as a loader without drop_last has them."""
    return [
        len(range(timeline.total_images)[start:][: timeline.batch])
        for start in range(0, timeline.total_images, timeline.batch)
    ]


def drawn(timeline: Timeline, updates: int) -> list[tuple[int, int]]:
    """(epoch, batch) of every batch that so many updates draw, one after the other."""
    batches = len(batch_sizes(timeline))
    return [divmod(number, batches) for number in range(updates * timeline.batches_per_update)]


# ---- the lab's figures


def test_an_epoch_of_the_lab() -> None:
    assert LAB.batches_per_epoch == 469
    assert LAB.images(469) - LAB.images(468) == 96
    assert LAB.images(468) == 468 * 128
    assert LAB.images(469) == 60_000
    assert LAB.images(14_070) == 30 * 60_000
    assert LAB.updates_for(30) == 14_070


@pytest.mark.parametrize("epoch", [0, 1, 29])
def test_the_lab_prints_every_hundredth_step_and_the_epochs_last(epoch: int) -> None:
    updates = range(epoch * 469 + 1, (epoch + 1) * 469 + 1)
    printed = [LAB.position(update) for update in updates if LAB.is_logged(update, 100)]
    assert printed == [(epoch, batch) for batch in (100, 200, 300, 400, 469)]


def test_positions_of_the_lab() -> None:
    assert LAB.position(0) == (0, 0)
    assert LAB.position(1) == (0, 1)
    assert LAB.position(469) == (0, 469)
    assert LAB.position(470) == (1, 1)
    assert LAB.position(14_070) == (29, 469)


def test_milestones_of_the_lab() -> None:
    assert LAB.milestones(PERCENTS) == {0: (0,), 3518: (25,), 7035: (50,), 10_553: (75,), 14_070: (100,)}


@pytest.mark.parametrize(
    ("updates", "expected"),
    [
        (1, {0: (0, 25), 1: (50, 75, 100)}),
        (2, {0: (0,), 1: (25, 50), 2: (75, 100)}),
        (3, {0: (0,), 1: (25,), 2: (50, 75), 3: (100,)}),
        (4, {0: (0,), 1: (25,), 2: (50,), 3: (75,), 4: (100,)}),
    ],
)
def test_short_runs_share_updates(updates: int, expected: dict[int, tuple[int, ...]]) -> None:
    assert Timeline(100, 10, 1, updates).milestones(PERCENTS) == expected


def test_nothing_is_logged_before_the_first_update() -> None:
    assert not LAB.is_logged(0, 1)
    assert not LAB.ends_epoch(0)
    assert LAB.images(0) == 0


def test_the_runs_last_update_is_logged() -> None:
    timeline = Timeline(60_000, 128, 1, 150)
    assert [update for update in range(1, 151) if timeline.is_logged(update, 100)] == [100, 150]


def test_where_seconds_decide_there_are_no_milestones_by_update() -> None:
    assert Timeline(100, 10, 1, None).milestones(PERCENTS) == {}


def test_five_critic_batches_of_their_own_cross_epochs() -> None:
    timeline = Timeline(total_images=70, batch=10, batches_per_update=5, total_updates=None)
    assert [timeline.batch_at(1, k) for k in range(5)] == [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]
    assert [timeline.batch_at(2, k) for k in range(5)] == [(0, 5), (0, 6), (1, 0), (1, 1), (1, 2)]
    assert [timeline.position(update) for update in (1, 2, 7)] == [(0, 5), (1, 3), (4, 7)]
    assert timeline.updates_for(1) == 1
    assert timeline.updates_for(5) == 7
    assert timeline.begins_epoch(2)
    assert timeline.ends_epoch(1)


def test_a_shared_batch_is_the_same_for_all_critic_steps() -> None:
    assert len({LAB.batch_at(17, k) for k in range(5)}) == 1


# ---- by counting


@given(timeline=timelines, update=st.integers(1, 60))
def test_batches_are_drawn_in_order(timeline: Timeline, update: int) -> None:
    steps = range(timeline.batches_per_update)
    found = [timeline.batch_at(u, k) for u in range(1, update + 1) for k in steps]
    assert found == drawn(timeline, update)


@given(timeline=timelines, update=st.integers(1, 60))
def test_position_and_images_by_counting(timeline: Timeline, update: int) -> None:
    sizes = batch_sizes(timeline)
    batches = drawn(timeline, update)
    epoch, batch = batches[-1]
    assert timeline.batches_per_epoch == len(sizes)
    assert timeline.position(update) == (epoch, batch + 1)
    assert timeline.images(update) == sum(sizes[batch] for _, batch in batches)


@given(timeline=timelines, epochs=st.integers(1, 20))
def test_updates_for_is_the_most_that_fit(timeline: Timeline, epochs: int) -> None:
    updates = timeline.updates_for(epochs)
    assert updates == 1 or drawn(timeline, updates)[-1][0] < epochs
    assert drawn(timeline, updates + 1)[-1][0] >= epochs


@given(timeline=timelines, updates=st.integers(2, 80), log_every=st.integers(1, 12))
def test_logged_begun_and_ended_epochs_by_counting(timeline: Timeline, updates: int, log_every: int) -> None:
    ends_in = [drawn(timeline, update)[-1][0] for update in range(1, updates + 2)]
    within = 0
    for update in range(1, updates + 1):
        begins = update == 1 or ends_in[update - 1] != ends_in[update - 2]
        ends = ends_in[update - 1] != ends_in[update]
        within = 1 if begins else within + 1
        assert timeline.begins_epoch(update) == begins
        assert timeline.ends_epoch(update) == ends
        expected = within % log_every == 0 or ends or update == timeline.total_updates
        assert timeline.is_logged(update, log_every) == expected, (update, within)


@given(total=st.integers(1, 10**9), percents=st.lists(st.integers(0, 100), unique=True))
def test_milestones_are_rounded_half_up_and_none_is_lost(total: int, percents: list[int]) -> None:
    found = Timeline(100, 10, 1, total).milestones(tuple(percents))
    assert [p for group in found.values() for p in group] == sorted(percents)
    assert all(earlier < later for earlier, later in pairwise(found))
    for update, group in found.items():
        for percent in group:
            assert update == int((Decimal(total) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


# ---- the batches themselves


def numbered(count: int) -> Dataset:
    """Images of one pixel whose value is their number."""
    return Dataset(np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1), None, (), "numbered")


def numbers(batch: torch.Tensor) -> list[int]:
    return (batch.flatten() * 255).round().int().tolist()


def batches_of(timeline: Timeline, seed: int) -> HostBatches:
    return HostBatches(numbered(timeline.total_images), timeline, seed, (0.0, 1.0), torch.device("cpu"))


@given(timeline=timelines, seed=st.integers(0, 100))
def test_every_image_is_shown_once_an_epoch(timeline: Timeline, seed: int) -> None:
    epochs = 3
    batches = batches_of(timeline, seed)
    shown: dict[int, list[int]] = {}
    update = 0
    while len(shown) <= epochs:
        update += 1
        for k in range(timeline.batches_per_update):
            epoch, index = timeline.batch_at(update, k)
            batch = batches.real(update, k)
            assert batch.shape == (batch_sizes(timeline)[index], 1, 1, 1)
            shown.setdefault(epoch, []).extend(numbers(batch))
    for epoch in range(epochs):
        assert sorted(shown[epoch]) == list(range(timeline.total_images))


@given(timeline=timelines, seed=st.integers(0, 100), start=st.integers(2, 40))
def test_a_batch_does_not_depend_on_the_batches_before_it(timeline: Timeline, seed: int, start: int) -> None:
    through = batches_of(timeline, seed)
    for update in range(1, start):
        for k in range(timeline.batches_per_update):
            through.real(update, k)
    resumed = batches_of(timeline, seed)
    for k in range(timeline.batches_per_update):
        assert torch.equal(through.real(start, k), resumed.real(start, k))


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    timeline = Timeline(50, 50, 1, None)
    orders = {tuple(numbers(batches_of(timeline, seed).real(update, 0))) for seed in range(5) for update in range(1, 6)}
    assert len(orders) == 25
