"""What a filling of the WGAN assignment does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganatomy.lab.assignments import common, outputs
from ganatomy.lab.assignments.devices import META
from ganatomy.lab.assignments.observation import BESIDES, Namespace, Probe


def generator(names: Namespace) -> Mapping[str, Any]:
    return common.passed_through(names["Generator"](), common.noise(4))


def discriminator(names: Namespace) -> Mapping[str, Any]:
    found = common.passed_through(names["Discriminator"](), common.images(8, 1, 28, 28))
    made = found["output"]
    return {**found, "output": made.reshape(-1) if isinstance(made, Tensor) else made}  # N x 1 is as good as N


def clip_value(names: Namespace) -> Mapping[str, Any]:
    return {"clip_value": names["clip_value"]}


def critic_steps(names: Namespace) -> Mapping[str, Any]:
    return {"critic_steps": len(range(names["critic_steps"]))}  # no 5.0, which the loop does not take


class Generator(nn.Module):
    """What the training functions cannot tell from the assignment's own, but much faster."""

    def __init__(self) -> None:
        super().__init__()
        hidden = (nn.Linear(100, 16), nn.BatchNorm1d(16), nn.ReLU())
        self.linear = nn.Sequential(*hidden, nn.Linear(16, 784), nn.Unflatten(1, (1, 28, 28)))
        self.conv = nn.Sequential(nn.Tanh())

    def forward(self, z: Tensor) -> Any:
        return self.conv(self.linear(z))


class Discriminator(nn.Module):
    """Likewise."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 8, 5, 4), nn.LeakyReLU(0.1))
        self.linear = nn.Sequential(nn.Linear(8 * 6 * 6, 1))

    def forward(self, x: Tensor) -> Any:
        return self.linear(self.conv(x).flatten(1))


def noise_of_d(names: Namespace) -> Mapping[str, Any]:
    train = names["train_discriminator"]
    return common.noise_of_d(names, lambda reals, D, G, optimizer: train(reals, D, G, optimizer), 1, 28, 28)


def step_of_d(names: Namespace) -> Mapping[str, Any]:
    names["clip_value"] = 0.03  # wide enough for gradients that show what was written
    return clipping(names)


def clipping(names: Namespace) -> Mapping[str, Any]:
    G, D = Generator(), Discriminator()
    train, reals = names["train_discriminator"], common.images(6, 1, 28, 28)
    found = common.three_steps(G, D, D, lambda step, optimizer: train(reals.roll(step, 0), D, G, optimizer))
    on_gpu = torch.empty(6, 1, 28, 28, device=META)
    return {**found, **common.on_gpu(names, G, D, D, lambda optimizer: train(on_gpu, D, G, optimizer))}


def critic_loop(names: Namespace) -> Mapping[str, Any]:
    """`train_critic`, with a step of D that only notes what it gets."""
    seen: dict[str, list[Any]] = {"reals": [], "rest": []}
    G, D = nn.Linear(3, 2), nn.Linear(5, 4)
    optimizer = torch.optim.SGD(D.parameters(), 0.1)
    known = {id(G): "G", id(D): "D", id(optimizer): "optim_D"}

    def train_discriminator(reals: Tensor, D: Any, G: Any, *rest: Any, **named: Any) -> float:
        seen["reals"].append(reals)
        seen["rest"].append([known.get(id(each), "?") for each in (D, G, *rest, *named.values())])
        return 2.0 ** len(seen["reals"])

    names["train_discriminator"] = train_discriminator
    loss = names["train_critic"](common.images(6, 1, 28, 28), D, G, optimizer, 3)
    return {"steps of D": len(seen["reals"]), "loss": loss, "arguments": seen["rest"], "reals of D": seen["reals"]}


def step_of_g(names: Namespace) -> Mapping[str, Any]:
    G, D = Generator(), Discriminator()
    train = names["train_generator"]
    found = common.three_steps(G, D, G, lambda _, optimizer: train(6, D, G, optimizer))
    found |= common.on_gpu(names, G, D, G, lambda optimizer: train(6, D, G, optimizer))
    return common.besides(found, "gradients of G")  # both are cleared before they are used


def distance(names: Namespace) -> Mapping[str, Any]:
    return {"estimates": [float(names["distance"](loss)) for loss in (-1.5, 0.25)]}


def samples(names: Namespace) -> Mapping[str, Any]:
    """The mode afterwards counts here: the generator has batch normalisation."""
    found = outputs.samples(names, Generator())
    return {name.removeprefix(BESIDES): value for name, value in found.items()}


PROBES: dict[str, Probe] = {
    **dict.fromkeys(("data-range", "data-shape"), common.data_range),
    **dict.fromkeys(("g-first", "g-second", "g-third", "g-image", "g-range", "g-forward"), generator),
    **dict.fromkeys(("d-first", "d-second", "d-dense", "d-output", "d-flatten", "d-score"), discriminator),
    "networks": common.networks,
    "optimizers": common.optimizers,
    "clip-value": clip_value,
    "critic-steps": critic_steps,
    "d-noise": noise_of_d,
    **dict.fromkeys(("d-fakes", "real-loss", "fake-loss", "d-step"), step_of_d),
    "clip": clipping,
    "critic-loop": critic_loop,
    **dict.fromkeys(("g-loss", "g-step"), step_of_g),
    "distance": distance,
    "log-losses": outputs.log_losses,
    "samples": samples,
}
