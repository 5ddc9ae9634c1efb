"""Where a filling stands, and what can be used there."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ganatomy.lab.assignments.document import Blank, Document
from ganatomy.lab.assignments.observation import Failed
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words, filled


@dataclass(frozen=True)
class Place:
    """A filling in its program."""

    document: Document
    blank: Blank
    code: str

    @cached_property
    def program(self) -> str:
        return self.document.program({self.blank.name: self.code})

    @cached_property
    def first_line(self) -> int:
        """Of the filling, in the program."""
        marked = self.document.program({self.blank.name: "HERE"}).splitlines()
        return next(number for number, line in enumerate(marked, 1) if line.strip() == "HERE")

    @property
    def is_list(self) -> bool:
        """Whether it is part of a list of layers."""
        return _is_list(self.blank)

    @property
    def is_class(self) -> bool:
        """Whether it is in a network, and not in a function that trains with given ones."""
        return "class " in self.document.cell_text(self.document.cells[self.blank.cell], {})

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """Of the filling; of a list of layers, one expression. Empty where it is no Python."""
        code = textwrap.dedent(self.code)
        try:
            if self.is_list:
                return ast.parse(f"[{code}\n]").body
            return ast.parse(f"def filling():\n{textwrap.indent(code, ' ')}").body[0].body  # type: ignore[attr-defined]
        except (SyntaxError, ValueError):
            return []

    def nodes(self) -> Iterator[ast.AST]:
        for statement in self.statements:
            yield from ast.walk(statement)

    def line_of(self, node: ast.AST) -> int:
        """Of the filling."""
        return int(getattr(node, "lineno", 1)) - (0 if self.is_list else 1)

    def line(self, failed: Failed) -> int | None:
        """The line of the filling where an error came, the innermost of those that were at work."""
        lines = [line - self.first_line + 1 for line in failed.lines]
        return next((line for line in reversed(lines) if 1 <= line <= len(self.code.splitlines())), None)

    def words(self, failed: Failed) -> Words:
        """Where an error came."""
        line = self.line(failed)
        if line is not None:
            return filled(TEXTS["KINDS.in_line"], line=line)
        if failed.layer is not None and self.is_class:
            return filled(TEXTS["KINDS.in_layer"], layer=failed.layer)
        return Words("", "")

    # ---- names

    @property
    def arguments(self) -> list[str]:
        """Of the function that the blank is in."""
        return [] if self._function is None else [each.arg for each in self._function.args.args]

    @property
    def names(self) -> list[str]:
        """Of variables that have a value before the blank, in its function first."""
        return [*dict.fromkeys([*self.arguments, *self.made_before, *self._outside])]

    @property
    def made_before(self) -> list[str]:
        """Names that the function around the blank has given a value before it."""
        return [] if self._function is None else _stored(self._function, self._mark.lineno)

    def function_with(self, name: str) -> str | None:
        """Another function that has a variable of a name."""
        for each in ast.walk(self._tree):
            if isinstance(each, ast.FunctionDef) and each is not self._function:
                known = {*_stored(each), *(argument.arg for argument in each.args.args)}
                mine = self._function is not None and each.name == self._function.name
                if name in known and not each.name.startswith("__") and not mine:
                    return each.name
        return None

    def is_of_training(self, name: str) -> bool:
        """Whether a variable gets its value in the cell that trains."""
        cells = (cell for cell in self.document.cells if cell.kind == "run")
        return any(name in _stored(ast.parse("\n".join(cell.lines))) for cell in cells)

    @property
    def attributes(self) -> list[str]:
        """Names that the program gives `self`."""
        return re.findall(r"\bself\.(\w+) =", self.program)

    def attributes_of(self, owner: str) -> list[str]:
        """Names that a class of the program gives `self`."""
        found = next((each for each in self._tree.body if isinstance(each, ast.ClassDef) and each.name == owner), None)
        return [] if found is None else re.findall(r"\bself\.(\w+) =", ast.unparse(found))

    @property
    def of_solution(self) -> list[str]:
        """Names that the solution of the blank uses."""
        return re.findall(r"[A-Za-z_]\w*", self.blank.solution)

    @cached_property
    def _tree(self) -> ast.Module:
        """Of the program with empty blanks: the names in solutions are no one's but the solutions'."""
        empty = {
            each.name: each.placeholder or ("" if _is_list(each) else "pass")  # it may be all that a block has
            for each in self.document.blanks
        }
        return ast.parse(self.document.program({**empty, self.blank.name: "HERE," if self.is_list else "HERE"}))

    @cached_property
    def _mark(self) -> ast.Name:
        """The blank, in that program."""
        return next(each for each in ast.walk(self._tree) if isinstance(each, ast.Name) and each.id == "HERE")

    @cached_property
    def _function(self) -> ast.FunctionDef | None:
        """The innermost function around the blank."""
        found = [
            each
            for each in ast.walk(self._tree)
            if isinstance(each, ast.FunctionDef) and each.lineno < self._mark.lineno <= (each.end_lineno or 0)
        ]
        return max(found, key=lambda each: each.lineno, default=None)

    @cached_property
    def _outside(self) -> list[str]:
        """Names of the program itself."""
        found: list[str] = []
        for each in self._tree.body:
            if isinstance(each, ast.FunctionDef | ast.ClassDef):
                found.append(each.name)
            elif isinstance(each, ast.Import | ast.ImportFrom):
                found += [(alias.asname or alias.name).partition(".")[0] for alias in each.names]
            else:
                found += _stored(each)
        return found


def _is_list(blank: Blank) -> bool:
    return blank.solution.rstrip().endswith(",")


def _stored(node: ast.AST, before: int | None = None) -> list[str]:
    """Names that get a value inside, before a line."""
    return [
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and (before is None or each.lineno < before)
    ]
