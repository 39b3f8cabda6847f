"""Modify: keeping, dropping, renaming, and every conversion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tests.conformance.case import Case, Row, Rows

_IN = {"in": Rows("a int32 not null, b string(8), c date", [(1, "x", "2024-02-29"), (2, None, None)])}


def _specs(*texts: str) -> dict[str, Any]:
    return {"modifyspec_properties": [{"modifyspec": text, "specsuffix": ";"} for text in texts]}


def _case(name: str, columns: str, rows: Sequence[Row], *specs: str) -> Case:
    """Return a case whose output has no schema of its own, so that it carries what the specifications make."""
    return Case(name, "Modify", _IN, _specs(*specs), {"out": Rows(columns, rows, schema=False)}, ordered=True)


def _one(spec: str, given: str, value: Any, kind: str, wanted: Any) -> Case:
    """Return a case of one conversion of a column ``v`` to a column ``w``, with a null beside the value."""
    name = f"{spec} of {value!r}"
    return Case(
        name,
        "Modify",
        {"in": Rows(f"v {given}", [(value,), (None,)])},
        _specs(f"KEEP w; w = {spec}"),
        {"out": Rows(f"w {kind}", [(wanted,), (None,)], schema=False)},
        ordered=True,
    )


def _wrong(name: str, code: str, *specs: str) -> Case:
    return Case(name, "Modify", _IN, _specs(*specs), {"out": Rows("", schema=False)}, problems=[code])


def _fails(name: str, *specs: str, given: str = "v string(10)", value: Any = "x") -> Case:
    return Case(
        name,
        "Modify",
        {"in": Rows(given, [(value,)])},
        _specs(*specs),
        {"out": Rows("", schema=False)},
        fails="RS-6201",
    )


_TEN = dt.time(10, 11, 12)
_AT = dt.datetime(2024, 2, 29, 10, 11, 12)

CASES = [
    _case("KEEP", "a int32, c date", [(1, "2024-02-29"), (2, None)], "KEEP c, a"),
    _case("DROP", "b string(8)", [("x",), (None,)], "drop a,c"),
    _case("KEEP twice", "a int32, b string(8)", [(1, "x"), (2, None)], "KEEP a", "KEEP b"),
    _case(
        "a rename stands where the old name stood",
        "z int32, b string(8), c date",
        [(1, "x", "2024-02-29"), (2, None, None)],
        "z = a",
    ),
    _case(
        "two columns are exchanged",
        "a string(8), b int32, c date",
        [("x", 1, "2024-02-29"), (None, 2, None)],
        "a = b",
        "b = a",
    ),
    _case(
        "a column under two names",
        "y int32, z int32, b string(8), c date",
        [(1, 1, "x", "2024-02-29"), (2, 2, None, None)],
        "y = a; z = a",
    ),
    _case("a rename and the old name kept", "z int32, a int32", [(1, 1), (2, 2)], "z = a", "KEEP a"),
    _case(
        "a dropped column can be read",
        "w int32, b string(8), c date",
        [(1, "x", "2024-02-29"), (2, None, None)],
        "DROP a; w = a",
    ),
    _case(
        "another type in place",
        "a int64, b string(8), c date",
        [(1, "x", "2024-02-29"), (2, None, None)],
        "a:int64 = a",
    ),
    _case(
        "a conversion stands at the end, its column stays",
        "a int32, b string(8), c date, m int8",
        [(1, "x", "2024-02-29", 2), (2, None, None, None)],
        "m = month_from_date(c)",
    ),
    _case(
        "a conversion in place",
        "a int32, b string(8), c int16",
        [(1, "x", 2024), (2, None, None)],
        "c = year_from_date(c)",
    ),
    _case(
        "a conversion to a type that is said",
        "c string",
        [("29.02.24",), (None,)],
        "KEEP c; c:string = string_from_date[%dd.%mm.%yy](c)",
    ),
    _case("blanks, line ends and empty specifications", "a int32", [(1,), (2,)], " KEEP\n a ;; ", ";"),
    _case(
        "null and notnull say 1 or 0",
        "a int32, n int8, m int8",
        [(1, 0, 1), (2, 1, 0)],
        "KEEP a; n = null(b); m = notnull(b)",
    ),
    _case(
        "null() makes nulls of a type",
        "a int32, b string(8), n decimal(5,1)",
        [(1, None, None), (2, None, None)],
        "KEEP a; n:decimal[5,1] = null(); b = null()",
    ),
    _case(
        "handle_null",
        "x int64, b string(8), c date",
        [(1, "x", "2024-02-29"), (2, "none", "1900-01-01")],
        "KEEP b; b = handle_null(b, 'none'); c = handle_null(c, '1900-01-01'); x:int64 = a",
    ),
    _case(
        "handle_null with a text that is longer than the column",
        "b string(9)",
        [("x",), ("not known",)],
        "KEEP b; b = handle_null(b, 'not known')",
    ),
    _case(
        "handle_null with an apostrophe and a bare word",
        "b string(8), d string(8)",
        [("x", "x"), ("it's", "none")],
        "KEEP b; b = handle_null(b, 'it''s'); d = handle_null(b, none)",
    ),
    _case(
        "make_null",
        "a int32, b string(8)",
        [(None, None), (2, None)],
        "DROP c; a = make_null(a, 1); b = make_null(b, 'x')",
    ),
    _case(
        "not_nullable holds where no null is",
        "a int8, b string",
        [(1, "x"), (2, "")],
        "KEEP a; a:not_nullable int8 = a; b:not_nullable string = handle_null(b, '')",
    ),
    Case(
        "the output's schema chooses and converts",
        "Modify",
        _IN,
        _specs("z = a"),
        {"out": Rows("c string(7), z int64", [("2024-02", 1), (None, 2)])},
        ordered=True,
    ),
    Case(
        "the output's schema says the type of null() and of decimals",
        "Modify",
        {"in": Rows("v string(10)", [("1.255",), (None,)])},
        _specs("n = null(); v = decimal_from_string(v)"),
        {"out": Rows("n time, v decimal(6,3)", [(None, "1.255"), (None, None)])},
        ordered=True,
    ),
    Case(
        "names that are no words stand in double quotes",
        "Modify",
        {"in": Rows("a-b int32, KEEP int32", [(1, 2)])},
        _specs('"x.y" = "a-b"; "KEEP" = "KEEP"'),
        {"out": Rows("x.y int32, KEEP int32", [(1, 2)], schema=False)},
        ordered=True,
    ),
    Case(
        "a parameter in a specification",
        "Modify",
        _IN,
        _specs("KEEP #column#"),
        {"out": Rows("a int32", [(1,), (2,)], schema=False)},
        parameters={"column": "a"},
        ordered=True,
    ),
    Case("no rows", "Modify", {"in": Rows("a int32")}, _specs("b:int8 = a"), {"out": Rows("b int8", schema=False)}),
    _one("date_from_days_since['1958-08-18'](v)", "int32", 800, "date", "1960-10-26"),
    _one("date_from_julian_day(v)", "int32", 2460370, "date", "2024-02-29"),
    _one("date_from_string(v)", "string(10)", "2024-02-29", "date", "2024-02-29"),
    _one("date_from_string[%dd/%mm/%yyyy](v)", "string(10)", "29/02/2024", "date", "2024-02-29"),
    _one('date_from_string["%mm, %dd, %yyyy"](v)', "string(12)", "02, 29, 2024", "date", "2024-02-29"),
    _one("date_from_ustring[%yyyy%mm%dd](v)", "string(10)", "20240229", "date", "2024-02-29"),
    _one("date_from_timestamp (v)", "timestamp", _AT, "date", "2024-02-29"),
    _one("days_since_from_date['2024-01-01'](v)", "date", "2024-02-29", "int32", 59),
    _one("decimal_from_decimal[ceil](v)", "decimal(5,2)", "1.21", "decimal(38,10)", "1.21"),
    _one("decimal_from_dfloat(v)", "float64", 1.5, "decimal(38,10)", "1.5"),
    _one("decimal_from_string(v)", "string(8)", "-2.25", "decimal(38,10)", "-2.25"),
    _one("dfloat_from_decimal(v)", "decimal(5,2)", "1.25", "float64", 1.25),
    _one("dfloat_from_decimal[fix_zero](v)", "decimal(5,2)", "0", "float64", 0.0),
    _one("dfloat_from_string(v)", "string(8)", "1e3", "float64", 1000.0),
    _one("hours_from_time(v)", "time", _TEN, "int8", 10),
    _one("int32_from_decimal(v)", "decimal(5,2)", "-1.75", "int32", -1),
    _one("int32_from_decimal[floor, fix_zero](v)", "decimal(5,2)", "-1.25", "int32", -2),
    _one("int64_from_decimal[ceil](v)", "decimal(12,2)", "9999999999.01", "int64", 10_000_000_000),
    _one("int64_from_decimal(v)", "decimal(12,2)", "9999999999.99", "int64", 9_999_999_999),
    _one("uint64_from_decimal[round_inf](v)", "decimal(5,1)", "2.5", "uint64", 3),
    _one("julian_day_from_date(v)", "date", "2024-02-29", "int32", 2460370),
    _one("lowercase_string(v)", "string(4)", "ÄbC", "string(4)", "äbc"),
    _one("uppercase_string(v)", "string(4)", "äbC", "string(4)", "ÄBC"),
    _one("microseconds_from_time(v)", "time(6)", dt.time(1, 2, 3, 45), "int32", 45),
    _one("midnight_seconds_from_time(v)", "time", _TEN, "float64", 36672.0),
    _one("minutes_from_time(v)", "time", _TEN, "int8", 11),
    _one("month_day_from_date(v)", "date", "2024-02-29", "int8", 29),
    _one("month_from_date(v)", "date", "2024-02-29", "int8", 2),
    _one("next_weekday_from_date[monday](v)", "date", "2024-02-29", "date", "2024-03-04"),
    _one("nth_weekday_from_date[mon, 2](v)", "date", "2024-02-29", "date", "2024-03-11"),
    _one("previous_weekday_from_date[mon](v)", "date", "2024-02-29", "date", "2024-02-26"),
    _one("raw_from_string(v)", "string(4)", "ä", "binary", "ä".encode()),
    _one("raw_length(v)", "binary(4)", b"\x00\x01", "int32", 2),
    _one("seconds_from_time(v)", "time", _TEN, "float64", 12.0),
    _one("seconds_since_from_timestamp['2024-02-29 10:11:02'](v)", "timestamp", _AT, "float64", 10.0),
    _one("string_from_date(v)", "date", "2024-02-29", "string", "2024-02-29"),
    _one("string_from_decimal(v)", "decimal(5,2)", "1.5", "string", "001.50"),
    _one("string_from_decimal[fix_zero][suppress_zero](v)", "decimal(5,2)", "1.5", "string", "1.5"),
    _one("string_from_raw(v)", "binary(4)", "ä".encode(), "string", "ä"),
    _one("string_from_time[%hh.%nn](v)", "time", _TEN, "string", "10.11"),
    _one("string_from_timestamp[%dd.%mm.%yyyy %hh:%nn](v)", "timestamp", _AT, "string", "29.02.2024 10:11"),
    _one("ustring_from_string(v)", "string(4)", "ä", "string(4)", "ä"),
    _one("string_length(v)", "string(4)", "äöü", "int32", 3),
    _one("string_trim(v)", "string(6)", " a \0 ", "string(6)", " a"),
    _one("string_trim[NULL, begin](v)", "string(6)", " \0a ", "string(6)", "a "),
    _one("string_trim['Z'](v)", "string(6)", "ZaZZ", "string(6)", "Za"),
    _one("string_trim[Z, begin](v)", "string(6)", "ZZaZ", "string(6)", "aZ"),
    _one("string_trim[' '](v)", "string(6)", " a  ", "string(6)", " a"),
    _one("substring[0,2](v)", "string(6)", "äöüß", "string(6)", "äö"),
    _one("substring[2,9](v)", "string(6)", "äöüß", "string(6)", "üß"),
    _one("substring[9,2](v)", "string(6)", "äöüß", "string(6)", ""),
    _one("u_substring[1,1](v)", "string(6)", "äöüß", "string(6)", "ö"),
    _one("time_from_midnight_seconds(v)", "float64", 36672.0, "time(6)", _TEN),
    _one("time_from_string[%hh:%nn](v)", "string(5)", "10:11", "time(6)", dt.time(10, 11)),
    _one("time_from_timestamp(v)", "timestamp", _AT, "time", _TEN),
    _one("timestamp_from_date(v)", "date", "2024-02-29", "timestamp", "2024-02-29 00:00:00"),
    _one("timestamp_from_date['10:11:12'](v)", "date", "2024-02-29", "timestamp", _AT),
    _one("timestamp_from_seconds_since['2024-02-29 10:11:02'](v)", "float64", 10.0, "timestamp(6)", _AT),
    _one(
        "timestamp_from_string[%dd/%mm/%yyyy %hh:%nn:%ss](v)", "string(19)", "29/02/2024 10:11:12", "timestamp(6)", _AT
    ),
    _one("timestamp_from_time['2024-02-29'](v)", "time", _TEN, "timestamp", _AT),
    _one("timestamp_from_timet(v)", "int64", 1709201472, "timestamp", _AT),
    _one("timet_from_timestamp(v)", "timestamp", _AT, "int64", 1709201472),
    _one("weekday_from_date(v)", "date", "2024-02-29", "int8", 4),
    _one("weekday_from_date[mon](v)", "date", "2024-02-29", "int8", 3),
    _one("year_day_from_date(v)", "date", "2024-02-29", "int16", 60),
    _one("year_from_date(v)", "date", "2024-02-29", "int16", 2024),
    _one("year_week_from_date(v)", "date", "2024-02-29", "int16", 8),
    Case(
        "string_trim to a fixed length, at either end",
        "Modify",
        {"in": Rows("v string(6)", [("abZZ",), ("abcdefZ"[:6],), (None,)])},
        _specs("KEEP x; x:string[4] = string_trim['Z',end,begin](v); y:string[4] = string_trim['Z',end,end](v)"),
        {
            "out": Rows(
                "x fixed string(4), y fixed string(4)", [("ab  ", "  ab"), ("abcd", "abcd"), (None, None)], schema=False
            )
        },
        ordered=True,
    ),
    _fails("a text that is no date", "v:date = date_from_string(v)"),
    _fails("a number that does not fit", "v:int8 = v", given="v int32", value=200),
    _fails("a null for a column that cannot be null", "v:not_nullable int32 = v", given="v int32", value=None),
    _fails("a text that is no number", "v:decimal[5,2] = decimal_from_string(v)"),
    _wrong("no specification", "RS-4500"),
    _wrong("KEEP and DROP", "RS-4501", "KEEP a", "DROP b"),
    _wrong("a column that there is not", "RS-4502", "z = q"),
    _wrong("a dropped column that there is not", "RS-4502", "DROP q"),
    _wrong("a column made twice", "RS-4503", "z = a", "z = b"),
    _wrong("nothing is left", "RS-4504", "DROP a, b, c"),
    _wrong("no sentence", "RS-3001", "a ="),
    _wrong("text behind the end", "RS-3001", "z = a b"),
    _wrong("a quote that is not closed", "RS-3001", "z = handle_null(b, 'x)"),
    _wrong("a bracket that is not closed", "RS-3001", "z = date_from_string[%dd(b)"),
    _wrong("an unknown conversion", "RS-3002", "z = date_from_text(b)"),
    _wrong("a table that is not there", "RS-3006", "z = lookup_int16_from_string[t](b)"),
    _wrong("too many options", "RS-3003", "z = year_from_date[x](c)"),
    _wrong("too few options", "RS-3003", "z = days_since_from_date(c)"),
    _wrong("a value too many", "RS-3003", "z = year_from_date(c, 1)"),
    _wrong("no value", "RS-3003", "z = handle_null(b)"),
    _wrong("no column", "RS-3003", "z = year_from_date()"),
    _wrong("a place below the first", "RS-3003", "z = substring[-1,2](b)"),
    _wrong("a rounding that there is not", "RS-3003", "z = int32_from_decimal[up](a)"),
    _wrong("a day that there is not", "RS-3003", "z = weekday_from_date[someday](c)"),
    _wrong("a broken format", "RS-3061", "z = string_from_date[%q](c)"),
    _wrong("an unknown type", "RS-3005", "z:int = a"),
    _wrong("a value of another type", "RS-3005", "z = handle_null(a, 'x')"),
    _wrong("a type that it cannot become", "RS-3005", "z:date = a"),
    _wrong("null() without a type", "RS-3005", "z = null()"),
]
