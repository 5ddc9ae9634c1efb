"""The tensor operations that a stored network may have: by name, and none that trusts what it is given without a check."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ganatomy.errors import GanatomyError

_NAMES = """
abs _adaptive_avg_pool2d add addmm alias amax amin any arange argmax argmin atan atan2 avg_pool1d avg_pool2d baddbmm
bitwise_and bitwise_not bitwise_or bmm cat ceil clamp clone constant_pad_nd convolution copy cos cosh cumsum div elu
embedding eq erf exp expand expm1 fill flip floor fmod full full_like gather ge gelu grid_sampler_2d gt hardtanh
index index_select isinf isnan le leaky_relu lift_fresh_copy linear log log10 log1p log2 _log_softmax logical_and
logical_not logical_or logical_xor lt max max_pool2d_with_indices maximum mean min minimum mm mul
_native_batch_norm_legit _native_batch_norm_legit_no_training native_group_norm native_layer_norm ne neg ones
ones_like permute pixel_shuffle pow prod rand rand_like randint randn randn_like reciprocal reflection_pad1d
reflection_pad2d relu remainder repeat replication_pad1d replication_pad2d round rsqrt rsub scalar_tensor select
sigmoid sign sin sinh slice _softmax split split_with_sizes sqrt squeeze stack sub sum sym_size tan tanh _to_copy
topk transpose trunc unbind _unsafe_view unsqueeze upsample_bilinear2d upsample_nearest1d upsample_nearest2d var
view where zeros zeros_like
"""
ALLOWED = frozenset(_NAMES.split())
"""Of aten, without the names of overloads: what generators are made of. No backward operation and none that writes."""

_ON_SIZES: dict[Callable[..., Any], str] = {
    operator.add: "add",
    operator.sub: "sub",
    operator.mul: "mul",
    operator.floordiv: "floordiv",
    operator.mod: "mod",
}


class NotAProgram(GanatomyError):
    """A network that is no fixed list of operations, or a file that describes none."""


def name_of(target: Any) -> str:
    """The name that an operation of a traced network is stored by.

    Raises:
        NotAProgram: it is not allowed.
    """
    if target is operator.getitem:
        return "getitem"
    if target in _ON_SIZES:
        return _ON_SIZES[target]
    if isinstance(target, torch._ops.OpOverload) and _is_allowed(target):
        return str(target).removeprefix("aten.")
    raise NotAProgram(f"{target} is none of the operations that are stored")


def operation(name: str) -> Callable[..., Any]:
    """The inverse of `name_of`.

    Raises:
        NotAProgram: there is no such operation, or it is not allowed.
    """
    for plain, known in _ON_SIZES.items():
        if name == known:
            return _of_sizes(plain)
    if name == "getitem":
        return operator.getitem
    packet, _, overload = name.partition(".")
    found = getattr(getattr(torch.ops.aten, packet), overload or "default", None) if packet in ALLOWED else None
    if not isinstance(found, torch._ops.OpOverload) or not _is_allowed(found):
        raise NotAProgram(f"aten.{name} is no operation of a generator; nothing of the stored network is executed")
    return _GUARDED[packet](found) if packet in _GUARDED else found


def _is_allowed(found: torch._ops.OpOverload) -> bool:
    return found._schema.name.removeprefix("aten::") in ALLOWED and not found._schema.is_mutable


def _of_sizes(plain: Callable[..., Any]) -> Callable[..., Any]:
    def checked(a: Any, b: Any) -> Any:
        if type(a) is not int or type(b) is not int:
            raise NotAProgram(f"{plain.__name__} is for sizes, and got {type(a).__name__} and {type(b).__name__}")
        return plain(a, b)

    return checked


def _batch_norm(run: Callable[..., Any]) -> Callable[..., Any]:
    def checked(images: Tensor, *rest: Any) -> Any:
        _check_sizes(rest[:4], images.shape[1])
        return run(images, *rest)

    return checked


def _instance_norm(run: Callable[..., Any]) -> Callable[..., Any]:
    def checked(images: Tensor, weight: Any, bias: Any, *rest: Any) -> Any:
        _check_sizes((weight, bias), images.shape[1])
        return run(images, weight, bias, *rest)

    return checked


def _group_norm(run: Callable[..., Any]) -> Callable[..., Any]:
    def checked(
        images: Tensor, weight: Any, bias: Any, n: int, channels: int, each: int, groups: int, eps: float
    ) -> Any:
        _check_sizes((weight, bias), channels)
        if n * channels * each != images.numel() or min(n, channels, groups) < 1 or channels % groups:
            raise NotAProgram("the sizes of a GroupNorm do not fit its images")
        return run(images, weight, bias, n, channels, each, groups, eps)

    return checked


def _check_sizes(tensors: Sequence[Any], size: int) -> None:
    if any(each is not None and each.shape != (size,) for each in tensors):
        raise NotAProgram(f"a normalisation of {size} channels has weights of another size")


_GUARDED = {
    "_native_batch_norm_legit": _instance_norm,
    "_native_batch_norm_legit_no_training": _batch_norm,
    "native_group_norm": _group_norm,
}
"""What trusts the sizes that it is given."""
