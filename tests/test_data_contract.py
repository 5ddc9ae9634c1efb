"""What every data source promises; a new source is tested here the day its file is added."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

from data_contract_sources import picture, real_data
from ganatomy.data import Dataset, Source, sources
from ganatomy.plugin.settings import field_help, field_types

NAMES = sources.names()
FACTS = ("name", "title", "extent", "licence", "reference")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GANATOMY_DATA", raising=False)


@pytest.fixture
def source(name: str, tmp_path: Path) -> Source:
    """Each source set up so that it can load here; those that need real files skip where there are none."""
    match name:
        case "folder":
            for i in range(6):
                picture(tmp_path / "pictures" / f"class{i % 2}" / f"{i}.png", seed=i)
            options = {"path": str(tmp_path / "pictures")}
        case "mnist":
            options = {"dir": str(real_data("MNIST"))}
        case "fashion_mnist":
            options = {"dir": str(real_data("FashionMNIST"))}
        case _:
            options = {}
    return TypeAdapter(sources.get(name)).validate_python(options)


def test_the_known_sources_are_found():
    assert set(NAMES) >= {"digits", "mnist", "fashion_mnist", "folder", "mixtures"}


@pytest.mark.parametrize("name", NAMES)
def test_images_labels_and_classes(source: Source):
    dataset = source.load()
    assert isinstance(dataset, Dataset)
    images = dataset.images
    assert images.ndim == 4
    assert len(dataset) == len(images) > 0
    assert images.dtype == (np.uint8 if dataset.bounded else np.float32)
    assert dataset.bounded or dataset.shape == (1, 1, 2)
    assert images.flags.c_contiguous
    assert dataset.shape == images.shape[1:]
    assert np.ptp(images[:100]) > 0
    assert len(set(dataset.classes)) == len(dataset.classes)
    if dataset.labels is None:
        assert dataset.classes == ()
    else:
        assert dataset.labels.dtype == np.int64
        assert dataset.labels.shape == (len(images),)
        assert set(np.unique(dataset.labels)) == set(range(len(dataset.classes)))


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_is_that_of_the_bytes_and_loading_again_gives_the_same(source: Source):
    import hashlib

    first, second = source.load(), source.load()
    assert re.fullmatch("[0-9a-f]{64}", first.digest)
    assert hashlib.sha256(first.images.tobytes()).hexdigest() == first.digest == second.digest
    assert np.array_equal(first.labels, second.labels) if first.labels is not None else second.labels is None


@pytest.mark.parametrize("name", NAMES)
def test_images_and_labels_cannot_be_changed(source: Source):
    dataset = source.load()
    with pytest.raises(ValueError, match="read-only"):
        dataset.images[0] = 0
    if dataset.labels is not None:
        with pytest.raises(ValueError, match="read-only"):
            dataset.labels[0] = 0


@pytest.mark.parametrize("name", NAMES)
def test_a_source_that_can_load_is_present_and_says_where(source: Source):
    assert source.present()
    assert source.location()


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_are_told(name: str):
    leaf = sources.get(name)
    assert leaf.name == name
    for fact in FACTS:
        assert isinstance(getattr(leaf, fact), str), fact
        assert getattr(leaf, fact).strip(), fact
        assert "\n" not in getattr(leaf, fact), fact
    assert (leaf.__doc__ or "").strip()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_frozen_dataclass_whose_fields_have_defaults_and_help(name: str):
    leaf = sources.get(name)
    source = leaf()
    for field in dataclasses.fields(leaf):
        assert field.kw_only
        assert field_help(leaf)[field.name], f"{name}.{field.name} has no help"
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(source, field.name, None)
    assert not set(FACTS) & set(field_types(leaf)), "a setting hides a fact"


@pytest.mark.parametrize("name", NAMES)
def test_unknown_settings_are_refused(name: str):
    with pytest.raises(ValueError, match="nosuch"):
        TypeAdapter(sources.get(name)).validate_python({"nosuch": 1})


def test_listing_all_sources_imports_nothing_heavy():
    code = (
        "import sys; from ganatomy.data import sources\n"
        "for name in sources.names(): leaf = sources.get(name); leaf()\n"
        "print([name for name in ('torch', 'sklearn', 'pooch', 'requests', 'PIL', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_and_asking_where_needs_no_torch():
    code = (
        "import sys; from ganatomy.data import sources\n"
        "for name in sources.names(): leaf = sources.get(name)(); leaf.location(); leaf.present()\n"
        "sources.get('digits')().load(); sources.get('mixtures')().load()\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
