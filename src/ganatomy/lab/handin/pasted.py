"""Pictures in students' answers: those that a notebook has as attachments, and files beside it."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from PIL import Image

from ganatomy.lab.assignments.submission import QUESTION

PICTURE = re.compile(r"!\[([^\]\n]*)\]\(\s*(?:<([^>\n]+)>|([^)\s]+))[^)\n]*\)")
KINDS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}
LARGEST = 8_000_000
"""Bytes of a picture that still goes into the report."""


@dataclass(frozen=True)
class Pasted:
    """A picture of an answer."""

    content: bytes
    ending: str
    """Of its name: png, jpg, gif or webp."""


def of(text: str, folder: Path, attached: Mapping[str, bytes]) -> dict[str, Pasted | None]:
    """The pictures that a text names; None for one that is not there, not in the folder, or no picture.

    Args:
        attached: those of the notebook, by name.
    """
    found: dict[str, Pasted | None] = {}
    for match in PICTURE.finditer(text):
        source = match[2] or match[3]
        if source.startswith("attachment:"):
            content = attached.get(unquote(source.removeprefix("attachment:")))
        else:
            content = _beside(folder, unquote(source))
        found[source] = None if content is None else _opened(content)
    return found


def replaced(text: str, source: Callable[[str], str | None]) -> str:
    """The text with other sources of its pictures; one without a source becomes words."""

    def one(match: re.Match[str]) -> str:
        was = match[2] or match[3]
        now = source(was)
        return f"[{match[1] or was}]" if now is None else f"![{match[1]}]({now})"

    return PICTURE.sub(one, text)


def attachments(file: Path) -> dict[str, dict[str, bytes]]:
    """{question: {name: content}} of a notebook's attachments; a cell without a question belongs to the one before."""
    if file.suffix != ".ipynb":
        return {}
    found: dict[str, dict[str, bytes]] = {}
    question = ""
    for cell in json.loads(file.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            question = next(reversed(QUESTION.findall("".join(cell["source"]))), question)
            for name, by_kind in cell.get("attachments", {}).items():
                for content in by_kind.values():
                    try:
                        found.setdefault(question, {})[name] = base64.b64decode("".join(content))
                    except ValueError:
                        continue
    return found


def _beside(folder: Path, name: str) -> bytes | None:
    try:
        file = (folder / name).resolve()
        if file.is_relative_to(folder.resolve()) and file.stat().st_size <= LARGEST:
            return file.read_bytes()
    except (OSError, ValueError):
        pass
    return None


def _opened(content: bytes) -> Pasted | None:
    try:
        with Image.open(io.BytesIO(content), formats=list(KINDS)) as image:
            image.verify()
            kind = image.format or ""
    except Exception:  # whatever a damaged picture does to its decoder
        return None
    return Pasted(content, KINDS[kind]) if kind in KINDS and len(content) <= LARGEST else None
