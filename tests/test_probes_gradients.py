"""Gradients of discriminators that are simple enough to know them by heart."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.models import Discriminator
from ganatomy.objectives import Batch
from ganatomy.probes import inputs
from ganatomy.probes.gradients import generator_gradient, layer_gradients, slope
from ganatomy.runs.run import Run
from probes_runs import Scoring, judged_by, linear, tiny

PIXELS = 28 * 28


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("runs")
    return {
        "nonsaturating": tiny(folder, "gan", "model.hidden=8"),
        "wasserstein": tiny(folder, "wgan", "model=mlp", "model.hidden=8"),
        "pixels": tiny(folder, "gan-as-reported", "model.hidden=8"),
        "points": tiny(folder, "gan", "model.hidden=8", "data.count=500", data="mixtures"),
        "batchnorm": tiny(folder, "dcgan", "model.batchnorm=both"),
    }


def weight(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("n", [1, 40, 129])
def test_what_reaches_g_of_a_linear_critic(runs: dict[str, Run], n: int) -> None:
    """L = -w.x: the gradient is w, whatever n and the batches are."""
    run = judged_by(runs["wasserstein"], linear(weight(PIXELS)))
    assert generator_gradient(run, n) == pytest.approx(weight(PIXELS).norm().item(), rel=1e-5)


def test_what_reaches_g_of_a_linear_d_with_a_probability(runs: dict[str, Run]) -> None:
    """L = softplus(-s): the gradient is (1 - D) |w| for each image, which vanishes where D is sure."""
    run = judged_by(runs["nonsaturating"], linear(weight(PIXELS), bias=-1.0))
    scores = inputs.generated(run, 70).flatten(1) @ weight(PIXELS) - 1.0
    expected = (torch.sigmoid(-scores) * weight(PIXELS).norm()).mean().item()
    assert generator_gradient(run, 70) == pytest.approx(expected, rel=1e-5)
    sure = judged_by(runs["nonsaturating"], linear(1e-4 * weight(PIXELS), bias=20.0))
    expected = 1e-4 * weight(PIXELS).norm().item() * torch.sigmoid(torch.tensor(-20.0)).item()
    assert generator_gradient(sure, 70) == pytest.approx(expected, rel=0.01)


def test_what_reaches_g_of_a_d_with_one_score_a_pixel(runs: dict[str, Run]) -> None:
    """L is the mean over pixels of softplus(-s_p), s = W x: the gradient is the mean of -(1 - D_p) w_p."""
    rows = 0.1 * weight(PIXELS, PIXELS)
    run = judged_by(runs["pixels"], linear(rows))
    scores = inputs.generated(run, 20).flatten(1) @ rows.T
    expected = (torch.sigmoid(-scores) @ rows / PIXELS).norm(dim=1).mean().item()
    assert generator_gradient(run, 20) == pytest.approx(expected, rel=1e-4)


def test_it_is_the_gradient_of_the_objectives_own_loss(runs: dict[str, Run]) -> None:
    """In one batch, of the run's own D, by torch's own backward pass; with BatchNorm as in training."""
    for name in ("nonsaturating", "batchnorm", "points"):
        run = runs[name]
        fake = inputs.generated(run, 33).requires_grad_()
        critic = Run(run.path).discriminator.train()
        terms = run.config.objective.generator_loss(critic, Batch(inputs.real(run, 33), fake, torch.empty(33, 0)))
        sum(terms.values()).backward()  # type: ignore[union-attr]
        assert fake.grad is not None
        expected = 33 * fake.grad.flatten(1).norm(dim=1).mean().item()
        assert generator_gradient(run, 33) == pytest.approx(expected, rel=1e-4)
        assert all(parameter.grad is None for parameter in critic.parameters())


def chain(scale: float, bias: float) -> Discriminator:
    """Two hidden layers of 6 units, the second `scale` times the first; all above 0, or all below, as the bias says."""
    layers = nn.Sequential(
        nn.Flatten(), nn.Linear(PIXELS, 6), nn.LeakyReLU(0.1), nn.Linear(6, 6), nn.LeakyReLU(0.1), nn.Linear(6, 1)
    )
    with torch.no_grad():
        for place in (1, 3, 5):
            layers[place].bias.fill_(bias)  # type: ignore[union-attr, operator]
        layers[1].weight.fill_(1e-4)  # type: ignore[union-attr, operator]
        layers[3].weight.copy_(scale * torch.eye(6))  # type: ignore[union-attr, operator]
        layers[5].weight.copy_(weight(1, 6))  # type: ignore[union-attr, operator]
    return Discriminator(layers)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_layers_make_the_gradient_vanish_or_explode(runs: dict[str, Run], scale: float) -> None:
    last = weight(6).norm().item()
    for bias, passed in ((10.0, 1.0), (-10.0, 0.1)):  # below 0 a LeakyReLU passes its slope
        found = layer_gradients(judged_by(runs["nonsaturating"], chain(scale, bias)), 150)
        assert found.norms == pytest.approx((scale * passed * last, last), rel=1e-5)
        assert found.first_over_last == pytest.approx(scale * passed, rel=1e-5)


def test_layers_of_the_runs_own_networks(runs: dict[str, Run]) -> None:
    for name, layers in (("wasserstein", 2), ("pixels", 2), ("points", 2), ("batchnorm", 3)):
        found = layer_gradients(runs[name], 100)
        assert len(found.norms) == layers
        assert all(norm > 0 for norm in found.norms)
        assert found == layer_gradients(Run(runs[name].path), 100)


def test_layers_without_a_gradient_or_without_a_unit(runs: dict[str, Run]) -> None:
    flat = chain(1.0, 10.0)
    with torch.no_grad():
        flat.layers[5].weight.zero_()
    assert layer_gradients(judged_by(runs["nonsaturating"], flat), 10).first_over_last is None
    with pytest.raises(GanatomyError, match="no ReLU or LeakyReLU"):
        layer_gradients(judged_by(runs["nonsaturating"], linear(weight(PIXELS))), 10)


def test_the_slope_of_a_plane_and_of_a_bowl(runs: dict[str, Run]) -> None:
    """w.x is as steep as |w| everywhere; |x|^2 / 2 as |x|, so its slopes are the lengths of the points themselves."""
    plane = slope(judged_by(runs["wasserstein"], linear(weight(PIXELS))), 300)
    assert plane.mean == pytest.approx(weight(PIXELS).norm().item(), rel=1e-5)
    assert plane.deviation < 1e-4

    shown: list[Tensor] = []

    def bowl(flat: Tensor) -> Tensor:
        shown.append(flat.detach())
        return flat.square().sum(1, keepdim=True) / 2

    run = judged_by(runs["wasserstein"], Scoring(bowl))
    found = slope(run, 300)
    points = torch.cat(shown)
    assert found.mean == pytest.approx(points.norm(dim=1).mean().item(), rel=1e-5)
    assert found.deviation == pytest.approx(points.norm(dim=1).std(correction=0).item(), rel=1e-4)
    # Each on the line between a real image and a generated one, at a place of its own.
    real, fake = inputs.real(run, 300).flatten(1), inputs.generated(run, 300).flatten(1)
    between = real - fake
    share = ((points - fake) * between).sum(1) / between.square().sum(1)
    torch.testing.assert_close(points, fake + share[:, None] * between, rtol=0, atol=1e-5)
    assert share.min() >= 0
    assert share.max() <= 1
    assert 0.4 < share.mean() < 0.6
    assert 0.25 < share.std() < 0.33  # 0.289 if even


def test_the_slope_of_one_score_a_pixel_and_of_points(runs: dict[str, Run]) -> None:
    rows = weight(PIXELS, PIXELS)
    found = slope(judged_by(runs["pixels"], linear(rows)), 50)
    assert found.mean == pytest.approx(rows.mean(0).norm().item(), rel=1e-4)
    assert slope(judged_by(runs["points"], linear(torch.tensor([3.0, 4.0]))), 50).mean == pytest.approx(5)
    assert slope(runs["batchnorm"], 20) == slope(Run(runs["batchnorm"].path), 20)


def test_of_the_best_weights_there_is_no_d(runs: dict[str, Run], tmp_path: Path) -> None:
    for probe in (generator_gradient, layer_gradients, slope):
        with pytest.raises(UsageError, match="last"):
            probe(Run(runs["points"].path, "best"), 10)
