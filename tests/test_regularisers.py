"""Label smoothing and noise on what D sees: their formulas, and that a run with them is as reproducible as without."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

import ganatomy
from ganatomy.objectives import Batch
from ganatomy.objectives.nonsaturating import NonSaturating
from ganatomy.training.critic import ScoredCritic
from study_files import bits


def scores(images: Tensor) -> Tensor:
    return images.flatten(1).sum(1, keepdim=True)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_smoothing_is_cross_entropy_with_the_target_one_minus_it(smoothing: float) -> None:
    torch.manual_seed(0)
    real, fake = 3 * torch.randn(2, 16, 1, 2, 2, dtype=torch.float64)
    found = NonSaturating(smoothing=smoothing).critic_loss(scores, Batch(real, fake, torch.zeros(16, 1)))
    target = torch.full((16, 1), 1 - smoothing, dtype=torch.float64)
    assert found["real"].item() == pytest.approx(binary_cross_entropy_with_logits(scores(real), target).item())
    assert found["fake"].item() == pytest.approx(
        binary_cross_entropy_with_logits(scores(fake), torch.zeros(16, 1, dtype=torch.float64)).item()
    )


def test_the_best_discriminator_of_smoothed_labels_gives_a_real_image_one_minus_smoothing() -> None:
    """Where only real images are seen: Salimans et al. 2016, section 3.4."""
    score = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([score], lr=1.0)
    batch = Batch(torch.zeros(4, 1, 1, 1), torch.zeros(4, 1, 1, 1), torch.zeros(4, 1))
    for _ in range(500):
        optimizer.zero_grad()
        loss = NonSaturating(smoothing=0.2).critic_loss(lambda images: score.expand(len(images), 1), batch)["real"]
        loss.backward()
        optimizer.step()
    assert torch.sigmoid(score).item() == pytest.approx(0.8, abs=1e-4)


def test_noise_has_its_standard_deviation_and_is_fresh_at_each_call() -> None:
    seen: list[Tensor] = []

    def discriminator(images: Tensor, labels: Tensor | None) -> Tensor:
        seen.append(images)
        return scores(images)

    real, fake = torch.full((2, 64, 1, 28, 28), 0.5)
    critic = ScoredCritic(discriminator, Batch(real, fake, torch.zeros(64, 1)), None, input_noise=0.3)  # type: ignore[arg-type]
    for images in (real, real, fake):
        critic(images)
    for each in seen:
        assert (each - 0.5).std().item() == pytest.approx(0.3, rel=0.02)
        assert (each - 0.5).mean().item() == pytest.approx(0, abs=0.01)
    assert not torch.equal(seen[0], seen[1])
    assert critic.scores.keys() == {"real", "fake"}, "what D scored is logged, noise and all"
    assert torch.equal(critic.scores["fake"], scores(seen[2]))


@pytest.mark.parametrize("recipe", ["gan", "wgan"])
def test_a_run_with_noise_resumes_to_the_same_bits(recipe: str) -> None:
    small = {"data": "digits", "train.batch": 32, "train.evaluate_every": 0, "train.input_noise": 0.2}
    whole = ganatomy.train(recipe, **small, **{"train.updates": 4, "out": "whole"})
    part = ganatomy.train(recipe, **small, **{"train.updates": 2, "out": "part"})
    plain = ganatomy.train(recipe, **{**small, "train.input_noise": 0.0, "train.updates": 4, "out": "plain"})
    resumed = ganatomy.resume(part.path, **{"train.updates": 4})
    assert bits(resumed.path) == bits(whole.path) != bits(plain.path)
