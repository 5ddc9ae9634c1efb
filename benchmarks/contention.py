"""How fast training is on a machine that does other things too.

    python benchmarks/contention.py [RECIPE ...] [--rounds 3] [--seconds 6] [--json]

Each recipe trains beside no, one and two programs that keep a core busy each, with the threads that `train.threads=auto`
chooses and with as many as torch takes, in turns: a round is one run of each, in a process of its own, beside programs
of its own. Written are the medians over the rounds, in milliseconds an update.

`share` is how much of its fair share of the processor a run makes use of. Fair is 1 / (1 + busy programs) of what torch's
number of threads does on the quiet machine. It passes 100 % where the system gives a program with two threads more than
one program's part, or where one thread wastes less than two.

Your own OMP_NUM_THREADS, GOMP_SPINCOUNT or OMP_WAIT_POLICY is used, and nothing is chosen then: unset them for this.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RECIPES = ("gan", "dcgan", "dcgan-fast", "wgan")
LOADS = (0, 1, 2)
WARM_UP = 5
"""Updates that are not timed: the first ones allocate memory and choose kernels."""


@contextmanager
def busy(programs: int) -> Iterator[None]:
    """That many programs beside this one which only compute."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)]
    try:
        yield
    finally:
        for program in running:
            program.kill()
            program.wait()


def measured(recipe: str, threads: str, seconds: float) -> dict[str, Any]:
    """One training in a process of its own: its threads, and its milliseconds an update."""
    words = [sys.executable, __file__, recipe, "--one", threads, "--seconds", str(seconds)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(recipe: str, threads: str, seconds: float) -> dict[str, Any]:
    """Train in this process, as `ganatomy train` does, without quick evaluations."""
    import torch

    import ganatomy
    from ganatomy.callbacks import Callback
    from ganatomy.runs.events import Step

    class Clock(Callback):
        def __init__(self) -> None:
            self.times: list[float] = []
            self.threads = 0

        def on_step(self, event: Step) -> None:
            self.times.append(time.perf_counter())
            self.threads = torch.get_num_threads()

    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"seconds": seconds, "threads": threads, "evaluate_every": 0, "milestones": (100,)}
        ganatomy.train(recipe, data="digits", train=settings, out=Path(folder) / "run", callbacks=[clock])
    timed = clock.times[WARM_UP:]
    return {"threads": clock.threads, "milliseconds": 1000 * (timed[-1] - timed[0]) / (len(timed) - 1)}


def table(recipes: list[str], rounds: int, seconds: float) -> list[dict[str, Any]]:
    """A row for each recipe and load."""
    rows = []
    whole = str(len(os.sched_getaffinity(0)))
    for recipe in recipes:
        quiet = 0.0
        for load in LOADS:
            found: dict[str, list[dict[str, Any]]] = {"auto": [], whole: []}
            for turn in range(rounds):
                for threads in list(found)[:: 1 if turn % 2 else -1]:
                    with busy(load):
                        time.sleep(0.5)
                        found[threads].append(measured(recipe, threads, seconds))
            median = {name: statistics.median(each["milliseconds"] for each in found[name]) for name in found}
            if load == 0:
                quiet = median[whole]
            rows.append(
                {
                    "recipe": recipe,
                    "busy": load,
                    "threads": sorted({each["threads"] for each in found["auto"]}),
                    "auto": median["auto"],
                    "all": median[whole],
                    "share": quiet * (1 + load) / median["auto"],
                    "share_all": quiet * (1 + load) / median[whole],
                }
            )
            print(line(rows[-1]), flush=True)
    return rows


def line(row: dict[str, Any]) -> str:
    threads = "/".join(map(str, row["threads"]))
    return (
        f"{row['recipe']:12} {row['busy']:4} {threads:>8} {row['auto']:10.1f} {row['share']:8.0%} "
        f"{row['all']:12.1f} {row['share_all']:8.0%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=RECIPES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.recipes[0], given.one, given.seconds)))
        return
    print(f"{'recipe':12} {'busy':>4} {'threads':>8} {'auto, ms':>10} {'share':>8} {'all, ms':>12} {'share':>8}")
    rows = table(list(given.recipes), given.rounds, given.seconds)
    if given.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
