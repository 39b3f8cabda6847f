"""Sort: directions, nulls, case, stability, unique rows, change columns, groups that are kept."""

from __future__ import annotations

from tests.conformance.case import Case, Rows

_COLUMNS = "k string(10), n int32, t string(10)"
_ROWS = [
    ("b", 2, "r1"),
    ("a", 2, "r2"),
    (None, 1, "r3"),
    ("B", 1, "r4"),
    ("a", 1, "r5"),
    ("ä", None, "r6"),
    ("b", 1, "r7"),
]


def _case(name: str, keys: list[dict[str, str]], order: str, **more: object) -> Case:
    """Return a case whose output is the input's rows in the order of their last column."""
    by_name = {row[2]: row for row in _ROWS}
    rows = [by_name[word] for word in order.split()]
    return Case(
        name,
        "Sort",
        {"in": Rows(_COLUMNS, _ROWS)},
        {"key_properties": keys, **more},
        {"out": Rows(_COLUMNS, rows)},
        ordered=True,
    )


CASES = [
    _case("ascending, nulls first, by code point, stable", [{"key": "k"}], "r3 r4 r2 r5 r1 r7 r6"),
    _case("descending, nulls first all the same", [{"key": "k", "asc-desc": "desc"}], "r3 r6 r1 r7 r2 r5 r4"),
    _case("descending under the Python spelling", [{"key": "k", "asc_desc": "desc"}], "r3 r6 r1 r7 r2 r5 r4"),
    _case("nulls last", [{"key": "k", "nulls": "last"}], "r4 r2 r5 r1 r7 r6 r3"),
    _case("descending, nulls last", [{"key": "k", "asc-desc": "desc", "nulls": "last"}], "r6 r1 r7 r2 r5 r4 r3"),
    _case("caseless, equal in any case, stable", [{"key": "k", "ci-cs": "ci"}], "r3 r2 r5 r1 r4 r7 r6"),
    _case("two keys", [{"key": "n"}, {"key": "k", "asc-desc": "desc"}], "r6 r3 r7 r5 r4 r1 r2"),
    _case("caseless means nothing to a number", [{"key": "n", "ci-cs": "ci"}], "r6 r3 r4 r5 r7 r1 r2"),
    _case(
        "a key that is sorted already is sorted", [{"key": "k", "sorted-clustered": "sorted"}], "r3 r4 r2 r5 r1 r7 r6"
    ),
    Case(
        "only the first of equal keys",
        "Sort",
        {"in": Rows(_COLUMNS, _ROWS)},
        {"key_properties": [{"key": "k", "ci-cs": "ci"}], "unique": "unique"},
        {"out": Rows(_COLUMNS, [(None, 1, "r3"), ("a", 2, "r2"), ("b", 2, "r1"), ("ä", None, "r6")])},
        ordered=True,
    ),
    Case(
        "the key change column marks the first row of each group",
        "Sort",
        {"in": Rows("k string(10), t string(10)", [("b", "r1"), ("a", "r2"), (None, "r3"), ("b", "r4"), (None, "r5")])},
        {"key_properties": [{"key": "k"}], "flag_key": "flagKey"},
        {
            "out": Rows(
                "k string(10), t string(10), keyChange int8 not null",
                [(None, "r3", 1), (None, "r5", 0), ("a", "r2", 1), ("b", "r1", 1), ("b", "r4", 0)],
                schema=False,
            )
        },
        ordered=True,
    ),
    Case(
        "grouped keys stay where they stand, each run on its own",
        "Sort",
        {"in": Rows("g string(5), n int32", [("z", 2), ("z", 1), ("a", 3), ("a", 1), ("z", 9), ("z", 8)])},
        {
            "key_properties": [{"key": "g", "sorted-clustered": "clustered"}, {"key": "n"}],
            "flag_cluster": "flagCluster",
            "flag_key": "flagKey",
        },
        {
            "out": Rows(
                "g string(5), n int32, keyChange int8 not null, clusterKeyChange int8 not null",
                [
                    ("z", 1, 1, 1),
                    ("z", 2, 1, 0),
                    ("a", 1, 1, 1),
                    ("a", 3, 1, 0),
                    ("z", 8, 1, 1),
                    ("z", 9, 1, 0),
                ],
                schema=False,
            )
        },
        ordered=True,
    ),
    Case(
        "the sort is by the input's column, not by what the output makes of it",
        "Sort",
        {"in": Rows("k int32", [(10,), (9,), (100,)])},
        {"key_properties": [{"key": "k"}]},
        {"out": Rows("k string(10)", [("9",), ("10",), ("100",)])},
        ordered=True,
    ),
    Case(
        "no rows",
        "Sort",
        {"in": Rows("k int32")},
        {"key_properties": [{"key": "k"}], "flag_key": "flagKey"},
        {"out": Rows("k int32, keyChange int8 not null", schema=False)},
        ordered=True,
    ),
    Case(
        "decimals, dates and timestamps",
        "Sort",
        {
            "in": Rows(
                "d decimal(7,2), day date, at timestamp(6)",
                [
                    ("1.50", "2024-02-29", "2024-01-01 00:00:00.000002"),
                    ("-3.00", None, "2024-01-01 00:00:00.000001"),
                    ("1.50", "1970-01-01", None),
                ],
            )
        },
        {"key_properties": [{"key": "d", "asc-desc": "desc"}, {"key": "day"}, {"key": "at"}]},
        {
            "out": Rows(
                "d decimal(7,2), day date, at timestamp(6)",
                [
                    ("1.50", "1970-01-01", None),
                    ("1.50", "2024-02-29", "2024-01-01 00:00:00.000002"),
                    ("-3.00", None, "2024-01-01 00:00:00.000001"),
                ],
            )
        },
        ordered=True,
    ),
    Case("no key", "Sort", {"in": Rows("k int32")}, {}, {"out": Rows("k int32")}, problems=["RS-4340"]),
    Case(
        "a key that is not there",
        "Sort",
        {"in": Rows("k int32")},
        {"key_properties": [{"key": "kk"}]},
        {"out": Rows("k int32")},
        problems=["RS-4341"],
    ),
    Case(
        "a key named twice, and EBCDIC",
        "Sort",
        {"in": Rows("k int32")},
        {"key_properties": [{"key": "k"}, {"key": "k", "ebcdic": "ebcdic"}]},
        {"out": Rows("k int32")},
        problems=["RS-4342", "RS-4344"],
    ),
    Case(
        "a change column that is there already",
        "Sort",
        {"in": Rows("k int32, keyChange int8")},
        {"key_properties": [{"key": "k"}], "flag_key": "flagKey"},
        {"out": Rows("k int32")},
        problems=["RS-4346"],
    ),
    Case(
        "columns of any name",
        "Sort",
        {"in": Rows('select int32, x.y int32, a"b int32, ü int32', [(2, 1, 1, 1), (1, 2, 2, 2), (1, 1, 3, 3)])},
        {"key_properties": [{"key": "select"}, {"key": "x.y"}], "flag_key": "flagKey"},
        {
            "out": Rows(
                'select int32, x.y int32, a"b int32, ü int32, keyChange int8 not null',
                [(1, 1, 3, 3, 1), (1, 2, 2, 2, 1), (2, 1, 1, 1, 1)],
                schema=False,
            )
        },
        ordered=True,
    ),
]
