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


def test_a_short_gan_puts_ink_where_the_real_images_have_it(real_data: Path) -> None:
    """Three hundred updates make no good digits, but the mean image is near that of the real ones."""
    run = ganatomy.train("gan", "train.updates=300", "optimizer.lr=1e-3", "optimizer.betas=[0.5,0.999]")
    real = run.config.data.load().images[:5000]
    made = run.sample(256)
    assert np.corrcoef(made.mean(axis=0).ravel(), real.mean(axis=0).ravel())[0, 1] > 0.7


@pytest.mark.slow
def test_three_hundred_updates_of_dcgan_give_ink_like_the_real_images(real_data: Path) -> None:
    run = ganatomy.train("dcgan", "train.updates=300")
    real = run.config.data.load().images[:5000] / 255
    made = run.sample(256) / 255
    assert abs(made.mean() - real.mean()) < 0.05
    assert np.corrcoef(made.mean(axis=0).ravel(), real.mean(axis=0).ravel())[0, 1] > 0.8
