"""A run's networks, fresh from its settings, and copies of them."""

from __future__ import annotations

import copy
import logging

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from ganatomy.config import Config
from ganatomy.errors import UsageError
from ganatomy.models import generate, score, takes_labels
from ganatomy.plugin import calls, is_outside
from ganatomy.plugin.code import blaming
from ganatomy.randomness import global_seed
from ganatomy.surroundings import standard

log = logging.getLogger("ganatomy")

Networks = tuple[nn.Module, nn.Module]


@standard()
def build_networks(config: Config, shape: tuple[int, int, int], classes: int = 0) -> Networks:
    """Fresh networks for images of a shape, initialised as torch does from (seed, network); on the CPU.

    Raises:
        UsageError: networks from outside the package that fail, or return something else than images and scores.
    """
    model = config.model
    offered = {"shape": shape, "classes": classes, "scores": config.objective.score_count(shape, classes)}
    with blaming(f"model={model.name}", model):
        with global_seed(config.seed, "weights/generator"):
            generator = calls.call(model.generator, **offered)
        with global_seed(config.seed, "weights/discriminator"):
            discriminator = calls.call(model.discriminator, **offered)
        if is_outside(type(model)):
            _check(config, (generator, discriminator), shape, classes)
    return generator, discriminator


def copied(network: nn.Module) -> nn.Module:
    """A copy that shares nothing with the network.

    Also of one that keeps a computed weight, as `torch.nn.utils.spectral_norm` does, which `copy.deepcopy` cannot copy.
    """
    computed = {
        id(value): value.detach().clone()
        for module in network.modules()
        for value in vars(module).values()
        if isinstance(value, Tensor) and not value.is_leaf
    }
    return copy.deepcopy(network, computed)


def _check(config: Config, networks: Networks, shape: tuple[int, int, int], classes: int) -> None:
    """Let copies of networks from outside make and judge two images."""
    model, name = config.model, f"model={config.model.name}"
    for network, role in zip(networks, ("generator", "discriminator"), strict=True):
        if not isinstance(network, nn.Module):
            raise UsageError(f"{name}: its {role} is {type(network).__name__}; return an nn.Module")
        if any(isinstance(parameter, UninitializedParameter) for parameter in network.parameters()):
            raise UsageError(
                f"{name}: its {role} has lazy layers, whose weights are not drawn when it is made; its constructor is passed "
                "`shape`, so state their sizes"
            )
        if not any(parameter.requires_grad for parameter in network.parameters()):
            raise UsageError(f"{name}: its {role} has no parameters to train; are its layers attributes of the module?")
    if model.conditional and not any(map(takes_labels, networks)):
        raise UsageError(f"{name} is conditional, and neither network's forward names `labels`; add that argument")
    generator, discriminator = map(copied, networks)
    labels = torch.zeros(2, dtype=torch.int64) if model.conditional else None
    with torch.no_grad(), global_seed(config.seed, "weights/check"):
        with blaming(f"{name}: its generator, called with noise 2 x {model.latent}", model):
            images = generate(generator, torch.randn(2, model.latent), labels)
        height, width, channels = shape
        expected = (2, channels, height, width)
        if images.shape != expected:
            raise UsageError(
                f"{name}: of noise 2 x {model.latent} its generator makes {_words(images)}; expected images N x C x H x W of the "
                f"data's size, {' x '.join(map(str, expected))} (its constructor is passed `shape`: height, width, channels)"
            )
        with blaming(f"{name}: its discriminator, called with images {_words(images)}", model):
            scores = score(discriminator, images, labels)
        count = config.objective.score_count(shape, classes)
        if scores.numel() != 2 * count:
            raise UsageError(
                f"{name}: of 2 images its discriminator makes {_words(scores)}; objective={config.objective.name} needs "
                f"{count} an image (its constructor is passed `scores`)"
            )
    _check_range(name, model.value_range, images)
    last = list(discriminator.modules())[-1]
    if isinstance(last, nn.Sigmoid):
        log.warning(
            "%s: its discriminator ends in a Sigmoid, and the objectives here take raw scores; remove it, unless your own "
            "objective wants probabilities",
            name,
        )


def _check_range(name: str, value_range: tuple[float, float] | None, images: Tensor) -> None:
    if value_range is None:
        return
    low, high = images.min().item(), images.max().item()
    if low < value_range[0] - 1e-3 or high > value_range[1] + 1e-3:
        raise UsageError(
            f"{name}: its generator makes values from {low:.3g} to {high:.3g}, outside its value_range {value_range}; end it in a "
            "Tanh, or set the class attribute value_range to what it makes"
        )
    if value_range[0] < 0 <= low:
        log.warning(
            "%s: its generator made no value below 0, and its value_range is %s; if it ends in a Sigmoid, set the class "
            "attribute value_range = (0.0, 1.0)",
            name,
            value_range,
        )


def _words(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape))
