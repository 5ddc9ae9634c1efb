"""Training by 1 and by 2 processes: images a second, and what of the time the exchange of gradients takes.

Run as `python benchmarks/scaling.py [--recipes gan,dcgan,wgan] [--rounds 5] [--updates 60] [--json]`; MNIST where
GANATOMY_DATA names it, else `--data digits`. Each measurement is a training of its own under torchrun, with gloo and one
torch thread a process, on the same global batch. In every round all take turns, so that a machine that slows down slows
them all; a speed-up is of two trainings of one round. It asks for as many cores as processes, and nobody else on them.

What is timed are updates (`Trainer.train_step`), without the first ones; log lines, samples and checkpoints are not.
`exchange` is the time spent in `Group.sum`, in percent of the updates' time. Whoever comes first waits there for the
others, so of each exchange the shortest time in any process is the exchange itself: `without waiting`.
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
from importlib.metadata import version
from pathlib import Path
from typing import Any

WARM_UP = 5
"""Updates that are not timed: the first ones allocate memory and choose kernels."""


def train(given: dict[str, Any]) -> None:
    """In each process: a training by the usual way, with clocks; into RANK.json of its folder what they showed."""
    import torch

    import ganatomy
    from ganatomy.distributed import Group
    from ganatomy.training.trainer import Trainer

    updates: list[float] = []
    drawn: list[int] = []
    sums: list[list[float]] = []
    sent: list[int] = []
    inside = False
    train_step, add = Trainer.train_step, Group.sum

    def timed_step(trainer: Trainer) -> Any:
        nonlocal inside
        sums.append([])
        sent.append(0)
        inside = True
        started = time.perf_counter()
        outcome = train_step(trainer)
        updates.append(time.perf_counter() - started)
        inside = False
        drawn.append(trainer.timeline.images(trainer.update))
        return outcome

    def timed_sum(group: Group, tensor: torch.Tensor) -> torch.Tensor:
        started = time.perf_counter()
        summed = add(group, tensor)
        if inside and group.size > 1:
            sums[-1].append(time.perf_counter() - started)
            sent[-1] += tensor.numel() * tensor.element_size()
        return summed

    Trainer.train_step, Group.sum = timed_step, timed_sum  # type: ignore[method-assign]
    torch.set_num_threads(1)
    run = Path(given["folder"], "run")
    ganatomy.train(given["recipe"], *given["settings"], f"out={run}")
    found = {
        "updates": updates[WARM_UP:],
        "images": drawn[-1] - drawn[WARM_UP - 1],
        "sums": sums[WARM_UP:],
        "bytes": statistics.mean(sent[WARM_UP:]),
    }
    Path(given["folder"], f"{os.environ['RANK']}.json").write_text(json.dumps(found))


def measure_once(recipe: str, processes: int, settings: list[str]) -> dict[str, Any]:
    """One training by that many processes."""
    with tempfile.TemporaryDirectory() as folder:
        given = json.dumps({"recipe": recipe, "settings": settings, "folder": folder})
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
        command += [str(Path(__file__).resolve()), "--job", given]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        if done.returncode:
            sys.exit(f"a training failed:\n{done.stdout}{done.stderr}")
        ranks = [json.loads(Path(folder, f"{rank}.json").read_text()) for rank in range(processes)]
    seconds = [sum(rank["updates"]) for rank in ranks]
    exchange = [sum(map(sum, rank["sums"])) for rank in ranks]
    alone = sum(
        min(times) for step in zip(*(rank["sums"] for rank in ranks), strict=True) for times in zip(*step, strict=True)
    )
    return {
        "images_per_second": ranks[0]["images"] / seconds[0],
        "update_milliseconds": 1000 * statistics.median(ranks[0]["updates"]),
        "exchange_share": [spent / total for spent, total in zip(exchange, seconds, strict=True)],
        "exchange_share_without_waiting": alone / seconds[0],
        "exchanges_per_update": len(ranks[0]["sums"][0]),
        "bytes_per_update": ranks[0]["bytes"],
    }


def measure(options: argparse.Namespace) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """{recipe: {processes: a measurement each round}}."""
    settings = [f"data={options.data}", f"train.batch={options.batch}", f"train.updates={options.updates + WARM_UP}"]
    settings += ["train.evaluate_every=0", "train.milestones=[0]", *options.setting]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for _ in range(options.rounds):
        for recipe in options.recipes.split(","):
            for processes in options.processes:
                once = measure_once(recipe, processes, settings)
                found.setdefault(recipe, {}).setdefault(str(processes), []).append(once)
    return found


def summary(rounds: list[dict[str, Any]], first: list[dict[str, Any]]) -> dict[str, Any]:
    """Min, median and max over the rounds; the speed-up against the first number of processes in the same round."""

    def spread(values: list[float]) -> list[float]:
        return [min(values), statistics.median(values), max(values)]

    return {
        "images_per_second": spread([one["images_per_second"] for one in rounds]),
        "speed_up": spread(
            [one["images_per_second"] / base["images_per_second"] for one, base in zip(rounds, first, strict=True)]
        ),
        "update_milliseconds": spread([one["update_milliseconds"] for one in rounds]),
        "exchange_share": [spread(list(rank)) for rank in zip(*(one["exchange_share"] for one in rounds), strict=True)],
        "exchange_share_without_waiting": spread([one["exchange_share_without_waiting"] for one in rounds]),
        "exchanges_per_update": rounds[0]["exchanges_per_update"],
        "bytes_per_update": rounds[0]["bytes_per_update"],
    }


def table(rows: dict[str, dict[str, dict[str, Any]]]) -> str:
    head = [
        "",
        "processes",
        "images/s",
        "speed-up",
        "ms/update",
        "exchange %, by rank",
        "without waiting",
        "MB/update, exchanges",
    ]
    widths = [8, 11, 24, 20, 24, 24, 18, 24]
    lines = ["".join(name.rjust(width) for name, width in zip(head, widths, strict=True))]
    for recipe, by_processes in rows.items():
        for processes, row in by_processes.items():
            shares = " ".join(f"{100 * rank[1]:.1f}" for rank in row["exchange_share"])
            megabytes = f"{row['bytes_per_update'] / 1e6:.2f} in {row['exchanges_per_update']}"
            cells = [
                recipe,
                processes,
                spelled(row["images_per_second"], 0),
                spelled(row["speed_up"], 2),
                spelled(row["update_milliseconds"], 1),
                shares,
                f"{100 * row['exchange_share_without_waiting'][1]:.1f}",
                megabytes,
            ]
            lines.append("".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)))
    return "\n".join(lines)


def spelled(spread: list[float], digits: int) -> str:
    return " ".join(f"{value:,.{digits}f}" for value in spread)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", default="gan,dcgan,wgan", help="with commas between them")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="the first is what others are held to")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--batch", type=int, default=128, help="images in the global batch")
    parser.add_argument("--updates", type=int, default=60, help=f"that are timed, after {WARM_UP} that are not")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--setting", action="append", default=[], help="of the runs, as in train.batchnorm=local; more than once"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        train(json.loads(options.job))
        return
    found = measure(options)
    rows = {
        recipe: {
            processes: summary(rounds, by_processes[str(options.processes[0])])
            for processes, rounds in by_processes.items()
        }
        for recipe, by_processes in found.items()
    }
    if options.json:
        settings = {name: value for name, value in vars(options).items() if name != "job"}
        versions = {"torch": version("torch"), "ganatomy": version("ganatomy"), "cores": os.cpu_count()}
        print(json.dumps({"settings": settings, **versions, "rows": rows, "rounds": found}, indent=2))
    else:
        print("min, median and max over the rounds; one value: the median")
        print(table(rows))


if __name__ == "__main__":
    main()
