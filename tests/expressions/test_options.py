"""Constant arguments that can never be right are found before a row is read, at their place."""

from __future__ import annotations

import pytest

from riverstage import BatchFlow
from riverstage.errors import ExpressionError
from riverstage.expressions.elaborate import elaborate
from riverstage.expressions.parser import parse
from riverstage.expressions.scope import Bound, Names
from riverstage.types import DATE, FLOAT64, STRING, decimal, time, timestamp

_COLUMNS = {"s": STRING, "d": DATE, "t": time(6), "ts": timestamp(6), "n": decimal(10, 2), "f": FLOAT64}


def _typed(text: str) -> object:
    columns = {name: Bound(None, kind) for name, kind in _COLUMNS.items()}
    return elaborate(parse(text), Names({"in": columns}))


WRONG = [
    ('DateToString(in.d, "%zz")', "RS-3061", '"%zz"'),
    ('DateToString(in.d, "%hh")', "RS-3061", '"%hh"'),
    ('TimeToString(in.t, "%dd")', "RS-3061", '"%dd"'),
    ('TimestampToString(in.ts, "%q")', "RS-3061", '"%q"'),
    ('StringToDate(in.s, "%yyyy")', "RS-3061", '"%yyyy"'),
    ('StringToTime(in.s, "%hh%hh")', "RS-3061", '"%hh%hh"'),
    ('StringToTimestamp(in.s, "%zz")', "RS-3061", '"%zz"'),
    ('StrToTimestampOrNull(in.s, "%zz")', "RS-3061", '"%zz"'),
    ('DecimalToDate(in.n, "%yyyy-%mm-%dd")', "RS-3062", '"%yyyy-%mm-%dd"'),
    ('DateToDecimal(in.d, "%yyyy%mmm%dd")', "RS-3062", '"%yyyy%mmm%dd"'),
    ('Trim(in.s, "x", "Z")', "RS-3007", '"Z"'),
    ('Compare(in.s, "x", "up")', "RS-3007", '"up"'),
    ('DecimalToString(in.n, "suppress")', "RS-3007", '"suppress"'),
    ('StringToDecimal(in.s, "up")', "RS-3007", '"up"'),
    ('DFloatToDecimal(in.f, "cieling")', "RS-3007", '"cieling"'),
    ('IsValid("nonsense", in.s)', "RS-3007", '"nonsense"'),
    ('IsValid("date", in.s, "%zz")', "RS-3061", '"%zz"'),
    ('RegexMatch(in.s, "(")', "RS-3007", '"("'),
    ('NextWeekdayFromDate(in.d, "Mon day")', "RS-3007", '"Mon day"'),
    ('WeekdayFromDate(in.d, "x")', "RS-3007", '"x"'),
    ('ConvertDatum(in.s, "YDM")', "RS-3007", '"YDM"'),
    ('Iconv(in.s, "ZZ9")', "RS-3007", '"ZZ9"'),
    ('Oconv(in.s, "D9")', "RS-3007", '"D9"'),
    ('Oconv(in.s, "DYA")', "RS-3007", '"DYA"'),
    ('Oconv(in.s, "DDMY[2,A3,4,4]")', "RS-3007", '"DDMY[2,A3,4,4]"'),
    ('Oconv(in.s, "DDMY[2,A3,A]")', "RS-3007", '"DDMY[2,A3,A]"'),
    ('Oconv(in.s, "MTX")', "RS-3007", '"MTX"'),
    ('Oconv(in.s, "MD2X")', "RS-3007", '"MD2X"'),
    ('Oconv(in.s, "MD2[a,b,c,d,e]")', "RS-3007", '"MD2[a,b,c,d,e]"'),
    ('Oconv(in.s, "MR2X")', "RS-3007", '"MR2X"'),
    ('Oconv(in.s, "R1,x")', "RS-3007", '"R1,x"'),
    ('Oconv(in.s, "R1.2.3,4")', "RS-3007", '"R1.2.3,4"'),
    ('Oconv(in.s, "P2A")', "RS-3007", '"P2A"'),
    ('Conversion(in.s, "MX", "U")', "RS-3007", '"U"'),
    ('Conversion(in.s, "M?", "I")', "RS-3007", '"M?"'),
    ('Fmt(in.s, "wide")', "RS-3007", '"wide"'),
    ('Fmt(in.s, "10")', "RS-3007", '"10"'),
    ('Fmt(in.s, "#9999999")', "RS-3007", '"#9999999"'),
    ('FmtDP(in.s, "0R")', "RS-3007", '"0R"'),
    ('EncryptString(in.s, "too short")', "RS-3007", '"too short"'),
    ('DecryptString(in.s, "")', "RS-3007", '""'),
    ('ConvertTimeZone(2024, 1, 1, 0, 0, 0, "UTC", "Mars/Base")', "RS-3007", '"Mars/Base"'),
]


@pytest.mark.parametrize(("text", "code", "wrong"), WRONG)
def test_a_constant_that_can_never_be_right(text: str, code: str, wrong: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        _typed(text)
    assert (raised.value.code, raised.value.place.position) == (code, text.index(wrong))


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(ExpressionError, match="Did you mean 'ceil'") as raised:
        _typed('StringToDecimal(in.s, "ceill")')
    assert "it is one of ceil, floor, round_inf, trunc_zero" in raised.value.message


@pytest.mark.parametrize(
    "text",
    [
        'DateToString(in.d, "%yyyy")',
        'StringToDate(in.s, "%dd.%mm.%yyyy")',
        "DateToString(in.d, in.s)",
        "Trim(in.s, 'x', in.s)",
        'Trim(in.s, "x", "leading")',
        "RegexMatch(in.s, in.s)",
        "IsValid(in.s, in.s)",
        'IsValid(" DATE ", in.s, "%dd%mm%yyyy")',
        'IsValid("int32", in.s)',
        'NextWeekdayFromDate(in.d, "mon")',
        'ConvertTimeZone(2024, 1, 1, 0, 0, 0, "utc", "Europe/Berlin")',
        "DateToString(in.d, SetNull())",
        'StringToDecimal(in.s, " Round_Inf ")',
    ],
)
def test_what_may_be_right_is_left_alone(text: str) -> None:
    _typed(text)


def test_the_check_of_a_flow_says_where() -> None:
    flow = BatchFlow("dates")
    rows, made = flow.add_stage("Row Generator", "rows"), flow.add_stage("Transformer", "made")
    rows.connect_output_to(made, name="in").create_schema().add_field("DATE", "d")
    out = made.connect_output_to(flow.add_stage("Peek", "shown"), name="out")
    out.create_schema().add_field("VARCHAR", "day")
    out.derivations["day"] = 'DateToString(in.d, "%zz")'
    (found,) = flow.check()
    assert (found.code, found.severity) == ("RS-3061", "error")
    place = found.place
    assert (place.stage, place.link, place.column, place.position) == ("made", "out", "day", 19)
