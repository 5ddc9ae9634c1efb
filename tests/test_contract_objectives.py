"""What every objective must keep to, and the closed form of each that the lab has."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from ganatomy.objectives import Objective, objectives
from ganatomy.plugin.settings import field_help

NAMES = objectives.names()
HEIGHT, WIDTH, CHANNELS = SHAPE = (4, 3, 2)
BATCH = 6


def objective_of(name: str) -> Objective:
    return objectives.get(name)()


def batches(objective: Objective, seed: int = 0, count: int = BATCH) -> tuple[Tensor, Tensor]:
    """Real and fake images in a range that the objective allows."""
    draw = torch.Generator().manual_seed(seed)
    low, high = objective.real_range or (-1.0, 1.0)
    real, fake = (
        low + (high - low) * torch.rand(count, CHANNELS, HEIGHT, WIDTH, generator=draw, dtype=torch.float64)
        for _ in range(2)
    )
    return real, fake


def critic_of(objective: Objective, seed: int = 0) -> nn.Sequential:
    """A small critic that is not linear, so that its gradient differs from image to image."""
    scores = objective.score_count(SHAPE)
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


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_one_an_image_or_one_a_pixel(name: str) -> None:
    objective = objective_of(name)
    expected = {"one": 1, "pixels": HEIGHT * WIDTH * CHANNELS}[objective.scores]
    assert objective.score_count(SHAPE) == expected


@pytest.mark.parametrize("name", NAMES)
def test_terms_are_named_finite_scalars(name: str) -> None:
    objective = objective_of(name)
    critic = critic_of(objective)
    for loss in (objective.critic_loss, objective.generator_loss):
        terms = loss(critic, *batches(objective))
        assert isinstance(terms, dict)
        assert terms
        for term, value in terms.items():
            assert isinstance(term, str)
            assert term
            assert value.shape == ()
            assert value.isfinite()


@pytest.mark.parametrize("name", NAMES)
def test_the_critics_loss_reaches_the_critics_parameters(name: str) -> None:
    objective = objective_of(name)
    critic = critic_of(objective)
    total(objective.critic_loss(critic, *batches(objective))).backward()
    for parameter_name, parameter in critic.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
    weights = [parameter for parameter in critic.parameters() if parameter.ndim == 2]
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in weights)


@pytest.mark.parametrize("name", NAMES)
def test_every_critic_term_depends_on_the_critic(name: str) -> None:
    objective = objective_of(name)
    critic = critic_of(objective)
    for term, value in objective.critic_loss(critic, *batches(objective)).items():
        gradients = torch.autograd.grad(value, list(critic.parameters()), retain_graph=True, allow_unused=True)
        assert any(g is not None and g.abs().sum() > 0 for g in gradients), term


@pytest.mark.parametrize("name", NAMES)
def test_the_generators_loss_reaches_every_fake_image(name: str) -> None:
    objective = objective_of(name)
    critic = critic_of(objective).requires_grad_(False)
    real, fake = batches(objective)
    fake.requires_grad_()
    total(objective.generator_loss(critic, real, fake)).backward()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()
    assert (fake.grad.flatten(1).abs().sum(1) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_gains_where_it_goes_down_its_loss(name: str) -> None:
    """G wants D's score of a fake to rise: that is what 'real' means to every critic here."""
    objective = objective_of(name)
    real, fake = batches(objective)
    low, high = (
        total(
            objective.generator_loss(
                lambda _, s=score: torch.full((BATCH, objective.score_count(SHAPE)), s), real, fake
            )
        )
        for score in (-1.0, 1.0)
    )
    assert high < low


@pytest.mark.parametrize(("on_real", "on_fake"), list(itertools.product([-1e4, 1e4], repeat=2)))
@pytest.mark.parametrize("name", NAMES)
def test_finite_at_extreme_scores(name: str, on_real: float, on_fake: float) -> None:
    objective = objective_of(name)
    real, fake = (images.float() for images in batches(objective))
    shape = (BATCH, objective.score_count(SHAPE))
    given_scores = {id(real): torch.full(shape, on_real), id(fake): torch.full(shape, on_fake)}
    for scores in given_scores.values():
        scores.requires_grad_()
    for loss in (objective.critic_loss, objective.generator_loss):
        terms = loss(lambda images: given_scores[id(images)], real, fake)
        assert all(value.isfinite() for value in terms.values()), terms
        total(terms).backward()
    for scores in given_scores.values():
        assert scores.grad is None or scores.grad.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_laid_twice_has_the_same_loss(name: str) -> None:
    objective = objective_of(name)
    critic = critic_of(objective)
    real, fake = batches(objective)
    for loss in (objective.critic_loss, objective.generator_loss):
        once, twice = loss(critic, real, fake), loss(critic, real.repeat(2, 1, 1, 1), fake.repeat(2, 1, 1, 1))
        assert once.keys() == twice.keys()
        for term in once:
            torch.testing.assert_close(twice[term], once[term], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_of_one_image_is_enough(name: str) -> None:
    objective = objective_of(name)
    real, fake = batches(objective, count=1)
    for loss in (objective.critic_loss, objective.generator_loss):
        assert total(loss(critic_of(objective), real, fake)).isfinite()


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
    real, fake = batches(objective, seed)
    terms = objective.critic_loss(critic, real, fake)
    on_real, on_fake = LABS_CRITIC[name](critic(real), critic(fake), real)
    torch.testing.assert_close(terms["real"], on_real, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(terms["fake"], on_fake, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(total(terms), on_real + on_fake, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LABS_CRITIC)
@given(seed=st.integers(0, 1000))
def test_the_generators_loss_is_the_labs(name: str, seed: int) -> None:
    objective = objective_of(name)
    critic = critic_of(objective, seed)
    real, fake = batches(objective, seed)
    scores = critic(fake)
    expected = -scores.mean() if name == "wasserstein" else bce(scores, torch.ones_like(scores))
    torch.testing.assert_close(total(objective.generator_loss(critic, real, fake)), expected, rtol=1e-9, atol=1e-12)


def test_brightness_target_at_28x28x1_has_the_labs_target_shape() -> None:
    """The lab's `x.mean(dim=[2, 3])` is N x 1 for grey images, as D's scores are."""
    objective = objective_of("brightness_target")
    real = torch.rand(BATCH, 1, 28, 28, dtype=torch.float64)
    scores = torch.randn(BATCH, 1, dtype=torch.float64)
    terms = objective.critic_loss(lambda _: scores, real, torch.rand_like(real))
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
