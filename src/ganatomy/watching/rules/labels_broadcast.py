"""Labels and scores have shapes that broadcast to B x B."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    squares = [(each, role, shape) for each in seen.iterations for role, shape in each.squares]
    if len(squares) >= 3:
        each, role, shape = squares[-1]
        return Found({"network": role, "shape": " x ".join(map(str, shape))}, each.line)
    return None
