"""MNIST's format and folder: real files where there are some, made ones for every fault."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from pydantic import TypeAdapter

from data_contract_sources import idx_bytes, real_data, write
from ganatomy.data.idx import FASHION_MNIST, MNIST, Archive, FashionMnist, IdxFile, IdxSource, IdxSplit, Mnist
from ganatomy.data.idx_format import read_idx
from ganatomy.errors import GanatomyError, UsageError

RNG = np.random.default_rng(5)
IMAGES = RNG.integers(0, 256, (12, 4, 4), dtype=np.uint8)
LABELS = np.array([0, 1, 2] * 4, np.uint8)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def part(name: str, array: np.ndarray) -> IdxFile:
    return IdxFile(name, "0" * 64, sha256(idx_bytes(array)))


MNIST_COUNTS = {
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}
"""Images of each class, as published."""

TINY = Archive(
    folder="Tiny",
    mirrors=("http://127.0.0.1:9/one/", "http://127.0.0.1:9/two/"),  # the discard port: nobody listens
    classes=("a", "b", "c"),
    splits={
        split: IdxSplit(part(f"{stem}-images", IMAGES), part(f"{stem}-labels", LABELS))
        for split, stem in {"train": "train", "test": "t10k"}.items()
    },
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tiny(IdxSource):
    name = "tiny"

    @property
    def archive(self) -> Archive:
        return TINY


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GANATOMY_DATA", raising=False)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Good files of the tiny archive; tests damage them."""
    folder = tmp_path / "data" / "Tiny" / "raw"
    write(folder / "train-images.gz", idx_bytes(IMAGES))
    write(folder / "train-labels", idx_bytes(LABELS))
    return folder


def message(tmp_path: Path, split: str = "train") -> str:
    with pytest.raises(GanatomyError) as caught:
        Tiny(dir=tmp_path / "data").load(split)
    assert caught.value.exit_code == 1
    return str(caught.value)


def test_packed_and_unpacked_files_give_the_same(raw: Path, tmp_path: Path):
    first = Tiny(dir=tmp_path / "data").load()
    assert np.array_equal(first.images, IMAGES[..., None])
    assert first.labels.tolist() == LABELS.tolist()
    assert first.classes == ("a", "b", "c")
    (raw / "train-images.gz").unlink()
    write(raw / "train-images", idx_bytes(IMAGES))
    assert Tiny(dir=tmp_path / "data").load().digest == first.digest == sha256(IMAGES.tobytes())


def test_the_test_split_has_its_own_files(raw: Path, tmp_path: Path):
    write(raw / "t10k-images", idx_bytes(IMAGES))
    write(raw / "t10k-labels", idx_bytes(LABELS))
    assert len(Tiny(dir=tmp_path / "data").load("test")) == 12


DAMAGED = MappingProxyType(
    {
        "truncated gzip": ("train-images.gz", gzip.compress(idx_bytes(IMAGES))[:-40], "truncated gzip file"),
        "no gzip": ("train-images.gz", b"<html>not found</html>", "corrupted gzip file"),
        "empty file": ("train-labels", b"", "wrong magic number: expected 00000801, found an empty file"),
        "wrong magic": ("train-labels", b"\0\0\x08\x03" + idx_bytes(LABELS)[4:], "expected 00000801, found 00000803"),
        "header only in part": ("train-labels", idx_bytes(LABELS)[:6], "expected at least 8 bytes of header, found 6"),
        "too short": (
            "train-labels",
            idx_bytes(LABELS)[:-3],
            "truncated: its header says 12, so expected 20 bytes, found 17",
        ),
        "too long": (
            "train-labels",
            idx_bytes(LABELS) + b"!",
            "too long: its header says 12, so expected 20 bytes, found 21",
        ),
        "labels in another order": (
            "train-labels",
            idx_bytes(np.sort(LABELS)),
            f"expected SHA-256 {sha256(idx_bytes(LABELS))}",
        ),
    }
)


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damage_is_named_with_file_expectation_and_advice(name: str, raw: Path, tmp_path: Path):
    file, content, expected = DAMAGED[name]
    (raw / file).write_bytes(content)
    text = message(tmp_path)
    assert expected in text
    assert text.startswith(f"{raw / file} is damaged")
    assert "delete it" in text


