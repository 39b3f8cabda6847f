"""The typing of function calls: arguments counted, converted to what the function accepts, defaults filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from riverstage.errors import ExpressionError, Place
from riverstage.expressions import functions, tree
from riverstage.expressions._conversions import converted, is_true, number, text, unify
from riverstage.expressions._options import check_options
from riverstage.expressions._types_of import as_decimal
from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.expressions.typed import Call, Constant, Typed, constant
from riverstage.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT32,
    INT64,
    NULL,
    DataType,
    binary,
    decimal,
    string,
    timestamp,
)
from riverstage.types import time as time_type

__all__ = ["ArgumentTyping", "arity", "gives_null", "typed_call"]

_NEVER_NULL = frozenset({"isnull", "isnotnull"})


class ArgumentTyping(Protocol):
    """Types an argument; ``takes_null`` says that the function sees nulls."""

    def __call__(self, node: tree.Node, *, takes_null: bool) -> Typed:
        """Return the typed argument."""
        ...


def typed_call(node: tree.FunctionCall, typed: ArgumentTyping, target: DataType | None) -> Typed:
    """Return the typed tree of a function call.

    Raises:
        ExpressionError: If there is no such function, or its arguments do not fit.
    """
    place = Place(position=node.start)
    try:
        function = functions.find(node.name)
    except ExpressionError as error:
        raise ExpressionError(error.message, code=error.code, place=place, mend=error.mend) from error
    _count(function, node)
    handled = function.nulls == "handled"
    given = [typed(argument, takes_null=handled) for argument in node.arguments]
    arguments = _arguments(function, given, node)
    check_options(function, arguments)
    known = [argument.value if isinstance(argument, Constant) else None for argument in arguments]
    if function.can_fail and function.safe is not None and function.safe(known):
        function = replace(function, can_fail=False)
    types = [argument.type for argument in arguments]
    returns = function.returns(types) if callable(function.returns) else function.returns
    if function.targeted and target is not None and target.kind == returns.kind:
        returns = target
    if returns == NULL and not arguments:
        return constant(NULL, None, start=node.start, end=node.end)
    return Call(returns, _nullable(function, arguments), function, tuple(arguments), start=node.start, end=node.end)


def _nullable(function: Function, arguments: Sequence[Typed]) -> bool:
    name = function.name.lower()
    if name in _NEVER_NULL or function.catches:
        return False
    if name in ("nulltovalue", "nulltozero", "nulltoempty", "handlenull"):
        return arguments[-1].nullable
    return function.can_fail or gives_null(function) or any(argument.nullable for argument in arguments)


def gives_null(function: Function) -> bool:
    """Return whether a function may give null for values that are not, without having failed."""
    return function.nulls == "handled" or function.name.endswith("OrNull")


def arity(function: Function) -> tuple[int, int | None]:
    """Return how many arguments a function takes at least and at most; None for any number."""
    shown = [parameter for parameter in function.parameters if not parameter.name.startswith("_")]
    least = sum(not parameter.optional and not parameter.repeated for parameter in shown)
    return least, None if any(parameter.repeated for parameter in shown) else len(shown)


def _count(function: Function, node: tree.FunctionCall) -> None:
    least, most = arity(function)
    given = len(node.arguments)
    if given >= least and (most is None or given <= most):
        return
    exactly = str(least) if least == most else f"{least} to {most}"
    said = f"at least {least}" if most is None else exactly
    what = "argument is" if given == 1 else "arguments are"
    names = ", ".join(
        f"[{parameter.name}]" if parameter.optional else parameter.name
        for parameter in function.parameters
        if not parameter.name.startswith("_")
    )
    raise ExpressionError(
        f"{function.name} takes {said}, and {given} {what} given.",
        code="RS-3003",
        place=Place(position=node.start),
        mend=f"Write {function.name}({names}).",
    )


def _arguments(function: Function, given: Sequence[Typed], node: tree.FunctionCall) -> list[Typed]:
    arguments: list[Typed] = []
    same: list[int] = []
    for index, parameter in enumerate(_spread(function.parameters, len(given))):
        if index < len(given):
            argument = given[index]
        elif parameter.default is not None:
            default = parameter.default
            value = default([argument.type for argument in arguments]) if callable(default) else default
            argument = constant(_type_of(value), value, start=node.end, end=node.end)
        else:
            break
        if parameter.accepts == "same":
            same.append(index)
        elif parameter.accepts != "any":
            argument = _accepted(parameter.accepts, argument, catches=function.catches)
        if parameter.literal and not isinstance(argument, Constant):
            raise ExpressionError(
                f"{parameter.name} of {function.name} must be a constant.",
                code="RS-3003",
                place=Place(position=argument.start),
                mend="Write it as a text in quotes, or use a parameter.",
            )
        arguments.append(argument)
    for index, argument in zip(same, unify([arguments[index] for index in same]), strict=True):
        arguments[index] = argument
    return arguments


def _accepted(kind: str, argument: Typed, *, catches: bool) -> Typed:
    """Return an argument as a kind; a constant that is none is null for a function that catches what fails."""
    accept = _ACCEPTED[kind]
    try:
        return accept(argument)
    except ExpressionError as error:
        if not catches or not isinstance(error.__cause__, ConversionFailed):
            raise
        return accept(constant(NULL, None, start=argument.start, end=argument.end))


def _spread(parameters: tuple[Parameter, ...], given: int) -> list[Parameter]:
    """Return a parameter for every argument; the repeated one as often as it is needed."""
    result = [parameter for parameter in parameters if not parameter.repeated]
    repeated = [parameter for parameter in parameters if parameter.repeated]
    if repeated:
        result.extend(repeated * max(given - len(result), 0))
    return result


def _type_of(value: object) -> DataType:
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INT32 if -(2**31) <= value < 2**31 else INT64
        case float():
            return FLOAT64
        case Decimal():
            return decimal(38, 10)
        case datetime():
            return timestamp(6)
        case date():
            return DATE
        case time():
            return time_type(6)
        case bytes():
            return binary()
        case _:
            return string(len(str(value)))


def _integer(value: Typed) -> Typed:
    return value if value.type.is_integer and value.type.kind != "uint64" else converted(value, INT64)


def _decimal(value: Typed) -> Typed:
    if value.type == NULL:
        return converted(value, decimal(38, 10))
    if value.type.is_text and isinstance(value, Constant):
        value = number(value, INT32)
    if value.type.is_numeric and not value.type.is_float:
        return converted(value, as_decimal(value.type))
    return converted(value, decimal(38, 10))


def _temporal(plain: DataType) -> Callable[[Typed], Typed]:
    def accept(value: Typed) -> Typed:
        return value if value.type.kind == plain.kind else converted(value, plain)

    return accept


def _null_as(plain: DataType, accept: Callable[[Typed], Typed]) -> Callable[[Typed], Typed]:
    def accepted(value: Typed) -> Typed:
        return replace(value, type=plain) if value.type == NULL else accept(value)

    return accepted


_ACCEPTED: dict[str, Callable[[Typed], Typed]] = {
    "string": _null_as(string(), text),
    "integer": _null_as(INT64, _integer),
    "number": _null_as(INT64, lambda value: number(value, INT64)),
    "float": _null_as(FLOAT64, lambda value: converted(value, FLOAT64)),
    "decimal": _decimal,
    "date": _null_as(DATE, _temporal(DATE)),
    "time": _null_as(time_type(6), _temporal(time_type(6))),
    "timestamp": _null_as(timestamp(6), _temporal(timestamp(6))),
    "boolean": is_true,
    "binary": _null_as(binary(), lambda value: converted(value, binary())),
}
