"""The contract of a model: a generator and a discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parameter import UninitializedParameter

from ganatomy.models import Model, Shape, families, takes_labels
from ganatomy.models.pair import Pair
from ganatomy.plugin import calls
from ganatomy.randomness import seeded
from ganatomy.runs.networks import copied
from ganatomy.surroundings import standard
from ganatomy.testing.contract import ContractError, expect, expect_range, explained, instance_of
from ganatomy.testing.networks import CLASSES, ROWS, Networks, size_words
from ganatomy.training.mixed_precision import computing

SHAPES: tuple[Shape, ...] = ((8, 8, 1), (28, 28, 1), (32, 32, 3))
BF16 = 20 * 2.0**-8
"""Largest difference that bfloat16 may make, as a share of the largest value: 20 of its rounding steps."""


@standard()
def check_model(model: Any, shapes: Sequence[Shape] = SHAPES) -> None:
    """Checks that a model keeps to its contract, as far as it declares it.

    Args:
        model: a subclass of `ganatomy.Model`, an instance, a pair of classes (generator, discriminator), a module with the
            classes `Generator` and `Discriminator`, or a reference such as `"networks.py"`.
        shapes: sizes of images to check it with: height, width, channels. Those that its `unsupported` names are left out.

    Raises:
        ContractError: what is wrong, what was expected, and what to do.
    """
    checked: Model = instance_of(families, model)
    name = type(checked).__name__
    expect_range(f"{name}.value_range", checked.value_range)
    accepted = [shape for shape in shapes if _is_supported(checked, shape)]
    expect(
        bool(accepted),
        f"{name}.unsupported excludes all of {', '.join(map(size_words, shapes))} (height x width x channels); give "
        "check_model(..., shapes=[...]) a size that it accepts",
    )
    for shape in accepted:
        networks = Networks(checked, shape)
        for check in (
            _images_and_scores,
            _value_range,
            _raw_scores,
            _labels,
            _gradients,
            _seed,
            _evaluation,
            _state,
            _bfloat16,
        ):
            check(networks)


def _is_supported(model: Model, shape: Shape) -> bool:
    reason = model.unsupported(shape)
    expect(
        reason is None or (isinstance(reason, str) and reason != ""),
        f"{type(model).__name__}.unsupported({size_words(shape)}) is {reason!r}; expected None, or what the model needs in words",
    )
    return reason is None


def _images_and_scores(networks: Networks) -> None:
    counts = [1, 5] if _names_scores(networks.model) else [1]
    for count in counts:
        generator, discriminator = networks.fresh(scores=count)
        for role, network in (("generator", generator), ("discriminator", discriminator)):
            parameters = list(network.parameters())
            expect(
                bool(parameters),
                f"{networks.name}: its {role} has no parameters; make its layers attributes of the module",
            )
            expect(
                not any(isinstance(parameter, UninitializedParameter) for parameter in parameters),
                f"{networks.name}: its {role} has lazy layers; expected weights that are drawn when it is made: use `shape`",
            )
        for training in (True, False):
            generator.train(training)
            discriminator.train(training)
            made = networks.outputs(generator, discriminator)
            for what, tensor, expected in (
                ("generator makes images", made["generator"], (ROWS, *networks.size)),
                ("discriminator makes scores", made["discriminator"], (ROWS, count)),
            ):
                expect(
                    tuple(tensor.shape) == expected,
                    f"{networks.name}: its {what} of shape {size_words(tensor.shape)}; expected {size_words(expected)}",
                )
                expect(
                    tensor.dtype == torch.float32 and bool(tensor.isfinite().all()),
                    f"{networks.name}: its {what} that are {tensor.dtype}{'' if tensor.isfinite().all() else ' and not finite'}; "
                    "expected finite float32",
                )
    if networks.model.conditional:
        expect(
            any(map(takes_labels, networks.fresh())),
            f"{networks.name} declares conditional = True, and neither network's forward names `labels`; add that argument",
        )


def _names_scores(model: Model) -> bool:
    """Whether the objective's number of scores is passed on."""
    return calls.names(model.networks[1] if isinstance(model, Pair) else model.discriminator, "scores")


