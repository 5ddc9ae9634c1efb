"""What the tests of several processes run in each of them: `distributed_worker.py COMMAND ARGUMENTS`."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import ganatomy
from ganatomy import api, atomic, cli, distributed
from ganatomy.config import recipe
from ganatomy.config.resolve import resolve
from ganatomy.data import Dataset
from ganatomy.distributed import Group
from ganatomy.distributed.shards import Shard
from ganatomy.models import Discriminator, Generator
from ganatomy.objectives import objectives
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.sampler import Sampler
from ganatomy.training import batches, players
from ganatomy.training.players import Player
from ganatomy.training.trainer import Trainer
from small_pictures import pictures

Gradients = dict[str, list[Tensor]]

# Of 21 images in batches of 10 the last one is a single image, so that some processes have no row of it; BatchNorm needs
# two images, and of two some of three processes have none.
CASES = {
    "gan, float32": ("gan", 21, 10, torch.float32),
    "gan": ("gan", 21, 10, torch.float64),
    "dcgan": ("dcgan", 25, 10, torch.float64),
    "dcgan, two images": ("dcgan", 22, 10, torch.float64),
    "dcgan, both": ("dcgan model.batchnorm=both", 25, 10, torch.float64),
    "dcgan, both, two images": ("dcgan model.batchnorm=both", 22, 10, torch.float64),
}
"""{name: (recipe and settings, images, images in a batch, number format)}."""


def objectives_of(case: str) -> list[str]:
    """All that there are; with BatchNorm, whose sums go between the processes in each pass, one of each number of critic steps."""
    return ["nonsaturating", "wasserstein"] if CASES[case][0].startswith("dcgan") else objectives.names()


# What is compared is compared in full precision, whatever the processor.
FULL_PRECISION = ["train.precision=fp32"]


def rank() -> int:
    return int(os.environ.get("RANK", "0"))


# ---- gradients


def gradients(case: str, objective: str, group: Group) -> Gradients:
    """Every gradient and loss term of some updates in which the optimisers change nothing."""
    words, count, batch, dtype = CASES[case]
    name, *overrides = words.split()
    overrides += ["data=digits", "data.range=unit", f"objective={objective}", f"train.batch={batch}", *FULL_PRECISION]
    dataset = Dataset(pictures(count), None, (), "test")
    config, resolved = resolve(recipe.load(name, overrides), dataset, group.size)
    found: Gradients = {}
    with computing_in(dtype):
        trainer = Trainer(config, resolved, dataset, RunFolder(Path()), group=group)
        for player in (trainer.players.generator, trainer.players.discriminator):
            player.optimizer.step = lambda player=player: note(player, found)  # type: ignore[method-assign, misc]
        for _ in range(3):  # an epoch, where an update draws one batch
            trainer.train_step()
    return found


def note(player: Player, found: Gradients) -> None:
    for name, parameter in player.network.named_parameters():
        assert parameter.grad is not None
        found.setdefault(f"{player.role} {name}", []).append(parameter.grad.clone())
    for name, term in player.terms.items():
        found.setdefault(f"{player.role} term {name}", []).append(term.clone())


def all_gradients(folder: str, *cases: str) -> None:
    """Into FOLDER/gradients-RANK.pt: {(case, objective): gradients}."""
    found = {}
    with distributed.joined() as group:
        group.open("cpu", 60)
        for case in cases:
            for objective in objectives_of(case):
                found[case, objective] = gradients(case, objective, group)
    torch.save(found, Path(folder, f"gradients-{rank()}.pt"))


@contextlib.contextmanager
def computing_in(dtype: torch.dtype) -> Iterator[None]:
    """Inside, trainers compute in that format, unwatched. Images and noise are drawn as ever, and then written in it."""
    if dtype == torch.float32:
        yield  # nothing is touched
        return
    build, callbacks = players.build_networks, api.standard
    noise, sample_noise, real = Trainer.noise, Sampler.noise, batches.Batches.real

    def networks(*words: Any) -> tuple[Generator, Discriminator]:
        generator, discriminator = build(*words)
        return generator.to(dtype), discriminator.to(dtype)

    players.build_networks, api.standard = networks, lambda _: []
    Trainer.noise = lambda *words: noise(*words).to(dtype)  # type: ignore[method-assign]
    Sampler.noise = lambda *words: sample_noise(*words).to(dtype)  # type: ignore[method-assign]
    batches.Batches.real = lambda *words: real(*words).to(dtype)  # type: ignore[method-assign]
    try:
        yield
    finally:
        players.build_networks, api.standard = build, callbacks
        Trainer.noise, Sampler.noise = noise, sample_noise  # type: ignore[method-assign]
        batches.Batches.real = real  # type: ignore[method-assign]


# ---- whole runs


@contextlib.contextmanager
def watched(found: dict[str, Any]) -> Iterator[None]:
    """Note, inside: each milestone's digest of weights and buffers, each batch of images, each draw of noise."""
    found |= {"digests": {}, "real": {}, "noise": {}}
    keep_milestones, noise, real = Trainer._keep_milestones, Trainer.noise, batches.Batches.real

    def digest(trainer: Trainer) -> bool:
        reached = keep_milestones(trainer)
        if reached:
            both = (trainer.players.generator, trainer.players.discriminator)
            tensors = [tensor for player in both for tensor in player.network.state_dict().values()]
            bits = hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest()
            found["digests"][trainer.update] = bits
        return reached

    def note_noise(trainer: Trainer, shard: Shard, purpose: str, *position: int) -> Tensor:
        drawn = noise(trainer, shard, purpose, *position)
        found["noise"][purpose, *position] = drawn
        return drawn

    def note_real(source: batches.Batches, update: int, critic_step: int, shard: Shard | None = None) -> Tensor:
        images = real(source, update, critic_step, shard)
        found["real"][update, critic_step] = images
        return images

    Trainer._keep_milestones, Trainer.noise, batches.Batches.real = digest, note_noise, note_real  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Trainer._keep_milestones, Trainer.noise, batches.Batches.real = keep_milestones, noise, real  # type: ignore[method-assign]


