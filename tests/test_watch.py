"""A user's own loop, watched: nothing of the training changes, no hook stays, and each mistake gets its name."""

from __future__ import annotations

import copy
import io
import json
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.optim import optimizer as optimizers

import ganatomy
from command_line import Command
from ganatomy import diagnosis
from ganatomy.config import recipe
from ganatomy.errors import UsageError
from ganatomy.watching import Finding, Watch
from ganatomy.watching.names import role_of
from ganatomy.watching.rules import all_rules
from ganatomy.watching.texts import TEXTS
from ganatomy.words import Language

sys.path.insert(0, str(Path(__file__).parent / "mistakes"))
from harness import Trainer, diagnose, trainers

DOCS = Path(__file__).parents[1] / "docs"
PARAMETER_HOOKS = ("_backward_hooks", "_post_accumulate_grad_hooks")
Networks = tuple[nn.Module, nn.Module]
Around = Callable[[nn.Module, nn.Module, torch.optim.Optimizer, torch.optim.Optimizer], Watch | None]


def networks(seed: int = 0) -> Networks:
    torch.manual_seed(seed)
    generator = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 16), nn.Tanh())
    discriminator = nn.Sequential(nn.Linear(16, 32), nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(32, 1))
    return generator, discriminator


def trained(watching: Around, steps: int = 30, seed: int = 0) -> Networks:
    """A small non-saturating GAN on numbers, as a user writes it, after so many iterations."""
    G, D = networks(seed)
    opt_G = torch.optim.Adam(G.parameters(), 1e-3, betas=(0.5, 0.999))
    opt_D = torch.optim.Adam(D.parameters(), 1e-3, betas=(0.5, 0.999))
    watch = watching(G, D, opt_G, opt_D)
    for _ in range(steps):
        real = torch.rand(16, 16) * 2 - 1
        fake = G(torch.randn(16, 8))
        loss_D = nn.functional.softplus(-D(real)).mean() + nn.functional.softplus(D(fake.detach())).mean()
        opt_D.zero_grad()
        loss_D.backward()
        opt_D.step()
        loss_G = nn.functional.softplus(-D(fake)).mean()
        opt_G.zero_grad()
        loss_G.backward()
        opt_G.step()
        if watch is not None:
            watch.step(loss_D=loss_D, loss_G=loss_G)
    if watch is not None:
        assert watch.diagnose() == []
        watch.close()
    return G, D


def states(pair: Networks) -> Iterator[Tensor]:
    return chain(*(network.state_dict().values() for network in pair))


def test_watching_changes_no_bit_of_the_training() -> None:
    alone = trained(lambda *_: None)
    watched = trained(lambda *given: ganatomy.watch(*given, every=3))
    assert all(torch.equal(a, b) for a, b in zip(states(alone), states(watched), strict=True))


@pytest.mark.parametrize("out", [None, "runs/mine"])
def test_close_leaves_no_hook(out: str | None) -> None:
    def count(pair: Networks) -> int:
        modules = [each for network in pair for each in network.modules()]
        parameters = [each for network in pair for each in network.parameters()]
        hooks = [hooks for each in modules for hooks in (each._forward_hooks, each._forward_pre_hooks)]
        hooks += [getattr(each, name) or {} for each in parameters for name in PARAMETER_HOOKS]
        return sum(map(len, hooks))

    steps = optimizers._global_optimizer_pre_hooks, optimizers._global_optimizer_post_hooks
    before = [len(each) for each in steps]
    pair = networks()
    with ganatomy.watch(*pair, out=out) as watch:
        assert count(pair) > 0
        watch.step(loss_D=1.0)
    assert count(pair) == 0
    assert [len(each) for each in steps] == before


def test_copies_of_a_watched_network_are_not_watched() -> None:
    """`copy.deepcopy`, as for a moving average, and `torch.save` of a whole module take hooks along."""
    G, D = networks()
    with ganatomy.watch(G, D) as watch:
        average = copy.deepcopy(G)
        file = io.BytesIO()
        torch.save(G, file)
        file.seek(0)
        loaded = torch.load(file, weights_only=False)
        for other in average, loaded:
            other(torch.randn(4, 8))
        assert watch._observer.iteration.made == []
        G(torch.randn(4, 8))
        assert len(watch._observer.iteration.made) == 1


