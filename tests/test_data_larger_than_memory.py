"""Data in a memory map: the same images as from memory, and no more of the file resident than is being looked at."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from ganatomy import randomness
from ganatomy.config.timeline import Timeline
from ganatomy.data import Dataset, announce, take
from ganatomy.evaluation.pixels import flat
from ganatomy.features.principal import FITTED_ON, Principal
from ganatomy.training.batches import HostBatches

DIGEST = "a" * 64

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what of a file is resident")

RESIDENT = """
import sys
from pathlib import Path
import numpy as np
import torch
from ganatomy.training.batches import HostBatches
from ganatomy.data import Dataset
from ganatomy.data.reserved import halves
from ganatomy.data.folder import Folder
from ganatomy.evaluation.pixels import flat
from ganatomy.features.principal import Principal
from ganatomy.config.timeline import Timeline

images = np.load(sys.argv[1], mmap_mode="r")

def mebibytes(name):
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1]) / 1024

def epoch():
    timeline = Timeline(total_images=len(images), batch=32, batches_per_update=1, total_updates=None)
    batches = HostBatches(Dataset(images, None, (), "a"), timeline, 0, (-1.0, 1.0), torch.device("cpu"))
    for update in range(1, timeline.batches_per_epoch + 1):
        yield batches.real(update, 0)

def work():
    if sys.argv[2] == "batches":
        for _ in epoch():
            yield
    elif sys.argv[2] == "evaluation":
        yield halves(Folder(), Dataset(images, None, (), "a"), 100)
        yield Principal(images, "a").features(images)
        yield flat(images)

small = np.zeros((40, 64, 64, 3), np.uint8)
Principal(small, "a").features(small)  # loads what is loaded late
before = mebibytes("RssFile")
print(max(mebibytes("RssFile") - before for _ in work()))
"""


@pytest.fixture
def mapped(tmp_path: Path) -> np.ndarray:
    """4,000 different pictures of 12,288 bytes, 47 MiB, in a read-only memory map as a folder's are."""
    noise = np.random.default_rng(0).integers(0, 256, (4000, 64, 64, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", noise)
    return np.load(tmp_path / "images.npy", mmap_mode="r")


@pytest.fixture
def held(mapped: np.ndarray) -> np.ndarray:
    """The same in memory."""
    return np.array(mapped)


def batches(images: np.ndarray, timeline: Timeline) -> HostBatches:
    return HostBatches(Dataset(images, None, (), DIGEST), timeline, 5, (-1.0, 1.0), torch.device("cpu"))


def test_batches_are_those_of_an_array_in_memory(mapped: np.ndarray, held: np.ndarray) -> None:
    timeline = Timeline(total_images=len(held), batch=300, batches_per_update=1, total_updates=None)
    one, other = batches(mapped, timeline), batches(held, timeline)
    for update in range(1, timeline.batches_per_epoch + 3):  # into the second epoch
        a, b = one.real(update, 0), other.real(update, 0)
        assert a.stride() == b.stride()
        assert torch.equal(a, b)


def test_what_was_taken_stays_when_the_map_is_let_go(mapped: np.ndarray, held: np.ndarray) -> None:
    index = np.array([3999, 0, 17, 17])
    first = take(mapped, index)
    take(mapped, index[::-1])
    assert np.array_equal(first, held[index])
    assert first.flags.writeable
    assert not isinstance(first, np.memmap)
    first[:] = 0
    assert np.array_equal(take(mapped, index), held[index])


def test_images_are_counted_from_the_end_and_none_is_past_it(mapped: np.ndarray, held: np.ndarray) -> None:
    assert np.array_equal(take(mapped, np.array([-1, 5])), held[[-1, 5]])
    assert take(mapped, np.array([], np.int64)).shape == (0, 64, 64, 3)
    with pytest.raises(IndexError):
        take(mapped, np.array([4000]))


def test_a_part_of_a_map_is_counted_from_its_own_beginning(mapped: np.ndarray, held: np.ndarray) -> None:
    assert np.array_equal(take(mapped[10:20], np.array([0, 9])), held[[10, 19]])
    assert np.array_equal(take(mapped[::2], np.array([3])), held[[6]])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a file that is mapped")
def test_a_map_outlives_its_file(mapped: np.ndarray, held: np.ndarray) -> None:
    Path(mapped.filename).unlink()
    assert np.array_equal(take(mapped, np.array([8, 3])), held[[8, 3]])


@pytest.mark.parametrize("mode", ["c", "r+"])
def test_changes_to_a_map_that_can_be_written_to_are_not_lost(mode: str, mapped: np.ndarray) -> None:
    images = np.load(mapped.filename, mmap_mode=mode)
    images[7] = 77
    take(images, np.array([1]))
    assert (take(images, np.array([7])) == 77).all()


def test_features_are_those_of_an_array_in_memory(mapped: np.ndarray, held: np.ndarray) -> None:
    one, other = Principal(mapped, DIGEST), Principal(held, DIGEST)
    assert (one.digest, one.state) == (other.digest, other.state)
    assert np.array_equal(one.features(mapped[:150]), other.features(held[:150]))


def test_the_limit_of_fitted_images_is_a_third_in_colour() -> None:
    """And where none is left out it decides nothing, the digest included."""
    noise = np.random.default_rng(0).integers(0, 256, (FITTED_ON // 3 + 1, 8, 8, 3), dtype=np.uint8)
    few, many = Principal(noise[:-1], DIGEST), Principal(noise, DIGEST)
    assert many.state == Principal(noise[::2], DIGEST).state
    assert few.digest != many.digest
    grey = np.ascontiguousarray(noise[..., :1])
    assert Principal(grey, DIGEST).digest == few.digest


def test_rows_of_pixels_by_index_are_those_of_all(mapped: np.ndarray, held: np.ndarray) -> None:
    index = np.arange(0, len(held), 3)
    assert np.array_equal(flat(mapped, index), flat(held)[index])
    small = np.ascontiguousarray(held[:50, :9, :9])
    assert np.array_equal(flat(small, index[:10]), flat(small)[index[:10]])


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system takes no advice about files")
def test_the_kernel_is_told_which_images_come_next(mapped: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda file, start, size, advice: told.append((start, size)))
    timeline = Timeline(total_images=len(mapped), batch=1500, batches_per_update=1, total_updates=None)
    source = batches(mapped, timeline)
    order = randomness.permutation(len(mapped), 5, 0)
    for update, following in ((1, order[1500:3000]), (2, order[3000:]), (3, order[:0])):
        told.clear()
        source.real(update, 0)
        size = 64 * 64 * 3
        assert told == [(mapped.offset + place * size, size) for place in following.tolist()]
    announce(mapped[5:], np.array([0]))  # no whole file
    announce(np.array(mapped[:9]), np.array([0]))
    assert told == []


@linux
@pytest.mark.parametrize(("work", "most"), [("batches", 4), ("evaluation", 8)])
def test_little_of_the_file_is_resident(work: str, most: float, mapped: np.ndarray) -> None:
    """47 MiB are looked at; a page that is needed brings some of its neighbours, so it is more than a batch."""
    code = textwrap.dedent(RESIDENT)
    command = [sys.executable, "-c", code, str(mapped.filename), work]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout.splitlines()[-1]) < most
