"""What probes show to D: real and generated images, the same for the same run, in the range that it was trained on."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from ganatomy.errors import GanatomyError, UsageError
from ganatomy.probes import inputs
from ganatomy.runs.run import Run
from probes_runs import tiny


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return tiny(tmp_path_factory.mktemp("runs"), "gan", "model.hidden=8")


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return tiny(tmp_path_factory.mktemp("runs"), "gan", "data.count=600", "model.hidden=8", data="mixtures")


def test_they_are_a_function_of_the_run(run: Run) -> None:
    """Whatever is asked for in between, and however many: the first are the same. No global generator is touched."""
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index]
    fakes, reals = inputs.generated(run, 300), inputs.real(run, 300)
    again = Run(run.path)
    assert torch.equal(inputs.generated(again, 20), fakes[:20])
    assert torch.equal(inputs.real(again, 20), reals[:20])
    after = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index]
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_they_are_the_runs_own_images(run: Run) -> None:
    reals = inputs.real(run, 50)
    assert (reals.shape, reals.dtype) == ((50, *(run.shape[2], *run.shape[:2])), torch.float32)
    assert (reals.min(), reals.max()) == (-1, 1)
    known = {image.tobytes() for image in run.config.data.load().images}
    drawn = [image.tobytes() for image in inputs.training_images(run, 50)]
    assert set(drawn) <= known
    fakes = inputs.generated(run, 30)
    made = ((fakes.permute(0, 2, 3, 1) + 1) / 2 * 255).round().to(torch.uint8).numpy()
    assert np.array_equal(made, run.sample(30, inputs.noise_seed(run)))
    assert not np.array_equal(made, run.sample(30))


def test_the_range_is_that_which_d_was_shown(tmp_path: Path) -> None:
    unit = tiny(tmp_path, "gan", "data.range=unit", "model.hidden=8")
    assert inputs.real(unit, 50).min() == 0


def test_none_is_drawn_twice(run: Run) -> None:
    """The digits hold no image twice."""
    count = len(run.config.data.load())
    assert len(torch.unique(inputs.real(run, count).flatten(1), dim=0)) == count


def test_held_out_images_are_others_or_none(run: Run, points: Run) -> None:
    assert inputs.held_out(run, 10) is None
    others = inputs.held_out(points, 10_000)
    assert others is not None
    assert others.shape == (600, 2, 1, 1)
    mine = {tuple(point) for point in inputs.real(points, 600).flatten(1).tolist()}
    assert not mine & {tuple(point) for point in others.flatten(1).tolist()}


@pytest.mark.parametrize("n", [0, -1, 10_000])
def test_too_few_and_too_many(run: Run, n: int) -> None:
    with pytest.raises(UsageError, match="1797"):
        inputs.real(run, n)
    if n < 1:
        with pytest.raises(UsageError, match="at least one"):
            inputs.generated(run, n)


def test_other_weights_have_no_d(run: Run) -> None:
    with pytest.raises(UsageError, match="last"):
        inputs.generated(Run(run.path, "best"), 10)


def test_other_data_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Run(run.path)
    monkeypatch.setattr(other.folder, "read_config", lambda: ({}, {"digest": 64 * "0", "shape": list(run.shape)}))
    other.config = run.config  # type: ignore[misc]
    with pytest.raises(GanatomyError, match="000000000000"):
        inputs.real(other, 10)


def test_batches_are_about_as_large_as_the_runs(run: Run) -> None:
    images = torch.arange(200.0).view(200, 1, 1, 1)
    parts = inputs.batches(run, images)
    assert torch.equal(torch.cat(parts), images)
    assert [len(part) for part in parts] == [34, 34, 33, 33, 33, 33]  # of 32 and more
    assert [len(part) for part in inputs.batches(run, images[:5])] == [5]
    assert [len(part) for part in inputs.batches(run, images[:1])] == [1]


def test_d_judges_as_in_training(tmp_path: Path) -> None:
    """With the batch's own mean and variance, and its running ones are left alone."""
    normalised = tiny(tmp_path, "dcgan", "model.batchnorm=discriminator")
    before = {name: value.clone() for name, value in normalised.discriminator.state_dict().items()}
    images = inputs.real(normalised, 64)
    own, copied = normalised.discriminator, inputs.judge(normalised)
    assert not torch.allclose(copied(images), own(images), atol=1e-2)
    assert torch.equal(copied(images), own.train()(images))
    fresh = Run(normalised.path).discriminator.state_dict()
    for name, value in before.items():
        assert torch.equal(value, fresh[name])
    with pytest.raises(UsageError, match="two or more"):
        inputs.batches(normalised, images[:1])
