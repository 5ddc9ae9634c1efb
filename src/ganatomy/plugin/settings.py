"""The base of every group of settings, and what a setting says about itself: its type, range, default and help."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import types
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Union, dataclass_transform, get_args, get_origin, get_type_hints

import annotated_types

from ganatomy.plugin.code import PARSING, class_source
from ganatomy.plugin.registry import REFERENCE, rebuilt


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Settings:
    """A group of settings: the annotated fields of a subclass, which is a frozen dataclass without a decorator.

    The annotation is the type and the range (`Annotated[float, Gt(0)]`), the value is the default, and the string
    under the field is its help: shown by `ganatomy recipes NAME`, and by the error when a value is out of range. A subclass
    changes an inherited default by assigning it, with or without the annotation.
    """

    # Read by pydantic, which checks the values that users give (see validation.py). Classes built in Python with
    # literal values need no check, so the leaves stay free of pydantic.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        inherited = field_types(cls.__base__) if dataclasses.is_dataclass(cls.__base__) else {}
        for name in inherited.keys() & vars(cls).keys() - inspect.get_annotations(cls).keys():
            cls.__annotations__[name] = inherited[name]  # `critic_steps = 5` is another default of that setting
        for name in inspect.get_annotations(cls):
            default = vars(cls).get(name)
            if isinstance(default, (list, dict, set)):
                raise TypeError(
                    f"{cls.__name__}.{name} = {default!r}: settings cannot change, so the default is a tuple, as in "
                    f"`{name}: tuple[float, ...] = (1.0, 2.0)`"
                )
        documented = cls.__doc__
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        cls.__doc__ = documented  # dataclass puts the signature where there is none
        # The frozen methods are inherited instead, so that a class that is decorated as well is accepted.
        del cls.__setattr__, cls.__delattr__

    def __reduce__(self) -> Any:
        """Pickled by reference where the class is from outside: another process finds its code as this one did."""
        fields = {name: getattr(self, name) for name in field_types(type(self))}  # type: ignore[arg-type]
        if REFERENCE not in vars(type(self)):
            return _with_fields, (type(self), fields)
        return rebuilt, (type(self).code_section, vars(type(self))[REFERENCE], fields)  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _with_fields(group: type[Settings], fields: dict[str, Any]) -> Settings:
    return group(**fields)


@cache
def field_types(group: type) -> dict[str, Any]:
    """{field: its annotation, ranges included} of a group of settings."""
    hints = get_type_hints(group, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(group)}


@cache
def field_help(group: type) -> dict[str, str]:
    """{field: the string under it}, where a subclass's own text stands before its base's."""
    found: dict[str, str] = {}
    for cls in reversed(group.__mro__):
        if dataclasses.is_dataclass(cls):
            definition = _definition(cls)
            for field, text in itertools.pairwise(definition.body if definition else []):
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(text, ast.Expr)
                    and isinstance(text.value, ast.Constant)
                    and isinstance(text.value.value, str)
                ):
                    found[field.target.id] = " ".join(text.value.value.split())
    return {name: found.get(name, "") for name in field_types(group)}


def _definition(cls: type) -> ast.ClassDef | None:
    source = class_source(cls)
    with PARSING:
        (definition,) = ast.parse(source).body if source is not None else (None,)
    return definition if isinstance(definition, ast.ClassDef) else None


_WORDS: dict[Any, str] = {int: "whole number", float: "number", bool: "true or false", str: "text", Path: "path"}


def allowed(annotation: Any) -> str:
    """The values an annotation allows, in words.

    >>> allowed(Annotated[float, annotated_types.Gt(0), annotated_types.Le(1)])
    'number > 0 and <= 1'
    >>> allowed(Literal["adam", "rmsprop"])
    'adam or rmsprop'
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        bounds = [words for constraint in arguments[1:] if (words := _bound(constraint))]
        return " ".join([allowed(arguments[0]), " and ".join(bounds)]).strip()
    if origin is Literal:
        return " or ".join(map(str, arguments))
    if origin in (Union, types.UnionType):
        return " or ".join("unset" if kind is type(None) else allowed(kind) for kind in arguments)
    if origin is Sequence:
        return f"list, each a {allowed(arguments[0])}"
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return f"list, each a {allowed(arguments[0])}"
        return f"list of {len(arguments)}, each a {allowed(arguments[0])}"
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _bound(constraint: Any) -> str:
    match constraint:
        case annotated_types.Gt(gt=bound):
            return f"> {bound}"
        case annotated_types.Ge(ge=bound):
            return f">= {bound}"
        case annotated_types.Lt(lt=bound):
            return f"< {bound}"
        case annotated_types.Le(le=bound):
            return f"<= {bound}"
        case annotated_types.MinLen(min_length=count):
            return f"(at least {count})"
        case annotated_types.MultipleOf(multiple_of=factor):
            return f"a multiple of {factor}"
        case annotated_types.Predicate(func=function):
            return f"({(function.__doc__ or function.__name__).strip().rstrip('.')})"
    return ""
