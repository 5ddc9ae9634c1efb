"""What the page shows of a study: its trials by arm and budget, its charts, its scores."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ganatomy import paths
from ganatomy.evaluation import MEASURES
from ganatomy.report import curves, dots, glossary, texts, verdict
from ganatomy.report.charts import ARMS, DASHES, Json, Tables
from ganatomy.report.standings import Board, Table, boards
from ganatomy.report.trials import Seen, first_config, seen
from ganatomy.report.wording import counted, filled, listed, plain
from ganatomy.runs.recorded import OwnNetworks
from ganatomy.studies.budget import Budget
from ganatomy.studies.plan import Arm, Study
from ganatomy.studies.results import Results
from ganatomy.words import Words

MORE_SEEDS = 5
"""Of each system, in the advice where there is one; fewer decide little."""


@dataclass(frozen=True)
class Contents:
    """A study, read once."""

    study: Study
    trials: tuple[Seen, ...]
    tables: Tables = field(default_factory=Tables)
    charts: dict[str, Json] = field(default_factory=dict)
    """{id of an element: plotly's figure with choices open}."""
    thinned: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, results: Results) -> Contents:
        """Read all runs, and describe all charts."""
        found = cls(results.study, tuple(seen(results)))
        for budget in found.study.budgets:
            found._draw(budget)
        for board in found.boards:
            for table in board.tables:
                for metric in table.metrics:
                    found.charts[found.dots_id(board, table, metric)] = dots.chart(table, metric, found.study.arms)
        return found

    def _draw(self, budget: Budget) -> None:
        trials = [each for each in self.select(budget=budget) if each.trained]
        for arm in self.trained:
            chart = curves.of_arm(self.select(arm, budget), trials, self.tables)
            if chart is not None:
                self.charts[self.curves_id(arm, budget)] = chart.figure
                self.thinned.append(chart.thinned)
        chart = curves.together(self.study.arms, trials)
        if chart is not None:
            self.charts[self.together_id(budget)] = chart.figure

    # ---- which trials

    def select(self, arm: Arm | None = None, budget: Budget | None = None) -> list[Seen]:
        """The trials of an arm, under a budget, or all."""
        return [
            each
            for each in self.trials
            if (arm is None or each.trial.arm == arm.name) and budget in (None, each.trial.budget)
        ]

    @cached_property
    def runs(self) -> tuple[Seen, ...]:
        """The trials without the images from elsewhere."""
        return tuple(each for each in self.trials if each.trained)

    @cached_property
    def trained(self) -> list[Arm]:
        """The arms that are trained here."""
        return [arm for arm in self.study.arms if all(each.trained for each in self.select(arm))]

    @property
    def outside(self) -> list[Arm]:
        """The sets of images from elsewhere."""
        return [arm for arm in self.study.arms if arm not in self.trained]

    @property
    def problems(self) -> list[Seen]:
        """Those that failed, wait, or cannot be read."""
        return [each for each in self.trials if each.trial.state != "finished" or each.reasons]

    @cached_property
    def diagnosed(self) -> list[Seen]:
        """Those whose loop was watched."""
        return [each for each in self.runs if each.diagnosis is not None]

    @property
    def mistaken(self) -> list[Words]:
        """The titles of the arms in whose training an error shows."""
        arms = {
            each.trial.arm for each in self.diagnosed if any(one.severity == "error" for one in each.diagnosis or ())
        }
        return [arm.title for arm in self.study.arms if arm.name in arms]

    @cached_property
    def boards(self) -> list[Board]:
        return boards(self.trials, self.study.budgets, self.study.points)

    def verdicts(self, budget: Budget) -> list[Words]:
        """The first sentence on a budget: one for each way in which its runs were measured at their end."""
        titles = {arm.name: arm.title for arm in self.study.arms}
        final = [
            table for board in self.boards if (board.budget, board.point) == (budget, "100%") for table in board.tables
        ]
        return [said for table in final if (said := verdict.sentence(table, titles)) is not None]

    @property
    def repeated(self) -> bool:
        """Whether there is more than one seed, so that there is anything to test."""
        return len(self.study.seeds) > 1

    @property
    def more_seeds(self) -> list[str]:
        """Commands that train more of them: the study's, or each run's where no study planned them."""
        if self.study.level:
            return [
                paths.command(
                    "ganatomy", "study", self.study.name, "--level", self.study.level, "--seeds", str(MORE_SEEDS)
                )
            ]
        commands = []
        for each in self.runs:
            if each.config is not None and isinstance(each.config.model, OwnNetworks):
                continue
            words = [word for word in shlex.split(each.trial.command) if not word.startswith(("seed=", "out="))]
            commands += [paths.command(*words, f"seed={each.trial.seed + extra}") for extra in range(1, MORE_SEEDS)]
        return commands

    @property
    def points(self) -> list[str]:
        """At which any run was scored."""
        return list(dict.fromkeys(board.point for board in self.boards))

    @property
    def first_point(self) -> str:
        """The one that is shown at first: the end, where it was scored."""
        scored = [board.point for board in self.boards if board.tables]
        return "100%" if "100%" in scored or not scored else scored[-1]

    def metrics_at(self, board: Board) -> list[str]:
        """Those that any run has there, finished or not."""
        scored = [each.scores(board.point) for each in self.select(budget=board.budget)]
        found = {name for scores in scored if scores for name in scores.metrics}
        return [name for name in MEASURES if name in found] + sorted(found - MEASURES.keys())

    def speeds(self, arm: Arm, budget: Budget) -> tuple[float, float, float] | None:
        """Real images a second of an arm's finished runs: mean, lowest, highest."""
        each = [trial.images_a_second for trial in self.select(arm, budget) if trial.counts and trial.trained]
        return spread([speed for speed in each if speed is not None])

    def times(self, arm: Arm, budget: Budget) -> tuple[float, float, float] | None:
        """Seconds of training of an arm's finished runs: mean, lowest, highest."""
        return spread([trial.seconds for trial in self.select(arm, budget) if trial.counts and trial.trained])

    # ---- keys that tie the page's elements to its buttons and charts

    def arm_key(self, name: str) -> str:
        return f"a{[arm.name for arm in self.study.arms].index(name)}"

    def budget_key(self, budget: Budget) -> str:
        return f"b{self.study.budgets.index(budget)}"

    def colour(self, arm: Arm) -> dict[str, str]:
        return ARMS[self.study.arms.index(arm) % len(ARMS)]

    def dash(self, arm: Arm) -> str:
        dash = DASHES[self.study.arms.index(arm) % len(DASHES)]
        return "none" if dash == "solid" else dash.replace("px", "")

    def curves_id(self, arm: Arm, budget: Budget) -> str:
        return f"curves-{self.budget_key(budget)}-{self.arm_key(arm.name)}"

    def together_id(self, budget: Budget) -> str:
        return f"together-{self.budget_key(budget)}"

    def dots_id(self, board: Board, table: Table, metric: str) -> str:
        place = f"{self.budget_key(board.budget)}-{self.points.index(board.point)}-{board.tables.index(table)}"
        return f"dots-{place}-{metric}"

    # ---- in words

    def title(self, name: str) -> Words:
        """An arm's title."""
        return self.study.arm(name).title

    def point_words(self, point: str) -> Words:
        """A point of a run, in words."""
        named = {"best": texts.POINT_BEST, "100%": texts.POINT_END}
        return named.get(point) or plain(point.replace("%", " %"))

    @property
    def data(self) -> Words:
        """The data sources of all runs that have begun."""
        names = [each.config.data.name for each in self.runs if each.config is not None]
        return plain(", ".join(dict.fromkeys(names)) or "–")

    @property
    def states(self) -> dict[str, int]:
        """{state: trials}, those that occur."""
        found = Counter(each.trial.state for each in self.runs)
        return {state: found[state] for state in glossary.STATES if found[state]}

    @property
    def what_ran(self) -> dict[str, Words]:
        """The blanks of `texts.WHAT_RAN`."""
        arms, seeds = len(self.trained), len(self.study.seeds)
        return {
            "systems": counted(arms, "systems"),
            "data": self.data,
            "seeds": counted(seeds, "seeds"),
            "budgets": listed([budget.words for budget in self.study.budgets]),
            "runs": counted(len(self.runs), "runs"),
        }

    @property
    def seconds(self) -> float:
        """Of training, over all runs."""
        return sum(each.seconds for each in self.runs)

    @property
    def machines(self) -> Words:
        """What the runs ran on, in a line."""
        found = [
            counted(session.get("threads", 1), "threads", where=where)
            for each in self.runs
            for session in each.environments
            if (where := f"{session.get('device', '?')}, {session.get('precision', '?')}")
        ]
        return listed(list(dict.fromkeys(found))) if found else plain("–")

    def subtitle(self, arm: Arm, budget: Budget) -> Words:
        """An arm's recipe, networks and loss; and its length, where no budget says it."""
        trials = self.select(arm, budget)
        config = first_config(trials)
        if config is None:
            return plain(arm.recipe)
        kind = plain(f"{config.recipe} · {config.model.name} · {config.objective.name}")
        lengths = {each.total_updates for each in trials if each.total_updates} if budget.kind == "own" else set()
        words = [filled(texts.OF_UPDATES, updates=f"{length:,}") for length in sorted(lengths)]
        return Words(" · ".join([kind.en, *(w.en for w in words)]), " · ".join([kind.zh, *(w.zh for w in words)]))

    def has_quick(self, budget: Budget) -> bool:
        """Whether any run was evaluated while it trained."""
        return any(each.quick for each in self.select(budget=budget) if each.trained)


def spread(values: Sequence[float]) -> tuple[float, float, float] | None:
    """Mean, lowest and highest; None of nothing."""
    return (sum(values) / len(values), min(values), max(values)) if values else None
