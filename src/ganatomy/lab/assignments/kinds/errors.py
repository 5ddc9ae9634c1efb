"""Kinds of errors that a filling ends in, in words that students know."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from ganatomy.lab.assignments.kinds import arguments, code, names
from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.kinds.place import Place
from ganatomy.lab.assignments.kinds.sizes import of_sizes, steps_of
from ganatomy.lab.assignments.observation import Failed
from ganatomy.lab.texts import TEXTS
from ganatomy.words import filled

FUNCTION = r"(?:builtin_function_or_method|function|method|type)"
CALLED = r"TypeError: (?P<what>[\w.]+)\(\)"
ERRORS = (
    ("one-bracket", r"expected (?:stride|padding|dilation|output_padding) to be a single integer value or a list of"),
    ("invalid-setting", r"ValueError: Invalid (?P<what>[a-z ]+?)(?: parameter)?(?: at index \d)?: (?P<mine>\S+)"),
    ("no-leaf", r"you can only change requires_grad flags of leaf variables"),
    (
        "no-dimension",
        r"Dimension out of range \(expected to be in range of \[(?P<range>[^\]]+)\], but got (?P<mine>-?\d+)\)",
    ),
    ("types-differ", r"Found dtype (?P<one>\w+) but expected (?P<other>\w+)"),
    ("no-context", r"does not support the (?:asynchronous )?context manager protocol"),
    ("no-whole-number", r"object cannot be interpreted as an integer"),
    ("number-called", r"'(?:int|float)' object is not callable"),
    ("one-by-one", r"'generator' object has no attribute '(?P<name>\w+)'"),
    (
        "layer-made",
        r"argument 'input' \(position 1\) must be Tensor, not (?P<what>(?!Sequential|Generator|Discriminator)[A-Z]\w+)",
    ),
    ("lambda-in-list", r"TypeError: \S*<lambda> is not a Module subclass"),
    ("class-itself", r"TypeError: torch\.nn\.\S*?(?P<what>\w+) is not a Module subclass"),
    ("function-itself", rf"TypeError: {FUNCTION} is not a Module subclass"),
    ("not-a-layer", r"TypeError: (?P<mine>\S+) is not a Module subclass"),
    ("function-itself", rf"'{FUNCTION}' object|not {FUNCTION}\b|got \([^)]*\b{FUNCTION}\b|'{FUNCTION}'"),
    ("network-itself", r"must be Tensor, not (?:Sequential|Generator|Discriminator)"),
    ("network-itself", r"Could not infer dtype of|only objects of Sequential class"),
    ("class-not-object", r"'torch\.device' object has no attribute '_apply'"),
    ("class-itself", r"type object '(?P<what>\w+)' has no attribute"),
    ("types-of-operands", r"unsupported operand type\(s\) for (?P<what>\S+): '(?P<one>\w+)' and '(?P<other>\w+)'"),
    ("text-for-number", r"could not convert string to float: (?P<mine>.+)"),
    ("number-as-device", r"Cannot access accelerator device|Invalid device string|device\(\): argument"),
    ("broken-size", r"must be tuple of ints,.*\bfloat\b"),
    ("no-input", r"TypeError: (?:Sequential|Generator|Discriminator)\.forward\(\) missing"),
    ("missing-argument", rf"{CALLED} missing \d+ required .*?arguments?: (?P<needed>.+)"),
    ("no-sizes", r"TypeError: (?P<what>reshape|view|permute|repeat)\(\) takes 1 positional argument but"),
    ("number-of-arguments", rf"{CALLED} takes (?P<right>.+?) but (?P<mine>\d+) (?:was|were) given"),
    ("number-of-arguments", r"TypeError: (?P<what>\w+) expected (?P<right>.+ arguments?), got (?P<mine>\d+)"),
    ("number-of-arguments", rf"{CALLED} takes (?P<right>.+?) \((?P<mine>\d+) given\)"),
    ("unknown-argument", rf"{CALLED} got an unexpected keyword argument '(?P<argument>\w+)'"),
    ("wrong-arguments", rf"{CALLED} received an invalid combination of arguments - got \((?P<mine>.*?)\)"),
    (
        "type-of-argument",
        rf"{CALLED}: argument '(?P<argument>\w+)'.*? must be (?P<right>[^,]+?),"
        r" (?:not|but found element of type) (?P<mine>\w+)",
    ),
    ("module-called", r"TypeError: 'module' object is not callable"),
    ("not-iterable", r"TypeError: '(?P<mine>\w+)' object is not iterable"),
    ("nothing-there", r"'NoneType' object|not NoneType"),
    ("label-as-number", r"'(?:int|float)' object has no attribute 'size'"),
    ("endless-recursion", r"RecursionError"),
    ("item-of-many", r"cannot be converted to Scalar"),
    ("no-dict", r"'(?:float|int|Tensor)' object has no attribute 'items'"),
    ("number-without", r"AttributeError: '(?P<mine>int|float|bool)' object has no attribute '(?P<name>\w+)'"),
    ("not-a-tensor", r"AttributeError: '(?P<mine>tuple|list|str)' object has no attribute"),
    ("sizes-differ", r"mat1 and mat2 shapes cannot be multiplied \(\d+x(?P<mine>\d+) and (?P<right>\d+)x\d+\)"),
    ("channels-differ", r"expected input.* to have (?P<right>\d+) channels, but got (?P<mine>\d+) channels"),
    ("norm-size", r"running_mean should contain (?P<mine>\d+) elements not (?P<right>\d+)"),
    ("map-too-small", r"padded input size per channel: \((?P<mine>[^)]*)\)\. Kernel size: \((?P<kernel>[^)]*)\)"),
    ("map-too-small-to-pool", r"Given input size: \((?P<mine>[^)]*)\)\. Calculated output size: .*too small"),
    ("dimensions", r"[Ee]xpected (?P<right>\dD.*?) input to \w+, but got input of size: (?P<mine>\[.*?\])"),
    ("dimensions", r"expected (?P<right>\dD(?: or \dD)?) input \(got (?P<mine>\dD) input\)"),
    ("count-of-numbers", r"shape '(?P<shape>.*?)' is invalid for input of size (?P<mine>\d+)"),
    ("negative-size", r"invalid shape dimension (?P<mine>-\d+)"),
    ("shape-of-labels", r"target size \(torch\.Size\((?P<mine>.*?)\)\).* input size \(torch\.Size\((?P<right>.*?)\)\)"),
    ("shapes-differ", r"size of tensor a \((?P<one>\d+)\) must match the size of tensor b \((?P<other>\d+)\)"),
    ("types-differ", r"have the same dtype, but got:? (?P<one>\w+) (?:and|!=) (?P<other>\w+)"),
    ("types-differ", r"Input type \((?P<one>[^)]+)\) and (?:weight|bias) type \((?P<other>[^)]+)\) should be the same"),
    ("no-label", r"all elements of target should be between 0 and 1"),
    ("no-probability", r"all elements of input should be between 0 and 1"),
    ("no-gpu", r"not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available"),
    ("too-large", r"can't allocate memory|not enough memory|std::bad_alloc|MemoryError"),
    ("no-gradient-there", r"does not require grad and does not have a grad_fn"),
    ("second-backward", r"backward through the graph a second time"),
    ("loss-of-many", r"grad can be implicitly created only for scalar outputs"),
    ("changed-in-place", r"modified by an inplace operation"),
    ("in-place-with-graph", r"a leaf Variable that requires grad is being used in an in-place operation"),
)
"""Kinds, and what Python and PyTorch say of them."""
Facts = dict[str, str]


def of_error(place: Place, failed: Failed, right: Mapping[str, Any]) -> Kind | None:
    """The kind of an error.

    Args:
        right: what the solution does.
    """
    if failed.kind == "SyntaxError":
        return _no_python(place, failed)
    if kind := names.of_name(place, failed) or of_sizes(failed, right):
        return kind
    for name, pattern in ERRORS:
        if found := re.search(pattern, str(failed), re.DOTALL):
            facts = {key: _plain(value, place.code) for key, value in found.groupdict().items()}
            closer = CLOSER[name](facts, place, failed) if name in CLOSER else None
            return closer or Kind.of(name, where=place.words(failed), **facts)
    return names.of_attribute(place, failed)


# ---- what is said of some errors where more of them is known


def _of_input(facts: Facts, place: Place, failed: Failed) -> Kind | None:
    """Where the networks or layers are given, it is their input that does not fit."""
    if not place.is_class:
        return Kind.of("input-of-network", where=place.words(failed))
    if not place.is_list and failed.layer is not None:
        return Kind.of("input-of-layer", layer=failed.layer, mine=facts["mine"], right=facts["right"])
    return None


def _of_dimensions(facts: Facts, place: Place, failed: Failed) -> Kind:
    counts = re.findall(r"(\d)D", facts["right"])  # of `4D`, `2D or 3D` or `3D (unbatched) or 4D (batched)`
    needed = filled(TEXTS[f"KINDS.dimensions-{len(counts)}"], first=counts[0], last=counts[-1])
    kind = Kind.of("dimensions", where=place.words(failed), mine=facts["mine"], right=needed)
    return _of_input(facts, place, failed) or kind


def _uncalled(facts: Facts, place: Place, failed: Failed) -> Kind | None:
    what = code.uncalled(place)
    return Kind.of("without-brackets", where=place.words(failed), what=what) if what else None


def _no_loss(facts: Facts, place: Place, failed: Failed) -> Kind | None:
    """Where a loss of one's own drives the weights out of all bounds."""
    own = "loss_func(" in place.blank.solution and "loss_func" not in place.code
    return Kind.of("own-loss", where=place.words(failed)) if own else None


