"""What watching costs: the lab's loop in plain PyTorch with and without `ganatomy.watch`, block by block in turns.

    GANATOMY_DATA=../shared/data python benchmarks/watch_cost.py dcgan --blocks 8 [--record]

Two loops train side by side, 25 updates of the one and then 25 of the other. Each block of the watched
loop has one look. The first blocks, in which every iteration is looked at until each network has stepped ten times, are a
line of their own. With OMP_NUM_THREADS=1 the clock is the CPU time of the process. With `--record` the watched loop is a
run folder as well: the first update then makes the folder, and every quarter draws, scores and saves; what these and the end
take is shown in seconds, for it does not grow with the loop.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import plain
import torch

import ganatomy

EVERY = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", choices=plain.SYSTEMS)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GANATOMY_DATA", "data")))
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    images = plain.mnist(arguments.data)
    alone, watched = (plain.PlainLoop(arguments.system, images) for _ in range(2))
    steps = alone.steps(), watched.steps()
    total = EVERY * (arguments.blocks + 1)
    folder = tempfile.TemporaryDirectory()
    recording = {"out": Path(folder.name) / "run", "data": "mnist", "total_steps": total} if arguments.record else {}
    networks = watched.generator, watched.discriminator, watched.optim_g, watched.optim_d
    watch = ganatomy.watch(*networks, every=EVERY, **recording)
    milestones = {1, *(int(total * quarter / 4 + 0.5) for quarter in (1, 2, 3, 4))} if arguments.record else set()
    moments: list[float] = []
    seconds: tuple[list[float], list[float]] = [], []
    for block in range(arguments.blocks + 1):
        # Whoever comes second finds a warmer processor.
        for which in (0, 1) if block % 2 else (1, 0):
            started, apart = clock(), 0.0
            for step in range(EVERY):
                next(steps[which])
                if which == 1:
                    began = clock()
                    watch.step(loss_D=1.0, loss_G=2.0)
                    if EVERY * block + step + 1 in milestones:
                        moments.append(clock() - began)
                        apart += moments[-1]
            seconds[which].append(clock() - started - apart)
    began = clock()
    watch.close()
    moments.append(clock() - began)
    print(f"{arguments.system}, {torch.get_num_threads()} threads, ms an update: alone, watched, ratio")
    for name, part in ("the first 25 updates", slice(0, 1)), ("later ones", slice(1, None)):
        a, b = (1e3 * statistics.median(each[part]) / EVERY for each in seconds)
        ratios = sorted(y / x for x, y in zip(seconds[0][part], seconds[1][part], strict=True))
        print(f"{name}: {a:.1f}, {b:.1f}, {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})")
    if arguments.record:
        quarters = ", ".join(f"{moment:.2f}" for moment in moments[1:-1])
        print(
            f"recording: s at the first update {moments[0]:.2f}, at the quarters {quarters}, at the end {moments[-1]:.2f}"
        )
    print(f"findings: {[each.name for each in watch.diagnose()]}")


if __name__ == "__main__":
    main()
