"""A user's own training loop: what it does is seen by hooks, recorded as a run, and its mistakes are named."""

from ganatomy.watching.finding import Finding, Findings
from ganatomy.watching.watch import Watch

__all__ = ["Finding", "Findings", "Watch"]
