"""Where a new run's weights come from, if not from its seed: another run."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from ganatomy import paths
from ganatomy.errors import GanatomyError, UsageError
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.reading import newest_checkpoint
from ganatomy.training.players import Players


def take_weights(players: Players, source: Path | None) -> None:
    """Give both networks the weights and buffers of another run's newest checkpoint; None: leave them as they are.

    The optimisers begin anew. A moving average begins at the other run's, or at its generator where it had none.

    Raises:
        UsageError: there is no such run, or its networks are others; with what differs.
        GanatomyError: none of its checkpoints is readable.
    """
    if source is None:
        return
    try:
        tensors = newest_checkpoint(RunFolder.open(source)).tensors
    except GanatomyError as error:
        raise UsageError(f"from={paths.text(source)}: {error}") from error
    if "discriminator" not in tensors:
        raise UsageError(
            f"from={paths.text(source)}: it was recorded from a loop outside ganatomy, and has its generator alone"
        )
    for player in (players.generator, players.discriminator):
        _load(player.network, tensors[player.role], player.role, source)
        player.refresh()
    if players.average:
        _load(players.average.network, tensors.get("average", tensors["generator"]), "generator", source)


def _load(network: nn.Module, weights: dict[str, Tensor], role: str, source: Path) -> None:
    mine = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    theirs = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    differing = [
        f"{name}: {_shown(theirs, name)} there, {_shown(mine, name)} here"
        for name in sorted(mine.keys() | theirs.keys())
        if mine.get(name) != theirs.get(name)
    ]
    if differing:
        raise UsageError(
            f"from={paths.text(source)}: its {role} is another network; use its model's settings (ganatomy train "
            f"{paths.command(source / 'config.toml')} begins with them):\n"
            + "\n".join(f"  {line}" for line in differing)
        )
    network.load_state_dict(weights)


def _shown(shapes: dict[str, tuple[int, ...]], name: str) -> str:
    return "x".join(map(str, shapes[name])) or "a number" if name in shapes else "nothing"
