"""Kinds of mistakes: what is said of wrong fillings that are no known mistake of their blank."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from ganatomy.lab.assignments import checking, starting
from ganatomy.lab.assignments.assignment import Assignment
from ganatomy.lab.assignments.document import Document
from ganatomy.lab.assignments.kinds.differences import DIFFERENCES
from ganatomy.lab.assignments.kinds.errors import ERRORS
from ganatomy.lab.assignments.kinds.place import Place
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
    (
        "d-step",
        "optim_D.zero_grad()\nloss_D.backward(",
        "no-python",
        "Line 2 of the blank is not valid Python (SyntaxError",
    ),
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
        "real_loss = loss_func(D(G(reals)), G(reals))",
        "input-of-network",
        "Line 1 of the blank: a network does",
    ),
    ("g-step", "loss_G.backward()", "call-missing", "`zero_grad()`, `step()` is missing"),
    (
        "g-loss",
        "loss_G = loss_func(G(noise), torch.ones(count, 1))",
        "network-missing",
        "does not use `D`",
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


LOSS = "real_output = D(reals)\nreal_loss = loss_func(real_output, torch.ones_like(real_output))"
FAKES_OF_D = "loss_G = loss_func(D(fakes), torch.ones(count, 1))"
D = "D = Discriminator(hidden_dim).to(device)"
ADAM = "optim_G, optim_D = (torch.optim.Adam"
EVAL = "G.eval()\nwith torch.no_grad():\n    images = G(fixed_noise)\n"
SAID_OF_WGAN = (
    (
        "clip",
        "for p in D.linear.parameters():\n    p.data.clamp_(-clip_value, clip_value)",
        "other-clipping",
        "all others stay",
    ),
    (
        "clip",
        "with torch.no_grad():\nfor p in D.parameters():\n    p.clamp_(-1, 1)",
        "not-indented",
        "Line 2 of the blank",
    ),
    ("clip", "D.parameters().clamp_(-clip_value, clip_value)", "one-by-one", "for parameter in D.parameters()"),
    ("critic-steps", "critic_steps = 5.0", "no-whole-number", "no number with a point"),
    ("data-range", "reals = 2(images / 255) - 1", "number-called", "Put a `*` between them"),
    ("d-score", "return self.linear(features), features", "several-results", "You return 2 things"),
    ("critic-loop", "loss_D = train_generator(len(reals), D, G, optim_D)", "other-function", "`train_discriminator`"),
    ("distance", "estimate = -loss_D.mean()", "number-without", "leave `.mean` out"),
    ("g-second", "nn.Linear(1024, 128, 7, 7),\nnn.BatchNorm1d(6272),\nnn.ReLU(),", "number-as-device", "128 * 7 * 7"),
    (
        "optimizers",
        "optim_G, optim_D = (torch.optim.RMSprop(n.parameters) for n in (G, D))",
        "without-brackets",
        "s()`",
    ),
    ("d-fakes", "with torch.no_grad:\n    fakes = G(noise)", "without-brackets", "Write `torch.no_grad()`"),
    ("d-step", "D.zero_grad()\nloss_D.backward()\nD.step()", "step-of-another", "`optim_D.step()`"),
    (
        "clip",
        "for p in D.parameters():\n    p = p.clamp(-clip_value, clip_value)",
        "not-in-place",
        "Nothing is clipped",
    ),
    ("real-loss", "real_loss = (-D(reals)).mean().backward()", "nothing-assigned", "gets None"),
    ("g-loss", "loss_G = 1 - D(G(noise)).mean()", "other-means", "a mean of scores and nothing else"),
    ("g-loss", "loss_G = -(noise**2).mean()", "network-missing", "does not use `D`"),
    ("g-forward", "return self.conv(self.net(z))", "no-such-attribute", "The network has `linear`, `conv`"),
    ("d-noise", "noise = np.random.randn(len(reals), input_dim)", "not-imported", "add `import numpy as np`"),
    ("d-noise", "noise = torch.randn(len(reals), input_dim, divice=device)", "other-argument", "you mean `device`"),
    ("log-losses", "SummaryWriter.add_scalar('D', loss_D, step)", "none-of-arguments", "given `writer`, `loss_D`"),
    ("log-losses", "writer.add_image('D', loss_D, step)", "not-for-numbers", "`add_scalar(tag, value, step)`"),
    ("log-losses", "writer.add_scalars('loss', loss_D, loss_G, step)", "no-dict", "takes a dict"),
    ("log-losses", "add_scalar('D', loss_D, step)", "without-its-owner", "Write `writer.add_scalar`"),
)
SAID_OF_DCGAN = (
    ("d-fakes", "fakes = G(torch.randn(len(reals), 100)).detach()", "variable-missing", "does not use `noise`"),
    ("d-activation", "nn.LeakyReLU(0.1)(features),", "called-in-list", "Write `nn.LeakyReLU(0.1)` and a comma"),
    ("g-range", "nn.Tanh(),\nlambda x: (x + 1) / 2,", "lambda-in-list", "A lambda is a function"),
    ("g-forward", "return self.fc(maps)", "other-part", "what this blank is about is `self.conv`"),
    ("g-reshape", "maps = z.reshape(-1, 128, 7, 7)", "variable-missing", "does not use `x`"),
    ("data-shape", "reals = images.permute(0, 3, 1, 2).float()", "variable-missing", "Go on from `reals`"),
    ("d-fakes", "fakes = G(noise).detach().round()", "other-fakes", "of the given `noise`"),
    ("d-fakes", "fakes = G.detach()", "method-of-tensor", "a network has no `detach`"),
    ("fake-loss", "fake_loss = torch.log(1 - D(fakes)).mean()", "own-loss", "to `loss_func`"),
    ("g-conv1", "nn.ConvTranspose2d(128, 64, (4, 2, 1)),", "one-bracket", "kernel_size=4, stride=2, padding=1"),
    (
        "optimizers",
        "optim_G = optim_D = torch.optim.Adam(G.parameters(), 2 ^ -4)",
        "invalid-setting",
        "the learning rate is -2",
    ),
    ("d-fakes", "fakes = G(noise).requires_grad_(False)", "no-leaf", "use `.detach()`"),
    ("g-reshape", "maps = x.unfold(128, 7, 7)", "no-dimension", "no dimension 128 here"),
    ("real-loss", "real_loss = loss_func(D(reals), torch.ones(6, 1, dtype=int))", "types-differ", "Long and Float"),
    ("g-fc2", "nn.Linear(hidden_dim, 128 x 7 x 7),", "x-for-times", "Multiply by `*`"),
    ("d-flatten", "flat = nn.Flatten(features)", "layer-made", "`nn.Flatten(...)(tensor)`"),
    ("d-flatten", "flat = features.view(1024, -1)", "input-of-layer", "which is as it should be"),
    ("samples", "with G.eval():\n    images = G(fixed_noise)", "no-context", "`torch.no_grad()`"),
    ("d-step", "G.zero_grad()\nG.backward()\noptim_D.step()", "backward-of-another", "`loss_D.backward()`"),
    ("log-losses", "writer.add_scalar(loss/D, loss_D, step)", "tag-without-quotes", "in quotation marks"),
    ("real-loss", "real_loss = loss_func(D(reals), 1)", "label-as-number", "torch.ones_like"),
    ("g-forward", "return self.conv(fakes)", "name-of-another-function", "a variable of train_discriminator()"),
    # What does nothing, or too early.
    ("d-step", "optim_D.zero_grad\nloss_D.backward()\noptim_D.step()", "not-called", "Write `optim_D.zero_grad()`"),
    ("data-shape", "reals.reshape(-1, 1, 28, 28)", "result-thrown-away", "the result is not kept"),
    ("samples", EVAL + "    return images\nG.train()", "early-return", "Line 4 of the blank: `return` ends"),
    ("networks", "G == Generator(input_dim, hidden_dim)\nD = Discriminator(hidden_dim)", "compared", "a single `=`"),
    # Layers.
    ("g-range", "torch.sigmoid(),", "function-in-list", "`nn.Sigmoid`"),
    ("g-norm1", "nn.BatchNorm1d(hidden_dim),\nnn.functional.relu,", "function-in-list", "`nn.ReLU`"),
    ("g-fc1", "self.fc1 = nn.Linear(input_dim, hidden_dim)", "assigned-in-list", "to `self.fc1`"),
    ("g-norm1", "nn.BatchNorm(hidden_dim),\nnn.ReLU(),", "misspelt", "perhaps you mean `nn.BatchNorm1d`"),
    ("g-norm1", "nn.BatchNorm1d(),\nnn.ReLU(),", "missing-argument", "`BatchNorm1d` is called without 'num_features'"),
    ("d-activation", "nn.LeakyReLU(slope=0.1),", "other-argument", "perhaps you mean `negative_slope`"),
    ("d-pool1", "nn.MaxPool2d(4),", "sizes-part", "has the size 32 x 6 x 6; in the lab's network it has 32 x 12 x 12"),
    ("d-conv2", "nn.LeakyReLU(0.1),", "layer-missing", "`Conv2d(32, 64"),
    ("g-reshape", "maps = x.reshape(-1, 128, 5, 5)", "count-of-image", "the 6272 numbers of each image"),
    ("g-forward", "return self.conv(maps).detach()", "cut-graph", "No gradient gets through the network"),
    ("g-forward", "return self.con(maps)", "misspelt", "perhaps you mean `self.conv`"),
    ("d-flatten", "flat = map.flatten(1)", "none-of-arguments", "there is no `map` here"),
    # Names that are known elsewhere.
    (
        "d-noise",
        "noise = torch.randn(batch_size, input_dim)",
        "name-of-training",
        "what it is given; here that is `reals`",
    ),
    ("g-loss", FAKES_OF_D, "name-of-another-function", "a variable of train_discriminator()"),
    # Losses and steps.
    ("real-loss", f"{LOSS}.item()", "number-of-loss", "`.item()` makes a plain number"),
    ("real-loss", "real_loss = nn.BCELoss(D(reals), torch.ones(6, 1))", "loss-not-made", "take settings, not tensors"),
    (
        "real-loss",
        "real_loss = loss_func(D(reals), -torch.ones(6, 1))",
        "no-label",
        "must be 1 for real and 0 for fake",
    ),
    ("real-loss", f"{LOSS} * 3", "other-losses", "Check in this order"),
    ("g-loss", "loss_G = loss_func(D(G(noise)).mean(), torch.tensor(1.0))", "other-losses", "takes every output"),
    ("g-loss", "loss_G = 2 * loss_func(D(G(noise)), torch.ones(count, 1))", "times-loss", "2 times as much"),
    ("d-fakes", "G.requires_grad_(False)\nfakes = G(noise)", "frozen", "G has weights with requires_grad=False"),
    # What is made once.
    (
        "networks",
        "G = Generator(input_dim, hidden_dim, device)\nD = Discriminator(hidden_dim, device)",
        "device-as-size",
        "`Generator(...).to(device)`",
    ),
    (
        "networks",
        f"G = Generator(input_dim, hidden_dim).eval()\n{D}",
        "networks-in-eval",
        "G comes out of here in evaluation mode",
    ),
    ("optimizers", f"{ADAM}(n.conv.parameters(), 2e-4) for n in (G, D))", "parameters-missing", "of G's 14 weight"),
    ("optimizers", f"{ADAM}(n.parameters(), 2e-4, eps=1e-3) for n in (G, D))", "other-setting", "has eps 0.001"),
    (
        "d-noise",
        "noise = torch.randn(1, input_dim).repeat(len(reals), 1)",
        "noise-repeated",
        "Few of the numbers in your noise are different",
    ),
    (
        "d-noise",
        "noise = 0.02 * torch.randn(len(reals), input_dim)",
        "noise-distribution",
        "standard deviation is 0.02, expected 1",
    ),
    (
        "data-range",
        "reals = (images - images.min()) / (images.max() - images.min())",
        "range-of-batch",
        "the fixed 255",
    ),
    ("data-shape", "reals = reals.squeeze().unsqueeze(1)", "single-image", "[28, 1, 28], expected [1, 1, 28, 28]"),
    (
        "samples",
        "G.train()\nwith torch.no_grad():\n    images = G(fixed_noise)\nG.eval()",
        "other-mode",
        "G.train() after it",
    ),
    ("log-losses", "print(loss_D, loss_G)", "nothing-logged", "once for each loss"),
    ("log-losses", "writer.add_scalar('D', loss_D, step=step)", "other-argument", "perhaps you mean `global_step`"),
    ("log-losses", "writer.add_scaler('D', loss_D, step)", "misspelt", "perhaps you mean `writer.add_scalar`"),
)


@pytest.mark.parametrize(
    ("assignment", "of", "code", "name", "said"),
    [*(("dcgan", *each) for each in SAID_OF_DCGAN), *(("wgan", *each) for each in SAID_OF_WGAN)],
)
def test_a_wrong_filling_of_the_others_too(assignment: str, of: str, code: str, name: str, said: str) -> None:
    found = judged(assignment, of, code)
    assert (found.state, found.mistake) == ("mistake", name), found.message.en
    assert said in found.message.en


@pytest.mark.parametrize(
    ("of", "code"),
    [
        ("d-noise", "noise = torch.randn(len(reals), input_dim)"),
        ("real-loss", "real_loss = loss_func(D(reals), torch.ones(len(reals), 1))"),
        ("g-loss", "loss_G = loss_func(D(G(noise)), torch.ones(count, 1))"),
    ],
)
def test_what_is_right_on_the_cpu_alone_passes_with_a_word_on_it(of: str, code: str) -> None:
    found = judged("dcgan", of, code)
    assert found.state == "passed"
    assert "On a GPU it would stop" in found.message.en


def test_a_layer_that_does_not_fit_into_memory_is_not_made(tmp_path: Path) -> None:
    file = starting.start("dcgan", tmp_path, "en", "py")
    code = file.read_text("utf-8")
    begin, end = (re.search(rf"^ *# \[{mark}6\].*\n", code, re.MULTILINE) for mark in ("", "/"))
    assert begin
    assert end
    file.write_text(f"{code[: begin.end()]}nn.ConvTranspose2d(6272, 6272, 8),\n{code[end.start() :]}", "utf-8")
    (found,) = checking.check(file, [6])
    assert found.mistake == "too-large"


def test_a_stand_in_for_a_network_is_not_shown() -> None:
    found = judged("dcgan", "g-loss", "loss_G = D(noise).mean() + G(noise).mean()")
    assert found.mistake == "input-of-network"
    assert "Conv2d" not in found.message.en


def test_every_kind_has_its_text() -> None:
    texts = TEXTS.section("KINDS")
    assert {name for name, _ in (*ERRORS, *DIFFERENCES)} <= {*texts}
    for words in texts.values():
        assert set(re.findall(r"\{(\w+)\}", words.en)) == set(re.findall(r"\{(\w+)\}", words.zh))


def test_an_empty_blank_may_be_all_that_a_block_has() -> None:
    lines = ["# %%", "def both(x):", "    if x:", "        # blank one", "        y = x", "        # end"]
    document = Document.of("\n".join([*lines, "    # blank two", "    z = y", "    # end", "    return z"]))
    assert Place(document, document.blank(2), "z = w").names == ["x", "both"]
