"""What every model family must keep to, and that the lab's networks are the lab's, layer by layer and bit by bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import ganatomy
from ganatomy.config import recipe
from ganatomy.errors import UsageError
from ganatomy.models import Model, Shape, families
from ganatomy.models.layers import FeatureMap, ImageConv2d, ImageConvTranspose2d
from ganatomy.plugin.settings import field_help, field_types
from ganatomy.randomness import global_seed
from ganatomy.testing import check_model

NAMES = families.names()
SHAPES: list[Shape] = [(8, 8, 1), (12, 20, 3), (28, 28, 1), (32, 32, 3)]
RANGES = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "none": None}
RECIPES = recipe.names()
OF_THE_LAB = [name for name in RECIPES if name != "best"]
"""Recipes with the lab's networks."""


def family(name: str, **options: object) -> Model:
    return families.get(name)(**options)  # type: ignore[arg-type]


MORE: dict[str, list[dict[str, Any]]] = {
    "mlp": [{"discriminator_hidden": 31}, {"batchnorm": "both", "hidden": 48, "discriminator_hidden": 31}],
    "convnet": [
        {"generator_slope": 0.2},
        {"batchnorm": "both", "upsampling": "nearest", "head": "average", "generator_slope": 0.2, "slope": 0.0},
    ],
}
"""Settings of families that no list of values can give, and several at once."""


def variants() -> Iterator[Any]:
    """Every family as it is by default, with every other value of every setting that has a list of values, and MORE."""
    for name in NAMES:
        leaf = families.get(name)
        found: list[dict[str, Any]] = [{}]
        for field, annotation in field_types(leaf).items():
            if get_origin(annotation) is Literal and field != "output":  # which has tests of its own
                found += [{field: value} for value in get_args(annotation) if value != getattr(leaf, field)]
        for options in [*found, *MORE.get(name, [])]:
            words = [name, *(f"{field}={value}" for field, value in options.items())]
            yield pytest.param(name, options, id=" ".join(words))


each_variant = pytest.mark.parametrize(("name", "options"), list(variants()))


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_named_as_the_family_and_its_fields_have_help(name: str) -> None:
    leaf = families.get(name)
    assert leaf.name == name
    assert leaf.__module__ == f"ganatomy.models.{name}"
    assert all(field_help(leaf).values())


@each_variant
def test_contract(name: str, options: dict[str, Any]) -> None:
    check_model(family(name, latent=7, **options), SHAPES if not options else SHAPES[:2])


@pytest.mark.parametrize("options", [{}, {"batchnorm": "both", "output": "sigmoid"}])
@pytest.mark.parametrize("name", NAMES)
def test_contract_of_conditional_ones(name: str, options: dict[str, Any]) -> None:
    check_model(family(name, latent=7, conditional=True, **options), SHAPES[:2])


@pytest.mark.parametrize("name", NAMES)
def test_a_conditional_discriminator_adds_a_projection_to_its_first_score(name: str) -> None:
    """D(x, y) = psi(phi(x)) + <v_y, phi(x)> / sqrt(F), from the weights of one that takes no labels."""
    network = family(name, conditional=True).discriminator((8, 8, 1), classes=5, scores=3).double()  # type: ignore[call-arg]
    plain = family(name).discriminator((8, 8, 1), scores=3).double()  # type: ignore[call-arg]
    weights = network.state_dict()
    embedding = weights.pop("embedding.weight")
    plain.load_state_dict(weights)
    images, labels = torch.rand(6, 1, 8, 8, dtype=torch.float64), torch.tensor([0, 4, 1, 1, 2, 3])
    expected = plain(images)
    expected[:, 0] += torch.einsum("nf,nf->n", embedding[labels], plain.layers[:-1](images)) / embedding.shape[1] ** 0.5
    torch.testing.assert_close(network(images, labels), expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_conditional_generator_starts_from_the_noise_and_an_embedding_of_the_class(name: str) -> None:
    network = family(name, latent=7, conditional=True).generator((8, 8, 1), classes=5).eval()  # type: ignore[call-arg]
    noise, labels = torch.randn(4, 7), torch.tensor([3, 3, 0, 4])
    embedding = network.get_parameter("embedding.weight")
    assert embedding.shape == (5, 7)
    assert torch.equal(network(noise, labels), network.layers(torch.cat([noise, 7**-0.5 * embedding[labels]], dim=1)))


@pytest.mark.parametrize("name", ["two_modules", "spectral_norm", "class_conditional"])
def test_contract_of_those_from_outside(name: str) -> None:
    check_model(str(Path(__file__).parent / "outside" / f"{name}.py"))


@each_variant
@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 10), width=st.integers(1, 10), channels=st.sampled_from([1, 3]))
def test_any_size_that_is_not_refused_works(
    name: str, options: dict[str, Any], height: int, width: int, channels: int
) -> None:
    model = family(name, **options)
    shape = (4 * height, 4 * width, channels)
    assert model.unsupported(shape) is None
    images = model.generator(shape).eval()(torch.randn(1, model.latent))
    assert images.shape == (1, channels, 4 * height, 4 * width)
    assert model.discriminator(shape).eval()(images).shape == (1, 1)


