"""On the real MNIST files, where they are: GANATOMY_DATA names their folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ganatomy


def test_the_lab_step_count_and_last_batch(real_data: Path) -> None:
    run = ganatomy.train("gan", "train.epochs=1", "train.log_every=100")
    assert [record["batch"] for record in run.history] == [100, 200, 300, 400, 469]
    assert run.history[-1]["images"] == 60_000
    assert run.path.name == "gan-mnist-s0"


def test_a_short_dcgan_learns_where_ink_is(real_data: Path) -> None:
    """Thirty updates make no digits, but ink in the middle and none at the border, as in the real images."""
    run = ganatomy.train("dcgan", "train.updates=30", "train.batch=64", "optimizer.lr=1e-3", "optimizer.betas=[0.5,0.999]")
    before = run.folder.sample_file(0)
    assert before.exists()
    images = run.sample(64).astype(float)
    border = np.concatenate([images[:, :3].ravel(), images[:, -3:].ravel()])
    assert images[:, 8:20, 8:20].mean() > 2 * border.mean()


@pytest.mark.slow
def test_three_hundred_updates_of_dcgan_give_ink_like_the_real_images(real_data: Path) -> None:
    run = ganatomy.train("dcgan", "train.updates=300")
    real = ganatomy.api.load(run.path).config.data.load().images[:5000] / 255
    made = run.sample(256) / 255
    assert abs(made.mean() - real.mean()) < 0.05
    assert np.corrcoef(made.mean(axis=0).ravel(), real.mean(axis=0).ravel())[0, 1] > 0.8
