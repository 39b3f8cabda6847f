"""Generated columns in SQL: the value of a row from its place and, where it is random, from its state.

The values of a column depend on the row's place (counted from 0), the seed and the column's name alone, so the same
seed gives the same rows on every engine, however the work is split.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from riverstage.expressions._sql import cast, constant
from riverstage.expressions.nodes import call, column
from riverstage.stages._generate_directives import (
    WHOLE,
    Bytes,
    Chance,
    Cycle,
    Draw,
    FloatCycle,
    FloatDraw,
    Generator,
    Problem,
    RunDate,
    Text,
    Values,
    generator_of,
)
from riverstage.stages._keys import named
from riverstage.types import FLOAT64, INT64, Column, DataType, decimal, timestamp

if TYPE_CHECKING:
    from riverstage.errors import Diagnostic
    from riverstage.plan import StageContext

__all__ = ["generated", "generator_problems", "generators_of", "is_random", "stated"]

_WIDE = decimal(38)
_LIMIT = 2**63 - 1


def generators_of(columns: Iterable[Column]) -> dict[str, Generator]:
    """Return the generators of columns, by name, of those whose directives can be read."""
    found = ((item.name, generator_of(item)) for item in columns)
    return {name: made for name, made in found if isinstance(made, Generator)}


def generator_problems(ctx: StageContext, columns: Iterable[Column], link: str, base: int) -> list[Diagnostic]:
    """Return what is wrong with the directives of columns; codes are counted from ``base``."""
    found = []
    for item in columns:
        made = generator_of(item)
        if isinstance(made, Problem):
            code = f"RS-{base + made.offset}"
            found.append(ctx.problem(code, made.message, link=link, column=item.name, mend=made.mend))
    return found


def is_random(generators: Iterable[Generator]) -> bool:
    """Return whether one of them draws random numbers, so that rows need a state."""
    return any(item.is_random for item in generators)


def stated(place: exp.Expression, name: str) -> exp.Expression:
    """Return the column that holds a row's state."""
    return named(call("random_state", place), name)


def generated(generator: Generator, place: str, state: str) -> exp.Expression:
    """Return the value of a column under its name.

    Args:
        generator: How it is made.
        place: Name of the BIGINT column that holds the row's place.
        state: Name of the column that holds the row's state.
    """
    kind = generator.column.type
    how = generator.how
    value = _MAKERS[type(how)](how, kind, column(place), column(state))
    if generator.zeros is not None:
        value = _unless(generator.zeros, constant_of(0, kind), value, state)
    for chance in generator.nulls:
        value = _unless(chance, exp.Null(), value, state)
    if isinstance(value, exp.Null):
        value = cast(value, kind)
    return named(value, generator.column.name)


def constant_of(value: Any, kind: DataType) -> exp.Expression:
    """Return a Python value of a type as a constant of exactly that type."""
    if kind.is_float:
        value = float(value)
    return cast(exp.Literal.string(value), kind) if isinstance(value, str) else constant(value, kind)


def _unless(chance: Chance, instead: exp.Expression, value: exp.Expression, state: str) -> exp.Expression:
    if chance.millionths >= WHOLE:
        return instead
    drawn = _below(column(state), chance.key, WHOLE)
    happens = exp.LT(this=drawn, expression=exp.Literal.number(chance.millionths))
    return exp.Case(ifs=[exp.If(this=happens, true=instead)], default=value)


def _below(state: exp.Expression, key: int, limit: int) -> exp.Expression:
    """Return a random number below a limit: BIGINT up to 2**63, above that DECIMAL(38, 0)."""
    if limit == 1:
        return constant(0, INT64)
    returns = INT64 if limit <= 2**63 else _WIDE
    return call(
        "random_below", state, exp.Literal.number(key), exp.Literal.number(limit), types=(INT64,), returns=returns
    )


def _turn(place: exp.Expression, count: int | None) -> exp.Expression:
    """Return the place in a round of ``count`` rows."""
    if count is None:
        return place
    if count == 1:
        return constant(0, INT64)
    return exp.Mod(this=place, expression=exp.Literal.number(count))


def _cycle(how: Cycle, kind: DataType, place: exp.Expression, _state: exp.Expression) -> exp.Expression:
    reach = 0 if how.count is None else how.step * (how.count - 1)
    is_wide = max(abs(how.first), abs(reach), abs(how.first + reach), abs(how.step)) > _LIMIT
    turn = constant(0, INT64) if how.count == 1 else _turn(place, how.count)
    return _unit_value(_linear(how.first, how.step, turn, wide=is_wide), kind)


