"""The DCGAN's layers by the kernels that could compute them: which the package takes, and what the others cost.

    python benchmarks/layers.py [--repeats 40] [--json]

Batch 128, MNIST's sizes. Alternatives of one layer take turns, and the lowest time of each is shown: forward without a
graph, and forward and backward together (for the inputs alone where that is what the generator's step asks of D). `*`
is what ganatomy uses.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, fold, linear, max_pool2d

from ganatomy.models.layers import ImageConv2d, ImageConvTranspose2d, pixel_by_pixel
from ganatomy.training.optimizers import RMSprop

BATCH = 128
Layer = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class ByPlane:
    """A way whose images and gradients lie plane by plane in memory, as they would in a network of such layers."""

    layer: Layer


@dataclass(frozen=True)
class Case:
    """One layer, and the ways to compute it."""

    name: str
    images: Tensor
    ways: dict[str, Layer | ByPlane]
    weights: list[Tensor]
    """What backward gives gradients of, beside the images."""


def patches(images: Tensor, side: int) -> Tensor:
    """N x C x H x W to N x rows x columns x (C side side): im2col as a view, copied by the product."""
    return images.permute(0, 2, 3, 1).unfold(1, side, 1).unfold(2, side, 1).flatten(3)


def by_fold(features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A transposed convolution (kernel 4, stride 2, padding 1) as a matrix product and torch's fold."""
    columns = weight.flatten(1).t() @ features.flatten(2)
    height, width = features.shape[2:]
    return fold(columns, (2 * height, 2 * width), 4, padding=1, stride=2) + bias.view(1, -1, 1, 1)


def by_maxima(features: Tensor) -> Tensor:
    rows = torch.maximum(features[:, :, ::2], features[:, :, 1::2])
    return torch.maximum(rows[..., ::2], rows[..., 1::2])


def cases(dtype: torch.dtype) -> Iterator[Case]:
    def random(*shape: int) -> Tensor:
        return torch.randn(*shape).to(dtype)

    def weights(layer: nn.Module) -> list[Tensor]:
        return [parameter.requires_grad_() for parameter in layer.to(dtype).parameters()]

    images = random(BATCH, 1, 28, 28)
    first = ImageConv2d(1, 32, side=5)
    kernel, bias = weights(first)
    yield Case(
        "convolution 1 -> 32, D's step",
        images,
        {
            "* channels-last": first,
            "plane by plane": ByPlane(lambda x: conv2d(x, kernel, bias)),
            "patches, matrix product": lambda x: linear(patches(x, 5), kernel.flatten(1), bias).permute(0, 3, 1, 2),
        },
        [kernel, bias],
    )
    frozen = ImageConv2d(1, 32, side=5).to(dtype).requires_grad_(False)
    still, shift = frozen.weight, frozen.bias
    assert shift is not None
    yield Case(
        "convolution 1 -> 32, gradient for the images (G's step)",
        images,
        {
            "* its gradient as one matrix product": frozen,
            "channels-last": lambda x: conv2d(pixel_by_pixel(x), still, shift),
            "plane by plane": ByPlane(lambda x: conv2d(x, still, shift)),
            "patches, matrix product": lambda x: linear(patches(x, 5), still.flatten(1), shift).permute(0, 3, 1, 2),
        },
        [],
    )
    second = nn.Conv2d(32, 64, 5)
    wide, offset = weights(second)
    yield Case(
        "convolution 32 -> 64",
        pixel_by_pixel(random(BATCH, 32, 12, 12)),
        {
            "* channels-last": second,
            "plane by plane": ByPlane(lambda x: conv2d(x, wide, offset)),
            "patches, matrix product": lambda x: linear(patches(x, 5), wide.flatten(1), offset).permute(0, 3, 1, 2),
        },
        [wide, offset],
    )
    features = random(BATCH, 32, 24, 24)
    yield Case(
        "max-pooling of 32 x 24 x 24",
        pixel_by_pixel(features),
        {
            "* channels-last": lambda x: max_pool2d(x, 2),
            "plane by plane": ByPlane(lambda x: max_pool2d(x, 2)),
            "maxima of slices": by_maxima,
        },
        [],
    )
    yield Case(
        "max-pooling and LeakyReLU of 32 x 24 x 24",
        pixel_by_pixel(features),
        {
            "* pooling first": lambda x: nn.functional.leaky_relu(max_pool2d(x, 2), 0.1),
            "LeakyReLU first, as in the lab": lambda x: max_pool2d(nn.functional.leaky_relu(x, 0.1), 2),
        },
        [],
    )
    third = nn.ConvTranspose2d(128, 64, 4, 2, 1)
    up, rise = weights(third)
    yield Case(
        "transposed convolution 128 -> 64",
        pixel_by_pixel(random(BATCH, 128, 7, 7)),
        {
            "* channels-last": third,
            "plane by plane": ByPlane(lambda x: conv_transpose2d(x, up, rise, 2, 1)),
            "matrix product and fold": ByPlane(lambda x: by_fold(x, up, rise)),
        },
        [up, rise],
    )
    last = ImageConvTranspose2d(64, 1)
    top, level = weights(last)
    yield Case(
        "transposed convolution 64 -> 1",
        pixel_by_pixel(random(BATCH, 64, 14, 14)),
        {
            "* matrix product, added by parity": last,
            "channels-last": lambda x: conv_transpose2d(x, top, level, 2, 1),
            "matrix product and fold": ByPlane(lambda x: by_fold(x, top, level)),
        },
        [top, level],
    )


