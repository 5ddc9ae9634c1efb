"""What budgets and differences are called; the texts are in `en.toml` and `zh.toml`, by key."""

from importlib import resources

from ganatomy.words import catalogue

TEXTS = catalogue(resources.files(__name__))
