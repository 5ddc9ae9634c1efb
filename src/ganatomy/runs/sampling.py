"""Samples of a trained run as files: arrays, grids, folders of pictures, walks through the latent space."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganatomy import atomic, images
from ganatomy.errors import UsageError
from ganatomy.runs.run import Run

STEPS = 10
"""Images between two points of a walk, both included."""

GRID_LIMIT = 1024
"""More images than this make a grid that no viewer shows well."""


def write(run: Run, out: Path, count: int, seed: int | None = None, label: str | None = None) -> int:
    """Write `count` samples, all of one class if `label` is given, to X.npz (key `images`, N x H x W x C uint8), X.png (a grid), or a new folder of PNGs.

    Returns the number of images written.

    Raises:
        UsageError: another ending, a grid of more than 1,024 images, or a folder that is not empty.
    """
    ending = out.suffix.lower()
    if ending not in (".npz", ".png", ""):
        raise UsageError(f"--out {out}: give a name that ends in .npz or .png, or a folder's name without an ending")
    if ending == ".png" and count > GRID_LIMIT:
        raise UsageError(
            f"{count} images make too large a grid; at most {GRID_LIMIT} in a .png, or use .npz or a folder"
        )
    if ending == "" and run.config.real_range is None:
        raise UsageError(f"--out {out}: points in the plane make no folder of pictures; use .npz or .png")
    if ending == "" and out.is_dir() and any(out.iterdir()):
        raise UsageError(f"--out {out}: the folder is not empty, and old and new pictures would mix; give a new one")
    atomic.try_place(out / "000000.png" if ending == "" else out)
    made = run.sample(count, seed, label)
    (out if ending == "" else out.parent).mkdir(parents=True, exist_ok=True)
    if ending == ".npz":
        buffer = io.BytesIO()
        np.savez_compressed(buffer, images=made)
        atomic.write(out, buffer.getvalue())
    elif ending == ".png":
        images.save_png(out, images.picture(made))
    else:
        for index, image in enumerate(made):
            images.save_png(out / f"{index:06d}.png", image)
    return len(made)


def write_walk(run: Run, out: Path, count: int, seed: int | None = None, label: str | None = None) -> int:
    """Write a walk between pairs of noise points: X.png has a row a pair; X.gif moves all at once, and back.

    A walk has ten images, so about `count` are drawn: count // 10 rows, at least one. Returns the number drawn.

    Raises:
        UsageError: another ending, or a run on points in the plane.
    """
    ending = out.suffix.lower()
    if ending not in (".png", ".gif"):
        raise UsageError(f"--out {out}: a walk is a picture; give a name that ends in .png or .gif")
    if run.config.real_range is None:
        raise UsageError("--interpolate needs a run on images; this one makes points in the plane")
    atomic.try_place(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    rows = max(1, count // STEPS)
    chosen = run.config.seed if seed is None else seed
    ends = run.sampler.noise(2 * rows, chosen)
    walks = torch.stack([spherical(a, b, STEPS) for a, b in zip(ends[::2], ends[1::2], strict=True)])
    # The label stays along a walk.
    labels = run.sampler.labels(rows, chosen, None if label is None else run.class_index(label))
    along = None if labels is None else labels.repeat_interleave(STEPS)
    made = run.decode(walks.flatten(0, 1), along).reshape(rows, STEPS, *run.shape)
    if ending == ".png":
        images.save_png(out, images.grid(made.reshape(-1, *run.shape), columns=STEPS))
    else:
        frames = [images.grid(made[:, step]) for step in range(STEPS)]
        images.save_gif(out, [*frames, *frames[-2:0:-1]], seconds_a_frame=0.15)
    return rows * STEPS


def spherical(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """`steps` points from start to end along the great circle (Shoemake 1985), steps x latent.

    A straight line would pass near the origin, where N(0, I) in many dimensions has almost no mass.
    """
    angle = torch.arccos((start @ end / (start.norm() * end.norm())).clamp(-1, 1))
    share = torch.linspace(0, 1, steps)[:, None]
    if torch.sin(angle).abs() < 1e-4:
        return start + share * (end - start)
    return (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
