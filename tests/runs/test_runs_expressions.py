"""Trying expressions: columns given as text, values, failures, places of mistakes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.errors import ExpressionError, UsageError
from riverstage.runs.expressions import pointed, try_expression


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("a:int32=5", 5, "int32"),
        ("a:INTEGER=5", 5, "int32"),
        ("a:decimal(7,2)=1.5", Decimal("1.50"), "decimal(7,2)"),
        ("a:NUMERIC(7, 2)=1.5", Decimal("1.50"), "decimal(7,2)"),
        ("a:string= b = c ", " b = c ", "string"),
        ("a:VARCHAR(3)=abcd", "abc", "string(3)"),
        ("a:date=2026-01-31", dt.date(2026, 1, 31), "date"),
        ("a:timestamp=2026-01-31 10:00:00.25", dt.datetime(2026, 1, 31, 10, 0, 0, 250_000), "timestamp(2)"),
        ("a:timestamp(0)=2026-01-31 10:00:00.25", dt.datetime(2026, 1, 31, 10), "timestamp"),
        ("a:boolean=1", True, "boolean"),
        ("a:BIT=0", False, "boolean"),
        ("a:binary=00ff", b"\x00\xff", "binary"),
        ("a:double=2.5", 2.5, "float64"),
        ("a:int32", None, "int32"),
    ],
)
def test_columns_of_every_type(column: str, value: Any, kind: str) -> None:
    tried = try_expression("a", [column])
    assert (tried.value, str(tried.type), tried.failed) == (value, kind, False)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("a", "gives no column"),
        ("=1", "gives no column"),
        ("a:strin=1", "Did you mean 'string'?"),
        ("a:VARCHR=1", "Did you mean 'VARCHAR' or 'NVARCHAR'?"),
        ("a:decimal(5,9)=1", "its numbers do not fit"),
        ("a:decimal(39)=1", "its numbers do not fit"),
        ("a:int32=x", "is no int32"),
        ("a:binary=zz", "is no hexadecimal text"),
        ("a:date=2026-02-31", "is no date"),
    ],
)
def test_columns_that_are_none(column: str, said: str) -> None:
    with pytest.raises(UsageError, match="RS-8010") as caught:
        try_expression("1", [column])
    assert said in str(caught.value)


def test_columns_of_links() -> None:
    assert try_expression("l.a + r.a", ["l.a:int32=1", "r.a:int32=2"]).value == 3
    with pytest.raises(ExpressionError, match="several links"):
        try_expression("a", ["l.a:int32=1", "r.a:int32=2"])


def test_system_variables_have_the_values_of_a_first_row() -> None:
    assert try_expression("@INROWNUM + @OUTROWNUM + @NUMPARTITIONS + @PARTITIONNUM").value == 3


def test_a_failure_says_why() -> None:
    tried = try_expression("10 / a", ["a:int32=0"])
    assert tried.as_dict() == {"value": None, "type": "float64", "failed": True, "reason": "Division by zero."}


@pytest.mark.parametrize(
    ("kind", "value"), [("date", "1899-02-30"), ("timestamp", "1899-02-30 10:00:00"), ("date", "2023-02-29 00:00:00")]
)
def test_a_day_that_there_is_not(kind: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"'{value}' is no {kind}: the calendar has no such day."):
        try_expression("d", [f"d:{kind}={value}"])


def test_the_old_null_rules() -> None:
    assert not try_expression("a + 1", ["a:int32"]).failed
    assert try_expression("a + 1", ["a:int32"], legacy_nulls=True).failed


def test_the_caret_stands_under_the_place() -> None:
    text = 'UpCase("東京") :\n  nam'
    with pytest.raises(ExpressionError) as caught:
        try_expression(text)
    assert pointed(text, caught.value) == ["  nam", "  ^^^"]
    text = '"東京" : nam'
    with pytest.raises(ExpressionError) as caught:
        try_expression(text)
    assert pointed(text, caught.value) == ['"東京" : nam', "         ^^^"]
    assert pointed(text, ExpressionError("nowhere")) == []


@given(st.text(max_size=30), st.text(max_size=20))
def test_whatever_is_given_is_answered_or_refused(text: str, column: str) -> None:
    try:
        try_expression(text, [column] if ":" in column else [])
    except ExpressionError as error:
        assert all("\n" not in line for line in pointed(text, error))
    except UsageError as error:
        assert error.code == "RS-8010"
