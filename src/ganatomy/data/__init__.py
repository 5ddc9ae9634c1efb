"""Data sources: one file a source (or a family of files in one format), found by name."""

from __future__ import annotations

from ganatomy import paths
from ganatomy.data.arrays import dataset_of, passed
from ganatomy.data.base import Dataset, Source, announce, digest_of, take
from ganatomy.plugin.registry import Registry

sources: Registry[Source] = Registry(
    "data",
    Source,  # type: ignore[type-abstract]
    "data",
    __name__,
    kind="data source",
)


def of_path(place: str) -> dict[str, str]:
    """The settings of a data source that is named by a path: an .npz file, or a folder of pictures; {} for anything else."""
    path = paths.of_user(place)
    if place.endswith(".npz"):
        return {"name": "npz", "path": place}
    if path.is_dir() and place not in sources.names():
        return {"name": "folder", "path": place}
    return {}


__all__ = ["Dataset", "Source", "announce", "dataset_of", "digest_of", "of_path", "passed", "sources", "take"]
