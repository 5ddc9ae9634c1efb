"""Images that any program made, from arrays or folders of pictures, as this package measures them.

Nothing is guessed in silence: what a file holds is taken as it is, or with a conversion that is stated, or refused.
"""

from __future__ import annotations

from ganatomy.imageset.files import NAMES
from ganatomy.imageset.sets import ImageSet, given, read
from ganatomy.imageset.values import BLOCK

__all__ = ["BLOCK", "NAMES", "ImageSet", "given", "read"]
