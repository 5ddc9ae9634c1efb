"""Several processes that train one run: they share each batch out, and add their gradients up.

Each process reads its place from environment variables (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT), which
torchrun sets. Without these there is a group of one, and nothing here does anything.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch._C._distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from ganatomy.distributed import peers
from ganatomy.distributed.peers import Note, Peers, Reporting
from ganatomy.distributed.shards import Shard
from ganatomy.errors import GanatomyError, Interrupted, UsageError

JOIN_SECONDS = 600.0
"""How long a process waits for the others to come."""

PATIENCE = timedelta(minutes=30)
"""How long the others wait while one process works alone: on the data, an evaluation, a checkpoint."""

T = TypeVar("T")

_numbers = itertools.count()


class PeersLost(GanatomyError):
    """Another process ended without a word, or does not answer any more."""

    def during(self, what: str) -> PeersLost:
        """This error with what was going on, and what to do."""
        lost = PeersLost(f"{self}; {what}")
        lost.reporting = self.reporting
        return lost


class Group:
    """The processes that train one run together; by default this one alone."""

    def __init__(self, rank: int = 0, size: int = 1, local_rank: int = 0, number: int = 0) -> None:
        self.rank = rank
        self.size = size
        self._local_rank = local_rank
        self._number = number
        self._store: Store | None = None
        self._peers: Peers | None = None
        self._updates: dist.ProcessGroup | None = None
        self._clock: dist.ProcessGroup | None = None
        self._timeout = 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> Group:
        return self  # a copied network stays in the same group

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes, watches and logs."""
        return self.rank == 0

    @property
    def stream(self) -> tuple[int, ...]:
        """What sets this process's random layers apart from the others'; nothing for the leading one's."""
        return () if self.leads else (self.rank,)

    # ---- the batch

    def shard(self, total: int) -> Shard:
        """This process's rows of a batch of `total`."""
        return Shard.of(total, self.rank, self.size)

    def device(self, kind: str) -> torch.device:
        """Where this process computes: of several GPUs of its machine, its own.

        Raises:
            GanatomyError: more processes than GPUs.
        """
        if kind != "cuda" or self.size == 1:
            return torch.device(kind)
        if self._local_rank >= torch.cuda.device_count():
            raise GanatomyError(
                f"rank {self.rank} is process {self._local_rank + 1} of its machine, which has "
                f"{torch.cuda.device_count()} GPUs; start no more processes than GPUs, or use train.device=cpu"
            )
        torch.cuda.set_device(self._local_rank)
        return torch.device("cuda", self._local_rank)

    # ---- what all do together

    def open(self, device: str, seconds: float) -> None:
        """Get ready for updates on a kind of device, in which nobody waits longer than that for the others."""
        if self.size == 1:
            return
        self._timeout = seconds
        if device == "cuda":
            # Else a lost process ends the others without a message, from a thread of NCCL's.
            os.environ.setdefault("TORCH_NCCL_BLOCKING_WAIT", "1")
        with self._watched():
            limit = timedelta(seconds=seconds)
            self._clock = self._updates = dist.new_group(backend="gloo", timeout=limit)
            if device == "cuda":
                self._updates = dist.new_group(backend="nccl", timeout=limit)

    def sum(self, tensor: Tensor) -> Tensor:
        """Add up all processes' tensors of one shape, in place; every process gets the same bits."""
        if self.size > 1:
            with self._watched():
                dist.all_reduce(tensor, group=self._updates)
        return tensor

    def wait(self) -> None:
        """Wait for the others, patiently: one of them may have had work of its own."""
        if self.size > 1:
            with self._watched():
                dist.all_reduce(torch.zeros(1))

    def leaders_clock(self, seconds: float) -> float:
        """The leading process's seconds for all processes: where time decides, all must decide alike."""
        if self.size == 1:
            return seconds
        clock = torch.tensor(seconds, dtype=torch.float64)
        with self._watched():
            dist.broadcast(clock, src=0, group=self._clock)
        return clock.item()

    def leaders(self, make: Callable[[], T]) -> T:
        """What the leading process makes, in all of them (pickled). The others wait for it, patiently."""
        made: list[Any] = [make() if self.leads else None]
        if self.size > 1:
            with self._watched():
                dist.broadcast_object_list(made, src=0)
        found: T = made[0]
        return found

    def first_on_each_machine(self, make: Callable[[], T]) -> T:
        """Make something in every process, on each machine first in one, which may download and cache for the rest."""
        if self._local_rank == 0:
            made = make()
            self.wait()
        else:
            self.wait()
            made = make()
        return made

    def check_same(self, what: str, value: str) -> None:
        """Check that all processes have the value of rank 0.

        Raises:
            GanatomyError: in all processes, with the ranks that differ.
        """
        if self.size == 1:
            return
        values: list[Any] = [None] * self.size
        with self._watched():
            dist.all_gather_object(values, value)
        other = [str(rank) for rank, found in enumerate(values) if found != values[0]]
        if other:
            raise GanatomyError(
                f"the processes do not agree on {what}: rank {', '.join(other)} differs from rank 0. They need the same "
                "settings, the same data, the same version of ganatomy and torch, and the same kind of processor"
            )

    # ---- the launcher's runs

    def begin_run(self, path: Path) -> None:
        """Remember the run, should the launcher have to restart its processes."""
        if self._store is not None and self.leads:
            peers.record_run(self._store, self._number, str(path.absolute()))

    def begun_run(self) -> Path | None:
        """The run that this launcher's processes had begun at this place before they were restarted."""
        found = self.leaders(lambda: peers.recorded_run(self._store, self._number) if self._store is not None else None)
        return Path(found) if found else None

    # ---- leaving

    def leave(self, error: BaseException | None = None) -> None:
        """Leave the others. Of an error that all end with, one process prints it."""
        if error is None or self._peers is None:
            self._close()
            return
        self._peers.note(Note(_in_words(error), getattr(error, "exit_code", 1)))
        self._close()
        if isinstance(error, GanatomyError | Interrupted) and error.reporting is None:
            error.reporting = Reporting(self._peers, min(self._peers.roll_call(), default=self.rank))

    def _close(self) -> None:
        """Close the connections: those who wait for this process find out at once."""
        self._updates = self._clock = None
        if self.size > 1 and dist.is_initialized():
            with contextlib.suppress(RuntimeError):
                dist.destroy_process_group()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Turn what torch raises for a lost process into one error that says who is lost."""
        try:
            yield
        except RuntimeError as error:
            raise self._lost() from error

    def _lost(self) -> GanatomyError | Interrupted:
        """Find out who is gone and why: those who are left write a note each, and read the others'."""
        assert self._peers is not None
        self._peers.note(Note("", 1))
        self._close()
        notes = self._peers.roll_call()
        reporting = Reporting(self._peers, min(notes, default=self.rank))
        for rank, note in sorted(notes.items()):
            if note.message:
                error = note.error("" if rank == 0 else f"rank {rank}: ")
                error.reporting = reporting
                return error
        gone = [str(rank) for rank in range(self.size) if rank not in notes]
        who = f"rank {', '.join(gone)} of {self.size}" if gone else f"one of {self.size} ranks, for a moment"
        if not notes:  # not even this process's own
            who = f"the launcher at {peers.address()}, and with it word of the other ranks"
        lost = PeersLost(
            f"lost {who}: ended, or did not answer for {self._timeout:g} s (train.timeout; {PATIENCE.seconds // 60} min "
            "where one works alone)"
        )
        lost.reporting = reporting
        return lost