@pytest.mark.parametrize("shape", [(30, 28, 1), (28, 30, 1), (29, 29, 3), (1, 1, 2)])
def test_convnet_refuses_other_sizes_and_names_what_would_do(shape: Shape) -> None:
    reason = family("convnet").unsupported(shape)
    assert reason is not None
    assert f"{shape[0]}x{shape[1]}" in reason
    assert "multiples of 4" in reason
    assert "model=mlp" in reason
    assert family("mlp").unsupported(shape) is None


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("output", RANGES)
@each_variant
def test_the_declared_range_holds(name: str, options: dict[str, Any], output: str, training: bool) -> None:
    model = family(name, output=output, **options)
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
@each_variant
def test_the_range_is_used_to_its_ends(
    name: str, options: dict[str, Any], output: str, limits: tuple[float, float]
) -> None:
    model = family(name, output=output, **options)
    generator = model.generator((8, 8, 1)).eval()
    weighing = (nn.Linear, nn.ConvTranspose2d, nn.Conv2d)
    last = [module for module in generator.modules() if isinstance(module, weighing)][-1]
    for bias, expected in ((-1e4, limits[0]), (1e4, limits[1])):
        with torch.no_grad():
            assert last.bias is not None
            last.bias.fill_(bias)
            images = generator(torch.randn(2, model.latent))
        assert torch.equal(images, torch.full_like(images, expected))


def batchnorms(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))]


@each_variant
def test_batchnorm_is_declared_and_where_the_setting_says(name: str, options: dict[str, Any]) -> None:
    model = family(name, **options)
    found = {
        "generator": bool(batchnorms(model.generator((8, 8, 1)))),
        "discriminator": bool(batchnorms(model.discriminator((8, 8, 1)))),
    }
    assert model.has_batchnorm == any(found.values())
    if "batchnorm" in field_types(type(model)):
        where = model.batchnorm  # type: ignore[attr-defined]
        assert found == {network: where in (network, "both") for network in found}


# ---- the lab's networks


CONVNETS = (6_679_105, 1_102_721)
COUNTS = {
    "gan": (293_136, 267_009),
    "dcgan": CONVNETS,
    "dcgan-fast": CONVNETS,
    "wgan": CONVNETS,
    "gan-tuned": (293_136, 267_009),
    "dcgan-tuned": CONVNETS,
    "wgan-tuned": CONVNETS,
    "best": (CONVNETS[0] + 100 * 1024 + 10 * 100, CONVNETS[1] + 10 * 1024),
    "gan-as-reported": (293_136, (784 + 1) * 256 + (256 + 1) * 256 + (256 + 1) * 784),
    "dcgan-as-reported": CONVNETS,
}


