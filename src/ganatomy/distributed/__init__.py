"""Several processes that train one run: the group, its shards of a batch, the one exchange of gradients, BatchNorm."""

from __future__ import annotations

from ganatomy.distributed.group import Group, PeersLost, joined
from ganatomy.distributed.shards import Shard

__all__ = ["Group", "PeersLost", "Shard", "joined"]
