"""What TensorBoard shows of a run: read back with TensorBoard's own reader."""

from __future__ import annotations

import errno
import io
import os
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.custom_scalar.layout_pb2 import Layout
from tensorboard.summary.writer.record_writer import RecordWriter

import ganatomy
from ganatomy.callbacks import Callback
from ganatomy.callbacks.tensorboard import read_events

SETTINGS = ["data=digits", "train.updates=8", "train.batch=16", "train.log_every=2"]


@pytest.fixture
def events(tmp_path: Path) -> EventAccumulator:
    ganatomy.train("gan", *SETTINGS, "out=logs/experiment_1")
    accumulator = EventAccumulator("logs/experiment_1", size_guidance={"images": 0, "scalars": 0})
    accumulator.Reload()
    return accumulator


def test_scalars_at_every_logged_update(events: EventAccumulator) -> None:
    history = ganatomy.load("logs/experiment_1").history
    for tag in ("loss/discriminator", "loss/generator", "loss/discriminator/real", "loss/discriminator/fake"):
        assert [(event.step, event.value) for event in events.Scalars(tag)] == [
            (record["step"], pytest.approx(record[tag])) for record in history
        ]
    tags = set(events.Tags()["scalars"])
    assert {"score/real", "score/fake", "grad/discriminator", "grad/generator", "speed/images_per_second"} <= tags
    assert [record["step"] for record in history] == [2, 4, 6, 8]


def test_one_image_tag_a_milestone_with_the_pictures_pixels(events: EventAccumulator) -> None:
    steps = {"000": 0, "025": 2, "050": 4, "075": 6, "100": 8}
    for percent, step in steps.items():
        (image,) = events.Images(f"samples/pct_{percent}")
        assert image.step == step
        shown = np.asarray(Image.open(io.BytesIO(image.encoded_image_string)).convert("L"))
        saved = np.asarray(Image.open(f"logs/experiment_1/samples/pct_{percent}.png"))
        np.testing.assert_array_equal(shown, saved)


def test_the_graph_shows_both_networks(events: EventAccumulator) -> None:
    names = [node.name for node in events.Graph().node]
    for network in ("generator", "discriminator"):
        assert any(f"{network}" in name and "Linear" in name for name in names)


def test_both_losses_in_one_chart_and_settings_once_without_a_second_run(events: EventAccumulator) -> None:
    plugins = events.summary_metadata
    assert plugins["custom_scalars__config__"].plugin_data.plugin_name == "custom_scalars"
    (file,) = Path("logs").rglob("events.out.tfevents.*")
    layout = Layout.FromString(events.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0])
    (chart,) = layout.category[0].chart
    drawn = {tag for tag in events.Tags()["scalars"] for pattern in chart.multiline.tag if re.match(pattern, tag)}
    assert drawn == {"loss/discriminator", "loss/generator"}
    recorded = [
        value.tag
        for event in read_events(file)
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "hparams"
    ]
    assert sorted(recorded) == [
        "_hparams_/experiment",
        "_hparams_/session_end_info",
        "_hparams_/session_start_info",
    ]
    assert [entry.name for entry in Path("logs").iterdir()] == ["experiment_1"]


def times_settings_are_recorded(run: str) -> int:
    return sum(
        value.tag == "_hparams_/session_start_info"
        for file in Path(run).glob("events.out.tfevents.*")
        for event in read_events(file)
        for value in event.summary.value
    )


def test_settings_are_recorded_once_in_an_extended_run(tmp_path: Path) -> None:
    ganatomy.train("gan", *SETTINGS, "out=run")
    ganatomy.resume("run", "train.updates=10")
    assert times_settings_are_recorded("run") == 1


def test_settings_are_recorded_once_in_a_run_killed_at_its_end(tmp_path: Path) -> None:
    class Killed(Callback):
        def on_checkpoint(self, update: int) -> None:
            if update == 8:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ganatomy.train("gan", *SETTINGS, "out=run", callbacks=[Killed()])
    assert ganatomy.load("run").update == 6
    assert ganatomy.resume("run").update == 8
    assert times_settings_are_recorded("run") == 1


def test_a_callback_that_fails_costs_no_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from ganatomy.callbacks.tensorboard import TensorBoard

    def fail(self: TensorBoard, update: int) -> None:
        raise OSError("no space left for events")

    monkeypatch.setattr(TensorBoard, "on_checkpoint", fail)
    run = ganatomy.train("gan", *SETTINGS, "out=run")
    assert run.update == 8
    assert "TensorBoard is off for the rest of this run: no space left for events" in caplog.text


def test_points_are_drawn_as_a_scatter_plot_on_one_scale(tmp_path: Path) -> None:
    ganatomy.train("gan", "data=mixtures", "train.updates=4", "train.batch=64", "out=run")
    first, last = (np.asarray(Image.open(f"run/samples/pct_{percent}.png")) for percent in ("000", "100"))
    assert first.shape == last.shape
    assert (first < 255).any()


def test_a_full_disk_is_one_line_and_no_thread(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """tensorboard's own writer prints a traceback from a thread of its own."""
    written = 0
    write = RecordWriter.write

    def fill(self: RecordWriter, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, content)

    monkeypatch.setattr(RecordWriter, "write", fill)
    before = threading.active_count()
    run = ganatomy.train("gan", *SETTINGS, "out=run")
    assert run.update == 8
    assert threading.active_count() == before
    (warning,) = [record for record in caplog.records if "TensorBoard" in record.message]
    assert warning.message.endswith("No space left on device")
    assert warning.exc_info is None
    assert "Traceback" not in capfd.readouterr().err


def test_what_is_written_can_be_read_at_once(tmp_path: Path) -> None:
    """A run that is watched while it trains."""
    from ganatomy.callbacks.event_file import Writer

    first, second = Writer(tmp_path), Writer(tmp_path)
    first.add_scalar("x", 1.0, 1)
    second.add_scalar("x", 2.0, 2)
    accumulator = EventAccumulator(str(tmp_path))
    accumulator.Reload()
    assert [(event.step, event.value) for event in accumulator.Scalars("x")] == [(1, 1.0), (2, 2.0)]
    first.close()
    second.close()
