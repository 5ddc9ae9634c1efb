"""D learns to score fakes higher than reals, and G is still pushed to higher scores."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
SURE = 0.6


def check(seen: Evidence) -> Found | None:
    if seen.is_wasserstein:
        return None
    real, fake = seen.direction("D", "other"), seen.direction("D", "fake")
    game = seen.direction("G", "fake")
    if real < -SURE and fake > SURE and game > SURE:
        return Found({"real": f"{real:+.2f}", "fake": f"{fake:+.2f}", "game": f"{game:+.2f}"}, seen.push_line("D"))
    return None
