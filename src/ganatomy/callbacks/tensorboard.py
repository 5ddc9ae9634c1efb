"""TensorBoard: both losses apart and in one chart, scores, gradient norms, one image tag a milestone, both graphs."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import torch
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from ganatomy import atomic, images
from ganatomy.callbacks.base import Callback, End, Milestone, Start, Step
from ganatomy.config import flat, tree
from ganatomy.models import Discriminator, Generator

log = logging.getLogger("ganatomy")


class TensorBoard(Callback):
    """Writes events.out.tfevents.* into the run's folder; the step is the generator's update for all systems."""

    def __init__(self, scatter_limit: float | None = None) -> None:
        self._limit = scatter_limit
        self._writer: SummaryWriter | None = None
        self._start: Start | None = None

    @property
    def writer(self) -> SummaryWriter:
        assert self._writer is not None
        return self._writer

    def on_start(self, event: Start) -> None:
        self._start = event
        if event.resumed:
            forget_events(event)
        else:
            for file in event.run.path.glob("events.out.tfevents.*"):
                file.unlink()
        self._writer = SummaryWriter(str(event.run.path))
        if not event.resumed:
            both = {"both players": ["Multiline", ["loss/discriminator", "loss/generator"]]}
            self.writer.add_custom_scalars({"losses": both})
            self._add_graphs(event)

    def _add_graphs(self, event: Start) -> None:
        """G and D as one graph, z -> G -> D: TensorBoard shows a single graph a run."""
        # The tracer warns of shapes taken as constants and of its own deprecation; neither touches the picture.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            networks = _Adversaries(event.generator, event.discriminator).eval()
            self.writer.add_graph(networks, torch.zeros(2, event.generator.latent))

    def on_step(self, event: Step) -> None:
        for name, value in event.values.items():
            self.writer.add_scalar(name, value, event.update)

    def on_milestone(self, event: Milestone) -> None:
        sheet = images.picture(event.images, limit=self._limit)
        for percent in event.percents:
            self.writer.add_image(milestone_tag(percent), sheet, event.update, dataformats="HWC")

    def on_checkpoint(self, update: int) -> None:
        self.writer.flush()

    def on_end(self, event: End) -> None:
        assert self._start is not None
        settings = {
            name: value if isinstance(value, (bool, int, float, str)) else str(value)
            for name, value in flat(tree(self._start.config)).items()
        }
        metrics = {f"final/{name}": value for name, value in event.values.items() if name.startswith("epoch_mean/")}
        # Not SummaryWriter.add_hparams: that makes a second run, named by the time, in a folder below this one.
        for summary in hparams(settings, metrics):
            self.writer._get_file_writer().add_summary(summary, event.update)
        for name, value in metrics.items():
            self.writer.add_scalar(name, value, event.update)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Adversaries(nn.Module):
    """Both networks as one module, so that one graph shows them."""

    def __init__(self, generator: Generator, discriminator: Discriminator) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator

    def forward(self, noise: Tensor) -> Tensor:
        scores: Tensor = self.discriminator(self.generator(noise))
        return scores


def milestone_tag(percent: int) -> str:
    """One tag a percentage, for TensorBoard keeps only some images of a tag."""
    return f"samples/pct_{percent:03d}"


def forget_events(start: Start) -> None:
    """Rewrite the event files as the run would have them had it never gone past `start.update`.

    Later events go, and so do those that only a shorter run had: its last log line and its hyper-parameters. Images
    are named by the percentages of the run's present length.
    """
    seen: Counter[int] = Counter()
    for file in sorted(start.run.path.glob("events.out.tfevents.*")):
        kept = [event for old in read_events(file) if (event := _kept(old, start, seen)) is not None]

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


def _kept(event: Event, start: Start, images_seen: Counter[int]) -> Event | None:
    if event.step > start.update:
        return None
    timeline, train = start.resolved.timeline, start.config.train
    values: list[Summary.Value] = []
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == "hparams" or value.tag.startswith("final/"):
            continue
        if value.tag.startswith("samples/"):
            percents = timeline.milestones(train.milestones).get(event.step, ())
            if timeline.total_updates is not None:
                index = images_seen[event.step]
                if percents and index >= len(percents):
                    continue
                value.tag = milestone_tag(percents[index]) if percents else f"samples/update_{event.step:09d}"
            images_seen[event.step] += 1
        elif value.HasField("simple_value") and not timeline.is_logged(event.step, train.log_every):
            continue
        values.append(value)
    if event.HasField("summary"):
        if not values:
            return None
        del event.summary.value[:]
        event.summary.value.extend(values)
    return event