def test_wrapped_networks_and_mixed_precision_stay_silent() -> None:
    """DataParallel, autocast and a GradScaler, which scales the gradients that the rules look at."""
    G, D = map(nn.DataParallel, networks())
    opt_G, opt_D = (torch.optim.RMSprop(network.parameters(), 1e-3) for network in (G, D))
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    with ganatomy.watch(G, D, opt_G, opt_D, every=5) as watch:
        for _ in range(40):
            real = torch.rand(16, 16) * 2 - 1
            with torch.autocast("cpu", torch.bfloat16):
                fake = G(torch.randn(16, 8))
                loss_D = nn.functional.softplus(-D(real)).mean() + nn.functional.softplus(D(fake.detach())).mean()
            opt_D.zero_grad()
            scaler.scale(loss_D).backward()
            scaler.unscale_(opt_D)
            nn.utils.clip_grad_norm_(D.parameters(), 1.0)
            scaler.step(opt_D)
            with torch.autocast("cpu", torch.bfloat16):
                loss_G = nn.functional.softplus(-D(fake)).mean()
            opt_G.zero_grad()
            scaler.scale(loss_G).backward()
            scaler.step(opt_G)
            scaler.update()
            watch.step(loss_D=loss_D.item(), loss_G=loss_G.item())
        assert watch.diagnose() == []


def test_an_optimizer_may_be_wrapped() -> None:
    """As Lightning's are."""

    class Wrapper:
        def __init__(self, optimizer: torch.optim.Optimizer) -> None:
            self.optimizer = optimizer

    G, D = networks()
    wrong = torch.optim.Adam(D.parameters(), 1e-3)
    with ganatomy.watch(G, D, Wrapper(Wrapper(wrong))) as watch:  # type: ignore[arg-type]
        assert [each.name for each in watch.diagnose()] == ["wrong-parameters"]


def test_the_line_is_that_of_the_optimizer_that_is_wrong() -> None:
    G, D = networks()
    opt_G, opt_D = torch.optim.Adam(G.parameters(), 1e-3), torch.optim.Adam(G.parameters(), 1e-3)
    with ganatomy.watch(G, D, opt_G, opt_D) as watch:
        for _ in range(5):
            D(G(torch.randn(16, 8))).mean().backward()
            opt_D.step()
            opt_G.step()
            watch.step()
        (finding,) = (each for each in watch.diagnose() if each.name == "wrong-parameters")
    assert finding.line is not None
    assert finding.line.text == "opt_D.step()"


@pytest.mark.slow
def test_compiled_networks_are_watched() -> None:
    G, D = map(torch.compile, networks())
    opt_D = torch.optim.Adam(D.parameters(), 1e-3)
    with ganatomy.watch(G, D, opt_D=opt_D) as watch:
        for _ in range(20):
            loss = (
                nn.functional.softplus(-D(torch.rand(16, 16))).mean() + D(G(torch.randn(16, 8)).detach()).exp().mean()
            )
            loss.backward()
            opt_D.step()
            watch.step(loss_D=loss)
        assert "no-zero-grad" in [each.name for each in watch.diagnose()]


@pytest.mark.parametrize("name", ["loss_D", "d_loss", "errD", "lossD", "critic_loss", "loss_C", "loss_disc", "D_loss"])
def test_names_of_the_critics_loss(name: str) -> None:
    assert role_of(name) == "D"


@pytest.mark.parametrize("name", ["loss_G", "g_loss", "errG", "lossG", "gen_loss", "generator_loss", "G_loss"])
def test_names_of_the_generators_loss(name: str) -> None:
    assert role_of(name) == "G"


