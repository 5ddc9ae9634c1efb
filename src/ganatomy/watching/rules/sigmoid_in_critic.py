"""A critic of a Wasserstein loss ends in a Sigmoid."""

from __future__ import annotations

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "error"


def check(seen: Evidence) -> Found | None:
    ends = [call for call, _ in seen.slopes if call.ends_in == "Sigmoid"]
    if ends and len(ends) == len(seen.slopes) and seen.is_wasserstein:
        low = min(call.scores.min().item() for call in ends)
        high = max(call.scores.max().item() for call in ends)
        return Found({"low": f"{low:.2f}", "high": f"{high:.2f}"}, ends[-1].line)
    return None
