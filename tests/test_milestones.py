"""Which update stands for which percentage, at any length and after any change of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ganatomy.config import Train
from ganatomy.config.timeline import Timeline
from ganatomy.runs.milestones import Milestones, kept_of


def timeline(updates: int | None) -> Timeline:
    return Timeline(total_images=100, batch=10, batches_per_update=1, total_updates=updates)


def run(updates: int) -> Milestones:
    milestones = Milestones(Train(updates=updates), timeline(updates))
    for update in range(updates + 1):
        milestones.due(update, 0.0)
    return milestones


def test_quarters_of_a_known_length() -> None:
    assert run(8).kept == {0: (0,), 2: (25,), 4: (50,), 6: (75,), 8: (100,)}
    assert run(1).kept == {0: (0, 25), 1: (50, 75, 100)}


def test_twice_the_length_halves_the_percentages() -> None:
    longer = Milestones(Train(updates=16), timeline(16))
    longer.restore(run(8).kept, seconds=1.0, length_changed=True)
    assert longer.kept == {0: (0,), 2: (), 4: (25,), 6: (), 8: (50,)}
    assert [update for update in range(9, 17) if longer.due(update, 1.0)] == [12, 16]


def test_seconds_decide_in_the_order_of_time() -> None:
    milestones = Milestones(Train(seconds=4.0), timeline(None))
    assert milestones.due(0, 0.0) == (0,)
    assert milestones.due(1, 0.9) == ()
    assert milestones.due(2, 2.1) == (25, 50)
    assert milestones.due(3, 2.2) == ()
    assert milestones.due(4, 9.0) == (75, 100)


def test_more_seconds_keep_only_the_untrained_percentage() -> None:
    milestones = Milestones(Train(seconds=8.0), timeline(None))
    milestones.restore({0: (0,), 2: (25, 50), 4: (75, 100)}, seconds=4.5, length_changed=True)
    assert milestones.kept == {0: (0,), 2: (), 4: ()}
    assert milestones.due(5, 4.6) == ()
    assert milestones.due(6, 6.0) == (75,)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 40))
def test_every_percentage_belongs_to_one_update_at_most(first: int, second: int, stop: int) -> None:
    """However a run was stopped and extended, no name is given twice, and each is where the new length has it."""
    stop = min(stop, first, second)
    before = {update: percents for update, percents in run(first).kept.items() if update <= stop}
    after = Milestones(Train(updates=second), timeline(second))
    after.restore(before, seconds=0.0, length_changed=first != second)
    for update in range(stop + 1, second + 1):
        after.due(update, 0.0)
    given_names = [percent for percents in after.kept.values() for percent in percents]
    assert len(given_names) == len(set(given_names))
    planned = timeline(second).milestones((0, 25, 50, 75, 100))
    assert all(percents in ((), planned.get(update)) for update, percents in after.kept.items())


def test_state_is_json_and_comes_back() -> None:
    kept = run(8).kept
    milestones = run(8)
    assert kept_of(milestones.state()) == kept
