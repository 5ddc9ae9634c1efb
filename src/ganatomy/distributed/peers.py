"""What processes of one group send each other besides tensors: who is there, why one left, which run they began.

It goes through the key-value store of their launcher. torchrun's outlives the processes, so that a restarted group
finds what the one before it wrote.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta

from torch._C._distributed_c10d import Store

from ganatomy.errors import GanatomyError, Interrupted, UsageError

ROLL_CALL_SECONDS = 5.0
"""How long processes that lost the group wait for one another's notes; one that writes none by then is the lost one."""

REPORT_SECONDS = 10.0
"""How long the others wait until one has reported the error: a launcher stops all processes once the first has ended."""

LOOK_SECONDS = 0.05
"""Between two looks into the store. With its own `wait` torch would print warnings of a time-out next to the one message."""


@dataclass(frozen=True)
class Note:
    """Why a process left before the end."""

    message: str
    """Its own error; empty where it only found that another was gone."""
    exit_code: int

    def error(self, whose: str) -> GanatomyError | Interrupted:
        """The error of that process, as another one raises it."""
        message = f"{whose}{self.message}"
        if self.exit_code > 128:
            return Interrupted(message, self.exit_code - 128)
        return UsageError(message) if self.exit_code == 2 else GanatomyError(message)


class Peers:
    """This process's view of its group's store, within one session of the group."""

    def __init__(self, store: Store, rank: int, size: int, session: str) -> None:
        self.rank = rank
        self.size = size
        self.session = session
        self._store = store
        self._noted = False

    # ---- leaving

    def note(self, note: Note) -> None:
        """Say why this process leaves; the first note counts."""
        if not self._noted:
            self._noted = True
            with contextlib.suppress(RuntimeError):  # the store went with the process that had it
                self._store.set(self._key("left", self.rank), json.dumps(asdict(note)))

    def roll_call(self) -> dict[int, Note]:
        """{rank: note} of those that left one within `ROLL_CALL_SECONDS`, this process included; {} without a store."""
        found: dict[int, Note] = {}
        deadline = time.monotonic() + ROLL_CALL_SECONDS
        with contextlib.suppress(RuntimeError):  # the store went with the process that had it
            while True:
                for rank in set(range(self.size)) - found.keys():
                    key = self._key("left", rank)
                    if self._store.check([key]):
                        found[rank] = Note(**json.loads(self._store.get(key)))
                if len(found) == self.size or time.monotonic() > deadline:
                    break
                time.sleep(LOOK_SECONDS)
        return found

    def reported(self) -> None:
        """The error was reported to the user: the others may end."""
        with contextlib.suppress(RuntimeError):
            self._store.set(self._key("reported"), "yes")

    def wait_until_reported(self) -> None:
        deadline = time.monotonic() + REPORT_SECONDS
        with contextlib.suppress(RuntimeError):
            while not self._store.check([self._key("reported")]) and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)

    def _key(self, *words: object) -> str:
        return "/".join(["ganatomy", self.session, *map(str, words)])


@dataclass(frozen=True)
class Reporting:
    """Who of a group reports its error; an error that carries this one is reported once."""

    peers: Peers
    reporter: int

    @property
    def is_mine(self) -> bool:
        return self.peers.rank == self.reporter

    def done(self) -> None:
        """Called by the reporter once it has printed the error; the others wait here until then. All then end with their own exit code."""
        # A launcher that sees one process end signals the others, which are about to end as well.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if self.is_mine:
            self.peers.reported()
        else:
            self.peers.wait_until_reported()


def meet(store: Store, rank: int, size: int, seconds: float) -> str:
    """A name for this session of the group that all its processes agree on, and none before them.

    The store may hold what an earlier session left, and launchers on several machines do not count restarts alike. So
    each process announces itself under a fresh name, the first answers every name it sees, and all confirm.

    Raises:
        GanatomyError: after that many seconds, with the ranks that did not come.
    """
    deadline = time.monotonic() + seconds
    if rank:
        name = uuid.uuid4().hex
        store.set(f"ganatomy/hello/{rank}", name)
        try:
            store.wait([f"ganatomy/session/{name}"], timedelta(seconds=seconds))
        except RuntimeError as error:
            raise GanatomyError(
                f"rank {rank} of {size} waited {seconds:.0f} s for rank 0, which did not come"
            ) from error
        session = store.get(f"ganatomy/session/{name}").decode()
        store.set(f"ganatomy/here/{session}/{rank}", "yes")
        return session
    session = uuid.uuid4().hex
    answered: set[str] = set()
    missing = set(range(1, size))
    while missing:
        if time.monotonic() > deadline:
            names = ", ".join(map(str, sorted(missing)))
            raise GanatomyError(f"of {size} processes these did not come within {seconds:.0f} s: rank {names}")
        for other in sorted(missing):
            if store.check([f"ganatomy/hello/{other}"]):
                name = store.get(f"ganatomy/hello/{other}").decode()
                if name not in answered:
                    answered.add(name)
                    store.set(f"ganatomy/session/{name}", session)
            if store.check([f"ganatomy/here/{session}/{other}"]):
                missing.discard(other)
        time.sleep(0.02)
    return session


def address() -> str:
    """Where the environment says that the launcher's store is."""
    return f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"


def record_run(store: Store, number: int, path: str) -> None:
    """Remember the folder of the launcher's `number`-th run."""
    store.set(f"ganatomy/run/{number}", path)


def recorded_run(store: Store, number: int) -> str | None:
    """The folder of that run, where this launcher's processes began it before they were restarted."""
    key = f"ganatomy/run/{number}"
    return store.get(key).decode() if store.check([key]) else None
