"""D's loss asks the same of reals and of fakes, so that it does not learn to tell them apart."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"
SURE = 0.6


def check(seen: Evidence) -> Found | None:
    if seen.is_wasserstein:
        return None  # wgan-sign
    real, fake = seen.direction("D", "other"), seen.direction("D", "fake")
    if min(abs(real), abs(fake)) > SURE and real * fake > 0:
        return Found({"real": f"{real:+.2f}", "fake": f"{fake:+.2f}"}, seen.push_line("D"))
    return None
