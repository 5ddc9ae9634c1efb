"""How fast training is: the lab's loop as a student writes it, and ganatomy's trainer, in turns in one process.

    python benchmarks/throughput.py dcgan [--rounds 5] [--precision auto|fp32|bf16] [--set KEY=VALUE ...] [--json]

`plain` is benchmarks/plain.py: PyTorch's DataLoader over PIL images, BCELoss, `.item()` each step. `ours` is the trainer
as `ganatomy train` runs it, with history, TensorBoard and the lab's lines, but without quick evaluations and
checkpoints, which the plain loop has none of. Both have the same MNIST images, networks, batch and number of threads. A
round is a few seconds of each, and gives one ratio; so what else the machine does in the meantime meets both. `--set`
changes settings of ours. `--data FOLDER` holds MNIST as torchvision lays it out; unset, it is $GANATOMY_DATA.

`share of the GEMM peak`: floating-point operations that an update needs (forward and backward; D's weights without
gradients in G's step), by its time, by what a product of two 2048 x 2048 matrices reaches here in the same run. Peak
memory and the time from a start to the first update are measured in processes of their own. `--profile` instead shows
which of torch's operations our updates spend their time in.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import plain

WARM_UP = 5
"""Steps that are not timed: the first ones allocate memory and choose kernels."""
ROUND_SECONDS = 3.0
"""About how long each of the two runs in a round."""
MEMORY_STEPS = 30
PHASES = plain.PlainLoop.PHASES


class Clock:
    """Time by phase; each second counts once, for the phase entered last."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)
        self._inside = ["logging"]
        self._since = time.perf_counter()

    def start(self) -> None:
        """Forget the time since the last charge."""
        self._since = time.perf_counter()

    def charge(self) -> None:
        now = time.perf_counter()
        self.seconds[self._inside[-1]] += now - self._since
        self._since = now

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self.charge()
        self._inside.append(name)
        try:
            yield
        finally:
            self.charge()
            self._inside.pop()

    def watch(self, owner: Any, method: str, name: str) -> None:
        """Charge the calls of a method to a phase."""
        original = getattr(owner, method)

        def watched(*arguments: Any, **keywords: Any) -> Any:
            with self.phase(name):
                return original(*arguments, **keywords)

        setattr(owner, method, watched)


class Ours:
    """ganatomy's trainer, an update at a time."""

    def __init__(self, options: argparse.Namespace, out: Path) -> None:
        from ganatomy.callbacks.progress import ProgressLines
        from ganatomy.callbacks.tensorboard import TensorBoard
        from ganatomy.config import recipe, tree
        from ganatomy.config.resolve import resolve
        from ganatomy.runs.folder import RunFolder
        from ganatomy.training.trainer import Trainer

        settings: dict[str, Any] = {
            "data": "mnist",
            "data.dir": str(options.data),
            "train.precision": options.precision,
            "train.evaluate_every": "0",
            "train.checkpoint_every": "1000000",
            "train.milestones": [0, 100],
            "out": str(out),
            **recipe.words(options.changes),
        }
        config = recipe.load(options.recipe, settings)
        dataset = config.data.load()
        config, resolved = resolve(config, dataset)
        run = RunFolder.create(config, out.parent)
        run.write_config(tree(config), resolved.tree())
        self.trainer = Trainer(config, resolved, dataset, run, [ProgressLines(), TensorBoard(None)])
        self.precision = config.train.precision
        self.clock = Clock()
        objective, players = config.objective, self.trainer.players
        self.clock.watch(self.trainer, "train_step", "D step")
        self.clock.watch(self.trainer.batches, "real", "data")
        self.clock.watch(type(objective), "constrain", "optimiser")
        for player in (players.generator, players.discriminator):
            self.clock.watch(player.optimizer, "step", "optimiser")
        frozen = players.discriminator.frozen

        @contextlib.contextmanager
        def generators_step() -> Iterator[None]:
            with self.clock.phase("G step"), frozen():
                yield

        players.discriminator.frozen = generators_step
        self.trainer._begin()

    def step(self) -> None:
        self.trainer._advance()


def timed(step: Callable[[], object], count: int) -> float:
    """Seconds a step; what is printed meanwhile goes nowhere."""
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for _ in range(count):
            step()
    return (time.perf_counter() - started) / count


