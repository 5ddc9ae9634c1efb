"""`ganatomy.testing.check_model` finds what is broken, and says so."""

from __future__ import annotations

from math import prod
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

import ganatomy
from ganatomy.testing import ContractError, check_model

SHAPES = [(8, 8, 1)]


def layers(inputs: int, outputs: int, *more: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 16), nn.LeakyReLU(0.2), nn.Linear(16, outputs), *more)


def image(shape: Any) -> nn.Module:
    height, width, channels = shape
    return nn.Unflatten(1, (channels, height, width))


class Sound(ganatomy.Model):
    """What the broken ones are made of."""

    latent: int = 4

    def generator(self, shape):
        return layers(self.latent, prod(shape), nn.Tanh(), image(shape))

    def discriminator(self, shape, scores=1):
        return layers(prod(shape), scores)


class WrongSize(Sound):
    def generator(self, shape):
        return layers(self.latent, 4 * prod(shape), nn.Tanh(), image((16, 16, 1)))


class NoUnflatten(Sound):
    def generator(self, shape):
        return layers(self.latent, prod(shape), nn.Tanh())


class Unbounded(Sound):
    def generator(self, shape):
        return layers(self.latent, prod(shape), image(shape))


class RangeOfSigmoid(Sound):
    value_range = (0.0, 1.0)


class Probabilities(Sound):
    def discriminator(self, shape, scores=1):
        return layers(prod(shape), scores, nn.Sigmoid())


class ScoresIgnored(Sound):
    def discriminator(self, shape, scores=1):
        return layers(prod(shape), 1)


class TwoScores(Sound):
    def discriminator(self, shape):
        return layers(prod(shape), 2)


class HalfPrecision(Sound):
    def discriminator(self, shape, scores=1):
        return layers(prod(shape), scores, Cast())


class Cast(nn.Module):
    def forward(self, values):
        return values.double()


class Unused(Sound):
    def discriminator(self, shape, scores=1):
        made = layers(prod(shape), scores)
        made.register_parameter("spare", nn.Parameter(torch.zeros(3)))
        return made


class OwnSeed(Sound):
    def generator(self, shape):
        torch.manual_seed(7)
        return super().generator(shape)


class OtherRandomness(Sound):
    def generator(self, shape):
        made = super().generator(shape)
        for parameter in made.parameters():
            nn.init.normal_(parameter, generator=DRAW)
        return made


DRAW = torch.Generator().manual_seed(0)


class BatchStatistics(Sound):
    """BatchNorm that forgets to keep running statistics."""

    has_batchnorm = True  # type: ignore[assignment]

    def generator(self, shape):
        normal = nn.BatchNorm1d(prod(shape), track_running_stats=False)
        return layers(self.latent, prod(shape), normal, nn.Tanh(), image(shape))


class UndeclaredBatchNorm(Sound):
    def generator(self, shape):
        return layers(self.latent, prod(shape), nn.BatchNorm1d(prod(shape)), nn.Tanh(), image(shape))


class HiddenState(Sound):
    """What it computes with is in no parameter and no buffer."""

    def generator(self, shape):
        return nn.Sequential(Scaled(), *super().generator(shape))


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.rand(1)

    def forward(self, noise):
        return noise * self.scale


class Lazy(Sound):
    def discriminator(self, shape, scores=1):
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(scores))


class NoParameters(Sound):
    def discriminator(self, shape, scores=1):
        return nn.Sequential(nn.Flatten())


class TakesLabels(nn.Module):
    """Labels matter unless `size` is 0."""

    def __init__(self, body: nn.Module, size: int, classes: int) -> None:
        super().__init__()
        self.body = body
        self.embedding = nn.Embedding(classes, size)

    def forward(self, values, labels):
        return self.body(values + self.embedding(labels).sum(1).view(-1, *[1] * (values.ndim - 1)))


