"""When a trial is stopped for what its curves show, and when it is not."""

from __future__ import annotations

import pytest

from ganatomy.studies.sweep.diagnosis import diagnose


def lines(key: str, values: list[float]) -> list[dict[str, float]]:
    return [{"step": 100 * (place + 1), key: value} for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("found", "progress", "said"),
    [
        ([1, 1, 1], 0.6, "collapsed"),
        ([8, 1, 1, 1], 0.6, "collapsed"),
        ([1, 1, 1], 0.3, None),  # it has yet to learn any
        ([1, 1], 0.6, None),  # too few to say
        ([1, 1, 2], 0.6, None),
        ([1, 1, 1, 9], 0.9, None),
    ],
)
def test_collapse_is_few_classes_late_in_a_run(found: list[float], progress: float, said: str | None) -> None:
    assert diagnose(lines("metric/classes_found", found), progress, 10) == said


def test_a_tenth_of_many_classes_is_a_collapse_too() -> None:
    assert diagnose(lines("metric/classes_found", [90, 95, 100]), 0.6, 1000) == "collapsed"
    assert diagnose(lines("metric/classes_found", [90, 95, 101]), 0.6, 1000) is None
    assert diagnose(lines("metric/classes_found", [1, 1, 1]), 0.6, None) is None


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_network_without_a_gradient_is_dead(network: str) -> None:
    assert diagnose(lines(f"grad/{network}", [0.3, 0, 1e-9, 0]), 0.1, 10) == f"dead {network}"
    assert diagnose(lines(f"grad/{network}", [0, 0, 1e-3]), 0.9, 10) is None
    assert diagnose([], 0.0, 10) is None
