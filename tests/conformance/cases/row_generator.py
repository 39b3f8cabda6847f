"""Row Generator: defaults of every type, counting, lists, random numbers, nulls, dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from riverstage.stages._generate_random import key_of, random_below, random_state
from tests.conformance.case import Case, Row, Rows


def _case(
    name: str, columns: str, rows: Sequence[Row], directives: Mapping[str, Mapping[str, Any]] | None = None, **more: Any
) -> Case:
    output = Rows(columns, rows, properties=directives or {})
    return Case(name, "Row Generator", {}, {"records": len(rows), **more}, {"out": output}, ordered=True)


def _one(name: str, kind: str, values: Sequence[Any], **directives: Any) -> Case:
    """Return a case of one column ``c``."""
    return _case(name, f"c {kind}", [(value,) for value in values], {"c": directives})


def _refused(name: str, code: str, columns: str, directives: Mapping[str, Mapping[str, Any]] | None = None) -> Case:
    return Case(
        name, "Row Generator", {}, {"records": 3}, {"out": Rows(columns, properties=directives or {})}, problems=[code]
    )


def _drawn(seed: str, limit: int, *, column: str = "c", rows: int = 6) -> list[int]:
    """Return the random numbers that a column must have, by the written rule."""
    key = key_of(seed, column, "value")
    return [random_below(random_state(place), key, limit) for place in range(rows)]


def _lengths(limit: int, rows: int, column: str = "c") -> list[int]:
    key = key_of("0", column, "length")
    return [random_below(random_state(place), key, limit + 1) for place in range(rows)]


_HALF = [random_below(random_state(place), key_of("3", "c", "nulls"), 1_000_000) < 500_000 for place in range(8)]
_DAY = dt.date(1960, 1, 1)
_AT = dt.datetime(1960, 1, 1)

CASES = [
    _case(
        "numbers count from 0 by default",
        "a int8, b int16, c int32 not null, d int64, e uint8, f uint16, g uint32, h uint64, i float32, j float64",
        [(n, n, n, n, n, n, n, n, float(n), float(n)) for n in range(3)],
    ),
    _case(
        "decimals, booleans, dates and times by default",
        "a decimal(5,2), b decimal(38,10), c boolean, d date, e time, f timestamp, g timestamp(6)",
        [
            ("0", "0", False, "1960-01-01", "00:00:00", "1960-01-01 00:00:00", "1960-01-01 00:00:00"),
            ("1", "1", True, "1960-01-02", "00:00:01", "1960-01-01 00:00:01", "1960-01-01 00:00:01"),
            ("2", "2", False, "1960-01-03", "00:00:02", "1960-01-01 00:00:02", "1960-01-01 00:00:02"),
        ],
    ),
    _case(
        "a timestamp with zone by default", "c timestamp with zone", [(f"1960-01-01 00:00:0{n}+00:00",) for n in (0, 1)]
    ),
    _one("fixed strings repeat one character", "fixed string(5)", ["aaaaa", "bbbbb", "ccccc"]),
    _one(
        "the alphabet goes on with digits and capitals, then starts again",
        "fixed string(1)",
        list("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZab"),
    ),
    _one(
        "strings up to a length have a random length",
        "string(4)",
        ["abcdef"[n] * length for n, length in enumerate(_lengths(4, 6))],
    ),
    _one("an alphabet", "fixed string(3)", ["aaa", "bbb", "ccc", "aaa"], alphabet="abc"),
    _one("an alphabet beyond ASCII", "fixed string(2)", ["ää", "日日", "😀😀", "ää"], alphabet="ä日😀"),
    _one("an alphabet with a quote", "fixed string(2)", ["''", "''"], alphabet="'"),
    _one("a list of values", "string(5)", ["Ann", "Bob", "Cy", "Ann"], cycle={"value": ["Ann", "Bob", "Cy"]}),
    _one("one value is a constant", "string(9)", ["it's", "it's"], cycle={"value": "it's"}),
    _one("a list of values fills fixed strings up", "fixed string(3)", ["a  ", "bcd"], cycle={"value": ["a", "bcd"]}),
    _one("a list of numbers", "decimal(5,2)", ["1.50", "-2", "1.50"], cycle={"value": ["1.5", -2]}),
    _one("a list of dates", "date", ["2024-02-29", "2024-01-01"], cycle={"value": ["2024-02-29", "2024-01-01"]}),
    _one("binary bytes count", "fixed binary(2)", [b"\x00\x00", b"\x01\x01", b"\x02\x02"]),
    _one("cycle with init, incr and limit", "int32", [1, 4, 7, 1, 4], cycle={"init": 1, "incr": 3, "limit": 9}),
    _one("cycle meets its limit", "int32", [0, 5, 10, 0], cycle={"incr": 5, "limit": 10}),
    _one("cycle wraps at the type's limit", "int8", [126, 127, 126, 127], cycle={"init": 126}),
    _one("cycle down", "int32", [3, 1, -1, 3], cycle={"init": 3, "incr": -2, "limit": -1}),
    _one("cycle down wraps at the type's least", "int8", [-127, -128, -127], cycle={"init": -127, "incr": -1}),
    _one("cycle by nothing is a constant", "int32", [7, 7, 7], cycle={"init": 7, "incr": 0}),
    _one("cycle beyond its limit is a constant", "int32", [9, 9], cycle={"init": 9, "limit": 5}),
    _one("cycle by part and partcount", "int32", [0, 1, 2], cycle={"init": "part", "incr": "partcount"}),
    _one(
        "cycle of a decimal",
        "decimal(4,2)",
        ["0.25", "0.5", "0.75", "0.25"],
        cycle={"init": "0.25", "incr": "0.25", "limit": "0.75"},
    ),
    _one(
        "cycle of a float", "float64", [-1.5, -1.0, -0.5, 0.0, -1.5], cycle={"init": "-1.5", "incr": "0.5", "limit": 0}
    ),
    _one(
        "cycle over the whole of 64 bits",
        "int64",
        [-(2**63), 0, -(2**63)],
        cycle={"init": str(-(2**63)), "incr": str(2**63)},
    ),
    _one(
        "cycle at the end of unsigned 64 bits",
        "uint64",
        [2**64 - 2, 2**64 - 1, 2**64 - 2],
        cycle={"init": str(2**64 - 2)},
    ),
    _one(
        "cycle of dates in days from the epoch",
        "date",
        ["2020-02-28", "2020-02-29", "2020-03-01", "2020-02-28"],
        epoch="2020-02-27",
        cycle={"init": 1, "limit": 3},
    ),
    _one(
        "cycle of dates said as dates",
        "date",
        ["2024-01-31", "2024-02-01", "2024-01-31"],
        cycle={"init": "2024-01-31", "limit": "2024-02-01"},
    ),
    _one("an epoch as a number", "date", ["2020-01-31", "2020-02-01"], epoch=20200131),
    _one(
        "cycle of times in seconds",
        "time",
        ["10:00:00", "10:00:30", "10:00:00"],
        cycle={"init": "10:00:00", "incr": 30, "limit": "10:00:59"},
    ),
    _one("times start again before midnight", "time", ["23:59:58", "23:59:59", "23:59:58"], cycle={"init": 86398}),
    _one("scale multiplies the increment", "time", ["00:00:00", "00:02:00", "00:04:00"], scale=60, cycle={"incr": 2}),
    _one("scale multiplies a timestamp's increment", "timestamp", [_AT, _AT + dt.timedelta(days=1)], scale=86400),
    _one("fractions of seconds", "timestamp(3)", [_AT, _AT + dt.timedelta(milliseconds=250)], cycle={"incr": "0.25"}),
    _one("a timestamp's epoch", "timestamp", ["2024-12-31 00:00:00", "2024-12-31 00:00:01"], epoch="2024-12-31"),
    _one("random numbers by the written rule", "int32", _drawn("5", 101), random={"limit": 100, "seed": "5"}),
    _one("random without a seed has seed 0", "int32", _drawn("0", 2**31), random=True),
    _one("another seed, other numbers", "int32", _drawn("6", 101), random={"limit": 100, "seed": 6}),
    _one("random signed", "int16", [n - 10 for n in _drawn("1", 21)], random={"limit": 10, "seed": 1, "signed": True}),
    _one("random over 62 bits", "int64", _drawn("0", 2**62), random={"limit": str(2**62 - 1)}),
    _one("random over 63 bits", "int64", _drawn("0", 2**63), random=True),
    _one("random over 64 bits", "int64", [n - (2**63 - 1) for n in _drawn("0", 2**64 - 1)], random={"signed": True}),
    _one("random over unsigned 64 bits", "uint64", _drawn("0", 2**64), random=True),
    _one(
        "random decimals have all digits of their scale",
        "decimal(7,2)",
        [Decimal(n).scaleb(-2) for n in _drawn("5", 10001)],
        random={"limit": 100, "seed": "5"},
    ),
    _one("random booleans", "boolean", [bool(n) for n in _drawn("0", 2, rows=8)], random=True),
    _one("random floats", "float64", [n * (2.0 / 2**53) for n in _drawn("9", 2**53)], random={"limit": 2, "seed": 9}),
    _one(
        "random floats signed",
        "float64",
        [(n - 2**53) * (2.0 / 2**53) for n in _drawn("9", 2**54)],
        random={"limit": 2, "seed": 9, "signed": True},
    ),
    _one(
        "random dates",
        "date",
        [_DAY + dt.timedelta(days=n) for n in _drawn("2", 366)],
        random={"limit": 365, "seed": 2},
    ),
    _one(
        "random times", "time", [(_AT + dt.timedelta(seconds=n)).time() for n in _drawn("2", 86400)], random={"seed": 2}
    ),
    _one(
        "random times by the minute",
        "time",
        [(_AT + dt.timedelta(minutes=n)).time() for n in _drawn("2", 1440)],
        random={"seed": 2},
        scale=60,
    ),
    _one(
        "random timestamps",
        "timestamp",
        [_AT + dt.timedelta(seconds=n) for n in _drawn("2", 101)],
        random={"limit": 100, "seed": 2},
    ),
    _case(
        "columns with one seed differ",
        "a int32, b int32",
        list(zip(_drawn("5", 1000, column="a"), _drawn("5", 1000, column="b"), strict=True)),
        {"a": {"random": {"limit": 999, "seed": 5}}, "b": {"random": {"limit": 999, "seed": 5}}},
    ),
    _one("nulls with their seed", "int32", [None if half else n for n, half in enumerate(_HALF)], nulls=50, nullseed=3),
    _one("nulls in per cent with its sign", "string(3)", [None, None], nulls="100%"),
    _one("no nulls", "int32", [0, 1], nulls=0),
    _one("invalid values are null", "date", [None, None], invalids=100),
    _one("zeros", "decimal(5,2)", ["0", "0"], zeros=100, cycle={"init": 3}),
    _one("zeros of floats under nulls", "float64", [None, None], zeros=100, nulls=100),
    _case(
        "names of columns may be anything",
        '__n int32, we"ird int32, größe int32, __state int32',
        [(0, 0, value, 0) for value in _drawn("0", 5, column="größe", rows=1)],
        {"größe": {"random": {"limit": 4}}},
    ),
    _case("no rows", "a int32, b string(3)", [], {"a": {"random": True}}),
    Case(
        "ten rows by default",
        "Row Generator",
        {},
        {},
        {"out": Rows("n int32", [(n,) for n in range(10)])},
        ordered=True,
    ),
    Case(
        "a parameter says how many rows",
        "Row Generator",
        {},
        {"records": "#howmany#"},
        {"out": Rows("n int32", [(0,), (1,)])},
        ordered=True,
        parameters={"howmany": "2"},
    ),
    Case(
        "without a schema", "Row Generator", {}, {"records": 3}, {"out": Rows("", schema=False)}, problems=["RS-4200"]
    ),
    Case(
        "rows below zero",
        "Row Generator",
        {},
        {"records": "#howmany#"},
        {"out": Rows("a int32")},
        parameters={"howmany": "-1"},
        problems=["RS-2103"],
    ),
    Case(
        "a schema file",
        "Row Generator",
        {},
        {"records": 1, "schemafile": "a.osh"},
        {"out": Rows("a int32")},
        fails="RS-4000",
    ),
    _refused("both kinds of generator", "RS-4202", "c int32", {"c": {"cycle": {"init": 1}, "random": {"seed": 1}}}),
    _refused("an unknown setting", "RS-4202", "c int32", {"c": {"cycle": {"initial": 1}}}),
    _refused("a number that does not fit", "RS-4202", "c int8", {"c": {"cycle": {"init": 200}}}),
    _refused("a number that is none", "RS-4202", "c int32", {"c": {"cycle": {"incr": "x"}}}),
    _refused("a fraction for a whole number", "RS-4202", "c int32", {"c": {"cycle": {"incr": "0.5"}}}),
    _refused("a fraction of a second without room", "RS-4202", "c time", {"c": {"cycle": {"incr": "0.5"}}}),
    _refused("a seed that is none", "RS-4202", "c int32", {"c": {"random": {"seed": "abc"}}}),
    _refused("signed without numbers below zero", "RS-4202", "c uint8", {"c": {"random": {"signed": True}}}),
    _refused("a value of another type", "RS-4202", "c int32", {"c": {"cycle": {"value": ["1", "x"]}}}),
    _refused("a value that is too long", "RS-4202", "c string(2)", {"c": {"cycle": {"value": ["abc"]}}}),
    _refused("random strings", "RS-4202", "c string(2)", {"c": {"random": {"seed": 1}}}),
    _refused("the run's date in a number", "RS-4202", "c int32", {"c": {"function": "rundate"}}),
    _refused("an epoch that is none", "RS-4202", "c date", {"c": {"epoch": "soon"}}),
    _refused("a percentage that is none", "RS-4202", "c int32", {"c": {"nulls": 101}}),
    _refused("nulls where none may be", "RS-4203", "c int32 not null", {"c": {"nulls": 10}}),
    _refused("invalid values where no null may be", "RS-4203", "c date not null", {"c": {"invalids": 10}}),
]
