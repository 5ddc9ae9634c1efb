"""ganatomy's trainer against the lab's own loop, written here as a student writes it: the same losses and parameters."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganatomy import randomness
from ganatomy.config import recipe
from ganatomy.config.resolve import resolve
from ganatomy.data import Dataset
from ganatomy.models.layers import FeatureMap, ImageConv2d, ImageConvTranspose2d
from ganatomy.objectives import Batch, Critic, Objective
from ganatomy.runs.folder import RunFolder
from ganatomy.training import optimizers
from ganatomy.training.mixed_precision import FullPrecision
from ganatomy.training.trainer import Trainer

STEPS = 12
"""More than an epoch, whose last batch is short."""
BATCH = 8
LARGE_EPS = 1e-2
"""For RMSprop, whose own 1e-8 makes 5e3 times the rounding of gradients that are rounding alone into updates."""
RECIPES = ["gan", "dcgan", "wgan", "gan-as-reported", "dcgan-as-reported"]


def lab_discriminator_loss(name: str, real: Tensor, fake: Tensor, real_images: Tensor) -> Tensor:
    """The lab's loss_D from D's raw scores of the real and the fake batch."""
    bce = nn.BCELoss()
    if name == "wgan":
        return -(torch.mean(real) - torch.mean(fake))
    real, fake = torch.sigmoid(real), torch.sigmoid(fake)
    if name in ("gan", "dcgan"):
        return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    target = real_images.view(-1, 28 * 28) if name == "gan-as-reported" else real_images.mean(dim=[2, 3])
    return bce(real, target) + bce(fake, target)


def lab_generator_loss(name: str, fake: Tensor) -> Tensor:
    """The lab's loss_G from D's raw scores of the fake batch."""
    if name == "wgan":
        return -torch.mean(fake)
    probability = torch.sigmoid(fake)
    return nn.BCELoss()(probability, torch.ones_like(probability))


def lab_optimizer(name: str, network: nn.Module, eps: float = 1e-8) -> torch.optim.Optimizer:
    if name == "wgan":
        return torch.optim.RMSprop(network.parameters(), lr=0.00005, eps=eps)
    return torch.optim.Adam(network.parameters(), lr=0.0002)


@dataclass
class LabLoop:
    """The lab's nested loops, with the noise and the batches given instead of drawn."""

    name: str
    generator: nn.Module
    discriminator: nn.Module
    eps: float = 1e-8
    """RMSprop's."""
    losses: list[tuple[float, float]] = field(default_factory=list)

    def train(self, batches: Callable[[int], Tensor], noise: Callable[..., Tensor]) -> None:
        optim_g = lab_optimizer(self.name, self.generator, self.eps)
        optim_d = lab_optimizer(self.name, self.discriminator, self.eps)
        for step in range(1, STEPS + 1):
            real_images = batches(step)
            for k in range(5 if self.name == "wgan" else 1):
                real_output = self.discriminator(real_images)
                fake_images = self.generator(noise(len(real_images), "noise/discriminator", step, k)).detach()
                fake_output = self.discriminator(fake_images)
                loss_d = lab_discriminator_loss(self.name, real_output, fake_output, real_images)
                optim_d.zero_grad()
                loss_d.backward()
                optim_d.step()
                if self.name == "wgan":
                    for parameter in self.discriminator.parameters():
                        parameter.data.clamp_(-0.01, 0.01)
            fake_output = self.discriminator(self.generator(noise(len(real_images), "noise/generator", step)))
            loss_g = lab_generator_loss(self.name, fake_output)
            optim_g.zero_grad()
            loss_g.backward()
            optim_g.step()
            self.losses.append((loss_d.item(), loss_g.item()))


