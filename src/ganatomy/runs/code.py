"""The code of a run's leaves from outside the package: which version a run was trained with, and what may be executed.

A run keeps the SHA-256 and a copy of each file. The user's own file is used if it is still that version. The copy came with
the run folder, perhaps from somewhere else, and is executed only for folders that the user trusts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ganatomy.config import Config, Tree
from ganatomy.errors import GanatomyError
from ganatomy.plugin import REGISTRIES, outside_code
from ganatomy.plugin.code import SESSION, Code, digest_of, split
from ganatomy.runs.folder import RunFolder

_trusted: set[Path] = set()


def trust(path: Path) -> None:
    """Allow this process to execute the code inside a run folder."""
    _trusted.add(path.resolve())


def codes(config: Config) -> dict[str, Code]:
    """{section: code} of the leaves from outside."""
    found = {section: outside_code(type(getattr(config, section))) for section in REGISTRIES}
    return {section: code for section, code in found.items() if code is not None}


def with_usable_code(run: RunFolder, written: Tree, given: Mapping[str, str] | None = None) -> Tree:
    """A run's settings, in which each leaf from outside is named by code that may be executed: the version it was trained with.

    Args:
        given: {section: reference} where the code is now.

    Raises:
        GanatomyError: the code has changed (with both digests), is missing, or is inside a run folder that is not trusted.
    """
    kept = run.read_code()
    made = dict(written)
    errors: list[str] = []
    for section, registry in REGISTRIES.items():
        table = written.get(section)
        name = table.get("name") if isinstance(table, dict) else None
        if not isinstance(name, str) or name in registry.shipped():
            continue
        reference = (given or {}).get(section, name)
        if given and section in given and reference in registry.shipped():
            continue  # another leaf altogether, which the caller compares
        if section not in kept:
            raise GanatomyError(
                f"{run.config} names {section}={name} and does not say which code that was ([code.{section}]), as a run that "
                "ganatomy wrote does; nothing of it is executed"
            )
        try:
            made[section] = {**table, "name": _usable(run, section, reference, kept[section])}  # type: ignore[dict-item]
        except GanatomyError as error:
            errors.append(str(error))
    if errors:
        raise GanatomyError("\n".join(errors))
    return made


def _usable(run: RunFolder, section: str, reference: str, entry: Tree) -> str:
    registry = REGISTRIES[section]
    file = registry.file(reference)
    session = reference.startswith(f"{SESSION}:") and registry.is_there(reference)
    if session or (file is not None and not _is_inside(file, run.path)):
        wanted, digest = entry.get("sha256"), registry.digest(reference)
        if wanted is None or digest is None or digest == wanted:
            return reference
        if not _is_trusted(run):
            raise GanatomyError(
                f"{section}={reference} has changed: {run.path} was trained with SHA-256 {wanted}, and it has {digest} now. "
                f"The run keeps a copy of that version, {run.path / entry['file']}: bring it back, or use it as it is with "
                "--trust-code (in Python trust_code=True), or start a new run: ganatomy train"
            )
    return _copy(run, section, reference, entry)


def _copy(run: RunFolder, section: str, reference: str, entry: Tree) -> str:
    """The copy that the run keeps, if its folder is trusted."""
    place, name = split(reference)
    kept = entry.get("file")
    passed = f"({name.replace('+', ', ')})" if "+" in name else name  # a pair of networks
    where = (
        f"{passed}, defined in a notebook or a script. From Python, pass it again: "
        f"ganatomy.resume(path, {section}={passed}), likewise load and evaluate"
        if place == SESSION
        else f"{place}. If it is somewhere else now, name it: {section}=PATH"
    )
    if kept is None:
        raise GanatomyError(f"{run.path} needs {section}={reference}: {where}")
    copy = run.path / kept
    if not _is_trusted(run):
        raise GanatomyError(
            f"{run.path} needs {section}={reference}: {where}. The run keeps a copy, {copy}; read it, and if you trust it, give "
            "--trust-code (in Python trust_code=True)"
        )
    if not copy.is_file() or digest_of(copy) != entry.get("sha256"):
        found = digest_of(copy) if copy.is_file() else "no file"
        raise GanatomyError(
            f"{copy} is not what {run.path} was trained with: SHA-256 {entry.get('sha256')}, found {found}"
        )
    return f"{copy}:{name}" if name else str(copy)


def _is_trusted(run: RunFolder) -> bool:
    return run.path.resolve() in _trusted


def _is_inside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())
