"""The texts of the pages for teachers and students; they are in `en.toml` and `zh.toml`, by key."""

from importlib import resources

from ganatomy.words import catalogue

TEXTS = catalogue(resources.files(__name__))
