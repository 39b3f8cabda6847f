"""Try one expression of the Transformer language on values given as text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riverstage.errors import ExpressionError, UsageError
from riverstage.runs._terminal import cut, visible, wide
from riverstage.runs.peek import json_value
from riverstage.types import STRING, DataType, type_named

__all__ = ["Tried", "pointed", "try_expression"]

_GIVEN = re.compile(r"(?P<name>[^:=]+):(?P<type>[^=]+?)\s*(?:=(?P<value>.*))?", re.DOTALL)
_TYPE = re.compile(r"(?P<fixed>fixed\s+)?(?P<word>\w+)\s*(?P<numbers>\(.*\))?", re.IGNORECASE)
_KINDS = (
    "string", "binary", "boolean", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "decimal", "float32", "float64", "date", "time", "timestamp",
)  # fmt: skip
# Characters before and behind a place that are shown of a long expression.
_MOST_AROUND = 60
_HOW = "Give it as NAME:TYPE=VALUE, for example amount:decimal(7,2)=12.50."


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of an expression.

    Args:
        value: Its value, a Python scalar; None for null, and where it failed.
        type: The type of its value.
        failed: Whether it could not be computed: a Transformer would reject the row.
        reason: Why it failed; empty where it did not.
    """

    value: Any
    type: DataType
    failed: bool = False
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "value": json_value(self.value),
            "type": str(self.type),
            "failed": self.failed,
            "reason": self.reason,
        }


def try_expression(expression: str, columns: Sequence[str] = (), *, legacy_nulls: bool = False) -> Tried:
    """Evaluate an expression.

    Args:
        expression: Its text.
        columns: The columns that it may use, each as ``name:type=value`` or ``link.name:type=value``; null without
            ``=value``. Types are named as schemas show them (``int32``, ``decimal(7,2)``, ``string(10)``) or as
            fields are made (``INTEGER``, ``VARCHAR(10)``).
        legacy_nulls: Whether a null in an expression makes the row fail.

    Raises:
        ExpressionError: It cannot be read or typed; ``place.position`` says where.
        UsageError: A column is not given as ``name:type=value``, or its value is none of its type.

    Example:
        >>> tried = try_expression("UpCase(Trim(name)) : n + 1", ["name:string= ann ", "n:int32=6"])
        >>> tried.value, str(tried.type)
        ('ANN7', 'string')
    """
    from riverstage.expressions.elaborate import elaborate
    from riverstage.expressions.evaluate import Slot, evaluate
    from riverstage.expressions.functions import ConversionFailed
    from riverstage.expressions.parser import parse
    from riverstage.expressions.scope import Bound, Names

    given: dict[str, dict[str, Bound]] = {}
    values: dict[Slot, object] = {}
    for text in columns:
        link, name, kind, value = _column(text)
        slot = Slot("column", f"{link}.{name}")
        given.setdefault(link, {})[name] = Bound(slot, kind, nullable=value is None)
        values[slot] = value
    scope = Names(given, system_variables=_system_variables())
    tree = elaborate(parse(expression), scope, nulls="legacy" if legacy_nulls else "propagate")
    try:
        return Tried(evaluate(tree, values), tree.type)
    except ConversionFailed as error:
        return Tried(None, tree.type, failed=True, reason=str(error))


def pointed(text: str, error: ExpressionError) -> list[str]:
    r"""Return the line of an expression that an error is about, with a caret under the place.

    Of a long line what is near is shown.

    Example:
        >>> try:
        ...     try_expression("1 + * 2")
        ... except ExpressionError as error:
        ...     print("\n".join(pointed("1 + * 2", error)))
        1 + * 2
            ^
    """
    position = error.place.position
    if position is None:
        return []
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].partition("\n")[0]
    word = re.match(r"\w*", text[position:])
    before, under = visible(text[start:position]), visible(word[0] if word is not None else "")
    behind = visible(line[position - start :])
    if wide(before) > _MOST_AROUND:
        before = "…" + before[len(before) - _MOST_AROUND + 1 :]
    behind, under = cut(behind, _MOST_AROUND), cut(under, _MOST_AROUND)
    return [before + behind, " " * wide(before) + "^" * max(1, wide(under))]


def _system_variables() -> Mapping[str, Any]:
    from riverstage.expressions.scope import Bound
    from riverstage.types import INT64

    facts = {"@INROWNUM": 1, "@OUTROWNUM": 1, "@NUMPARTITIONS": 1, "@PARTITIONNUM": 0}
    return {name: Bound(value, INT64, nullable=False, constant=True) for name, value in facts.items()}


def _column(text: str) -> tuple[str, str, DataType, object]:
    from riverstage.expressions.functions import ConversionFailed
    from riverstage.expressions.meaning import convert_value

    match = _GIVEN.fullmatch(text)
    if match is None:
        raise UsageError(f"'{visible(text)}' gives no column.", code="RS-8010", mend=_HOW)
    link, _, name = match["name"].strip().rpartition(".")
    said = match["value"]
    kind = _type(match["type"], text, said)
    try:
        value = bytes.fromhex(said) if said is not None and kind.kind == "binary" else said
        return link or "row", name, kind, convert_value(value, STRING, kind)
    except ValueError as error:
        what = str(error) if isinstance(error, ConversionFailed) else f"'{said}' is no hexadecimal text."
        raise UsageError(
            f"The value of column '{name}' is no {kind}: {visible(what)}", code="RS-8010", mend=_HOW
        ) from error


def _type(said: str, text: str, value: str | None) -> DataType:
    """Return the type that a text names, in the terms of schemas or of fields."""
    from riverstage.document.fields import ODBC_TYPES

    match = _TYPE.fullmatch(said.strip())
    word = match["word"] if match is not None else said.strip()
    wire = ODBC_TYPES.get(word.upper())
    numbers = match["numbers"] or "" if match is not None else ""
    fixed = (
        "fixed " if match is not None and (match["fixed"] or (wire is not None and wire.is_fixed and numbers)) else ""
    )
    try:
        # A word of both (date, binary) is a schema's: it says as much.
        kind = word.lower() if wire is None or word.lower() in _KINDS else wire.kind
        made = type_named(f"{fixed}{kind}{numbers}")
    except ValueError:
        raise UsageError(
            f"There is no type '{visible(word)}' (in '{visible(text)}').", code="RS-8010", mend=_near(word)
        ) from None
    if not _can_be(made):
        raise UsageError(f"'{visible(said.strip())}' is no type: its numbers do not fit.", code="RS-8010", mend=_HOW)
    if made.kind in ("time", "timestamp") and not numbers:
        # Room for the fraction that the value has, where the type does not say how much.
        return replace(made, scale=min(len((value or "").strip().partition(".")[2]), 6))
    return made


def _can_be(type: DataType) -> bool:
    if type.kind == "decimal":
        return 1 <= (type.precision or 0) <= 38 and (type.scale or 0) <= (type.precision or 0)
    return type.length != 0 and (type.scale or 0) <= 6


def _near(word: str) -> str:
    from riverstage.document.fields import ODBC_TYPES

    known: Iterable[str] = (*_KINDS, *ODBC_TYPES) if word.isupper() else (*_KINDS, *map(str.lower, ODBC_TYPES))
    near = difflib.get_close_matches(word, list(known), 2)
    if near:
        return "Did you mean " + " or ".join(f"'{one}'" for one in near) + "?"
    return f"There are {', '.join(_KINDS)}."
