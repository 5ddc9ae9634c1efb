"""Memory and waiting time of a training on a folder of pictures that is larger than memory may be.

Run as `python benchmarks/folder.py [--n 200000] [--recipe dcgan] [--updates 30] [--cold] [--json]`, on Linux. It makes n
JPEG files of smooth random colours, decodes them as `data=folder` does, and trains on them. Everything that is measured
runs in a process of its own. The same training on as few pictures as make a batch, `small`, tells what of the memory is
torch's and the networks', and none of the data's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

A_SUBFOLDER = 1000
WARM_UP = 3
"""Updates that are not timed: the first ones allocate memory and choose kernels."""
MEMORY = ("RssAnon", "RssFile", "VmRSS")
"""What /proc/self/status calls the process's own memory, mapped files that are resident, and their sum."""


def make_pictures(root: Path, n: int, size: int, seed: int) -> None:
    """n JPEG files, 1,000 in a sub-folder; a sub-folder that has its files is left alone."""
    for start in range(0, n, A_SUBFOLDER):
        folder = root / f"{start // A_SUBFOLDER:04d}"
        count = min(A_SUBFOLDER, n - start)
        if folder.is_dir() and len(list(folder.iterdir())) == count:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng([seed, start]).integers(0, 256, (count, 6, 6, 3), dtype=np.uint8)
        for index, colours in enumerate(coarse):
            picture = Image.fromarray(colours).resize((size, size), Image.Resampling.BICUBIC)
            picture.save(folder / f"{index:03d}.jpg", quality=80)


def memory() -> dict[str, float]:
    """Of this process now, in MiB, and its peak so far (VmHWM)."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {line[0][:-1]: int(line[1]) / 1024 for line in lines if line[0][:-1] in (*MEMORY, "VmHWM")}


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """The highest values that are seen, 100 times a second; VmHWM is the kernel's own peak and misses nothing."""
    highest = memory()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            for name, value in memory().items():
                highest[name] = max(highest[name], value)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield highest
    finally:
        done.set()
        watcher.join()
        highest["VmHWM"] = memory()["VmHWM"]


def decode(source: list[str]) -> dict[str, Any]:
    """The pictures into the cache, or out of it if they are there."""
    from ganatomy.config import recipe

    with watched() as highest:
        started = time.perf_counter()
        dataset = recipe.source(["folder", *source]).load()
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "memory": highest, "images": len(dataset), "file": str(dataset.images.filename)}


def train(options: dict[str, Any]) -> dict[str, Any]:
    """A training by the usual way, with a clock around what gives the real images."""
    import torch

    import ganatomy
    from ganatomy.callbacks import Callback, Scores, Step
    from ganatomy.training.batches import Batches

    waits: list[float] = []
    steps: list[float] = []
    evaluations: list[float] = []
    real = Batches.real

    def timed(self: Batches, *words: Any) -> torch.Tensor:
        started = time.perf_counter()
        batch = real(self, *words)
        waits.append(time.perf_counter() - started)
        return batch

    class Clock(Callback):
        """`on_step` comes right before an evaluation, `on_scores` right after."""

        def on_step(self, event: Step) -> None:
            self.at = time.perf_counter()
            steps.append(event.seconds)

        def on_scores(self, event: Scores) -> None:
            evaluations.append(time.perf_counter() - self.at)

    Batches.real = timed  # type: ignore[method-assign]
    imported = memory()
    with watched() as highest:
        started = time.perf_counter()
        ganatomy.train(options["recipe"], *options["settings"], callbacks=[Clock()])
        seconds = time.perf_counter() - started
    step_seconds = np.diff([0.0, *steps])[WARM_UP:]
    a_step = len(waits) // len(steps)
    wait_seconds = np.reshape(waits[: a_step * len(steps)], (-1, a_step)).sum(axis=1)[WARM_UP:]
    return {
        "seconds": seconds,
        "threads": torch.get_num_threads(),
        "imported": imported,
        "memory": highest,
        "step_milliseconds": statistics.median(step_seconds) * 1000,
        "wait_milliseconds": statistics.median(wait_seconds) * 1000,
        "wait_milliseconds_longest": max(wait_seconds) * 1000,
        "wait_share": float(wait_seconds.sum() / step_seconds.sum()),
        "evaluation_seconds": evaluations,
    }


