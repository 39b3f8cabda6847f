"""How one property's value travels: from what people write in Python to what stands in a document, and back."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from riverstage.errors import CatalogueError, Place

if TYPE_CHECKING:
    from riverstage.catalogue._spec import Items, Property

__all__ = ["decode", "encode", "fits", "has_parameter", "refusal", "scalar"]

_PARAMETER = re.compile(r"#\$?[A-Za-z_][\w.]*#")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_MOST_SHOWN = 200
_EXPECTED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "True or False",
    "list": "a list",
    "table": "a list of mappings",
    "map": "a mapping",
    "any": "a value that JSON can hold",
}


def has_parameter(text: str) -> bool:
    """Say whether text refers to a parameter: ``#name#``, ``#set.name#`` or ``#$ENVIRONMENT#``."""
    return _PARAMETER.search(text) is not None


def encode(spec: Property, value: object, known: Collection[str] = ()) -> Any:
    """Return the wire form of a value, or raise what ``Property.encode`` promises."""
    plain = _plain(value)
    if plain is None or (isinstance(plain, str) and has_parameter(plain)):
        return plain
    if spec.kind == "choice":
        if spec.multiple and isinstance(plain, list | tuple):
            return [_choice(spec, _plain(item)) for item in plain]
        return _choice(spec, plain)
    if spec.kind == "list":
        return _list(spec, plain)
    if spec.kind == "table":
        return _table(spec, plain, known)
    return scalar(spec, spec.kind, plain)


def decode(spec: Property, wire: Any) -> Any:
    """Return the Python form of a wire value; what is not understood comes back as it is."""
    if spec.kind == "boolean":
        if isinstance(wire, bool):
            return wire
        if isinstance(wire, int) and wire in (0, 1):
            return bool(wire)
        if isinstance(wire, str):
            return _TRUTH.get(wire.lower(), wire)
    if spec.kind == "integer" and isinstance(wire, bool):
        return int(wire)
    return wire


def _plain(value: object) -> object:
    while isinstance(value, Enum):
        value = value.value
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def refusal(spec: Property, value: object, expected: str, mend: str = "") -> CatalogueError:
    """Return the error that says what was expected; a secret is not shown."""
    shown = "The value given" if spec.secret else repr(value)
    if len(shown) > _MOST_SHOWN:
        shown = f"{shown[:_MOST_SHOWN]}…"
    message = f"{shown} is not a value of '{spec.name}': expected {expected}."
    return CatalogueError(message, code="RS-2103", place=Place(property=spec.name), mend=mend)


def scalar(spec: Property, kind: str, value: object) -> Any:
    """Return the wire form of one text, number or truth, or raise."""
    if kind == "string":
        text = str(value) if _is_number(value) else value
        if isinstance(text, str) and fits(spec, text):
            return text
        raise refusal(spec, value, _EXPECTED["string"] + _length(spec))
    if kind == "integer":
        return _integer(spec, value)
    if kind == "number":
        return _number(spec, value)
    if kind == "boolean":
        truth = value if isinstance(value, bool) else _TRUTH.get(str(value).strip().lower())
        if truth is not None and not isinstance(value, float):
            return int(truth) if spec.as_number else truth
    elif kind == "any" or (kind == "map" and isinstance(value, Mapping)):
        return _json(spec, value)
    raise refusal(spec, value, _EXPECTED[kind])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def fits(spec: Property, text: str) -> bool:
    """Say whether text is no longer than the property can hold."""
    if spec.longest is None or len(text) <= spec.longest:
        return True
    inner = text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
    return len(_ESCAPE.sub(".", inner)) <= spec.longest


def _length(spec: Property) -> str:
    if spec.longest is None:
        return ""
    return " of one character" if spec.longest == 1 else f" of at most {spec.longest} characters"


def _integer(spec: Property, value: object) -> int:
    number: int | None = None
    if isinstance(value, bool):
        if spec.internal:  # other tools keep some of their switches as 0 and 1
            number = int(value)
    elif isinstance(value, int):
        number = value
    elif isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        number = int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]+\s*", value):
        number = int(value)
    if number is None or not _within(spec, number):
        raise refusal(spec, value, _EXPECTED["integer"] + _limits(spec))
    return number


def _number(spec: Property, value: object) -> int | float:
    number: int | float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        number = value
    elif isinstance(value, Decimal) and math.isfinite(value):
        number = float(value)
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", value):
        number = float(value)
    if number is None or not _within(spec, number):
        raise refusal(spec, value, _EXPECTED["number"] + _limits(spec))
    return number


def _within(spec: Property, number: float) -> bool:
    return (spec.least is None or number >= spec.least) and (spec.most is None or number <= spec.most)