@pytest.mark.parametrize("name", RECIPES)
def test_parameter_counts(name: str) -> None:
    """The lab's; `best` has an embedding of ten classes beside G's noise, and one in D's last layer."""
    assert tuple(map(parameters, ganatomy.build(name, classes=10))) == COUNTS[name]


def keys(*layers: int, batchnorm: tuple[int, ...] = ()) -> list[str]:
    found = []
    for layer in layers:
        found += [f"layers.{layer}.weight", f"layers.{layer}.bias"]
        if layer in batchnorm:
            found += [f"layers.{layer}.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")]
    return found


KEYS: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("mlp", {}, keys(0, 2, 4), keys(1, 3, 5)),
    ("mlp", {"batchnorm": "both"}, keys(0, 1, 3, 4, 6, batchnorm=(1, 4)), keys(1, 3, 4, 6, batchnorm=(4,))),
    ("convnet", {}, keys(0, 1, 3, 4, 7, 8, 10, batchnorm=(1, 4, 8)), keys(0, 3, 7, 9)),
    (
        "convnet",
        {"upsampling": "nearest", "head": "average", "generator_slope": 0.2},
        keys(0, 1, 3, 4, 7, 8, 10, batchnorm=(1, 4, 8)),
        keys(0, 3, 7, 9),
    ),
    ("convnet", {"batchnorm": "none"}, keys(0, 2, 5, 7), keys(0, 3, 7, 9)),
    (
        "convnet",
        {"batchnorm": "both"},
        keys(0, 1, 3, 4, 7, 8, 10, batchnorm=(1, 4, 8)),
        keys(0, 3, 4, 8, 9, 11, batchnorm=(4, 9)),
    ),
    ("mlp", {"conditional": True}, [*keys(0, 2, 4), "embedding.weight"], [*keys(1, 3, 5), "embedding.weight"]),
]
"""Checkpoints hold these names: changing one makes old runs unreadable."""


@pytest.mark.parametrize(("name", "options", "generators", "discriminators"), KEYS)
def test_the_names_in_a_checkpoint_stay(
    name: str, options: dict[str, Any], generators: list[str], discriminators: list[str]
) -> None:
    model = family(name, **options)
    generator, discriminator = (make((28, 28, 1), classes=10) for make in (model.generator, model.discriminator))
    assert (list(generator.state_dict()), list(discriminator.state_dict())) == (generators, discriminators)


def is_gan(name: str) -> bool:
    """Whether a recipe has the lab's fully connected networks; `gan-tuned` is `gan` with other settings."""
    return name.startswith("gan")


