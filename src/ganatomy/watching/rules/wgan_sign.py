"""A sign in a Wasserstein loss is wrong: G and the critic do not oppose each other, or the critic does not compare."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
SURE = 0.6


def check(seen: Evidence) -> Found | None:
    if not seen.is_wasserstein:
        return None
    real, fake = seen.direction("D", "other"), seen.direction("D", "fake")
    game = seen.direction("G", "fake")
    facts = {"real": f"{real:+.0f}", "fake": f"{fake:+.0f}", "game": f"{game:+.0f}"}
    if real * fake > SURE:
        return Found(facts, seen.push_line("D"))
    if min(abs(fake), abs(game)) > SURE and fake * game > 0:
        return Found(facts, seen.push_line("G" if fake < 0 else "D"))
    return None
