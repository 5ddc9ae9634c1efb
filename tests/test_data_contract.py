"""What every data source promises; a new source is tested here the day its file is added."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import TypeAdapter

from data_contract_sources import picture, real_data
from ganatomy.data import Source, passed, sources
from ganatomy.plugin.settings import field_help, field_types
from ganatomy.testing import check_source

NAMES = sources.names()
NOISE = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), dtype=np.uint8)
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
        case "npz":
            np.savez(tmp_path / "images.npz", images=NOISE, labels=np.arange(len(NOISE)) % 3)
            options = {"path": str(tmp_path / "images.npz")}
        case "array":
            return passed((NOISE, np.arange(len(NOISE)) % 3))
        case _:
            options = {}
    return TypeAdapter(sources.get(name)).validate_python(options)


def test_the_known_sources_are_found():
    assert set(NAMES) >= {"digits", "mnist", "fashion_mnist", "folder", "mixtures"}


@pytest.mark.parametrize("name", NAMES)
def test_contract(source: Source):
    check_source(source)
    dataset = source.load()
    if dataset.labels is not None:
        assert set(np.unique(dataset.labels)) == set(range(len(dataset.classes)))


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