class Reshape(nn.Module):
    """The lab's `.view` between layers."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], *self.shape)


def lab_generator(name: str) -> nn.Sequential:
    """The table of LAB.md, row `generator`."""
    if is_gan(name):
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
        nn.Tanh() if name.startswith("wgan") else nn.Sigmoid(),
    )


def lab_discriminator(name: str) -> nn.Sequential:
    """The table of LAB.md, row `discriminator`, up to the scores: its Sigmoid is in the loss here."""
    if is_gan(name):
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
    if is_gan(name):
        assert torch.equal(ours, theirs)
    else:
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", OF_THE_LAB)
def test_the_generator_is_the_labs(name: str, training: bool) -> None:
    generator, _ = ganatomy.build(name, seed=3)
    plain = with_weights_of(lab_generator(name), generator).double().train(training)
    generator = generator.double().train(training)
    noise = torch.randn(5, 100, dtype=torch.float64)
    assert_same(name, generator(noise), plain(noise))
    for ours, theirs in zip(generator.state_dict().values(), plain.state_dict().values(), strict=True):
        assert_same(name, ours, theirs)  # BatchNorm's running statistics


@pytest.mark.parametrize("name", OF_THE_LAB)
def test_the_discriminator_is_the_labs(name: str) -> None:
    _, discriminator = ganatomy.build(name, seed=3)
    plain = with_weights_of(lab_discriminator(name), discriminator).double()
    images = torch.rand(5, 1, 28, 28, dtype=torch.float64)
    assert_same(name, discriminator.double()(images), plain(images))


def before_options(name: str) -> tuple[nn.Sequential, nn.Sequential]:
    """A recipe's networks as they were written when their families had no options but slope and hidden."""
    if is_gan(name):
        return lab_generator(name), lab_discriminator(name)
    generator = nn.Sequential(
        *lab_generator(name)[:6],
        FeatureMap(1, (128, 7, 7)),
        *lab_generator(name)[7:10],
        ImageConvTranspose2d(64, 1),
        nn.Tanh() if name.startswith("wgan") else nn.Sigmoid(),
    )
    discriminator = nn.Sequential(
        ImageConv2d(1, 32, side=5),
        nn.MaxPool2d(2),
        nn.LeakyReLU(0.1),
        nn.Conv2d(32, 64, 5),
        nn.MaxPool2d(2),
        nn.LeakyReLU(0.1),
        nn.Flatten(),
        *lab_discriminator(name)[7:],
    )
    return generator, discriminator


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", OF_THE_LAB)
def test_the_families_options_leave_every_bit_of_the_recipes(name: str, training: bool) -> None:
    """The same initial weights from the same seed, and the same images, scores and gradients, in float32."""
    networks = ganatomy.build(name, seed=3)
    for role, network, lab, before in zip(
        ("generator", "discriminator"),
        networks,
        (lab_generator, lab_discriminator),
        before_options(name),
        strict=True,
    ):
        with global_seed(3, f"weights/{role}"):
            drawn = lab(name)
        for ours, theirs in zip(network.state_dict().values(), drawn.state_dict().values(), strict=True):
            assert torch.equal(ours, theirs)
        with_weights_of(before, network).train(training)
        network.train(training)
        values = torch.randn(5, 100) if role == "generator" else torch.rand(5, 1, 28, 28)
        made, expected = network(values), before(values)
        assert torch.equal(made, expected)
        for ours, theirs in zip(
            torch.autograd.grad(made.square().sum(), list(network.parameters())),
            torch.autograd.grad(expected.square().sum(), list(before.parameters())),
            strict=True,
        ):
            assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", OF_THE_LAB)
def test_build_declares_the_labs_range(name: str) -> None:
    generator, _ = ganatomy.build(name)
    assert generator.value_range == ((0.0, 1.0) if name.startswith("dcgan") else (-1.0, 1.0))


@pytest.mark.parametrize("name", OF_THE_LAB)
def test_as_reported_only_the_gans_discriminator_gives_an_image(name: str) -> None:
    generator, discriminator = ganatomy.build(name)
    with torch.no_grad():
        scores = discriminator(generator.eval()(torch.randn(3, 100)))
    assert scores.shape == (3, 784 if name == "gan-as-reported" else 1)


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("name", OF_THE_LAB)
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


@pytest.mark.parametrize("name", OF_THE_LAB)
def test_build_leaves_torchs_random_state(name: str) -> None:
    torch.manual_seed(11)
    before = torch.get_rng_state()
    ganatomy.build(name)
    assert torch.equal(torch.get_rng_state(), before)


def test_build_for_another_shape_and_one_it_does_not_support() -> None:
    generator, discriminator = ganatomy.build("dcgan", shape=(12, 20, 3))
    assert discriminator(generator(torch.randn(2, 100))).shape == (2, 1)
    with pytest.raises(ganatomy.GanatomyError, match="multiples of 4"):
        ganatomy.build("dcgan", shape=(30, 30, 1))


def test_build_asks_for_the_classes_of_a_conditional_model() -> None:
    with pytest.raises(UsageError, match=r"best: its model is conditional, and classes is 0; give .*classes=10"):
        ganatomy.build("best")
    generator, discriminator = ganatomy.build("best", classes=3)
    labels = torch.tensor([0, 2])
    assert discriminator(generator(torch.randn(2, 100), labels), labels).shape == (2, 1)


# ---- the families' options


