"""Funnel: three kinds, columns by name, types that differ."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case, Rows

_COLUMNS = "id int32, k string(5)"
_A = Rows(_COLUMNS, [(3, "b"), (1, None), (2, "a")])
_B = Rows(_COLUMNS, [(1, "A"), (2, "a"), (9, "ü")])
_C = Rows(_COLUMNS, [])
_ALL = [(3, "b"), (1, None), (2, "a"), (1, "A"), (2, "a"), (9, "ü")]


def _sorted(name: str, keys: list[dict[str, str]], rows: list[tuple[Any, ...]]) -> Case:
    configuration = {"operator": "sortfunnel", "key_properties": keys}
    return Case(name, "Funnel", {"A": _A, "B": _B}, configuration, {"out": Rows(_COLUMNS, rows)}, ordered=True)


def _wrong(name: str, code: str, *inputs: Rows, schema: bool = False, **configuration: Any) -> Case:
    links = {f"in{number}": rows for number, rows in enumerate(inputs)}
    return Case(name, "Funnel", links, configuration, {"out": Rows(_COLUMNS, schema=schema)}, problems=[code])


CASES = [
    Case("all rows in any order", "Funnel", {"A": _A, "B": _B, "C": _C}, {}, {"out": Rows(_COLUMNS, _ALL)}),
    Case("equal rows stay apart", "Funnel", {"A": _A, "B": _A}, {}, {"out": Rows(_COLUMNS, [*_A.rows, *_A.rows])}),
    Case("no rows at all", "Funnel", {"A": _C, "B": _C}, {}, {"out": Rows(_COLUMNS)}),
    Case(
        "one link after the other, each in its order",
        "Funnel",
        {"B": _B, "C": _C, "A": _A},
        {"operator": "sequence"},
        {"out": Rows(_COLUMNS, [*_B.rows, *_A.rows])},
        ordered=True,
    ),
    _sorted(
        "merged: equal keys by link, then by place",
        [{"key": "id"}],
        [(1, None), (1, "A"), (2, "a"), (2, "a"), (3, "b"), (9, "ü")],
    ),
    _sorted(
        "merged: by text, nulls first",
        [{"key": "k"}],
        [(1, None), (1, "A"), (2, "a"), (2, "a"), (3, "b"), (9, "ü")],
    ),
    _sorted(
        "merged: descending, nulls last",
        [{"key": "k", "asc-desc": "desc", "nulls": "last"}],
        [(9, "ü"), (3, "b"), (2, "a"), (2, "a"), (1, "A"), (1, None)],
    ),
    _sorted(
        "merged: two keys, without regard to case",
        [{"key": "k", "ci-cs": "ci"}, {"key": "id"}],
        [(1, None), (1, "A"), (2, "a"), (2, "a"), (3, "b"), (9, "ü")],
    ),
    Case(
        "columns are matched by name, and take the first link's types, with room for every link's texts",
        "Funnel",
        {"A": _A, "B": Rows("k string(9), id string(4)", [("z", "7"), ("longer", " 8 ")])},
        {"operator": "sequence"},
        {"out": Rows("id int32, k string(9)", [*_A.rows, (7, "z"), (8, "longer")], schema=False)},
        ordered=True,
    ),
    Case(
        "the output's schema says the types",
        "Funnel",
        {"A": _A, "B": Rows("k string(9), id string(4)", [("longer", "x")])},
        {"operator": "sequence"},
        {"out": Rows("id string(9), k string(9)", [("3", "b"), ("1", None), ("2", "a"), ("x", "longer")])},
        ordered=True,
    ),
    Case(
        "the output's schema chooses columns",
        "Funnel",
        {"A": _A, "B": Rows("k string(5), x int32", [("z", 1)])},
        {"operator": "sequence"},
        {"out": Rows("k string(5)", [("b",), (None,), ("a",), ("z",)])},
        ordered=True,
    ),
    Case(
        "columns that only a later link has are left out",
        "Funnel",
        {"A": _A, "B": Rows("x int32, k string(5), id int32", [(1, "z", 5)])},
        {"operator": "sequence"},
        {"out": Rows(_COLUMNS, [*_A.rows, (5, "z")], schema=False)},
        ordered=True,
    ),
    Case(
        "merged under the names of the output",
        "Funnel",
        {"A": _A, "B": _B},
        {"operator": "sortfunnel", "key_properties": [{"key": "id", "asc_desc": "desc"}]},
        {
            "out": Rows(
                "nr int64",
                [(9,), (3,), (2,), (2,), (1,), (1,)],
                output={"valueDerivation": [{"columnName": "nr", "parsedExpression": "A.id", "sourceColumn": "A.id"}]},
            )
        },
        ordered=True,
    ),
    Case(
        "a value that the first link's type cannot hold",
        "Funnel",
        {"A": _A, "B": Rows("id string(4), k string(5)", [("x", "y")])},
        {},
        {"out": Rows(_COLUMNS, schema=False)},
        fails="RS-6201",
    ),
    Case(
        "a null for a column that cannot be null",
        "Funnel",
        {"A": _A, "B": _B},
        {},
        {"out": Rows("k string(5) not null")},
        fails="RS-6201",
    ),
    _wrong("a column that a link lacks", "RS-4420", _A, Rows("id int32")),
    _wrong("a column of the output that a link lacks", "RS-4420", Rows("id int32"), _A, schema=True),
    _wrong("types that do not meet", "RS-4022", _A, Rows("id date, k string(5)")),
    _wrong("columns left out", "RS-4422", _A, Rows("id int32, k string(5), x int32")),
    _wrong("no key", "RS-4430", _A, _B, operator="sortfunnel"),
    _wrong("a key that there is not", "RS-4431", _A, _B, operator="sortfunnel", key_properties=[{"key": "q"}]),
    Case(
        "a key that the output does not have",
        "Funnel",
        {"A": _A, "B": _B},
        {"operator": "sortfunnel", "key_properties": [{"key": "id"}]},
        {"out": Rows("k string(5)")},
        problems=["RS-4436"],
    ),
]