def lab_batches(
    images: np.ndarray, name: str, seed: int, dtype: torch.dtype = torch.float32, dithered: bool = False
) -> Callable[[int], Tensor]:
    """The lab's loader: images / 255, in [-1, 1] where the table says so; the order as ganatomy draws it."""
    scaled = torch.tensor(images[:, None, :, :, 0]).to(dtype) / 255
    if name in ("gan", "wgan"):
        scaled = scaled * 2 - 1
    if dithered:
        scaled += torch.rand(scaled.shape, generator=torch.Generator().manual_seed(1)) / 255
    per_epoch = -(-len(scaled) // BATCH)

    def batch(step: int) -> Tensor:
        epoch, index = divmod(step - 1, per_epoch)
        order = randomness.permutation(len(scaled), seed, epoch)
        return scaled[order[index * BATCH : (index + 1) * BATCH]]

    return batch


@dataclass
class Pair:
    """The lab's loop and ganatomy's trainer, on the same weights, batches and noise, both after 12 steps."""

    lab: LabLoop
    trainer: Trainer
    ours: np.ndarray
    """STEPS x 2: loss_D and loss_G of each step."""
    one_bit_off: LabLoop | None = None
    """The lab's loop again, float32, with noise larger by one part in 2**23."""

    def parameter_differences(self) -> dict[str, float]:
        """The largest difference in each parameter of both networks."""
        differences = {}
        players = self.trainer.players
        for player, reference in (
            (players.generator, self.lab.generator),
            (players.discriminator, self.lab.discriminator),
        ):
            for name, value in reference.named_parameters():
                mine = player.network.get_parameter(name)
                differences[f"{player.role}.{name}"] = (mine - value).abs().max().item()
        assert len(differences) == len(list(players.generator.network.parameters())) + len(
            list(players.discriminator.network.parameters())
        )
        return differences


def plain_layers(network: nn.Module) -> nn.Module:
    """A copy of one of ganatomy's networks in torch's own layers, and in the lab's order: LeakyReLU, then pooling."""
    copied = copy.deepcopy(network)
    layers = list(copied.layers)  # type: ignore[arg-type]
    for layer in layers:
        if isinstance(layer, (ImageConv2d, ImageConvTranspose2d, FeatureMap)):
            (layer.__class__,) = type(layer).__bases__
    for index in [place for place, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d)]:
        if isinstance(layers[index + 1], nn.LeakyReLU):
            layers[index : index + 2] = layers[index + 1], layers[index]
    copied.layers = nn.Sequential(*layers)
    return copied


def lab_loop(
    trainer: Trainer,
    batches: Callable[[int], Tensor],
    dtype: torch.dtype = torch.float32,
    noise_scale: float = 1.0,
    eps: float = 1e-8,
) -> LabLoop:
    """The lab's loop from the trainer's present weights, with the noise that the trainer will draw."""
    config = trainer.config
    networks = (plain_layers(player.network) for player in (trainer.players.generator, trainer.players.discriminator))
    lab = LabLoop(config.recipe, *networks, eps)

    def noise(count: int, purpose: str, *position: int) -> Tensor:
        drawn = randomness.normal(count, config.model.latent, config.seed, purpose, *position)
        return drawn.to(dtype) * noise_scale

    lab.train(batches, noise)
    return lab


@dataclass(frozen=True, kw_only=True)
class AsTheLabWritesIt(Objective):
    """The lab's own loss, BCELoss on sigmoid outputs, in the form of an objective."""

    recipe: str

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"all": lab_discriminator_loss(self.recipe, critic(batch.real), critic(batch.fake), batch.real)}

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return {"all": lab_generator_loss(self.recipe, critic(batch.fake))}


