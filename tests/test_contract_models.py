"""What every model family must keep to, and that the lab's networks are the lab's, layer by layer and bit by bit."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import ganatomy
from ganatomy import recipe
from ganatomy.models import Model, Shape, families
from ganatomy.settings import field_help

NAMES = families.names()
SHAPES: list[Shape] = [(28, 28, 1), (32, 32, 3), (8, 8, 1), (12, 20, 3), (64, 64, 3)]
RANGES = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "none": None}
RECIPES = recipe.names()


def family(name: str, **options: object) -> Model:
    return families.get(name)(**options)  # type: ignore[arg-type]


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_named_as_the_family_and_its_fields_have_help(name: str) -> None:
    leaf = families.get(name)
    assert leaf.name == name
    assert leaf.__module__ == f"ganatomy.models.{name}"
    assert all(field_help(leaf).values())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_shapes_in_and_out(name: str, shape: Shape) -> None:
    model = family(name, latent=7)
    assert model.refusal(shape) is None
    height, width, channels = shape
    generator, discriminator = model.generator(shape), model.discriminator(shape)
    assert generator.latent == 7
    images = generator(torch.randn(2, 7))
    assert images.shape == (2, channels, height, width)
    assert images.dtype == torch.float32
    assert discriminator(images).shape == (2, 1)
    assert model.discriminator(shape, scores=5)(images).shape == (2, 5)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 10), width=st.integers(1, 10), channels=st.sampled_from([1, 3]))
def test_any_size_that_is_not_refused_works(name: str, height: int, width: int, channels: int) -> None:
    model = family(name)
    shape = (4 * height, 4 * width, channels)
    assert model.refusal(shape) is None
    images = model.generator(shape).eval()(torch.randn(1, model.latent))
    assert images.shape == (1, channels, 4 * height, 4 * width)
    assert model.discriminator(shape)(images).shape == (1, 1)


@pytest.mark.parametrize("shape", [(30, 28, 1), (28, 30, 1), (29, 29, 3), (1, 1, 2)])
def test_convnet_refuses_other_sizes_and_names_what_would_do(shape: Shape) -> None:
    refusal = family("convnet").refusal(shape)
    assert refusal is not None
    assert f"{shape[0]}x{shape[1]}" in refusal
    assert "multiples of 4" in refusal
    assert "model=mlp" in refusal
    assert family("mlp").refusal(shape) is None


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("output", RANGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_declared_range_holds(name: str, output: str, training: bool) -> None:
    model = family(name, output=output)
    generator = model.generator((8, 8, 1)).train(training)
    assert generator.value_range == model.value_range == RANGES[output]
    with torch.no_grad():
        images = generator(1e3 * torch.randn(16, model.latent))
    assert images.isfinite().all()
    if generator.value_range is not None:
        low, high = generator.value_range
        assert images.min() >= low
        assert images.max() <= high


@pytest.mark.parametrize(("output", "limits"), [(o, r) for o, r in RANGES.items() if r])
@pytest.mark.parametrize("name", NAMES)
def test_the_range_is_used_to_its_ends(name: str, output: str, limits: tuple[float, float]) -> None:
    model = family(name, output=output)
    generator = model.generator((8, 8, 1)).eval()
    last = [module for module in generator.modules() if isinstance(module, (nn.Linear, nn.ConvTranspose2d))][-1]
    for bias, expected in ((-1e4, limits[0]), (1e4, limits[1])):
        with torch.no_grad():
            assert last.bias is not None
            last.bias.fill_(bias)
            images = generator(torch.randn(2, model.latent))
        assert torch.equal(images, torch.full_like(images, expected))


@pytest.mark.parametrize("shape", SHAPES[:3])
@pytest.mark.parametrize("name", NAMES)
def test_the_discriminator_gives_raw_scores(name: str, shape: Shape) -> None:
    discriminator = family(name).discriminator(shape)
    squashing = (nn.Sigmoid, nn.Tanh, nn.Softmax, nn.LogSigmoid, nn.Hardsigmoid)
    assert not any(isinstance(module, squashing) for module in discriminator.modules())
    last = [module for module in discriminator.modules() if isinstance(module, nn.Linear)][-1]
    height, width, channels = shape
    images = torch.rand(2, channels, height, width)
    with torch.no_grad():
        before = discriminator(images)
        last.bias.add_(1000.0)
        torch.testing.assert_close(discriminator(images), before + 1000.0, rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_batchnorm_in_the_generator_is_declared(name: str) -> None:
    batchnorm = (nn.BatchNorm1d, nn.BatchNorm2d)
    generator, discriminator = family(name).generator((8, 8, 1)), family(name).discriminator((8, 8, 1))
    assert families.get(name).generator_has_batchnorm == any(isinstance(m, batchnorm) for m in generator.modules())
    assert not any(isinstance(m, batchnorm) for m in discriminator.modules())


@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_every_parameter(name: str) -> None:
    model = family(name)
    generator, discriminator = model.generator((12, 20, 3)), model.discriminator((12, 20, 3))
    discriminator(generator(torch.randn(8, model.latent))).square().sum().backward()
    for network in (generator, discriminator):
        for parameter_name, parameter in network.named_parameters():
            assert parameter.grad is not None, parameter_name
            assert parameter.grad.isfinite().all(), parameter_name


# ---- the lab's networks


CONVNETS = (6_679_105, 1_102_721)
COUNTS = {
    "gan": (293_136, 267_009),
    "dcgan": CONVNETS,
    "dcgan-fast": CONVNETS,
    "wgan": CONVNETS,
    "gan-as-reported": (293_136, (784 + 1) * 256 + (256 + 1) * 256 + (256 + 1) * 784),
    "dcgan-as-reported": CONVNETS,
}


@pytest.mark.parametrize("name", RECIPES)
def test_parameter_counts_of_the_lab(name: str) -> None:
    assert tuple(map(parameters, ganatomy.build(name))) == COUNTS[name]


def keys(*layers: int, batchnorm: tuple[int, ...] = ()) -> list[str]:
    found = []
    for layer in layers:
        found += [f"layers.{layer}.weight", f"layers.{layer}.bias"]
        if layer in batchnorm:
            found += [f"layers.{layer}.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")]
    return found


KEYS = {
    "mlp": (keys(0, 2, 4), keys(1, 3, 5)),
    "convnet": (keys(0, 1, 3, 4, 7, 8, 10, batchnorm=(1, 4, 8)), keys(0, 3, 7, 9)),
}
"""Checkpoints hold these names: changing one makes old runs unreadable."""


@pytest.mark.parametrize("name", KEYS)
def test_the_names_in_a_checkpoint_stay(name: str) -> None:
    generator, discriminator = family(name).generator((28, 28, 1)), family(name).discriminator((28, 28, 1))
    assert (list(generator.state_dict()), list(discriminator.state_dict())) == KEYS[name]


class Reshape(nn.Module):
    """The lab's `.view` between layers."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], *self.shape)


