"""What a run runs on: versions, commit, device, precision, threads. For env.json, which nothing is read back from."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

PACKAGES = ("ganatomy", "torch", "numpy", "safetensors", "scikit-learn", "pillow", "tensorboard")


def describe(device: str, precision: str, update: int, processes: int = 1) -> dict[str, Any]:
    """One session's entry in env.json; `update` is where it took the run up, `processes` how many trained it together."""
    name = torch.cuda.get_device_name() if device.startswith("cuda") else platform.processor() or platform.machine()
    return {
        "from_update": update,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv,
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": {package: version_of(package) for package in PACKAGES},
        "git": _git_commit(),
        "device": device,
        "device_name": name,
        "precision": precision,
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "processes": processes,
    }


def version_of(package: str) -> str | None:
    """Its installed version; None for a source tree that is only on Python's path."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    """The commit of ganatomy's own source tree; None for an installed package, whatever repository surrounds it."""
    tree = Path(__file__).parents[3]
    if not (tree / ".git").exists():
        return None
    try:
        shown = subprocess.run(
            ["git", "-C", str(tree), "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return shown.stdout.strip() or None
