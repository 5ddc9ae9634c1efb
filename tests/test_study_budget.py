"""Budgets: what is read from words, and how long a run they make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganatomy.config.timeline import Timeline
from ganatomy.errors import UsageError
from ganatomy.studies.budget import Budget


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("600 updates", "updates", 600),
        ("1 update", "updates", 1),
        ("100,000 images", "images", 100_000),
        (" 2.5 seconds ", "seconds", 2.5),
        ("60_000images", "images", 60_000),
    ],
)
def test_budgets_in_words(text: str, kind: str, amount: float) -> None:
    budget = Budget.of(text)
    assert (budget.kind, budget.amount) == (kind, amount)
    assert Budget.of(str(budget)) == budget


@pytest.mark.parametrize(
    "text", ["", "600", "updates", "0 updates", "-3 updates", "1.5 updates", "3 epochs", "own", "1e3 updates"]
)
def test_what_is_no_budget_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="'600 updates'"):
        Budget.of(text)


@given(
    images=st.integers(1, 10_000),
    total=st.integers(1, 500),
    batch=st.integers(1, 200),
    batches_per_update=st.integers(1, 5),
)
def test_images_become_the_fewest_updates_that_draw_them(
    images: int, total: int, batch: int, batches_per_update: int
) -> None:
    timeline = Timeline(total, min(batch, total), batches_per_update, None)
    setting = Budget("images", images).setting(timeline)
    updates = int(setting.removeprefix("train.updates="))
    assert timeline.images(updates) >= images
    assert timeline.images(updates - 1) < images


def test_updates_and_seconds_are_settings_as_they_are() -> None:
    timeline = Timeline(100, 10, 1, None)
    assert Budget.of("30 updates").setting(timeline) == "train.updates=30"
    assert Budget.of("2.5 seconds").setting(timeline) == "train.seconds=2.5"
