"""Objectives and models from outside the package are trained, resumed, scored, sampled and studied as shipped ones are."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import ganatomy
from ganatomy.callbacks import Callback, Step
from ganatomy.report import command
from ganatomy.runs import checkpoint
from study_files import TINY, bits, write

OUTSIDE = Path(__file__).parent / "outside"
UPDATES = 6

OBJECTIVES = {
    "auxiliary_classifier": {"real", "fake", "class_real", "class_fake"},
    "dragan": {"real", "fake", "penalty"},
    "fading_penalty": {"real", "fake", "penalty"},
    "hinge": {"real", "fake"},
    "lsgan": {"real", "fake"},
    "r3gan": {"pairs", "r1", "r2"},
    "wgan_gp": {"real", "fake", "penalty"},
}
"""The terms of each one's critic loss."""
MODELS = ["class_conditional", "spectral_norm", "two_modules"]

CASES = {
    **{name: [f"objective={OUTSIDE / name}.py"] for name in OBJECTIVES},
    **{name: [f"model={OUTSIDE / name}.py"] for name in MODELS},
}
CASES["auxiliary_classifier"].append(f"model={OUTSIDE / 'class_conditional.py'}")
CASES["spectral_norm bf16"] = [*CASES["spectral_norm"], "train.precision=bf16"]


class Stop(Callback):
    """As Ctrl-C after three updates."""

    def on_step(self, event: Step) -> None:
        if event.update == 3:
            os.kill(os.getpid(), signal.SIGINT)


def train(words: list[str], out: Path, *callbacks: Callback, log_every: int = 1) -> ganatomy.Run:
    settings = [
        "data=digits",
        "train.batch=32",
        f"train.updates={UPDATES}",
        "train.evaluate_every=0",
        f"train.log_every={log_every}",
    ]
    return ganatomy.train("gan", *settings, *words, out=out, callbacks=callbacks)


@pytest.mark.parametrize("case", CASES)
def test_trains_resumes_to_the_bit_scores_and_samples(case: str, tmp_path: Path) -> None:
    whole = train(CASES[case], tmp_path / "whole")
    with pytest.raises(ganatomy.Interrupted):
        train(CASES[case], tmp_path / "stopped", Stop())
    assert ganatomy.load(tmp_path / "stopped").update == 3
    resumed = ganatomy.resume(tmp_path / "stopped")
    assert resumed.update == whole.update == UPDATES
    assert bits(whole.path) == bits(resumed.path)

    for record in whole.history:
        assert np.isfinite([record["score/real"], record["score/fake"]]).all()
        if case in OBJECTIVES:
            assert {name for name in record if name.startswith("loss/discriminator/")} == {
                f"loss/discriminator/{term}" for term in OBJECTIVES[case]
            }

    images = whole.sample(5)
    assert images.shape == (5, 28, 28, 1)
    assert images.dtype == np.uint8
    scores = ganatomy.evaluate(whole, n=100, metrics=["fid"])
    assert "fid" in str(scores)
    assert (whole.path / "metrics.json").is_file()


