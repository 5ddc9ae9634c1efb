"""Who may import whom, read from the source without importing any of it; and torch only when it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "ganatomy"

HOUSE = (
    *("errors", "words", "atomic", "paths", "surroundings", "randomness"),
    *("arrays", "plugin", "metrics", "data", "models", "objectives", "config"),
    *("images", "features", "runs", "distributed", "training", "evaluation", "callbacks", "probes", "watching"),
    *("studies", "report", "lab", "testing", "diagnosis", "api", "cli"),
)
"""Each room, and each module beside the rooms, imports only what stands before it."""

LEAVES = ("data", "models", "objectives")
FOR_LEAVES = ("errors", "paths", "plugin", "arrays")
FOR_METRICS = ("errors", "arrays")
TRAINERS = ("studies", "testing", "diagnosis", "api", "cli")
"""Who may import the training, beside itself: what reads run folders does not."""

HEAVY = ("torch", "scipy", "matplotlib", "plotly", "sklearn", "tensorboard", "jinja2", "ray", "optuna", "PIL")
"""What takes a noticeable part of a second to import, or need not be installed."""


@dataclass(frozen=True)
class Import:
    by: str
    of: str
    line: int
    runs_on_import: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.of}"


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def room(module: str) -> str:
    """ "studies" for `ganatomy.studies.plan`; "ganatomy" for the package itself."""
    return module.split(".")[1] if "." in module else module


def imports_of(module: str) -> list[Import]:
    """All imports in a module, those within functions and for types too, of packages of others as of this one."""

    def found(node: ast.AST, runs: bool, types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(module, alias.name, child.lineno, runs, types) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.module, f"{module}:{child.lineno}: a relative import"
                for alias in child.names:
                    whole = f"{child.module}.{alias.name}"
                    yield Import(module, whole if whole in MODULES else child.module, child.lineno, runs, types)
            elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
                yield from found(ast.Module(child.body, []), runs, True)
                yield from found(ast.Module(child.orelse, []), runs, types)
            else:
                function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from found(child, runs and not function, types)

    return list(found(ast.parse(MODULES[module].read_text("utf-8")), True, False))


IMPORTS = [each for module in MODULES for each in imports_of(module)]
WITHIN = [each for each in IMPORTS if each.of in MODULES and each.by not in ("ganatomy", "ganatomy.__main__")]
"""Imports of this package's modules. The package itself and `python -m ganatomy` stand outside: they open the door."""
BETWEEN_ROOMS = [each for each in WITHIN if room(each.by) != room(each.of)]


def told(wrong: Sequence[Import]) -> str:
    return "\n".join(map(str, wrong))


def test_every_room_has_its_place_in_the_house() -> None:
    assert {room(module) for module in MODULES} - {"ganatomy", "__main__"} <= {*HOUSE}
    assert len(WITHIN) > 200, "the imports are no longer found"


def test_rooms_import_only_rooms_above_them() -> None:
    # `ganatomy` itself, for its version, is loaded already when one of its modules is.
    rank = {name: number for number, name in enumerate(HOUSE)} | {"ganatomy": -1}
    wrong = [each for each in BETWEEN_ROOMS if rank[room(each.of)] >= rank[room(each.by)]]
    assert not wrong, told(wrong)


def test_leaves_import_nothing_of_one_another() -> None:
    wrong = [each for each in BETWEEN_ROOMS if room(each.by) in LEAVES and room(each.of) not in FOR_LEAVES]
    wrong += [each for each in BETWEEN_ROOMS if room(each.by) == "metrics" and room(each.of) not in FOR_METRICS]
    assert not wrong, told(wrong)


def test_only_who_trains_imports_the_training() -> None:
    wrong = [each for each in BETWEEN_ROOMS if room(each.of) == "training" and room(each.by) not in TRAINERS]
    assert not wrong, told(wrong)


def test_modules_of_a_room_form_no_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for each in WITHIN:
        if not each.for_types and each.of != each.by:
            graph[each.by].add(each.of)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


def loaded_with(module: str) -> dict[str, str]:
    """The modules that `import MODULE` runs, of this package and of others, and by whom each is imported."""
    by = {module: "you"}
    waiting = [module]
    while waiting:
        this = waiting.pop()
        parents = [this.rsplit(".", count)[0] for count in range(1, this.count(".") + 1)]
        imported = [each.of for each in IMPORTS if each.by == this and each.runs_on_import and not each.for_types]
        for other in [*parents, *imported]:
            if other not in by:
                by[other] = this
                if other in MODULES:
                    waiting.append(other)
    return by


@pytest.mark.parametrize("module", ["ganatomy", "ganatomy.__main__", "ganatomy.cli"])
def test_heavy_packages_are_not_loaded_before_they_are_needed(module: str) -> None:
    heavy = {name: by for name, by in loaded_with(module).items() if name.split(".")[0] in HEAVY}
    assert not heavy, heavy


def test_metrics_and_curves_are_loaded_without_torch() -> None:
    for module in [*(name for name in MODULES if room(name) == "metrics"), "ganatomy.probes.curves"]:
        assert "torch" not in {name.split(".")[0] for name in loaded_with(module)}, module


def test_the_commands_and_the_names_of_leaves_are_known_without_torch() -> None:
    code = (
        "import sys, ganatomy.cli, ganatomy.data; assert 'digits' in ganatomy.data.sources.names(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "ganatomy" in loaded
    assert not loaded & {"torch", "matplotlib", "plotly", "sklearn", "tensorboard", "ray"}