def gemm_gflops(dtype: Any) -> float:
    """GFLOP/s of a product of two 2048 x 2048 matrices, the best of five."""
    import torch

    side = 2048
    one, other = (torch.randn(side, side).to(dtype) for _ in range(2))
    one @ other
    return max(2 * side**3 / timed(lambda: one @ other, 1) / 1e9 for _ in range(5))


def processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    import torch

    from ganatomy.config.precision import has_fast_bf16

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "bf16": has_fast_bf16("cpu"),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def peak_memory_mib() -> float:
    """This process's highest resident memory, Linux."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def alone(kind: str, options: argparse.Namespace) -> float:
    """Peak memory, MiB, of a process that only trains one of the two, for some steps."""
    command = [sys.executable, __file__, options.recipe, "--alone", kind, "--precision", options.precision]
    command += ["--data", str(options.data), "--set", *options.changes]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.splitlines()[-1])


def run_alone(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as out:
        if options.alone == "plain":
            steps = plain.PlainLoop(options.recipe, plain.mnist(options.data)).steps()
            timed(lambda: next(steps), MEMORY_STEPS)
        else:
            timed(Ours(options, Path(out, "run")).step, MEMORY_STEPS)
    print(peak_memory_mib())


def seconds_to_first_step(options: argparse.Namespace) -> float:
    """From the start of `ganatomy train` to the line of its first update."""
    with tempfile.TemporaryDirectory() as out:
        words = ["data=mnist", f"data.dir={options.data}", "train.updates=1", "train.log_every=1", f"out={out}/run"]
        words += [f"train.precision={options.precision}", *options.changes]
        command = [sys.executable, "-m", "ganatomy", "train", options.recipe, *words]
        started = time.perf_counter()
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            if line.startswith("Epoch"):
                seconds = time.perf_counter() - started
                process.communicate()
                return seconds
            said.append(line)
    raise SystemExit(f"{' '.join(command)} made no update:\n{''.join(said)}")


def spread(values: list[float]) -> dict[str, float]:
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    import torch

    with tempfile.TemporaryDirectory() as out:
        theirs = plain.PlainLoop(options.recipe, plain.mnist(options.data))
        steps = theirs.steps()
        ours = Ours(options, Path(out, "run"))
        turns: dict[str, Callable[[], object]] = {"plain": lambda: next(steps), "ours": ours.step}
        for step in turns.values():
            timed(step, WARM_UP)
        counts = {name: max(3, round(ROUND_SECONDS / timed(step, 3))) for name, step in turns.items()}
        dtypes = {"fp32": torch.float32, "bf16": torch.bfloat16}
        peaks = dict.fromkeys(dtypes, 0.0)
        seconds: dict[str, list[float]] = {name: [] for name in turns}
        before = {"plain": dict(theirs.seconds), "ours": dict(ours.clock.seconds)}
        done = dict.fromkeys(turns, 0)
        for number in range(options.rounds):
            for name in sorted(turns, reverse=bool(number % 2)):
                ours.clock.start()
                seconds[name].append(timed(turns[name], counts[name]))
                done[name] += counts[name]
                if name == "ours":
                    ours.clock.charge()
            peaks = {name: max(peaks[name], gemm_gflops(dtype)) for name, dtype in dtypes.items()}
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
    phases = {
        name: {phase: 1e3 * (clock[phase] - before[name][phase]) / done[name] for phase in PHASES}
        for name, clock in (("plain", theirs.seconds), ("ours", ours.clock.seconds))
    }
    flops = plain.needed_flops(options.recipe)
    result: dict[str, Any] = {
        "recipe": options.recipe,
        "precision": ours.precision,
        "settings": options.changes,
        "machine": machine(),
        "rounds": options.rounds,
        "gemm_gflops": peaks,
        "gflop_an_update": flops / 1e9,
    }
    for name, times in seconds.items():
        typical = statistics.median(times)
        result[name] = {
            "images_per_second": plain.BATCH / typical,
            "ms_a_step": {key: 1e3 * value for key, value in spread(times).items()},
            "gemm_share": {dtype: flops / typical / 1e9 / peak for dtype, peak in peaks.items()},
            "peak_memory_mib": alone(name, options),
            "phases_ms": phases[name],
        }
    result["ratio"] = spread([a / b for a, b in zip(seconds["plain"], seconds["ours"], strict=True)])
    result["gemm_share"] = result["ours"]["gemm_share"][ours.precision]
    result["peak_memory_mib"] = {name: result[name]["peak_memory_mib"] for name in turns}
    result["seconds_to_first_step"] = spread([seconds_to_first_step(options) for _ in range(3)])
    return result


def profile(options: argparse.Namespace, steps: int = 20) -> str:
    """Milliseconds an update in each of torch's operations, the largest first."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiler

    with tempfile.TemporaryDirectory() as out:
        ours = Ours(options, Path(out, "run"))
        timed(ours.step, WARM_UP)
        with profiler(activities=[ProfilerActivity.CPU]) as found:
            timed(ours.step, steps)
    times = {event.key: event.self_cpu_time_total / steps / 1e3 for event in found.key_averages()}
    total = sum(times.values())
    lines = [
        f"{options.recipe} in {ours.precision}: {total:.1f} ms an update, the profiler's own cost included",
        "",
        "| operation | ms | share |",
        "|---|---|---|",
    ]
    largest = sorted(times, key=lambda name: -times[name])[:14]
    lines += [f"| `{name}` | {times[name]:.2f} | {100 * times[name] / total:.0f} % |" for name in largest]
    rest = total - sum(times[name] for name in largest)
    return "\n".join([*lines, f"| all others | {rest:.2f} | {100 * rest / total:.0f} % |"])