def test_an_error_is_printed_as_soon_as_it_is_certain(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, in the language asked for; a notebook gets a table."""
    G, D = networks()
    opt_D = torch.optim.Adam(D.parameters(), 1e-3)
    with ganatomy.watch(G, D, opt_D=opt_D, language="zh") as watch:
        for _ in range(40):
            loss_D = D(G(torch.randn(16, 8)).detach()).mean() - D(torch.rand(16, 16)).mean()
            loss_D.backward()  # and no zero_grad
            opt_D.step()
            watch.step(loss_D=loss_D)
        found = watch.diagnose()
    said = capsys.readouterr().err
    # Not cleared, not clipped, and reals from 0 to 1 for a Tanh.
    mistakes = {"no-zero-grad", "clip-missing", "range-mismatch"}
    assert {each.name for each in found} == mistakes
    assert [said.count(f"error: {name}") for name in mistakes] == [1, 1, 1]
    assert "梯度" in said
    assert "opt_D.step()" in repr(found)
    assert "<table>" in found._repr_html_()


def test_what_cannot_be_watched_is_named() -> None:
    G, D = networks()
    with pytest.raises(UsageError, match="G = a list: must be Module"):
        ganatomy.watch([G], D)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="opt_D is float; give a torch optimizer"):
        ganatomy.watch(G, D, None, 1e-3)  # type: ignore[arg-type]
    watch = ganatomy.watch(G, D)
    with pytest.raises(UsageError, match="loss_D is a tensor of 16 x 1; give one number"):
        watch.step(loss_D=torch.zeros(16, 1))
    with pytest.raises(UsageError, match="'accuracy' names neither network's loss"):
        watch.step(accuracy=0.5)
    watch.close()
    with pytest.raises(UsageError, match="this watch is closed"):
        watch.step(loss_D=0.0)


def test_every_rule_has_its_texts() -> None:
    for name, rule in all_rules().items():
        assert rule.SEVERITY in ("error", "warning", "note")
        assert {*TEXTS.section(name)} >= {"seen", "means", "mend"}
        assert getattr(rule, "HIDES", ()) == () or set(rule.HIDES) <= all_rules().keys()


def _first_of_each() -> list[Trainer]:
    """One trainer a mistake, and one healthy one a system: linear networks where there are some, for they are fast."""
    found: dict[str, Trainer] = {}
    for trainer in sorted(trainers("design"), key=lambda each: ("Conv" in each.path.read_text(), str(each))):
        found.setdefault(trainer.mistake or f"healthy {trainer.system}", trainer)
    return list(found.values())


def check(trainer: Trainer, findings: list[Finding]) -> None:
    names = [each.name for each in findings]
    if trainer.mistake is None:
        assert names == []
        return
    assert trainer.mistake in names
    finding = findings[names.index(trainer.mistake)]
    assert "{" not in finding.text("en") + finding.text("zh")
    if finding.line is not None:
        assert Path(finding.line.file) == trainer.path


@pytest.mark.parametrize("trainer", _first_of_each(), ids=str)
def test_a_mistake_gets_its_name(trainer: Trainer) -> None:
    check(trainer, diagnose(trainer, seed=0, steps=110))


@pytest.mark.slow
@pytest.mark.parametrize("trainer", trainers("design"), ids=str)
def test_a_mistake_gets_its_name_in_every_phrasing(trainer: Trainer) -> None:
    check(trainer, diagnose(trainer, seed=1))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_has_every_rule_as_it_is(language: Language) -> None:
    sys.path.insert(0, str(DOCS))
    import diagnosis_rules

    assert diagnosis_rules.PAGES[language].read_text("utf-8") == diagnosis_rules.page(language), (
        "run: python docs/diagnosis_rules.py"
    )
    for name in all_rules():
        assert f"### {name}\n" in diagnosis_rules.page(language)


def found_in(recipe_name: str, updates: int) -> list[str]:
    config = recipe.load(recipe_name, {"data": "digits", "train.batch": 32})
    return [each.name for each in diagnosis.of_config(config, updates, "en")]


@pytest.mark.parametrize(
    ("recipe_name", "mistakes"),
    [
        ("gan-as-reported", {"d-outputs-pixels", "labels-alike", "range-mismatch"}),
        ("dcgan-as-reported", {"labels-alike"}),
        ("gan", set()),
        ("gan-tuned", set()),
    ],
)
def test_the_lab_reports_mistakes_have_names(recipe_name: str, mistakes: set[str]) -> None:
    assert set(found_in(recipe_name, 25)) == mistakes


@pytest.mark.slow
@pytest.mark.parametrize("recipe_name", [name for name in recipe.names() if "as-reported" not in name])
def test_shipped_recipes_have_no_mistake(recipe_name: str) -> None:
    assert found_in(recipe_name, 60) == []


def test_diagnose_from_the_command_line(tmp_path: Path, command: Command) -> None:
    run = ganatomy.train("gan-as-reported", data="digits", out=tmp_path / "run", train={"updates": 1})
    before = {*run.path.rglob("*")}
    said = command("diagnose", str(run.path), "--updates", "20", "--json")
    assert "d-outputs-pixels" in [each["name"] for each in json.loads(said.out)["findings"]]
    assert {*run.path.rglob("*")} - before == {run.folder.diagnosis}


class Loop:
    """A non-saturating GAN on 64 numbers that is healthy; each test changes one thing that it may well have."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, *more: nn.Module) -> None:
        self.G, self.D = generator, discriminator
        self.opt_G = torch.optim.Adam([*generator.parameters(), *(p for each in more for p in each.parameters())], 1e-3)
        self.opt_D = torch.optim.Adam(discriminator.parameters(), 1e-3)

    def real(self) -> Tensor:
        return torch.rand(16, 64) * 2 - 1

    def fake(self) -> Tensor:
        return self.G(torch.randn(16, 8))

    def score(self, images: Tensor) -> Tensor:
        return self.D(images)

    def loss_G(self, scores: Tensor) -> Tensor:
        return nn.functional.softplus(-scores).mean()

    def train(self, steps: int = 60, every: int = 25) -> list[str]:
        with ganatomy.watch(self.G, self.D, self.opt_G, self.opt_D, every=every) as watch:
            for self.step in range(steps):
                self.D.requires_grad_(True)
                fake = self.fake()
                loss_D = nn.functional.softplus(-self.score(self.real())) + nn.functional.softplus(
                    self.score(fake.detach())
                )
                self.opt_D.zero_grad()
                loss_D.mean().backward()
                self.opt_D.step()
                self.D.requires_grad_(False)
                loss_G = self.loss_G(self.score(fake))
                self.opt_G.zero_grad()
                loss_G.backward()
                self.opt_G.step()
                watch.step(loss_D=loss_D.mean(), loss_G=loss_G)
            return [each.name for each in watch.diagnose()]


def mlp(inputs: int, outputs: int, *last: nn.Module, width: int = 32) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, outputs), *last)


