"""Join: the four kinds, nulls, case, unlike types, several inputs, columns of the same name."""

from __future__ import annotations

from tests.conformance.case import Case, Rows

_KEY = {"key_properties": [{"key": "k"}]}
_LEFT = Rows("k int32, a string(5)", [(1, "l1"), (2, "l2"), (2, "l2b"), (None, "l-"), (4, "l4")])
_RIGHT = Rows("k int32, b string(5)", [(2, "r2"), (2, "r2b"), (3, "r3"), (None, "r-"), (1, "r1")])
_MATCHED = [
    (1, "l1", "r1"),
    (2, "l2", "r2"),
    (2, "l2", "r2b"),
    (2, "l2b", "r2"),
    (2, "l2b", "r2b"),
    (None, "l-", "r-"),
]
_OUT = "k int32, a string(5), b string(5)"


def _join(name: str, operator: str, rows: list[tuple[object, ...]], columns: str = _OUT) -> Case:
    return Case(
        name,
        "Join",
        {"left": _LEFT, "right": _RIGHT},
        {"operator": operator, **_KEY},
        {"out": Rows(columns, rows, schema=False)},
    )


CASES = [
    _join("inner: duplicates multiply, nulls match", "innerjoin", _MATCHED),
    _join("left outer", "leftouterjoin", [*_MATCHED, (4, "l4", None)]),
    _join(
        "right outer: the key is the right input's",
        "rightouterjoin",
        [(a, k, b) for k, a, b in [*_MATCHED, (3, None, "r3")]],
        "a string(5), k int32, b string(5)",
    ),
    _join(
        "full outer: both keys",
        "fullouterjoin",
        [(k, a, k, b) for k, a, b in _MATCHED] + [(4, "l4", None, None), (None, None, 3, "r3")],
        "leftRec_k int32, a string(5), rightRec_k int32, b string(5)",
    ),
    Case(
        "full outer: a bare key is whichever is there",
        "Join",
        {"left": _LEFT, "right": _RIGHT},
        {"operator": "fullouterjoin", **_KEY},
        {"out": Rows(_OUT, [*_MATCHED, (4, "l4", None), (3, None, "r3")])},
    ),
    Case(
        "unmatched columns that cannot be null take their type's default",
        "Join",
        {
            "left": Rows("k int32 not null, a string(5) not null", [(1, "l1")]),
            "right": Rows(
                "k int32 not null, n int64 not null, s string(5) not null, c fixed string(3) not null, "
                "d decimal(5,2) not null, f float64 not null, day date not null, at timestamp not null, m int32",
                [(2, 7, "x", "abc", "1.50", 2.5, "2024-01-01", "2024-01-01 10:00:00", 1)],
            ),
        },
        {"operator": "leftouterjoin", **_KEY},
        {
            "out": Rows(
                "k int32 not null, a string(5) not null, n int64 not null, s string(5) not null, "
                "c fixed string(3) not null, d decimal(5,2) not null, f float64 not null, day date not null, "
                "at timestamp not null, m int32",
                [(1, "l1", 0, "", "   ", "0.00", 0.0, "0001-01-01", "0001-01-01 00:00:00", None)],
                schema=False,
            )
        },
    ),
    Case(
        "caseless keys",
        "Join",
        {
            "left": Rows("k string(5), a int32", [("Ab", 1), ("x", 2), (None, 3)]),
            "right": Rows("k string(5), b int32", [("aB", 10), ("X", 20), (None, 30)]),
        },
        {"key_properties": [{"key": "k", "ci-cs": "ci"}]},
        {"out": Rows("k string(5), a int32, b int32", [("Ab", 1, 10), ("x", 2, 20), (None, 3, 30)], schema=False)},
    ),
    Case(
        "keys are case sensitive as a rule",
        "Join",
        {
            "left": Rows("k string(5), a int32", [("Ab", 1), ("x", 2)]),
            "right": Rows("k string(5), b int32", [("aB", 10), ("x", 20)]),
        },
        _KEY,
        {"out": Rows("k string(5), a int32, b int32", [("x", 2, 20)], schema=False)},
    ),
    Case(
        "numbers of unlike types match by value",
        "Join",
        {
            "left": Rows("k int16, a int32", [(1, 1), (2, 2), (3, 3)]),
            "right": Rows("k decimal(9,2), b int32", [("1.00", 10), ("2.50", 20), ("3.00", 30)]),
        },
        _KEY,
        {"out": Rows("k int16, a int32, b int32", [(1, 1, 10), (3, 3, 30)], schema=False)},
    ),
    Case(
        "a text matches the number that it says, and one that says none matches nothing, not even null",
        "Join",
        {
            "left": Rows("k string(5), a int32", [("1", 1), (" 2 ", 2), ("x", 3), (None, 4)]),
            "right": Rows("k int32, b int32", [(1, 10), (2, 20), (None, 30)]),
        },
        {"operator": "leftouterjoin", **_KEY},
        {
            "out": Rows(
                "k string(5), a int32, b int32",
                [("1", 1, 10), (" 2 ", 2, 20), ("x", 3, None), (None, 4, 30)],
                schema=False,
            )
        },
    ),
    Case(
        "three inputs, left outer: each is joined on the left one's key",
        "Join",
        {
            "one": Rows("k int32, a int32", [(1, 1), (2, 2), (3, 3)]),
            "two": Rows("k int32, b int32", [(1, 10), (2, 20)]),
            "three": Rows("k int32, c int32", [(1, 100), (3, 300)]),
        },
        {"operator": "leftouterjoin", **_KEY},
        {
            "out": Rows(
                "k int32, a int32, b int32, c int32",
                [(1, 1, 10, 100), (2, 2, 20, None), (3, 3, None, 300)],
                schema=False,
            )
        },
    ),
    Case(
        "three inputs, right outer: every row of the last comes out",
        "Join",
        {
            "one": Rows("k int32, a int32", [(1, 1), (2, 2)]),
            "two": Rows("k int32, b int32", [(1, 10), (3, 30)]),
            "three": Rows("k int32, c int32", [(1, 100), (3, 300), (4, 400), (2, 200)]),
        },
        {"operator": "rightouterjoin", **_KEY},
        {
            "out": Rows(
                "a int32, b int32, k int32, c int32",
                [(1, 10, 1, 100), (None, 30, 3, 300), (None, None, 4, 400), (None, None, 2, 200)],
                schema=False,
            )
        },
    ),
    Case(
        "two keys",
        "Join",
        {
            "left": Rows("k int32, m string(3), a int32", [(1, "x", 1), (1, "y", 2)]),
            "right": Rows("k int32, m string(3), b int32", [(1, "x", 10), (2, "x", 20)]),
        },
        {"key_properties": [{"key": "k"}, {"key": "m"}]},
        {"out": Rows("k int32, m string(3), a int32, b int32", [(1, "x", 1, 10)], schema=False)},
    ),
    Case(
        "of columns of the same name the left one is carried, unless the output says which",
        "Join",
        {
            "left": Rows("k int32, v int32", [(1, 1)]),
            "right": Rows("k int32, v int32", [(1, 2)]),
        },
        _KEY,
        {
            "out": Rows(
                "k int32, v int32, w int32",
                [(1, 1, 2)],
                output={"valueDerivation": [{"columnName": "w", "sourceColumn": "right.v"}]},
            )
        },
    ),
    Case(
        "no rows on either side",
        "Join",
        {"left": Rows("k int32, a int32"), "right": Rows("k int32, b int32")},
        {"operator": "fullouterjoin", **_KEY},
        {"out": Rows("leftRec_k int32, a int32, rightRec_k int32, b int32", schema=False)},
    ),
    Case(
        "no key",
        "Join",
        {"left": _LEFT, "right": _RIGHT},
        {},
        {"out": Rows("k int32")},
        problems=["RS-4360"],
    ),
    Case(
        "a key that one input lacks",
        "Join",
        {"left": _LEFT, "right": _RIGHT},
        {"key_properties": [{"key": "a"}]},
        {"out": Rows("a string(5)")},
        problems=["RS-4361"],
    ),
    Case(
        "a full outer join of three",
        "Join",
        {"left": _LEFT, "right": _RIGHT, "more": Rows("k int32")},
        {"operator": "fullouterjoin", **_KEY},
        {"out": Rows("k int32")},
        problems=["RS-4367"],
    ),
    Case(
        "keys that cannot be compared",
        "Join",
        {"left": Rows("k date"), "right": Rows("k int32")},
        _KEY,
        {"out": Rows("k date")},
        problems=["RS-4368"],
    ),
    Case(
        "columns of any name",
        "Join",
        {
            "left": Rows('x.y int32, a"b int32 not null', [(1, 2)]),
            "right": Rows("x.y int32, select int32 not null, ü string(3)", [(1, 3, "ß"), (2, 4, "")]),
        },
        {"operator": "fullouterjoin", "key_properties": [{"key": "x.y"}]},
        {
            "out": Rows(
                'leftRec_x.y int32, a"b int32 not null, rightRec_x.y int32, select int32 not null, ü string(3)',
                [(1, 2, 1, 3, "ß"), (None, 0, 2, 4, "")],
                schema=False,
            )
        },
    ),
]
