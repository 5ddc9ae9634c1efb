"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# One thread a process, and two processes (`pytest -n 2`): small networks gain nothing from a second thread. Set before
# torch is imported, and inherited by the processes that tests start, so that all of them sum in the same order.
os.environ["OMP_NUM_THREADS"] = "1"

# Tests work in folders of their own, where a relative path would lead elsewhere.
if os.environ.get("GANATOMY_DATA"):
    os.environ["GANATOMY_DATA"] = str(Path(os.environ["GANATOMY_DATA"]).resolve())

# A deadline would be an assertion about time, and machines differ.
settings.register_profile("ganatomy", deadline=None)
settings.load_profile("ganatomy")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test works in a folder and with a cache of its own, and never on the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def real_data() -> Path:
    """The folder of the real MNIST and Fashion-MNIST files, where GANATOMY_DATA names it."""
    folder = os.environ.get("GANATOMY_DATA")
    if not folder or not Path(folder, "MNIST", "raw").is_dir():
        pytest.skip("GANATOMY_DATA does not name a folder with the real MNIST files")
    return Path(folder)
