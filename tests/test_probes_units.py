"""Dead units: exactly those that were made so are found."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from ganatomy.errors import GanatomyError
from ganatomy.models import Discriminator, families
from ganatomy.probes.units import DeadUnits, count, dead_units
from ganatomy.runs.run import Run
from probes_runs import judged_by, linear, tiny


def two_layers(slope: float = 0.1) -> Discriminator:
    """10 units and then 4, for images of one value each."""
    made = families.get("mlp")(hidden=10, slope=slope).discriminator((1, 1, 1))  # type: ignore[arg-type]
    first, second = made.layers[1], made.layers[3]
    made.layers[3] = nn.Linear(10, 4)
    made.layers[5] = nn.Linear(4, 1)
    second = made.layers[3]
    with torch.no_grad():
        # 3 are above 0 for every value, 2 for none, 4 for positive values only, 1 for negative ones only.
        first.weight.copy_(torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 1, -1.0])[:, None])
        first.bias.copy_(torch.tensor([1, 1, 1, -1, -1, 0, 0, 0, 0, 0.0]))
        second.weight.zero_()
        second.bias.copy_(torch.tensor([1, -1, -1, 0.0]))  # 0 is not above 0
    return made


def of(*values: float) -> list[Tensor]:
    """One batch."""
    return [torch.tensor(values, dtype=torch.float32).view(-1, 1, 1, 1)]


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_exactly_those_that_are_dead(slope: float) -> None:
    discriminator = two_layers(slope)
    assert count(discriminator, of(1, 2), of(-3, -1)) == DeadUnits(14, 5 / 14, 4 / 14)
    assert count(discriminator, of(-3, -1), of(1, 2)) == DeadUnits(14, 5 / 14, 1 / 14)
    assert count(discriminator, of(1), of(1)) == DeadUnits(14, 6 / 14, 0)
    assert count(discriminator, of(0), of(0)) == DeadUnits(14, 10 / 14, 0)


def test_one_image_among_many_makes_a_unit_alive() -> None:
    """In whatever batch it stands."""
    for place in (0, 99, 100, 249):
        images = -torch.ones(250, 1, 1, 1)
        images[place] = 1
        assert count(two_layers(), images.split(100), of(-1)) == DeadUnits(14, 5 / 14, 4 / 14)


def test_a_channel_lives_if_it_is_active_somewhere() -> None:
    made = families.get("convnet")().discriminator((8, 8, 1))
    first, second, hidden = made.layers[0], made.layers[3], made.layers[7]
    with torch.no_grad():
        for layer in (first, second, hidden):
            layer.weight.zero_()
            layer.bias.fill_(1)
        first.bias[:5] = -1  # 5 of 32
        first.bias[5] = -0.5  # this one sees a single bright pixel
        first.weight[5, 0, 2, 2] = 1
        second.bias[:7] = -1  # 7 of 64
        hidden.bias[:100] = -1  # 100 of 1,024
    images = torch.zeros(3, 1, 8, 8)
    units = 32 + 64 + 1024
    assert count(made, [images], [images]) == DeadUnits(units, 113 / units, 0)
    images[2, 0, 3, 4] = 1
    assert count(made, [images], [images]) == DeadUnits(units, 112 / units, 0)


@pytest.fixture(
    scope="module", params=[("gan", "digits"), ("dcgan", "digits", "model.batchnorm=both"), ("gan", "mixtures")]
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    recipe, data, *words = request.param
    return tiny(tmp_path_factory.mktemp("runs"), recipe, *words, data=data)


def test_of_a_run(run: Run) -> None:
    """Few units are dead after two updates, and some more once they are made so."""
    found = dead_units(run, 300)
    assert found == dead_units(Run(run.path), 300)
    assert found.units == {"convnet": 32 + 64 + 1024, "mlp": 2 * 256}[run.config.model.name]
    assert found.dead < 0.2
    killed = Run(run.path).discriminator
    first = next(module for module in killed.modules() if isinstance(module, (nn.Linear, nn.Conv2d)))
    with torch.no_grad():
        assert first.bias is not None
        first.weight[:20] = 0
        first.bias[:20] = -1
    more = dead_units(judged_by(run, killed), 300).dead * found.units
    assert 20 <= more < 20 + (found.dead + 0.1) * found.units


def test_a_d_without_hidden_units(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(GanatomyError, match="no ReLU or LeakyReLU"):
        count(linear(torch.ones(1)), of(1), of(1))