def table(result: dict[str, Any]) -> str:
    facts, both = result["machine"], ("plain", "ours")
    peaks = ", ".join(f"{name} {value:.0f}" for name, value in result["gemm_gflops"].items())
    lines = [
        f"{result['recipe']}, ours in {' '.join([result['precision'], *result['settings']])}; {facts['processor']}, {facts['cores']} cores, "
        f"{facts['threads']} threads, {facts['instructions']}, torch {facts['torch']}; {result['rounds']} rounds",
        f"GEMM peak in GFLOP/s: {peaks}; an update needs {result['gflop_an_update']:.2f} GFLOP",
        "",
        f"| | {' | '.join(both)} |",
        "|---|---|---|",
    ]

    def row(name: str, cell: Callable[[dict[str, Any]], str]) -> None:
        lines.append(f"| {name} | {' | '.join(cell(result[one]) for one in both)} |")

    row("images/s (median)", lambda one: f"{one['images_per_second']:.0f}")
    row("ms a step (min, median, max)", lambda one: " / ".join(f"{v:.2f}" for v in one["ms_a_step"].values()))
    row("share of the fp32 GEMM peak", lambda one: f"{100 * one['gemm_share']['fp32']:.0f} %")
    row("share of the bf16 GEMM peak", lambda one: f"{100 * one['gemm_share']['bf16']:.0f} %")
    row("peak memory, MiB", lambda one: f"{one['peak_memory_mib']:.0f}")
    for phase in PHASES:
        row(f"{phase}, ms", lambda one, phase=phase: f"{one['phases_ms'][phase]:.2f}")  # type: ignore[misc]
    ratio, start = result["ratio"], result["seconds_to_first_step"]
    memory = result["peak_memory_mib"]
    return "\n".join(
        [
            *lines,
            "",
            f"ratio: {ratio['min']:.2f} / {ratio['median']:.2f} / {ratio['max']:.2f} (min, median, max over the rounds)",
            f"peak memory, ours over plain: {memory['ours'] / memory['plain']:.2f}",
            f"start to first step: {start['min']:.1f} / {start['median']:.1f} / {start['max']:.1f} s",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=plain.SYSTEMS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", dest="changes")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GANATOMY_DATA", "data")))
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument(
        "--profile", action="store_true", help="operations of our updates by their time, and nothing else"
    )
    parser.add_argument("--alone", choices=("plain", "ours"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    if not (options.data / "MNIST" / "raw").is_dir():
        parser.error(f"{options.data} has no MNIST/raw; give --data FOLDER or set GANATOMY_DATA")
    options.data = options.data.absolute()
    if options.alone:
        run_alone(options)
        return
    if options.profile:
        print(profile(options))
        return
    result = measure(options)
    print(json.dumps(result) if options.json else table(result))


if __name__ == "__main__":
    main()
