"""Column Generator: columns that are listed, columns that only the output has, and where they stand."""

from __future__ import annotations

from riverstage.stages._generate_random import key_of, random_below, random_state
from tests.conformance.case import Case, Rows

_IN = Rows("id int32 not null, name string(5)", [(7, "x"), (8, None), (9, "ü")])
_FLIPS = [random_below(random_state(place), key_of("4", "r", "value"), 10) for place in range(3)]

CASES = [
    Case(
        "columns that the input does not have are made",
        "Column Generator",
        {"in": _IN},
        {},
        {
            "out": Rows(
                "id int32 not null, name string(5), n int32, s fixed string(2), d date",
                [(7, "x", 1, "aa", "1960-01-01"), (8, None, 2, "bb", "1960-01-02"), (9, "ü", 1, "cc", "1960-01-03")],
                properties={"n": {"cycle": {"init": 1, "limit": 2}}},
            )
        },
        ordered=True,
    ),
    Case(
        "random by the row's place, and nulls",
        "Column Generator",
        {"in": _IN},
        {"schema_": ["r", "z"]},
        {
            "out": Rows(
                "r int32, name string(5), z int8",
                [(_FLIPS[0], "x", None), (_FLIPS[1], None, None), (_FLIPS[2], "ü", None)],
                properties={"r": {"random": {"limit": 9, "seed": 4}}, "z": {"nulls": 100}},
            )
        },
        ordered=True,
    ),
    Case(
        "a listed column takes the place of the input's",
        "Column Generator",
        {"in": _IN},
        {"schema_": "id"},
        {"out": Rows("id int32 not null, name string(5)", [(0, "x"), (1, None), (2, "ü")])},
        ordered=True,
    ),
    Case(
        "other columns of the input are converted as usual",
        "Column Generator",
        {"in": _IN},
        {"selection": "explicit", "schema_": ["n"]},
        {"out": Rows("id string(3), n int64", [("7", 0), ("8", 1), ("9", 2)])},
        ordered=True,
    ),
    Case(
        "no rows",
        "Column Generator",
        {"in": Rows("id int32")},
        {},
        {"out": Rows("id int32, n int32", properties={"n": {"random": {"limit": 3}}})},
    ),
    Case(
        "hidden names do not meet columns of the input",
        "Column Generator",
        {"in": Rows("#place int32, #state string(2)", [(5, "a"), (6, "b")])},
        {"schema_": ["n"]},
        {"out": Rows("#place int32, #state string(2), n int32", [(5, "a", 0), (6, "b", 1)])},
        ordered=True,
    ),
    Case(
        "a listed column that the output does not have",
        "Column Generator",
        {"in": _IN},
        {"schema_": ["nn"]},
        {"out": Rows("id int32, n int32")},
        problems=["RS-4220"],
    ),
    Case(
        "an unlisted column that the input does not have",
        "Column Generator",
        {"in": _IN},
        {"schema_": ["n"]},
        {"out": Rows("id int32, n int32, m int32")},
        problems=["RS-4020"],
    ),
    Case(
        "nothing to make",
        "Column Generator",
        {"in": _IN},
        {},
        {"out": Rows("id int32")},
        problems=["RS-4221"],
    ),
    Case(
        "directives that mean nothing",
        "Column Generator",
        {"in": _IN},
        {},
        {"out": Rows("id int32, n int32", properties={"n": {"cycle": {"init": "x"}}})},
        problems=["RS-4222"],
    ),
    Case(
        "nulls where none may be",
        "Column Generator",
        {"in": _IN},
        {},
        {"out": Rows("id int32, n int32 not null", properties={"n": {"nulls": 5}})},
        problems=["RS-4223"],
    ),
    Case(
        "a schema file",
        "Column Generator",
        {"in": _IN},
        {"selection": "file", "schemafile": "new.osh"},
        {"out": Rows("id int32")},
        fails="RS-4000",
    ),
]
