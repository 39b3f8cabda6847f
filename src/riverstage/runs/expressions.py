"""Try an expression of the Transformer language on one row, in Python: no engine is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from riverstage.errors import ExpressionError, Place, UsageError
from riverstage.expressions import meaning
from riverstage.expressions.elaborate import elaborate
from riverstage.expressions.evaluate import Slot, evaluate, slots
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.parser import parse
from riverstage.expressions.scope import Names
from riverstage.types import STRING, Column, DataType, RowType, type_named

__all__ = ["Tried", "try_expression"]

_LINK = "row"


@dataclass(frozen=True, slots=True)
class Tried:
    """What an expression gave for a row.

    Args:
        value: The value; None for null, and where it failed.
        type: Its type.
        failed: Whether the row would be rejected.
    """

    value: Any
    type: DataType
    failed: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON-ready data."""
        plain = self.value is None or isinstance(self.value, str | int | float | bool)
        return {"value": self.value if plain else str(self.value), "type": str(self.type), "failed": self.failed}


def try_expression(text: str, columns: Iterable[str] = (), *, legacy_nulls: bool = False) -> Tried:
    """Return what an expression gives.

    Args:
        text: The expression. Columns are written bare, or as ``row.name``.
        columns: ``name:type=value`` each; without ``=value`` the column is null.
        legacy_nulls: The null rules before 8.5.

    Raises:
        ExpressionError: It cannot be read or typed; the message shows where.
        UsageError: A column's type or value is none.

    Example:
        >>> try_expression('UpCase(name) : "!"', ["name:string=ann"]).value
        'ANN!'
    """
    given = [_column(said) for said in columns]
    row = RowType(tuple(column for column, _ in given))
    environment: dict[Slot, object] = {Slot("column", f"{_LINK}.{column.name}"): value for column, value in given}
    scope = Names(slots({_LINK: row}).columns)
    try:
        typed = elaborate(parse(text), scope, nulls="legacy" if legacy_nulls else "propagate")
    except ExpressionError as error:
        raise _shown(text, error) from None
    try:
        return Tried(evaluate(typed, environment), typed.type, failed=False)
    except ConversionFailed:
        return Tried(None, typed.type, failed=True)


def _column(said: str) -> tuple[Column, Any]:
    """Return the column that ``name:type=value`` says, and its value."""
    declared, equals, text = said.partition("=")
    name, _, kind = declared.partition(":")
    if not name.strip():
        raise UsageError(f"--column takes NAME:TYPE=VALUE, not '{said}'.", code="RS-8010")
    try:
        # A type with a comma and brackets holds no '=', so the first '=' starts the value.
        data_type = type_named(kind) if kind.strip() else STRING
    except ValueError as error:
        raise UsageError(
            f"The column '{name}' cannot be read: {error}.",
            code="RS-8010",
            mend="Types are string, int32, int64, decimal(7,2), float64, date, time, timestamp(6), boolean …",
        ) from None
    if not equals:
        return Column(name.strip(), data_type), None
    try:
        value = meaning.convert_value(text, STRING, data_type) if data_type.kind != "string" else text
    except ConversionFailed:
        raise UsageError(f"'{text}' is no {data_type}.", code="RS-8010", place=Place(column=name.strip())) from None
    return Column(name.strip(), data_type, nullable=False), value


def _shown(text: str, error: ExpressionError) -> ExpressionError:
    """Return the error with the expression and a caret under the place."""
    position = error.place.position
    if position is None or "\n" in text:
        return error
    message = f"{error.message}\n  {text}\n  {' ' * position}^"
    return ExpressionError(message, code=error.code, place=error.place, state=error.state, mend=error.mend)