def both(name: str, folder: Path, dtype: torch.dtype, labs_formulas: bool = False, strict: bool = False) -> Pair:
    """Both loops. `strict`, for WGAN, takes away what makes thousands of its rounding: RMSprop's small eps, and ties.

    A critic whose first layer is clipped has weights of -0.01 and 0.01 alone, and images have few greys. So different
    patches give features that are equal but for rounding, which then decides which of them max-pooling passes on, and
    the gradient goes there. A dither of the real images makes them unequal.
    """
    eps = LARGE_EPS if strict else 1e-8
    # 10 batches an epoch, the last one short: 75 = 9 * 8 + 3.
    config = recipe.load(name, {"data": "digits", "train.batch": BATCH, "seed": 5, "train.precision": "fp32"})
    dataset = config.data.load()
    dataset = Dataset(dataset.images[:75], None, (), "test")
    config, resolved = resolve(config, dataset)
    trainer = Trainer(config, resolved, dataset, RunFolder(folder))
    if labs_formulas:
        loss = config.objective if name == "wgan" else AsTheLabWritesIt(recipe=name)
        trainer.objective = trainer.losses = loss
        for player in (trainer.players.generator, trainer.players.discriminator):
            player.network = plain_layers(player.network)
            player._computing = player._compute = FullPrecision(player.network)
            player.parameters = list(player.network.parameters())
            player.optimizer = lab_optimizer(name, player.network)
    for player in (trainer.players.generator, trainer.players.discriminator):
        player.network.to(dtype)
        if not labs_formulas:
            player.optimizer = optimizers.build(config, player.role, player.parameters)
            player.optimizer.param_groups[0]["eps"] = eps
    own_noise, own_real = trainer.noise, trainer.batches.real
    exact = lab_batches(dataset.images, name, config.seed, dtype, dithered=strict)
    if dtype == torch.float64 or strict:
        # The data is drawn in float32; in float64 its rounding would hide everything else.
        trainer.noise = lambda *position: own_noise(*position).to(dtype)  # type: ignore[method-assign]
        trainer.batches.real = lambda update, *_: exact(update)  # type: ignore[method-assign]
    else:
        torch.testing.assert_close(own_real(3, 0), exact(3), rtol=0, atol=0)

    lab = lab_loop(trainer, exact, dtype, eps=eps)
    one_bit_off = (
        lab_loop(trainer, exact, noise_scale=1 + 2**-23)
        if config.model.name == "convnet" and dtype == torch.float32 and not labs_formulas and not strict
        else None
    )
    ours = []
    for _ in range(STEPS):
        outcome = trainer.train_step()
        ours.append([sum(terms.values()).item() for terms in (outcome.critic_terms, outcome.generator_terms)])
    return Pair(lab, trainer, np.array(ours), one_bit_off)


@pytest.mark.parametrize("name", RECIPES)
def test_float64_same_losses_and_parameters_as_the_labs_loop(name: str, tmp_path: Path) -> None:
    """Without rounding in the way, the two are the same algorithm to ten digits: every loss, every parameter."""
    pair = both(name, tmp_path, torch.float64, strict=name == "wgan")
    np.testing.assert_allclose(pair.ours, np.array(pair.lab.losses), rtol=1e-10, atol=1e-12)
    assert max(pair.parameter_differences().values()) < 1e-9


@pytest.mark.parametrize("name", RECIPES)
def test_float32_same_bits_as_the_labs_loop_with_the_labs_formulas(name: str, tmp_path: Path) -> None:
    """The trainer around the lab's own BCELoss and optimiser is the lab's loop: every loss and parameter to the bit."""
    pair = both(name, tmp_path, torch.float32, labs_formulas=True)
    np.testing.assert_array_equal(pair.ours, np.array(pair.lab.losses))
    assert max(pair.parameter_differences().values()) == 0


@pytest.mark.parametrize("name", ["gan", "wgan", "gan-as-reported"])
def test_float32_same_losses_and_parameters_as_the_labs_loop(name: str, tmp_path: Path) -> None:
    pair = both(name, tmp_path, torch.float32, strict=name == "wgan")
    np.testing.assert_allclose(pair.ours, np.array(pair.lab.losses), rtol=1e-4, atol=1e-7)
    assert max(pair.parameter_differences().values()) < 1e-5


@pytest.mark.parametrize("name", ["dcgan", "dcgan-as-reported"])
def test_float32_convnets_differ_no_more_than_the_labs_loop_from_itself(name: str, tmp_path: Path) -> None:
    """Other kernels and softplus instead of BCELoss on a sigmoid round differently in the last bit, and these dynamics
    make much of a difference: the first update of Adam is as large for a gradient of 1e-9 as for one of 1, and biases
    before BatchNorm have none but rounding. So the float32 losses are held to rtol 1e-4, or to what the lab's own loop
    does when its noise is one bit off, whichever is more.

    WGAN's are not: its ties (see `both`) are decided by rounding in the first update. Above it is held to 1e-4 without them.
    """
    pair = both(name, tmp_path, torch.float32)
    assert pair.one_bit_off is not None
    exact = np.array(pair.lab.losses)
    deviation = (np.abs(pair.ours - exact) / np.abs(exact)).max(axis=1)
    own_deviation = (np.abs(np.array(pair.one_bit_off.losses) - exact) / np.abs(exact)).max(axis=1)
    shown = ", ".join(f"{deviation[step]:.1e} ({own_deviation[step]:.1e})" for step in (0, 4, 9, 11))
    print(f"{name}: deviation (of the lab's loop from itself) at steps 1, 5, 10, 12: {shown}")
    assert deviation.max() < max(1e-4, 10 * own_deviation.max())
    assert deviation.max() < 0.01