def call(order: list[Any]) -> dict[str, Any]:
    """What was noted of one call of the API: [number format, function, [arguments]]."""
    dtype, function, arguments = order
    found: dict[str, Any] = {}
    with computing_in(getattr(torch, dtype)), watched(found):
        run = getattr(ganatomy, function)(*arguments)
    return {**found, "run": str(run.path), "update": run.update}


def calls(folder: str) -> None:
    """Do what FOLDER/orders.json lists; into FOLDER/watched-RANK.pt what was noted of each."""
    orders = json.loads(Path(folder, "orders.json").read_text())
    torch.save([call(order) for order in orders], Path(folder, f"watched-{rank()}.pt"))


# ---- faults


def command_line(folder: str) -> None:
    """Give the command line what FOLDER/orders.json lists ([fault, arguments]); exit codes into FOLDER/codes-RANK.json.

    `RANK` in an argument is this process's. It ends as the last one does.
    """
    codes = []
    for number, (fault, arguments) in enumerate(json.loads(Path(folder, "orders.json").read_text())):
        if rank() == 0:
            print(f"--- order {number}", flush=True)
        sys.argv = ["ganatomy", *(argument.replace("RANK", str(rank())) for argument in arguments)]
        with faulty(fault):
            try:
                cli.main()
            except SystemExit as leaving:
                codes.append(leaving.code or 0)
        Path(folder, f"codes-{rank()}.json").write_text(json.dumps(codes))
    sys.exit(codes[-1])


@contextlib.contextmanager
def faulty(words: str) -> Iterator[None]:
    """Of `RANK:UPDATE:KIND` the rank gets the signal KIND before an update, or (`full`) cannot save that one's checkpoint.

    Only the launcher's first processes are so treated.
    """
    wanted, update, kind = words.split(":") if words else ("", "0", "")
    if wanted != str(rank()) or os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") != "0":
        yield
        return
    train_step, write = Trainer.train_step, atomic.write_synced

    def step(trainer: Trainer) -> Any:
        if trainer.update + 1 == int(update):
            # The command line lets one process alone print.
            print(f"process {os.getpid()} gets {kind}", file=sys.__stderr__, flush=True)
            os.kill(os.getpid(), signal.Signals[kind])
        return train_step(trainer)

    def fill(path: Path, content: bytes) -> None:
        if path.parent.name.endswith(f"-step-{int(update):09d}"):
            write(path, content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        write(path, content)

    if kind == "full":
        atomic.write_synced = fill
    else:
        Trainer.train_step = step  # type: ignore[method-assign]
    try:
        yield
    finally:
        Trainer.train_step, atomic.write_synced = train_step, write  # type: ignore[method-assign]


if __name__ == "__main__":
    commands = {"gradients": all_gradients, "calls": calls, "command_line": command_line}
    commands[sys.argv[1]](*sys.argv[2:])
