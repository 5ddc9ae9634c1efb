"""Kinds of errors that a filling ends in, in words that students know."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

from ganatomy.lab.assignments.document import Blank, Document
from ganatomy.lab.assignments.kinds import names
from ganatomy.lab.assignments.kinds.kind import Kind
from ganatomy.lab.assignments.observation import Failed
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words, filled

FUNCTION = r"(?:builtin_function_or_method|function|method|type)"
CALLED = r"TypeError: (?P<what>[\w.]+)\(\)"
ERRORS = (
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
    ("not-a-tensor", r"AttributeError: '(?P<mine>int|float|bool|tuple|list|str)' object has no attribute"),
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
    ("no-probability", r"all elements of (?:input|target) should be between 0 and 1"),
    ("no-gradient-there", r"does not require grad and does not have a grad_fn"),
    ("second-backward", r"backward through the graph a second time"),
    ("loss-of-many", r"grad can be implicitly created only for scalar outputs"),
    ("changed-in-place", r"modified by an inplace operation"),
    ("in-place-with-graph", r"a leaf Variable that requires grad is being used in an in-place operation"),
)
"""Kinds, and what Python and PyTorch say of them."""
OF_INPUT = ("sizes-differ", "channels-differ", "dimensions")
"""Where the networks are given, it is their input that does not fit."""


def of_error(document: Document, blank: Blank, code: str, failed: Failed) -> Kind | None:
    """The kind of an error.

    Args:
        code: the filling that ends in it.
    """
    place = _Place(document, blank, code, failed)
    if failed.kind == "SyntaxError":
        return place.no_python()
    program = document.program({blank.name: code})
    if named := names.of_name(blank, code, program, failed):
        return Kind.of(named[0], where=place.words, **named[1])
    for name, pattern in ERRORS:
        if found := re.search(pattern, str(failed)):
            if name in OF_INPUT and not place.is_class:
                return Kind.of("input-of-network", where=place.words)
            facts = {key: _plain(value, code) for key, value in found.groupdict().items()}
            return Kind.of(name, where=place.words, **facts)
    if named := names.of_attribute(program, failed):
        return Kind.of(named[0], where=place.words, **named[1])
    return None


def _plain(said: str, code: str) -> str:
    """A name of PyTorch's as the student writes it."""
    name = re.sub(r"\.(__init__|forward)$", "", said)
    written = re.search(rf"{name[1:-2]}\w+", code) if re.fullmatch(r"_\w+Nd", name) else None
    return written[0] if written else name


@dataclass(frozen=True)
class _Place:
    """Where an error came."""

    document: Document
    blank: Blank
    code: str
    failed: Failed

    @property
    def line(self) -> int | None:
        """The line of the filling, the innermost of those that were at work."""
        marked = self.document.program({self.blank.name: "HERE"}).splitlines()
        begin = next(place for place, line in enumerate(marked) if line.strip() == "HERE")
        lines = [line - begin for line in self.failed.lines]
        return next((line for line in reversed(lines) if 1 <= line <= len(self.code.splitlines())), None)

    @property
    def is_class(self) -> bool:
        """Whether the blank is in a network, and not in a function that trains with given ones."""
        return "class " in self.document.cell_text(self.document.cells[self.blank.cell], {})

    @property
    def words(self) -> Words:
        if self.line is not None:
            return filled(TEXTS["KINDS.in_line"], line=self.line)
        if self.failed.layer is not None and self.is_class:
            return filled(TEXTS["KINDS.in_layer"], layer=self.failed.layer)
        return Words("", "")

    def no_python(self) -> Kind:
        error, line = self.failed.message, self.line
        try:
            ast.parse(textwrap.dedent(self.code))
        except SyntaxError as own:
            error, line = own.msg, own.lineno
        name = "no-comma" if "forgot a comma" in error else "no-python"
        return Kind.of(name, error=error, line=line or len(self.code.splitlines()))
