"""Images that are arrays: in an .npz file, or passed from Python."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ganatomy.data.base import Dataset, Source, digest_of
from ganatomy.errors import GanatomyError, UsageError

IMAGES = ("images", "x", "x_train", "arr_0", "samples")
LABELS = ("labels", "y", "y_train", "targets", "arr_1")
"""Names of the arrays of an .npz, the first that is there."""

_PASSED: dict[str, Dataset] = {}
"""Arrays passed from Python, by the digest that a run's settings know them by."""


class Npz(Source):
    """Images, and labels where there are some, in one .npz file of NumPy's."""

    name = "npz"
    title = "your own images as arrays in an .npz file: `images`, and `labels` where there are classes"
    extent = "as many as there are, of the arrays' size"
    licence = "that of your images"
    reference = "none: yours"

    path: Path | None = None
    """The file. Its images are N x H x W x C (or N x H x W, N x C x H x W, or points N x 2): uint8, or floats in [0, 1] or [-1, 1]."""

    def load(self) -> Dataset:
        """All images of the file, N x H x W x C uint8 (points: N x 1 x 1 x 2 float32), with its labels.

        Raises:
            UsageError: `path` is not given, or what is in the file is no set of images.
            GanatomyError: there is no such file, or it is damaged. Nothing in it is ever unpickled.
        """
        if self.path is None:
            raise UsageError("data=npz needs data.path: the file with the images, as in data.path=digits.npz")
        path = self.path.expanduser()
        if not path.is_file():
            raise GanatomyError(f"there is no file {path}; set data.path to the .npz with the images")
        try:
            with np.load(path, allow_pickle=False) as file:
                names = file.files
                found = [next((file[name] for name in known if name in names), None) for known in (IMAGES, LABELS)]
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise GanatomyError(f"{path} cannot be read as an .npz: {error}; write it with numpy.savez") from error
        images, labels = found
        if images is None:
            raise UsageError(
                f"{path} has the arrays {', '.join(names) or 'none'}, and none is named as images are ({', '.join(IMAGES)}); "
                "write it as numpy.savez(path, images=images, labels=labels)"
            )
        return dataset_of(images, labels, str(path))

    def location(self) -> str:
        return "data.path, not set" if self.path is None else str(self.path.expanduser())

    def present(self) -> bool:
        return self.path is not None and self.path.expanduser().is_file()


class Array(Source):
    """An array or a torch tensor that was passed from Python."""

    name = "array"
    title = "an array or a torch tensor passed from Python: ganatomy.train('dcgan', data=images)"
    extent = "as many as there are"
    licence = "that of your images"
    reference = "none: yours"

    digest: str = ""
    """SHA-256 of the images and the labels: a run knows its data by it."""

    def load(self) -> Dataset:
        """The images as they were passed.

        Raises:
            GanatomyError: this process was not given them.
        """
        if self.digest not in _PASSED:
            raise GanatomyError(
                f"the data of this run was an array in Python (SHA-256 {self.digest[:12]}...), which a run does not keep; pass it "
                "again, as in ganatomy.resume(path, data=images), or ganatomy.evaluate(run, data=images)"
            )
        return _PASSED[self.digest]

    def location(self) -> str:
        return "in Python's memory"

    def present(self) -> bool:
        return self.digest in _PASSED


def passed(given: Any) -> Array:
    """The source of images, or of a pair (images, labels), that are arrays or torch tensors in Python.

    Raises:
        UsageError: they are no images.
    """
    images, labels = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    dataset = dataset_of(_array(images), None if labels is None else _array(labels), "data")
    key = (
        dataset.digest
        if dataset.labels is None
        else digest_of(np.frombuffer(bytes.fromhex(dataset.digest) + dataset.labels.tobytes(), np.uint8))
    )
    _PASSED[key] = dataset
    return Array(digest=key)


def _array(given: Any) -> np.ndarray:
    """A torch tensor of any device, a list, or an array, as an array."""
    detached = given.detach().cpu() if hasattr(given, "detach") else given
    return np.asarray(detached)


def dataset_of(images: np.ndarray, labels: np.ndarray | None, where: str) -> Dataset:
    """Images of any plain layout as a data set; `where` names them in messages.

    Raises:
        UsageError: no such layout or values, or labels that do not fit; with what is expected.
    """
    pixels = (
        _points(images) if images.ndim == 2 and images.shape[1] == 2 else _pixels(_channels_last(images, where), where)
    )
    if len(pixels) < 2:
        raise UsageError(f"{where}: {len(pixels)} images; a GAN needs at least 2, and hundreds to learn something")
    pixels.setflags(write=False)
    if labels is None:
        return Dataset(pixels, None, (), digest_of(pixels))
    if labels.shape != (len(pixels),) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise UsageError(
            f"{where}: labels of shape {labels.shape} and type {labels.dtype}; expected {len(pixels)} whole numbers from 0, one an image"
        )
    indices = labels.astype(np.int64)
    indices.setflags(write=False)
    names = tuple(str(index) for index in range(int(indices.max()) + 1))
    return Dataset(pixels, indices, names, digest_of(pixels))


def _points(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images.reshape(-1, 1, 1, 2), np.float32)


def _channels_last(images: np.ndarray, where: str) -> np.ndarray:
    if images.ndim == 3:
        return images[..., None]
    if images.ndim == 4:
        last, first = images.shape[3] in (1, 3), images.shape[1] in (1, 3)
        if last and not first:
            return images
        if first and not last:
            return np.moveaxis(images, 1, 3)
    raise UsageError(
        f"{where}: an array of shape {images.shape}; expected N x H x W x C or N x C x H x W with C 1 or 3, N x H x W, or points N x 2"
    )


def _pixels(images: np.ndarray, where: str) -> np.ndarray:
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    low, high = (float(images.min()), float(images.max())) if images.size else (0.0, 0.0)
    if images.dtype.kind == "f" and np.isfinite(images).all() and low >= -1.001 and high <= 1.001:
        scaled = (images.clip(-1, 1) + 1) / 2 if low < -0.001 else images.clip(0, 1)
        return np.ascontiguousarray((scaled * 255).round().astype(np.uint8))
    if images.dtype.kind in "iu" and low >= 0 and 1 < high <= 255:
        return np.ascontiguousarray(images.astype(np.uint8))
    raise UsageError(
        f"{where}: {images.dtype} values from {low:g} to {high:g}; expected uint8, or floats in [0, 1] or in [-1, 1]"
    )
