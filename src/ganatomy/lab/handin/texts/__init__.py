"""The words of a hand-in; the texts are in `en.toml` and `zh.toml`, by key."""

from importlib import resources

from ganatomy.words import catalogue

TEXTS = catalogue(resources.files(__name__))
