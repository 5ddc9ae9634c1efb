"""Checkpoints: a folder of safetensors and JSON with a manifest of hashes, written last. No pickle, no code inside."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as bytes_from_tensors
from torch import Tensor

from ganatomy import atomic
from ganatomy.errors import GanatomyError

FORMAT = 1
"""Number of this file format; a reader raises an error on a higher one."""

MANIFEST = "manifest.json"
STATE = "state.json"

Tensors = dict[str, dict[str, Tensor]]
"""{file: {name: tensor}}."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds."""

    tensors: Tensors
    state: dict[str, Any]


class DamagedCheckpoint(GanatomyError):
    """A checkpoint whose files are missing or not those that were written."""


def save(path: Path, tensors: Tensors, state: dict[str, Any]) -> None:
    """Write a checkpoint folder, atomically. One that is there already stays: the same step has the same bits.

    Raises:
        OSError: the disk is full or the folder not writable; nothing half-written is left.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.folder(path) as folder:
        hashes = {}
        for name, group in tensors.items():
            content = bytes_from_tensors(_apart(group))
            hashes[f"{name}.safetensors"] = _write(folder / f"{name}.safetensors", content)
        hashes[STATE] = _write(folder / STATE, json.dumps(state, indent=1).encode())
        manifest = {"format": FORMAT, "sha256": hashes}
        atomic.write_synced(folder / MANIFEST, json.dumps(manifest, indent=1).encode())


def _apart(group: dict[str, Tensor]) -> dict[str, Tensor]:
    """Each tensor in memory of its own, as the format wants them: tied weights are written under each of their names."""
    found: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, value in group.items():
        here = value.detach().cpu().contiguous()
        place = here.untyped_storage().data_ptr()
        found[name] = here.clone() if place in seen else here
        seen.add(place)
    return found


def _write(path: Path, content: bytes) -> str:
    atomic.write_synced(path, content)
    return hashlib.sha256(content).hexdigest()


def load(path: Path) -> Checkpoint:
    """Read a checkpoint folder, every file checked against its hash.

    Raises:
        DamagedCheckpoint: a file is missing, changed or unreadable.
        GanatomyError: written by a newer version in a format this one does not know.
    """
    manifest = _manifest(path)
    tensors: Tensors = {}
    state: dict[str, Any] = {}
    for name, expected in manifest["sha256"].items():
        content = _read(path / name)
        digest = hashlib.sha256(content).hexdigest()
        if digest != expected:
            raise DamagedCheckpoint(f"checkpoint file {path / name} is damaged: SHA-256 {digest}, expected {expected}")
        if name == STATE:
            state = _json(path, content)
        else:
            try:
                tensors[Path(name).stem] = tensors_from_bytes(content)
            except SafetensorError as error:
                raise DamagedCheckpoint(f"checkpoint file {path / name} is damaged: {error}") from error
    return Checkpoint(tensors, state)


def state(path: Path) -> dict[str, Any]:
    """The counters of a checkpoint folder alone, checked against their hash; its tensors are not read.

    Raises:
        DamagedCheckpoint, GanatomyError: as `load` does.
    """
    content = _read(path / STATE)
    if hashlib.sha256(content).hexdigest() != _manifest(path)["sha256"].get(STATE):
        raise DamagedCheckpoint(f"checkpoint file {path / STATE} is damaged")
    found: dict[str, Any] = _json(path, content)
    return found


def _manifest(path: Path) -> dict[str, Any]:
    """The manifest: of a known format, and leaving out none of the files that are there."""
    manifest = _json(path, _read(path / MANIFEST))
    if not isinstance(manifest, dict) or not isinstance(manifest.get("sha256"), dict):
        raise DamagedCheckpoint(f"checkpoint {path} is damaged: {MANIFEST} has no hashes")
    found = manifest.get("format")
    if type(found) is not int or found < 1:
        raise DamagedCheckpoint(f"checkpoint {path} is damaged: {MANIFEST} has format {found!r}")
    if found > FORMAT:
        raise GanatomyError(
            f"checkpoint {path} has format {found}; this version of ganatomy reads up to {FORMAT}. "
            "Update it: pip install --upgrade ganatomy"
        )
    left_out = {STATE, *(file.name for file in path.glob("*.safetensors"))} - manifest["sha256"].keys()
    if left_out:
        raise DamagedCheckpoint(f"checkpoint {path} is damaged: {MANIFEST} leaves out {', '.join(sorted(left_out))}")
    return manifest


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedCheckpoint(f"checkpoint file {path} cannot be read: {error.strerror or error}") from error


def _json(path: Path, content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise DamagedCheckpoint(f"checkpoint {path} is damaged: {error}") from error


def optimizer_tensors(optimizer: torch.optim.Optimizer, names: list[str]) -> dict[str, Tensor]:
    """An optimiser's state as {`parameter/key`: tensor}, the parameters named in the optimiser's own order."""
    state = optimizer.state_dict()["state"]
    return {f"{names[i]}/{key}": torch.as_tensor(value) for i, group in state.items() for key, value in group.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, names: list[str], tensors: dict[str, Tensor]) -> None:
    """The inverse of `optimizer_tensors`, in place; learning rates and the like stay as they were built."""
    index = {name: i for i, name in enumerate(names)}
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        parameter, _, key = name.rpartition("/")
        state.setdefault(index[parameter], {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
