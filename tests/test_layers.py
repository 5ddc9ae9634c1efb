"""The layers made for speed are torch's own: the same numbers and the same gradients, to any order."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d

from ganatomy.models.layers import ChannelMeans, DoublingConv2d, FeatureMap, ImageConv2d, ImageConvTranspose2d

CLOSE = {"rtol": 1e-12, "atol": 1e-13}


def gradients(made: Tensor, inputs: list[Tensor], weights: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad((made * weights).sum(), inputs)


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("size", [(7, 7), (3, 5), (1, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_last_layer_of_a_generator(channels: int, size: tuple[int, int], count: int) -> None:
    torch.manual_seed(0)
    layer = ImageConvTranspose2d(6, channels).double()
    features = torch.randn(count, 6, *size, dtype=torch.float64, requires_grad=True)
    made = layer(features)
    expected = conv_transpose2d(features, layer.weight, layer.bias, stride=2, padding=1)
    torch.testing.assert_close(made, expected, **CLOSE)
    inputs, weights = [features, *layer.parameters()], torch.randn_like(expected)
    for own, value in zip(gradients(made, inputs, weights), gradients(expected, inputs, weights), strict=True):
        torch.testing.assert_close(own, value, **CLOSE)


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize(("size", "padding"), [((16, 20), 0), ((5, 5), 0), ((8, 8), 2)])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_first_layer_of_a_discriminator(
    channels: int, size: tuple[int, int], padding: int, count: int, frozen: bool
) -> None:
    torch.manual_seed(0)
    layer = ImageConv2d(channels, 4, side=5, padding=padding).double().requires_grad_(not frozen)
    images = torch.randn(count, channels, *size, dtype=torch.float64, requires_grad=True)
    made, expected = layer(images), conv2d(images, layer.weight, layer.bias, padding=padding)
    torch.testing.assert_close(made, expected, **CLOSE)
    inputs = [images] if frozen else [images, *layer.parameters()]
    weights = torch.randn_like(expected)
    for own, value in zip(gradients(made, inputs, weights), gradients(expected, inputs, weights), strict=True):
        torch.testing.assert_close(own, value, **CLOSE)


def test_gradients_of_gradients_pass_through_a_frozen_first_layer() -> None:
    """A penalty on the gradient of D for G's images."""
    layer = ImageConv2d(1, 2, side=5).double().requires_grad_(False)
    images = torch.randn(2, 1, 7, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (images,))
    assert torch.autograd.gradgradcheck(lambda x: layer(x).square(), (images,))


@pytest.mark.parametrize("channels", [1, 3])
def test_features_lie_pixel_by_pixel(channels: int) -> None:
    made = FeatureMap(1, (channels, 4, 5))(torch.arange(2.0 * channels * 20).view(2, -1))
    assert torch.equal(made, torch.arange(2.0 * channels * 20).view(2, channels, 4, 5))
    assert made.stride(1) == 1
    convolved = ImageConv2d(channels, 4, side=3)(made)
    assert convolved.is_contiguous(memory_format=torch.channels_last)
    assert nn.MaxPool2d(2)(convolved).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("size", [(7, 7), (3, 5), (1, 1)])
@pytest.mark.parametrize("channels", [1, 4])
def test_doubling_is_a_transposed_convolution_with_tied_weights(
    channels: int, size: tuple[int, int], count: int
) -> None:
    torch.manual_seed(0)
    layer = DoublingConv2d(6, channels).double()
    # Along an axis: of a doubled row a a b b c c, three pixels beginning with the first b see b twice and c once.
    tie = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=torch.float64)
    tied = torch.einsum("ru,cv,oiuv->iorc", tie, tie, layer.weight)
    features = torch.randn(count, 6, *size, dtype=torch.float64)
    expected = conv_transpose2d(features, tied, layer.bias, stride=2, padding=1)
    torch.testing.assert_close(layer(features), expected, **CLOSE)


def test_doubling_keeps_channels_last() -> None:
    features = FeatureMap(1, (6, 4, 5))(torch.randn(2, 120))
    assert DoublingConv2d(6, 3)(features).is_contiguous(memory_format=torch.channels_last)


def test_channel_means() -> None:
    features = torch.arange(24.0).view(1, 2, 3, 4)
    assert torch.equal(ChannelMeans()(features), torch.tensor([[5.5, 17.5]]))
