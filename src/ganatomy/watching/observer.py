"""What hooks see of two networks and their optimisers, iteration by iteration. It changes nothing and draws nothing."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from ganatomy.watching import graph, source
from ganatomy.watching.gradients import Gradients
from ganatomy.watching.hooks import Guard, Hook
from ganatomy.watching.layers import Layers
from ganatomy.watching.matching import ROWS, flat, kind_of
from ganatomy.watching.seen import Iteration, Judged, Made, Pass, Role, Stepped, Written
from ganatomy.watching.weights import Weights

UNREGISTERED_UNTIL = 3
"""Iterations in which parameters that a network uses and does not own are looked for."""

MOST_EVENTS = 1000
"""Of an iteration."""

KEPT = 16
"""Batches of G that D's images are compared with."""


class Observer:
    """Watches G, D and every optimiser that has their parameters. `begin` and `end` frame an iteration.

    Backward passes and steps are noted in every iteration, at the cost of a few Python calls; what the networks are
    given and return, and how weights change, only in an iteration that was begun with `looking`. An error in here, as of
    tensors of a kind that was not thought of, ends the watching and not the training: `failure` has it.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        self.networks: dict[Role, nn.Module] = {"G": generator, "D": discriminator}
        self.iteration = Iteration(0)
        self.looking = False
        self.graded: dict[Role, set[str]] = {"G": set(), "D": set()}
        self.used: dict[Role, dict[int, nn.Parameter]] = {"G": {}, "D": {}}
        """The parameters that a network's output was computed from."""
        self.divides = False
        """Whether D divides on its way to the scores, as one that normalises its own weights does."""
        self._guard = guard = Guard()
        self._gradients = {role: Gradients(guard, network) for role, network in self.networks.items()}
        self._weights = {role: Weights(network) for role, network in self.networks.items()}
        self._layers = {role: Layers(guard, role, network) for role, network in self.networks.items()}
        self._made: deque[Made] = deque(maxlen=KEPT)
        self._nodes: dict[Any, Judged] = {}
        self._numbers: dict[int, tuple[weakref.ref[Optimizer], int]] = {}
        self._handles: list[Any] = [
            generator.register_forward_hook(Hook(guard, self, "_on_made"), with_kwargs=True),
            discriminator.register_forward_hook(Hook(guard, self, "_on_judged"), with_kwargs=True),
            register_optimizer_step_pre_hook(Hook(guard, self, "_before_step")),
            register_optimizer_step_post_hook(Hook(guard, self, "_after_step")),
        ]
        for role, gradients in self._gradients.items():
            gradients.watch(Hook(guard, self, "_on_pass", role))

    @property
    def guard(self) -> Guard:
        """What all hooks share."""
        return self._guard

    @property
    def failure(self) -> Exception | None:
        return self._guard.failure

    def fail(self, error: Exception) -> None:
        """End the watching because of an error."""
        self._guard.failure = error

    def remove(self) -> None:
        """Take all hooks away."""
        for handle in self._handles:
            handle.remove()
        for gradients in self._gradients.values():
            gradients.remove()
        for layers in self._layers.values():
            layers.remove()
        self._nodes.clear()
        self._made.clear()

    # ---- an iteration

    def begin(self, number: int, looking: bool) -> None:
        self.iteration = Iteration(number)
        self.looking = looking
        self._nodes.clear()
        for layers in self._layers.values():
            layers.watch(self.iteration) if looking else layers.remove()
        if not looking:
            for weights in self._weights.values():
                weights.forget()
        for gradients in self._gradients.values():
            gradients.renew()

    def end(self, losses: Mapping[Role, float | Tensor]) -> Iteration:
        """What was seen since `begin`."""
        for role in self.networks:
            self._note_written(role, is_last_look=False)
        iteration = self.iteration
        iteration.line = source.here()
        for role, loss in losses.items():
            if self.looking or not isinstance(loss, Tensor) or loss.device.type == "cpu":
                iteration.losses[role] = float(
                    loss.detach() if isinstance(loss, Tensor) else loss
                )  # of a GPU's tensor the next operation would have to wait
            if self.looking and isinstance(loss, Tensor):
                iteration.covers[role], squares = graph.between(loss, self._nodes)
                iteration.squares += [(role, shape) for shape in squares]
        self._nodes.clear()
        graph.assign(iteration)
        return iteration

    # ---- the networks' calls

    @torch.no_grad()
    def _on_made(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        self._gradients["G"].renew()
        images = graph.tensor_of(output)
        if not self._sees or images is None or not len(images):
            return
        given = graph.floating([inputs, named])
        rows = flat(images[:ROWS]).clone()
        call = Made(
            noise=b"".join(map(graph.digest, given)) or None,
            rows=rows,
            mean=rows.mean(0),
            size=len(images),
            low=rows.min().item(),
            high=rows.max().item(),
            spread=rows.std(0).mean().item() if len(rows) > 1 else 0.0,
            ends_in=graph.last_operation(images),
            differentiable=images.requires_grad,
            training=graph.is_training(module),
            line=source.here(),
        )
        if len(self._made) == KEPT:
            self._made[-1].rows = rows.new_empty(0, rows.shape[1])
        self._made.appendleft(call)
        self.iteration.events.append(call)
        if self.iteration.number <= UNREGISTERED_UNTIL:
            self.used["G"] |= graph.parameters_of(images, graph.tensors_of([inputs, named]))[0]

    @torch.no_grad()
    def _on_judged(self, module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        self._gradients["D"].renew()
        scores, given = graph.tensor_of(output), graph.floating([inputs, named])
        if not self._sees or scores is None or not given or not len(scores):
            return
        # A conditional D is given more than images; those that are G's are known, and others are the largest.
        candidates = [(each, *kind_of(flat(each), self._made)) for each in given]
        known = [each for each in candidates if each[1] != "other"]
        images, kind, fakes, made = max(known or candidates, key=lambda each: each[0].numel())
        seen = flat(images)
        exact = made is None or seen[fakes][: len(made.rows), : made.rows.shape[1]].equal(made.rows)
        if kind == "other" and images.grad_fn is not None:
            # Nothing else that D is given has a graph: G's images, changed too much to be known by their values.
            kind, fakes, exact = "fake", slice(None), False
        call = Judged(
            kind=kind,
            fakes=fakes,
            exact=exact,
            digest=b"".join(map(graph.digest, given)),
            low=seen.min().item(),
            high=seen.max().item(),
            pixels=seen.shape[1],
            spread=seen.std(0).mean().item() if len(seen) > 1 else 0.0,
            scores=scores.detach().reshape(len(scores), -1).float().cpu().clone(),
            shape=tuple(scores.shape),
            ends_in=graph.last_operation(scores),
            differentiable=scores.requires_grad,
            attached=images.grad_fn is not None,
            training=graph.is_training(module),
            source=made,
            line=source.here(),
        )
        self.iteration.events.append(call)
        if self.iteration.number <= UNREGISTERED_UNTIL:
            used, divides = graph.parameters_of(scores, graph.tensors_of([inputs, named]))
            self.used["D"] |= used
            self.divides |= divides
        if scores.requires_grad:
            self._nodes[scores.grad_fn] = call
            scores.register_hook(Hook(self._guard, self, "_on_push", call))

    @property
    def _sees(self) -> bool:
        """Whether calls are noted; not without end where `step` is never called."""
        return self.looking and len(self.iteration.events) < MOST_EVENTS

    # ---- backward passes and steps

    def _on_push(self, call: Judged, gradient: Tensor) -> None:
        call.pushes.append(graph.push(gradient))

    def _on_pass(self, role: Role, number: int) -> None:
        if len(self.iteration.events) >= MOST_EVENTS:
            return
        known = {each.number: each for each in self.iteration.passes}
        this = known.get(number)
        if this is None:
            this = Pass(number, line=source.here())
            self.iteration.events.append(this)
            loss = source.differentiated() if self.looking else None
            if loss is not None:
                _, squares = graph.between(loss, self._nodes)
                self.iteration.squares += [(role, shape) for shape in squares]
        this.reached.add(role)

    def _before_step(self, optimizer: Optimizer, *_: Any) -> None:
        if self.looking:
            for role in self._roles(optimizer):
                self._note_written(role, is_last_look=True)
                self._weights[role].before_step()
                named = self.networks[role].named_parameters()
                self.graded[role] |= {
                    name
                    for name, each in named
                    if name not in self.graded[role] and each.grad is not None and bool(each.grad.any())
                }

    def _after_step(self, optimizer: Optimizer, *_: Any) -> None:
        roles = self._roles(optimizer)
        if not roles or len(self.iteration.events) >= MOST_EVENTS:
            return
        used, cleared, wiped = {}, {}, {}
        for role in roles:
            used[role], cleared[role], wiped[role] = self._gradients[role].at_step()
        change = {role: self._weights[role].after_step() for role in roles} if self.looking else {}
        slope = {role: self._gradients[role].size() for role in roles} if self.looking else {}
        self.iteration.events.append(
            Stepped(roles, self._number(optimizer), used, cleared, wiped, change, slope, source.here())
        )

    def _note_written(self, role: Role, is_last_look: bool) -> None:
        """Note whether something else than the optimiser has changed weights since their last step."""
        found = self._weights[role].written(is_last_look) if self.looking else None
        if found is not None:
            self.iteration.events.append(Written(role, *found))

    def _roles(self, optimizer: Optimizer) -> tuple[Role, ...]:
        held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        return tuple(role for role, gradients in self._gradients.items() if gradients.holds(held))

    def _number(self, optimizer: Optimizer) -> int:
        reference, number = self._numbers.get(id(optimizer), (None, 0))
        if reference is None or reference() is not optimizer:
            number = 1 + max((each for _, each in self._numbers.values()), default=0)
            self._numbers[id(optimizer)] = weakref.ref(optimizer), number
        return number

    @property
    def numbers(self) -> dict[int, int]:
        """{id of an optimiser: its number in `Stepped`}."""
        return {key: number for key, (_, number) in self._numbers.items()}

    def stepping(self, role: Role) -> list[Optimizer]:
        """The living optimisers that have made a step with a network's parameters."""
        living = [reference() for reference, _ in self._numbers.values()]
        return [each for each in living if each is not None and role in self._roles(each)]
