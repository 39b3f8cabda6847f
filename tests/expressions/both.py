"""Compute an expression in DuckDB and by the Python reference, and compare them row by row."""

from __future__ import annotations

import atexit
import math
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from riverstage.engines.duckdb.lowering import _arrow_type, lower, needed_udfs, register_udfs
from riverstage.expressions import nodes
from riverstage.expressions.elaborate import assign, elaborate
from riverstage.expressions.evaluate import Slot, evaluate
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.parser import parse
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.translate import assigned, convert, translate
from riverstage.expressions.translated import Translated
from riverstage.types import DataType

FAILED = "<failed>"

_connection = duckdb.connect(config={"threads": 1})
atexit.register(_connection.close)
_connection.execute("SET TimeZone = 'UTC'")
_registered: set[str] = set()


def in_duckdb(
    text: str,
    types: Mapping[str, DataType],
    rows: Sequence[Sequence[Any]] = ((),),
    *,
    target: DataType | None = None,
    nulls: Any = "propagate",
) -> list[Any]:
    """Return the value of an expression for each row, FAILED where it has failed.

    With a target it is converted in one go, as a Transformer does it, and in two, as other stages do it.
    """
    scope = Names({"L": {name: Bound(nodes.column(name), kind) for name, kind in types.items()}})
    translated = translate(text, scope, target=target, nulls=nulls)
    if target is not None:
        twice = _asked(convert(translated, target), types, rows)
        once = _asked(assigned(elaborate(parse(text), scope, target=target, nulls=nulls), target), types, rows)
        assert all(map(same, once, twice)), f"{text}: {once} in one go, {twice} in two"
        return once
    return _asked(translated, types, rows)


def _asked(translated: Translated, types: Mapping[str, DataType], rows: Sequence[Sequence[Any]]) -> list[Any]:
    fails = translated.fails_when if translated.fails_when is not None else nodes.literal(False)
    needed = (needed_udfs(translated.value) | needed_udfs(fails)) - _registered
    register_udfs(_connection, needed)
    _registered.update(needed)
    arrays = {
        name: pa.array([row[i] for row in rows], _arrow_type(kind)) for i, (name, kind) in enumerate(types.items())
    }
    given = pa.table({**arrays, "__row": pa.array(range(len(rows)), pa.int64())})  # noqa: F841 - read by name below
    sql = f"SELECT {lower(translated.value).sql('duckdb')}, {lower(fails).sql('duckdb')} FROM given ORDER BY __row"
    found = _connection.execute(sql).fetchall()
    assert None not in [failed for _, failed in found], "fails_when is never null"
    if not translated.nullable:
        assert None not in [value for value, _ in found], "a value that is not nullable"
    return [FAILED if failed else value for value, failed in found]


def in_python(
    text: str,
    types: Mapping[str, DataType],
    rows: Sequence[Sequence[Any]] = ((),),
    *,
    target: DataType | None = None,
    nulls: Any = "propagate",
) -> list[Any]:
    """Return the value of an expression for each row by the reference, FAILED where it has failed."""
    slots = {name: Slot("column", f"L.{name}") for name in types}
    scope = Names({"L": {name: Bound(slots[name], kind) for name, kind in types.items()}})
    tree = elaborate(parse(text), scope, target=target, nulls=nulls)
    if target is not None:
        tree = assign(tree, target)
    found = []
    for row in rows:
        try:
            found.append(evaluate(tree, {slots[name]: value for name, value in zip(types, row, strict=True)}))
        except ConversionFailed:
            found.append(FAILED)
    return found


def same(left: Any, right: Any) -> bool:
    """Return whether two values are the same, type and all; floats by their last digits."""
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return left == right or math.isclose(left, right, rel_tol=1e-12)
    return type(left) is type(right) and left == right


def check_both(
    text: str,
    types: Mapping[str, DataType],
    rows: Sequence[Sequence[Any]],
    *,
    target: DataType | None = None,
    nulls: Any = "propagate",
) -> None:
    """Raise where DuckDB and the reference disagree."""
    expected = in_python(text, types, rows, target=target, nulls=nulls)
    actual = in_duckdb(text, types, rows, target=target, nulls=nulls)
    for row, wanted, got in zip(rows, expected, actual, strict=True):
        assert same(wanted, got), f"{text} {row}: reference {wanted!r}, DuckDB {got!r}"
