"""Read JSON text into a tree, strictly: doubled keys, NaN and numbers without end are errors that name their place."""

from __future__ import annotations

import json
import math
from typing import Any, cast

from riverstage.errors import DocumentError, Place

__all__ = ["read_json"]


class _DoubledKey(Exception):
    """A key that an object holds twice."""


class _Marked(dict[str, Any]):
    """Stands, on the second reading, for an object with a doubled key."""

    doubled = ""


def read_json(data: bytes | bytearray | str, *, source: str | None = None) -> object:
    """Return the tree of a JSON text.

    Numbers are what ECMAScript reads: one without a fraction becomes an int whatever its spelling (``428.0`` is
    ``428``), whole numbers stay exact.

    Args:
        data: UTF-8 bytes (a byte order mark is allowed) or text.
        source: Name of the file, for errors.

    Raises:
        DocumentError: If it is no JSON, or holds a doubled key, NaN or a number too large; ``place.path`` or
            ``place.position`` says where.
    """
    text = data if isinstance(data, str) else _decode(bytes(data), source)
    try:
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_pairs, parse_float=_number, parse_constant=_never
        )
    except json.JSONDecodeError as error:
        message = f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise DocumentError(message, code="RS-1001", place=Place(file=source, position=error.pos)) from None
    except _DoubledKey:
        raise _doubled(text, source) from None
    except RecursionError:
        message = "The document is nested too deeply to be read."
        raise DocumentError(message, code="RS-1001", place=Place(file=source)) from None
    except ValueError as error:
        message = f"This is not JSON: {error}."
        raise DocumentError(message, code="RS-1001", place=Place(file=source)) from None


def _decode(data: bytes, source: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"A document is UTF-8 text; byte {error.start + 1} is not."
        raise DocumentError(message, code="RS-1001", place=Place(file=source)) from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _DoubledKey
    return made


def _number(text: str) -> int | float:
    number = float(text)
    if math.isinf(number):
        message = f"the number {text[:40]} is too large"
        raise ValueError(message)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _never(name: str) -> object:
    message = f"{name} is no number in JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_number, parse_constant=_never)


def _doubled(text: str, source: str | None) -> DocumentError:
    """Read once more, now keeping going, to name the place of the first doubled key."""

    def mark(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = _Marked(pairs)
        if len(made) != len(pairs):
            keys = [key for key, _ in pairs]
            made.doubled = next(key for key in keys if keys.count(key) > 1)
        return made

    tree = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=mark, parse_float=float, parse_constant=float)
    path, key = _find(tree, "") or ("", "")
    message = f"The key '{key}' stands twice in one object."
    return DocumentError(message, code="RS-1002", place=Place(file=source, path=path or "the document"))


def _find(value: object, path: str) -> tuple[str, str] | None:
    if isinstance(value, _Marked):
        if value.doubled:
            return path, value.doubled
        children = [(f"{path}.{key}" if path else key, child) for key, child in value.items()]
    elif isinstance(value, list):
        children = [(f"{path}[{index}]", child) for index, child in enumerate(cast("list[object]", value))]
    else:
        return None
    for place, child in children:
        if found := _find(child, place):
            return found
    return None