def _value_range(networks: Networks) -> None:
    limits = networks.model.value_range
    if limits is None:
        return
    generator, _ = networks.fresh()
    for training in (True, False):
        with torch.no_grad():
            images = networks.generated(copied(generator).train(training), 1e3 * networks.noise)
        low, high = images.min().item(), images.max().item()
        expect(
            limits[0] <= low and high <= limits[1],
            f"{networks.name}: its generator makes values from {low:.4g} to {high:.4g}; expected them within value_range {limits}: end "
            "it in a Tanh (-1, 1) or a Sigmoid (0, 1), and declare that range",
        )


def _raw_scores(networks: Networks) -> None:
    """With weights thirty times as large, raw scores leave [0, 1]; probabilities do not."""
    spread = []
    for seed in (0, 1):
        _, discriminator = networks.fresh(seed)
        with torch.no_grad():
            for parameter in discriminator.parameters():
                parameter.mul_(30)
            spread.append(networks.scored(discriminator))
    scores = torch.cat(spread)
    expect(
        scores.min().item() < 0 or scores.max().item() > 1,
        f"{networks.name}: its discriminator's scores stay in [0, 1], as probabilities do; expected raw scores: remove the Sigmoid, "
        "which is the objective's part",
    )


def _labels(networks: Networks) -> None:
    if not networks.model.conditional:
        return
    generator, discriminator = networks.fresh()
    with torch.no_grad(), seeded(0):
        # An embedding may begin at zero.
        for network in (generator, discriminator):
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
    for role, network, call in (
        ("generator", generator, networks.generated),
        ("discriminator", discriminator, networks.scored),
    ):
        if takes_labels(network):
            with torch.no_grad():
                one, other = (call(copied(network), labels=torch.full((ROWS,), label)) for label in (0, CLASSES - 1))
            expect(
                not torch.equal(one, other),
                f"{networks.name}: its {role} makes the same of every label; expected that labels matter where forward names them",
            )


def _gradients(networks: Networks) -> None:
    generator, discriminator = networks.fresh()
    networks.scored(discriminator, networks.generated(generator)).square().mean().backward()
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        for name, parameter in network.named_parameters():
            if parameter.requires_grad:
                gradient = parameter.grad
                expect(
                    gradient is not None and bool(gradient.isfinite().all()),
                    f"{networks.name}: the gradient of its {role}'s {name} is {'missing' if gradient is None else 'not finite'}; "
                    "expected one for every parameter: remove a layer that forward does not use, and detach nothing",
                )
    images = networks.images.clone().requires_grad_()
    with explained(
        f"{networks.name}: the discriminator's second derivative",
        "gradient penalties need it; use torch's own operations",
    ):
        (gradient,) = torch.autograd.grad(networks.scored(discriminator, images).sum(), images, create_graph=True)
        gradient.square().sum().backward()
    batchnorm = any(
        isinstance(module, _BatchNorm) for network in (generator, discriminator) for module in network.modules()
    )
    expect(
        isinstance(networks.model, Pair) or bool(networks.model.has_batchnorm) == batchnorm,
        f"{networks.name}.has_batchnorm is {networks.model.has_batchnorm}, and its networks have {'' if batchnorm else 'no '}BatchNorm; "
        "define the property accordingly, because BatchNorm cannot train on a batch of one",
    )


