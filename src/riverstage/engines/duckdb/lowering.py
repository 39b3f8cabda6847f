"""Our own nodes in SQL trees as DuckDB's: by a table, a method, or the Python reference as a function of DuckDB's.

Functions that have no SQL here run their reference a batch at a time. Their name in SQL says all that is needed to
register one on a connection: the function, its arguments' types and its result's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from inspect import Parameter, Signature
from pkgutil import iter_modules
from secrets import token_hex
from typing import Any, get_args

from sqlglot import exp

from riverstage._arrow import arrow_type
from riverstage.engines.duckdb.functions._sql import Lowering, let
from riverstage.engines.duckdb.functions._sql_types import type_name
from riverstage.errors import EngineError, ExpressionError
from riverstage.expressions import functions as language
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.functions._patterns import matches
from riverstage.expressions.meaning import arithmetic, convert_value, exact_digits
from riverstage.expressions.nodes import called, copied, signature
from riverstage.types import INT32, DataType, Kind

__all__ = ["Reading", "Written", "lower", "needed_udfs", "register_udfs", "written"]

_PYTHON = "py_rs__"
_STARTED = "py_rs_started"
_KINDS = frozenset(get_args(Kind))
_ARITHMETIC = {"decimal_add": "+", "decimal_subtract": "-", "decimal_multiply": "*"}
# What stands for a link in a text until it is put together; nobody can write it.
_MARK = f"link {token_hex(16)} "
_MARKED = re.compile(f'"{_MARK}([0-9]+)"')
_PARTIAL = frozenset(
    {*_ARITHMETIC, "stringtodecimal", "dfloattodecimal", "dfloattostringnoexp", "numtostr", "numtostrfixed"}
)
"""Nodes whose SQL gives null for some values that have a result: where it does, the reference is asked."""


@cache
def _table() -> Mapping[str, Lowering]:
    """Return how each node is lowered, from every module of the folder."""
    package = import_module("riverstage.engines.duckdb.functions")
    found: dict[str, Lowering] = {}
    for module in iter_modules(package.__path__):
        if not module.name.startswith("_"):
            found.update(import_module(f"{package.__name__}.{module.name}").LOWER)
    return found


def lower(tree: exp.Expression) -> exp.Expression:
    """Return a SQL tree as DuckDB runs it; one without nodes of ours is returned as it is.

    Raises:
        EngineError: If DuckDB has no counterpart for a node.
    """
    if not any(called(node) is not None for node in tree.find_all(exp.Anonymous)):
        return tree
    root = exp.Paren(this=copied(tree))
    while ours := [node for node in root.find_all(exp.Anonymous) if called(node) is not None]:
        for node in reversed(ours):  # breadth first: what stands below comes later
            if called(node) == "series":
                _lower_series(node)
            elif called(node) == "row_place":
                node.replace(exp.Window(this=exp.RowNumber()))
            elif called(node) == "run_started":
                node.set("this", _STARTED)
            else:
                node.replace(_lowered(node))
    lowered: exp.Expression = root.this
    lowered.pop()
    return lowered


def _lower_series(node: exp.Anonymous) -> None:
    node.set("this", "range")
    alias = node.parent.args.get("alias") if isinstance(node.parent, exp.Table) else None
    if not isinstance(alias, exp.TableAlias):
        raise EngineError("A series of numbers stands where a table is needed.", code="RS-6010")
    alias.set("columns", [exp.Identifier(this="__n", quoted=True)])


def _lowered(node: exp.Anonymous) -> exp.Expression:
    name = called(node) or ""
    arguments: list[exp.Expression] = list(node.expressions)
    types, returns = signature(node)
    way = _table().get(name)
    result = way(arguments, types, returns) if way is not None else None
    if result is not None and not _is_partial(name, types):
        return _bracketed(result)
    if result is None or way is None:
        return _python_call(name, arguments, types, returns)
    return _partial(name, way, arguments, types, returns)


def _is_partial(name: str, types: tuple[DataType, ...]) -> bool:
    if name in _ARITHMETIC:
        return exact_digits(_ARITHMETIC[name], *types) > 38
    return name in _PARTIAL


def _partial(
    name: str,
    way: Lowering,
    arguments: list[exp.Expression],
    types: tuple[DataType, ...],
    returns: DataType | None,
) -> exp.Expression:
    """Return the SQL of a node and the reference behind it, each argument computed once."""

    def behind(values: list[exp.Expression]) -> exp.Expression:
        if len(values) < len(arguments):
            return let(arguments[len(values)], lambda value: behind([*values, value]))
        result = way(list(values), types, returns)
        reference = _python_call(name, values, types, returns)
        return reference if result is None else exp.Coalesce(this=result, expressions=[reference])

    return behind([])


def _bracketed(tree: exp.Expression) -> exp.Expression:
    if isinstance(tree, exp.Binary | exp.Unary | exp.Between) and not isinstance(tree, exp.Paren | exp.Dot):
        return exp.Paren(this=tree)
    return tree


def _python_call(
    name: str, arguments: list[exp.Expression], types: tuple[DataType, ...], returns: DataType | None
) -> exp.Expression:
    if returns is None or len(types) != len(arguments) or not _exists(name):
        raise EngineError(f"DuckDB has no counterpart for '{name}'.", code="RS-6010")
    said = "__".join([name, *(_spelled(each) for each in types), _spelled(returns)])
    values = [exp.Cast(this=value.copy(), to=_as_sql(each)) for value, each in zip(arguments, types, strict=True)]
    return exp.Anonymous(this=_PYTHON + said, expressions=values)


def _as_sql(type: DataType) -> exp.DataType:
    return exp.DataType.build(type_name(type), dialect="duckdb")


def _exists(name: str) -> bool:
    if name in _ARITHMETIC or name in ("matches", "convert_value"):
        return True
    try:
        language.find(name)
    except ExpressionError:
        return False
    return True


def _spelled(type: DataType) -> str:
    """Return a type as part of a name: its kind and what changes a value of it."""
    if type.kind == "decimal":
        return f"decimal_{type.precision or 38}_{type.scale or 0}"
    if type.kind in ("time", "timestamp"):
        return f"{type.kind}_{type.scale or 0}{'_zone' if type.zone else ''}"
    return type.kind if type.length is None else f"{type.kind}_{type.length}"


def _read(spelled: str) -> DataType:
    kind, *rest = spelled.split("_")
    if kind not in _KINDS:
        raise EngineError(f"'{spelled}' is no type.", code="RS-6010")
    if kind == "decimal":
        return DataType("decimal", precision=int(rest[0]), scale=int(rest[1]))
    if kind in ("time", "timestamp"):
        return DataType(kind, scale=int(rest[0]), zone=rest[-1] == "zone")  # type: ignore[arg-type]
    return DataType(kind, length=int(rest[0]) if rest else None)  # type: ignore[arg-type]


def needed_udfs(tree: exp.Expression) -> set[str]:
    """Return the names, in lowered SQL, of the functions that run as Python; they are what a connection must have."""
    return _needed(lower(tree))


def _needed(lowered: exp.Expression) -> set[str]:
    found = set()
    for node in lowered.find_all(exp.Anonymous):
        if isinstance(node.this, str) and (node.this.startswith(_PYTHON) or node.this == _STARTED):
            found.add(node.this)
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """The place in a query where it reads a link.

    Args:
        link: The link's key.
        is_bare: Whether its columns are known there under the link's own name; else another name follows.
    """

    link: str
    is_bare: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """A SQL tree as text for DuckDB.

    Args:
        parts: The text, cut where it reads a link.
        functions: The functions in it that run as Python.
    """

    parts: tuple[str | Reading, ...]
    functions: frozenset[str]

    @property
    def sql(self) -> str:
        """The text of a tree that reads no link."""
        return "".join(part for part in self.parts if isinstance(part, str))


def written(tree: exp.Expression, links: Iterable[str] = ()) -> Written:
    """Return a SQL tree as text that DuckDB runs.

    Args:
        tree: The tree.
        links: Keys of the links that it reads.

    Raises:
        EngineError: If DuckDB has no counterpart for a node.
    """
    lowered = lower(tree)
    keys = set(links)
    if keys and lowered is tree:
        lowered = copied(tree)
    readings: list[Reading] = []
    for table in lowered.find_all(exp.Table) if keys else ():
        if isinstance(table.this, exp.Identifier) and table.this.this in keys:
            readings.append(Reading(table.this.this, is_bare=not table.args.get("alias")))
            table.this.set("this", f"{_MARK}{len(readings) - 1}")
    pieces = _MARKED.split(lowered.sql("duckdb", copy=False))
    parts = [piece if index % 2 == 0 else readings[int(piece)] for index, piece in enumerate(pieces)]
    return Written(tuple(part for part in parts if part != ""), frozenset(_needed(lowered)))


def register_udfs(connection: Any, names: Iterable[str], facts: Mapping[str, Any] | None = None) -> None:
    """Make functions that run as Python known to a connection.

    Args:
        connection: A DuckDB connection.
        names: Names that ``needed_udfs`` gave.
        facts: What is known of the run; ``DSJobStartTimestamp`` is the moment that the clock functions give.
    """
    from duckdb import sqltypes

    for name in sorted(set(names)):
        if name == _STARTED:
            _register_start(connection, (facts or {}).get("DSJobStartTimestamp"))
            continue
        function, *spelled = name.removeprefix(_PYTHON).split("__")
        *types, returns = [_read(each) for each in spelled]
        connection.create_function(
            name.lower(),
            _by_batch(_by_row(function, tuple(types), returns), returns, arguments=len(types)),
            [sqltypes.DuckDBPyType(type_name(each)) for each in types],
            sqltypes.DuckDBPyType(type_name(returns)),
            type="arrow" if types else "native",
            null_handling="special",
            side_effects=not _is_deterministic(function),
        )


def _register_start(connection: Any, moment: object) -> None:
    if not isinstance(moment, datetime):
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) and moment else datetime.now()
    said = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    connection.execute(f"CREATE OR REPLACE MACRO {_STARTED}() AS CAST('{said}' AS TIMESTAMP)")


def _is_deterministic(name: str) -> bool:
    if name in _ARITHMETIC or name in ("matches", "convert_value"):
        return True
    return language.find(name).deterministic


def _by_row(name: str, types: tuple[DataType, ...], returns: DataType) -> Callable[..., object]:
    """Return a node's meaning on Python scalars: null for null and for what fails."""
    if name in _ARITHMETIC:
        operator = _ARITHMETIC[name]
        return _null_safe(lambda left, right: arithmetic(operator, left, right, returns))
    if name == "matches":
        return _null_safe(matches)
    if name == "convert_value":
        return _null_safe(lambda value: convert_value(value, types[0], returns))
    function = language.find(name)
    python = function.python
    if function.targeted:

        def python(*arguments: Any) -> object:
            return function.python(*arguments, returns=returns)

    return _null_safe(python) if function.nulls == "propagate" else _guarded(python)


def _guarded(python: Callable[..., object]) -> Callable[..., object]:
    def run(*arguments: object) -> object:
        try:
            return python(*arguments)
        except ConversionFailed:
            return None

    return run


def _null_safe(python: Callable[..., object]) -> Callable[..., object]:
    def run(*arguments: object) -> object:
        if None in arguments:
            return None
        try:
            return python(*arguments)
        except ConversionFailed:
            return None

    return run


def _by_batch(run: Callable[..., object], returns: DataType, *, arguments: int) -> Callable[..., object]:
    """Return a function on Arrow columns."""
    if not arguments:
        return run
    import pyarrow as pa

    kind = _arrow_type(returns)

    def batch(*columns: Any) -> Any:
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pa.array([run(*row) for row in rows], type=kind)

    # DuckDB counts parameters by the signature.
    parameters = [Parameter(f"argument{index}", Parameter.POSITIONAL_ONLY) for index in range(arguments)]
    batch.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return batch


def _arrow_type(type: DataType) -> Any:
    """Return the Arrow type of a function's result; DuckDB has no column of nothing but nulls."""
    return arrow_type(INT32 if type.kind == "null" else type)
