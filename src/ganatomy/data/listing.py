"""What is in a folder of pictures: the one reader of folders, for training data and for samples alike."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePath

from ganatomy import paths
from ganatomy.data.decode import SUFFIXES
from ganatomy.errors import GanatomyError

LITTER = frozenset(
    {
        *("@eadir", "@tmp", "#recycle", "#snapshot", "@recycle"),  # network storage
        *("$recycle.bin", "system volume information", "thumbs.db", "desktop.ini"),  # Windows
        *("__macosx", "lost+found"),
    }
)
"""What systems put into folders by themselves, in lower case. (Names that begin with a dot are left out in any case.)"""

SHOWN = 5
"""How many names a sentence has at most."""


@dataclass(frozen=True)
class Listing:
    """The pictures below a folder, and what else is there."""

    root: Path
    names: tuple[str, ...]
    """The pictures relative to the folder, with / between their parts, in the order of their names."""
    endings: Counter[str]
    """How many other files there are, by their ending."""
    litter: tuple[str, ...]
    links: tuple[str, ...]
    """Linked folders that were not entered, because what they lead to was read already."""

    @property
    def sentences(self) -> list[str]:
        """What was left out, and why."""
        found = []
        if self.endings:
            endings = ", ".join(
                f"{count} {ending or 'without an ending'}" for ending, count in self.endings.most_common()
            )
            found.append(f"left out {self.others} by their endings, as no pictures: {endings}")
        if self.litter:
            found.append(f"left out what a system put there: {_some(self.litter)}")
        if self.links:
            found.append(f"left out links to folders that were read already: {_some(self.links)}")
        return found

    @property
    def others(self) -> str:
        """How many files there are besides the pictures, in words."""
        count = self.endings.total()
        return f"{count} other file{'' if count == 1 else 's'}"


def listed(root: Path) -> Listing:
    """List a folder with all its sub-folders. Links to folders are followed, but no folder is entered twice.

    Raises:
        GanatomyError: a folder that cannot be listed.
    """

    def unreadable(error: OSError) -> None:
        raise GanatomyError(
            f"cannot list {error.filename}: {error.strerror}\n  check the rights of the folder"
        ) from error

    entered: set[Path] = set()
    pictures: list[PurePath] = []
    endings, litter, links = Counter[str](), [], []
    for folder, subfolders, names in os.walk(root, onerror=unreadable, followlinks=True):
        inside = PurePath(os.path.relpath(folder, root))
        place = Path(folder).resolve()
        if place in entered:
            links.append(inside.as_posix())
            subfolders.clear()
            continue
        entered.add(place)
        litter += [(inside / name).as_posix() for name in [*subfolders, *names] if name.lower() in LITTER]
        subfolders[:] = sorted(name for name in subfolders if _is_wanted(name))
        for name in filter(_is_wanted, names):
            ending = PurePath(name).suffix.lower()
            if ending in SUFFIXES:
                pictures.append(inside / name)
            else:
                endings[ending] += 1
    ordered = tuple(name.as_posix() for name in sorted(pictures, key=lambda name: name.parts))
    return Listing(root, ordered, endings, tuple(sorted(litter)), tuple(sorted(links)))


def _is_wanted(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in LITTER


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(paths.text, names[:SHOWN])) + more
