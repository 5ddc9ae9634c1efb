"""What `ganatomy lab report` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganatomy import atomic
from ganatomy.lab.handin import contents, document, gaps, page, story
from ganatomy.lab.handin.gaps import Gap
from ganatomy.words import Language

PICTURES = "report-pictures"


@dataclass(frozen=True)
class Made:
    """A report that was written."""

    paths: tuple[Path, ...]
    """report.html, report.md, report.ipynb."""
    gaps: tuple[Gap, ...]
    """What it lacks."""
    language: Language

    @property
    def warnings(self) -> tuple[str, ...]:
        """The same as sentences in the report's language."""
        return tuple(str(getattr(gap.text, self.language)) for gap in self.gaps)


def report(
    folder: Path,
    out: Path | None = None,
    language: Language | None = None,
    name: str | None = None,
    own: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Made:
    """Write a student's report as HTML, as Markdown with pictures beside it, and as a notebook.

    Args:
        folder: with the student's files, there or in folders of it, and the runs beside them.
        out: where the report is written; unset, FOLDER/hand-in.
        language: unset, that of the files.
        name: the student's.
        own: the teacher's `course.toml`; else the one beside a file, or the folder's.
        say: called with a line at each step that takes a while.

    Raises:
        UsageError: there is no file of the lab, or the course is wrong.
        GanatomyError: the folder cannot be written.
    """
    place = out or folder / contents.REPORT
    atomic.try_place(place / "report.html")
    hand_in = contents.gather(folder, language, own, say)
    shown = (name or "").strip()
    lacking = gaps.of(hand_in, shown)
    made = story.of(hand_in, lacking, shown, say)
    place.mkdir(parents=True, exist_ok=True)
    pictures = place / PICTURES
    if made.pictures:
        pictures.mkdir(exist_ok=True)
    for picture in made.pictures.values():
        atomic.write(pictures / picture.name, picture.content)
    texts = {
        "report.html": page.render(made),
        "report.md": document.markdown(made, PICTURES),
        "report.ipynb": document.notebook(made),
    }
    for file, text in texts.items():
        atomic.write(place / file, text)
    return Made(tuple(place / file for file in texts), tuple(lacking), hand_in.language)
