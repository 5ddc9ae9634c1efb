"""Samples of a trained run as files: arrays, grids, folders of pictures, walks through the latent space."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganatomy import atomic, images, randomness
from ganatomy.api import Run
from ganatomy.errors import UsageError

STEPS = 10
"""Images between two points of a walk, both included."""

GRID_LIMIT = 1024
"""More images than this make a grid that no viewer shows well."""


def write(run: Run, out: Path, count: int, seed: int | None = None) -> None:
    """Write `count` samples to X.npz (key `images`, N x H x W x C uint8), X.png (a grid), or a folder of PNGs.

    Raises:
        UsageError: another ending, or a grid of more than 1,024 images.
    """
    if out.suffix == ".png" and count > GRID_LIMIT:
        raise UsageError(
            f"{count} images make too large a grid; at most {GRID_LIMIT} in a .png, or use .npz or a folder"
        )
    if out.suffix not in (".npz", ".png", ""):
        raise UsageError(f"--out {out}: give a name that ends in .npz or .png, or a folder's name without an ending")
    made = run.sample(count, seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".npz":
        buffer = io.BytesIO()
        np.savez_compressed(buffer, images=made)
        atomic.write(out, buffer.getvalue())
    elif out.suffix == ".png":
        images.save_png(out, images.picture(made))
    elif made.dtype != np.uint8:
        raise UsageError(f"--out {out}: points in the plane make no folder of pictures; use .npz or .png")
    else:
        out.mkdir(exist_ok=True)
        if any(out.iterdir()):
            raise UsageError(
                f"--out {out}: the folder is not empty, and old and new pictures would mix; give a new one"
            )
        for index, image in enumerate(made):
            images.save_png(out / f"{index:06d}.png", image)


def write_walk(run: Run, out: Path, count: int, seed: int | None = None) -> None:
    """Write a walk between pairs of noise points: X.png has a row a pair; X.gif moves all at once, and back.

    `count` is the number of images: at most count // 10 rows, at least one.

    Raises:
        UsageError: another ending, or a run on points in the plane.
    """
    if out.suffix not in (".png", ".gif"):
        raise UsageError(f"--out {out}: a walk is a picture; give a name that ends in .png or .gif")
    if run.config.real_range is None:
        raise UsageError("--interpolate needs a run on images; this one makes points in the plane")
    rows = max(1, count // STEPS)
    chosen = run.config.seed if seed is None else seed
    ends = randomness.sample_noise(2 * rows, run.config.model.latent, chosen)
    walks = torch.stack([spherical(a, b, STEPS) for a, b in zip(ends[::2], ends[1::2], strict=True)])
    made = run.decode(walks.flatten(0, 1)).reshape(rows, STEPS, *run.shape)
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".png":
        images.save_png(out, images.grid(made.reshape(-1, *run.shape), columns=STEPS))
    else:
        frames = [images.grid(made[:, step]) for step in range(STEPS)]
        images.save_gif(out, [*frames, *frames[-2:0:-1]], seconds_a_frame=0.15)


def spherical(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """`steps` points from start to end along the great circle (Shoemake 1985), steps x latent.

    A straight line would pass near the origin, where N(0, I) in many dimensions has almost no mass.
    """
    angle = torch.arccos((start @ end / (start.norm() * end.norm())).clamp(-1, 1))
    share = torch.linspace(0, 1, steps)[:, None]
    if torch.sin(angle).abs() < 1e-4:
        return start + share * (end - start)
    return (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
