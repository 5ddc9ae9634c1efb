"""Images that are arrays: in an .npz file, or passed from Python."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ganatomy import paths
from ganatomy.arrays import Layout, as_images, as_points, own_shape, to_numpy
from ganatomy.data.base import Dataset, Source, digest_of
from ganatomy.errors import GanatomyError, UsageError

IMAGES = ("images", "x", "x_train", "arr_0", "samples")
LABELS = ("labels", "y", "y_train", "targets", "arr_1")
"""Names of the arrays of an .npz, the first that is there."""

log = logging.getLogger("ganatomy")

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
    layout: Layout | None = None
    """Of a 4-D array whose shape does not say which axis the channels are: NHWC (last) or NCHW (second)."""

    def load(self) -> Dataset:
        """All images of the file, N x H x W x C uint8 (points: N x 1 x 1 x 2 float32), with its labels.

        Raises:
            UsageError: `path` is not given, or what is in the file is no set of images.
            GanatomyError: there is no such file, or it is damaged. Nothing in it is ever unpickled.
        """
        if self.path is None:
            raise UsageError("data=npz needs data.path: the file with the images, as in data.path=digits.npz")
        path = paths.of_user(self.path)
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
        return dataset_of(images, labels, str(path), self.layout)

    def location(self) -> str:
        return "data.path, not set" if self.path is None else paths.text(self.path)

    def present(self) -> bool:
        return self.path is not None and paths.of_user(self.path).is_file()


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
    """The source of images, or of a pair (images, labels), that `to_numpy` takes: arrays, tensors, lists of them.

    Raises:
        UsageError: they are no images.
    """
    images, labels = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    # A copy: what the caller does to the array later must not change the data of a run.
    pixels = np.array(to_numpy(images, "data"))
    dataset = dataset_of(pixels, None if labels is None else to_numpy(labels, "data"), "data")
    key = (
        dataset.digest
        if dataset.labels is None
        else digest_of(np.frombuffer(bytes.fromhex(dataset.digest) + dataset.labels.tobytes(), np.uint8))
    )
    _PASSED[key] = dataset
    return Array(digest=key)


def dataset_of(images: np.ndarray, labels: np.ndarray | None, where: str, layout: Layout | None = None) -> Dataset:
    """Images of any plain layout as a data set; `where` names them in messages.

    Raises:
        UsageError: no such layout or values, or labels that do not fit; with what is expected.
    """
    notes: list[str] = []
    if images.ndim == 2 and images.shape[1] == 2:
        pixels = as_points(where, images, notes)
    else:
        pixels = as_images(where, images, own_shape(where, images.shape, layout), notes, layout)
    for note in notes:
        log.info("%s: %s", where, note)
    pixels.setflags(write=False)
    if labels is None:
        return Dataset(pixels, None, (), digest_of(pixels))
    if labels.shape != (len(pixels),) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise UsageError(
            f"{where}: labels of shape {labels.shape} and type {labels.dtype}; expected {len(pixels)} whole numbers from 0, "
            "one for each image"
        )
    indices = labels.astype(np.int64)
    indices.setflags(write=False)
    names = tuple(str(index) for index in range(int(indices.max()) + 1))
    return Dataset(pixels, indices, names, digest_of(pixels))
