"""Rows of values for functions, and what DuckDB and the Python reference make of them."""

import math
from datetime import date, datetime, time
from decimal import Context, Decimal

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from riverstage.expressions import nodes
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.meaning import convert_value
from riverstage.types import (
    DATE,
    FLOAT32,
    FLOAT64,
    INT8,
    INT32,
    INT64,
    STRING,
    UINT64,
    decimal,
)
from riverstage.types import time as time_type
from riverstage.types import timestamp as timestamp_type

_connection = duckdb.connect(config={"threads": 1})
_ARROW = {
    "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(), "uint64": pa.uint64(),
    "float32": pa.float32(), "float64": pa.float64(), "string": pa.string(), "date": pa.date32(),
    "time": pa.time64("us"), "timestamp": pa.timestamp("us"),
}  # fmt: skip

DATES = st.one_of(st.dates(), st.sampled_from([date.min, date.max, date(1899, 12, 31), date(2000, 2, 29),
                                               date(1900, 2, 28), date(1969, 12, 31), date(2024, 12, 31)]))  # fmt: skip
TIMES = st.one_of(st.times(), st.sampled_from([time.min, time.max, time(12), time(0, 30), time(23, 59, 59, 999999)]))
TIMESTAMPS = st.builds(datetime.combine, DATES, TIMES)
_SMALL = st.integers(-400, 400)
_FLOATS = st.one_of(
    st.floats(-1000, 1000),
    st.floats(),
    st.sampled_from(
        [0.0, -0.0, 0.5, 1.5, 2.5, -0.5, 1e308, -1e308, 709.782712893384, 710.5, 2.0**63, -(2.0**63), 1e12]
    ),
)


def integers(bits, signed=True):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    near = _SMALL.filter(lambda value: low <= value <= high)
    return st.one_of(near, st.integers(low, high), st.sampled_from([low, high, low + 1]))


def decimals(precision, scale):
    largest = 10**precision - 1
    whole = st.one_of(
        st.integers(-largest, largest), st.integers(-min(10**scale * 3, largest), min(10**scale * 3, largest))
    )
    return whole.map(lambda digits: Decimal(digits).scaleb(-scale, Context(prec=60)))


NUMBERS = {
    "int8": (INT8, integers(8)),
    "int32": (INT32, integers(32)),
    "int64": (INT64, integers(64)),
    "uint64": (UINT64, integers(64, signed=False)),
    "decimal(4,1)": (decimal(4, 1), decimals(4, 1)),
    "decimal(10,2)": (decimal(10, 2), decimals(10, 2)),
    "decimal(38,10)": (decimal(38, 10), decimals(38, 10)),
    "decimal(18,0)": (decimal(18, 0), decimals(18, 0)),
    "float64": (FLOAT64, _FLOATS),
    "float32": (FLOAT32, st.floats(width=32)),
}
_TEXTS = st.one_of(
    st.sampled_from(["Sunday", "mon", " TUE ", "wednesday", "Thu", "fri", "x", "", "1", "-1.5e3", ".5", "1.", " 12 "]),
    st.text(max_size=6),
)
ACCEPTED = {
    "integer": {name: NUMBERS[name] for name in ("int8", "int32", "int64")},
    "number": NUMBERS,
    "float": {"float64": NUMBERS["float64"]},
    "decimal": {name: kind for name, kind in NUMBERS.items() if name.startswith("decimal")},
    "date": {"date": (DATE, DATES)},
    "time": {"time": (time_type(6), TIMES)},
    "timestamp": {"timestamp": (timestamp_type(6), TIMESTAMPS)},
    "string": {"string": (STRING, _TEXTS)},
}


def arrow_type(kind):
    return pa.decimal128(kind.precision, kind.scale or 0) if kind.kind == "decimal" else _ARROW[kind.kind]


def in_python(function, row, returns):
    """Return what the reference makes of a row, None where it fails."""
    if function.nulls == "propagate" and None in row:
        return None
    more = {"returns": returns} if function.targeted else {}
    try:
        result = function.python(*row, **more)
        return None if result is None else convert_value(result, _natural(result, returns), returns)
    except ConversionFailed:
        return None


def _natural(result, returns):
    if isinstance(result, Decimal):
        return decimal(38, max(-result.as_tuple().exponent, 0))
    return returns


def in_duckdb(lower, rows, types, returns, constants=()):
    """Return what DuckDB makes of rows; ``constants`` are the trees of the arguments behind the columns."""
    columns = [nodes.column(f"c{index}") for index in range(len(types) - len(constants))]
    tree = lower([*columns, *constants], tuple(types), returns)
    assert tree is not None
    names = [f"c{index}" for index in range(len(columns))] or ["c"]
    data = [pa.array([row[index] for row in rows], arrow_type(types[index])) for index in range(len(columns))]
    table = pa.table(data or [pa.array([0] * len(rows))], names=names)
    _connection.register("given", table)
    return _connection.sql(f"SELECT {tree.sql('duckdb')} AS r FROM given").to_arrow_table().column(0).to_pylist()


def same(left, right):
    """Return whether two results are the same; floats up to the last digits of a C library."""
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return math.isclose(left, right, rel_tol=1e-13, abs_tol=1e-300)
    return left == right and type(left) is type(right)
