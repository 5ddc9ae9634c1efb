"""Code that a user brings: which file it is in, its digest, and how it is loaded."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import inspect
import linecache
import sys
import textwrap
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ganatomy.errors import GanatomyError, UsageError

SESSION = "__main__"
"""The module of classes that are defined in a notebook or in the script that runs."""


def split(reference: str) -> tuple[str, str]:
    """The file or module of a reference, and the class that it names, "" for none."""
    place, _, name = (reference, "", "") if reference.endswith(".py") else reference.rpartition(":")
    return place, name


@dataclass(frozen=True)
class Code:
    """Where a class outside the package was found."""

    reference: str
    """As a setting names it: `/home/me/wgan_gp.py:WGANGP`, `package.module:Class`, or `__main__:Class`."""
    sha256: str | None
    """Of the file with the class; None where Python does not have its source."""
    text: str | None
    """The source, which a run keeps."""

    @property
    def file_name(self) -> str:
        """The name of the copy that a run keeps."""
        place, name = split(self.reference)
        return Path(place).name if place.endswith(".py") else f"{place.replace('.', '_').strip('_')}_{name}.py"


def sources_of(leaf: type) -> tuple[type, ...]:
    """The classes that a leaf is written as: its own, or those of the networks that it is made of."""
    sources: tuple[type, ...] = getattr(leaf, "code_source", (leaf,))
    return sources


def code_of(cls: type, reference: str) -> Code:
    """The code of a leaf that was loaded already."""
    text = _source(cls, reference)
    return Code(reference, None if text is None else hashlib.sha256(text.encode()).hexdigest(), text)


def _source(cls: type, reference: str) -> str | None:
    if reference.startswith(f"{SESSION}:"):
        statements = [class_source(source) for source in sources_of(cls)]
        return None if None in statements else "\n\n\n".join(filter(None, statements)) + "\n"
    try:
        return Path(inspect.getfile(sources_of(cls)[0])).read_text(encoding="utf-8")
    except (OSError, TypeError):
        return None


PARSING = threading.RLock()
"""Held by who has Python parse code: its parser, up to 3.12, fails now and then where two threads use it at once."""


def class_source(cls: type) -> str | None:
    """The class statement; None where Python does not have it.

    `inspect` finds no class of a notebook, whose `__main__` has no file; its methods' code knows the cell.
    """
    with PARSING:
        return _class_source(cls)


def _class_source(cls: type) -> str | None:
    try:
        return textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError, IndentationError):
        pass
    for member in vars(cls).values():
        if inspect.isfunction(member) and member.__module__ == cls.__module__:
            cell = "".join(linecache.getlines(member.__code__.co_filename))
            try:
                statements = ast.walk(ast.parse(cell))
            except SyntaxError:
                continue
            for statement in statements:
                if isinstance(statement, ast.ClassDef) and statement.name == cls.__name__:
                    return ast.get_source_segment(cell, statement)
    return None


def digest_of(file: Path) -> str:
    """SHA-256 of a file of code."""
    return hashlib.sha256(file.read_text(encoding="utf-8").encode()).hexdigest()


def file_of(cls: type) -> Path | None:
    """The file that a leaf or another class was loaded from."""
    try:
        return Path(inspect.getfile(sources_of(cls)[0])).absolute()
    except (OSError, TypeError):
        return None


def module_file(name: str) -> Path | None:
    """The file of a module, which is not imported for it; the packages that it is in are."""
    for depth in range(1, name.count(".") + 2):
        try:
            spec = importlib.util.find_spec(".".join(name.split(".")[:depth]))
        except (ImportError, ValueError):
            return None
        if spec is None:
            return None
    return None if spec is None or spec.origin is None else Path(spec.origin)


def load_file(path: Path) -> ModuleType:
    """Runs a Python file and returns its module; the same file, unchanged, is run once.

    Raises:
        UsageError: it cannot be read or run; with the line and the message.
    """
    try:
        digest = digest_of(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}; give the path of a Python file") from error
    name = f"ganatomy_file_{path.stem}_{hashlib.sha256(f'{path}/{digest}'.encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UsageError(_failure(path, error) + _advice(path, error)) from error
    return module


def _advice(path: Path, error: Exception) -> str:
    """What to do about an import of a file next to the leaf's own, of which a run would keep neither copy nor digest."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is None or not any((path.parent / each).exists() for each in (f"{missing}.py", missing)):
        return ""
    return (
        f"; a run keeps one file of yours, so put what you need of {missing} into {path.name}, or let Python find it: "
        f"PYTHONPATH={path.parent}"
    )


def load_module(name: str) -> ModuleType:
    """Imports a module by its dotted name.

    Raises:
        UsageError: there is none, or it fails; with file, line and message.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise UsageError(
                f"there is no module {name} that Python can import; install its package, or give the path of its file, "
                f"such as ./{name.rpartition('.')[2]}.py"
            ) from error
        raise UsageError(_failure(name, error)) from error
    except Exception as error:
        raise UsageError(_failure(name, error)) from error


@contextmanager
def blaming(what: str, leaf: object) -> Iterator[None]:
    """Turns an error that the code of a leaf from outside raises into one that names file, line and message.

    Raises:
        UsageError: instead of any error that is not one of this package's.
    """
    try:
        yield
    except GanatomyError:
        raise
    except Exception as error:
        if not hasattr(type(leaf), "code_reference"):
            raise
        raise UsageError(f"{what}: {_failure(str(file_of(type(leaf))), error)}") from error


def _failure(what: Path | str, error: Exception) -> str:
    """Names the file, the line and the message of an error that importing or running code raised."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: SyntaxError: {error.msg}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    own = [frame for frame in frames if frame.filename == str(what)] or frames[-1:]
    place = f"{own[-1].filename}, line {own[-1].lineno}" if own else str(what)
    return f"{place}: {type(error).__name__}: {error}"
