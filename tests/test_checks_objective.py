"""`ganatomy.testing.check_objective` finds what is broken, and says so."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch.nn.functional import softplus

import ganatomy
from ganatomy.testing import ContractError, check_objective


class Sound(ganatomy.Objective):
    """What the broken ones are made of."""

    def critic_loss(self, critic: Any, batch: Any) -> Any:
        return {"real": softplus(-critic(batch.real)).mean(), "fake": softplus(critic(batch.fake)).mean()}

    def generator_loss(self, critic: Any, batch: Any) -> Any:
        return {"fake": softplus(-critic(batch.fake)).mean()}


class Flipped(Sound):
    def critic_loss(self, critic, batch):
        return {"real": softplus(critic(batch.real)).mean(), "fake": softplus(-critic(batch.fake)).mean()}


class SameSign(Sound):
    def critic_loss(self, critic, batch):
        return {"real": -critic(batch.real).mean(), "fake": -critic(batch.fake).mean()}


class GeneratorFlipped(Sound):
    def generator_loss(self, critic, batch):
        return {"fake": critic(batch.fake).mean()}


class Detached(Sound):
    def generator_loss(self, critic, batch):
        return {"fake": softplus(-critic(batch.fake.detach())).mean()}


class OneOfMany(Sound):
    def generator_loss(self, critic, batch):
        return {"fake": softplus(-critic(batch.fake))[0].mean()}


class NoGraph(Sound):
    """create_graph=True is forgotten."""

    def critic_loss(self, critic, batch):
        real = batch.real.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(real).sum(), real)
        return {**super().critic_loss(critic, batch), "penalty": gradient.square().flatten(1).sum(1).mean()}


class NotScalar(Sound):
    def critic_loss(self, critic, batch):
        return {"real": softplus(-critic(batch.real)), "fake": softplus(critic(batch.fake)).mean()}


class Number(Sound):
    def critic_loss(self, critic, batch):
        return {"real": softplus(-critic(batch.real)).mean().item()}


class Bare(Sound):
    def critic_loss(self, critic, batch):
        return softplus(-critic(batch.real)).mean() + softplus(critic(batch.fake)).mean()


class Empty(Sound):
    def critic_loss(self, critic, batch):
        return {}


class Infinite(Sound):
    """log of a score below 0."""

    def critic_loss(self, critic, batch):
        return {"real": -critic(batch.real).log().mean(), "fake": critic(batch.fake).mean()}


class Summed(Sound):
    def critic_loss(self, critic, batch):
        return {"real": softplus(-critic(batch.real)).sum(), "fake": softplus(critic(batch.fake)).mean()}


class Broadcast(Sound):
    """N x 1 less N is N x N."""

    def critic_loss(self, critic, batch):
        return {"pairs": softplus(critic(batch.fake) - critic(batch.real).squeeze(1)).mean()}


class BatchSpread(Sound):
    def critic_loss(self, critic, batch):
        return {**super().critic_loss(critic, batch), "spread": critic(batch.real).std(correction=0)}


class Undeclared(Sound):
    def critic_loss(self, critic, batch):
        noisy = batch.real + 0.1 * torch.randn_like(batch.real)
        return {"real": softplus(-critic(noisy)).mean(), "fake": softplus(critic(batch.fake)).mean()}


class SummedRandom(Undeclared):
    deterministic = False

    def critic_loss(self, critic, batch):
        return {term: len(batch.real) * value for term, value in super().critic_loss(critic, batch).items()}


class PythonsRandom(Sound):
    deterministic = False

    def critic_loss(self, critic, batch):
        share = random.random()
        return {"both": softplus(critic(share * batch.fake + (1 - share) * batch.real)).mean()}


class ReadsLabels(Sound):
    def critic_loss(self, critic, batch):
        weight = 1.0 + batch.labels.to(batch.real.dtype)
        return {"real": (weight * softplus(-critic(batch.real)).squeeze(1)).mean(), "fake": critic(batch.fake).mean()}


class InPlace(Sound):
    def critic_loss(self, critic, batch):
        batch.real.mul_(0.5)
        return super().critic_loss(critic, batch)


class GradientsPileUp(Sound):
    def critic_loss(self, critic, batch):
        batch.real.requires_grad_()
        return super().critic_loss(critic, batch)


class OnTheCPU(Sound):
    deterministic = False

    def critic_loss(self, critic, batch):
        share = torch.rand(len(batch.real), 1, 1, 1)
        between = share * batch.real + (1 - share) * batch.fake
        return {**super().critic_loss(critic, batch), "between": critic(between).square().mean()}


class ReachesIn(Sound):
    def critic_loss(self, critic, batch):
        return {**super().critic_loss(critic, batch), "decay": sum(p.square().sum() for p in critic.parameters())}


class TwoScores(Sound):
    scores = "two"  # type: ignore[assignment]


class RangeReversed(Sound):
    real_range = (1.0, 0.0)


class ConstrainBreaks(Sound):
    def constrain(self, parameters):
        for parameter in parameters:
            parameter.clamp_(-1, 1)


class OnlyOne(ganatomy.Objective):
    def critic_loss(self, critic, batch):
        return {"real": -critic(batch.real).mean()}


class NoDefault(Sound):
    weight: float


class NoLoss:
    pass


BROKEN: list[tuple[type, str]] = [
    (Flipped, "check the signs"),
    (SameSign, "check the signs"),
    (GeneratorFlipped, "expected that G raises them"),
    (Detached, r"does not depend on batch\.fake"),
    (OneOfMany, "no gradient reaches 5 of 6 fakes"),
    (NoGraph, "'penalty' has no gradient.*create_graph=True"),
    (NotScalar, r"'real' has the shape \(6, 1\); expected a scalar"),
    (Number, "'real' is a float; expected a scalar tensor"),
    (Bare, "returns a Tensor; expected a dict"),
    (Empty, "returns an empty dict"),
    (Infinite, "'real' is nan on an ordinary batch"),
    (Summed, r"'real' of a batch is .*\.mean\(\), not \.sum\(\)"),
    (SummedRandom, "'real' grows with the batch"),
    (Broadcast, "'pairs' of a batch is .*one shape"),
    (BatchSpread, "'spread' of a batch .* declare per_image = False"),
    (Undeclared, "'real' draws random numbers.*declare deterministic = False"),
    (PythonsRandom, "'both' differs .* under the same torch seed"),
    (ReadsLabels, "declare needs_labels = True"),
    (InPlace, r"changes batch\.real in place"),
    (GradientsPileUp, r"batch\.real\.detach\(\)\.requires_grad_\(\)"),
    (OnTheCPU, "makes tensors on the CPU"),
    (ReachesIn, "AttributeError: 'function' object has no attribute 'parameters'"),
    (TwoScores, "scores = 'two'; expected one of one, pixels, classes"),
    (RangeReversed, r"real_range = \(1\.0, 0\.0\)"),
    (ConstrainBreaks, r"constrain\(parameters\) raises RuntimeError.*torch\.no_grad"),
    (OnlyOne, "lacks generator_loss"),
    (NoDefault, "weight.*give every setting a default"),
    (NoLoss, r"a subclass or an instance of ganatomy\.Objective"),
]


@pytest.mark.parametrize(("broken", "message"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_objective_is_found(broken: type, message: str) -> None:
    with pytest.raises(ContractError, match=f"(?s){message}") as raised:
        check_objective(broken)
    assert broken.__name__ in str(raised.value)


def test_a_sound_one_passes_as_a_class_and_an_instance() -> None:
    check_objective(Sound)
    check_objective(Sound(critic_steps=2))


def test_what_is_declared_is_not_asked_for() -> None:
    class Declared(BatchSpread):
        per_image = False

    class Opposite(Flipped):
        separates = False

    check_objective(Declared)
    check_objective(Opposite)


def test_the_callers_random_numbers_are_left_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    check_objective(Sound)
    assert torch.equal(torch.rand(1), expected)
