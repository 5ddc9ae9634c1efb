"""Kinds of mistakes that are seen in the text of a filling, once it is known to be wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.kinds.place import Place
from ganatomy.lab.assignments.observation import Failed

LAYER_OF = {
    "linear": "Linear",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softmax": "Softmax",
    "max_pool2d": "MaxPool2d",
    "avg_pool2d": "AvgPool2d",
    "conv2d": "Conv2d",
    "conv_transpose2d": "ConvTranspose2d",
    "batch_norm": "BatchNorm2d",
    "flatten": "Flatten",
}
"""Functions of PyTorch, and the layers that do the same."""


def surely(place: Place) -> Kind | None:
    """Of mistakes that act as others do, so that the text alone tells them apart."""
    return _first(place, (_device_as_size, _number_of_loss, _assigned_in_list, *_NOTHING_DONE))


def perhaps(place: Place, failed: Failed | None) -> Kind | None:
    """Of what may have other reasons, if it is none of a blank's own mistakes.

    Args:
        failed: the error that it ends in, if it does.
    """
    checks = [_function_in_list, _called_in_list, _loss_in_list, _loss_not_made, _other_function]
    if failed is None:
        checks.append(_call_missing)
    if failed is None or failed.kind not in OF_NAMES:
        checks += [_other_part, _network_missing, _variable_missing]
    return _first(place, checks)


def _called_in_list(place: Place) -> Kind | None:
    """`nn.LeakyReLU(0.1)(x)` among layers."""
    found = next((call for call in _calls(place) if isinstance(call.func, ast.Call)), None) if place.is_list else None
    return Kind.of("called-in-list", mine=ast.unparse(found), right=ast.unparse(found.func)) if found else None


def _other_part(place: Place) -> Kind | None:
    """`self.fc(maps)` where `self.conv` belongs."""
    wanted, used = (re.findall(r"\bself\.(\w+)", code) for code in (place.blank.solution, place.code))
    others = [each for each in used if each not in wanted]
    if not wanted or not others or {*wanted} & {*used}:
        return None
    return Kind.of("other-part", mine=f"self.{others[0]}", right=f"self.{wanted[0]}")


def _variable_missing(place: Place) -> Kind | None:
    """`images` where the line above has made `reals`."""
    used = {each.id for each in place.nodes() if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    missing = [each for each in place.made_before if each in place.of_solution and each not in used]
    return Kind.of("variable-missing", name=missing[0]) if missing and place.statements else None


OF_NAMES = ("NameError", "AttributeError", "UnboundLocalError", "SyntaxError", "SystemExit")
"""Errors that say themselves what the matter is."""


def uncalled(place: Place) -> str | None:
    """What stands in a filling like a function that is not called: `D.parameters`."""
    nodes = [*place.nodes()]
    used = {id(each.func) for each in nodes if isinstance(each, ast.Call)}
    used |= {id(each.value) for each in nodes if isinstance(each, ast.Attribute)}
    for each in nodes:
        if isinstance(each, ast.Attribute) and id(each) not in used:
            owners = (Tensor, nn.Module, torch)
            if any(callable(getattr(owner, each.attr, None)) for owner in owners) and not each.attr.startswith("float"):
                return ast.unparse(each)
    return None


def _first(place: Place, checks: Sequence[Callable[[Place], Kind | None]]) -> Kind | None:
    return next((found for check in checks if (found := check(place))), None)


def _calls(place: Place) -> Iterator[ast.Call]:
    return (each for each in place.nodes() if isinstance(each, ast.Call))


def _alone(place: Place) -> Iterator[ast.Expr]:
    """Expressions whose value is used for nothing."""
    inside = () if place.is_list else place.nodes()
    return (each for each in inside if isinstance(each, ast.Expr))


def _device_as_size(place: Place) -> Kind | None:
    """`Generator(input_dim, device)`."""
    for call in _calls(place):
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        is_network = isinstance(call.func, ast.Name) and call.func.id in ("Generator", "Discriminator")
        if is_network and any(isinstance(each, ast.Name) and each.id == "device" for each in given):
            return Kind.of("device-as-size", what=ast.unparse(call.func))
    return None


def _number_of_loss(place: Place) -> Kind | None:
    """`loss_func(...).item()`."""
    used = re.search(r"\.(?:item|tolist|numpy)\(\)|\bfloat\(|\.data\b", place.code)
    about_loss = re.search(r"loss|-step$", place.blank.name) and place.blank.name != "log-losses"
    if used is None or place.is_class or not about_loss:
        return None
    return Kind.of("number-of-loss", what=used[0].rstrip("("))


def _assigned_in_list(place: Place) -> Kind | None:
    """`self.fc1 = nn.Linear(...)`, or `first=nn.Linear(...)`."""
    found = re.search(r"^\s*([A-Za-z_][\w.]*)\s*=[^=]", place.code, re.MULTILINE) if place.is_list else None
    return Kind.of("assigned-in-list", what=found[1]) if found else None


def _function_in_list(place: Place) -> Kind | None:
    """`F.relu`, or `torch.sigmoid()`."""
    elements = [each for each in place.statements if isinstance(each, ast.Expr) and isinstance(each.value, ast.List)]
    for each in (one for expression in elements for one in expression.value.elts):  # type: ignore[attr-defined]
        written = ast.unparse(each.func if isinstance(each, ast.Call) else each)
        name = written.rpartition(".")[2]
        if name in LAYER_OF and re.fullmatch(
            r"(torch\.|nn\.functional\.|torch\.nn\.functional\.|F\.|functional\.)?\w+", written
        ):
            return Kind.of("function-in-list", mine=written, right=f"nn.{LAYER_OF[name]}")
    return None


def _loss_in_list(place: Place) -> Kind | None:
    """`nn.BCELoss()` among layers."""
    losses = (name for call in _calls(place) if (name := ast.unparse(call.func)).endswith("Loss"))
    found = next(losses, None) if place.is_list else None
    return Kind.of("loss-in-list", mine=found) if found else None


def _not_called(place: Place) -> Kind | None:
    """`G.eval`."""
    for each in _alone(place):
        if isinstance(each.value, ast.Attribute | ast.Name) and not ast.unparse(each).endswith(("None", "...")):
            return Kind.of("not-called", line=place.line_of(each), what=ast.unparse(each))
    return None


def _loss_not_made(place: Place) -> Kind | None:
    """`nn.BCELoss(output, labels)`."""
    for call in _calls(place):
        name = ast.unparse(call.func).rpartition(".")[2]
        if name.endswith("Loss") and isinstance(getattr(nn, name, None), type) and len(call.args) > 1:
            return Kind.of("loss-not-made", line=place.line_of(call), what=ast.unparse(call.func))
    return None


def _early_return(place: Place) -> Kind | None:
    """A `return`, before lines that should run."""
    if "return" in place.blank.solution or place.is_list:
        return None
    found = next((each for each in place.nodes() if isinstance(each, ast.Return)), None)
    return Kind.of("early-return", line=place.line_of(found)) if found else None


def _compared(place: Place) -> Kind | None:
    """`G == Generator()`."""
    found = next((each for each in _alone(place) if isinstance(each.value, ast.Compare)), None)
    return Kind.of("compared", line=place.line_of(found), what=ast.unparse(found)) if found else None


CHANGING = ("backward", "zero_grad", "step", "train", "eval", "add_scalar", "add_scalars", "flush", "close")
"""Methods that are called for what they change."""
MAKING = ("G", "D", "loss_func", "randn", "rand", "zeros", "ones", "zeros_like", "ones_like", "randn_like", "cat")
"""Functions that are called for what they give back."""


def _result_thrown_away(place: Place) -> Kind | None:
    """`reals.reshape(-1, 1, 28, 28)`."""
    for each in _alone(place):
        call = each.value
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func).rpartition(".")[2]
        if re.search(r"\w_\(", ast.unparse(call)) or name in CHANGING:
            continue
        is_method = isinstance(call.func, ast.Attribute) and hasattr(Tensor, name)
        if is_method or name in MAKING:
            return Kind.of("result-thrown-away", line=place.line_of(each), what=ast.unparse(call))
    return None


def _nothing_assigned(place: Place) -> Kind | None:
    """`loss = loss_func(...).backward()`."""
    for each in place.nodes():
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
            name = ast.unparse(each.value.func).rpartition(".")[2]
            if name in CHANGING and name not in ("train", "eval"):  # these return the network
                return Kind.of("nothing-assigned", line=place.line_of(each), what=f"{name}()")
    return None


def _call_missing(place: Place) -> Kind | None:
    """No `step()`."""
    calls = ("zero_grad", "backward", "step")
    missing = [each for each in calls if f".{each}(" in place.blank.solution and f".{each}(" not in place.code]
    return Kind.of("call-missing", what=", ".join(f"`{each}()`" for each in missing)) if missing else None


def _other_function(place: Place) -> Kind | None:
    """`train_generator` in the critic's loop."""
    wanted = re.findall(r"\btrain_\w+(?=\()", place.blank.solution)
    used = [each for each in re.findall(r"\btrain_\w+(?=\()", place.code) if each not in wanted]
    return Kind.of("other-function", mine=used[0], right=wanted[0]) if wanted and used else None


def _network_missing(place: Place) -> Kind | None:
    """A loss of `reals` in place of `D(reals)`."""
    used = {each.id for each in place.nodes() if isinstance(each, ast.Name)}
    for name in "DG":
        if place.statements and f"{name}(" in place.blank.solution and name not in used:
            return Kind.of("network-missing", who=name)
    return None


_NOTHING_DONE = (_nothing_assigned, _not_called, _early_return, _compared, _result_thrown_away)