JOBS = {"decode": decode, "train": train}


def apart(job: str, given: Any, home: Path) -> Any:
    """What a job returns that runs in a fresh process, with a cache of its own in `home`."""
    command = [sys.executable, str(Path(__file__).resolve()), "--job", job, json.dumps(given)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(home / "cache")}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=home, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def forget(file: Path) -> None:
    """Asks the kernel to drop a file from its cache, so that it is read from the disk."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
        os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(options: argparse.Namespace, home: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    sets = {"all": options.n, "small": min(options.n, options.batch)}
    sources = {}
    for name, n in sets.items():
        root = home / f"pictures-{n}-{options.size}-{options.seed}"
        started = time.perf_counter()
        make_pictures(root, n, options.size, options.seed)
        sources[name] = [f"data.path={root}", f"data.size={options.size}"]
        found[name] = {"making_seconds": time.perf_counter() - started}
    for name in sets:
        found[name]["first"] = apart("decode", sources[name], home)
        found[name]["again"] = apart("decode", sources[name], home)
        found[name]["megabytes"] = Path(found[name]["again"]["file"]).stat().st_size / 1e6
    settings = [f"train.batch={options.batch}", f"train.updates={options.updates}"]
    settings += [f"train.evaluate_every={options.evaluate_every}", *options.setting]
    for name in sets:
        if options.cold:
            forget(Path(found[name]["again"]["file"]))
        given = {"recipe": options.recipe, "settings": ["data=folder", *sources[name], *settings]}
        found[name]["training"] = apart("train", given, home)
    return found


def table(found: dict[str, Any]) -> str:
    rows: dict[str, list[float]] = {}
    for part in found.values():
        training = part["training"]
        values = {
            "pictures": part["again"]["images"],
            "decoded pixels, MB": part["megabytes"],
            "making the files, s": part["making_seconds"],
            "decoding them, s": part["first"]["seconds"],
            "finding them decoded, s": part["again"]["seconds"],
            "peak while decoding, MiB": part["first"]["memory"]["VmHWM"],
            "peak while finding, MiB": part["again"]["memory"]["VmHWM"],
            "training: peak, MiB": training["memory"]["VmHWM"],
            "training: own memory, MiB": training["memory"]["RssAnon"],
            "training: mapped files, MiB": training["memory"]["RssFile"],
            "once imported: all, MiB": training["imported"]["VmRSS"],
            "a step, ms": training["step_milliseconds"],
            "its wait for images, ms": training["wait_milliseconds"],
            "longest wait, ms": training["wait_milliseconds_longest"],
            "share of waiting, %": 100 * training["wait_share"],
            "first evaluation, s": (training["evaluation_seconds"] or [0.0])[0],
            "last evaluation, s": (training["evaluation_seconds"] or [0.0])[-1],
        }
        for name, value in values.items():
            rows.setdefault(name, []).append(value)
    return "\n".join(f"{name:30}" + "".join(f"{value:12,.{digits(value)}f}" for value in rows[name]) for name in rows)


def digits(value: float) -> int:
    return 2 if value < 100 and value != int(value) else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=200_000, help="pictures")
    parser.add_argument("--size", type=int, default=64, help="their height and width")
    parser.add_argument("--seed", type=int, default=0, help="of the pictures")
    parser.add_argument(
        "--folder", type=Path, help="where pictures and cache are made and stay; unset: removed at the end"
    )
    parser.add_argument("--recipe", default="dcgan")
    parser.add_argument(
        "--setting", action="append", default=[], help="of the run, as in model.hidden=512; more than once"
    )
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--updates", type=int, default=30)
    parser.add_argument("--evaluate-every", type=int, default=15, help="updates between two evaluations; 0: none")
    parser.add_argument(
        "--cold", action="store_true", help="let the kernel forget the decoded file before the training"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--job", nargs=2, metavar=("NAME", "GIVEN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        name, given = options.job
        print(json.dumps(JOBS[name](json.loads(given))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        home = options.folder.resolve() if options.folder else Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        found = measure(options, home)
    if options.json:
        settings = {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()}
        print(json.dumps({"settings": settings, "found": found}, indent=2))
    else:
        print(table(found))


if __name__ == "__main__":
    main()
