"""What a filling of the DCGAN assignment does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganatomy.lab.assignments import common, outputs
from ganatomy.lab.assignments.devices import META
from ganatomy.lab.assignments.observation import BESIDES, Namespace, Probe


def generator(names: Namespace) -> Mapping[str, Any]:
    return common.passed_through(names["Generator"](100, 1024), common.noise(4))


def discriminator(names: Namespace) -> Mapping[str, Any]:
    return common.passed_through(names["Discriminator"](1024), common.images(6, 1, 28, 28, low=0))


class Generator(nn.Module):
    """What the training functions cannot tell from the assignment's own, but much faster."""

    def __init__(self) -> None:
        super().__init__()
        hidden = (nn.Linear(100, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.fc = nn.Sequential(*hidden, nn.Linear(16, 784), nn.Unflatten(1, (1, 28, 28)))
        self.conv = nn.Sequential(nn.Sigmoid())

    def forward(self, z: Tensor) -> Any:
        return self.conv(self.fc(z))


class Discriminator(nn.Module):
    """Likewise."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 8, 5, 4), nn.LeakyReLU(0.1))
        self.fc = nn.Sequential(nn.Linear(8 * 6 * 6, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Any:
        return self.fc(self.conv(x).flatten(1))


def noise_of_d(names: Namespace) -> Mapping[str, Any]:
    train = names["train_discriminator"]
    return common.noise_of_d(
        names, lambda reals, D, G, optimizer: train(reals, D, G, nn.BCELoss(), optimizer), 1, 28, 28
    )


def step_of_d(names: Namespace) -> Mapping[str, Any]:
    G, D = Generator(), Discriminator()
    train, reals = names["train_discriminator"], common.images(6, 1, 28, 28, low=0)
    found = common.three_steps(
        G, D, D, lambda step, optimizer: train(reals.roll(step, 0), D, G, nn.BCELoss(), optimizer)
    )
    on_gpu = torch.empty(6, 1, 28, 28, device=META)
    return {**found, **common.on_gpu(names, G, D, D, lambda optimizer: train(on_gpu, D, G, nn.BCELoss(), optimizer))}


def step_of_g(names: Namespace) -> Mapping[str, Any]:
    G, D = Generator(), Discriminator()
    train = names["train_generator"]
    found = common.three_steps(G, D, G, lambda _, optimizer: train(6, D, G, nn.BCELoss(), optimizer))
    found |= common.on_gpu(names, G, D, G, lambda optimizer: train(6, D, G, nn.BCELoss(), optimizer))
    return common.besides(found, "gradients of G")  # both are cleared before they are used


def samples(names: Namespace) -> Mapping[str, Any]:
    """The mode afterwards counts here: the generator has batch normalisation."""
    found = outputs.samples(names, Generator())
    return {name.removeprefix(BESIDES): value for name, value in found.items()}


PROBES: dict[str, Probe] = {
    **dict.fromkeys(("data-range", "data-shape"), common.data_range),
    **dict.fromkeys(
        ("g-fc1", "g-norm1", "g-fc2", "g-reshape", "g-conv1", "g-norm2", "g-conv2", "g-range", "g-forward"), generator
    ),
    **dict.fromkeys(
        ("d-conv1", "d-activation", "d-pool1", "d-conv2", "d-pool2", "d-flatten", "d-fc1", "d-fc2", "d-probability"),
        discriminator,
    ),
    "networks": common.networks,
    "optimizers": common.optimizers,
    "d-noise": noise_of_d,
    **dict.fromkeys(("d-fakes", "real-loss", "fake-loss", "d-step"), step_of_d),
    **dict.fromkeys(("g-loss", "g-step"), step_of_g),
    "log-losses": outputs.log_losses,
    "samples": samples,
}
