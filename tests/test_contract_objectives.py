"""The contract of every objective, shipped or from outside, and the closed form of each."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganatomy.objectives import Batch, Objective, objectives
from ganatomy.plugin.settings import field_help
from ganatomy.testing import check_objective

NAMES = objectives.names()
OUTSIDE = Path(__file__).parent / "outside"
FROM_OUTSIDE = ["auxiliary_classifier", "dragan", "fading_penalty", "hinge", "lsgan", "r3gan", "wgan_gp"]
HEIGHT, WIDTH, CHANNELS = SHAPE = (4, 3, 2)
CLASSES = 3
BATCH = 6


def outside(name: str, **options: Any) -> Objective:
    return objectives.get(str(OUTSIDE / f"{name}.py"))(**options)


def objective_of(name: str) -> Objective:
    return objectives.get(name)()


def batch_of(objective: Objective, seed: int = 0, progress: float = 0.0) -> Batch:
    """Real and fake images in a range that the objective allows."""
    draw = torch.Generator().manual_seed(seed)
    low, high = objective.real_range or (-1.0, 1.0)
    real, fake = (
        low + (high - low) * torch.rand(BATCH, CHANNELS, HEIGHT, WIDTH, generator=draw, dtype=torch.float64)
        for _ in range(2)
    )
    return Batch(real, fake, torch.randn(BATCH, 4, generator=draw), torch.arange(BATCH) % CLASSES, progress)


@pytest.mark.parametrize("reference", [*NAMES, *(str(OUTSIDE / f"{name}.py") for name in FROM_OUTSIDE)])
def test_contract(reference: str) -> None:
    check_objective(reference)


def critic_of(objective: Objective, seed: int = 0) -> nn.Sequential:
    """A small critic that is not linear, so that its gradient differs from image to image."""
    scores = objective.score_count(SHAPE, CLASSES)
    draw = torch.Generator().manual_seed(seed)
    critic = nn.Sequential(
        nn.Flatten(), nn.Linear(HEIGHT * WIDTH * CHANNELS, 5), nn.Tanh(), nn.Linear(5, scores)
    ).double()
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=draw, dtype=torch.float64) * 0.5)
    return critic


def total(terms: dict[str, Tensor]) -> Tensor:
    return torch.stack(list(terms.values())).sum()


def bce(scores: Tensor, target: Tensor) -> Tensor:
    return nn.BCELoss()(torch.sigmoid(scores), target)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_named_as_the_objective(name: str) -> None:
    leaf = objectives.get(name)
    assert leaf.name == name
    assert leaf.__module__.endswith(f".objectives.{name}")


@pytest.mark.parametrize("name", NAMES)
def test_fields_have_help_and_the_class_tells_its_formula(name: str) -> None:
    leaf = objectives.get(name)
    assert all(field_help(leaf).values())
    assert {field.name for field in dataclasses.fields(leaf)} == set(field_help(leaf))
    first_line = (inspect.getdoc(leaf) or "").splitlines()[0]
    assert "G:" in first_line
    assert not first_line.startswith(f"{leaf.__name__}("), "dataclass's own text, not a docstring"


@pytest.mark.parametrize("name", NAMES)
def test_frozen(name: str) -> None:
    objective = objective_of(name)
    for field in dataclasses.fields(objective):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(objective, field.name, getattr(objective, field.name))


@pytest.mark.parametrize(("on_real", "on_fake"), list(itertools.product([-1e4, 1e4], repeat=2)))
@pytest.mark.parametrize("name", NAMES)
def test_finite_at_extreme_scores(name: str, on_real: float, on_fake: float) -> None:
    objective = objective_of(name)
    batch = batch_of(objective)
    shape = (BATCH, objective.score_count(SHAPE))
    given_scores = {
        id(images): torch.full(shape, scores, dtype=torch.float32)
        for images, scores in ((batch.real, on_real), (batch.fake, on_fake))
    }
    for scores in given_scores.values():
        scores.requires_grad_()
    for loss in (objective.critic_loss, objective.generator_loss):
        terms = loss(lambda images: given_scores[id(images)], batch)
        assert all(value.isfinite() for value in terms.values()), terms
        total(terms).backward()
    for scores in given_scores.values():
        assert scores.grad is None or scores.grad.isfinite().all()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "wasserstein"])
def test_without_a_constraint_the_parameters_stay(name: str) -> None:
    objective = objective_of(name)
    critic = critic_of(objective)
    before = [parameter.detach().clone() for parameter in critic.parameters()]
    objective.constrain(critic.parameters())
    assert all(torch.equal(old, new) for old, new in zip(before, critic.parameters(), strict=True))


LABS_CRITIC: dict[str, Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "nonsaturating": lambda real, fake, _: (bce(real, torch.ones_like(real)), bce(fake, torch.zeros_like(fake))),
    "wasserstein": lambda real, fake, _: (-torch.mean(real), torch.mean(fake)),
    "image_target": lambda real, fake, x: (bce(real, x.reshape(len(x), -1)), bce(fake, x.reshape(len(x), -1))),
    "brightness_target": lambda real, fake, x: (
        bce(real, x.mean(dim=[2, 3]).mean(1, keepdim=True)),
        bce(fake, x.mean(dim=[2, 3]).mean(1, keepdim=True)),
    ),
}
"""D's loss on real and on fake images as the lab writes it, from raw scores."""


