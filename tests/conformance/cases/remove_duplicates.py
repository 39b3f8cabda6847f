"""Remove Duplicates: first and last, nulls, case, order, sorted and unsorted rows."""

from __future__ import annotations

from tests.conformance.case import Case, Rows

_COLUMNS = "k string(5), n int32"
_ROWS = [("b", 1), ("a", 2), ("b", 3), (None, 4), ("A", 5), ("a", 6), (None, 7)]


def _case(name: str, configuration: dict[str, object], rows: list[tuple[object, ...]]) -> Case:
    return Case(
        name,
        "Remove Duplicates",
        {"in": Rows(_COLUMNS, _ROWS)},
        configuration,
        {"out": Rows(_COLUMNS, rows)},
        ordered=True,
    )


CASES = [
    _case(
        "the first of each group, in the input's order",
        {"key_properties": [{"key": "k"}]},
        [("b", 1), ("a", 2), (None, 4), ("A", 5)],
    ),
    _case(
        "the last of each group",
        {"key_properties": [{"key": "k"}], "keep": "last"},
        [("b", 3), ("A", 5), ("a", 6), (None, 7)],
    ),
    _case(
        "caseless keys",
        {"key_properties": [{"key": "k", "ci-cs": "ci"}]},
        [("b", 1), ("a", 2), (None, 4)],
    ),
    _case(
        "caseless keys, the last",
        {"key_properties": [{"key": "k", "ci-cs": "ci"}], "keep": "last"},
        [("b", 3), ("a", 6), (None, 7)],
    ),
    _case("keys that are all different", {"key_properties": [{"key": "k"}, {"key": "n"}]}, _ROWS),
    Case(
        "an output that renames and converts",
        "Remove Duplicates",
        {"in": Rows(_COLUMNS, _ROWS)},
        {"key_properties": [{"key": "k"}]},
        {
            "out": Rows(
                "number string(5)",
                [("1",), ("2",), ("4",), ("5",)],
                output={"valueDerivation": [{"columnName": "number", "sourceColumn": "in.n"}]},
            )
        },
        ordered=True,
    ),
    Case(
        "two keys of several types",
        "Remove Duplicates",
        {
            "in": Rows(
                "day date, d decimal(5,2), n int32",
                [("2024-01-01", "1.00", 1), ("2024-01-01", "1.00", 2), (None, None, 3), (None, None, 4)],
            )
        },
        {"key_properties": [{"key": "day"}, {"key": "d"}]},
        {"out": Rows("day date, d decimal(5,2), n int32", [("2024-01-01", "1.00", 1), (None, None, 3)])},
        ordered=True,
    ),
    Case(
        "no rows",
        "Remove Duplicates",
        {"in": Rows(_COLUMNS)},
        {"key_properties": [{"key": "k"}]},
        {"out": Rows(_COLUMNS)},
    ),
    Case("no key", "Remove Duplicates", {"in": Rows(_COLUMNS)}, {}, {"out": Rows(_COLUMNS)}, problems=["RS-4440"]),
    Case(
        "an unknown key, and a column that nothing gives",
        "Remove Duplicates",
        {"in": Rows(_COLUMNS)},
        {"key_properties": [{"key": "kk"}]},
        {"out": Rows("x int32")},
        problems=["RS-4441", "RS-4020"],
    ),
    Case(
        "columns of any name",
        "Remove Duplicates",
        {"in": Rows('a"b int32, x.y int32, select string(3)', [(1, 2, "ß"), (1, 3, ""), (2, 4, "ü")])},
        {"key_properties": [{"key": 'a"b'}]},
        {"out": Rows('a"b int32, x.y int32, select string(3)', [(1, 2, "ß"), (2, 4, "ü")])},
        ordered=True,
    ),
]