def _seed(networks: Networks) -> None:
    for role, first, same, other in zip(
        ("generator", "discriminator"), networks.fresh(0), networks.fresh(0), networks.fresh(1), strict=True
    ):
        states = [network.state_dict() for network in (first, same, other)]
        keys = [list(state) for state in states]
        expect(
            keys[0] == keys[1] == keys[2],
            f"{networks.name}: the names in its {role}'s state_dict differ from one instance to the next; checkpoints need the same",
        )
        expect(
            all(torch.equal(states[0][key], states[1][key]) for key in keys[0]),
            f"{networks.name}: its {role} begins with other weights under the same torch seed; draw them from torch's global generator",
        )
        expect(
            not all(torch.equal(states[0][key], states[2][key]) for key in keys[0]),
            f"{networks.name}: its {role} begins with the same weights under every torch seed; draw them from torch's global "
            "generator, and set no seed of your own",
        )


def _evaluation(networks: Networks) -> None:
    """In eval mode an image depends on its own noise and label alone."""
    generator, _ = networks.fresh()
    with explained(f"{networks.name}: copy.deepcopy of its generator", "samples are drawn from a copy"):
        evaluated = copied(generator).eval()
    labels = None if networks.labels is None else networks.labels[:3]
    with torch.no_grad():
        whole = networks.generated(evaluated)
        part = networks.generated(evaluated, networks.noise[:3], labels)
    expect(
        torch.allclose(whole[:3], part, rtol=1e-3, atol=1e-4),
        f"{networks.name}: in eval mode its generator's first images differ with the size of the batch; expected each image to depend "
        "on its own noise alone (no statistics of the batch, no random numbers)",
    )


def _state(networks: Networks) -> None:
    """What is saved after a training step and loaded into fresh networks makes the same images and scores."""
    trained, fresh = networks.fresh(0), networks.fresh(1)
    before = [list(network.state_dict()) for network in trained]
    networks.scored(trained[1], networks.generated(trained[0])).mean().backward()
    for role, network, other, keys in zip(("generator", "discriminator"), trained, fresh, before, strict=True):
        state = network.state_dict()
        expect(
            list(state) == keys,
            f"{networks.name}: a training step changes the names in its {role}'s state_dict; checkpoints need the same names",
        )
        odd = [key for key, value in state.items() if not isinstance(value, Tensor)]
        expect(
            not odd,
            f"{networks.name}: in its {role}'s state_dict {', '.join(odd)} are no tensors; expected tensors alone",
        )
        with explained(f"{networks.name}: load_state_dict of its {role}", "its own state_dict must fit a fresh one"):
            other.load_state_dict(state)
    for network in (*trained, *fresh):
        network.eval()
    for (role, made), loaded in zip(networks.outputs(*trained).items(), networks.outputs(*fresh).values(), strict=True):
        expect(
            torch.equal(made, loaded),
            f"{networks.name}: its {role} with the weights of another makes something else, so a resumed run would differ; keep "
            "what it computes with in parameters and buffers",
        )


def _bfloat16(networks: Networks) -> None:
    """As the trainer computes with train.precision=bf16."""
    exact = networks.outputs(*networks.fresh())
    generator, discriminator = (computing(network, "bf16", networks.model.bf16_weights) for network in networks.fresh())
    advice = (
        "declare bf16_weights = False" if networks.model.bf16_weights else "keep what must be float32 out of autocast"
    )
    with torch.no_grad(), explained(f"{networks.name} in bfloat16", advice):
        made = {
            "generator": _computed(generator, networks.noise, networks.labels),
            "discriminator": _computed(discriminator, networks.images, networks.labels),
        }
    for role, expected in exact.items():
        difference = (made[role].reshape(expected.shape) - expected).abs().max().item()
        size = expected.abs().max().item()
        if not difference <= BF16 * size:
            raise ContractError(
                f"{networks.name}: in bfloat16 its {role} differs by {difference:.3g} from float32, where values reach {size:.3g}; "
                f"expected at most {BF16 * size:.3g}: {advice}"
            )


def _computed(network: Any, values: Tensor, labels: Tensor | None) -> Tensor:
    named = {} if labels is None or not takes_labels(network.network) else {"labels": labels}
    made: Tensor = network(values, **named)
    return made
