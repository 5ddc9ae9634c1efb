"""bfloat16: which runs compute in it, and that the working copy is the network, rounded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import ganatomy
from ganatomy.config import precision, recipe
from ganatomy.config.resolve import resolve
from ganatomy.models import families
from ganatomy.training.mixed_precision import WorkingCopy
from small_pictures import SIZE, write_pictures

EPS = 2.0**-8
"""A bfloat16's relative spacing, at most."""


@pytest.mark.parametrize(
    ("wanted", "fast", "bounded", "chosen"),
    [
        ("auto", True, True, "bf16"),
        ("auto", False, True, "fp32"),
        ("auto", True, False, "fp32"),
        ("fp32", True, True, "fp32"),
        ("bf16", False, False, "bf16"),
    ],
)
def test_the_choice(wanted: str, fast: bool, bounded: bool, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_fast_bf16", lambda device: fast)
    assert precision.choose(wanted, "cpu", bounded) == chosen  # type: ignore[arg-type]
    name, data = ("gan", "digits") if bounded else ("gan", "mixtures")
    config = recipe.load(name, {"data": data, "train.precision": wanted})
    resolved, _ = resolve(config, config.data.load())
    assert resolved.train.precision == chosen


@pytest.mark.parametrize(
    ("functions", "fast"),
    [
        ({}, False),
        ({"_is_avx512_bf16_supported": True}, True),
        ({"_is_avx512_bf16_supported": False, "_is_amx_tile_supported": True}, True),
        ({"_is_avx512_bf16_supported": False, "_is_amx_tile_supported": False}, False),
    ],
)
def test_a_torch_that_cannot_tell_has_no_fast_bf16(
    functions: dict[str, bool], fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    for name, answer in functions.items():
        monkeypatch.setattr(torch.cpu, name, lambda answer=answer: answer, raising=False)
    assert precision.has_fast_bf16("cpu") == fast


NORMALISED = {"batchnorm": "both"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, {}) for name in families.names()),
        ("mlp", NORMALISED),
        ("convnet", {**NORMALISED, "upsampling": "nearest", "head": "average", "generator_slope": 0.2}),
    ],
)
def test_the_working_copy_is_the_network_rounded(name: str, options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = families.get(name)(**options)
    generator, discriminator = model.generator((28, 28, 1)), model.discriminator((28, 28, 1))
    for network, values in ((generator, torch.randn(16, model.latent)), (discriminator, torch.rand(16, 1, 28, 28))):
        before = {key: value.clone() for key, value in network.state_dict().items()}
        copied = WorkingCopy(network)
        assert network.state_dict().keys() == copied.network.state_dict().keys()
        for key, value in network.state_dict().items():
            assert torch.equal(value, before[key])
            assert value.dtype in (torch.float32, torch.int64)
        expected = network(values)
        made = copied(values)
        assert made.dtype == torch.float32
        assert (made - expected).abs().max() < 20 * EPS * expected.abs().max()

        weights = torch.randn_like(expected)
        (expected * weights).sum().backward()
        exact = {key: parameter.grad for key, parameter in network.named_parameters()}
        for _ in range(2):  # the second time into the memory of the first
            copied.backward((copied(values) * weights).sum())
            for key, parameter in network.named_parameters():
                assert parameter.grad is not None
                assert parameter.grad.dtype == torch.float32
                known = exact[key]
                assert known is not None
                if known.abs().max() > 1e-4 * weights.abs().sum() / len(values):  # biases before BatchNorm have none
                    alike = torch.nn.functional.cosine_similarity(parameter.grad.flatten(), known.flatten(), dim=0)
                    assert alike > 0.98, key
        assert all(parameter.grad is None or parameter.grad.dtype == torch.float32 for parameter in copied.parameters)


def test_batchnorm_stays_float32_and_is_the_networks_own() -> None:
    generator = families.get("convnet")().generator((28, 28, 1))
    copied = WorkingCopy(generator)
    for own, other in zip(generator.layers, copied.network.layers, strict=True):  # type: ignore[call-overload, arg-type]
        if isinstance(own, (nn.BatchNorm1d, nn.BatchNorm2d)):
            assert own.weight is other.weight
            assert own.running_mean is other.running_mean
        elif isinstance(own, nn.Linear):
            assert other.weight.dtype == torch.bfloat16
    before = generator.layers[1].running_mean.clone()
    copied(torch.randn(8, 100))
    assert not torch.equal(generator.layers[1].running_mean, before)


def test_the_copy_follows_and_a_parameter_without_a_gradient_has_none() -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    copied = WorkingCopy(network)
    with torch.no_grad():
        network[0].weight.fill_(0.1)
    copied.follow()
    assert torch.equal(copied.network[0].weight, torch.full((2, 3), 0.1).bfloat16())  # type: ignore[index]
    values = torch.ones(1, 3)
    copied.backward(copied(values).sum())
    assert network[1].weight.grad is not None
    copied.backward(copied.network[0](values.bfloat16()).float().sum())  # type: ignore[index]
    assert network[1].weight.grad is None
    assert network[0].weight.grad is not None


@pytest.mark.parametrize(
    ("name", "more"), [("gan", []), ("dcgan", []), ("wgan", []), ("dcgan", ["model.batchnorm=both"])]
)
def test_a_run_in_bf16_trains_resumes_to_the_same_bits_and_says_what_it_computes_in(
    name: str, more: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also on a processor without instructions for it, where it is only slow."""
    write_pictures(tmp_path / "pictures", 40)
    settings = [
        "data=folder",
        f"data.path={tmp_path / 'pictures'}",
        f"data.size={SIZE}",
        "train.batch=16",
        "train.log_every=1",
    ]
    settings += ["train.precision=bf16", "train.evaluate_every=0", *more]
    whole = ganatomy.train(name, *settings, "train.updates=4", f"out={tmp_path / 'whole'}")
    assert "bf16" in capfd.readouterr().err
    ganatomy.train(name, *settings, "train.updates=2", f"out={tmp_path / 'stopped'}")
    resumed = ganatomy.resume(tmp_path / "stopped", "train.updates=4")
    for mine, theirs in ((whole.generator, resumed.generator), (whole.discriminator, resumed.discriminator)):
        for key, value in mine.state_dict().items():
            assert torch.equal(value, theirs.state_dict()[key])
            assert value.dtype in (torch.float32, torch.int64)
    settings[settings.index("train.precision=bf16")] = "train.precision=fp32"
    exact = ganatomy.train(name, *settings, "train.updates=1", f"out={tmp_path / 'exact'}")
    losses = [run.history[0]["loss/discriminator"] for run in (whole, exact)]
    assert losses[0] == pytest.approx(losses[1], rel=0.02, abs=1e-3)
    assert losses[0] != losses[1]
    assert whole.config.train.precision == "bf16"
    assert json.loads((whole.path / "env.json").read_text())[0]["precision"] == "bf16"


def test_a_run_keeps_the_precision_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ["data=digits", "train.evaluate_every=0", "train.batch=32", f"out={tmp_path / 'run'}"]
    monkeypatch.setattr(precision, "has_fast_bf16", lambda device: True)
    assert ganatomy.train("gan", *settings, "train.updates=1").config.train.precision == "bf16"
    monkeypatch.setattr(precision, "has_fast_bf16", lambda device: False)
    assert ganatomy.resume(tmp_path / "run", "train.updates=2").config.train.precision == "bf16"


def test_a_run_from_before_there_was_a_choice_goes_on_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ["data=digits", "train.evaluate_every=0", "train.batch=32", f"out={tmp_path / 'run'}"]
    run = ganatomy.train("gan", *settings, "train.updates=1", "train.precision=fp32")
    written = run.folder.config.read_text()
    assert 'precision = "fp32"\n' in written
    run.folder.config.write_text(written.replace('precision = "fp32"\n', ""))
    monkeypatch.setattr(precision, "has_fast_bf16", lambda device: True)
    with pytest.raises(ganatomy.GanatomyError, match=r"train\.precision: fp32 -> bf16"):
        ganatomy.resume(run.path, "train.updates=2", "train.precision=bf16")
    assert ganatomy.resume(run.path, "train.updates=2").config.train.precision == "fp32"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
@pytest.mark.parametrize("name", ["fp32", "bf16"])
def test_a_compiled_run_is_near_and_resumes_to_the_same_bits(name: str, tmp_path: Path) -> None:
    """1,797 images in batches of 600: the last batch of an epoch is smaller."""
    settings = ["data=digits", "train.batch=600", f"train.precision={name}", "train.evaluate_every=0"]
    settings += ["train.log_every=1"]
    plain = ganatomy.train("gan", *settings, "train.updates=8", f"out={tmp_path / 'plain'}")
    settings.append("train.compile=true")
    whole = ganatomy.train("gan", *settings, "train.updates=8", f"out={tmp_path / 'whole'}")
    ganatomy.train("gan", *settings, "train.updates=4", f"out={tmp_path / 'stopped'}")
    resumed = ganatomy.resume(tmp_path / "stopped", "train.updates=8")
    for key, value in whole.generator.state_dict().items():
        assert torch.equal(value, resumed.generator.state_dict()[key])
    for mine, theirs in zip(whole.history, plain.history, strict=True):
        assert mine["loss/generator"] == pytest.approx(theirs["loss/generator"], rel=0.02)
