"""Kinds of mistakes: what is said of wrong fillings that are no known mistake of their blank."""

from __future__ import annotations

import re

import pytest
import torch

from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.kinds.differences import DIFFERENCES
from ganatomy.lab.assignments.kinds.errors import ERRORS
from ganatomy.lab.assignments.submission import Filling, Submission
from ganatomy.lab.assignments.verdict import Judge, Verdict
from ganatomy.lab.texts import TEXTS


def judged(name: str, of: str, code: str) -> Verdict:
    torch.set_num_threads(1)
    assignment = Assignment.get(name)
    number = next(each.number for each in assignment.document.blanks if each.name == of)
    return Judge(Submission(name, "en", {number: Filling(code, 1)}), assignment).verdict(number)


REAL = "real_output = D(reals)\n"
SAMPLES = "with torch.no_grad():\n    images = G(fixed_noise)"
SAID = (
    ("d-step", "optim_D.zero_grad()\nloss_D.backward(", "no-python", "Line 2 of the blank is no Python (SyntaxError"),
    (
        "g-second",
        "nn.Linear(hidden_dim, hidden_dim)\nnn.ReLU(),",
        "no-comma",
        "Line 1 of the blank: a comma is missing",
    ),
    (
        "d-noise",
        "noise = torch.randn(len(reals), inpt_dim)",
        "misspelt",
        "no `inpt_dim` here; perhaps you mean `input_dim`",
    ),
    ("g-activation", "nn.Relu(),", "misspelt", "no `nn.Relu` here; perhaps you mean `nn.ReLU`"),
    ("d-step", "loss_G.backward()", "misspelt", "no `loss_G` here; perhaps you mean `loss_D`"),
    ("d-fakes", "result = G(noise).detach()", "not-assigned", "gives `fakes` no value"),
    ("d-first", "Linear(input_dim, hidden_dim),", "without-its-owner", "Write `nn.Linear`"),
    ("d-fakes", "fakes = G(fakes).detach()", "used-too-early", "`fakes` has no value yet"),
    (
        "g-first",
        "nn.Linear(input_dim, 300),",
        "sizes-part",
        "each image has the size 300; in the lab's network it has 256",
    ),
    ("g-first", "nn.Linear,", "class-itself", "write `Linear(...)`"),
    ("g-first", "nn.Linear(input_dim, width=256),", "no-such-argument", "It has `in_features`, `out_features`, `bias`"),
    ("d-second", "nn.Linear(hidden_dim, hidden_dim),\n0.1,", "not-a-layer", "type float"),
    ("d-activation", "nn.LeakyReLU(0.3),", "setting-of-layer", "`LeakyReLU(negative_slope=0.3)` where the lab's has"),
    (
        "d-activation",
        "nn.ELU(),",
        "other-layer",
        "`ELU(alpha=1.0)` where the lab's has `LeakyReLU(negative_slope=0.1)`",
    ),
    ("d-output", "nn.Dropout(0.5),\nnn.Linear(hidden_dim, 1),", "layer-too-many", "`Dropout(p=0.5, inplace=False)`"),
    ("optimizers", "optim_G, optim_D = (torch.optim.Adam(n.parameters(), 1e-3) for n in (G, D))", "default-lr", "1e-3"),
    (
        "optimizers",
        "optim_G, optim_D = (torch.optim.Adam(n.parameters(), 1e-2) for n in (G, D))",
        "learning-rate",
        "0.01",
    ),
    (
        "real-loss",
        "real_loss = loss_func(G(reals), G(reals))",
        "input-of-network",
        "Line 1 of the blank: a network does",
    ),
    ("real-loss", f"{REAL}real_loss = loss_func(real_output, torch.ones(6))", "flat-labels", "N x 1"),
    ("real-loss", f"{REAL}real_loss = loss_func(real_output, torch.ones(6, 2))", "shape-of-labels", "shape [6, 2]"),
    ("d-step", "loss_D.backward()\nloss_D.backward()", "second-backward", "Line 2 of the blank"),
    ("samples", f"{SAMPLES}.reshape(64, 28, 28, 1)\nimages = (images + 1) / 2", "other-shape", "[64, 28, 28, 1]"),
    ("log-losses", 'writer.add_scalar("loss/G", loss_G, step)', "loss-not-logged", "('loss/G', loss_G, step)"),
)


@pytest.mark.parametrize(("of", "code", "name", "said"), SAID)
def test_a_wrong_filling_gets_the_name_of_its_kind(of: str, code: str, name: str, said: str) -> None:
    found = judged("gan", of, code)
    assert (found.state, found.mistake) == ("mistake", name)
    assert said in found.message.en


@pytest.mark.parametrize(
    ("of", "code", "not_named"),
    [
        # The same errors as those of known mistakes, in another layer or step.
        ("d-first", "nn.Linear(input_dim, input_dim),", "hidden-input"),
        ("fake-loss", "fake_output = fakes\nfake_loss = loss_func(fake_output, fakes * 0)", "arguments-swapped"),
        # It acts as a known mistake does, but is not built like it.
        ("g-second", "nn.ReLU(),\nnn.Linear(hidden_dim, hidden_dim),", "no-activation"),
        ("networks", "G = Generator(100, 256, 784)\nD = Discriminator(784, 256).to(device)", "d-not-on-device"),
    ],
)
def test_a_mistake_gets_no_name_that_is_not_its_own(of: str, code: str, not_named: str) -> None:
    found = judged("gan", of, code)
    assert found.state == "mistake"
    assert found.mistake != not_named


def test_a_stand_in_for_a_network_is_not_shown() -> None:
    found = judged("dcgan", "g-loss", "loss_G = D(noise).mean()")
    assert found.mistake == "input-of-network"
    assert "Conv2d" not in found.message.en


def test_every_kind_has_its_text() -> None:
    texts = TEXTS.section("KINDS")
    assert {name for name, _ in (*ERRORS, *DIFFERENCES)} <= {*texts}
    for words in texts.values():
        assert set(re.findall(r"\{(\w+)\}", words.en)) == set(re.findall(r"\{(\w+)\}", words.zh))
