"""Small studies for the tests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ganatomy.runs.folder import RunFolder

TINY = """
title = { en = "Two widths", zh = "两种宽度" }
about = { en = "For tests.", zh = "用于测试。" }

[[arms]]
name = "narrow"
recipe = "gan"
settings = ["model.hidden=8"]

[[arms]]
name = "wide"
recipe = "gan"
settings = ["model.hidden=16"]

[levels.quick]
settings = ["data=digits", "train.batch=32", "train.evaluate_every=2", "train.log_every=1"]
seeds = [0, 1]
budgets = ["4 updates"]
points = ["50%", "100%"]
n = 80
metrics = ["fid", "coverage"]

[levels.long]
settings = ["data=digits", "train.batch=8", "train.evaluate_every=0", "train.checkpoint_every=50"]
seeds = [0]
budgets = ["1000 updates"]
points = ["100%"]
n = 80
metrics = ["fid"]
"""


def write(folder: Path, text: str = TINY, name: str = "widths") -> str:
    """A study's file in a folder; its path."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def bits(run: Path) -> str:
    """SHA-256 of a run's last weights and optimiser state, and of its history without times."""
    folder = RunFolder(run)
    digest = hashlib.sha256()
    for file in sorted(folder.checkpoint(folder.checkpoint_updates()[-1]).glob("*.safetensors")):
        digest.update(file.read_bytes())
    for record in folder.history():
        digest.update(
            repr([item for item in record.items() if item[0] not in ("seconds", "speed/images_per_second")]).encode()
        )
    return digest.hexdigest()
