"""Checkpoints: the same bits come back, damage is found in every file, and nothing half-written is left."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from ganatomy import atomic
from ganatomy.errors import GanatomyError
from ganatomy.runs import checkpoint
from ganatomy.runs.checkpoint import DamagedCheckpoint

STATE = {
    "update": 7,
    "seconds": 0.1 + 0.2,
    "means": {"generator": [1 / 3, 5]},
    "config": {"recipe": "gan", "seed": 2**62},
}


def example() -> checkpoint.Tensors:
    draw = torch.Generator().manual_seed(0)
    return {
        "generator": {
            "weight": torch.randn(4, 3, generator=draw),
            "channels_last": torch.randn(2, 3, 4, 5, generator=draw).to(memory_format=torch.channels_last),
            "transposed": torch.randn(3, 4, generator=draw).T,
            "part": torch.randn(10, generator=draw)[::3],
            "scalar": torch.tensor(1.5),
            "count": torch.tensor(2**60 + 1),
            "nothing": torch.empty(0, 3),
            "odd": torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-45]),
            "half": torch.randn(3, generator=draw).bfloat16(),
            "double": torch.randn(3, generator=draw, dtype=torch.float64),
        },
        "generator_optimizer": {"weight/exp_avg": torch.randn(4, 3, generator=draw), "weight/step": torch.tensor(7.0)},
        "discriminator": {"a.b/c": torch.randn(1, generator=draw)},
    }


def bits(tensor: Tensor) -> bytes:
    return tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def test_tied_weights_are_saved_under_both_names(tmp_path: Path) -> None:
    """As of `second.weight = first.weight`, whose `state_dict` has one tensor twice."""
    weight = torch.randn(3, 3)
    checkpoint.save(tmp_path / "step", {"network": {"first": weight, "second": weight, "row": weight[1]}}, STATE)
    found = checkpoint.load(tmp_path / "step").tensors["network"]
    assert torch.equal(found["first"], weight)
    assert torch.equal(found["second"], weight)
    assert torch.equal(found["row"], weight[1])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoints" / "step-000000007"
    checkpoint.save(path, example(), STATE)
    return path


# ---- what is written comes back


def test_the_same_bits_come_back(saved: Path) -> None:
    loaded = checkpoint.load(saved)
    assert loaded.state == STATE
    assert loaded.tensors.keys() == example().keys()
    for name, group in example().items():
        assert loaded.tensors[name].keys() == group.keys()
        for key, tensor in group.items():
            found = loaded.tensors[name][key]
            assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape), key
            assert bits(found) == bits(tensor), key


def test_what_is_given_is_not_changed(tmp_path: Path) -> None:
    weight = nn.Parameter(torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last))
    checkpoint.save(tmp_path / "one", {"generator": {"weight": weight}}, {})
    assert weight.requires_grad
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not checkpoint.load(tmp_path / "one").tensors["generator"]["weight"].requires_grad


def test_only_safetensors_and_json(saved: Path) -> None:
    names = sorted(entry.name for entry in saved.iterdir())
    assert names == [
        "discriminator.safetensors",
        "generator.safetensors",
        "generator_optimizer.safetensors",
        "manifest.json",
        "state.json",
    ]
    manifest = json.loads((saved / "manifest.json").read_text())
    assert manifest["format"] == checkpoint.FORMAT
    assert sorted(manifest["sha256"]) == [name for name in names if name != "manifest.json"]


def test_a_checkpoint_that_is_there_stays(saved: Path) -> None:
    before = {entry.name: entry.read_bytes() for entry in saved.iterdir()}
    checkpoint.save(saved, {"generator": {"weight": torch.zeros(1)}}, {})
    assert {entry.name: entry.read_bytes() for entry in saved.iterdir()} == before


@pytest.mark.parametrize(
    "make",
    [
        lambda weights: torch.optim.Adam(weights, lr=0.1),
        lambda weights: torch.optim.Adam(weights, lr=0.1, fused=True),
        lambda weights: torch.optim.RMSprop(weights, lr=0.1),
    ],
)
def test_an_optimizer_goes_on_to_the_same_bits(make: Callable[[Any], torch.optim.Optimizer], tmp_path: Path) -> None:
    def network() -> nn.Sequential:
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))

    def step(net: nn.Module, optimizer: torch.optim.Optimizer, seed: int) -> None:
        optimizer.zero_grad()
        net(torch.randn(5, 3, generator=torch.Generator().manual_seed(seed))).square().sum().backward()
        optimizer.step()

    first = network()
    optimizer = make(first.parameters())
    for seed in range(3):
        step(first, optimizer, seed)
    names = [name for name, _ in first.named_parameters()]
    tensors = {"net": first.state_dict(), "optimizer": checkpoint.optimizer_tensors(optimizer, names)}
    checkpoint.save(tmp_path / "one", tensors, {})

    loaded = checkpoint.load(tmp_path / "one")
    second = network()
    second.load_state_dict(loaded.tensors["net"])
    resumed = make(second.parameters())
    checkpoint.restore_optimizer(resumed, names, loaded.tensors["optimizer"])
    for seed in range(3, 6):
        step(first, optimizer, seed)
        step(second, resumed, seed)
    for one, other in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert bits(one) == bits(other)


def test_an_optimizer_before_its_first_step(tmp_path: Path) -> None:
    weights = [nn.Parameter(torch.ones(2))]
    optimizer = torch.optim.Adam(weights)
    checkpoint.save(tmp_path / "one", {"optimizer": checkpoint.optimizer_tensors(optimizer, ["w"])}, {})
    checkpoint.restore_optimizer(optimizer, ["w"], checkpoint.load(tmp_path / "one").tensors["optimizer"])
    assert optimizer.state_dict()["state"] == {}


# ---- damage


FILES = ["discriminator.safetensors", "generator.safetensors", "generator_optimizer.safetensors", "state.json"]


def flip(file: Path, position: int, mask: int = 0x01) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= mask
    file.write_bytes(content)


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.999])
@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_found(name: str, where: float, saved: Path) -> None:
    flip(saved / name, int(where * (saved / name).stat().st_size))
    with pytest.raises(DamagedCheckpoint, match="damaged") as caught:
        checkpoint.load(saved)
    assert str(saved / name) in str(caught.value)


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content + b"}", lambda content: b""])
@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_another_length_is_found(name: str, change: Callable[[bytes], bytes], saved: Path) -> None:
    (saved / name).write_bytes(change((saved / name).read_bytes()))
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(saved)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_found(name: str, saved: Path) -> None:
    (saved / name).unlink()
    with pytest.raises(DamagedCheckpoint) as caught:
        checkpoint.load(saved)
    assert str(saved / name) in str(caught.value)


def test_two_files_that_changed_places_are_found(saved: Path) -> None:
    one, other = saved / FILES[0], saved / FILES[1]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(saved)


@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_every_flipped_bit_of_the_manifest_is_found(mask: int, saved: Path) -> None:
    file = saved / "manifest.json"
    whole = file.read_bytes()
    unseen = []
    for position in range(len(whole)):
        flip(file, position, mask)
        try:
            checkpoint.load(saved)
        except GanatomyError:
            pass
        except Exception as error:
            unseen.append((whole[max(0, position - 12) : position + 3], repr(error)))
        else:
            unseen.append((whole[max(0, position - 12) : position + 3], "loaded"))
        file.write_bytes(whole)
    assert unseen == []


@pytest.mark.parametrize(
    "content", ["[]", "3", "null", '{"sha256": {}}', '{"format": 1}', '{"format": 1, "sha256": []}', "{"]
)
def test_a_manifest_of_another_form_is_damage(content: str, saved: Path) -> None:
    """Then the checkpoint before it is taken; a newer format is no damage, and stops."""
    (saved / "manifest.json").write_text(content)
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(saved)


@pytest.mark.parametrize("name", ["state.json", "generator.safetensors"])
def test_a_manifest_that_leaves_out_a_file_is_damage(name: str, saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    del manifest["sha256"][name]
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(saved)


def test_a_folder_that_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(DamagedCheckpoint, match=r"manifest\.json"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("newer", [checkpoint.FORMAT + 1, 99])
def test_a_newer_format_is_told_apart_from_damage(newer: int, saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    (saved / "manifest.json").write_text(json.dumps({**manifest, "format": newer}))
    with pytest.raises(GanatomyError) as caught:
        checkpoint.load(saved)
    assert not isinstance(caught.value, DamagedCheckpoint)
    message = str(caught.value)
    assert str(saved) in message
    assert f"format {newer}" in message
    assert f"up to {checkpoint.FORMAT}" in message
    assert "pip install --upgrade" in message


# ---- whole or not at all


class FailingSync:
    """os.fsync that fails from its n-th call on, as on a disk that has become full."""

    def __init__(self, sync: Callable[[int], None], works: int) -> None:
        self.sync = sync
        self.works = works
        self.calls = 0

    def __call__(self, descriptor: int) -> None:
        self.calls += 1
        if self.calls > self.works:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.sync(descriptor)


def test_a_write_that_fails_anywhere_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = FailingSync(atomic.os.fsync, works=10**6)
    monkeypatch.setattr(atomic.os, "fsync", counting)
    checkpoint.save(tmp_path / "counted" / "step", example(), STATE)
    assert counting.calls >= len(FILES) + 1

    for works in range(counting.calls):
        parent = tmp_path / f"fails-after-{works}"
        monkeypatch.setattr(atomic.os, "fsync", FailingSync(counting.sync, works))
        with pytest.raises(OSError, match="No space"):
            checkpoint.save(parent / "step", example(), STATE)
        assert [entry.name for entry in parent.iterdir()] in ([], ["step"])
        if (parent / "step").exists():
            assert checkpoint.load(parent / "step").state == STATE
        else:
            monkeypatch.setattr(atomic.os, "fsync", counting.sync)
            checkpoint.save(parent / "step", example(), STATE)
            assert checkpoint.load(parent / "step").state == STATE


def test_the_folder_gets_its_name_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "step"
    seen = []
    sync = atomic.os.fsync

    def watch(descriptor: int) -> None:
        seen.append(path.exists())
        sync(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", watch)
    checkpoint.save(path, example(), STATE)
    assert not any(seen[: len(FILES) + 1]), "every file is on the disk before the folder has its name"


def test_an_interrupt_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_path: Path, _content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "write_synced", interrupt)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(tmp_path / "here" / "step", example(), STATE)
    assert list((tmp_path / "here").iterdir()) == []


@given(old=st.binary(max_size=50), new=st.binary(max_size=50))
def test_a_file_is_the_old_or_the_new(old: bytes, new: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("write")
    file = folder / "file"
    atomic.write(file, old)

    def fails(path: Path) -> None:
        path.write_bytes(new)
        raise OSError(errno.EIO, "failed")

    with pytest.raises(OSError, match="failed"):
        atomic.write_with(file, fails)
    assert file.read_bytes() == old
    atomic.write_with(file, lambda path: path.write_bytes(new))
    assert file.read_bytes() == new
    assert [entry.name for entry in folder.iterdir()] == ["file"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    parent = tmp_path / "here"
    (parent / f"{atomic.TEMPORARY}1-step").mkdir(parents=True)
    (parent / f"{atomic.TEMPORARY}1-step" / "file").write_text("half")
    (parent / f"{atomic.TEMPORARY}2-file").write_text("half")
    (parent / "kept").write_text("whole")
    atomic.clean(parent)
    assert [entry.name for entry in parent.iterdir()] == ["kept"]
