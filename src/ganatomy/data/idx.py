"""MNIST and Fashion-MNIST: the same four IDX files, in torchvision's layout."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from ganatomy import paths
from ganatomy.data.base import Dataset, Source, digest_of, first
from ganatomy.data.cache import cache_root
from ganatomy.data.downloads import download
from ganatomy.data.idx_format import check_sha256, read_idx
from ganatomy.data.idx_search import find
from ganatomy.errors import GanatomyError

Split = Literal["train", "test"]


@dataclass(frozen=True)
class IdxFile:
    """One original file."""

    name: str
    """Without .gz."""
    packed_sha256: str
    sha256: str


@dataclass(frozen=True)
class IdxSplit:
    """The images and the labels of one split."""

    images: IdxFile
    labels: IdxFile


@dataclass(frozen=True)
class Archive:
    """What a data set in this format consists of."""

    folder: str
    """In torchvision's layout: the files lie in `<root>/<folder>/raw`."""
    mirrors: tuple[str, ...]
    classes: tuple[str, ...]
    splits: dict[Split, IdxSplit]


class IdxSource(Source):
    """28x28 grey images with labels, from files that are there or are downloaded to the user's cache."""

    dir: Path | None = None
    """The folder that holds the files: MNIST/raw and FashionMNIST/raw (torchvision's layout), or anywhere below it under any names; .gz or unpacked. Unset: the environment variable GANATOMY_DATA, else the user's cache, to which absent files are downloaded."""

    count: Annotated[int, Ge(1)] | None = None
    """Train on the first so many images only, in the files' order, which is a random one; unset: on all. The test images stay as they are."""

    @property
    @abstractmethod
    def archive(self) -> Archive:
        """The files, their hashes and where to get them."""

    def load(self, split: Split = "train") -> Dataset:
        """The images of one split, N x 28 x 28 x 1 uint8, checked down to the SHA-256.

        Raises:
            GanatomyError: a file is missing, damaged or not the original, or no mirror could be reached.
        """
        parts = self.archive.splits[split]
        missing = [part for part in (parts.images, parts.labels) if self._path(part) is None]
        if missing and self._given() is not None:
            raise self._absent(missing)
        for part in missing:
            download(f"{part.name}.gz", part.packed_sha256, self._raw(), self.archive.mirrors)
        images, labels = self._checked(parts)
        if split == "train":
            images, labels = first(self.count, self.name, images, labels)
        labels = labels.astype(np.int64)
        labels.setflags(write=False)
        return Dataset(images[..., None], labels, self.archive.classes, digest_of(images))

    def held_out(self) -> Dataset:
        """The test split, 10,000 images."""
        return self.load("test")

    def location(self) -> str:
        return str(self._raw())

    def present(self) -> bool:
        train = self.archive.splits["train"]
        return self._path(train.images) is not None and self._path(train.labels) is not None

    def fetches(self) -> bool:
        return self._given() is None and not self.present()

    def _given(self) -> tuple[str, Path] | None:
        """The folder that the user named and the setting's name; None where the cache is used."""
        if self.dir is not None:
            return "data.dir", paths.of_user(self.dir)
        if os.environ.get("GANATOMY_DATA"):
            return "GANATOMY_DATA", paths.of_user(os.environ["GANATOMY_DATA"])
        return None

    def _raw(self) -> Path:
        given = self._given()
        return (given[1] if given else cache_root()) / self.archive.folder / "raw"

    def _path(self, part: IdxFile) -> Path | None:
        """The file, unpacked rather than not: that is quicker to read. In a folder of the user's it may have any name."""
        candidates = (self._raw() / part.name, self._raw() / f"{part.name}.gz")
        named = next((path for path in candidates if path.is_file()), None)
        given = self._given()
        return named if named or given is None else find(given[1], part.sha256)

    def _absent(self, missing: Sequence[IdxFile]) -> GanatomyError:
        given = self._given()
        assert given is not None
        setting, root = given
        state = "does not exist" if not root.is_dir() else "is empty" if not any(root.iterdir()) else "lacks files"
        expected = "\n".join(f"    {self._raw() / part.name}.gz (or without .gz)" for part in missing)
        expected += "\n    (or files of the same content under any name there)"
        return GanatomyError(
            f"no {self.name} in {root}: the folder that {setting} names {state}\n  expected:\n{expected}\n"
            f"  correct {setting}, or unset it to have the files downloaded to the user's cache,\n"
            f"  or put the files there by hand (from {self.archive.mirrors[0]}),\n"
            "  or use data=digits, which needs no files"
        )

    def _checked(self, parts: IdxSplit) -> tuple[np.ndarray, np.ndarray]:
        """Images N x 28 x 28 and labels N, with the original files' hashes."""
        images_path, labels_path = self._path(parts.images), self._path(parts.labels)
        assert images_path is not None
        assert labels_path is not None
        images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
        check_sha256(images_path, images, parts.images.sha256)
        check_sha256(labels_path, labels, parts.labels.sha256)
        return images, labels


MNIST = Archive(
    folder="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    classes=tuple("0123456789"),
    splits={
        "train": IdxSplit(
            IdxFile(
                "train-images-idx3-ubyte",
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            IdxFile(
                "train-labels-idx1-ubyte",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
        ),
        "test": IdxSplit(
            IdxFile(
                "t10k-images-idx3-ubyte",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            IdxFile(
                "t10k-labels-idx1-ubyte",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    },
)

FASHION_MNIST = Archive(
    folder="FashionMNIST",
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    splits={
        "train": IdxSplit(
            IdxFile(
                "train-images-idx3-ubyte",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            IdxFile(
                "train-labels-idx1-ubyte",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
        ),
        "test": IdxSplit(
            IdxFile(
                "t10k-images-idx3-ubyte",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            IdxFile(
                "t10k-labels-idx1-ubyte",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ),
    },
)


class Mnist(IdxSource):
    """MNIST's 60,000 handwritten digits."""

    name = "mnist"
    title = "MNIST: scanned handwritten digits, the lab's data"
    extent = "60,000 images of 28 x 28 x 1 (10,000 more for tests); 9.9 MB to download, 47 MB in memory"
    licence = "none stated by its authors; commonly given as CC BY-SA 3.0"
    reference = "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998, https://doi.org/10.1109/5.726791"

    @property
    def archive(self) -> Archive:
        return MNIST


class FashionMnist(IdxSource):
    """Fashion-MNIST's 60,000 pictures of clothes: as large as MNIST, and harder."""

    name = "fashion_mnist"
    title = "Fashion-MNIST: Zalando's articles of clothing in ten classes, in MNIST's format"
    extent = "60,000 images of 28 x 28 x 1 (10,000 more for tests); 26.5 MB to download, 47 MB in memory"
    licence = "MIT"
    reference = "H. Xiao, K. Rasul, R. Vollgraf, 2017, https://arxiv.org/abs/1708.07747"

    @property
    def archive(self) -> Archive:
        return FASHION_MNIST
