"""What `ganatomy report` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganatomy import atomic
from ganatomy.errors import UsageError
from ganatomy.evaluation import Evaluation
from ganatomy.report import adhoc, page, sweep_page
from ganatomy.report.answered import Answered
from ganatomy.studies.folder import StudyFolder
from ganatomy.studies.sweep.results import SweepResults


def write(places: Sequence[Path | Evaluation], out: Path | None, answered: Sequence[Answered] = ()) -> Path:
    """Write the report on runs and on scores of images from elsewhere, or on one study or sweep; returns its path.

    Args:
        places: run folders, files that `ganatomy evaluate` wrote, and evaluations; or the folder of one study or sweep.
        out: the HTML file; unset, report.html in the only run's, the study's or the sweep's folder.
        answered: questions with their answers, for the section of the questions.

    Raises:
        UsageError: runs and a study together, several studies, or no place for the report.
        GanatomyError: a place is none of these.
    """
    sweeps = [place for place in places if isinstance(place, Path) and SweepResults.is_at(place)]
    if sweeps:
        return _write_sweep(sweeps[0], len(places), out)
    studies = [place for place in places if isinstance(place, Path) and StudyFolder(place).plan.is_file()]
    folders = [place for place in places if isinstance(place, Path) and not adhoc.is_scores(place)]
    if studies and len(places) > 1:
        raise UsageError("give runs and files of scores, or one study; a study knows its runs")
    if studies:
        folder = StudyFolder(studies[0])
        path, results = out or folder.report, folder.read()
    else:
        if out is None and len(folders) != 1:
            raise UsageError(
                "--out: give the report's name, such as --out report.html; only of a single run it goes into the run's folder"
            )
        path, results = out or folders[0] / "report.html", adhoc.of_runs(places)
    _prepare(path)
    page.save(results, path, answered)
    return path


def _write_sweep(place: Path, count: int, out: Path | None) -> Path:
    if count > 1:
        raise UsageError("give one sweep, and nothing else; it knows its runs")
    folder = place if place.is_dir() else place.parent
    path = out or folder / "report.html"
    _prepare(path)
    sweep_page.save(SweepResults.read(place), folder.parent / "runs", path)
    return path


def _prepare(path: Path) -> None:
    """Check the page's name, and make its folder."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--out {path}: the report is one HTML file; give a name that ends in .html")
    atomic.try_place(path)
    path.parent.mkdir(parents=True, exist_ok=True)
