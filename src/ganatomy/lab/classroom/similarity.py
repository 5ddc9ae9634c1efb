"""Pairs of submissions that share what few others of the class wrote. They are listed, not judged.

What two share counts by its rarity: a filling that a share p of the class wrote is found in another file by chance p.
Fillings are compared without comments, layout and names of the students' own, so that a copy with other names is found.
Solutions, and what more than a fifth of the others wrote, count for nothing. Comments shared word for word, and the
wording of answers, are compared likewise.

The score is the logarithm of a likelihood ratio: how much better all that is rare in two files is explained if one has
some share of it from the other (one of `TAKEN`, with its names or with others, each as likely) than if both worked
alone. Scores of students who work alone then exceed s with a probability of at most exp(-s), and a pair is listed where
that, times the number of pairs, is below `CHANCE`. In a class of two to five hardly anything is known to be rare, so
that pairs need many fillings in common and few that differ, or whole answers.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from ganatomy.lab.classroom.grading import Graded
from ganatomy.lab.classroom.traces import Reader, Traces

CHANCE = 0.05
"""That a class of students who all work alone has a pair listed."""
RARE = 0.2
"""Share of the others that may have written the same."""
TAKEN = (0.0, 0.1, 0.5, 0.9)
"""Shares of what is rare in a file that may be from another."""
SMALLEST = 3
"""Students of whom one may be expected to write what is no solution, where there are but two."""
COMMENTING = 50
"""Students of whom one may be expected to write a given comment, where a class has fewer."""
WORD_FOR_WORD = 15.0
"""Score of an answer that is: one in three million. A part of the wording counts in proportion."""
WORDING = 0.2
"""Share of the wording, below which it counts for nothing."""

Thing = TypeVar("Thing")
Two = tuple[int, int]
Place = int | str
"""Where something is shared: the number of a blank, or a comment itself."""
Rarity = tuple[float, float]
"""One over the share of the class that wrote it, whatever the names, and with these names; 0 where names differ."""


@dataclass(frozen=True)
class Pair:
    """Two submissions of the same assignment, in the order in which they were graded."""

    first: Graded
    second: Graded
    blanks: tuple[int, ...]
    """In which they share a rare filling."""
    comments: tuple[str, ...]
    """Word for word in both."""
    answers: Mapping[str, float]
    """{question: share of the shorter answer's wording that is in the other's}."""
    score: float


def similar(graded: Sequence[Graded]) -> list[Pair]:
    """The pairs that share more than chance explains, the most striking first."""
    groups: dict[str, list[Graded]] = defaultdict(list)
    for one in graded:
        if one.submission is not None:
            groups[one.name].append(one)
    found = [pair for group in groups.values() for pair in _pairs(group)]
    return sorted(found, key=lambda pair: -pair.score)


def _pairs(group: Sequence[Graded]) -> Iterator[Pair]:
    assignment = group[0].assignment
    assert assignment is not None, "what has a submission has an assignment"
    reader = Reader(assignment)
    traces = [reader.read(one.submission) for one in group if one.submission is not None]
    code, rare = _code(traces)
    answers = _answers(traces)
    least = math.log(max(1, math.comb(len(group), 2)) / CHANCE)
    for first, second in sorted(code.keys() | answers.keys()):
        shared, wording = code.get((first, second), {}), answers.get((first, second), {})
        score = _evidence([*shared.values()], max(rare[first], rare[second]))
        score += WORD_FOR_WORD * sum(wording.values())
        if score > least:
            blanks = tuple(sorted(each for each in shared if isinstance(each, int)))
            comments = tuple(sorted(each for each in shared if isinstance(each, str)))
            yield Pair(group[first], group[second], blanks, comments, wording, score)


def _evidence(shared: Sequence[Rarity], rare: int) -> float:
    """The logarithm of the likelihood ratio.

    Args:
        rare: how many rare things the one of the two has who has more.
    """
    logs = [
        sum(math.log(1 - taken + taken * rarity) for rarity in rarities) + (rare - len(shared)) * math.log(1 - taken)
        for rarities in zip(*shared, strict=True)
        for taken in TAKEN
    ] or [rare * math.log(1 - taken) for taken in TAKEN]
    most = max(logs)
    return most + math.log(sum(math.exp(each - most) for each in logs) / len(logs))


def _code(traces: Sequence[Traces]) -> tuple[dict[Two, dict[Place, Rarity]], Counter[int]]:
    """The rarity of each thing that two share, and how many rare things each has."""
    shared: dict[Two, dict[Place, Rarity]] = defaultdict(dict)
    rare: Counter[int] = Counter()
    for number in sorted({number for each in traces for number in each.forms}):
        students = sum(number in each.texts for each in traces)
        exactly = Counter(each.texts.get(number) for each in traces)
        forms = _rare(((each.forms[number], one) for one, each in enumerate(traces) if number in each.forms), students)
        for writers in forms.values():
            rare.update(writers)
            for first, second in combinations(writers, 2):
                text, other = (traces[one].texts[number] for one in (first, second))
                count = max(students, SMALLEST)
                whole = count / (exactly[text] - 1) if text == other else 0.0
                shared[first, second][number] = count / (len(writers) - 1), whole
    comments = _rare(((comment, one) for one, each in enumerate(traces) for comment in each.comments), len(traces))
    for comment, writers in sorted(comments.items()):
        rare.update(writers)
        for two in combinations(writers, 2):
            rarity = max(len(traces), COMMENTING) / (len(writers) - 1)
            shared[two][comment] = rarity, rarity
    return shared, rare


def _answers(traces: Sequence[Traces]) -> dict[Two, dict[str, float]]:
    """The share of an answer's wording that two have in common, and few others."""
    found: dict[Two, dict[str, float]] = defaultdict(dict)
    for question in sorted({question for each in traces for question in each.runs}):
        runs = ((run, one) for one, each in enumerate(traces) for run in each.runs.get(question, ()))
        common = Counter(two for writers in _rare(runs, len(traces)).values() for two in combinations(writers, 2))
        for (first, second), count in common.items():
            share = count / min(len(traces[each].runs[question]) for each in (first, second))
            if share >= WORDING:
                found[first, second][question] = share
    return found


def _rare(written: Iterable[tuple[Thing, int]], students: int) -> dict[Thing, list[int]]:
    """Who wrote each thing that few wrote besides two."""
    writers: dict[Thing, list[int]] = defaultdict(list)
    for thing, student in written:
        writers[thing].append(student)
    return {thing: who for thing, who in writers.items() if len(who) - 2 <= RARE * (students - 2)}
