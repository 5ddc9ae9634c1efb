"""Jobs on a Ray cluster: one task a job, in a fresh process, taken up again from its checkpoint when that is lost."""

from __future__ import annotations

import math
import os
import secrets
import signal
import time
from pathlib import Path
from typing import Any

from ganatomy import atomic
from ganatomy.distributed.signals import StopRequest
from ganatomy.errors import GanatomyError, Interrupted, UsageError
from ganatomy.studies.failure import Failure
from ganatomy.studies.jobs import Job
from ganatomy.studies.local import RETRIES, thread_variables
from ganatomy.studies.work import Work


def run(work: Work, pool: Path, parallel: int | None = None) -> None:
    """Carry out the work on the cluster of RAY_ADDRESS, or on a Ray of this machine's own where that is not set.

    A task asks for the job's threads as CPUs, and for a GPU where its recipe says train.device=cuda.

    Args:
        pool: the folder of the runs, which all nodes must see.
        parallel: tasks at a time; unset, all that there are, which a cluster that grows by demand needs to know.

    Raises:
        UsageError: Ray is not installed, or no node has what a job asks for.
        GanatomyError: a node does not see the run folder.
        Interrupted: SIGINT or SIGTERM; every run has its checkpoint.
    """
    try:
        import ray
    except ImportError as error:
        raise UsageError("--on ray needs Ray: pip install 'ganatomy[ray]'") from error
    mine = not ray.is_initialized()
    if mine:
        # Paths of the driver are the workers' too, and its working directory need not be sent to them.
        ray.init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False, include_dashboard=False)
    try:
        _check_shared(ray, pool)
        _run_tasks(ray, work, math.inf if parallel is None else parallel)
    finally:
        if mine:
            ray.shutdown()


def _run_tasks(ray: Any, work: Work, parallel: float) -> None:
    # A fresh process each, as on one machine: what a former job left in memory must not matter.
    task = ray.remote(max_calls=1, max_retries=RETRIES, retry_exceptions=[_Stopped])(_run_job)
    stop = StopRequest()
    pending: dict[Any, Job] = {}
    reasons: dict[Any, Failure] = {}
    with stop.listening():
        while pending or not work.is_done():
            if stop.signal_number is not None:
                _cancel(ray, list(pending))
                for each in pending.values():
                    work.interrupted(each)
                raise Interrupted(f"stopped by {signal.Signals(stop.signal_number).name}", stop.signal_number)
            while len(pending) < parallel and (job := work.next()) is not None:
                _check_resources(ray, job)
                options = task.options(
                    num_cpus=job.threads,
                    num_gpus=job.gpus,
                    name=job.title,
                    runtime_env={"env_vars": thread_variables(job.threads)},
                )
                pending[options.remote(job.as_json())] = job
            if not pending:
                time.sleep(0.2)
                continue
            done, _ = ray.wait(list(pending), num_returns=1, timeout=0.2)
            for reference in done:
                failure = _failure(ray, reference)
                work.ended(pending.pop(reference), reasons.pop(reference, failure) if failure else None)
            for reference, each in pending.items():
                if reference not in reasons and (reason := work.look(each)) is not None:
                    reasons[reference] = reason
                    # As Ctrl-C does: a worker that trains writes its checkpoint first.
                    ray.cancel(reference, force=False)


class _Stopped(Exception):
    """An interruption, as an `Exception`: Ray takes a KeyboardInterrupt for its own, and does not try again."""


def _run_job(job_line: str) -> Failure | None:
    """On the worker: why a job failed, or None. An error is a result and not tried again; a lost worker is.

    Raises:
        _Stopped: somebody stopped the worker, as a node does that is taken away.
    """
    from ganatomy.studies.jobs import run

    try:
        run(Job.of_json(job_line))
    except Interrupted as error:
        raise _Stopped(str(error)) from error
    except GanatomyError as error:
        return Failure.of(error)
    return None


def _failure(ray: Any, reference: Any) -> Failure | None:
    try:
        found: Failure | None = ray.get(reference)
    except ray.exceptions.RayError as error:
        reason = str(error).strip().splitlines()[-1]
        return Failure(f"its worker was lost {RETRIES + 1} times, or could not run: {reason}", "lost")
    return found


def _cancel(ray: Any, references: list[Any]) -> None:
    for reference in references:
        # As Ctrl-C does: a worker that trains writes its checkpoint first.
        ray.cancel(reference, force=False)
    ray.wait(references, num_returns=len(references), timeout=60)


def _check_resources(ray: Any, job: Job) -> None:
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(node.get("CPU", 0) >= job.threads and node.get("GPU", 0) >= job.gpus for node in nodes):
        asked = f"{job.threads} CPUs" + (" and a GPU" if job.gpus else "")
        raise UsageError(
            f"no node of the Ray cluster has {asked}, so its tasks would wait for ever; lower the study's threads, "
            "set train.device=cpu, or use a cluster that has them"
        )


def _check_shared(ray: Any, pool: Path) -> None:
    """Check that all nodes see the same folder of runs: elsewhere their checkpoints could not be found again."""
    pool.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_hex(16)
    file = pool / f"{atomic.TEMPORARY}{secret}"
    atomic.write_synced(file, secret.encode())
    try:
        look = ray.remote(num_cpus=0, max_retries=0)(_reads)
        blind = []
        for node in ray.nodes():
            if node["Alive"]:
                here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                if ray.get(look.options(scheduling_strategy=here).remote(str(file))) != secret:
                    blind.append(node["NodeManagerHostname"])
    finally:
        file.unlink()
    if blind:
        raise GanatomyError(
            f"{pool} is not seen by {', '.join(blind)}; on a cluster the runs' folder must be one that all nodes share: "
            "give it with --studies"
        )


def _reads(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return None
