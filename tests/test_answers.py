"""The answers say what the findings found, the findings are of the present designs, and the pages are up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ganatomy.errors import GanatomyError
from ganatomy.lab import claims, findings
from ganatomy.lab.answers import evidence, page, picture
from ganatomy.lab.answers.answer import get, names
from ganatomy.lab.answers.figures import MISSING, rendered
from ganatomy.words import LANGUAGES, Language

PAGES = Path(__file__).parents[1] / "docs" / "answers"

languages = pytest.mark.parametrize("language", LANGUAGES)
every_question = pytest.mark.parametrize("name", names())


def test_every_question_of_the_lab_has_an_answer() -> None:
    assert {f"q{number}" for number in range(1, 11)} | {"graph"} <= set(names())


def test_every_claim_is_evidence_of_one_answer() -> None:
    named = [claim for name in names() for claim in get(name).facts.claims]
    assert sorted(named) == sorted(claims.names())


@pytest.mark.parametrize("claim", claims.names())
def test_findings_come_with_the_package_and_are_of_the_present_design(claim: str) -> None:
    known = findings.found(claim)
    if not known:
        pytest.skip("not run yet")
    for level, finding in known.items():
        assert (finding.claim, finding.level) == (claim, level)
        assert finding.design == claims.get(claim).digests[level], f"run {claim} at level {level} again"
        assert finding.seeds >= 5


def test_few_claims_are_not_decided() -> None:
    last = {claim: list(known.values())[-1] for claim in claims.names() if (known := findings.found(claim))}
    still_open = [claim for claim, finding in last.items() if finding.ruling == "not decided"]
    assert len(still_open) <= 3, still_open
    for claim in still_open:
        assert last[claim].seeds_needed is not None


@every_question
def test_the_text_speaks_of_the_verdicts_that_were_found(name: str) -> None:
    for claim, presumed in get(name).facts.presumes.items():
        assert claim in get(name).facts.claims
        assert list(findings.found(claim).values())[-1].ruling == presumed, claim


@every_question
@languages
def test_an_answer_is_short_and_has_all_its_figures(name: str, language: Language) -> None:
    answer = get(name, language)
    texts = [answer.sentences, answer.line, answer.caption, answer.see, *(each.right for each in answer.beliefs)]
    assert all(text.strip() for text in texts)
    assert MISSING not in "".join(texts)
    ends = r"[.?!](?:\s|$)" if language == "en" else "[。？！]"
    assert len(re.findall(ends, answer.sentences)) == 3
    assert len(answer.sentences) < (650 if language == "en" else 260)
    assert len(answer.line) < (130 if language == "en" else 60)


@every_question
@languages
def test_the_page_is_what_is_generated(name: str, language: Language) -> None:
    drawn = f"images/{name}.{language}.svg"
    there = (PAGES / drawn).is_file()
    assert there == bool(get(name, language).facts.picture)
    assert (PAGES / f"{name}.{language}.md").read_text("utf-8") == page.page(name, language, drawn if there else None)


@languages
def test_the_index_is_what_is_generated(language: Language) -> None:
    assert (PAGES / page.INDEX[language]).read_text("utf-8") == page.index(language)


@languages
def test_links_between_the_pages_lead_somewhere(language: Language) -> None:
    for file in PAGES.glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text("utf-8")):
            assert (PAGES / link).exists(), f"{file.name}: {link}"


def test_a_figure_that_no_claim_measures_is_an_error() -> None:
    with pytest.raises(GanatomyError, match="measures no 'fid' of 'nobody'"):
        rendered('{{ mean("q1-competition", "fid", "nobody") }}', "en")


def test_a_verdict_at_a_lower_level_is_told_where_it_differs() -> None:
    rows = {row.name: row for name in names() for row in evidence.rows(get(name), "en")}
    for claim in claims.names():
        rulings = [finding.ruling for finding in findings.found(claim).values()]
        assert bool(rows[claim].others) == (len(set(rulings)) > 1)


def test_the_picture_of_the_networks_needs_no_run(tmp_path: Path) -> None:
    answer = get("graph")
    picture.save(answer, "en", tmp_path, tmp_path / "graph.svg")
    drawn = (tmp_path / "graph.svg").read_text("utf-8")
    assert "<text" in drawn
    assert "N x 784" in drawn
    assert "201,488" in drawn