def lab_generator(name: str) -> nn.Sequential:
    """The table of LAB.md, row `generator`."""
    if name in ("gan", "gan-as-reported"):
        return nn.Sequential(
            nn.Linear(100, 256),
            nn.ReLU(),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Tanh(),
            Reshape(1, 28, 28),
        )
    return nn.Sequential(
        nn.Linear(100, 1024),
        nn.BatchNorm1d(1024),
        nn.ReLU(),
        nn.Linear(1024, 6272),
        nn.BatchNorm1d(6272),
        nn.ReLU(),
        Reshape(128, 7, 7),
        nn.ConvTranspose2d(128, 64, 4, 2, 1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, 1),
        nn.Tanh() if name == "wgan" else nn.Sigmoid(),
    )


def lab_discriminator(name: str) -> nn.Sequential:
    """The table of LAB.md, row `discriminator`, up to the scores: its Sigmoid is in the loss here."""
    if name in ("gan", "gan-as-reported"):
        outputs = 784 if name == "gan-as-reported" else 1
        return nn.Sequential(
            Reshape(784),
            nn.Linear(784, 256),
            nn.LeakyReLU(0.1),
            nn.Linear(256, 256),
            nn.LeakyReLU(0.1),
            nn.Linear(256, outputs),
        )
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, 1),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, 1),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2),
        Reshape(1024),
        nn.Linear(1024, 1024),
        nn.LeakyReLU(0.1),
        nn.Linear(1024, 1),
    )