def lowest(steps: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Milliseconds of each, taking turns."""
    found = dict.fromkeys(steps, float("inf"))
    for number in range(repeats + 3):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            if number >= 3:
                found[name] = min(found[name], 1e3 * (time.perf_counter() - started))
    return found


def measure(case: Case, repeats: int) -> dict[str, dict[str, float]]:
    forwards, boths = {}, {}
    torch.manual_seed(1)
    for name, way in case.ways.items():
        layer = way.layer if isinstance(way, ByPlane) else way
        images = case.images.contiguous() if isinstance(way, ByPlane) else case.images
        images = images.detach().requires_grad_(not case.weights or case.images.shape[1] > 1)
        wanted = [images, *case.weights] if images.requires_grad else case.weights
        made = layer(images)
        # As the next layer would give it: in the memory layout of what was made.
        gradient = torch.empty_like(made).normal_()
        forwards[name] = forward(layer, images)
        boths[name] = both(layer, images, wanted, gradient)
    fastest, together = lowest(forwards, repeats), lowest(boths, repeats)
    return {name: {"forward_ms": fastest[name], "both_ms": together[name]} for name in case.ways}


def forward(layer: Layer, images: Tensor) -> Callable[[], object]:
    def step() -> object:
        with torch.no_grad():
            return layer(images)

    return step


def both(layer: Layer, images: Tensor, wanted: list[Tensor], gradient: Tensor) -> Callable[[], object]:
    return lambda: torch.autograd.grad(layer(images), wanted, gradient)


def optimisers(repeats: int) -> dict[str, float]:
    """Milliseconds of one RMSprop step over 7.5 million parameters."""
    made: dict[str, torch.optim.Optimizer] = {}
    for name in ("* fused (Adam's kernel)", "torch, loop", "torch, foreach"):
        parameters = [nn.Parameter(torch.randn(6272, 1024)), nn.Parameter(torch.randn(1024, 1024))]
        for parameter in parameters:
            parameter.grad = torch.randn_like(parameter)
        ours = name.startswith("*")
        made[name] = (
            RMSprop(parameters, 5e-5, 0.99)
            if ours
            else torch.optim.RMSprop(parameters, lr=5e-5, foreach="foreach" in name)
        )
    return lowest({name: optimizer.step for name, optimizer in made.items()}, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    options = parser.parse_args()
    torch.manual_seed(0)
    found = {
        name: {case.name: measure(case, options.repeats) for case in cases(dtype)}
        for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))
    }
    steps = optimisers(options.repeats)
    if options.json:
        json.dump({"layers": found, "rmsprop_ms": steps}, sys.stdout)
        return
    print("| layer | way | fp32 forward | fp32 both | bf16 forward | bf16 both |\n|---|---|---|---|---|---|")
    for layer, ways in found["fp32"].items():
        for way in ways:
            cells = [f"{found[p][layer][way][f'{what}_ms']:.2f}" for p in found for what in ("forward", "both")]
            print(f"| {layer} | {way} | {' | '.join(cells)} |")
    print("\nRMSprop, 7.5 million parameters, ms a step: " + "; ".join(f"{n} {ms:.2f}" for n, ms in steps.items()))


if __name__ == "__main__":
    main()
