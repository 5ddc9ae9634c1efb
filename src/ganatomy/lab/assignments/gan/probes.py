"""What a filling of the GAN assignment does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from ganatomy.lab.assignments import common, outputs
from ganatomy.lab.assignments.devices import META
from ganatomy.lab.assignments.observation import Namespace, Probe


def _networks(names: Namespace) -> tuple[nn.Module, nn.Module]:
    return names["Generator"](100, 256, 784), names["Discriminator"](784, 256)


def generator(names: Namespace) -> Mapping[str, Any]:
    return common.passed_through(_networks(names)[0], common.noise(4))


def discriminator(names: Namespace) -> Mapping[str, Any]:
    return common.passed_through(_networks(names)[1], common.images(8, 784))


def noise_of_d(names: Namespace) -> Mapping[str, Any]:
    train = names["train_discriminator"]
    return common.noise_of_d(names, lambda reals, D, G, optimizer: train(reals, D, G, nn.BCELoss(), optimizer), 784)


def step_of_d(names: Namespace) -> Mapping[str, Any]:
    G, D = _networks(names)
    train, reals = names["train_discriminator"], common.images(6, 784)
    found = common.three_steps(
        G, D, D, lambda step, optimizer: train(reals.roll(step, 0), D, G, nn.BCELoss(), optimizer)
    )
    on_gpu = torch.empty(6, 784, device=META)
    return {**found, **common.on_gpu(names, G, D, D, lambda optimizer: train(on_gpu, D, G, nn.BCELoss(), optimizer))}


def step_of_g(names: Namespace) -> Mapping[str, Any]:
    G, D = _networks(names)
    train = names["train_generator"]
    found = common.three_steps(G, D, G, lambda _, optimizer: train(6, D, G, nn.BCELoss(), optimizer))
    found |= common.on_gpu(names, G, D, G, lambda optimizer: train(6, D, G, nn.BCELoss(), optimizer))
    return common.besides(found, "gradients of G")  # both are cleared before they are used


def samples(names: Namespace) -> Mapping[str, Any]:
    return outputs.samples(names, _networks(names)[0])


PROBES: dict[str, Probe] = {
    "data-range": common.data_range,
    **dict.fromkeys(("g-first", "g-activation", "g-second", "g-output", "g-range", "g-forward"), generator),
    **dict.fromkeys(("d-first", "d-activation", "d-second", "d-output", "d-probability"), discriminator),
    "networks": common.networks,
    "optimizers": common.optimizers,
    "d-noise": noise_of_d,
    **dict.fromkeys(("d-fakes", "real-loss", "fake-loss", "d-step"), step_of_d),
    **dict.fromkeys(("g-loss", "g-step"), step_of_g),
    "log-losses": outputs.log_losses,
    "samples": samples,
}
