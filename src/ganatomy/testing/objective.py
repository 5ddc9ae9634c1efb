"""The contract of an objective."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import torch
from torch import Tensor

from ganatomy.objectives import Objective, objectives
from ganatomy.surroundings import standard
from ganatomy.testing.contract import ContractError, expect, expect_range, explained, instance_of
from ganatomy.testing.losses import (
    ROWS,
    batch_of,
    both_losses,
    bright_and_dark,
    brightness_critic,
    call_name,
    computed,
    draws,
    repeated_batch,
    small_critic,
    some_rows,
    summed,
)


@standard()
def check_objective(objective: Any) -> None:
    """Checks that an objective keeps to its contract, as far as it declares it.

    Args:
        objective: a subclass of `ganatomy.Objective`, an instance, or a reference such as `"wgan_gp.py"`.

    Raises:
        ContractError: what is wrong, what was expected, and what to do.
    """
    checked: Objective = instance_of(objectives, objective)
    for check in (
        _declarations,
        _labels,
        _terms,
        _batch_is_left_alone,
        _any_number_of_rows,
        _gradients_of_the_critic,
        _gradients_of_the_fakes,
        _randomness,
        _mean_over_the_batch,
        _direction,
        _precision_and_device,
        _constraint,
    ):
        check(checked)


def _declarations(objective: Objective) -> None:
    name = type(objective).__name__
    allowed = get_args(get_args(get_type_hints(Objective)["scores"])[0])
    expect(objective.scores in allowed, f"{name}.scores = {objective.scores!r}; expected one of {', '.join(allowed)}")
    for flag in ("probability", "separates", "deterministic", "needs_labels", "per_image"):
        value = getattr(objective, flag)
        expect(isinstance(value, bool), f"{name}.{flag} = {value!r}; expected True or False")
    expect_range(f"{name}.real_range", objective.real_range)
    steps = objective.critic_steps
    expect(
        isinstance(steps, int) and steps >= 1, f"{name}.critic_steps = {steps!r}; expected a whole number, 1 or more"
    )


def _labels(objective: Objective) -> None:
    """What works with labels alone must declare that it needs them."""
    for method, call, critic in both_losses(objective):
        try:
            computed(objective, method, critic, batch_of(objective))
        except ContractError:
            if objective.needs_labels:
                raise
            try:
                computed(objective, method, critic, batch_of(objective, labels=True))
            except ContractError:
                pass  # labels are not the reason
            else:
                raise ContractError(
                    f"{call} needs batch.labels, which is None where the data has no classes; declare needs_labels = True"
                ) from None
            raise


def _terms(objective: Objective) -> None:
    for method, call, critic in both_losses(objective):
        for progress in (0.0, 0.5, 1.0):
            terms = computed(objective, method, critic, batch_of(objective, progress=progress))
            expect(
                isinstance(terms, dict) and bool(terms),
                f"{call} returns {_kind(terms)}; expected a dict of named terms, such as {{'real': ..., 'fake': ...}}",
            )
            for term, value in terms.items():
                expect(isinstance(term, str) and term != "", f"{call} names a term {term!r}; expected a string")
                expect(
                    isinstance(value, Tensor),
                    f"{call}: the term {term!r} is {_kind(value)}; expected a scalar tensor, so without .item() or float()",
                )
                expect(
                    value.shape == (),
                    f"{call}: the term {term!r} has the shape {tuple(value.shape)}; expected a scalar: take its mean over the batch",
                )
                expect(
                    bool(value.isfinite()),
                    f"{call}: the term {term!r} is {value.item()} on an ordinary batch (progress {progress}); expected a finite number",
                )


def _kind(value: object) -> str:
    return "an empty dict" if value == {} and isinstance(value, dict) else f"a {type(value).__name__}"


def _batch_is_left_alone(objective: Objective) -> None:
    for method, call, critic in both_losses(objective):
        batch, before = batch_of(objective), batch_of(objective)
        batch.fake.requires_grad_(method == "generator_loss")
        computed(objective, method, critic, batch)
        for name in ("real", "fake", "noise"):
            now, then = getattr(batch, name), getattr(before, name)
            expect(
                torch.equal(now, then), f"{call} changes batch.{name} in place; expected a copy: batch.{name}.clone()"
            )
            expect(
                now.requires_grad == (name == "fake" and method == "generator_loss"),
                f"{call} sets requires_grad on batch.{name} itself, and gradients pile up there; use "
                f"batch.{name}.detach().requires_grad_()",
            )


def _any_number_of_rows(objective: Objective) -> None:
    """The last batch of an epoch may be odd, or of one row."""
    for rows in (2, 3, 7, *([1] if objective.per_image else [])):
        for method, call, critic in both_losses(objective):
            for term, value in computed(objective, method, critic, batch_of(objective, rows)).items():
                expect(
                    value.shape == () and bool(value.isfinite()),
                    f"{call}: the term {term!r} is {value.tolist()} for a batch of {rows}; expected a finite scalar for any number of rows",
                )


def _gradients_of_the_critic(objective: Objective) -> None:
    call = call_name(objective, "critic_loss")
    critic = small_critic(objective)
    batch = batch_of(objective, progress=0.5)
    terms = computed(objective, "critic_loss", critic, batch)
    for term, value in terms.items():
        expect(
            value.requires_grad,
            f"{call}: the term {term!r} has no gradient; expected that it depends on the critic, so no detach(), no torch.no_grad(), "
            "and create_graph=True in torch.autograd.grad",
        )
    gradients = torch.autograd.grad(summed(terms), list(critic.parameters()), allow_unused=True)
    for (name, parameter), gradient in zip(critic.named_parameters(), gradients, strict=True):
        expect(
            gradient is not None and bool(gradient.isfinite().all()),
            f"{call}: the gradient of the critic's {name} is {'missing' if gradient is None else 'not finite'}; expected one for "
            "every parameter (a norm has none at 0: add a small number under the root)",
        )
        expect(
            parameter.ndim < 2
            or bool(gradient.abs().sum() > 0),  # biases cancel where real and fake scores are subtracted
            f"{call}: the gradient of the critic's {name} is 0 everywhere; expected that D learns from it",
        )


def _gradients_of_the_fakes(objective: Objective) -> None:
    call = call_name(objective, "generator_loss")
    batch = batch_of(objective)
    terms = computed(objective, "generator_loss", small_critic(objective).requires_grad_(False), batch)
    loss = summed(terms)
    gradient = None
    if loss.requires_grad:
        (gradient,) = torch.autograd.grad(loss, batch.fake, allow_unused=True)
    if gradient is None:
        raise ContractError(
            f"{call} does not depend on batch.fake, so G learns nothing; use critic(batch.fake) without detach() or "
            "torch.no_grad()"
        )
    expect(bool(gradient.isfinite().all()), f"{call}: the gradient of the fakes is not finite; expected finite numbers")
    reached = gradient.flatten(1).abs().sum(1) > 0
    expect(
        bool(reached.all() if objective.per_image else reached.any()),
        f"{call}: no gradient reaches {(~reached).sum()} of {len(reached)} fakes; expected every one to count, or declare "
        "per_image = False",
    )


def _randomness(objective: Objective) -> None:
    for method, call, critic in both_losses(objective):
        first, same, other = (
            computed(objective, method, critic, batch_of(objective, progress=0.5), seed) for seed in (0, 0, 1)
        )
        for term in first:
            expect(
                torch.equal(first[term], same[term]),
                f"{call}: the term {term!r} differs on the same batch under the same torch seed ({first[term].item():.6g}, "
                f"{same[term].item():.6g}), so a resumed run would differ; draw random numbers from torch's global generator "
                "(torch.rand, torch.randn), and keep nothing between calls",
            )
            expect(
                not objective.deterministic or torch.equal(first[term], other[term]),
                f"{call}: the term {term!r} draws random numbers ({first[term].item():.6g}, {other[term].item():.6g} on the same "
                "batch); declare deterministic = False",
            )


def _mean_over_the_batch(objective: Objective) -> None:
    for method, call, critic in both_losses(objective):
        whole = draws(objective, method, critic, batch_of(objective))
        if objective.per_image and objective.deterministic:
            first, second = (
                draws(objective, method, critic, some_rows(batch_of(objective), rows))
                for rows in (slice(0, ROWS // 2), slice(ROWS // 2, None))
            )
            for term, value in whole.items():
                halves = (first[term] + second[term]) / 2
                expect(
                    torch.allclose(value, halves, rtol=1e-6, atol=1e-9),
                    f"{call}: the term {term!r} of a batch is {value.item():.6g}, and the mean of its halves' is {halves.item():.6g}; "
                    "expected a mean over the rows: .mean(), not .sum(), with scores of one shape (N x 1 and N broadcast to "
                    "N x N); or declare per_image = False",
                )
        repeated = draws(objective, method, critic, repeated_batch(batch_of(objective)))
        for term, values in whole.items():
            size, repeated_size = values.abs().mean().item(), repeated[term].abs().mean().item()
            expect(
                repeated_size <= 2 * size + 1e-9,
                f"{call}: the term {term!r} grows with the batch, from {size:.6g} to {repeated_size:.6g} for four times as many rows; "
                "expected a mean over the batch: .mean(), not .sum()",
            )


def _direction(objective: Objective) -> None:
    """Bright reals and dark fakes, before a critic that scores brightness, and one that scores darkness."""
    if not objective.separates:
        return
    right, wrong = (
        summed(
            computed(objective, "critic_loss", brightness_critic(objective, sign), bright_and_dark(objective))
        ).item()
        for sign in (1.0, -1.0)
    )
    expect(
        right < wrong - 1e-6,
        f"{call_name(objective, 'critic_loss')} is {right:.6g} where D scores reals +1 and fakes -1, and {wrong:.6g} where it scores "
        "them the other way round; expected the first to be lower: check the signs, or declare separates = False",
    )
    batch = bright_and_dark(objective)
    loss = summed(computed(objective, "generator_loss", brightness_critic(objective), batch))
    (gradient,) = torch.autograd.grad(loss, batch.fake)
    expect(
        gradient.sum().item() < 0,
        f"{call_name(objective, 'generator_loss')} does not fall as D's scores of the fakes rise from -1, where the reals' are +1; "
        "expected that G raises them: check the sign, or declare separates = False",
    )


def _precision_and_device(objective: Objective) -> None:
    for method, call, critic in both_losses(objective, torch.float32):
        for term, value in computed(objective, method, critic, batch_of(objective, dtype=torch.float32)).items():
            expect(
                value.dtype == torch.float32,
                f"{call}: the term {term!r} is {value.dtype} for float32 images; expected float32: make new tensors like batch.real",
            )
    # On the meta device there is no computation, but tensors of another device are noticed, without a GPU.
    for method, call, critic in both_losses(objective, torch.float32, "meta"):
        try:
            terms = computed(objective, method, critic, batch_of(objective, dtype=torch.float32, device="meta"))
            away = {value.device.type for value in terms.values()} - {"meta"}
        except ContractError as error:
            away = {"cpu"} if "expected device" in str(error) or "same device" in str(error) else set()
        expect(
            not away,
            f"{call} makes tensors on the CPU wherever the batch is, which fails on a GPU; use torch.rand_like(batch.real), or "
            "device=batch.real.device",
        )


def _constraint(objective: Objective) -> None:
    critic = small_critic(objective)
    call = f"{type(objective).__name__}.constrain"
    with explained(
        f"{call}(parameters)",
        "it is called with D's parameters after each critic step; change them under torch.no_grad()",
    ):
        objective.constrain(iter(critic.parameters()))
    for name, parameter in critic.named_parameters():
        expect(
            parameter.requires_grad and parameter.is_leaf and bool(parameter.isfinite().all()),
            f"{call} leaves the critic's {name} {'not finite' if parameter.is_leaf else 'with a graph'}; expected finite weights that "
            "train on: change them in place under torch.no_grad()",
        )
