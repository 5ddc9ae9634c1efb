"""Wrong fillings of the lab's blanks that no one wrote by hand: none passes, and nearly all get a name."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from functools import cache

import pytest
import torch

from ganatomy.lab.assignments.assignment import NAMES, Assignment
from ganatomy.lab.assignments.observation import observe
from ganatomy.lab.assignments.submission import Filling, Submission
from ganatomy.lab.assignments.verdict import Judge, Verdict
from lab_mutations import Mutation, generated

COUNT = 200
SEED = 1
EQUIVALENT = (
    ("optimizers|networks|log-losses", "statements exchanged", "", "neither line needs the other"),
    ("samples", "statements exchanged", r"/ 2\nG.train", "the mode of G changes no images that are there"),
    ("d-first|d-second", "statements exchanged", r"Pool.*\n.*Leaky", "LeakyReLU increases, so it commutes with max"),
    (".*", "statement twice", r"(nn.ReLU\(\),\s*){2}", "ReLU leaves what it made as it is"),
    ("data-range", "call dropped|another function", r"images(.int\(\))? /", "integers divided give float32"),
    ("data-shape", "another variable", r"len\(images\)", "there are as many images as reals"),
    ("fake-loss", "another variable", r"zeros_like\(real_output", "both outputs have the same shape"),
    ("d-first", "another variable", r"\(output_dim, hidden_dim", "D's input is G's output: both are 784"),
    ("d-fc1", "arguments exchanged", "", "64 * 4 * 4 and hidden_dim are both 1024"),
    ("d-fakes|samples", "detached", "", "the result has no graph without it"),
    ("clip", "statement twice", "", "what is clipped stays as it is"),
    ("d-noise", "argument dropped", r"input_dim\)$", "a GPU alone shows it: test_lab_assignments.py says it is right"),
)
"""Mutations that do what the solution does: of which blanks, by which operators, with which code, and why."""


def is_equivalent(made: Mutation) -> bool:
    return any(
        re.fullmatch(blanks, made.blank) and re.fullmatch(operators, made.operator) and re.search(code, made.code)
        for blanks, operators, code, _ in EQUIVALENT
    )


def place(drawn: object) -> str:
    """In a draw that depends on nothing else."""
    return hashlib.sha256(f"{SEED} {drawn}".encode()).hexdigest()


@cache
def chosen() -> list[Mutation]:
    """Drawn in rounds: one of each blank, and of a blank first one by each operator."""
    of_blank: dict[tuple[str, str], list[tuple[int, str, Mutation]]] = defaultdict(list)
    before: Counter[tuple[str, str, str]] = Counter()
    for made in sorted(generated(), key=place):
        key = (made.assignment, made.blank)
        if not is_equivalent(made):
            of_blank[key].append((before[*key, made.operator], place((*key, made.operator)), made))
            before[*key, made.operator] += 1
    rounds = [
        (at, made)
        for drawn in of_blank.values()
        for at, (*_, made) in enumerate(sorted(drawn, key=lambda one: one[:2]))
    ]
    return [made for _, made in sorted(rounds, key=lambda one: (one[0], place(one[1])))][:COUNT]


@pytest.fixture(autouse=True)
def _known_observations(monkeypatch: pytest.MonkeyPatch) -> None:
    """What solutions and known mistakes do is observed once for all wrong fillings of a blank."""
    torch.set_num_threads(1)
    monkeypatch.setattr("ganatomy.lab.assignments.verdict.observe", cache(observe))


def judged(made: Mutation) -> Verdict:
    assignment = Assignment.get(made.assignment)
    blank = next(each for each in assignment.document.blanks if each.name == made.blank)
    submission = Submission(made.assignment, "en", {blank.number: Filling(made.code.strip("\n"), 1)})
    return Judge(submission, assignment).verdict(blank.number)


def assert_named(mutations: list[Mutation]) -> None:
    found = [(made, judged(made).state) for made in mutations]
    assert [made for made, state in found if state == "passed"] == []
    unnamed = [made for made, state in found if state != "mistake"]
    assert len(unnamed) <= len(found) / 10, unnamed


def test_every_blank_has_wrong_fillings() -> None:
    blanks = {(name, blank.name) for name in NAMES for blank in Assignment.get(name).document.blanks}
    assert len(chosen()) == COUNT
    assert {(made.assignment, made.blank) for made in chosen()} == blanks


def test_wrong_fillings_of_the_gan_get_a_name() -> None:
    assert_named([made for made in chosen() if made.assignment == "gan"])


@pytest.mark.slow
def test_wrong_fillings_get_a_name() -> None:
    assert_named(chosen())


@pytest.mark.slow
def test_what_does_the_same_as_the_solution_passes() -> None:
    assert [made for made in generated() if is_equivalent(made) and judged(made).state != "passed"] == []
