"""A report as Markdown with pictures beside it, and as a notebook."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from ganatomy.lab.assignments.notebook import NotebookCell, as_json
from ganatomy.lab.handin import pasted
from ganatomy.lab.handin.blocks import (
    Answered,
    Block,
    Cell,
    Changes,
    Code,
    Document,
    Facts,
    Figure,
    Heading,
    Notice,
    Picture,
    Prose,
    Table,
)

Link = Callable[[Picture], str]

MARKS = re.compile(r"([\\*_\[\]|~$])|^(\s*)([#>+-]|\d+\.)(?=\s)")
CODE_SPAN = re.compile(r"((?<!\\)`[^`\n]+`)")
FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
"""Not one that is indented: in a list it ends with the list, whatever follows."""


def markdown(document: Document, folder: str) -> str:
    """The report as a Markdown file.

    Args:
        folder: where its pictures are, seen from the file.
    """

    def link(picture: Picture) -> str:
        return f"{folder}/{picture.name}"

    parts = [f"# {plain(document.title)}", *(_block(block, link) for block in document.blocks)]
    return "\n\n".join(parts) + "\n"


def notebook(document: Document) -> str:
    """The report as a notebook of format 4.5: text with pictures as attachments, and the student's code in cells."""

    def link(picture: Picture) -> str:
        return f"attachment:{picture.name}"

    pictures = document.pictures
    cells: list[NotebookCell] = []
    texts = [f"# {plain(document.title)}"]

    def close() -> None:
        if texts:
            cells.append(_text_cell("\n\n".join(texts), pictures))
            texts.clear()

    for block in document.blocks:
        if isinstance(block, Code):
            close()
            cells.append(NotebookCell("code", _code(block)))
            continue
        if isinstance(block, Heading | Answered | Figure):
            close()
        texts.append(_block(block, link))
    close()
    return as_json(cells)


def _text_cell(text: str, pictures: dict[str, Picture]) -> NotebookCell:
    shown = [picture for name, picture in pictures.items() if f"](attachment:{name})" in text]
    attachments = {each.name: {each.kind: base64.b64encode(each.content).decode()} for each in shown}
    return NotebookCell("markdown", text, attachments=attachments)


def _block(block: Block, link: Link) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {plain(block.text)}"
        case Prose():
            return _on_one_line(block.text)
        case Facts():
            return "\n".join(
                f"- **{plain(name)}**: {plain(value.replace(chr(10), '; '))}" for name, value in block.rows
            )
        case Notice():
            return "\n".join([f"> **{plain(block.text)}**", *(f"> - {_on_one_line(item)}" for item in block.items)])
        case Figure():
            return f"{_picture(block.picture, link)}\n\n{plain(block.caption)}"
        case Table():
            return _table(block, link)
        case Code():
            return fenced(_code(block), "python")
        case Changes():
            shown = "\n".join(f"{mark} {line}" for mark, line in block.lines)
            return f"**{plain(block.title)}**\n\n{fenced(shown, 'diff')}"
        case Answered():
            return _answered(block, link)


def _table(block: Table, link: Link) -> str:
    rows = [[_cell(cell, link) for cell in row] for row in block.rows]
    head = [plain(each) for each in block.head]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _on_one_line(text: str) -> str:
    return plain(" ".join(text.split()))


def _cell(cell: Cell, link: Link) -> str:
    return _picture(cell, link) if isinstance(cell, Picture) else plain(cell.replace("\n", "; "))


def _picture(picture: Picture, link: Link) -> str:
    return f"![{plain(picture.alt)}]({link(picture)})"


def _code(block: Code) -> str:
    parts = []
    for entry in block.entries:
        note = f"\n# -> {' '.join(entry.note.split())}" if entry.note else ""
        parts.append(f"# {entry.head}{note}\n{entry.text}".rstrip())
    return "\n\n".join(parts)


def _answered(block: Answered, link: Link) -> str:
    def source(was: str) -> str | None:
        found = block.pictures.get(was)
        return None if found is None else link(found)

    question = "\n".join(f"> {line}".rstrip() for line in f"**{block.name}.** {harmless(block.question)}".splitlines())
    answer = harmless(pasted.replaced(block.answer, source)) if block.answer else f"*{plain(block.missing)}*"
    return f"{question}\n\n{answer}"


def plain(text: str) -> str:
    """A text as Markdown that shows it as it is, `code` in backticks aside."""
    return "".join(
        part if place % 2 else MARKS.sub(_escaped, _without_tags(part))
        for place, part in enumerate(CODE_SPAN.split(text))
    )


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"


def harmless(text: str) -> str:
    """Markdown of a student's without HTML, and with the end of a block of code that was left open."""
    lines, fence = list[str](), ""
    for line in text.splitlines():
        found = FENCE.match(line)
        mark = (found[1] or found[2]) if found else ""
        if fence:
            lines.append(line)
            if mark.startswith(fence) and line.strip() == mark:
                fence = ""
            continue
        fence = mark
        parts = CODE_SPAN.split(line)
        lines.append("".join(part if place % 2 else _without_tags(part) for place, part in enumerate(parts)))
    return "\n".join([*lines, *([fence] if fence else [])])


def _without_tags(text: str) -> str:
    return re.sub(r"<(?!https?://)(?=[A-Za-z/!?])", "&lt;", text)


def fenced(text: str, language: str) -> str:
    """A block of code, whatever is in it."""
    longest = max((len(each) for each in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