def test_a_flipped_byte_inside_a_gzip_file_is_found(raw: Path, tmp_path: Path):
    content = bytearray((raw / "train-images.gz").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (raw / "train-images.gz").write_bytes(content)
    assert "corrupted gzip file" in message(tmp_path)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (np.zeros((12, 4, 5), np.uint8), "found SHA-256"),
        (IMAGES ^ 1, "found SHA-256"),
    ],
)
def test_other_images_of_the_same_count_are_found(images, expected, raw: Path, tmp_path: Path):
    write(raw / "train-images.gz", idx_bytes(images))
    text = message(tmp_path)
    assert expected.replace("found SHA-256", f"found {sha256(idx_bytes(images))}") in text
    assert str(raw / "train-images.gz") in text


def test_a_header_that_claims_terabytes_is_refused_without_making_them(raw: Path, tmp_path: Path):
    header = b"\0\0\x08\x03" + np.array([2**32 - 1] * 3, ">u4").tobytes()
    write(raw / "train-images.gz", header + b"1234")
    assert "found 20" in message(tmp_path)


def test_a_full_size_stranger_is_found_by_its_hash(tmp_path: Path):
    labels = np.repeat(np.arange(10), 6_000)
    write(tmp_path / "MNIST/raw/train-images-idx3-ubyte.gz", idx_bytes(np.zeros((60_000, 28, 28), np.uint8)))
    write(tmp_path / "MNIST/raw/train-labels-idx1-ubyte.gz", idx_bytes(labels))
    with pytest.raises(GanatomyError, match="expected SHA-256 ba891046e6505d7aadcbbe25"):
        Mnist(dir=tmp_path).load()


@pytest.mark.parametrize("state", ["does not exist", "is empty", "lacks files"])
@pytest.mark.parametrize("setting", ["data.dir", "GANATOMY_DATA"])
def test_a_named_folder_without_the_files_is_an_error_and_nothing_is_downloaded(state, setting, tmp_path, monkeypatch):
    root = tmp_path / "somewhere"
    if state != "does not exist":
        root.mkdir()
    if state == "lacks files":
        write(root / "FashionMNIST/raw/train-images-idx3-ubyte.gz", b"")
    if setting == "GANATOMY_DATA":
        monkeypatch.setenv("GANATOMY_DATA", str(root))
    source = FashionMnist(dir=root) if setting == "data.dir" else FashionMnist()
    assert not source.present()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(GanatomyError) as caught:
        source.load()
    text = str(caught.value)
    assert not isinstance(caught.value, UsageError)
    assert f"no fashion_mnist in {root}: the folder that {setting} names {state}" in text
    assert str(root / "FashionMNIST/raw/train-labels-idx1-ubyte.gz") in text
    assert ("train-images-idx3-ubyte.gz" in text) == (state != "lacks files")
    assert f"correct {setting}, or unset it" in text
    assert "data=digits" in text
    assert sorted(tmp_path.rglob("*")) == before


def test_the_order_of_looking_is_dir_then_environment_then_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert Tiny().location() == str(tmp_path / "cache/ganatomy/Tiny/raw")
    monkeypatch.setenv("GANATOMY_DATA", str(tmp_path / "env"))
    assert Tiny().location() == str(tmp_path / "env/Tiny/raw")
    assert Tiny(dir=tmp_path / "dir").location() == str(tmp_path / "dir/Tiny/raw")
    monkeypatch.setenv("GANATOMY_DATA", "")
    assert Tiny().location() == str(tmp_path / "cache/ganatomy/Tiny/raw")