@contextmanager
def joined() -> Iterator[Group]:
    """The group that the environment describes, until the end of the block, however that comes.

    Raises:
        GanatomyError: the environment is wrong, or the others do not come.
    """
    if not {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"} <= os.environ.keys():
        yield Group()
        return
    group = _join()
    log = logging.getLogger("ganatomy")
    level = log.level
    if not group.leads:
        log.setLevel(logging.ERROR)  # rank 0 logs the rest
    try:
        yield group
    except BaseException as error:
        group.leave(error)
        raise
    finally:
        log.setLevel(level)
    group.leave()


def _join() -> Group:
    if dist.is_initialized():
        raise UsageError(
            "torch.distributed is initialised already; ganatomy forms its own group from the environment, so call it "
            "before init_process_group, or after destroy_process_group"
        )
    try:
        store, rank, size = _store()
        group = Group(rank, size, int(os.environ.get("LOCAL_RANK", "0")), next(_numbers))
        group._store = store
        if size > 1:
            session = peers.meet(store, rank, size, JOIN_SECONDS)
            group._peers = Peers(store, rank, size, session)
            prefixed = PrefixStore(f"ganatomy/{session}/group", store)
            dist.init_process_group("gloo", store=prefixed, rank=rank, world_size=size, timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise GanatomyError(
            f"this process (RANK={os.environ['RANK']}, WORLD_SIZE={os.environ['WORLD_SIZE']}) cannot join the others at "
            f"{peers.address()}: {error}"
        ) from error
    return group


@functools.cache
def _store() -> tuple[Store, int, int]:
    """The launcher's store, this process's rank, and the number of processes; one connection for all runs."""
    store, rank, size = next(iter(rendezvous("env://", timeout=timedelta(seconds=JOIN_SECONDS))))
    return store, rank, size


def _in_words(error: BaseException) -> str:
    if isinstance(error, PeersLost):
        return ""
    return str(error) if isinstance(error, GanatomyError) else f"{type(error).__name__}: {error}"
