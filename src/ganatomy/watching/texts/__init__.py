"""What each rule says, by its name: what was `seen`, what it `means`, how to `mend` it; in `en.toml` and `zh.toml`."""

import sys
from importlib import resources

from ganatomy.words import Language, Words, catalogue, filled

TEXTS = catalogue(resources.files(__name__))


def say(language: Language, key: str, **facts: object) -> None:
    """Print a line to stderr."""
    print(f"watch: {getattr(filled(TEXTS[f'recording.{key}'], **facts), language)}", file=sys.stderr)


def told(error: Exception) -> Words:
    """An error, for a blank of a text; its message is as whoever raised it wrote it."""
    return Words(*[f"{type(error).__name__}: {error}"] * 2)
