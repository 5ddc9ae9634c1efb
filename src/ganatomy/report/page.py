"""The report: one HTML file that needs no network, made of a study's results and of tested claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ganatomy import atomic
from ganatomy.evaluation import MEASURES
from ganatomy.report import changes, gallery, glossary, reproduce, texts, wording
from ganatomy.report.answered import Answered
from ganatomy.report.charts import LINES, Json, Tables
from ganatomy.report.contents import Contents
from ganatomy.report.filters import FILTERS
from ganatomy.report.library import packed_json, plotly, policy_hash
from ganatomy.report.thinning import LIMIT
from ganatomy.runs.environment import version_of
from ganatomy.studies.plan import Study
from ganatomy.studies.results import Results
from ganatomy.words import Words

HERE = Path(__file__).parent

SECTIONS: dict[str, Words] = {
    "glance": texts.GLANCE,
    "diagnosis": texts.DIAGNOSIS,
    "curves": texts.CURVES,
    "scores": texts.SCORES,
    "changes": texts.CHANGES,
    "questions": texts.QUESTIONS,
    "reproduce": texts.REPRODUCE,
    "statistics": texts.STATISTICS,
}
"""By the name of their template, in their order."""

WITHOUT_RUNS = ("glance", "scores")
"""The sections of a page on images from elsewhere alone."""


def save(results: Results, path: Path, answered: Sequence[Answered] = ()) -> None:
    """Write the report, atomically.

    It shows every trial of the study, whatever its state, and what can be read of each run's folder.

    Args:
        results: a study's, or those that `adhoc.of_runs` makes of any runs.
        path: the HTML file.
        answered: claims that were tested, for the section of the questions.

    Raises:
        OSError: the file cannot be written.
    """
    atomic.write(path, render(results, answered))


def render(results: Results, answered: Sequence[Answered] = ()) -> str:
    """The report's HTML."""
    contents = Contents.of(results)
    shown = [name for name in SECTIONS if contents.trained or name in WITHOUT_RUNS]
    return document(
        [(name, SECTIONS[name]) for name in shown if name != "diagnosis" or contents.diagnosed],
        results.study,
        contents,
        {
            "answered": answered,
            "lines": LINES,
            "limit": LIMIT,
            "measures": MEASURES,
            "gallery": gallery.of(contents.runs),
            "comparison": changes.of(contents.trained, contents.runs),
            "environment": reproduce.environment(contents.runs),
            "begun": reproduce.begun(contents.runs),
            "whole_settings": reproduce.whole_settings(contents.trained, contents.runs),
        },
    )


class Drawn(Protocol):
    """What a page's charts are made from."""

    @property
    def charts(self) -> dict[str, Json]:
        """{id of an element: plotly's figure with choices open}."""

    @property
    def tables(self) -> Tables: ...


def document(sections: Sequence[tuple[str, Words]], study: Study, page: Drawn, context: Mapping[str, object]) -> str:
    """A whole page.

    Args:
        sections: names of templates in `sections/`, in their order, with their titles.
        study: whose title and budgets stand at the top.
        page: what the templates know as `page`.
        context: what else they know.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= FILTERS
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        {
            "t": texts,
            "g": glossary,
            "w": wording,
            "sections": sections,
            "study": study,
            "page": page,
            "drawings": packed_json({"positions": page.tables.tables, "charts": page.charts}),
            "script": script,
            "script_hash": policy_hash(script.encode()),
            "style": (HERE / "page.css").read_text(encoding="utf-8"),
            "plotly": plotly(),
            "version": version_of("ganatomy"),
            "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            **context,
        }
    )
