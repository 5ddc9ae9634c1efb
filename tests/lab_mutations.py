"""Wrong fillings of the lab's blanks, made from the solutions as mutation testing makes them and as students err."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ganatomy.lab.assignments.assignment import NAMES, Assignment
from ganatomy.lab.assignments.document import Blank, Document

SIZES = ("input_dim", "hidden_dim", "output_dim")
VARIABLES = (
    *(SIZES, ("reals", "fakes", "noise", "images"), ("D", "G"), ("optim_D", "optim_G"), ("loss_D", "loss_G")),
    *(("real_loss", "fake_loss"), ("real_output", "fake_output"), ("Generator", "Discriminator")),
    ("x", "z", "features", "maps"),
)
"""Variables that are taken for each other."""
FUNCTIONS = (
    *(("ones_like", "zeros_like"), ("randn", "rand", "zeros"), ("mean", "sum"), ("float", "int", "double")),
    *(("clamp_", "clamp"), ("eval", "train"), ("conv", "fc", "linear"), ("BatchNorm1d", "BatchNorm2d")),
    *(("Conv2d", "ConvTranspose2d"), ("MaxPool2d", "AvgPool2d"), ("Adam", "RMSprop", "SGD")),
)
ACTIVATIONS = ("ReLU", "LeakyReLU", "Sigmoid", "Tanh", "Softmax", "Identity")
LOSSES = ("loss_func", "nn.MSELoss()", "nn.BCEWithLogitsLoss()", "nn.L1Loss()")
OPPOSITE = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
WORDS = {"lr": "learning_rate", "kernel_size": "kernel", "padding": "pad", "stride": "strides", "device": "dev"}

Part = ast.stmt | ast.expr | ast.keyword
Made = Iterator[tuple[str, str]]  # names of operators, and what they make of a solution


@dataclass(frozen=True)
class Mutation:
    """A wrong filling of a blank."""

    assignment: str
    blank: str
    operator: str
    code: str


@dataclass(frozen=True)
class Solution:
    """A blank's, whose parts can be replaced."""

    text: str
    cell: str  # the code around it
    program: str

    def span(self, node: Part) -> tuple[int, int]:
        begins = [0, *itertools.accumulate(len(line) + 1 for line in self.text.split("\n"))]
        begin, end = begins[node.lineno - 1], begins[(node.end_lineno or 0) - 1]
        return begin + node.col_offset, end + (node.end_col_offset or 0)

    def of(self, node: Part) -> str:
        return self.text[slice(*self.span(node))]

    def put(self, *parts: tuple[Part, str]) -> str:
        """The text with other parts, which do not overlap."""
        text = self.text
        for (begin, end), new in sorted(((self.span(node), new) for node, new in parts), reverse=True):
            text = text[:begin] + new + text[end:]
        return text

    def knows(self, name: str) -> bool:
        """Whether the code has this name; sizes and optimizers may stand anywhere."""
        known = self.program if name in SIZES or name.startswith("optim") else self.cell
        return bool(re.search(rf"\b{name}\b", known))


def others(groups: tuple[tuple[str, ...], ...], name: str) -> list[str]:
    return [each for group in groups if name in group for each in group if each != name]


