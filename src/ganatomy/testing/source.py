"""The contract of a data source."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from ganatomy.data import Dataset, Source, sources
from ganatomy.testing.contract import expect, explained, instance_of

FACTS = ("title", "extent", "licence", "reference")


def check_source(source: Any) -> None:
    """Loads a data source, and checks that it keeps to its contract.

    Args:
        source: a subclass of `ganatomy.Source` whose settings have defaults, an instance, or a reference such as
            `"my_data.py"`.

    Raises:
        ContractError: what is wrong, what was expected, and what to do.
    """
    checked: Source = instance_of(sources, source)
    name = type(checked).__name__
    for fact in FACTS:
        text = getattr(checked, fact)
        expect(isinstance(text, str) and "\n" not in text, f"{name}.{fact} = {text!r}; expected one line of text")
    with explained(f"{name}.location()", "return where the files are"):
        expect(bool(checked.location()), f"{name}.location() is empty; expected where the files are, in words")
    with explained(f"{name}.load()", "see the error above"):
        dataset, again = checked.load(), checked.load()
    _dataset(f"{name}.load()", dataset)
    expect(
        dataset.digest == again.digest and _same_labels(dataset, again),
        f"{name}.load() returns something else the second time; expected the same images in the same order: draw with a fixed seed",
    )
    expect(checked.present() is True, f"{name}.present() is {checked.present()!r} after load() worked; expected True")
    with explained(f"{name}.held_out()", "return None where there are no images of its own"):
        held_out = checked.held_out()
    if held_out is not None:
        _dataset(f"{name}.held_out()", held_out)
        expect(
            held_out.shape == dataset.shape and held_out.bounded == dataset.bounded,
            f"{name}.held_out() has images of {held_out.shape}; expected {dataset.shape}, as load() has",
        )
        expect(
            held_out.digest != dataset.digest,
            f"{name}.held_out() has the training images; expected others, or None where there are none",
        )


def _dataset(call: str, dataset: Dataset) -> None:
    expect(
        isinstance(dataset, Dataset),
        f"{call} returns a {type(dataset).__name__}; expected a ganatomy.data.Dataset: ganatomy.data.dataset_of(images, labels, name)",
    )
    images, labels = dataset.images, dataset.labels
    expect(
        isinstance(images, np.ndarray) and images.ndim == 4,
        f"{call}: images of shape {np.shape(images)}; expected an array N x H x W x C (points: N x 1 x 1 x 2)",
    )
    if images.dtype == np.uint8:
        expect(
            images.shape[3] in (1, 3),
            f"{call}: images with {images.shape[3]} channels; expected 1 or 3, in the last place",
        )
    else:
        expect(
            images.dtype == np.float32 and images.shape[1:] == (1, 1, 2),
            f"{call}: {images.dtype} images of shape {images.shape}; expected uint8 pixels N x H x W x C, or float32 points N x 1 x 1 x 2",
        )
        expect(bool(np.isfinite(images).all()), f"{call}: points that are not finite")
    expect(len(images) >= 2, f"{call}: {len(images)} images; expected 2 or more")
    expect(np.ptp(images[:1000]) > 0, f"{call}: every pixel has the same value; expected images")
    expect(images.flags.c_contiguous, f"{call}: images that are not contiguous; use numpy.ascontiguousarray(images)")
    _read_only(f"{call}: images", images)
    digest = hashlib.sha256(images.data).hexdigest()
    expect(
        dataset.digest == digest,
        f"{call}: the digest is {dataset.digest!r}; expected the SHA-256 of the images' bytes, {digest}: ganatomy.data.digest_of(images)",
    )
    expect(len(set(dataset.classes)) == len(dataset.classes), f"{call}: two classes of one name in {dataset.classes}")
    if labels is None:
        expect(dataset.classes == (), f"{call}: classes {dataset.classes} without labels; expected ()")
        return
    expect(
        labels.dtype == np.int64 and labels.shape == (len(images),),
        f"{call}: {labels.dtype} labels of shape {labels.shape}; expected int64, one an image: ({len(images)},)",
    )
    _read_only(f"{call}: labels", labels)
    expect(
        labels.min() >= 0 and labels.max() < len(dataset.classes),
        f"{call}: labels from {labels.min()} to {labels.max()}; expected 0 to {len(dataset.classes) - 1}, the places of `classes`",
    )


def _read_only(what: str, array: np.ndarray) -> None:
    expect(
        not array.flags.writeable,
        f"{what} that can be changed, and all runs share them; use array.setflags(write=False)",
    )


def _same_labels(one: Dataset, other: Dataset) -> bool:
    if one.labels is None or other.labels is None:
        return one.labels is other.labels
    return np.array_equal(one.labels, other.labels)
