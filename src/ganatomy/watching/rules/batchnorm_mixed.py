"""BatchNorm in D sees reals and fakes in one batch, and in G's step fakes alone."""

from __future__ import annotations

from torch import nn

from ganatomy.watching.evidence import Evidence
from ganatomy.watching.finding import Found

SEVERITY = "warning"


def check(seen: Evidence) -> Found | None:
    if not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in seen.networks["D"].modules()):
        return None
    mixed = [call for _, call, _ in seen.pushed("D") if call.kind == "mixed" and call.training]
    alone = [call for _, call, _ in seen.pushed("G") if call.kind == "fake" and call.training]
    if len(mixed) >= 3 and len(alone) >= 3:
        return Found({"images": len(mixed[-1].scores)}, mixed[-1].line)
    return None
