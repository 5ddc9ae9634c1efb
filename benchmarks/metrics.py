"""Time and memory of the metrics against torchmetrics and prdc, on the same arrays in one run.

Run as `python benchmarks/metrics.py [--n 10000] [--d 64] [--rounds 5] [--json]`. In every round all contenders take
turns, so that a machine that slows down slows them all; a ratio is of two times of the same round. Memory is the growth
of the peak over what was resident before the computation, each contender in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import prdc as authors
import torch
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from ganatomy.metrics import bootstrap, frechet, kernel, novelty, prdc

Work = Callable[[np.ndarray, np.ndarray], object]
REPLICATES = 200


class Identity(torch.nn.Module):
    """For torchmetrics: the features are the input."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.num_features = dimensions

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features


def updated(metric: torch.nn.Module, real: np.ndarray, fake: np.ndarray) -> object:
    """torchmetrics' value in float64."""
    metric.set_dtype(torch.float64)
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(fake), real=False)
    return metric.compute()


def subset_size(real: np.ndarray) -> int:
    return min(1000, len(real) - 1)


def torchmetrics_fid(real: np.ndarray, fake: np.ndarray) -> object:
    return updated(FrechetInceptionDistance(feature=Identity(real.shape[1])), real, fake)


def torchmetrics_kid(real: np.ndarray, fake: np.ndarray) -> object:
    size = subset_size(real)
    return updated(KernelInceptionDistance(feature=Identity(real.shape[1]), subsets=100, subset_size=size), real, fake)


def authors_prdc(real: np.ndarray, fake: np.ndarray) -> object:
    with contextlib.redirect_stdout(io.StringIO()):
        return authors.compute_prdc(real, fake, nearest_k=5)


def drawn(function: Callable[[np.ndarray, np.ndarray, np.ndarray], object]) -> Work:
    """With the replicates of an interval."""
    return lambda real, fake: function(real, fake, bootstrap.draws(len(fake), REPLICATES, 0))


def nearest_pixels(real: np.ndarray, fake: np.ndarray) -> object:
    """n queries of 784 pixels against 6 n training images; of the arrays only the size counts."""
    generator = np.random.default_rng(0)
    queries = generator.integers(0, 256, (len(fake), 784), dtype=np.uint8)
    return novelty.nearest_two(queries, generator.integers(0, 256, (6 * len(real), 784), dtype=np.uint8))


@dataclass(frozen=True)
class Contender:
    """One line of the table."""

    work: Work
    against: str | None = None
    """Whose time is divided by this one's."""


CONTENDERS = {
    "torchmetrics FID": Contender(torchmetrics_fid),
    "FID": Contender(frechet.frechet_distance, "torchmetrics FID"),
    f"FID, {REPLICATES} replicates": Contender(drawn(frechet.replicates), "torchmetrics FID"),
    "torchmetrics KID, subsets": Contender(torchmetrics_kid),
    "KID, subsets": Contender(
        lambda real, fake: kernel.subset_kernel_distance(real, fake, 100, subset_size(real)),
        "torchmetrics KID, subsets",
    ),
    "KID, all pairs": Contender(kernel.kernel_distance, "torchmetrics KID, subsets"),
    f"KID, {REPLICATES} replicates": Contender(drawn(kernel.replicates), "torchmetrics KID, subsets"),
    "prdc 0.2": Contender(authors_prdc),
    "PRDC": Contender(prdc.prdc, "prdc 0.2"),
    f"PRDC, {REPLICATES} replicates": Contender(drawn(prdc.prdc_with_replicates), "prdc 0.2"),
    "nearest two, 784 pixels": Contender(nearest_pixels),
}


def arrays(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Real and fake features, n x d each."""
    generator = np.random.default_rng(0)
    return generator.standard_normal((n, d)), generator.standard_normal((n, d)) * 1.02 + 0.05


def seconds(work: Work, real: np.ndarray, fake: np.ndarray) -> float:
    start = time.perf_counter()
    work(real, fake)
    return time.perf_counter() - start


def grown_mebibytes(name: str, n: int, d: int) -> float:
    """Peak memory growth of one contender in a fresh process."""
    command = [sys.executable, __file__, "--n", str(n), "--d", str(d), "--memory-of", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def memory_of(name: str, n: int, d: int) -> float:
    """The growth in this process, in MiB; a small run first loads what is loaded lazily."""
    CONTENDERS[name].work(*arrays(max(2 * d, 50), d))
    real, fake = arrays(n, d)
    # Linux counts in KiB. The peak so far stands for what is resident: the small run hardly exceeded it.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    CONTENDERS[name].work(real, fake)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def measure(n: int, d: int, rounds: int) -> dict[str, dict[str, object]]:
    # Memory first: a process starts with the peak of the one that started it, which must not have computed by then.
    memory = {name: grown_mebibytes(name, n, d) for name in CONTENDERS}
    real, fake = arrays(n, d)
    small = arrays(max(2 * d, 50), d)
    for contender in CONTENDERS.values():
        contender.work(*small)
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name, contender in CONTENDERS.items():
            times[name].append(seconds(contender.work, real, fake))
    rows: dict[str, dict[str, object]] = {}
    for name, contender in CONTENDERS.items():
        ratios = (
            [a / b for a, b in zip(times[contender.against], times[name], strict=True)] if contender.against else []
        )
        rows[name] = {
            "seconds_min": min(times[name]),
            "seconds_median": statistics.median(times[name]),
            "against": contender.against,
            "times_faster": [min(ratios), statistics.median(ratios), max(ratios)] if ratios else None,
            "peak_mebibytes": memory[name],
        }
    return rows


def table(rows: dict[str, dict[str, object]]) -> str:
    lines = [
        f"{'':28}{'s, min':>9}{'s, median':>11}{'times faster than':>28}{'min':>8}{'median':>8}{'max':>8}{'MiB':>8}"
    ]
    for name, row in rows.items():
        ratios = row["times_faster"]
        middle = [
            row["against"] or "",
            *([f"{ratio:.2f}" for ratio in ratios] if isinstance(ratios, list) else [""] * 3),
        ]
        lines.append(
            f"{name:28}{row['seconds_min']:9.2f}{row['seconds_median']:11.2f}{middle[0]:>28}"
            f"{middle[1]:>8}{middle[2]:>8}{middle[3]:>8}{row['peak_mebibytes']:8.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000, help="images of each kind")
    parser.add_argument("--d", type=int, default=64, help="features of each image")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--memory-of", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.filterwarnings("ignore", message="Metric `Kernel Inception Distance` will save")
    if options.memory_of:
        print(memory_of(options.memory_of, options.n, options.d))
        return
    rows = measure(options.n, options.d, options.rounds)
    if options.json:
        settings = {"n": options.n, "d": options.d, "rounds": options.rounds}
        threads = {"torch": torch.get_num_threads(), "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS")}
        print(json.dumps({"settings": settings, "threads": threads, "rows": rows}, indent=2))
    else:
        print(table(rows))


if __name__ == "__main__":
    main()
