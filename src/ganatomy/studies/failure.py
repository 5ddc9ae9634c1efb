"""Why a run of a study failed: in words for people, and as a kind that programs compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ganatomy.errors import Diverged, GanatomyError

Kind = Literal["diverged", "error", "lost", "pruned"]
"""A loss or gradient was not finite; any other error; the process ended without an error of its own, as when killed; or a
sweep stopped it, because others do better or because of what its curves show."""


@dataclass(frozen=True)
class Failure:
    """What is kept of a run that failed."""

    reason: str
    kind: Kind = "error"

    @classmethod
    def of(cls, error: GanatomyError) -> Failure:
        return cls(str(error), "diverged" if isinstance(error, Diverged) else "error")

    @property
    def tree(self) -> dict[str, str]:
        """As files hold it."""
        return {"fault": self.reason, "kind": self.kind}

    @classmethod
    def of_tree(cls, tree: Mapping[str, object]) -> Failure:
        """The inverse of `tree`; also of files that earlier versions wrote.

        Raises:
            KeyError, ValueError: it is no such tree.
        """
        reason = str(tree["fault"])
        if "kind" not in tree:
            # Written by a version that kept the message only: the one place that goes by its words.
            return cls(reason, "diverged" if reason.startswith("training stopped") else "error")
        for kind in get_args(Kind):
            if tree["kind"] == kind:
                return cls(reason, kind)
        raise ValueError(f"unknown kind {tree['kind']!r}; known: {', '.join(get_args(Kind))}")
