"""Who may import whom, as docs/architecture.md says; and torch only when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(' '.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_the_package_and_the_commands_help_do_without_torch() -> None:
    assert "torch" not in modules_after("import ganatomy")
    assert "torch" not in modules_after("import ganatomy.cli")
    assert "torch" not in modules_after("import ganatomy.data; ganatomy.data.sources.names()")


@pytest.mark.parametrize(
    "package", ["callbacks.tensorboard", "callbacks.samples", "report.comparison", "sampling", "loaded"]
)
def test_what_reads_run_folders_never_imports_the_trainer(package: str) -> None:
    assert "ganatomy.trainer" not in modules_after(f"import ganatomy.{package}")


@pytest.mark.parametrize("package", ["data", "models", "objectives"])
def test_leaves_import_nothing_of_the_others(package: str) -> None:
    found = {name for name in modules_after(f"import ganatomy.{package}.base") if name.startswith("ganatomy.")}
    allowed = ("ganatomy.settings", "ganatomy.plugins", "ganatomy.errors", f"ganatomy.{package}")
    assert all(name.startswith(allowed) for name in found), found