def _limits(spec: Property) -> str:
    if spec.least is None:
        return "" if spec.most is None else f", {spec.most} or less"
    return f", {spec.least} or more" if spec.most is None else f" from {spec.least} to {spec.most}"


def _choice(spec: Property, value: object) -> Any:
    choices = spec.choices
    if isinstance(value, bool):
        label = next((word for word in (("true", "yes") if value else ("false", "no")) if word in choices), None)
        if label is not None:
            return choices[label]
    else:
        for wire in choices.values():
            if wire == value:
                return wire
        if isinstance(value, str):
            found = _by_text(spec, value)
            if found is not None:
                return found
            if spec.open and fits(spec, value):
                return value
        elif isinstance(value, int) and str(value) in choices.values():
            return str(value)
    import difflib  # only for a mistake

    if spec.is_truth:
        raise refusal(spec, value, _EXPECTED["boolean"])
    near = difflib.get_close_matches(str(value), list(choices), n=1)
    shown = [f"'{label}'" for label in list(choices)[:12]]
    expected = "one of " + ", ".join(shown) + (f" and {len(choices) - 12} more" if len(choices) > 12 else "")
    if spec.open and spec.longest is not None:
        expected += ", or text" + _length(spec)
    raise refusal(spec, value, expected, f"Did you mean '{near[0]}'?" if near else "")


def _by_text(spec: Property, text: str) -> Any:
    choices = spec.choices
    if text in choices:
        return choices[text]
    if text.lower() in ("true", "false") and text.lower() in choices:
        return choices[text.lower()]
    if text.lower() in spec.also:
        return spec.also[text.lower()]
    if f"'{text}'" in choices.values():  # documents hold characters in quotes: ',' stands there as "','"
        return f"'{text}'"
    found = next((wire for wire in choices.values() if isinstance(wire, int) and str(wire) == text), None)
    if found is None and not spec.open:
        said = text.strip().casefold()
        alike = [wire for label, wire in choices.items() if said in (label.casefold(), str(wire).casefold())]
        found = alike[0] if alike and alike.count(alike[0]) == len(alike) else None
    return found


def _list(spec: Property, value: object) -> list[Any]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        raise refusal(spec, value, _EXPECTED["list"])
    done = []
    for item in map(_plain, value):
        if item is None:
            raise refusal(spec, value, "a list without None in it")
        if spec.of and not (isinstance(item, str) and has_parameter(item)):
            done.append(scalar(spec, spec.of, item))
        else:
            done.append(_json(spec, item))
    return done


def _table(spec: Property, value: object, known: Collection[str]) -> list[Any]:
    if isinstance(value, str | Mapping):
        value = [value]
    if not isinstance(value, list | tuple) or spec.items is None:
        raise refusal(spec, value, _EXPECTED["table"])
    return [_row(spec, spec.items, row, known) for row in value]


def _row(spec: Property, items: Items, row: object, known: Collection[str]) -> Any:
    plain = _plain(row)
    if items.nested and isinstance(plain, list | tuple):
        return [_row(spec, items, part, known) for part in plain]
    if isinstance(plain, str) and not items.nested and items.fields:
        plain = {next(iter(items.fields)): plain}
    if not isinstance(plain, Mapping):
        raise refusal(spec, plain, _EXPECTED["table"])
    done: dict[str, Any] = {}
    for key, value in plain.items():
        field = items.field(str(key))
        if field is None:
            if items.fields and str(key) not in known:
                raise _unknown(spec, items, str(key))
            done[str(key)] = _json(spec, value)
        elif field.wire in done:
            raise refusal(spec, row, f"one value for '{field.wire}'")
        else:
            done[field.wire] = encode(field, value)
    return done


def _unknown(spec: Property, items: Items, key: str) -> CatalogueError:
    message = f"An entry of '{spec.name}' has no '{key}'."
    return CatalogueError(message, code="RS-2103", place=Place(property=spec.name), mend=_near_key(items, key))


def _near_key(items: Items, key: str) -> str:
    """Return a sentence that suggests a field of a table's rows like ``key``, or says which there are."""
    import difflib  # only for a mistake

    near = difflib.get_close_matches(key, list(items.fields), n=1)
    return f"Did you mean '{near[0]}'?" if near else "It can have: " + ", ".join(items.fields) + "."


def _json(spec: Property, value: object) -> Any:
    plain = _plain(value)
    if plain is None or isinstance(plain, bool | int | str):
        return plain
    if isinstance(plain, float) and math.isfinite(plain):
        return plain
    if isinstance(plain, Mapping):
        return {str(_plain(key)): _json(spec, item) for key, item in plain.items()}
    if isinstance(plain, list | tuple):
        return [_json(spec, item) for item in plain]
    raise refusal(spec, value, _EXPECTED["any"])
