"""A report as one HTML file that needs no network."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from ganatomy import report
from ganatomy.lab.handin import pasted
from ganatomy.lab.handin.blocks import Answered, Block, Document, Heading, Picture
from ganatomy.report.library import policy_hash

HERE = Path(__file__).parent
LOOK = Path(report.__file__).parent / "page.css"
SCRIPT = 'if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.dataset.theme = "dark";'


def render(document: Document) -> str:
    """The HTML."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "kind": lambda block: type(block).__name__,
        "light": light,
        "markdown": markdown,
        "answer": answer,
        "data_uri": data_uri,
    }
    parts = _parts(document.body)
    return environment.get_template("page.html.j2").render(
        document=document,
        parts=parts,
        sections=[(number, heading.text) for number, (heading, _) in enumerate(parts, 1)],
        style=Markup(LOOK.read_text("utf-8") + (HERE / "page.css").read_text("utf-8")),
        script=Markup(SCRIPT),
        script_hash=policy_hash(SCRIPT.encode()),
    )


def _parts(blocks: tuple[Block, ...]) -> list[tuple[Heading, list[Block]]]:
    """The sections: each heading of the second level with what follows it."""
    found: list[tuple[Heading, list[Block]]] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            found.append((block, []))
        else:
            found[-1][1].append(block)
    return found


def light(text: str) -> Markup:
    """A text with `code` in backticks and line breaks."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))).replace("\n", "<br>"))


def markdown(text: str) -> Markup:
    """Markdown, of which HTML is shown and not used."""
    return Markup(_parser().render(text))


def answer(block: Answered) -> Markup:
    """An answer with its pictures inside."""

    def source(was: str) -> str | None:
        found = block.pictures.get(was)
        return None if found is None else data_uri(found)

    return markdown(pasted.replaced(block.answer, source))


def data_uri(picture: Picture) -> str:
    return f"data:{picture.kind};base64,{base64.b64encode(picture.content).decode()}"


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
