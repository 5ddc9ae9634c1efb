"""BatchNorm over the whole batch, where several processes have a shard of it each."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganatomy.distributed import Group


class _Sum(torch.autograd.Function):
    """The sum over all processes. Its gradient is the sum of theirs, by this same function, so to any order."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return group.sum(tensor.clone(memory_format=torch.contiguous_format))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        summed: Tensor = _Sum.apply(gradients[0], ctx.group)
        return summed, None


class SyncedBatchNorm(_BatchNorm):
    """BatchNorm1d and 2d with the mean and variance of all processes' rows: the output is one process's on all rows.

    torch's own SyncBatchNorm computes on GPUs alone. Weights and buffers have the names of `nn.BatchNorm2d`. Every
    process must call it equally often, with no rows if it has none.
    """

    group: Group

    @classmethod
    def from_layer(cls, layer: _BatchNorm, group: Group) -> SyncedBatchNorm:
        """The layer's place in a group; parameters and buffers are the layer's own."""
        made = cls(layer.num_features, layer.eps, layer.momentum, layer.affine, layer.track_running_stats)
        made.weight, made.bias = layer.weight, layer.bias
        for name, buffer in layer.named_buffers(recurse=False):
            setattr(made, name, buffer)
        made.train(layer.training)
        made.group = group
        return made

    def forward(self, input: Tensor) -> Tensor:
        """N x C or N x C x H x W to the same; N may be 0 in some of the processes."""
        if not self.training:
            return super().forward(input)
        axes = [0, *range(2, input.dim())]
        shape = [1, -1, *[1] * (input.dim() - 2)]
        # float32 for sums, also where the layers around compute in less.
        values = input.float() if input.dtype in (torch.float16, torch.bfloat16) else input
        own_count = values.new_full((1,), values.numel() / self.num_features)
        sums = _Sum.apply(torch.cat([values.sum(axes), own_count]), self.group)
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = values - mean.view(shape)
        # From the centred values: the difference of E[x^2] and E[x]^2 loses digits.
        variance = _Sum.apply((centred * centred).sum(axes), self.group) / count
        self._follow(mean.detach(), variance.detach(), count)
        normal = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.affine:
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal.to(input.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        """The running statistics, as torch keeps them: the variance divided by count - 1."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        factor = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), factor)
        self.running_var.lerp_((variance * count / (count - 1)).to(self.running_var.dtype), factor)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions from 2."""


def synchronise(network: nn.Module, group: Group) -> None:
    """Put a `SyncedBatchNorm` in the place of every BatchNorm of a network, where the group is larger than one."""
    if group.size == 1:
        return
    for name, child in network.named_children():
        if isinstance(child, _BatchNorm):
            setattr(network, name, SyncedBatchNorm.from_layer(child, group))
        else:
            synchronise(child, group)


def running_statistics(network: nn.Module) -> list[Tensor]:
    """The floating-point buffers of a network: BatchNorm's running mean and variance, and the like."""
    return [buffer for buffer in network.buffers() if buffer.is_floating_point()]
