"""Lookup: actions, duplicates, several references, conditions, ranges, case, unlike types, order."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case, Rows

_MAIN = Rows("k int32, v string(5)", [(3, "c"), (1, "a"), (9, "x"), (None, "n"), (2, "b")])
_REF_ROWS = [(1, "one", 11), (2, "two", 22), (3, "three", 33)]


def _keys(*entries: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """Return what a reference port says: entries of column, expression and kind of key."""
    return {
        "lookupDerivation": [
            {"columnName": column, "parsedExpression": expression, "keyType": kind}
            for column, expression, kind in entries
        ],
        **more,
    }


def _ref(rows: list[tuple[object, ...]] = _REF_ROWS, *, nulls: bool = True, **more: Any) -> Rows:
    suffix = "" if nulls else " not null"
    return Rows(
        f"k int32, name string(10){suffix}, n int32{suffix}",
        rows,
        kind="reference",
        input=_keys(("k", "main.k", "="), **more),
    )


_OUT = "k int32, v string(5), name string(10), n int32"
_FOUND = [(3, "c", "three", 33), (1, "a", "one", 11), (2, "b", "two", 22)]

CASES = [
    Case(
        "continue: nulls where nothing is found, in the primary link's order",
        "Lookup",
        {"main": _MAIN, "ref": _ref(lookupFail="continue")},
        {},
        {
            "out": Rows(
                _OUT,
                [
                    (3, "c", "three", 33),
                    (1, "a", "one", 11),
                    (9, "x", None, None),
                    (None, "n", None, None),
                    (2, "b", "two", 22),
                ],
                schema=False,
            )
        },
        ordered=True,
    ),
    Case(
        "continue: defaults where columns cannot be null",
        "Lookup",
        {"main": _MAIN, "ref": _ref(nulls=False, lookupFail="continue")},
        {},
        {
            "out": Rows(
                "k int32, v string(5), name string(10) not null, n int32 not null",
                [(3, "c", "three", 33), (1, "a", "one", 11), (9, "x", "", 0), (None, "n", "", 0), (2, "b", "two", 22)],
                schema=False,
            )
        },
        ordered=True,
    ),
    Case(
        "drop",
        "Lookup",
        {"main": _MAIN, "ref": _ref(lookupFail="drop")},
        {},
        {"out": Rows(_OUT, _FOUND, schema=False)},
        ordered=True,
    ),
    Case(
        "reject: the primary row as it was",
        "Lookup",
        {"main": _MAIN, "ref": _ref(lookupFail="reject")},
        {},
        {
            "out": Rows(_OUT, _FOUND, schema=False),
            "rej": Rows("k int32, v string(5)", [(9, "x"), (None, "n")], kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "a reject link that names columns of the reference",
        "Lookup",
        {"main": _MAIN, "ref": _ref(nulls=False, lookupFail="reject")},
        {},
        {
            "out": Rows("v string(5)", [("c",), ("a",), ("b",)]),
            "rej": Rows("k int32, v string(5), n int32 not null", [(9, "x", 0), (None, "n", 0)], kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "fail is what happens when nothing is said",
        "Lookup",
        {"main": _MAIN, "ref": _ref()},
        {},
        {"out": Rows(_OUT, schema=False)},
        fails="RS-6210",
    ),
    Case(
        "fail, and everything is found",
        "Lookup",
        {"main": Rows("k int32, v string(5)", [(3, "c"), (1, "a"), (2, "b")]), "ref": _ref(lookupFail="fail")},
        {},
        {"out": Rows(_OUT, _FOUND, schema=False)},
        ordered=True,
    ),
    Case(
        "of reference rows with the same key the first is taken; the others are counted",
        "Lookup",
        {"main": _MAIN, "ref": _ref([*_REF_ROWS, (2, "zwei", 0), (2, "deux", 1), (1, "eins", 2)], lookupFail="drop")},
        {},
        {"out": Rows(_OUT, _FOUND, schema=False)},
        ordered=True,
        counts={"Stage#duplicates 1": 3, "Stage#dropped": 2},
    ),
    Case(
        "every matching row where the link returns many",
        "Lookup",
        {
            "main": _MAIN,
            "ref": _ref([*_REF_ROWS, (2, "zwei", 0), (2, "deux", 1)], lookupFail="drop", allow_dups="allow_dups"),
        },
        {},
        {"out": Rows(_OUT, [*_FOUND, (2, "b", "zwei", 0), (2, "b", "deux", 1)], schema=False)},
        ordered=True,
    ),
    Case(
        "a null key finds a null key",
        "Lookup",
        {"main": _MAIN, "ref": _ref([(None, "nothing", 0), (9, "nine", 99)], lookupFail="drop")},
        {},
        {"out": Rows(_OUT, [(9, "x", "nine", 99), (None, "n", "nothing", 0)], schema=False)},
        ordered=True,
    ),
    Case(
        "two references: the second uses what the first found, and the first that is not continue decides",
        "Lookup",
        {
            "main": Rows("k int32", [(1,), (2,), (3,), (4,)]),
            "first": Rows(
                "k int32, code string(3)",
                [(1, "A"), (2, "B"), (3, "C")],
                kind="reference",
                input=_keys(("k", "main.k", "="), lookupFail="drop"),
            ),
            "second": Rows(
                "code string(3), text string(10)",
                [("A", "alpha"), ("C", "gamma")],
                kind="reference",
                input=_keys(("code", "first.code", "="), lookupFail="reject"),
            ),
        },
        {},
        {
            "out": Rows(
                "k int32, code string(3), text string(10)", [(1, "A", "alpha"), (3, "C", "gamma")], schema=False
            ),
            "rej": Rows("k int32", [(2,)], kind="reject"),
        },
        ordered=True,
        counts={"Stage#dropped": 1},
    ),
    Case(
        "rows that the condition drops are not said to have found nothing",
        "Lookup",
        {
            "main": Rows("k int32", [(1,), (2,)]),
            "ref": Rows(
                "k int32, n int32",
                [(1, 11)],
                kind="reference",
                input=_keys(
                    ("k", "main.k", "="), Condition="main.k < 2", conditionNotMet="drop", lookupFail="continue"
                ),
            ),
        },
        {},
        {"out": Rows("k int32, n int32", [(1, 11)], schema=False)},
        counts={"Stage#dropped": 1},
        log=["1 row dropped: the condition of ref is not met."],
    ),
    Case(
        "caseless keys",
        "Lookup",
        {
            "main": Rows("c string(5)", [("Ab",), ("x",)]),
            "ref": Rows(
                "code string(5), n int32",
                [("AB", 1), ("ab", 2), ("X", 3)],
                kind="reference",
                input=_keys(("code", "main.c", "1"), lookupFail="continue"),
            ),
        },
        {},
        {"out": Rows("c string(5), code string(5), n int32", [("Ab", "AB", 1), ("x", "X", 3)], schema=False)},
        ordered=True,
    ),
    Case(
        "keys of unlike types match by value; an expression is a key",
        "Lookup",
        {
            "main": Rows("a int16, b string(5)", [(1, "2"), (2, "x"), (3, "3")]),
            "ref": Rows(
                "k float64, n int32, m int32",
                [(1.0, 3, 10), (3.0, 4, 20)],
                kind="reference",
                input=_keys(("k", "main.a", "="), ("n", "main.b + 1", "0"), lookupFail="continue"),
            ),
        },
        {},
        {
            "out": Rows(
                "a int16, b string(5), m int32",
                [(1, "2", 10), (2, "x", None), (3, "3", 20)],
            )
        },
        ordered=True,
    ),
    Case(
        "a range: the first reference row that it holds for",
        "Lookup",
        {
            "main": Rows("pay int32", [(100,), (2500,), (5000,), (None,), (99999,)]),
            "grades": Rows(
                "low int32, high int32, grade string(2)",
                [(0, 2000, "C"), (2001, 5000, "B"), (5000, 9000, "A")],
                kind="reference",
                input=_keys(("low", "main.pay >= grades.low And main.pay <= grades.high", "2"), lookupFail="continue"),
            ),
        },
        {},
        {
            "out": Rows(
                "pay int32, grade string(2)",
                [(100, "C"), (2500, "B"), (5000, "B"), (None, None), (99999, None)],
            )
        },
        ordered=True,
    ),
    Case(
        "a range beside an equal key, all rows",
        "Lookup",
        {
            "main": Rows("id int32, at date", [(1, "2024-03-01"), (2, "2024-03-01")]),
            "prices": Rows(
                "id int32, since date, price decimal(5,2)",
                [
                    (1, "2024-01-01", "1.00"),
                    (1, "2024-02-01", "2.00"),
                    (1, "2024-04-01", "3.00"),
                    (2, "2024-05-01", "9"),
                ],
                kind="reference",
                input=_keys(
                    ("id", "main.id", "="),
                    ("since", "Range(main.at >= prices.since)", "range"),
                    lookupFail="drop",
                    allow_dups="allow_dups",
                ),
            ),
        },
        {},
        {"out": Rows("id int32, at date, price decimal(5,2)", [(1, "2024-03-01", "1.00"), (1, "2024-03-01", "2.00")])},
        ordered=True,
        counts={"Stage#dropped": 1},
    ),
    Case(
        "a condition: what does not meet it is not looked up",
        "Lookup",
        {
            "main": _MAIN,
            "ref": _ref(lookupFail="reject", conditionNotMet="continue", Condition='main.v <> "c" And main.v <> "x"'),
        },
        {},
        {
            "out": Rows(
                _OUT,
                [(3, "c", None, None), (1, "a", "one", 11), (9, "x", None, None), (2, "b", "two", 22)],
                schema=False,
            ),
            "rej": Rows("k int32, v string(5)", [(None, "n")], kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "a condition that is not met fails as a rule",
        "Lookup",
        {"main": _MAIN, "ref": _ref(lookupFail="continue", Condition="main.k > 1")},
        {},
        {"out": Rows(_OUT, schema=False)},
        fails="RS-6210",
    ),
    Case(
        "an output that picks, renames and converts; of equal names the primary link's",
        "Lookup",
        {"main": _MAIN, "ref": _ref(lookupFail="drop")},
        {},
        {
            "out": Rows(
                "name string(3), k string(5), other int32",
                [("thr", "3", 3), ("one", "1", 1), ("two", "2", 2)],
                output={"valueDerivation": [{"columnName": "other", "sourceColumn": "ref.k"}]},
            )
        },
        ordered=True,
    ),
    Case(
        "what is said on the stage, in its own words",
        "Lookup",
        {"main": _MAIN, "ref": Rows("id int32, name string(10)", [(1, "one")], kind="reference")},
        {
            "lookup_derivation": [
                {
                    "reference_link": "ref",
                    "lookup_failure": "drop",
                    "derivations": [{"key_column": "id", "key_type": "0", "key_expression": "k"}],
                }
            ]
        },
        {"out": Rows("k int32, name string(10)", [(1, "one")])},
    ),
    Case(
        "no rows in the reference",
        "Lookup",
        {"main": _MAIN, "ref": _ref([], lookupFail="reject")},
        {},
        {
            "out": Rows(_OUT, schema=False),
            "rej": Rows("k int32, v string(5)", _MAIN.rows, kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "no rows in the primary link",
        "Lookup",
        {"main": Rows("k int32, v string(5)"), "ref": _ref(lookupFail="fail")},
        {},
        {"out": Rows(_OUT, schema=False)},
    ),
    Case(
        "no key",
        "Lookup",
        {"main": _MAIN, "ref": Rows("x int32", kind="reference")},
        {},
        {"out": Rows("k int32")},
        problems=["RS-4381"],
    ),
    Case(
        "an unknown reference column, an expression that cannot be read, a condition with an unknown column",
        "Lookup",
        {
            "main": _MAIN,
            "ref": Rows(
                "k int32",
                kind="reference",
                input=_keys(("kk", "main.k", "="), ("k", "main.k +", "="), Condition="main.zz = 1", lookupFail="drop"),
            ),
        },
        {},
        {"out": Rows("k int32")},
        problems=["RS-4382", "RS-3001", "RS-3004"],
    ),
    Case(
        "keys that cannot be compared",
        "Lookup",
        {
            "main": Rows("k date"),
            "ref": Rows("k int32", kind="reference", input=_keys(("k", "main.k", "="), lookupFail="drop")),
        },
        {},
        {"out": Rows("k date")},
        problems=["RS-4383"],
    ),
    Case(
        "two links that return many",
        "Lookup",
        {
            "main": _MAIN,
            "one": Rows("k int32", kind="reference", input=_keys(("k", "main.k", "="), allow_dups="allow_dups")),
            "two": Rows("k int32", kind="reference", input=_keys(("k", "main.k", "="), allow_dups="allow_dups")),
        },
        {},
        {"out": Rows("k int32")},
        problems=["RS-4384"],
    ),
    Case(
        "reject without a reject link",
        "Lookup",
        {"main": _MAIN, "ref": _ref(lookupFail="reject")},
        {},
        {"out": Rows("k int32")},
        problems=["RS-4385"],
    ),
    Case(
        "columns of any name",
        "Lookup",
        {
            "main": Rows('a"b int32, #row int32', [(1, 5), (2, 6)]),
            "ref": Rows(
                "select int32, x.y string(3)",
                [(2, "ß")],
                kind="reference",
                input=_keys(("select", 'main."a""b"', "="), lookupFail="reject"),
            ),
        },
        {},
        {
            "out": Rows('a"b int32, #row int32, select int32, x.y string(3)', [(2, 6, 2, "ß")], schema=False),
            "rej": Rows('a"b int32, #row int32', [(1, 5)], kind="reject"),
        },
        ordered=True,
    ),
]