def test_batchnorm_in_the_convnets_discriminator_is_where_dcgans_paper_has_it() -> None:
    """Neither on the first convolution nor on the last layer; and before the pooling, with which it does not commute."""
    layers = family("convnet", batchnorm="both").discriminator((28, 28, 1)).layers
    places = [(type(layer), type(before)) for before, layer in itertools.pairwise(layers) if batchnorms(layer)]
    assert places == [(nn.BatchNorm2d, nn.Conv2d), (nn.BatchNorm1d, nn.Linear)]
    assert [layer.num_features for layer in layers if batchnorms(layer)] == [64, 1024]
    assert isinstance(layers[5], nn.MaxPool2d)


def test_batchnorm_makes_the_hidden_layers_of_an_mlp_normal() -> None:
    torch.manual_seed(0)
    model = family("mlp", batchnorm="both", hidden=20, latent=5)
    for network, values, places in (
        (model.generator((4, 4, 1)), 9 * torch.randn(200, 5) + 3, (1, 4)),
        (model.discriminator((4, 4, 1)), 9 * torch.rand(200, 1, 4, 4) + 3, (4,)),
    ):
        for place in places:
            made = network.layers[: place + 1](values)
            assert made.mean(0).abs().max() < 1e-5
            assert (made.std(0, correction=0) - 1).abs().max() < 1e-3


def test_without_its_batchnorm_a_network_has_the_same_first_weights() -> None:
    with_it, without = ganatomy.build("dcgan", seed=2), ganatomy.build("dcgan", "model.batchnorm=none", seed=2)
    plain = [layer for layer in with_it[0].layers if not batchnorms(layer)]
    for own, other in zip(nn.Sequential(*plain).parameters(), without[0].parameters(), strict=True):
        assert torch.equal(own, other)
    assert same_weights(with_it[1], without[1])


def test_the_generators_slope() -> None:
    def activations(slope: float) -> list[nn.Module]:
        layers = family("convnet", generator_slope=slope).generator((8, 8, 1)).layers
        return [layer for layer in layers if isinstance(layer, (nn.ReLU, nn.LeakyReLU))]

    assert [type(layer) for layer in activations(0.0)] == 3 * [nn.ReLU]
    assert [layer.negative_slope for layer in activations(0.2)] == 3 * [0.2]  # type: ignore[attr-defined]


def test_an_averaging_head_knows_no_places() -> None:
    """Features moved about give the same scores, and there are fewer weights."""
    torch.manual_seed(0)
    flat, mean = (family("convnet", head=head).discriminator((28, 28, 1)) for head in ("flatten", "average"))
    features = torch.randn(3, 64, 4, 4)
    moved = features.flatten(2)[..., torch.randperm(16)].view_as(features)
    torch.testing.assert_close(mean.layers[6:](moved), mean.layers[6:](features))
    assert not torch.allclose(flat.layers[6:](moved), flat.layers[6:](features), atol=1e-3)
    assert parameters(flat) - parameters(mean) == (1024 - 64) * 1024


def test_an_mlp_can_have_as_many_parameters_as_the_convnet() -> None:
    """To 0.02 %; round numbers, 2180 and 730, come within 0.5 %."""
    for hidden, discriminator_hidden, within in ((2179, 728, 2e-4), (2180, 730, 5e-3)):
        words = ["model=mlp", f"model.hidden={hidden}", f"model.discriminator_hidden={discriminator_hidden}"]
        for network, expected in zip(ganatomy.build("dcgan", *words), CONVNETS, strict=True):
            assert parameters(network) == pytest.approx(expected, rel=within)


def test_discriminator_hidden_is_hidden_where_it_is_unset() -> None:
    same = family("mlp", hidden=40), family("mlp", hidden=40, discriminator_hidden=40)
    assert len({parameters(model.discriminator((8, 8, 1))) for model in same}) == 1
    other = family("mlp", hidden=40, discriminator_hidden=9)
    assert parameters(other.discriminator((8, 8, 1))) == 65 * 9 + 10 * 9 + 10
    assert parameters(other.generator((8, 8, 1))) == parameters(same[0].generator((8, 8, 1)))
