"""What the probes of all assignments share: networks with fixed weights, their optimizers, three steps of training, noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from ganatomy.lab.assignments.devices import META, with_gpu
from ganatomy.lab.assignments.observation import (
    BESIDES,
    LAYERS,
    SHOWN,
    STOPS,
    Namespace,
    layers,
    noting,
    sampled,
    settle,
    shapes,
    tracing,
)


def images(count: int, *shape: int, low: float = -1.0) -> Tensor:
    """`count` images of a shape in [low, 1]: random ones, and the same upside down."""
    half = torch.rand(count // 2, *shape, generator=torch.Generator().manual_seed(7))
    return torch.cat([half, 1 - half]) * (1 - low) + low


def noise(count: int) -> Tensor:
    return torch.randn(count, 100, generator=torch.Generator().manual_seed(8))


def data_range(names: Namespace) -> Mapping[str, Any]:
    """`to_range(images)` of all pixel values."""
    pixels = torch.arange(6 * 784).remainder(256).to(torch.uint8).reshape(6, 28, 28, 1)
    reals = names["to_range"](pixels)
    return {
        "type": str(reals.dtype),
        "shape": list(reals.shape),
        "shape of a single image": list(names["to_range"](pixels[:1]).shape),
        "lowest": reals.min(),
        "highest": reals.max(),
        "range of dark images": _range(names["to_range"](pixels // 4)),
        "reals": reals,
    }


def _range(values: Tensor) -> list[float]:
    return [float(values.min()), float(values.max())]


def passed_through(network: nn.Module, inputs: Tensor) -> dict[str, Any]:
    """What a network with fixed weights makes of inputs, and how each input counts."""
    if any(isinstance(each, UninitializedParameter) for each in network.parameters()):
        network(inputs)  # lazy layers get their sizes
    settle(network)
    inputs.requires_grad_(True)
    shown = [repr(each) for each in layers(network)]
    with noting(f"{LAYERS}{shown}"), tracing(network) as steps:
        made = network(inputs)
    slopes = torch.autograd.grad(made.sum(), inputs)[0] if isinstance(made, Tensor) and made.requires_grad else None
    return {
        "shapes of the weights": shapes(network),
        "output": made,
        "slope": slopes,
        f"{SHOWN}layers": shown,
        f"{SHOWN}steps": steps,
    }


def networks(names: Namespace) -> Mapping[str, Any]:
    """`make_networks()`: their classes and sizes, and their devices on machines with a GPU and without."""
    on_cpu = names["make_networks"]()
    names["device"] = META
    with with_gpu():
        made = names["make_networks"]()
    return {
        "kinds": [type(network).__name__ for network in made],
        "networks in training mode": [network.training for network in made],
        "shapes": [shapes(network) for network in made],
        "devices where there is a GPU": _devices(made),
        "devices where there is none": _devices(on_cpu),
    }


def _devices(networks: Iterable[nn.Module]) -> list[str]:
    """Of each network."""
    found = ({each.device for each in network.parameters()} for network in networks)
    return [" and ".join(sorted("GPU" if each == META else str(each) for each in devices)) for devices in found]


SETTINGS = ("momentum", "weight_decay", "maximize", "amsgrad", "eps", "alpha", "centered")
"""Of optimizers, beside those that the lab names: with their defaults."""


def optimizers(names: Namespace) -> Mapping[str, Any]:
    """`make_optimizers(G, D)`: their classes and settings, and whose parameters they have, in one group or in several."""
    G, D = names["make_networks"]()
    owners = {id(parameter): name for name, network in (("G", G), ("D", D)) for parameter in network.parameters()}
    found: dict[str, Any] = {}
    for name, optimizer in zip(("optim_G", "optim_D"), names["make_optimizers"](G, D), strict=True):
        groups = optimizer.param_groups
        found[f"{name}: class"] = type(optimizer).__name__
        found[f"{name}: learning rate"] = sorted({float(group["lr"]) for group in groups})
        found[f"{name}: betas"] = sorted({tuple(group.get("betas", ())) for group in groups})
        for setting in SETTINGS:
            found[f"{name}: {setting}"] = sorted({group.get(setting, 0) for group in groups}, key=str)
        found[f"{name}: parameters"] = sorted(owners.get(id(each), "?") for group in groups for each in group["params"])
    return found


def three_steps(
    G: nn.Module, D: nn.Module, trained: nn.Module, step: Callable[[int, Any], Any], sure: bool = True
) -> dict[str, Any]:
    """What three steps of a network do, by gradient descent on networks with fixed weights.

    Args:
        trained: the one of the two that is.
        step: called with the step's number and the optimizer; returns the loss.
        sure: whether the first loss is that of a D whose outputs differ much from image to image, so that a loss of
            their mean is not the mean of their losses. It is followed by three steps with another D.
    """
    losses: list[Any] = []

    def run(numbers: Iterable[int], lr: float) -> None:
        optimizer = torch.optim.SGD(trained.parameters(), lr)
        for number in numbers:
            torch.manual_seed(number)
            for parameter in D.parameters():
                parameter.grad = torch.full_like(parameter, 0.01)  # as the other network's step leaves them
            with noting(f"step {number}"):
                losses.append(step(number, optimizer))

    settle(G), settle(D)
    if sure:
        *_, last = (each for each in layers(D) if isinstance(each, nn.Linear))
        with torch.no_grad():
            last.weight *= 16
        run([0], lr=0)
        settle(G), settle(D)
        G.zero_grad()
    run(range(3), lr=0.5)
    return {
        "weights that no longer learn": [name for name, network in (("G", G), ("D", D)) if _is_frozen(network)],
        "losses": losses,
        "weights of G": sampled(G),
        "weights of D": sampled(D),
        "gradients of G": sampled(G, gradients=True),
        f"{BESIDES}gradients of D": sampled(D, gradients=True),
        f"{BESIDES}random numbers": torch.rand(3),
    }


def _is_frozen(network: nn.Module) -> bool:
    return not all(each.requires_grad for each in network.parameters())


def on_gpu(
    names: Namespace, G: nn.Module, D: nn.Module, trained: nn.Module, step: Callable[[Any], Any]
) -> dict[str, Any]:
    """Whether a step would stop on a GPU, because it meets tensors of the CPU there.

    Args:
        trained: the one of the two networks that is.
        step: called with the optimizer.
    """
    names["device"] = META
    G.to(META), D.to(META)
    try:
        with with_gpu():
            step(torch.optim.SGD(trained.parameters()))
    except Exception as error:  # other errors come because there is nothing to compute with
        return {STOPS: "is not on the expected device" in str(error)}
    return {STOPS: False}


class Noting(nn.Module):
    """In G's place: notes what noise it gets, and makes grey images of it."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.seen: list[Tensor] = []
        self._shape = shape
        self._layer = nn.Linear(100, 1)  # a student may look up where the network's parameters are

    def forward(self, z: Tensor) -> Tensor:
        self.seen.append(torch.clone(z).detach())
        return torch.zeros(len(z), *self._shape, device=z.device)