def _builtin(facts: Facts, place: Place, failed: Failed) -> Kind | None:
    return names.of_builtin(facts["what"], place, failed)


def _of_arguments(facts: Facts, place: Place, failed: Failed) -> Kind | None:
    where = place.words(failed)
    if "torch.Size" in facts["mine"]:
        return Kind.of("shape-as-size", where=where)
    if facts["what"] == "normal":
        return Kind.of("normal-sizes", where=where)
    keyword = arguments.unknown_of_tensor(facts["mine"])
    return arguments.unknown(where, facts["what"], keyword) if keyword else None


def _unknown_argument(facts: Facts, place: Place, failed: Failed) -> Kind:
    return arguments.unknown(place.words(failed), facts["what"], facts["argument"])


def _of_image(facts: Facts, place: Place, failed: Failed) -> Kind | None:
    """How many numbers each image has, where layers have seen how many images there are."""
    steps, count = steps_of(failed), int(facts["mine"])
    images = steps[0][1][0] if steps and steps[0][1] else 0
    if not images or count % images:
        return None
    return Kind.of("count-of-image", where=place.words(failed), mine=count // images, shape=facts["shape"])


CLOSER: Mapping[str, Callable[[Facts, Place, Failed], Kind | None]] = {
    **dict.fromkeys(("sizes-differ", "channels-differ"), _of_input),
    "dimensions": _of_dimensions,
    **dict.fromkeys(("function-itself", "nothing-there", "no-context"), _uncalled),
    "class-itself": _builtin,
    "no-probability": _no_loss,
    "wrong-arguments": _of_arguments,
    "unknown-argument": _unknown_argument,
    "count-of-numbers": _of_image,
}


def _plain(said: str, code: str) -> str:
    """A name of PyTorch's as the student writes it."""
    name = re.sub(r"\.(__init__|forward)$", "", said)
    hidden = re.fullmatch(r"_(\w+?)(Nd)?", name)
    written = re.search(rf"{hidden[1]}\w*", code) if hidden else None
    return written[0] if written else name


def _no_python(place: Place, failed: Failed) -> Kind:
    error, line = failed.message, place.line(failed)
    try:
        ast.parse(textwrap.dedent(place.code))
    except SyntaxError as own:
        error, line = own.msg, own.lineno
    if "indent" in error:
        return Kind.of("not-indented", line=line or 1)
    if re.search(r"\d\s*x\s*\d", place.code):
        return Kind.of("x-for-times")
    name = "no-comma" if "forgot a comma" in error else "no-python"
    return Kind.of(name, error=error, line=line or len(place.code.splitlines()))
