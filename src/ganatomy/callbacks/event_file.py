"""TensorBoard's event file, written in the thread that trains.

tensorboard's own writer has a thread, whose errors (a full disk) end up as a traceback that nobody can catch.
"""

from __future__ import annotations

import itertools
import os
import socket
import time
from pathlib import Path
from typing import Any, BinaryIO, cast

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard import FileWriter, SummaryWriter


class EventFile:
    """What torch's `FileWriter` writes to: every event is in the file at once.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = _new_file(folder)
        # Unbuffered: after an error nothing is left that is written when the file is closed.
        self._records = RecordWriter(self._file)
        self.add_event(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def get_logdir(self) -> str:
        return str(self._folder)

    def add_event(self, event: Event) -> None:
        self._records.write(event.SerializeToString())

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        self._file.close()


class Writer(SummaryWriter):
    """torch's, with an `EventFile`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        super().__init__(str(folder))

    def _get_file_writer(self) -> Any:
        made: Any = self.file_writer
        if made is None:
            made = FileWriter.__new__(FileWriter)
            made.event_writer = EventFile(self._folder)
            self.__dict__.update(file_writer=made, all_writers={str(self._folder): made})
        return made


def _new_file(folder: Path) -> BinaryIO:
    """A file with a name as TensorBoard looks for it, that is not there yet."""
    stem = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}"
    for number in itertools.count():
        try:
            return cast("BinaryIO", (folder / f"{stem}.{number}").open("xb", buffering=0))
        except FileExistsError:
            continue
    raise AssertionError
