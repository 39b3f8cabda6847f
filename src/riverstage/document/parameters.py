"""Parameters: their types, and the values that each can hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from riverstage.errors import ParameterError, Place

__all__ = ["INDIRECT", "PARAMETER_TYPES", "stands_for_another", "typed_value"]

PARAMETER_TYPES = (
    "date",
    "email",
    "encrypted",
    "enum",
    "int64",
    "multilinestring",
    "path",
    "sfloat",
    "string",
    "time",
    "timestamp",
)
"""What a parameter can hold, by wire name."""

_REFERENCE = re.compile(r"#[^#\s]+#\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")

INDIRECT = ("$ENV", "$PROJDEF", "PROJDEF", "$UNSET")
"""Values that stand for another: the environment's, or the project's default."""


def stands_for_another(value: object) -> bool:
    """Return whether a value is none itself: empty, another parameter, the environment's or the project's."""
    return value == "" or value in INDIRECT or (isinstance(value, str) and _REFERENCE.match(value) is not None)


def typed_value(
    kind: str, value: object, valid_values: Iterable[object] | None = None, *, name: str = "", code: str
) -> Any:
    """Return a parameter's value as its type has it: a number for ``int64`` and ``sfloat``, text for the others.

    Args:
        kind: The type, by wire name.
        value: A value of the type, or text that says one.
        valid_values: For an ``enum``, what it may be.
        name: Name of the parameter, for errors.
        code: Code of the error.

    Raises:
        ParameterError: The type cannot hold the value. A secret is not shown.

    Example:
        >>> typed_value("int64", "12", code="RS-2009")
        12
    """
    try:
        if kind == "enum":
            return _choice(value, list(valid_values or ()))
        return _READERS[kind](value)
    except (ValueError, TypeError):
        shown = "the value" if kind == "encrypted" else repr(value)
        raise ParameterError(
            f"A parameter of type {kind} cannot hold {shown}.",
            code=code,
            place=Place(parameter=name or None),
            mend=_FORMS.get(kind, ""),
        ) from None


def _choice(value: object, choices: list[object]) -> object:
    for choice in choices:
        if value == choice or str(value) == str(choice):
            return choice
    raise ValueError


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _float(value: object) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError
    return value if isinstance(value, int | float) else number


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise TypeError
    return str(value)


def _line(value: object) -> str:
    text = _text(value)
    if "\n" in text or "\r" in text:
        raise ValueError
    return text


def _path(value: object) -> str:
    import os

    return _line(os.fspath(value)) if isinstance(value, os.PathLike) else _line(value)


def _email(value: object) -> str:
    text = _line(value)
    if not _EMAIL.match(text):
        raise ValueError
    return text


def _date(value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return date.fromisoformat(str(value)).isoformat()


def _time(value: object) -> str:
    return value.isoformat() if isinstance(value, time) else time.fromisoformat(str(value)).isoformat()


def _timestamp(value: object) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.isoformat(sep=" ")


_READERS: Mapping[str, Callable[[object], Any]] = {
    "date": _date,
    "email": _email,
    "encrypted": _text,
    "int64": _integer,
    "multilinestring": _text,
    "path": _path,
    "sfloat": _float,
    "string": _line,
    "time": _time,
    "timestamp": _timestamp,
}

_FORMS = {
    "date": "Write it as 2024-12-31.",
    "email": "Write it as name@example.org.",
    "enum": "Choose one of its valid values.",
    "int64": "Give a whole number of at most 64 bits.",
    "sfloat": "Give a number.",
    "path": "Give a path on one line.",
    "string": "Give one line of text; type multilinestring takes more.",
    "time": "Write it as 23:59:59.",
    "timestamp": "Write it as 2024-12-31 23:59:59.",
}