def _draw(how: Draw, kind: DataType, _place: exp.Expression, state: exp.Expression) -> exp.Expression:
    reach = how.step * (how.count - 1)
    is_wide = how.count > 2**63 or max(abs(how.first), abs(reach), abs(how.first + reach)) > _LIMIT
    units = _linear(how.first, how.step, _below(state, how.key, how.count), wide=is_wide)
    if how.sign is not None:
        is_positive = exp.EQ(this=_below(state, how.sign, 2), expression=exp.Literal.number(0))
        units = exp.Case(ifs=[exp.If(this=is_positive, true=units)], default=exp.Neg(this=exp.Paren(this=units.copy())))
    return _unit_value(units, kind)


def _linear(first: int, step: int, times: exp.Expression, *, wide: bool) -> exp.Expression:
    """Return ``first + times * step``, computed in 64 bits or, where they are not enough, in 38 digits."""
    exact = _WIDE if wide else INT64
    value = cast(times, exact) if wide else times
    if step != 1:
        by = constant_of(step, exact)
        value = exp.Mul(this=exp.Paren(this=value) if isinstance(value, exp.Binary) else value, expression=by)
    return exp.Add(this=exp.Paren(this=value), expression=constant_of(first, exact)) if first else value


def _unit_value(units: exp.Expression, kind: DataType) -> exp.Expression:
    """Return the value of a type that so many units stand for."""
    if kind.kind == "boolean":
        return exp.NEQ(this=exp.Paren(this=units), expression=exp.Literal.number(0))
    if kind.is_integer:
        return cast(units, kind)
    return call(f"generated_{kind.kind}", units, types=(INT64,), returns=kind)


def _float_cycle(how: FloatCycle, kind: DataType, place: exp.Expression, _state: exp.Expression) -> exp.Expression:
    turn = cast(_turn(place, how.count), FLOAT64)
    value: exp.Expression = exp.Mul(this=turn, expression=constant(how.step, FLOAT64)) if how.step != 1 else turn
    if how.first:
        value = exp.Add(this=exp.Paren(this=value), expression=constant(how.first, FLOAT64))
    return value if kind == FLOAT64 else cast(value, kind)


def _float_draw(how: FloatDraw, kind: DataType, _place: exp.Expression, state: exp.Expression) -> exp.Expression:
    drawn = _below(state, how.key, 2**54 if how.signed else 2**53)
    if how.signed:
        drawn = exp.Sub(this=drawn, expression=constant(2**53, INT64))
    scale = constant(how.limit / 2**53, FLOAT64)
    value = exp.Mul(this=cast(drawn, FLOAT64), expression=scale)
    return value if kind == FLOAT64 else cast(value, kind)


def _values(how: Values, kind: DataType, place: exp.Expression, _state: exp.Expression) -> exp.Expression:
    constants = [constant_of(value, kind) for value in how.values]
    if len(constants) == 1:
        return constants[0]
    types = (INT64, *(kind for _ in constants))
    return call("pick", _turn(place, len(constants)), *constants, types=types, returns=kind)


def _rundate(_how: RunDate, kind: DataType, _place: exp.Expression, _state: exp.Expression) -> exp.Expression:
    if kind.kind == "date":
        return call("currentdate", returns=kind)
    if kind.kind == "time":
        return call("currenttime" if not kind.scale else "currenttimems", returns=kind)
    value = call("currenttimestamp" if not kind.scale else "currenttimestampms", returns=timestamp(kind.scale or 0))
    return cast(value, kind) if kind.zone else value


def _length(how: Text | Bytes, state: exp.Expression) -> exp.Expression:
    if how.key is None:
        return exp.Literal.number(how.length)
    return _below(state, how.key, how.length + 1)


def _text(how: Text, kind: DataType, place: exp.Expression, state: exp.Expression) -> exp.Expression:
    which = _turn(place, len(how.alphabet))
    return call("generated_text", exp.Literal.string(how.alphabet), which, _length(how, state), returns=kind)


def _bytes(how: Bytes, kind: DataType, place: exp.Expression, state: exp.Expression) -> exp.Expression:
    return call("generated_bytes", _turn(place, 256), _length(how, state), returns=kind)


_MAKERS: dict[type, Callable[[Any, DataType, exp.Expression, exp.Expression], exp.Expression]] = {
    Bytes: _bytes,
    Cycle: _cycle,
    Draw: _draw,
    FloatCycle: _float_cycle,
    FloatDraw: _float_draw,
    RunDate: _rundate,
    Text: _text,
    Values: _values,
}
