"""Time to quality: seconds of training until FID first falls below a level, for the lab's loop and for recipes.

    python benchmarks/quality.py "plain dcgan updates=1407 every=201" "dcgan train.updates=1407 every=67" \
        "dcgan-fast train.updates=300 every=10 stop" --seeds 0 1 2 --out quality.jsonl

An arm is a recipe with changes, as for `ganatomy train`, or `plain SYSTEM` (benchmarks/plain.py); `every` is the number
of updates between two points at which it is scored, and with `stop` it ends once it is below the lowest level. Levels
are `--levels`, and the last score of a plain arm for every arm after it with the same seed. FID is that of ganatomy's
own MNIST extractor, 10,000 samples of one fixed noise against 10,000 training images. The clock runs only while an arm
trains; with OMP_NUM_THREADS=1 it is the CPU time of the process, for which other programs matter little. Seeds are the
outer loop, so what else the machine does meets all arms. A finished arm and seed is a line of `--out`, and is not run
again. `python benchmarks/quality.py --out quality.jsonl` shows the table of what is there.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import os
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import plain
import torch
from torch import nn

from ganatomy import images, randomness
from ganatomy.config import precision, recipe
from ganatomy.config.resolve import resolve
from ganatomy.evaluation.reference import Reference
from ganatomy.features import extractor
from ganatomy.runs.folder import RunFolder
from ganatomy.training.trainer import Trainer

SAMPLES = 10_000
Generator = Callable[[], nn.Module]


@dataclass(frozen=True)
class Arm:
    """What is trained, as the user wrote it."""

    words: tuple[str, ...]
    every: int
    updates: int
    stop: bool

    @classmethod
    def of(cls, text: str) -> Arm:
        words = shlex.split(text)
        given = dict(word.split("=", 1) for word in words if "=" in word)
        rest = tuple(word for word in words if word != "stop" and not word.startswith(("every=", "updates=")))
        length = "updates" if words[:1] == ["plain"] else "train.updates"
        if missing := [name for name in (length, "every") if not given.get(name, "").isdigit()]:
            raise SystemExit(f"arm {text!r}: give {' and '.join(f'{name}=N' for name in missing)}")
        return cls(rest, int(given["every"]), int(given[length]), "stop" in words)

    @property
    def name(self) -> str:
        return shlex.join(self.words)

    @property
    def points(self) -> dict[str, Any]:
        """Where it is scored; a line of `--out` is of this arm only if it says the same."""
        return {"every": self.every, "updates": self.updates, "stop": self.stop}

    @property
    def is_plain(self) -> bool:
        return self.words[0] == "plain"


class Judge:
    """FID of a generator."""

    def __init__(self, folder: Path) -> None:
        source = recipe.source(["mnist", f"data.dir={folder}"])
        dataset = source.load()
        self.reference = Reference(source, dataset, extractor(source, dataset), SAMPLES)
        self.noise = randomness.sample_noise(SAMPLES, plain.LATENT, 12345)

    def fid(self, generator: nn.Module, value_range: tuple[float, float]) -> float:
        with torch.inference_mode():
            made = [images.to_pixels(generator(part), value_range) for part in self.noise.split(500)]
        return self.reference.score(np.concatenate(made), ["fid"]).values["fid"]


def plain_arm(arm: Arm, seed: int, folder: Path) -> tuple[Callable[[], object], Generator, tuple[float, float]]:
    loop = plain.PlainLoop(arm.words[1], plain.mnist(folder), seed=seed)
    steps = loop.steps()
    value_range = (0.0, 1.0) if arm.words[1] == "dcgan" else (-1.0, 1.0)
    return lambda: next(steps), lambda: copy.deepcopy(loop.generator).eval(), value_range


def our_arm(
    arm: Arm, seed: int, folder: Path, out: Path
) -> tuple[Callable[[], object], Generator, tuple[float, float]]:
    name, *changes = arm.words
    settings = [*changes, "data=mnist", f"data.dir={folder}", f"seed={seed}", "train.evaluate_every=0"]
    config = recipe.load(name, settings)
    dataset = config.data.load()
    config, resolved = resolve(config, dataset)
    trainer = Trainer(config, resolved, dataset, RunFolder(out))
    assert config.real_range is not None

    def step() -> None:
        with randomness.global_seed(seed, "layers", trainer.update + 1):
            trainer.train_step()

    return step, trainer.players.sampler, config.real_range


def points(arm: Arm, seed: int, folder: Path, judge: Judge, levels: list[float]) -> Iterator[dict[str, float]]:
    with tempfile.TemporaryDirectory() as out:
        made = plain_arm(arm, seed, folder) if arm.is_plain else our_arm(arm, seed, folder, Path(out))
        step, generator, value_range = made
        clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
        seconds = 0.0
        for update in range(1, arm.updates + 1):
            started = clock()
            with contextlib.redirect_stdout(io.StringIO()):
                step()
            seconds += clock() - started
            if update % arm.every == 0 or update == arm.updates:
                fid = judge.fid(generator(), value_range)
                yield {"update": update, "seconds": seconds, "fid": fid}
                if arm.stop and levels and fid < min(levels):
                    return


def reached(found: list[dict[str, float]], level: float) -> float | None:
    """Seconds of training at the first point at or below a level."""
    return next((point["seconds"] for point in found if point["fid"] <= level), None)


def measured(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def run(options: argparse.Namespace) -> None:
    judge = None
    for seed in options.seeds:
        levels = list(options.levels)
        for arm in map(Arm.of, options.arms):
            done = [one for one in measured(options.out) if (one["arm"], one["seed"]) == (arm.name, seed)]
            if done and any(done[0][name] != value for name, value in arm.points.items()):
                raise SystemExit(f"{options.out} has {arm.name!r}, seed {seed}, with other points; give another --out")
            if not done:
                judge = judge or Judge(options.data)
                found = []
                for point in points(arm, seed, options.data, judge, levels):
                    found.append(point)
                    said = f"{arm.name}, seed {seed}: update {point['update']:.0f}, {point['seconds']:.1f} s"
                    print(f"{said}, FID {point['fid']:.3f}", file=sys.stderr, flush=True)
                fast = precision.has_fast_bf16("cpu")
                facts = {"arm": arm.name, "seed": seed, "plain": arm.is_plain, "fast_bf16": fast, **arm.points}
                done = [{**facts, "points": found}]
                with options.out.open("a") as file:
                    file.write(json.dumps(done[0]) + "\n")
            if arm.is_plain:
                levels.append(done[0]["points"][-1]["fid"])


def table(found: list[dict[str, Any]], levels: list[float]) -> str:
    """A line an arm: its last score, and the seconds to each level; medians, and all seeds in brackets."""
    arms = list(dict.fromkeys(one["arm"] for one in found))
    plains = {one["seed"]: one for one in found if one["plain"]}
    lines = ["| arm | seeds | updates | ms an update | last FID |"]
    heads = [
        *(f"s to FID {level:g}" for level in levels),
        "s to the plain loop's last FID",
        "plain's seconds over these",
    ]
    lines = [f"{lines[0]} {' | '.join(heads)} |", "|---" * (5 + len(heads)) + "|"]
    for name in arms:
        runs = [one for one in found if one["arm"] == name]
        last = [one["points"][-1] for one in runs]
        pace = statistics.median(1e3 * point["seconds"] / point["update"] for point in last)
        cells = [f"`{name}`", str(len(runs)), f"{max(point['update'] for point in last):.0f}", f"{pace:.1f}"]
        cells.append(_all([point["fid"] for point in last], 2))
        cells += [_all([reached(one["points"], level) for one in runs], 1) for level in levels]
        pairs = []
        for one in runs:
            if one["seed"] in plains:
                level = plains[one["seed"]]["points"][-1]["fid"]
                pairs.append((reached(plains[one["seed"]]["points"], level), reached(one["points"], level)))
        cells.append(_all([seconds for _, seconds in pairs], 1))
        cells.append(_all([first / seconds if first and seconds else None for first, seconds in pairs], 1))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _all(values: list[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "not reached" if values else "-"
    shown = ", ".join("not" if value is None else f"{value:.{digits}f}" for value in values)
    if len(known) < len(values):
        return f"({shown})"
    return f"{statistics.median(known):.{digits}f} ({shown})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arms", nargs="*", metavar="ARM")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--levels", type=float, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=Path("quality.jsonl"))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GANATOMY_DATA", "data")))
    parser.add_argument("--json", action="store_true", help="the lines of --out as one JSON list")
    options = parser.parse_args()
    options.data = options.data.absolute()
    run(options)
    found = measured(options.out)
    print(json.dumps(found) if options.json else table(found, options.levels))


if __name__ == "__main__":
    main()
