"""What the tests of several processes run in each of them: `torchrun ... distributed_worker.py COMMAND ARGUMENTS`."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import ganatomy
from ganatomy import batches, checkpoint, cli, distributed, recipe
from ganatomy.data import Dataset
from ganatomy.distributed import Group
from ganatomy.objectives import objectives
from ganatomy.parts import Part
from ganatomy.players import Player
from ganatomy.resolve import resolve
from ganatomy.run import RunFolder
from ganatomy.trainer import Trainer

Gradients = dict[str, list[Tensor]]

# Of 21 images in batches of 10 the last one is a single image, so that some processes have no row of it; BatchNorm needs
# two images, and of two some of three processes have none.
CASES = {
    "gan": ("gan", 21, 10, torch.float32),
    "dcgan": ("dcgan", 25, 10, torch.float32),
    "dcgan, two images": ("dcgan", 22, 10, torch.float64),
}
"""{name: (recipe, images, images in a batch, number format)}."""


def rank() -> int:
    return int(os.environ.get("RANK", "0"))


def gradients(case: str, objective: str, group: Group) -> Gradients:
    """Every gradient and loss term of some updates in which the optimisers change nothing."""
    name, count, batch, dtype = CASES[case]
    overrides: dict[str, Any] = {"data": "digits", "data.range": "unit", "objective": objective, "train.batch": batch}
    config = recipe.load(name, overrides)
    whole = config.data.load()
    config, resolved = resolve(config, Dataset(whole.images[:count], None, (), "test"), group.size)
    group.open("cpu", 60)
    trainer = Trainer(config, resolved, Dataset(whole.images[:count], None, (), "test"), RunFolder(Path()), group=group)
    found: Gradients = {}
    noise, real = trainer.noise, trainer.batches.real
    trainer.noise = lambda *words: noise(*words).to(dtype)  # type: ignore[method-assign]
    trainer.batches.real = lambda *words: real(*words).to(dtype)  # type: ignore[method-assign]
    for player in (trainer.players.generator, trainer.players.discriminator):
        player.network.to(dtype)
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
    for case in cases:
        for objective in objectives.names():
            with distributed.joined() as group:
                found[case, objective] = gradients(case, objective, group)
    torch.save(found, Path(folder, f"gradients-{rank()}.pt"))


# ---- whole runs


@contextlib.contextmanager
def watched(found: dict[str, Any]) -> Any:
    """Note, inside: each milestone's digest of weights and buffers, each batch of images, each draw of noise."""
    found |= {"digests": {}, "real": {}, "noise": {}}
    keep_milestones, noise, real = Trainer._keep_milestones, Trainer.noise, batches.Batches.real

    def digest(trainer: Trainer) -> bool:
        reached = keep_milestones(trainer)
        if reached:
            players = (trainer.players.generator, trainer.players.discriminator)
            tensors = [tensor for player in players for tensor in player.network.state_dict().values()]
            bits = hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest()
            found["digests"][trainer.update] = bits
        return reached

    def note_noise(trainer: Trainer, part: Part, purpose: str, *position: int) -> Tensor:
        drawn = noise(trainer, part, purpose, *position)
        found["noise"][purpose, *position] = drawn
        return drawn

    def note_real(source: batches.Batches, update: int, critic_step: int, part: Part | None = None) -> Tensor:
        images = real(source, update, critic_step, part)
        found["real"][update, critic_step] = images
        return images

    Trainer._keep_milestones, Trainer.noise, batches.Batches.real = digest, note_noise, note_real  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Trainer._keep_milestones, Trainer.noise, batches.Batches.real = keep_milestones, noise, real  # type: ignore[method-assign]


def api(folder: str) -> None:
    """Do what FOLDER/orders.json lists ([call, [arguments]]); into FOLDER/watched-RANK.pt what was noted in each."""
    notes = []
    for call, arguments in json.loads(Path(folder, "orders.json").read_text()):
        found: dict[str, Any] = {}
        with watched(found):
            run = getattr(ganatomy, call)(*arguments)
        notes.append({**found, "run": str(run.path), "update": run.update})
    torch.save(notes, Path(folder, f"watched-{rank()}.pt"))


def command_line(folder: str) -> None:
    """Give the command line what FOLDER/orders.json lists; into FOLDER/codes-RANK.json the exit codes."""
    codes = []
    for arguments in json.loads(Path(folder, "orders.json").read_text()):
        sys.argv = ["ganatomy", *arguments]
        try:
            cli.main()
        except SystemExit as leaving:
            codes.append(leaving.code)
    Path(folder, f"codes-{rank()}.json").write_text(json.dumps(codes))


def fault(words: str, *arguments: str) -> None:
    """The command line; rank RANK of `RANK:UPDATE:KIND` gets a signal before an update, or finds its disk full.

    Only the launcher's first processes are so treated.
    """
    wanted, update, kind = words.split(":")
    train_step, save = Trainer.train_step, checkpoint.save
    if wanted == str(rank()) and os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0":
        if kind == "full":

            def full(path: Path, *arguments: Any) -> None:
                if path.name >= f"step-{int(update):09d}":
                    raise OSError(28, "No space left on device")
                save(path, *arguments)

            checkpoint.save = full
        else:

            def step(trainer: Trainer) -> Any:
                if trainer.update + 1 == int(update):
                    print(f"process {os.getpid()} gets {kind}", flush=True)
                    os.kill(os.getpid(), signal.Signals[kind])
                return train_step(trainer)

            Trainer.train_step = step  # type: ignore[method-assign]
    sys.argv = ["ganatomy", *arguments]
    cli.main()


if __name__ == "__main__":
    commands = {"gradients": all_gradients, "api": api, "command_line": command_line, "fault": fault}
    commands[sys.argv[1]](*sys.argv[2:])
