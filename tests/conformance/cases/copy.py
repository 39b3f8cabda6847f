"""Copy: the same rows to every output, each with the columns that it names."""

from __future__ import annotations

from tests.conformance.case import Case, Rows

_COLUMNS = "id int32 not null, name string(10), amount decimal(7,2)"
_ROWS = [(2, "b", "1.50"), (1, None, None), (2, "b", "1.50"), (3, "日本", "-0.05")]
_IN = {"in": Rows(_COLUMNS, _ROWS)}


def _mapped(columns: str, rows: list[tuple[object, ...]], **sources: str) -> Rows:
    said = [
        {"columnName": target, "parsedExpression": f"in.{source}", "sourceColumn": f"in.{source}"}
        for target, source in sources.items()
    ]
    return Rows(columns, rows, output={"valueDerivation": said})


CASES = [
    Case("one output, in order", "Copy", _IN, {}, {"out": Rows(_COLUMNS, _ROWS)}, ordered=True),
    Case("an output without a schema", "Copy", _IN, {}, {"out": Rows(_COLUMNS, _ROWS, schema=False)}, ordered=True),
    Case(
        "several outputs with columns of their own",
        "Copy",
        _IN,
        {"force": True},
        {
            "all": Rows(_COLUMNS, _ROWS),
            "some": Rows("amount decimal(7,2), id int32", [("1.50", 2), (None, 1), ("1.50", 2), ("-0.05", 3)]),
            "one": Rows("name string(10)", [("b",), (None,), ("b",), ("日本",)]),
        },
        ordered=True,
    ),
    Case(
        "renamed, and one column twice",
        "Copy",
        _IN,
        {},
        {
            "out": _mapped(
                "nr int32, also int32, name string(10)",
                [(2, 2, "b"), (1, 1, None), (2, 2, "b"), (3, 3, "日本")],
                nr="id",
                also="id",
            )
        },
        ordered=True,
    ),
    Case(
        "two columns exchanged",
        "Copy",
        {"in": Rows("a int32, b int32", [(1, 2)])},
        {},
        {"out": _mapped("a int32, b int32", [(2, 1)], a="b", b="a")},
    ),
    Case(
        "two columns of different types exchanged",
        "Copy",
        {"in": Rows("a int32, b string(3)", [(1, "2"), (None, "3")])},
        {},
        {"out": _mapped("a int32, b string(3)", [(2, "1"), (3, None)], a="b", b="a")},
    ),
    Case(
        "converted: numbers to texts, texts cut, digits rounded",
        "Copy",
        _IN,
        {},
        {
            "out": Rows(
                "id string(5), name string(1), amount decimal(7,1)",
                [("2", "b", "1.5"), ("1", None, None), ("2", "b", "1.5"), ("3", "日", "-0.1")],
            )
        },
        ordered=True,
    ),
    Case("no rows", "Copy", {"in": Rows(_COLUMNS)}, {}, {"a": Rows(_COLUMNS), "b": Rows("id int64")}),
    Case("a value that does not fit", "Copy", _IN, {}, {"out": Rows("amount decimal(2,2)")}, fails="RS-6201"),
    Case("a null where none may be", "Copy", _IN, {}, {"out": Rows("name string(10) not null")}, fails="RS-6201"),
    Case("a type that it cannot become", "Copy", _IN, {}, {"out": Rows("id date")}, problems=["RS-4022"]),
    Case("a column that nothing gives", "Copy", _IN, {}, {"out": Rows("id int32, x int32")}, problems=["RS-4020"]),
    Case(
        "all columns pass with propagation",
        "Copy",
        _IN,
        {},
        {"out": Rows(_COLUMNS, _ROWS, schema=False)},
        propagate=True,
        ordered=True,
    ),
]
