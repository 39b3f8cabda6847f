"""The functions of the Transformer language that take and give nulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riverstage.expressions.functions._function import Function, Parameter
from riverstage.types import BOOLEAN, NULL, DataType

__all__ = ["FUNCTIONS"]


def _first(types: Sequence[DataType]) -> DataType:
    return types[0]


def _is_null(value: Any) -> bool:
    return value is None


def _is_not_null(value: Any) -> bool:
    return value is not None


def _or_value(value: Any, other: Any) -> Any:
    return other if value is None else value


def _null() -> None:
    return None


def _make_null(value: Any, marker: Any) -> Any:
    return None if value == marker else value


def _function(name: str, summary: str, parameters: tuple[Parameter, ...], python: Any, returns: Any) -> Function:
    return Function(name, "null_handling", summary, parameters, returns, python, nulls="handled")


_VALUE = Parameter("value", "same")
_IN_BAND = tuple(f"Is{kind}InbandNull" for kind in ("Dfloat", "Int16", "Int32", "Int64", "Sfloat", "String"))
"""A null is a null here, so whether a value is the one that stands for null asks for nothing else."""

FUNCTIONS: tuple[Function, ...] = (
    Function("IsNull", "null_handling", "Whether the value is null.", (Parameter("value", "any"),), BOOLEAN, _is_null,
             nulls="handled", aliases=_IN_BAND),
    _function("IsNotNull", "Whether the value is not null.", (Parameter("value", "any"),), _is_not_null, BOOLEAN),
    _function("NullToEmpty", "The value, or an empty text for null.", (_VALUE, Parameter("_empty", "same", default="")),
              _or_value, _first),
    _function("NullToZero", "The value, or 0 for null.", (_VALUE, Parameter("_zero", "same", default=0)), _or_value,
              _first),
    _function("NullToValue", "The value, or another for null.", (_VALUE, Parameter("other", "same")), _or_value,
              _first),
    _function("HandleNull", "The value, or another for null.", (_VALUE, Parameter("other", "same")), _or_value, _first),
    _function("MakeNull", "Null where the value equals a marker, otherwise the value.",
              (_VALUE, Parameter("marker", "same")), _make_null, _first),
    _function("SetNull", "Null.", (), _null, NULL),
)  # fmt: skip