@pytest.mark.parametrize(("section", "name"), [("objective", "hinge"), ("model", "two_modules")])
def test_a_run_keeps_the_code_and_refuses_another_version(section: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.py"
    text = (OUTSIDE / file.name).read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    run = train([f"{section}={file}"], tmp_path / "run")
    assert (run.path / "code" / section / file.name).read_text(encoding="utf-8") == text

    file.write_text(text + "\n# another version\n", encoding="utf-8")
    with pytest.raises(ganatomy.GanatomyError) as refused:
        ganatomy.evaluate(ganatomy.load(run.path), n=100, metrics=["fid"])
    for version in (text, text + "\n# another version\n"):
        assert hashlib.sha256(version.encode()).hexdigest() in str(refused.value)

    file.unlink()
    with pytest.raises(ganatomy.GanatomyError, match="--trust-code"):
        _ = ganatomy.load(run.path).config
    assert ganatomy.load(run.path, trust_code=True).sample(2).shape == (2, 28, 28, 1)


def test_a_conditional_model_samples_one_class(tmp_path: Path) -> None:
    run = train(CASES["class_conditional"], tmp_path / "run")
    assert not np.array_equal(run.sample(4, seed=0, label=7), run.sample(4, seed=0, label=1))
    assert np.array_equal(run.sample(4, seed=0, label="7"), run.sample(4, seed=0, label=7))


def test_a_study_compares_a_shipped_loss_with_one_from_outside(tmp_path: Path) -> None:
    arms = TINY[TINY.index("[[arms]]") : TINY.index("[levels.quick]")]
    text = TINY.replace(
        arms,
        f"""
[[arms]]
name = "shipped"
recipe = "gan"

[[arms]]
name = "outside"
recipe = "gan"
settings = ["objective={OUTSIDE / "hinge.py"}"]

""",
    ).replace("seeds = [0, 1]", "seeds = [0]")
    results = ganatomy.study(write(tmp_path, text), studies=tmp_path / "studies")
    assert {(trial.arm, trial.state) for trial in results.trials} == {("shipped", "finished"), ("outside", "finished")}


NOISED = """
import torch

import ganatomy


class Noised(ganatomy.Objective):
    deterministic = False

    def critic_loss(self, critic, batch):
        real, fake = (images + 0.1 * torch.randn_like(images) for images in (batch.real, batch.fake))
        return {"real": -critic(real).mean(), "fake": critic(fake).mean()}

    def generator_loss(self, critic, batch):
        return {"fake": -critic(batch.fake).mean()}
"""


def test_scores_are_logged_of_a_loss_that_shows_d_other_images_only(tmp_path: Path) -> None:
    (tmp_path / "noised.py").write_text(NOISED, encoding="utf-8")
    words = [f"objective={tmp_path / 'noised.py'}"]
    often = train(words, tmp_path / "often")
    assert all(np.isfinite([record["score/real"], record["score/fake"]]).all() for record in often.history)
    # Scoring them for the log changes nothing: a run that logs its last update alone ends in the same weights.
    rarely = train(words, tmp_path / "rarely", log_every=UPDATES)
    assert len(rarely.history) < len(often.history)
    for mine, other in zip(weights(often), weights(rarely), strict=True):
        assert torch.equal(mine, other)


def weights(run: ganatomy.Run) -> list[torch.Tensor]:
    tensors = checkpoint.load(run.folder.checkpoint(run.update)).tensors
    return [value for name in sorted(tensors) for _, value in sorted(tensors[name].items())]


def test_a_loss_that_fades_needs_a_length_that_is_known_and_stays(tmp_path: Path) -> None:
    words = ["data=digits", "train.batch=32", "train.evaluate_every=0", f"objective={OUTSIDE / 'fading_penalty.py'}"]
    with pytest.raises(ganatomy.UsageError, match=r"reads batch\.progress, so the run's length must be known"):
        ganatomy.train("gan", *words, "train.seconds=1", out=tmp_path / "clock")
    assert not (tmp_path / "clock").exists()
    ganatomy.train("gan", *words, "train.updates=2", out=tmp_path / "run")
    with pytest.raises(ganatomy.GanatomyError, match="another length is another run"):
        ganatomy.resume(tmp_path / "run", "train.updates=3")


def test_other_labels_are_another_run(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 1), dtype=np.uint8)
    labels = np.arange(64) % 4
    file = tmp_path / "images.npz"
    np.savez(file, images=images, labels=labels)
    words = ["train.batch=32", "train.evaluate_every=0", f"data={file}", *CASES["class_conditional"]]
    ganatomy.train("gan", *words, "train.updates=2", out=tmp_path / "run")
    np.savez(file, images=images, labels=labels[::-1])
    with pytest.raises(ganatomy.GanatomyError, match="the labels changed"):
        ganatomy.resume(tmp_path / "run", "train.updates=3")
    np.savez(file, images=images)
    with pytest.raises(ganatomy.GanatomyError, match="needs labels"):
        ganatomy.resume(tmp_path / "run", "train.updates=3")
    np.savez(file, images=images, labels=labels)
    assert ganatomy.resume(tmp_path / "run", "train.updates=3").update == 3


OLD_STYLE = """
from math import prod

from torch import nn
from torch.nn.utils import spectral_norm

from two_modules import Generator


class Discriminator(nn.Sequential):
    def __init__(self, shape):
        layers = [spectral_norm(nn.Linear(prod(shape), 32)), nn.LeakyReLU(0.2), spectral_norm(nn.Linear(32, 1))]
        super().__init__(nn.Flatten(), *layers)
"""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_torchs_first_spectral_norm_keeps_its_vectors_in_float32(
    precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(OUTSIDE)
    (tmp_path / "old_style.py").write_text(OLD_STYLE, encoding="utf-8")
    words = [f"model={tmp_path / 'old_style.py'}", f"train.precision={precision}"]
    run = train(words, tmp_path / "run")
    discriminator = checkpoint.load(run.folder.checkpoint(UPDATES)).tensors["discriminator"]
    vectors = {key: value for key, value in discriminator.items() if key.endswith(("_u", "_v"))}
    assert vectors.keys() >= {"1.weight_u", "1.weight_v"}
    for key, vector in vectors.items():
        assert vector.dtype == torch.float32, key
        assert vector.norm().item() == pytest.approx(1, abs=1e-5), key
    assert np.isfinite(run.history[-1]["score/real"])


def test_a_conditional_run_is_evaluated_while_it_trains_and_drawn(tmp_path: Path) -> None:
    words = ["data=digits", "train.batch=32", "train.updates=4", "train.evaluate_every=2", "train.log_every=1"]
    run = ganatomy.train("gan", *words, *CASES["class_conditional"], out=tmp_path / "run")
    assert [record["step"] for record in run.scores if "metric/fid" in record] == [2, 4]
    graph = EventAccumulator(str(run.path))
    graph.Reload()
    assert graph.Graph().node
    assert len(list(run.path.glob("samples/pct_*.png"))) == 5
    page = command.write([run.path], tmp_path / "report.html")
    assert "class_conditional" in page.read_text(encoding="utf-8")