class Conditional(Sound):
    conditional = True

    def generator(self, shape, classes):
        return TakesLabels(super().generator(shape), 4, classes)


class UndeclaredLabels(Conditional):
    conditional = False


class LabelsIgnored(Conditional):
    def generator(self, shape, classes):
        body = super().generator(shape, classes)
        body.forward = lambda values, labels: body.body(values + 0 * body.embedding(labels).sum())  # type: ignore[method-assign]
        return body


class NobodyTakesLabels(Sound):
    conditional = True


class RefusesAll(Sound):
    def unsupported(self, shape):
        return "never"


class NotInBfloat16(Sound):
    """Differences that are small against the values are lost in 8 bits."""

    def discriminator(self, shape, scores=1):
        return layers(prod(shape), scores, Cancelled())


class Cancelled(nn.Module):
    def forward(self, scores):
        return (
            scores.to(torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else scores.dtype) + 300
        ) - 300


class OnlyOne(ganatomy.Model):
    def generator(self, shape):
        return layers(self.latent, prod(shape), nn.Tanh(), image(shape))


BROKEN: list[tuple[type, str]] = [
    (WrongSize, "makes images of shape 16 x 1 x 16 x 16; expected 16 x 1 x 8 x 8"),
    (NoUnflatten, "makes images of shape 16 x 64; expected 16 x 1 x 8 x 8"),
    (Unbounded, r"expected them within value_range \(-1\.0, 1\.0\)"),
    (RangeOfSigmoid, r"makes values from -1 to 1; expected them within value_range \(0\.0, 1\.0\)"),
    (Probabilities, "remove the Sigmoid"),
    (ScoresIgnored, "makes scores of shape 16 x 1; expected 16 x 5"),
    (TwoScores, "makes scores of shape 16 x 2; expected 16 x 1"),
    (HalfPrecision, "torch.float64; expected finite float32"),
    (Unused, "gradient of its discriminator's spare is missing"),
    (OwnSeed, "the same weights under every torch seed"),
    (OtherRandomness, "begins with other weights under the same torch seed"),
    (BatchStatistics, "in eval mode .* differ with the size of the batch"),
    (UndeclaredBatchNorm, "has_batchnorm is False, and its networks have BatchNorm"),
    (HiddenState, "keep what it computes with in parameters and buffers"),
    (Lazy, "lazy layers"),
    (NoParameters, "its discriminator has no parameters"),
    (UndeclaredLabels, "declares conditional = True"),
    (LabelsIgnored, "makes the same of every label"),
    (NobodyTakesLabels, "neither network's forward names `labels`"),
    (RefusesAll, "excludes all of 8 x 8 x 1"),
    (NotInBfloat16, "in bfloat16 its discriminator differs by"),
    (OnlyOne, "lacks discriminator"),
]


@pytest.mark.parametrize(("broken", "message"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_model_is_found(broken: type, message: str) -> None:
    with pytest.raises(ContractError, match=message) as raised:
        check_model(broken, SHAPES)
    assert broken.__name__ in str(raised.value)


class Generator(nn.Sequential):
    def __init__(self, latent, shape):
        super().__init__(*layers(latent, prod(shape), nn.Tanh(), image(shape)))


class Discriminator(nn.Sequential):
    def __init__(self, shape):
        super().__init__(*layers(prod(shape), 1))


def test_a_class_an_instance_a_pair_and_a_module() -> None:
    check_model(Sound)
    check_model(Sound(latent=9), SHAPES)
    check_model(Conditional, SHAPES)
    check_model((Generator, Discriminator), SHAPES)
    module = ModuleType("networks")
    module.Generator, module.Discriminator = Generator, Discriminator  # type: ignore[attr-defined]
    check_model(module, SHAPES)


def test_instances_of_networks_are_no_model() -> None:
    with pytest.raises(ContractError, match=r"two classes derived from nn\.Module"):
        check_model((Generator(4, (8, 8, 1)), Discriminator((8, 8, 1))))