def noise_of_d(
    names: Namespace, train: Callable[[Tensor, nn.Module, nn.Module, Any], Any], *shape: int
) -> dict[str, Any]:
    """What D's step draws for batches of 96, 96 and 40 images: how it is distributed, whatever it is drawn by.

    Args:
        train: called with reals, D, G and D's optimizer; returns the loss.
    """
    G, D = Noting(*shape), nn.Sequential(nn.Flatten(), nn.Linear(784, 1), nn.Sigmoid())
    batches = [images(count, *shape) for count in (96, 96, 40)]
    found = three_steps(G, D, D, lambda step, optimizer: train(batches[step], D, G, optimizer), sure=False)
    drawn = torch.cat([each.reshape(-1).double() for each in G.seen])
    mean, spread = drawn.mean(), drawn.std()
    fourth = ((drawn - mean) / spread).pow(4).mean()
    noise = {
        "shapes of the noise": [list(each.shape) for each in G.seen],
        "types of the noise": [str(each.dtype) for each in G.seen],
        "share of different numbers in the noise": round(len(drawn.unique()) / max(len(drawn), 1), 1),
        "mean of the noise": round(mean.item(), 1),
        "spread of the noise": round(spread.item(), 1),
        "fourth moment of the noise": round(fourth.item(), 0),
        f"{SHOWN}mean of the noise": mean.item(),
        f"{SHOWN}spread of the noise": spread.item(),
        f"{SHOWN}fourth moment of the noise": fourth.item(),
    }
    found.pop(f"{BESIDES}random numbers")
    reals = torch.empty(6, *shape, device=META)
    return {**noise, **found, **on_gpu(names, G, D, D, lambda optimizer: train(reals, D, G, optimizer))}


def besides(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same, with some observations only to tell mistakes apart."""
    return {f"{BESIDES}{name}" if name in names else name: value for name, value in found.items()}
