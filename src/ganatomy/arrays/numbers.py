"""From tensors, lists and pictures to a NumPy array. torch and Pillow are not imported here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ganatomy.arrays.errors import times, wrong

KEPT_MODES = ("1", "L", "RGB")
"""Of Pillow's pictures, those whose numbers are the pixels: black and white, grey, colour."""

EXPECTED = "a NumPy array, a torch tensor, or a list of them or of PIL pictures"


def to_numpy(given: Any, where: Path | str = "the array") -> np.ndarray:
    """An array, a torch tensor of any device (with a graph or not), or a list of arrays, tensors or PIL pictures.

    An array is returned as it is; a tensor on the CPU shares its memory with the result.

    Args:
        where: what messages call it.

    Raises:
        UsageError: something else, or arrays of several shapes in one list.
    """
    if isinstance(given, np.ndarray):
        return given
    if hasattr(given, "detach"):
        return _of_tensor(given)
    if hasattr(given, "getbands"):
        return _of_picture(given, where)
    if isinstance(given, (list, tuple)) and any(_is_one(each) for each in given):
        return _stacked([to_numpy(each, where) for each in given], where)
    if any(base.__module__.startswith("torch.utils.data") for base in type(given).__mro__):
        advice = (
            "collect its images: torch.stack([image for image, label in dataset]), or torch.cat of a loader's batches"
        )
        raise wrong(where, f"a {type(given).__name__}", EXPECTED, advice)
    try:
        found = np.asarray(given)
    except ValueError as error:
        raise wrong(where, f"lists of several lengths ({error})", EXPECTED, "give all images the same shape") from error
    if found.dtype.hasobject or found.dtype.kind in "US":
        raise wrong(where, f"an object of type {type(given).__name__}", EXPECTED, "convert it by numpy.asarray")
    return found


def _is_one(each: Any) -> bool:
    return isinstance(each, np.ndarray) or hasattr(each, "detach") or hasattr(each, "getbands")


def _of_tensor(tensor: Any) -> np.ndarray:
    here = tensor.detach().cpu()
    if str(here.dtype) == "torch.bfloat16":  # which NumPy does not have
        here = here.float()
    return np.asarray(here.numpy())


def _of_picture(picture: Any, where: Path | str) -> np.ndarray:
    if picture.mode not in KEPT_MODES:
        raise wrong(
            where,
            f"a picture of mode {picture.mode}",
            f"one of mode {', '.join(KEPT_MODES)}",
            "convert it as it is meant: picture.convert('L') for grey, picture.convert('RGB') for colour",
        )
    return np.asarray(picture)


def _stacked(parts: list[np.ndarray], where: Path | str) -> np.ndarray:
    shapes = list(dict.fromkeys(part.shape for part in parts))
    if len(shapes) > 1:
        raise wrong(
            where,
            f"images of several shapes: {times(shapes[0])} and {times(shapes[1])}",
            "images of one shape",
            "resize the images yourself: it is not done here, since how it is done changes the scores",
        )
    return np.stack(parts)
