"""What each rule says, by its name: what was `seen`, what it `means`, how to `mend` it; in `en.toml` and `zh.toml`."""

from importlib import resources

from ganatomy.words import catalogue

TEXTS = catalogue(resources.files(__name__))
