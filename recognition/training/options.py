"""Settings of a model and its training by name, as ``fusion=decoder`` on the command line says them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast, get_args, get_type_hints

from station.errors import ConfigError

_T = TypeVar("_T")
_BOOLS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def with_options(value: _T, options: Iterable[str], where: str = "--set") -> _T:
    """Return a frozen dataclass with ``name=value`` texts put in; names of nested ones have a dot between.

    Raises ConfigError in one sentence for a name that is not there and a value of another kind.
    """
    for option in options:
        name, sign, text = option.partition("=")
        if not sign:
            raise ConfigError(f"{option!r} has no value.", where=where, todo="Write it as name=value.")
        value = _put(value, name.strip().split("."), text.strip(), name.strip(), where, option_names(value))
    return value


def option_names(value: Any, before: str = "") -> tuple[str, ...]:
    """Return the names that :func:`with_options` knows for a value."""
    names: list[str] = []
    for field in fields(value):
        inner = getattr(value, field.name)
        names += option_names(inner, f"{before}{field.name}.") if is_dataclass(inner) else [before + field.name]
    return tuple(names)


def _put(value: Any, path: list[str], text: str, name: str, where: str, known: tuple[str, ...]) -> Any:
    head, *rest = path
    inner = getattr(value, head, None) if head in {field.name for field in fields(value)} else None
    if inner is None or is_dataclass(inner) != bool(rest):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        todo = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
        raise ConfigError(f"There is no setting {name!r}.", where=where, todo=todo)
    if rest:
        return replace(value, **{head: _put(inner, rest, text, name, where, known)})
    return replace(value, **{head: _read(text, get_type_hints(cast("type[Any]", type(value)))[head], name, where)})


def _read(text: str, kind: Any, name: str, where: str) -> Any:
    if choices := get_args(kind):
        if text not in choices:
            raise ConfigError(f"{name} is {text!r}.", where=where, todo=f"Allowed are {', '.join(choices)}.")
        return text
    try:
        if kind is bool:
            return _BOOLS[text.lower()]
        return kind(text)
    except (KeyError, ValueError) as error:
        said = {bool: "yes or no", int: "a whole number", float: "a number"}.get(kind, "a value")
        raise ConfigError(f"{name} is {text!r}.", where=where, todo=f"Give {said}.") from error
