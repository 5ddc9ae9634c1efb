"""An objective from outside as the trainer calls it: what is wrong with it is said in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor, nn

from ganatomy.errors import UsageError
from ganatomy.objectives.base import Batch, Critic, Objective
from ganatomy.plugin.code import blaming


class CheckedObjective:
    """The three methods of an objective; errors name its file and line, and what it returns is looked at."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._what = f"objective={objective.name}"

    def critic_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return self._terms("critic_loss", self._objective.critic_loss, critic, batch)

    def generator_loss(self, critic: Critic, batch: Batch) -> dict[str, Tensor]:
        return self._terms("generator_loss", self._objective.generator_loss, critic, batch)

    def constrain(self, parameters: Iterable[nn.Parameter]) -> None:
        with blaming(f"{self._what}, constrain", self._objective):
            self._objective.constrain(parameters)

    def _terms(
        self, method: str, loss: Callable[[Critic, Batch], dict[str, Tensor]], critic: Critic, batch: Batch
    ) -> dict[str, Tensor]:
        with blaming(f"{self._what}, {method}", self._objective):
            terms = loss(critic, batch)
        if not isinstance(terms, dict) or not terms:
            raise UsageError(
                f"{self._what}: {method} returned {type(terms).__name__}; return the loss's terms by name, as in "
                '{"real": real_loss, "fake": fake_loss}'
            )
        for name, term in terms.items():
            if not isinstance(term, Tensor) or term.numel() != 1:
                found = f"of shape {list(term.shape)}" if isinstance(term, Tensor) else f"a {type(term).__name__}"
                raise UsageError(
                    f"{self._what}: {method}'s term {name!r} is {found}; expected a scalar tensor: take the mean over the batch"
                )
        if not any(term.requires_grad for term in terms.values()):
            raise UsageError(
                f"{self._what}: no term of {method} has a gradient; compute it from critic(batch.real) or critic(batch.fake), "
                "without detach() and outside torch.no_grad()"
            )
        return {name: term.reshape(()) for name, term in terms.items()}
