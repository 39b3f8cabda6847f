"""Rows of a link as a table: alignment, types, width, JSON."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from riverstage.runs._terminal import wide
from riverstage.runs.preview import Preview


def preview(**columns: pa.Array) -> Preview:
    return Preview("sales", "orders", pa.table(columns))


@pytest.fixture
def orders() -> Preview:
    return preview(
        id=pa.array([1, 22, None], pa.int32()),
        city=pa.array(["東京", "Rome", None]),
        price=pa.array([Decimal("1.50"), Decimal("100.00"), None], pa.decimal128(7, 2)),
    )


def test_a_table(orders: Preview) -> None:
    assert orders.as_text().splitlines() == [
        "    id  city           price",
        " int32  string  decimal(7,2)",
        "──────  ──────  ────────────",
        "     1  東京            1.50",
        "    22  Rome          100.00",
        "<NULL>  <NULL>        <NULL>",
    ]
    assert repr(orders) == orders.as_text()


def test_a_narrow_table_says_what_it_leaves_out(orders: Preview) -> None:
    lines = orders.as_text(16).splitlines()
    assert lines[0] == "    id  city"
    assert lines[-1] == "… and 1 more column: price"
    assert all(wide(line) <= 16 for line in lines[:-1])


def test_long_values_are_cut_and_stay_on_their_line() -> None:
    lines = preview(text=pa.array(["x" * 100, "a\nb"])).as_text().splitlines()
    assert lines[-2:] == [f"{'x' * 31}…", "a\\nb"]


def test_no_rows_and_no_columns() -> None:
    assert preview(id=pa.array([], pa.int32())).as_text().splitlines()[-1] == "(no rows)"
    assert preview().as_text() == "orders has no columns."


@pytest.mark.parametrize(
    ("arrow", "name"),
    [
        (pa.decimal128(38, 10), "decimal(38,10)"),
        (pa.timestamp("us"), "timestamp(6)"),
        (pa.timestamp("s"), "timestamp"),
        (pa.timestamp("us", "UTC"), "timestamp(6) with zone"),
        (pa.time64("us"), "time(6)"),
        (pa.time32("s"), "time"),
        (pa.date32(), "date"),
        (pa.float64(), "float64"),
        (pa.float32(), "float32"),
        (pa.bool_(), "boolean"),
        (pa.uint8(), "uint8"),
        (pa.large_string(), "string"),
        (pa.binary(), "binary"),
        (pa.list_(pa.int64()), "list of int64"),
        (pa.struct([("a", pa.float64()), ("b", pa.string())]), "{a: float64, b: string}"),
    ],
)
def test_types_have_the_names_of_schemas(arrow: pa.DataType, name: str) -> None:
    assert preview(c=pa.array([], arrow)).as_dict()["columns"] == [{"name": "c", "type": name}]


def test_json_loses_nothing() -> None:
    shown = preview(
        a=pa.array([2**62]),
        b=pa.array([Decimal("1.10")], pa.decimal128(7, 2)),
        c=pa.array([float("inf")]),
        d=pa.array([b"\x00\xff"]),
        e=pa.array([dt.datetime(2026, 1, 31, 10, 0, 0, 5)]),
        f=pa.array([[1, None]]),
        g=pa.array([{"x": Decimal("2.5")}]),
        h=pa.array(["a\nb"]),
    )
    assert shown.as_dict()["rows"] == [
        [2**62, "1.10", "inf", "00ff", "2026-01-31 10:00:00.000005", [1, None], {"x": "2.5"}, "a\nb"]
    ]


def test_columns_of_the_same_name_are_all_shown() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    shown = Preview("f", "l", table)
    assert shown.as_dict()["rows"] == [[1, 2]]
    assert shown.as_text().splitlines()[-1] == "    1      2"


def test_a_notebook_gets_a_table_with_everything_escaped() -> None:
    page = preview(**{"<a>": pa.array(["<b>"])})._repr_html_()
    assert "<a>" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_rows_as_they_are() -> None:
    shown = preview(a=pa.array([1, 2]))
    assert len(shown) == 2
    assert list(shown) == [{"a": 1}, {"a": 2}]
    assert shown.to_arrow() is shown.table
