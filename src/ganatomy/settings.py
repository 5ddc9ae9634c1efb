"""The base of every group of settings."""

from __future__ import annotations

from typing import Any, ClassVar


class Settings:
    """A frozen dataclass whose fields are settings.

    The annotation is the type and the range (`Annotated[float, Gt(0)]`), the value is the default, and the string
    under the field is its help: shown by `ganatomy recipes NAME`, and by the error when a value is out of range.
    """

    # Read by pydantic, which checks the values that users give (see config.py). Classes built in Python with
    # literal values need no check, so the leaves stay free of pydantic.
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "allow_inf_nan": False,
    }
