"""Which precision a run computes in: bfloat16 where the device multiplies it faster than float32."""

from __future__ import annotations

from typing import Literal

import torch

Precision = Literal["fp32", "bf16"]


def choose(wanted: Literal["auto", "fp32", "bf16"], device: str, bounded: bool) -> Precision:
    """The precision of a setting: `auto` is bf16 where the device multiplies it faster than float32, else fp32.

    Points in the plane (not `bounded`) stay in float32: bfloat16 has eight bits, which an image of 256 greys does not
    miss, and a point's place does.
    """
    if wanted != "auto":
        return wanted
    return "bf16" if bounded and has_fast_bf16(device) else "fp32"


def has_fast_bf16(device: str) -> bool:
    """Whether the device has instructions for products of bfloat16 (CPUs: AVX512-BF16 or AMX; GPUs: from Ampere on)."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # These functions of torch are no promise, and older versions that are allowed here may lack one.
    checks = (getattr(torch.cpu, f"_is_{feature}_supported", None) for feature in ("avx512_bf16", "amx_tile"))
    return any(check() for check in checks if check is not None)
