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
    "package",
    [
        "callbacks.tensorboard",
        "callbacks.samples",
        "callbacks.evaluation",
        "report.comparison",
        "report.scores",
        "report.ladder",
        "report.page",
        "report.adhoc",
        "report.command",
        "report.questions",
        "studies.folder",
        "studies.pool",
        "studies.statistics",
        "claims.findings",
        "evaluation",
        "evaluation.command",
        "evaluation.ladder",
        "features.making",
        "probes.discrimination",
        "probes.gradients",
        "probes.sharpness",
        "probes.units",
        "probes.weights",
        "sampling",
        "loaded",
    ],
)
def test_what_reads_run_folders_never_imports_the_trainer(package: str) -> None:
    assert "ganatomy.training.trainer" not in modules_after(f"import ganatomy.{package}")


@pytest.mark.parametrize("package", ["data", "models", "objectives"])
def test_leaves_import_nothing_of_the_others(package: str) -> None:
    found = {name for name in modules_after(f"import ganatomy.{package}.base") if name.startswith("ganatomy.")}
    allowed = ("ganatomy.plugin", "ganatomy.errors", "ganatomy.arrays", f"ganatomy.{package}")
    assert all(name.startswith(allowed) for name in found), found


def test_metrics_import_nothing_but_arrays_and_errors_and_no_torch() -> None:
    names = ("bootstrap", "checks", "distances", "frechet", "kernel", "modes", "novelty", "prdc")
    loaded = modules_after("; ".join(f"import ganatomy.metrics.{name}" for name in names))
    found = {name for name in loaded if name.startswith("ganatomy.")}
    assert all(name.startswith(("ganatomy.metrics", "ganatomy.arrays", "ganatomy.errors")) for name in found), found
    assert "torch" not in loaded


def test_curves_are_read_without_torch() -> None:
    assert "torch" not in modules_after("import ganatomy.probes.curves")