def test_a_width_that_is_the_batch_size_is_no_broadcast() -> None:
    """A distance of images in G's loss leads past the scores into G, whose activations are 16 x 16."""
    loop = Loop(mlp(8, 64, nn.Tanh(), width=16), mlp(64, 1, width=16))
    fake, score = loop.fake, loop.score
    last: list[Tensor] = []
    loop.fake = lambda: last.append(fake()) or last[-1]  # type: ignore[func-returns-value, method-assign]
    loop.score = lambda images: score(images) + (last[-1] if images.grad_fn else images).abs().mean()  # type: ignore[method-assign]
    assert loop.train() == []


class Collapsing(Loop):
    def fake(self) -> Tensor:
        return self.G(torch.randn(16, 8) * (1 if self.step < 60 else 1e-4))


class Swinging(Loop):
    def fake(self) -> Tensor:
        return self.G(torch.randn(16, 8) * 0.1 + (3 if self.step // 5 % 2 else -3))


class Vanishing(Loop):
    """D cannot tell reals from fakes: they are a copy of G's."""

    def real(self) -> Tensor:
        made: Tensor = copy.deepcopy(self.G)(torch.randn(16, 8)).detach()
        return made

    def loss_G(self, scores: Tensor) -> Tensor:
        return super().loss_G(scores) * (1 if self.step < 60 else 1e-7)


class Overpowered(Loop):
    """Reals are easy to tell, and G's loss is flat where D is sure."""

    def real(self) -> Tensor:
        return torch.tensor([-0.9, 0.9]).repeat(32) + 0.1 * torch.rand(16, 64)

    def loss_G(self, scores: Tensor) -> Tensor:
        return -nn.functional.softplus(scores).mean()


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Loop, None),
        (Collapsing, "collapse"),
        (Swinging, "oscillation"),
        (Vanishing, "vanishing-gradient"),
        (Overpowered, "d-overpowers"),
    ],
)
def test_states_are_measured(kind: type[Loop], state: str | None) -> None:
    torch.manual_seed(0)
    loop = kind(mlp(8, 64, nn.Tanh()), mlp(64, 1))
    if kind is Overpowered:
        loop.opt_G.param_groups[0]["lr"], loop.opt_D.param_groups[0]["lr"] = 1e-5, 1e-2
    found = loop.train(400, every=5)
    assert (state in found) if state else found == []


