"""The first look: the lab's three systems on the built-in digits, in a few minutes, compared in one picture."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from ganatomy import api
from ganatomy.config import flat, tree
from ganatomy.errors import GanatomyError
from ganatomy.recipe import load
from ganatomy.report import comparison, scores

# The lab's settings are for 30 epochs of 60,000 images; the demo has minutes and 1,797 images. So: batches of half the
# size, larger learning rates, and with Adam the first beta of the DCGAN paper. Networks and losses are the lab's.
_BETAS = "optimizer.betas=[0.5, 0.999]"
SETTINGS: dict[str, list[str]] = {
    "gan": ["train.updates=2500", "train.batch=64", "optimizer.lr=1e-3", _BETAS, "train.log_every=25"],
    "dcgan": ["train.updates=450", "train.batch=64", "optimizer.lr=5e-4", _BETAS, "train.log_every=5"],
    "wgan": ["train.updates=360", "train.batch=64", "optimizer.lr=1e-3", "train.log_every=4"],
}


@dataclass(frozen=True)
class Demo:
    """What the demo made."""

    runs: list[Path]
    picture: Path
    scores: list[str]
    """The table of all three, line by line."""


def run(folder: Path) -> Demo:
    """Train the three systems below `folder`, or continue and reuse what is there, and draw the picture.

    Raises:
        GanatomyError: a run of that name is there with other settings.
    """
    runs = []
    for number, (recipe, settings) in enumerate(SETTINGS.items(), 1):
        words = ["data=digits", *settings, f"out={folder / recipe}"]
        _say(f"[{number}/{len(SETTINGS)}] ganatomy train {recipe} {shlex.join(words)}")
        runs.append(_train_or_continue(recipe, words, folder / recipe))
    picture = folder / "comparison.png"
    comparison.save(runs, picture)
    _say(f"ganatomy evaluate {' '.join(str(run.path) for run in runs)}")
    table = scores.table([api.evaluate(run) for run in runs])
    return Demo([run.path for run in runs], picture, table)


def _train_or_continue(recipe: str, words: list[str], path: Path) -> api.Run:
    if not (path / "config.toml").exists():
        return api.train(recipe, *words)
    found = api.load(path)
    old, new = flat(tree(found.config)), flat(tree(load(recipe, words)))
    # The run's config.toml has the precision that `auto` chose.
    passed = {"out", "train.precision"}
    changed = sorted(name for name in (old.keys() | new.keys()) - passed if old.get(name) != new.get(name))
    if changed:
        raise GanatomyError(
            f"{path} holds a run with other settings ({', '.join(changed)}); remove it, or give another folder with --out"
        )
    return api.resume(path)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
