"""A run of a student's code, as its folder shows it: settings, length, scores."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ganatomy import paths
from ganatomy.config import Tree
from ganatomy.errors import GanatomyError
from ganatomy.evaluation import Evaluation, evaluate_run
from ganatomy.lab.handin import code
from ganatomy.lab.handin.code import Code
from ganatomy.report.scores import number
from ganatomy.runs.folder import Record
from ganatomy.runs.recorded import TABLE, OwnNetworks, OwnOptimizers
from ganatomy.runs.run import Run
from ganatomy.watching import Finding, Findings

Say = Callable[[str], None]
PLAYERS = ("generator", "discriminator")
OF_BOTH = ("optimizer", "lr", "betas", "alpha", "momentum", "weight_decay", "parameters", "class")
"""Settings that each network has of its own."""

Setting = tuple[str, str]
"""(name, player), where the player is empty for what is the loop's."""


@dataclass(frozen=True)
class Trained:
    """A recorded run."""

    run: Run

    @classmethod
    def all_of(cls, runs: Path, name: str) -> list[Trained]:
        """The readable runs of an assignment in a folder of runs, oldest first."""
        found = []
        for config in runs.glob(f"my-{name}*/config.toml"):
            if re.fullmatch(rf"my-{name}(-.+)?", config.parent.name):
                try:
                    each = cls(Run(config.parent))
                    _ = each.steps, each.run.config, each.history  # all that is read later
                    found.append(each)
                except (GanatomyError, OSError):
                    continue
        return sorted(found, key=lambda each: each._order)

    @property
    def name(self) -> str:
        return self.run.path.name

    @property
    def _order(self) -> tuple[str, int]:
        started = str(next((each.get("started", "") for each in self.run.folder.environments()), ""))
        ending = re.search(r"-(\d+)$", self.name)
        return started, int(ending[1]) if ending else 1

    @cached_property
    def facts(self) -> Tree:
        found: Tree = self.run.folder.read_config()[0].get(TABLE, {})
        return found

    @cached_property
    def steps(self) -> int:
        return self.run.update

    @cached_property
    def history(self) -> list[Record]:
        return self.run.history

    @property
    def planned(self) -> int:
        """Steps that the loop was to have; those that it had where that is not known."""
        return int(self.facts.get("planned") or self.run.config.train.updates or self.steps)

    @property
    def is_complete(self) -> bool:
        return self.steps >= self.planned

    @cached_property
    def epochs(self) -> float | None:
        """How often it has seen the data; None where the loop did not name its data."""
        images = self.run.folder.read_config()[1].get("images")
        if not images or not self.history:
            return None
        return round(self.history[-1]["images"] / images, 1)

    @property
    def seconds(self) -> float | None:
        return self.history[-1]["seconds"] if self.history else None

    @property
    def ended(self) -> float:
        """When its last line was written, in seconds since 1970."""
        file = self.run.folder.history_file
        return file.stat().st_mtime if file.exists() else 0.0

    @cached_property
    def findings(self) -> list[Finding]:
        try:
            return [*Findings.read(self.run.folder.diagnosis)]
        except GanatomyError:
            return []

    @cached_property
    def code(self) -> Code | None:
        return code.kept(self.run.path)

    @property
    def picture(self) -> Path | None:
        """Its last samples."""
        files = self.run.folder.sample_files()
        shown = [file for file in files if file.name.startswith("pct_")] or files
        return shown[-1] if shown else None

    def evaluation(self, say: Say) -> Evaluation | None:
        """Its scores, measured now where they were not; None where that cannot be."""
        return evaluation_of(self.run, say)

    @cached_property
    def settings(self) -> dict[Setting, str]:
        """What a student may change from run to run."""
        config = self.run.config
        found: dict[Setting, str] = {("data", ""): config.data.name}
        if self.epochs is not None:
            found["epochs", ""] = number(self.epochs)
        else:
            found["steps", ""] = str(self.steps)
        found["batch", ""] = str(config.train.batch)
        found["seed", ""] = str(config.seed)
        model = config.model
        if isinstance(model, OwnNetworks):
            for player, kind in zip(PLAYERS, (model.generator_class, model.discriminator_class), strict=True):
                found["class", player] = kind
            found["latent", ""] = str(model.latent)
            found["noise", ""] = model.noise
            if model.lowest is not None and model.highest is not None:
                found["range", ""] = f"[{model.lowest:g}, {model.highest:g}]"
        for player, count in self.facts.get("parameters", {}).items():
            found["parameters", player] = f"{count:,}"
        steps = self.facts.get("steps", {})
        if steps.get("generator"):
            found["critic_steps", ""] = number(steps["discriminator"] / steps["generator"])
            found["clipped", ""] = f"{self.facts['clipped']:g}" if "clipped" in self.facts else "–"
        optimizer = config.optimizer
        if isinstance(optimizer, OwnOptimizers):
            for player in PLAYERS:
                found |= {(name, player): value for name, value in _described(getattr(optimizer, player))}
        return found


def _described(text: str) -> Iterator[tuple[str, str]]:
    """Class and settings of an optimiser as a recording writes them.

    >>> list(_described("Adam(lr=0.0002, betas=(0.9, 0.999))"))
    [('optimizer', 'Adam'), ('lr', '0.0002'), ('betas', '(0.9, 0.999)')]
    """
    kind, _, rest = text.partition("(")
    yield "optimizer", kind
    yield from re.findall(r"(\w+)=(\([^)]*\)|[^,)]+)", rest)


def evaluation_of(run: Run, say: Say) -> Evaluation | None:
    """A run's scores; measured now where they are not there, or older than its last step."""
    try:
        found = Evaluation.of_tree(json.loads(run.folder.metrics.read_text("utf-8")))
        if found.subject.get("update") == run.update and "fid" in found.metrics:
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    say(f"scoring {paths.text(run.path)}")
    try:
        return evaluate_run(run)
    except (GanatomyError, OSError) as error:
        say(f"{paths.text(run.path)} cannot be scored: {error}")
        return None
