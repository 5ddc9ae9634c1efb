"""Where a sweep's trials are kept: Optuna's tables in SQLite, or in a PostgreSQL that many machines reach."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ganatomy import randomness
from ganatomy.errors import GanatomyError, UsageError, nearest
from ganatomy.studies.sweep.plan import Sweep

PLAN = "plan"
"""The study's attribute that holds the plan, so that workers join with the URL alone."""

MISSED = 3
"""Signs of life that a worker may miss before its trials are given to others."""

RETRIES = 3
"""How often a trial is given to another worker."""


class Storage:
    """The database of sweeps."""

    def __init__(self, url: str, heartbeat: float) -> None:
        """Open it, and make its tables where there are none.

        Args:
            url: as SQLAlchemy has it: `sqlite:///sweep.db`, `postgresql://user:word@host/database`.
            heartbeat: seconds between a worker's signs of life.

        Raises:
            UsageError: Optuna, or the driver of the database, is not installed.
            GanatomyError: the database does not answer.
        """
        optuna = library()
        url = url.replace("postgres://", "postgresql://", 1)
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.url = url
        self.heartbeat = heartbeat
        interval = max(1, round(heartbeat))
        try:
            self.rdb = optuna.storages.RDBStorage(
                url,
                heartbeat_interval=interval,
                grace_period=MISSED * interval,
                heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(RETRIES),
            )
        except ImportError as error:
            raise UsageError(
                f"{url.partition(':')[0]} needs its driver ({error}): pip install 'ganatomy[postgresql]'"
            ) from error
        except Exception as error:
            raise GanatomyError(
                f"the database {_shown(url)} does not answer: {str(error).splitlines()[0]}; start it, or check the URL"
            ) from error

    @classmethod
    def of_file(cls, path: Path, heartbeat: float) -> Storage:
        """SQLite in a file. Its locks need a local disk, so it is for one machine."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{path.absolute()}", heartbeat)

    def names(self) -> list[str]:
        """The sweeps that are here."""
        return list(library().get_all_study_names(storage=self.rdb))

    def plan(self, name: str | None) -> Sweep:
        """The plan of a sweep that is here; without a name, of the only one.

        Raises:
            UsageError: there is no such, or there are several; with their names.
        """
        known = self.names()
        if name is None and len(known) == 1:
            (name,) = known
        if name is None or name not in known:
            what = (
                "holds no sweep" if not known else "holds several sweeps" if name is None else f"has no sweep {name!r}"
            )
            raise UsageError(
                f"{_shown(self.url)} {what}; {nearest(name or '', known)}" + "; give one by --name" * (not name)
            )
        study = library().load_study(study_name=name, storage=self.rdb)
        return TypeAdapter(Sweep).validate_python(study.user_attrs[PLAN])

    def study(self, sweep: Sweep) -> Any:
        """Optuna's study of a plan, made where it is not there yet.

        Raises:
            UsageError: another plan has that name.
        """
        optuna = library()
        study = optuna.create_study(
            storage=self.rdb,
            study_name=sweep.name,
            directions=sweep.directions,
            sampler=sampler(sweep, 0),
            pruner=_pruner(sweep),
            load_if_exists=True,
        )
        mine = TypeAdapter(Sweep).dump_python(sweep, mode="json")
        there = study.user_attrs.get(PLAN)
        if there is None:
            study.set_user_attr(PLAN, mine)
        elif there != mine:
            changed = sorted(key for key in mine if mine[key] != there.get(key))
            raise UsageError(
                f"{_shown(self.url)} has another sweep {sweep.name!r}, with other {', '.join(changed)}; give this one a "
                "--name of its own, or repeat the old command to continue the old one"
            )
        return study


def library() -> Any:
    """Optuna, quiet.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise UsageError("sweeps need Optuna: pip install 'ganatomy[sweep]'") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Heartbeats and the retry of lost trials are "experimental" since 2.8, five years before 5.0.
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    # Trials are asked for one by one here, and the search sends the signs of life itself.
    warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed to be used")
    return optuna


def sampler(sweep: Sweep, *position: int) -> Any:
    """The sampler of one trial. Its random numbers are a function of the sweep's seed and of the trial's position."""
    samplers, random = library().samplers, max(1, sweep.trials // 2)
    seed = randomness.derive(sweep.seed, "sweep", *position) % 2**32
    match sweep.sampler:
        case "random":
            return samplers.RandomSampler(seed)
        case "cmaes":
            start = samplers.RandomSampler(seed)
            return samplers.CmaEsSampler(seed=seed, n_startup_trials=random, independent_sampler=start)
        case "tpe":
            # constant_liar: trials that still run count as bad ones, so that several at a time do not all try the same.
            return samplers.TPESampler(seed=seed, n_startup_trials=random, constant_liar=True)


def _pruner(sweep: Sweep) -> Any:
    pruners = library().pruners
    # Trials report at every tenth of their budget: 10, 20, ... 100.
    match sweep.pruner if sweep.is_pruned else "none":
        case "median":
            return pruners.MedianPruner(n_startup_trials=max(5, sweep.trials // 10), n_warmup_steps=20)
        case "hyperband":
            return pruners.HyperbandPruner(min_resource=10, max_resource=100, reduction_factor=3)
        case "halving":
            return pruners.SuccessiveHalvingPruner(min_resource=10, reduction_factor=3)
    return pruners.NopPruner()


def _shown(url: str) -> str:
    """The URL without its password."""
    head, at, tail = url.rpartition("@")
    return f"{head.rpartition(':')[0]}:...@{tail}" if at and head.count(":") > 1 else url