def test_a_home_sign_in_the_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    source = TypeAdapter(Mnist).validate_python({"dir": "~/data"})
    assert source.location() == str(tmp_path / "data/MNIST/raw")


def test_files_in_the_cache_are_used_without_a_network(raw: Path, tmp_path: Path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "data").rename(tmp_path / "cache/ganatomy")
    assert Tiny().present()
    assert len(Tiny().load()) == 12


def test_no_network_and_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(GanatomyError) as caught:
        Tiny().load()
    text = str(caught.value)
    assert "http://127.0.0.1:9/one/train-images.gz" in text
    assert "http://127.0.0.1:9/two/train-images.gz" in text
    assert str(tmp_path / "cache/ganatomy/Tiny/raw") in text
    assert "data=digits" in text
    assert capsys.readouterr().err.count("downloading http") == 2


@pytest.mark.parametrize("archive", [MNIST, FASHION_MNIST])
@pytest.mark.parametrize("split", ["train", "test"])
def test_the_real_files_are_the_originals(archive: Archive, split):
    root = real_data(archive.folder)
    source = (Mnist if archive is MNIST else FashionMnist)(dir=root)
    dataset = source.load(split)
    count = {"train": 60_000, "test": 10_000}[split]
    assert dataset.images.shape == (count, 28, 28, 1)
    counts = np.bincount(dataset.labels).tolist()
    assert counts == ([count // 10] * 10 if archive is FASHION_MNIST else MNIST_COUNTS[split])
    for original in (archive.splits[split].images, archive.splits[split].labels):
        packed = root / archive.folder / "raw" / f"{original.name}.gz"
        if packed.exists():
            assert sha256(packed.read_bytes()) == original.packed_sha256


def test_mnists_first_label_is_a_five_whose_picture_is_upright():
    dataset = Mnist(dir=real_data("MNIST")).load()
    assert dataset.labels[:5].tolist() == [5, 0, 4, 1, 9]
    # The second is a zero: ink at its left, its right, its top and its bottom, none in its middle.
    zero = dataset.images[1, ..., 0]
    assert zero[12:16, 12:15].max() < 100
    assert min(zero[12:16, :12].max(), zero[12:16, 16:].max(), zero[:8].max(), zero[20:].max()) > 200


def test_read_idx_refuses_what_it_cannot_open(tmp_path: Path):
    with pytest.raises(GanatomyError, match="cannot read"):
        read_idx(tmp_path, 1)


@pytest.mark.parametrize(
    "names",
    [
        ("train-images.idx3-ubyte/train-images.idx3-ubyte", "train-labels.idx1-ubyte/train-labels.idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("a/b/c/anything", "a/b/c/else.gz"),
        ("images.gz", "labels"),
    ],
)
def test_the_content_decides_and_not_the_name(names: tuple[str, str], tmp_path: Path):
    root = tmp_path / "archive"
    for name, array in zip(names, (IMAGES, LABELS), strict=True):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        content = idx_bytes(array)
        (root / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    (root / "readme.gz").write_bytes(b"\x1f\x8bno gzip")
    (root / "other").write_bytes(idx_bytes(IMAGES[::-1]))
    source = Tiny(dir=root)
    assert source.present()
    assert source.load().digest == sha256(IMAGES.tobytes())


def test_a_stranger_under_another_name_is_not_taken(tmp_path: Path):
    write(tmp_path / "data" / "train-images", idx_bytes(IMAGES[::-1]))
    write(tmp_path / "data" / "train-labels", idx_bytes(LABELS))
    assert "files of the same content under any name" in message(tmp_path)


def test_a_file_that_changes_is_looked_at_again(tmp_path: Path):
    write(tmp_path / "data" / "labels", idx_bytes(LABELS))
    write(tmp_path / "data" / "images", b"\0\0\x08\x03 not yet")
    assert not Tiny(dir=tmp_path / "data").present()
    write(tmp_path / "data" / "images", idx_bytes(IMAGES))
    assert Tiny(dir=tmp_path / "data").present()
