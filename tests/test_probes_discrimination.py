"""How D tells real from generated: scores whose order is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ganatomy.errors import UsageError
from ganatomy.probes import inputs
from ganatomy.probes.discrimination import accuracy, auc, discrimination, scores
from ganatomy.runs.run import Run
from probes_runs import Scoring, judged_by, linear, tiny


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("runs")
    return {
        "digits": tiny(folder, "gan", "model.hidden=8"),
        "wasserstein": tiny(folder, "wgan", "model=mlp", "model.hidden=8"),
        "pixels": tiny(folder, "gan-as-reported", "model.hidden=8"),
        "points": tiny(folder, "gan", "model.hidden=8", "data.count=500", data="mixtures"),
        "batchnorm": tiny(folder, "dcgan", "model.batchnorm=both"),
    }


def by_pairs(real: np.ndarray, fake: np.ndarray) -> float:
    """Of all pairs, those in order, ties being half."""
    return float(((real[:, None] > fake).mean() + (real[:, None] >= fake).mean()) / 2)


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [
        ([2, 3], [0, 1], 1.0),
        ([0, 1], [2, 3], 0.0),
        ([1, 1], [1, 1], 0.5),
        ([0, 3], [1, 2, 2.5], 0.5),
        ([1, 2, 3], [2], 0.5),
        ([1, 4, 3, 2], [0, 2], 6.5 / 8),
    ],
)
def test_the_area_under_the_curve(real: list[float], fake: list[float], expected: float) -> None:
    assert auc(np.array(real), np.array(fake)) == pytest.approx(expected)
    assert by_pairs(np.array(real), np.array(fake)) == pytest.approx(expected)


def test_the_accuracy_is_the_mean_of_both_sides() -> None:
    """At a score of 0, a probability of 1/2; so it does not depend on how many of each there are."""
    assert accuracy(np.array([1.0, -1.0, 2.0, 3.0]), np.array([-1.0])) == (3 / 4 + 1) / 2
    assert accuracy(np.zeros(5), np.zeros(9)) == 0.5
    assert accuracy(np.ones(5), -np.ones(2)) == 1
    assert accuracy(-np.ones(5), np.ones(2)) == 0


def test_of_a_run(runs: dict[str, Run]) -> None:
    """By pairs, of the scores of the very images; without held-out images those are None."""
    run = judged_by(runs["digits"], linear(torch.linspace(-1, 1, 28 * 28), bias=0.3))
    real, fake = (shown.flatten(1) @ torch.linspace(-1, 1, 28 * 28) + 0.3 for shown in shown_of(run, 300))
    found = discrimination(run, 300)
    assert found.auc_training == pytest.approx(by_pairs(real.numpy(), fake.numpy()), abs=1e-4)
    expected = ((real > 0).double().mean() + (fake <= 0).double().mean()) / 2
    assert found.accuracy == pytest.approx(expected.item(), abs=0.01)
    assert (found.auc_held_out, found.accuracy_held_out, found.gap) == (None, None, None)


def shown_of(run: Run, n: int) -> tuple[Tensor, Tensor]:
    return inputs.real(run, n), inputs.generated(run, n)


def test_a_d_that_knows_its_images_by_heart(runs: dict[str, Run]) -> None:
    """It scores 1 what it trained on and -1 all else: the held-out points are no better to it than the generated ones."""
    known = {tuple(point) for point in runs["points"].config.data.load().images.reshape(-1, 2).tolist()}

    def remembering(points: Tensor) -> Tensor:
        return torch.tensor([[1.0 if tuple(point) in known else -1.0] for point in points.tolist()])

    found = discrimination(judged_by(runs["points"], Scoring(remembering)), 400)
    assert (found.auc_training, found.auc_held_out, found.gap) == (1.0, 0.5, 0.5)
    assert (found.accuracy, found.accuracy_held_out) == (1.0, 0.5)


def test_held_out_images_are_as_many_as_there_are(runs: dict[str, Run], monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs["points"]
    few = inputs.held_out(run, 7)
    assert few is not None
    monkeypatch.setattr(inputs, "held_out", lambda _, n: few)
    found = discrimination(judged_by(run, linear(torch.tensor([1.0, 2.0]))), 100)
    fake = scores(judged_by(run, linear(torch.tensor([1.0, 2.0]))), inputs.generated(run, 100))
    expected = by_pairs((few.flatten(1) @ torch.tensor([1.0, 2.0])).numpy(), fake)
    assert found.auc_held_out == pytest.approx(expected, abs=1e-6)


def test_one_score_a_pixel_means_their_mean(runs: dict[str, Run]) -> None:
    rows = torch.randn(28 * 28, 28 * 28, generator=torch.Generator().manual_seed(1))
    run = judged_by(runs["pixels"], linear(rows))
    images = inputs.real(run, 40)
    np.testing.assert_allclose(scores(run, images), (images.flatten(1) @ rows.mean(0)).numpy(), atol=1e-3)
    assert discrimination(run, 40).accuracy is not None


def test_a_critic_has_no_threshold(runs: dict[str, Run]) -> None:
    found = discrimination(runs["wasserstein"], 200)
    assert 0 <= found.auc_training <= 1
    assert found.accuracy is None
    assert found.accuracy_held_out is None


def test_it_is_a_function_of_the_run(runs: dict[str, Run]) -> None:
    for name in ("digits", "points", "batchnorm"):
        assert discrimination(runs[name], 100) == discrimination(Run(runs[name].path), 100)


def test_of_the_best_weights_there_is_no_d(runs: dict[str, Run]) -> None:
    with pytest.raises(UsageError, match="last"):
        discrimination(Run(runs["digits"].path, "best"), 10)
