"""A sweep as one HTML page: the winner's pictures and figures first, then what was tried, and what mattered."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganatomy import atomic, paths
from ganatomy.report import sweep_charts, sweep_table, texts
from ganatomy.report.charts import Json, Tables
from ganatomy.report.page import document
from ganatomy.report.pictures import Still, encoded
from ganatomy.report.wording import filled, plain
from ganatomy.runs.folder import RunFolder
from ganatomy.studies.statistics import Estimate, estimate
from ganatomy.studies.sweep.plan import searched
from ganatomy.studies.sweep.results import Repeated, SweepResults, SweepTrial
from ganatomy.words import Words

SECTIONS: dict[str, Words] = {
    "sweep_answer": texts.SWEEP_ANSWER,
    "sweep_matters": texts.SWEEP_MATTERS,
    "sweep_trials": texts.SWEEP_TRIALS,
    "sweep_method": texts.SWEEP_METHOD,
}
"""By the name of their template, in their order."""


@dataclass(frozen=True)
class Picture:
    """Samples of one run's end."""

    title: Words
    caption: Words
    uri: str
    width: int
    height: int


@dataclass(frozen=True)
class SweepContents:
    """What the page shows of a sweep."""

    results: SweepResults
    answer: list[Picture]
    """The winner's samples, then the recipe's: the same seed, and so the same noise."""
    tried: list[Picture]
    """Of the best, the median and the worst complete trial."""
    tables: Tables = field(default_factory=Tables)
    charts: dict[str, Json] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        return self.results.sweep.metrics[0]

    @property
    def metrics(self) -> list[str]:
        return sweep_table.metrics_of(self.results.final or self.results.leaders)

    @property
    def slices(self) -> list[str]:
        return [name for name in self.charts if name.startswith("slice-")]

    @property
    def headline(self) -> str:
        return sweep_table.headline(self.results)

    @property
    def verdict(self) -> list[str]:
        return sweep_table.verdict(self.results)

    @property
    def command(self) -> str:
        sweep, first = self.results.sweep, (self.results.final or self.results.leaders)[0]
        return f"ganatomy train {paths.command(sweep.recipe, *sweep.words, *first.settings)}"

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Each searched setting as the recipe has it, and as the winner does."""
        sweep, first = self.results.sweep, (self.results.final or self.results.leaders)[0]
        won = next((trial for trial in self.results.trials if f"trial-{trial.number}" == first.name), None)
        found = []
        for name, setting in searched(sweep):
            value: Any = setting.value
            if name.endswith("]") and isinstance(value, tuple):
                value = value[int(name[name.index("[") + 1 : -1])]
            if name in ("optimizer.generator.lr", "optimizer.discriminator.lr") and value is None:
                value = sweep.config().optimizer.lr
            mine = won.params.get(name) if won else None
            found.append((name, "–" if value is None else str(value), "–" if mine is None else sweep_table.shown(mine)))
        return found

    def mean(self, each: Repeated, metric: str) -> Estimate | None:
        values = each.values(metric)
        return estimate(values) if values else None


def save(results: SweepResults, runs: Path, path: Path) -> None:
    """Write the page, atomically.

    Args:
        results: a sweep with a winner.
        runs: the folder of its runs; where they are gone, the page has no pictures.
        path: the HTML file.
    """
    atomic.write(path, render(results, runs))


def render(results: SweepResults, runs: Path) -> str:
    """The page's HTML."""
    contents = _contents(results, runs)
    sweep = results.sweep
    title = filled(texts.SWEEP_TITLE, recipe=sweep.recipe, budget=sweep.budget.words)
    study = sweep.study("sweep", [], [])
    shown = {"title": title, "about": plain(""), "budgets": study.budgets}
    return document(list(SECTIONS.items()), _Titled(**shown), contents, {"table": sweep_table})  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Titled:
    title: Words
    about: Words
    budgets: tuple[Any, ...]


def _contents(results: SweepResults, runs: Path) -> SweepContents:
    ranked = results.ranked
    stages = (
        [("SWEEP_BEST", ranked[0]), ("SWEEP_MEDIAN", ranked[len(ranked) // 2]), ("SWEEP_WORST", ranked[-1])]
        if ranked
        else []
    )
    answer = [
        (
            texts.TEXTS["SWEEP_WINNER" if place == 0 else "SWEEP_RECIPE"],
            _caption(each, results),
            next(iter(each.runs.values()), None),
        )
        for place, each in enumerate(results.final)
    ]
    tried = [(texts.TEXTS[key], _trial_caption(trial, results), trial.run) for key, trial in stages]
    stills = [
        (title, caption, still)
        for title, caption, run in [*answer, *tried]
        if run is not None and (still := Still.read(RunFolder(runs / run).sample_file(100))) is not None
    ]
    uris, _, _ = encoded([still for _, _, still in stills], [])
    pictures = [
        Picture(title, caption, uri, *still.size) for (title, caption, still), uri in zip(stills, uris, strict=True)
    ]
    first = len([title for title, _, _ in stills if title in (texts.SWEEP_WINNER, texts.SWEEP_RECIPE)])
    contents = SweepContents(results, pictures[:first], pictures[first:])
    if results.importance:
        contents.charts["importance"] = sweep_charts.importance(results)
    if ranked:
        for place, name in enumerate(results.sweep.space.parameters):
            contents.charts[f"slice-{place}"] = sweep_charts.slice_of(results, name)
        contents.charts["parallel"] = sweep_charts.parallel(results)
        if len(results.sweep.metrics) > 1 or results.sweep.budget.kind != "seconds":
            # Under a budget of seconds all trials lie at the same place.
            contents.charts["tradeoff"] = sweep_charts.tradeoff(results)
    return contents


def _caption(each: Repeated, results: SweepResults) -> Words:
    metric = results.sweep.metrics[0]
    seed, value = next(iter(each.metrics.get(metric, {}).items()), ("?", float("nan")))
    return plain(f"{each.name}, seed {seed}: {metric} {value:.3g}")


def _trial_caption(trial: SweepTrial, results: SweepResults) -> Words:
    metric = results.sweep.metrics[0]
    return plain(f"trial {trial.number}: {metric} {trial.value(metric):.3g}")
