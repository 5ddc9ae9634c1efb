"""What the probes of all assignments share: networks with fixed weights, three steps of training, what is logged and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganatomy.errors import UsageError
from ganatomy.lab.assignments.observation import BESIDES, Namespace, sampled, settle, shapes
from ganatomy.watching.names import role_of


def images(count: int, *shape: int, low: float = -1.0) -> Tensor:
    """`count` images of a shape in [low, 1]: random ones, and the same upside down."""
    half = torch.rand(count // 2, *shape, generator=torch.Generator().manual_seed(7))
    return torch.cat([half, 1 - half]) * (1 - low) + low


def noise(count: int) -> Tensor:
    return torch.randn(count, 100, generator=torch.Generator().manual_seed(8))


def data_range(names: Namespace) -> Mapping[str, Any]:
    """`to_range(images)` of all pixel values."""
    pixels = torch.arange(2 * 784).remainder(256).to(torch.uint8).reshape(2, 28, 28, 1)
    reals = names["to_range"](pixels)
    return {
        "type": str(reals.dtype),
        "shape": list(reals.shape),
        "lowest": reals.min(),
        "highest": reals.max(),
        "reals": reals,
    }


def passed_through(network: nn.Module, inputs: Tensor) -> dict[str, Any]:
    """What a network makes of inputs, and how each input counts."""
    inputs.requires_grad_(True)
    made = network(inputs)
    slopes = torch.autograd.grad(made.sum(), inputs)[0] if isinstance(made, Tensor) and made.requires_grad else None
    return {"shapes of the weights": shapes(network), "output": made, "slope": slopes}


def networks(names: Namespace) -> Mapping[str, Any]:
    """`make_networks()`: their classes, sizes and devices."""
    names["device"] = torch.device("meta")  # so that it shows who is left on the CPU
    made = names["make_networks"]()
    devices = {str(each.device) for network in made for each in network.parameters()}
    kinds = [type(network).__name__ for network in made]
    return {"kinds": kinds, "shapes": [shapes(network) for network in made], "devices": sorted(devices)}


def optimizers(names: Namespace) -> Mapping[str, Any]:
    """`make_optimizers(G, D)`: their classes and settings, and whose parameters they have."""
    G, D = nn.Linear(3, 2), nn.Linear(5, 4)
    owners = {id(parameter): name for name, network in (("G", G), ("D", D)) for parameter in network.parameters()}
    found: dict[str, Any] = {}
    for name, optimizer in zip(("optim_G", "optim_D"), names["make_optimizers"](G, D), strict=True):
        groups = optimizer.param_groups
        found[f"{name}: class"] = type(optimizer).__name__
        found[f"{name}: learning rate"] = [float(group["lr"]) for group in groups]
        found[f"{name}: betas"] = [list(group.get("betas", ())) for group in groups]
        found[f"{name}: momentum"] = [float(group.get("momentum", 0)) for group in groups]
        found[f"{name}: parameters"] = sorted(owners.get(id(each), "?") for group in groups for each in group["params"])
    return found


def three_steps(
    G: nn.Module, D: nn.Module, trained: nn.Module, step: Callable[[int, Any], Any], lr: float = 0.5
) -> dict[str, Any]:
    """What three steps of a network do, by gradient descent on networks with fixed weights.

    Args:
        trained: the one of the two that is.
        step: called with the step's number and the optimizer; returns the loss.
    """
    settle(G), settle(D)
    optimizer = torch.optim.SGD(trained.parameters(), lr)
    losses: list[Any] = []
    for number in range(3):
        torch.manual_seed(number)
        for parameter in D.parameters():
            parameter.grad = torch.full_like(parameter, 0.01)  # as the other network's step leaves them
        losses.append(step(number, optimizer))
    return {
        "losses": losses,
        "weights of G": sampled(G),
        "weights of D": sampled(D),
        "gradients of G": sampled(G, gradients=True),
        f"{BESIDES}gradients of D": sampled(D, gradients=True),
        f"{BESIDES}random numbers": torch.rand(3),
    }


def besides(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """The same, with some observations only to tell mistakes apart."""
    return {f"{BESIDES}{name}" if name in names else name: value for name, value in found.items()}


class Writer:
    """Notes what is logged."""

    def __init__(self) -> None:
        self.scalars: dict[str, list[tuple[float, int | None]]] = {}

    def add_scalar(self, tag: str, scalar_value: Any, global_step: Any = None, **_: Any) -> None:
        step = None if global_step is None else int(global_step)
        self.scalars.setdefault(str(tag), []).append((float(scalar_value), step))

    def add_scalars(self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: Any = None, **_: Any) -> None:
        for tag, value in tag_scalar_dict.items():
            self.add_scalar(f"{main_tag}/{tag}", value, global_step)


def log_losses(names: Namespace) -> Mapping[str, Any]:
    writer = Writer()
    for step in (100, 200):
        names["log_losses"](writer, 1.5 + step, 0.25 + step, step)
    # Tags are the student's own, as long as each loss has one, and none names the other network.
    own = {"D": [(101.5, 100), (201.5, 200)], "G": [(100.25, 100), (200.25, 200)]}
    wrong = [tag for tag, values in writer.scalars.items() if own.get(_network(tag), values) != values]
    return {
        "values by tag": sorted(list(map(list, values)) for values in writer.scalars.values()),
        "tags that name the other network": len(wrong),
    }


def _network(tag: str) -> str:
    try:
        return role_of(tag)
    except UsageError:
        return "unknown"


def samples(names: Namespace, G: nn.Module) -> Mapping[str, Any]:
    """`sample_images(G, fixed_noise)`: a picture of 64 images."""
    made = names["sample_images"](settle(G), noise(64))
    return {
        "shape": list(made.shape),
        "lowest": made.min(),
        "highest": made.max(),
        "has a graph": bool(made.requires_grad),
        f"{BESIDES}in training mode": G.training,
        "images": made,
    }
