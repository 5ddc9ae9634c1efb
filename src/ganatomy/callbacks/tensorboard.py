"""TensorBoard: both losses apart and in one chart, scores, gradient norms, one image tag a milestone, both graphs."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from torch import Tensor, nn
from torch.utils.tensorboard.summary import hparams

from ganatomy import atomic, images, paths
from ganatomy.callbacks.event_file import Writer
from ganatomy.config import flat, tree
from ganatomy.errors import GanatomyError
from ganatomy.models import generate, score
from ganatomy.runs.events import Callback, End, Milestone, Scores, Start, Step
from ganatomy.surroundings import alone

log = logging.getLogger("ganatomy")


class TensorBoard(Callback):
    """Writes events.out.tfevents.* into the run's folder; the step is the generator's update for all systems."""

    def __init__(self, scatter_limit: float | None = None) -> None:
        self._limit = scatter_limit
        self._writer: Writer | None = None
        self._start: Start | None = None

    @property
    def writer(self) -> Writer:
        assert self._writer is not None
        return self._writer

    def on_start(self, event: Start) -> None:
        self._start = event
        if event.resumed:
            forget_events(event)
        else:
            for file in event.run.path.glob("events.out.tfevents.*"):
                file.unlink()
        if paths.text(event.run.path) != str(event.run.path):
            raise GanatomyError(
                f"TensorBoard writes to no folder whose name is not UTF-8: {paths.text(event.run.path)}"
            )
        self._writer = Writer(event.run.path)
        if not event.resumed:
            # Regular expressions: without the $ they would take in the losses' terms as well.
            both = {"both players": ["Multiline", ["loss/discriminator$", "loss/generator$"]]}
            self.writer.add_custom_scalars({"losses": both})
            if event.discriminator is not None:
                self._add_graphs(event, event.discriminator)

    def _add_graphs(self, event: Start, discriminator: nn.Module) -> None:
        """G and D as one graph, z -> G -> D: TensorBoard shows a single graph a run."""
        labels = torch.zeros(2, dtype=torch.int64) if event.config.model.conditional else None
        networks = Adversaries(event.generator, discriminator, labels).eval()
        try:
            # The tracer warns of shapes taken as constants and of its own deprecation; neither touches the picture.
            with alone, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.writer.add_graph(networks, torch.zeros(2, event.config.model.latent))
        except Exception:  # a network that cannot be traced still has losses and images to show
            log.warning(
                "the graph of the networks cannot be drawn; the rest of TensorBoard is not touched", exc_info=True
            )

    def on_step(self, event: Step) -> None:
        for name, value in event.values.items():
            self.writer.add_scalar(name, value, event.update)

    def on_scores(self, event: Scores) -> None:
        for name, value in event.values.items():
            self.writer.add_scalar(name, value, event.update)

    def on_milestone(self, event: Milestone) -> None:
        sheet = images.picture(event.images, limit=self._limit)
        for percent in event.percents:
            self.writer.add_image(milestone_tag(percent), sheet, event.update, dataformats="HWC")

    def on_checkpoint(self, update: int) -> None:
        self.writer.flush()
        assert self._start is not None
        for file in self._start.run.path.glob("events.out.tfevents.*"):
            with file.open("r+b") as stream:
                os.fsync(stream.fileno())

    def on_end(self, event: End) -> None:
        assert self._start is not None
        settings = {
            name: value if isinstance(value, (bool, int, float, str)) else str(value)
            for name, value in flat(tree(self._start.config)).items()
        }
        # The table's metrics are the last values of these scalars.
        metrics = {name: value for name, value in event.values.items() if name.startswith("epoch_mean/")}
        # Not SummaryWriter.add_hparams: that makes a second run, named by the time, in a folder below this one.
        for summary in hparams(settings, metrics):
            self.writer._get_file_writer().add_summary(summary, event.update)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class Adversaries(nn.Module):
    """Both networks as one module, so that one graph shows them."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, labels: Tensor | None = None) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.labels = labels

    def forward(self, noise: Tensor) -> Tensor:
        return score(self.discriminator, generate(self.generator, noise, self.labels), self.labels)


def milestone_tag(percent: int) -> str:
    """One tag a percentage, for TensorBoard keeps only some images of a tag."""
    return f"samples/pct_{percent:03d}"


def forget_events(start: Start) -> None:
    """Rewrite the event files as the run would have them had it never gone past `start.update`.

    Later events go, and so do those that only a shorter run had: its last log line and its hyper-parameters. Images
    are named by the percentages of the run's present length.
    """
    drawn: set[int] = set()
    for file in sorted(start.run.path.glob("events.out.tfevents.*")):
        kept = [event for old in read_events(file) if (event := _kept(old, start, drawn)) is not None]

        def save(path: Path, events: list[Event] = kept) -> None:
            with path.open("wb") as stream:
                writer = RecordWriter(stream)
                for event in events:
                    writer.write(event.SerializeToString())
                writer.flush()

        atomic.write_with(file, save)


def read_events(file: Path) -> Iterator[Event]:
    """All whole events of a file; a killed process may leave half of one at the end."""
    try:
        for record in RawEventFileLoader(str(file)).Load():
            yield Event.FromString(record)
    except Exception:
        log.debug("event file %s ends in a broken record", file, exc_info=True)


def _kept(event: Event, start: Start, drawn: set[int]) -> Event | None:
    """What stays of an event; `drawn` collects the updates whose images were met."""
    if event.step > start.update:
        return None
    values: list[Summary.Value] = []
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == "hparams":
            continue
        if value.tag.startswith("samples/"):
            values += [] if event.step in drawn else _renamed(value, event.step, start)
            drawn.add(event.step)
        elif (
            value.HasField("simple_value") and not value.tag.startswith("metric/") and not _is_logged(event.step, start)
        ):
            continue
        else:
            values.append(value)
    if event.HasField("summary"):
        if not values:
            return None
        del event.summary.value[:]
        event.summary.value.extend(values)
    return event


def _is_logged(update: int, start: Start) -> bool:
    return start.resolved.timeline.is_logged(update, start.config.train.log_every)


def _renamed(image: Summary.Value, update: int, start: Start) -> list[Summary.Value]:
    """The image under each tag that it has now."""
    percents = start.milestones.get(update, ())
    renamed = []
    for tag in [milestone_tag(percent) for percent in percents] or [f"samples/update_{update:09d}"]:
        copy = Summary.Value()
        copy.CopyFrom(image)
        copy.tag = tag
        renamed.append(copy)
    return renamed
