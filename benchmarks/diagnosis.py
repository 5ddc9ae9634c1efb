"""How many mistakes `watch.diagnose()` names, and how often it is wrong, on the small trainers of tests/mistakes.

    python benchmarks/diagnosis.py held_out design --seeds 0 1 2 --out diagnosis.jsonl

Each trainer runs for 200 steps. A line of `--out` is a trainer and a seed; those that are there are not run again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "mistakes"))
from harness import diagnose, trainers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("halves", nargs="+", choices=["held_out", "design"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    done = [json.loads(line) for line in arguments.out.read_text().splitlines()] if arguments.out.exists() else []
    known = {(each["half"], each["trainer"], each["seed"]) for each in done}
    with arguments.out.open("a") as file:
        for seed in arguments.seeds:
            for half in arguments.halves:
                for trainer in trainers(half):
                    if (half, str(trainer), seed) in known:
                        continue
                    findings = [(each.name, each.severity) for each in diagnose(trainer, seed)]
                    line = {
                        "half": half,
                        "trainer": str(trainer),
                        "mistake": trainer.mistake,
                        "seed": seed,
                        "found": findings,
                    }
                    file.write(json.dumps(line) + "\n")
                    file.flush()
                    done.append(line)
    for half in arguments.halves:
        print(table([each for each in done if each["half"] == half], half))


def table(lines: list[dict[str, Any]], half: str) -> str:
    """Recall by mistake, and what was said wrongly."""
    by_mistake: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        by_mistake[line["mistake"] or "healthy"].append(line)
    rows = [f"## {half}", "", "| mistake | runs | named | also or instead |", "|---|---|---|---|"]
    named = wrong = total = 0
    for mistake, runs in sorted(by_mistake.items()):
        hits = sum(any(name == mistake for name, _ in run["found"]) for run in runs)
        others = sorted({name for run in runs for name, _ in run["found"] if name != mistake})
        errors = sum(severity == "error" and name != mistake for run in runs for name, severity in run["found"])
        wrong += errors
        if mistake == "healthy":
            silent = sum(not run["found"] for run in runs)
            rows.append(f"| *healthy* | {len(runs)} | silent: {silent}, false errors: {errors} | {', '.join(others)} |")
            continue
        named, total = named + hits, total + len(runs)
        rows.append(f"| `{mistake}` | {len(runs)} | {hits} | {', '.join(others)} |")
    share = named / (named + wrong) if named + wrong else 0.0
    rows += [
        "",
        f"Recall {named / max(1, total):.3f} ({named} of {total} runs); precision {share:.3f} ({wrong} other errors).",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
