"""What torch-audit says of the trainers that benchmarks/diagnosis.py measures ganatomy on.

    pip install torch-audit
    python benchmarks/diagnosis_torch_audit.py held_out --out torch-audit.jsonl

Both networks are given to its `autopatch`, each with its optimiser, and audited in every 25th step. It looks at one
network at a time and has no names for a GAN's mistakes; what could stand for one is in `NAMES`, generously.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch_audit import autopatch

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "mistakes"))
import harness

NAMES = {
    "No Gradients Found": {"fakes-detached-for-g", "never-moves", "zero-grad-too-late", "fake-branch-no-grad"},
    "Dead Units (Zero Grads)": {"dead-relus", "no-signal", "zero-grad-too-late", "fakes-detached-for-g", "never-moves"},
    "Activation Collapse (Dead Neurons)": {"dead-relus", "no-signal"},
    "Dead Convolution Filters": {"dead-relus", "no-signal"},
    "NaN or Inf Detected": {"nan", "lr-too-large"},
    "Gradient Explosion": {"lr-too-large", "clip-missing", "no-zero-grad", "nan"},
    "Suspicious Data Range": {"range-mismatch"},
    "Invalid Input Values": {"nan"},
    "Flat/Empty Data": {"no-signal", "collapse"},
    "Unused Layer (Zombie)": {"missing-parameters", "never-moves"},
}
"""{title of a rule: the mistakes that it could stand for}."""


def audited(trainer: harness.Trainer, seed: int) -> list[tuple[str, str]]:
    """(title, severity) of what it finds in either network, each once."""
    auditors: list[Any] = []

    class Watch(harness.Watch):
        def __init__(self, *given: Any, **options: Any) -> None:
            for network, optimizer in ((given[0], given[2]), (given[1], given[3])):
                auditors.append(autopatch(network, optimizer=optimizer, every_n_steps=25))
            super().__init__(*given, **options)

    with mock.patch("ganatomy.api.Watch", Watch):
        harness.diagnose(trainer, seed)
    found = set()
    for auditor in auditors:
        result = auditor.finish(report=False)
        found |= {(result.rules[each.rule_id].title, each.severity.value) for each in result.findings}
        auditor.unpatch()
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("half", choices=["held_out", "design"])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with arguments.out.open("w") as file:
        for trainer in harness.trainers(arguments.half):
            line = {"trainer": str(trainer), "mistake": trainer.mistake, "found": audited(trainer, 0)}
            file.write(json.dumps(line) + "\n")
            file.flush()
    print(table([json.loads(line) for line in arguments.out.read_text().splitlines()]))


def table(lines: list[dict[str, Any]]) -> str:
    """What it says above the level of an INFO, of trainers with a mistake and of healthy ones."""
    told: dict[str, list[str]] = defaultdict(list)
    named = 0
    for line in lines:
        titles = {title for title, severity in line["found"] if severity != "INFO"}
        named += any(line["mistake"] in NAMES.get(title, ()) for title in titles)
        for title in titles:
            told[title].append("healthy" if line["mistake"] is None else "mistaken")
    healthy = sum(line["mistake"] is None for line in lines)
    rows = ["| torch-audit says | of healthy trainers | of those with a mistake |", "|---|---|---|"]
    for title, kinds in sorted(told.items()):
        rows.append(
            f"| {title} | {kinds.count('healthy')} of {healthy} | {kinds.count('mistaken')} of {len(lines) - healthy} |"
        )
    return "\n".join([*rows, "", f"It could be said to name {named} of {len(lines) - healthy} mistakes."])


if __name__ == "__main__":
    main()
