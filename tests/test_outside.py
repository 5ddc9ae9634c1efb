"""Objectives and models from outside the package are trained, resumed, scored, sampled and studied as shipped ones are."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

import numpy as np
import pytest

import ganatomy
from ganatomy.callbacks import Callback, Step
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


def train(words: list[str], out: Path, *callbacks: Callback) -> ganatomy.Run:
    settings = [
        "data=digits",
        "train.batch=32",
        f"train.updates={UPDATES}",
        "train.log_every=1",
        "train.evaluate_every=0",
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
