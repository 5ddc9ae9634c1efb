"""What `ganatomy report` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganatomy.errors import UsageError
from ganatomy.report import adhoc, page
from ganatomy.studies import findings
from ganatomy.studies.folder import StudyFolder


def write(places: Sequence[Path], out: Path | None) -> Path:
    """The report on runs, or on one study; its path.

    Raises:
        UsageError: runs and a study together, several studies, or several runs without a place for the report.
        GanatomyError: a place is neither.
    """
    studies = [place for place in places if StudyFolder(place).plan.is_file()]
    if studies and len(places) > 1:
        raise UsageError("give runs, or one study; a study knows its runs")
    if studies:
        folder = StudyFolder(studies[0])
        path, results, found = out or folder.report, folder.read(), findings.found(folder.path.parent)
    else:
        if out is None and len(places) > 1:
            raise UsageError(
                "--out: give the report's name, such as --out report.html; several runs have no folder in common"
            )
        path, results, found = out or places[0] / "report.html", adhoc.of_runs(places), []
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--out {path}: the report is one HTML file; give a name that ends in .html")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(results, path, found)
    return path
