"""Fixtures that all tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from command_line import Command, Done

# One thread a process, and two processes (`pytest -n 2`): small networks gain nothing from a second thread. Set before
# torch is imported, and inherited by the processes that tests start, so that all of them sum in the same order.
os.environ["OMP_NUM_THREADS"] = "1"

# Tests work in folders of their own, where a relative path would lead elsewhere.
if os.environ.get("GANATOMY_DATA"):
    os.environ["GANATOMY_DATA"] = str(Path(os.environ["GANATOMY_DATA"]).resolve())

# A deadline would be an assertion about time, and machines differ.
settings.register_profile("ganatomy", deadline=None)
settings.load_profile("ganatomy")


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What fixtures of a module cache is not in the user's cache either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


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


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`ganatomy ARGS` within this process, through the same `main` that the program calls."""

    def call(*arguments: object) -> Done:
        from ganatomy import cli

        monkeypatch.setattr(sys, "argv", ["ganatomy", *map(str, arguments)])
        capsys.readouterr()
        try:
            cli.main()
            code: Any = 0
        except SystemExit as ended:
            code = ended.code or 0
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return call
