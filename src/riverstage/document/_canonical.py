"""Write a document as its one canonical text: what ``JSON.stringify(document, null, 2)`` gives, and a newline.

The standard library indents in pure Python, a token at a time, and writes numbers its own way. Here each depth has two
tables: from a key to the text before its value, and from a type to the function that writes such values; strings go
to the C encoder. That is several times as fast.
"""

from __future__ import annotations

import json.encoder
import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from riverstage._collector import collector_held
from riverstage.errors import DocumentError, Place

__all__ = ["canonical", "number_text"]

_EXPONENT = re.compile(r"e([+-])0*(\d+)$")
_MOST_PREFIXES = 4096
"""Keys that are kept a depth: parameter maps could hold any number of them."""

_encode_text: Callable[[str], str] = json.encoder.encode_basestring


def canonical(tree: object) -> bytes:
    r"""Return the canonical bytes of a JSON tree: UTF-8, two spaces of indent, keys in their order, one newline.

    Args:
        tree: Nested dicts, lists, text, numbers, booleans and None.

    Raises:
        DocumentError: If the tree holds what JSON cannot: NaN, infinity, a foreign object, a key that is no text.

    Example:
        >>> canonical({"x_pos": 552.0, "tags": []})
        b'{\n  "x_pos": 552,\n  "tags": []\n}\n'
    """
    try:
        with collector_held():
            text = _Writers(0)[type(tree)](tree) + "\n"
    except (TypeError, ValueError):
        found = _unwritable(tree, "")
        if found is None:
            raise
        raise DocumentError(found[0], code="RS-1005", place=Place(path=found[1] or "the document")) from None
    except RecursionError:
        message = "The document is nested too deeply to be written, or holds itself."
        raise DocumentError(message, code="RS-1005") from None
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Halves that belong together become one character; a half alone is escaped, as JSON.stringify does.
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return joined.encode("utf-8", "backslashreplace")


def number_text(number: float) -> str:
    """Return a number as ECMAScript writes it.

    Raises:
        ValueError: If it is NaN or infinite.

    Example:
        >>> number_text(552.0), number_text(1e-05), number_text(1e21), number_text(-0.0)
        ('552', '0.00001', '1e+21', '0')
    """
    if not math.isfinite(number):
        message = f"JSON has no {number}"
        raise ValueError(message)
    size = abs(number)
    if size < 1e21 and number == int(number):
        # Digits beyond the shortest that name the number are zeros in ECMAScript, but exact in int().
        return str(int(number)) if size < 2**53 else _spread(float.__repr__(number))
    text = float.__repr__(number)
    if "e" not in text:
        return text
    if 1e-6 <= size < 1e21:
        return _spread(text)
    return _EXPONENT.sub(r"e\1\2", text)


def _spread(text: str) -> str:
    """Write a number in exponent form without an exponent."""
    if "e" not in text:
        return text.removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    shift = int(exponent)
    if shift < 0:
        return f"{sign}0.{'0' * (-shift - 1)}{whole}{fraction}"
    return f"{sign}{whole}{fraction}{'0' * (shift - len(fraction))}"


class _Prefixes(dict[object, str]):
    """The text before a value, by key, at one depth."""

    def __init__(self, pad: str) -> None:
        self.pad = pad

    def __missing__(self, key: object) -> str:
        if not isinstance(key, str):
            raise TypeError
        prefix = f"{self.pad}{_encode_text(str.__str__(key))}: "
        if len(self) < _MOST_PREFIXES:
            self[key] = prefix
        return prefix


class _Writers(dict[type, Callable[[Any], str]]):
    """How to write the members of what stands at one depth, by their type."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self[str] = _encode_text
        self[int] = int.__repr__
        self[bool] = {True: "true", False: "false"}.__getitem__
        self[type(None)] = {None: "null"}.__getitem__
        self[float] = number_text

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        """Build the writers of nested values when first met, and find those of subclasses (enumerations)."""
        if issubclass(kind, dict):
            writer = _object_writer(self.depth)
        elif issubclass(kind, list | tuple):
            writer = _array_writer(self.depth)
        elif issubclass(kind, str):
            writer = _write_text_like
        elif issubclass(kind, int):
            writer = int.__repr__
        elif issubclass(kind, float):
            writer = _write_float_like
        else:
            raise TypeError
        self[kind] = writer
        return writer


def _write_text_like(value: str) -> str:
    return _encode_text(str.__str__(value))


def _write_float_like(value: float) -> str:
    return number_text(float(value))


@cache
def _object_writer(depth: int) -> Callable[[Any], str]:
    prefixes = _Prefixes("  " * (depth + 1))
    writers = _Writers(depth + 1)
    close = "\n" + "  " * depth + "}"

    def write(members: dict[str, object]) -> str:
        if not members:
            return "{}"
        parts = [prefixes[key] + writers[type(value)](value) for key, value in members.items()]
        return "{\n" + ",\n".join(parts) + close

    return write


@cache
def _array_writer(depth: int) -> Callable[[Any], str]:
    pad = "  " * (depth + 1)
    separator = ",\n" + pad
    writers = _Writers(depth + 1)
    close = "\n" + "  " * depth + "]"

    def write(items: list[object]) -> str:
        if not items:
            return "[]"
        return "[\n" + pad + separator.join([writers[type(item)](item) for item in items]) + close

    return write


def _unwritable(value: object, path: str) -> tuple[str, str] | None:
    """Return why a value cannot be written, and the path to what is wrong in it."""
    if isinstance(value, dict):
        for key, child in value.items():
            if not isinstance(key, str):
                return f"A key must be text, not {key!r}.", path
            if found := _unwritable(child, f"{path}.{key}" if path else key):
                return found
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            if found := _unwritable(child, f"{path}[{index}]"):
                return found
    elif isinstance(value, float) and not math.isfinite(value):
        return f"JSON has no {value}.", path
    elif value is not None and not isinstance(value, str | int | float):
        return f"JSON cannot hold a {type(value).__name__}.", path
    return None
