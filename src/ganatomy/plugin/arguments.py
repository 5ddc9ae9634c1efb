"""Arguments of the Python API, checked against their annotations before any work: wrong ones get one message, no traceback from within."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar, get_type_hints

from annotated_types import Ge, Lt
from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from ganatomy.errors import UsageError
from ganatomy.plugin.settings import allowed

P = ParamSpec("P")
T = TypeVar("T")


def _whole(value: Any) -> Any:
    """NumPy's and other whole numbers as int, 20.0 as 20."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    try:
        return operator.index(value)
    except TypeError:
        return value


Count = Annotated[int, Ge(1), BeforeValidator(_whole)]
Seed = Annotated[int, Ge(0), Lt(2**63), BeforeValidator(_whole)]


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """The function, with its arguments checked and converted by their annotations.

    The result raises UsageError, which names each wrong argument and says what it must be.
    """
    signature = inspect.signature(function)

    @functools.cache
    def adapters() -> dict[str, tuple[Any, TypeAdapter[Any]]]:
        # Without the result's, which may be a type that is imported late.
        annotations = {name: each for name, each in function.__annotations__.items() if name != "return"}
        holder = type("Arguments", (), {"__annotations__": annotations})
        hints = get_type_hints(holder, globalns=getattr(function, "__globals__", {}), include_extras=True)
        variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        config = ConfigDict(arbitrary_types_allowed=True)
        return {
            name: (hints[name], TypeAdapter(hints[name], config=config))
            for name, parameter in signature.parameters.items()
            if name in hints and parameter.kind not in variadic
        }

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        errors = []
        for name, (annotation, adapter) in adapters().items():
            if name in bound.arguments:
                try:
                    bound.arguments[name] = adapter.validate_python(bound.arguments[name])
                except ValidationError:
                    value = bound.arguments[name]
                    shown = repr(value) if len(repr(value)) < 80 else f"a {type(value).__name__}"
                    errors.append(f"{function.__name__}: {name} = {shown}: must be {allowed(annotation)}")
        if errors:
            raise UsageError("\n".join(errors))
        return function(*bound.args, **bound.kwargs)

    return call
