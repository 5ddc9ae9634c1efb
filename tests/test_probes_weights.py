"""Weights at the clipping bound: exactly those that were put there."""

from __future__ import annotations

import pytest
import torch

from ganatomy.errors import UsageError
from ganatomy.probes.weights import clipped_weights
from ganatomy.runs.run import Run
from probes_runs import judged_by, tiny


@pytest.fixture(scope="module", params=["digits", "mixtures"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    words = ["model=mlp", "model.hidden=10", "objective.clip=0.05"]
    return tiny(tmp_path_factory.mktemp("runs"), "wgan", *words, data=request.param)


def test_exactly_those_at_the_bound(run: Run) -> None:
    critic = Run(run.path).discriminator
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.fill_(0.02)
        critic.layers[3].weight[:3] = 0.05  # 30 of 100, and 10 biases
        critic.layers[3].weight[3, :2] = -0.04996  # within 0.1 %
        critic.layers[3].weight[4, 0] = 0.0499  # not
        critic.layers[5].bias.fill_(-0.05)  # 1 of 11
    found = clipped_weights(judged_by(run, critic))
    assert found.bound == 0.05
    assert found.layers == pytest.approx({"layers.1": 0, "layers.3": 32 / 110, "layers.5": 1 / 11})
    total = sum(parameter.numel() for parameter in critic.parameters())
    assert found.share == pytest.approx(33 / total)


def test_what_the_clipping_leaves_counts(run: Run) -> None:
    """The bound in float32 is not that of the setting, to the last digit."""
    critic = Run(run.path).discriminator
    assert max(parameter.abs().max().item() for parameter in critic.parameters()) == pytest.approx(0.05, rel=1e-6)
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.add_(1.0)
    run.config.objective.constrain(critic.parameters())
    found = clipped_weights(judged_by(run, critic))
    assert found.share == 1
    assert set(found.layers.values()) == {1.0}


def test_of_the_run_itself(run: Run) -> None:
    """Weights of ten inputs begin within 1 / sqrt(10), five in six of them beyond 0.05; few steps lead only some away."""
    found = clipped_weights(run)
    assert found == clipped_weights(Run(run.path))
    assert 0.3 < found.layers["layers.3"] < 0.95


def test_batchnorms_statistics_are_no_weights(tmp_path_factory: pytest.TempPathFactory) -> None:
    words = ["model=mlp", "model.hidden=10", "model.batchnorm=both"]
    run = tiny(tmp_path_factory.mktemp("runs"), "wgan", *words)
    critic = Run(run.path).discriminator
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.zero_()
    critic.layers[4].running_mean.fill_(0.01)
    found = clipped_weights(judged_by(run, critic))
    assert found.layers == {"layers.1": 0, "layers.3": 0, "layers.4": 0, "layers.6": 0}


def test_an_objective_without_clipping(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UsageError, match="clips no weights"):
        clipped_weights(tiny(tmp_path_factory.mktemp("runs"), "gan", "model.hidden=8"))
