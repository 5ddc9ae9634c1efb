"""Errors of images that cannot be taken: what was found, what was expected, and what to do."""

from __future__ import annotations

from pathlib import Path

from ganatomy.errors import GanatomyError, UsageError


def wrong(path: Path | str, found: str, expected: str, advice: str) -> UsageError:
    return UsageError(f"{path}: found {found}; expected {expected}\n  {advice}")


def unreadable(
    path: Path | str, reason: str, expected: str, advice: str = "write or copy the file again"
) -> GanatomyError:
    return GanatomyError(f"cannot read {path}: {reason}; expected {expected}\n  {advice}")


def too_few(path: Path | str, count: int, things: str = "images") -> UsageError:
    expected = f"{things}: at least 2, and hundreds for figures that mean something"
    return UsageError(f"{path}: {expected}; found {count}\n  make more, and put all of them in one array or folder")


def times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape) or "a single number"


def grey(path: Path | str, found: str, channels: int) -> UsageError:
    advice = "compare with grey data; or, where grey is meant, repeat N x H x W x 1: np.repeat(images, 3, axis=3)"
    return wrong(path, found, f"colour ({channels} channels), as the data is", advice)


def colour(path: Path | str, found: str) -> UsageError:
    return wrong(
        path, found, "grey (1 channel), as the data is", "compare with colour data, or make them grey yourself"
    )