@pytest.mark.parametrize("name", LABS_CRITIC)
@given(seed=st.integers(0, 1000))
def test_the_critics_loss_is_the_labs(name: str, seed: int) -> None:
    objective = objective_of(name)
    critic = critic_of(objective, seed)
    batch = batch_of(objective, seed)
    terms = objective.critic_loss(critic, batch)
    on_real, on_fake = LABS_CRITIC[name](critic(batch.real), critic(batch.fake), batch.real)
    torch.testing.assert_close(terms["real"], on_real, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(terms["fake"], on_fake, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(total(terms), on_real + on_fake, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LABS_CRITIC)
@given(seed=st.integers(0, 1000))
def test_the_generators_loss_is_the_labs(name: str, seed: int) -> None:
    objective = objective_of(name)
    critic = critic_of(objective, seed)
    batch = batch_of(objective, seed)
    scores = critic(batch.fake)
    expected = -scores.mean() if name == "wasserstein" else bce(scores, torch.ones_like(scores))
    torch.testing.assert_close(total(objective.generator_loss(critic, batch)), expected, rtol=1e-9, atol=1e-12)


def test_brightness_target_at_28x28x1_has_the_labs_target_shape() -> None:
    """The lab's `x.mean(dim=[2, 3])` is N x 1 for grey images, as D's scores are."""
    objective = objective_of("brightness_target")
    real = torch.rand(BATCH, 1, 28, 28, dtype=torch.float64)
    scores = torch.randn(BATCH, 1, dtype=torch.float64)
    terms = objective.critic_loss(lambda _: scores, Batch(real, torch.rand_like(real), torch.zeros(BATCH, 1)))
    torch.testing.assert_close(terms["real"], bce(scores, real.mean(dim=[2, 3])))


@given(
    clip=st.floats(1e-4, 10),
    values=st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=20),
)
def test_wasserstein_clamps_every_weight(clip: float, values: list[float]) -> None:
    objective = objectives.get("wasserstein")(clip=clip)
    parameters = [nn.Parameter(torch.tensor(values)), nn.Parameter(torch.tensor(values[0]))]
    before = [parameter.detach().clone() for parameter in parameters]
    objective.constrain(iter(parameters))
    bound = torch.tensor(clip, dtype=torch.float32)
    for old, new in zip(before, parameters, strict=True):
        assert torch.equal(new, torch.where(old.abs() <= bound, old, old.sign() * bound))
        assert new.requires_grad


# ---- those from outside


def critic_terms(
    name: str, critic: Callable[[Tensor], Tensor], progress: float = 0.0, **options: Any
) -> dict[str, float]:
    objective = outside(name, **options)
    terms = objective.critic_loss(critic, batch_of(objective, progress=progress))
    return {term: value.item() for term, value in terms.items()}


def generator_terms(name: str, critic: Callable[[Tensor], Tensor], **options: Any) -> dict[str, float]:
    objective = outside(name, **options)
    return {term: value.item() for term, value in objective.generator_loss(critic, batch_of(objective)).items()}


def linear(norm: float) -> Callable[[Tensor], Tensor]:
    """A critic whose gradient has the same norm everywhere."""
    direction = torch.ones(CHANNELS * HEIGHT * WIDTH, 1, dtype=torch.float64).requires_grad_()
    return lambda images: images.flatten(1) @ (norm * direction / direction.norm())


@pytest.mark.parametrize("norm", [0.5, 1.0, 3.0])
def test_penalties_of_a_gradient_of_known_norm(norm: float) -> None:
    for name in ("wgan_gp", "dragan"):
        assert critic_terms(name, linear(norm))["penalty"] == pytest.approx(10 * (norm - 1) ** 2, abs=1e-9)
    assert critic_terms("dragan", linear(norm), k=0.0, penalty=3.0)["penalty"] == pytest.approx(3 * norm**2)
    terms = critic_terms("r3gan", linear(norm), gamma=4.0)
    assert terms["r1"] == terms["r2"] == pytest.approx(4 / 2 * norm**2)
    for progress in (0.0, 0.25, 1.0):
        terms = critic_terms("fading_penalty", linear(norm), progress, gamma=4.0)
        assert terms["penalty"] == pytest.approx((1 - progress) * 4 / 2 * norm**2)


def test_a_penalty_is_the_mean_of_each_images_own() -> None:
    """D(x) = |x|^2 / 2 has the gradient x."""

    def critic(images: Tensor) -> Tensor:
        return images.square().flatten(1).sum(1, keepdim=True) / 2

    batch = batch_of(outside("r3gan"))
    real, fake = (images.flatten(1).square().sum(1).mean().item() for images in (batch.real, batch.fake))
    terms = critic_terms("r3gan", critic, gamma=1.0)
    assert terms["r1"] == pytest.approx(real / 2)
    assert terms["r2"] == pytest.approx(fake / 2)
    assert critic_terms("fading_penalty", critic, gamma=1.0)["penalty"] == pytest.approx(real / 2)
    # DRAGAN's points are at the real images where the noise has no spread.
    norms = batch.real.flatten(1).norm(dim=1)
    expected = (norms - 1).square().mean().item()
    assert critic_terms("dragan", critic, spread=0.0, penalty=1.0)["penalty"] == pytest.approx(expected)


def test_wgan_gps_points_are_on_the_line_between_real_and_fake() -> None:
    seen: list[Tensor] = []

    def critic(images: Tensor) -> Tensor:
        seen.append(images.detach())
        return images.flatten(1).sum(1, keepdim=True)

    objective = outside("wgan_gp")
    batch = batch_of(objective)
    objective.critic_loss(critic, batch)
    (points,) = [images for images in seen if not any(torch.equal(images, known) for known in (batch.real, batch.fake))]
    share = ((points - batch.fake) / (batch.real - batch.fake)).flatten(1)
    assert (share - share[:, :1]).abs().max() < 1e-9
    assert ((share > 0) & (share < 1)).all()
    assert len(share[:, 0].unique()) == BATCH


def test_losses_on_scores_by_their_formulas() -> None:
    critic = critic_of(outside("hinge"))
    batch = batch_of(outside("hinge"))
    real, fake = critic(batch.real).detach(), critic(batch.fake).detach()

    def close(terms: dict[str, float], **expected: Tensor) -> None:
        for term, value in expected.items():
            assert terms[term] == pytest.approx(value.item()), term

    close(critic_terms("wgan_gp", critic), real=-real.mean(), fake=fake.mean())
    close(generator_terms("wgan_gp", critic), fake=-fake.mean())
    close(critic_terms("hinge", critic), real=(1 - real).clamp(min=0).mean(), fake=(1 + fake).clamp(min=0).mean())
    close(generator_terms("hinge", critic), fake=-fake.mean())
    close(critic_terms("lsgan", critic), real=((real - 1) ** 2).mean() / 2, fake=(fake**2).mean() / 2)
    close(generator_terms("lsgan", critic), fake=((fake - 1) ** 2).mean() / 2)
    close(critic_terms("r3gan", critic), pairs=-torch.sigmoid(real - fake).log().mean())
    close(generator_terms("r3gan", critic), pairs=-torch.sigmoid(fake - real).log().mean())
    for name in ("dragan", "fading_penalty"):
        ones, zeros = torch.ones_like(real), torch.zeros_like(real)
        close(critic_terms(name, critic), real=bce(real, ones), fake=bce(fake, zeros))
        close(generator_terms(name, critic), fake=bce(fake, ones))


def test_an_auxiliary_classifiers_first_column_is_the_score() -> None:
    objective = outside("auxiliary_classifier", weight=2.0)
    assert objective.score_count(SHAPE, CLASSES) == 1 + CLASSES
    critic, batch = critic_of(objective), batch_of(objective)
    real, fake, labels = critic(batch.real), critic(batch.fake), batch.labels
    assert labels is not None
    expected = {
        "real": bce(real[:, 0], torch.ones_like(real[:, 0])),
        "fake": bce(fake[:, 0], torch.zeros_like(fake[:, 0])),
        "class_real": 2 * cross_entropy(real[:, 1:], labels),
        "class_fake": 2 * cross_entropy(fake[:, 1:], labels),
    }
    torch.testing.assert_close(objective.critic_loss(critic, batch), expected)
    expected = {"fake": bce(fake[:, 0], torch.ones_like(fake[:, 0])), "class_fake": expected["class_fake"]}
    torch.testing.assert_close(objective.generator_loss(critic, batch), expected)


@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_each_is_short_and_explains_itself(name: str) -> None:
    text = (OUTSIDE / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 40
    assert "https://arxiv.org/abs/" in text.splitlines()[0]
    leaf = type(outside(name))
    assert "G: " in (leaf.__doc__ or "")
    assert all(field_help(leaf).values())