def _of_names(code: Solution, node: ast.AST) -> Made:
    if isinstance(node, ast.Name):
        variables = filter(code.knows, others(VARIABLES, node.id))
        yield from (("another variable", code.put((node, other))) for other in variables)
        if node.id in SIZES:
            yield from (("a number for a size", code.put((node, str(size)))) for size in (1, 28, 128, 512))
        if len(node.id) > 2:
            yield "misspelt", code.put((node, node.id[: len(node.id) // 2] + node.id[len(node.id) // 2 + 1 :]))
        yield from (("another loss", code.put((node, other))) for other in others((LOSSES,), node.id))
    if isinstance(node, ast.Attribute):
        owner = code.of(node.value)
        yield from (("another function", code.put((node, f"{owner}.{new}"))) for new in others(FUNCTIONS, node.attr))
        if owner in ("nn", "torch", "self"):
            yield "without its module", code.put((node, node.attr))
        if node.attr != node.attr.lower():
            yield from (("misspelt", code.put((node, f"{owner}.{each(node.attr)}"))) for each in (str.lower, str.title))


def _of_numbers(code: Solution, node: ast.AST) -> Made:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, str):
        for other in sorted(set(re.findall('".*?"', code.text)) - {code.of(node)}):
            yield "another text", code.put((node, other))
    elif isinstance(value, int):
        sizes = ["28", "64", "128", "784", "1024", *filter(code.knows, SIZES)] if value > 10 else []
        for number in (value - 1, value + 1, value * 2, value // 2, *sizes):
            yield "another number", code.put((node, str(number)))
    elif isinstance(value, float):
        for number in (value * 10, value / 10, value * 2, value / 2, value * 1.5):
            yield "another number", code.put((node, f"{number:.6g}"))


def _of_calculations(code: Solution, node: ast.AST) -> Made:
    if isinstance(node, ast.UnaryOp):
        yield "sign", code.put((node, code.of(node.operand)))
    if isinstance(node, ast.Assign) and re.search("loss|estimate", code.of(node.targets[0])):
        yield "sign", code.put((node.value, f"-({code.of(node.value)})"))
    if isinstance(node, ast.BinOp):
        left, right = code.of(node.left), code.of(node.right)
        yield "another operation", code.put((node, f"{left} {OPPOSITE[type(node.op)]} {right}"))
        yield from (("half of an operation", code.put((node, half))) for half in (left, right))


def _of_calls(code: Solution, node: ast.AST) -> Made:
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else code.of(node.func)
    yield from (("another layer", code.put((node, f"nn.{other}()"))) for other in others((ACTIVATIONS,), name))
    yield "without brackets", code.put((node, code.of(node.func)))
    if isinstance(node.func, ast.Attribute) and not re.match("nn|torch|self", code.of(node.func)):
        yield "call dropped", code.put((node, code.of(node.func.value)))
    elif len(node.args) == 1 and not node.keywords:
        yield "call dropped", code.put((node, code.of(node.args[0])))
    if name in ("D", "G"):
        yield "detached", code.put((node, f"{code.of(node)}.detach()"))
    for one, two in itertools.pairwise(node.args):
        yield "arguments exchanged", code.put((one, code.of(two)), (two, code.of(one)))
    given: list[Part] = [*node.args, *node.keywords]
    for each in given:
        left = ", ".join(code.of(other) for other in given if other is not each)
        yield "argument dropped", code.put((node, f"{code.of(node.func)}({left})"))
        if isinstance(each, ast.keyword) and each.arg in WORDS:
            yield "misspelt", code.put((each, f"{WORDS[each.arg]}={code.of(each.value)}"))


def _of_statements(code: Solution, node: ast.AST) -> Made:
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return
    for each in body:
        if len(body) > 1:
            yield "statement dropped", re.sub(r"\n[ ,]*(?=\n)|^[ ,]*\n|\n[ ,]*$", "", code.put((each, "")))
        if isinstance(each, ast.Expr) and not re.search("eval|train|zero_grad", code.of(each)):
            yield "statement twice", code.put((each, f"{code.of(each)}\n{' ' * each.col_offset}{code.of(each)}"))
        if isinstance(each, ast.With | ast.For):
            inner = "\n".join(line.removeprefix("    ") for line in code.of(each).split("\n")[1:])
            yield "block dropped", code.put((each, inner.strip()))
        if isinstance(each, ast.Return) and each.value is not None:
            yield "return dropped", code.put((each, code.of(each.value)))
        if isinstance(each, ast.Assign):
            yield "another target", code.put((each.targets[0], "result"))
            yield "another operation", code.put((each, code.of(each).replace(" = ", " == ", 1)))
    for one, two in itertools.pairwise(body):
        yield "statements exchanged", code.put((one, code.of(two)), (two, code.of(one)))


def _no_python(code: Solution, node: ast.AST) -> Made:
    if isinstance(node, ast.Module):
        for place, line in enumerate(lines := code.text.split("\n")):
            for pattern, new in ((r"\)(,?)$", r"\1"), (r"\((?=[^(]*$)", ""), (r",$", ""), (":$", "")):
                other = re.sub(pattern, new, line, count=1)
                yield "no Python", "\n".join([*lines[:place], other, *lines[place + 1 :]])


OPERATORS = (_of_names, _of_numbers, _of_calculations, _of_calls, _of_statements, _no_python)


def _of_blank(name: str, document: Document, blank: Blank) -> Iterator[Mutation]:
    """All mutations of a blank, without those that Python reads as the solution."""

    def read(filling: str) -> str:
        try:
            return ast.dump(ast.parse(document.cell_text(cell, {blank.name: filling})))
        except SyntaxError:
            return filling

    cell = document.cells[blank.cell]
    seen = {read(blank.solution)}
    code = Solution(blank.solution, document.cell_text(cell, {}), document.program({}))
    for node, operator in itertools.product(ast.walk(ast.parse(blank.solution)), OPERATORS):
        for kind, text in operator(code, node):
            if (meant := read(text)) not in seen:
                seen.add(meant)
                yield Mutation(name, blank.name, kind, text)


def generated() -> list[Mutation]:
    """All, of all assignments; a few do what the solution does."""
    documents = [(name, Assignment.get(name).document) for name in NAMES]
    return [made for name, each in documents for blank in each.blanks for made in _of_blank(name, each, blank)]
