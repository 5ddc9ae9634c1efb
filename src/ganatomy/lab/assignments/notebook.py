"""Notebook files, as nbformat 4.5 describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NotebookCell:
    """A cell: `markdown`, `code` or `raw`."""

    kind: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Pictures of a markdown cell: {name: {kind: content as base64}}."""


def raw(*lines: str) -> NotebookCell:
    return NotebookCell("raw", "\n".join(lines))


def as_json(cells: Sequence[NotebookCell]) -> str:
    """The notebook's file."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    tree = {
        "cells": [_cell(number, cell) for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _cell(number: int, cell: NotebookCell) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": f"cell-{number}",
        "metadata": dict(cell.metadata),
        "source": cell.text.splitlines(keepends=True),
    }
    if cell.attachments:
        tree["attachments"] = cell.attachments
    return tree | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})