def with_weights_of(plain: nn.Sequential, network: nn.Module) -> nn.Sequential:
    """The same tensors in the same order, whatever their names."""
    plain.load_state_dict(dict(zip(plain.state_dict(), network.state_dict().values(), strict=True)))
    return plain


def assert_same(name: str, ours: Tensor, theirs: Tensor) -> None:
    """The fully connected networks to the bit; convolutions, by other kernels, to the last digits of float64."""
    if name.startswith("gan"):
        assert torch.equal(ours, theirs)
    else:
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", RECIPES)
def test_the_generator_is_the_labs(name: str, training: bool) -> None:
    generator, _ = ganatomy.build(name, seed=3)
    plain = with_weights_of(lab_generator(name), generator).double().train(training)
    generator = generator.double().train(training)
    noise = torch.randn(5, 100, dtype=torch.float64)
    assert_same(name, generator(noise), plain(noise))
    for ours, theirs in zip(generator.state_dict().values(), plain.state_dict().values(), strict=True):
        assert_same(name, ours, theirs)  # BatchNorm's running statistics


@pytest.mark.parametrize("name", RECIPES)
def test_the_discriminator_is_the_labs(name: str) -> None:
    _, discriminator = ganatomy.build(name, seed=3)
    plain = with_weights_of(lab_discriminator(name), discriminator).double()
    images = torch.rand(5, 1, 28, 28, dtype=torch.float64)
    assert_same(name, discriminator.double()(images), plain(images))


@pytest.mark.parametrize("name", RECIPES)
def test_build_declares_the_labs_range(name: str) -> None:
    generator, _ = ganatomy.build(name)
    assert generator.value_range == ((0.0, 1.0) if name.startswith("dcgan") else (-1.0, 1.0))


@pytest.mark.parametrize("name", RECIPES)
def test_as_reported_only_the_gans_discriminator_gives_an_image(name: str) -> None:
    generator, discriminator = ganatomy.build(name)
    with torch.no_grad():
        scores = discriminator(generator.eval()(torch.randn(3, 100)))
    assert scores.shape == (3, 784 if name == "gan-as-reported" else 1)


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("name", RECIPES)
def test_weights_are_a_function_of_the_seed(name: str) -> None:
    torch.manual_seed(1)
    first = ganatomy.build(name, seed=4)
    torch.manual_seed(2)
    again = ganatomy.build(name, "seed=4")
    other = ganatomy.build(name, seed=5)
    assert all(itertools.starmap(same_weights, zip(first, again, strict=True)))
    assert not any(itertools.starmap(same_weights, zip(first, other, strict=True)))


def test_the_generators_weights_do_not_depend_on_the_discriminator() -> None:
    assert same_weights(ganatomy.build("gan")[0], ganatomy.build("gan-as-reported")[0])


@pytest.mark.parametrize("name", RECIPES)
def test_build_leaves_torchs_random_state(name: str) -> None:
    torch.manual_seed(11)
    before = torch.get_rng_state()
    ganatomy.build(name)
    assert torch.equal(torch.get_rng_state(), before)


def test_build_for_another_shape_and_its_refusal() -> None:
    generator, discriminator = ganatomy.build("dcgan", shape=(12, 20, 3))
    assert discriminator(generator(torch.randn(2, 100))).shape == (2, 1)
    with pytest.raises(ganatomy.GanatomyError, match="multiples of 4"):
        ganatomy.build("dcgan", shape=(30, 30, 1))
