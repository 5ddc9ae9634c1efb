"""Writes docs/answers/ from the findings: `python docs/answers.py`, and with `--studies runs/studies` also takes new findings and draws.

With a folder of studies, the findings in its `claims/` become those that come with the package, and the pictures are drawn from
its runs. Without one, the pages are written anew from the package's findings, and the pictures stay.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ganatomy.lab import claims, findings
from ganatomy.lab.answers import page, picture
from ganatomy.lab.answers.answer import get, names
from ganatomy.lab.claim import LEVELS
from ganatomy.words import LANGUAGES

FOLDER = Path(__file__).parent / "answers"


def take(studies: Path) -> None:
    """Copy findings on the package's claims, of their present design, into the package."""
    for claim in map(claims.get, claims.names()):
        for level in LEVELS:
            file = findings.finding_file(studies, claim.name, level)
            if file.is_file():
                finding = findings.read(file)
                if finding.design == claim.digests.get(level):
                    findings.keep(Path(str(findings.SHIPPED / level / f"{claim.name}.json")), finding)
                else:
                    print(f"{file}: of an earlier design, left out")


def draw(studies: Path) -> None:
    """The picture of every answer that has one."""
    for name in names():
        for language in LANGUAGES:
            answer = get(name, language)
            if answer.facts.picture:
                picture.save(answer, language, studies, FOLDER / "images" / f"{name}.{language}.svg")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=Path)
    studies: Path | None = parser.parse_args().studies
    if studies is not None:
        take(studies)
        draw(studies)
    FOLDER.mkdir(exist_ok=True)
    for file in page.write(FOLDER):
        print(file)