def test_a_network_before_g_is_not_missing() -> None:
    mapping = mlp(8, 8)
    loop = Loop(mlp(8, 64, nn.Tanh()), mlp(64, 1), mapping)
    loop.fake = lambda: loop.G(mapping(torch.randn(16, 8)))  # type: ignore[method-assign]
    assert loop.train() == []


def test_layers_in_a_plain_list_are_missing() -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = mlp(8, 32, nn.ReLU())
            self.others = [nn.Linear(32, 64)]

        def forward(self, z: Tensor) -> Tensor:
            return torch.tanh(self.others[0](self.first(z)))

    assert Loop(Listed(), mlp(64, 1)).train() == ["missing-parameters"]


def test_networks_that_are_frozen_between_their_steps_move() -> None:
    loop = Loop(mlp(8, 64, nn.Tanh()), mlp(64, 1))
    score, fake = loop.score, loop.fake
    loop.fake = lambda: loop.G.requires_grad_(True) and fake()  # type: ignore[method-assign]
    loop.score = lambda images: loop.G.requires_grad_(images.grad_fn is not None) and score(images)  # type: ignore[method-assign]
    loop.G.requires_grad_(False)
    assert loop.train() == []


def test_labels_may_come_before_images() -> None:
    class Conditional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = mlp(74, 1)

        def forward(self, labels: Tensor, images: Tensor) -> Tensor:
            return self.body(torch.cat([labels, images], 1))

    loop = Loop(mlp(8, 64, nn.Tanh()), Conditional())
    classes = torch.eye(10)[torch.arange(16) % 10]
    loop.score = lambda images: loop.D(classes, images)  # type: ignore[method-assign]
    assert loop.train() == []


def fail(*_: object) -> None:
    raise IndexError("a tensor of a new kind")


def test_an_error_ends_the_watching_and_not_the_training(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ganatomy.watching.observer.kind_of", fail)
    loop = Loop(mlp(8, 64, nn.Tanh()), mlp(64, 1))
    before = [each.clone() for each in loop.D.parameters()]
    loop.train(steps=20)
    assert not any(map(torch.equal, before, loop.D.parameters()))
    said = capsys.readouterr().err
    assert said.count("stopped watching, and the training goes on: IndexError: a tensor of a new kind") == 1


def test_a_rule_that_fails_does_not_end_the_training(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ganatomy.watching.rules.nan.check", fail)
    G, D = networks()
    with ganatomy.watch(G, D) as watch:
        for _ in range(20):
            watch.step(loss_D=1.0)
    assert capsys.readouterr().err.count("stopped watching, and the training goes on: IndexError") == 1


def test_sparse_gradients_and_growing_networks() -> None:
    class Embedded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = mlp(64, 1)
            self.classes = nn.Embedding(10, 1, sparse=True)

        def forward(self, images: Tensor) -> Tensor:
            return self.body(images) + self.classes(torch.arange(len(images)) % 10)

    G, D = mlp(8, 64, nn.Tanh()), Embedded()
    opt_D = torch.optim.SGD(D.parameters(), 1e-3)
    with ganatomy.watch(G, D, opt_D=opt_D) as watch:
        for step in range(20):
            if step == 10:
                D.body.append(nn.Linear(1, 1))
                opt_D.add_param_group({"params": D.body[-1].parameters()})
            opt_D.zero_grad()
            loss = nn.functional.softplus(-D(torch.rand(16, 64))).mean()
            loss.backward()
            opt_D.step()
            watch.step(loss_D=loss)
        assert watch._observer.failure is None
