"""Aggregator: every function, nulls, missing values, weights, result types, counting rows, recalculation."""

from __future__ import annotations

from tests.conformance.case import Case, Rows

_IN = Rows(
    "g string(5), n int32, d decimal(7,2), f float64",
    [
        ("a", 2, "1.10", 0.5),
        ("b", 7, "-2.00", 1.5),
        ("a", 4, "2.20", None),
        ("a", 4, None, 2.5),
        ("a", None, "3.30", 1.0),
        (None, 5, "9.99", None),
        ("c", None, None, None),
    ],
)
_KEY = {"key_properties": [{"key": "g"}]}
_ROOT_OF_THIRD = 1.1547005383792515  # the square root of 4/3


def _reduce(*entries: list[dict[str, str]]) -> dict[str, object]:
    return {**_KEY, "reduce_properties": list(entries)}


_ALL = [
    {"reduce": "n"},
    {"count": "count"},
    {"missing": "missing"},
    {"sum": "sum"},
    {"mean": "mean"},
    {"min": "min"},
    {"max": "max"},
    {"range": "range"},
    {"uss": "uss"},
    {"css": "css"},
    {"var": "var"},
    {"std": "std"},
    {"ste": "ste"},
    {"cv": "cv"},
    {"sumw": "sumw"},
]
_DOUBLES = ["sum", "mean", "min", "max", "range", "uss", "css", "var", "std", "ste", "cv", "sumw"]
_ALL_COLUMNS = "g string(5), count int64 not null, missing int64 not null, "


def _doubles(suffix: str) -> str:
    return ", ".join(f"{name} float64{suffix}" for name in _DOUBLES)


CASES = [
    Case(
        "every function; a group without values gives zero",
        "Aggregator",
        {"in": _IN},
        _reduce(_ALL),
        {
            "out": Rows(
                _ALL_COLUMNS + _doubles(" not null"),
                [
                    # 2, 4, 4: the sum of squares about the mean is 36 - 100/3 = 8/3, so the variance is 4/3.
                    ("a", 3, 1, 10, 10 / 3, 2, 4, 2, 36, 8 / 3, 4 / 3, _ROOT_OF_THIRD, 2 / 3, 30 * _ROOT_OF_THIRD, 3),
                    ("b", 1, 0, 7, 7, 7, 7, 0, 49, 0, 0, 0, 0, 0, 1),
                    (None, 1, 0, 5, 5, 5, 5, 0, 25, 0, 0, 0, 0, 0, 1),
                    ("c", 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                ],
                schema=False,
            )
        },
    ),
    Case(
        "every function; null where there is nothing to compute, if null output is allowed",
        "Aggregator",
        {"in": _IN},
        {**_reduce(_ALL), "nul_res": "nul_res"},
        {
            "out": Rows(
                _ALL_COLUMNS + _doubles(""),
                [
                    ("a", 3, 1, 10, 10 / 3, 2, 4, 2, 36, 8 / 3, 4 / 3, _ROOT_OF_THIRD, 2 / 3, 30 * _ROOT_OF_THIRD, 3),
                    ("b", 1, 0, 7, 7, 7, 7, 0, 49, 0, None, None, None, None, 1),
                    (None, 1, 0, 5, 5, 5, 5, 0, 25, 0, None, None, None, None, 1),
                    ("c", 0, 1, None, None, None, None, None, None, None, None, None, None, None, 0),
                ],
                schema=False,
            )
        },
    ),
    Case(
        "the output link's types, and names that its derivations give",
        "Aggregator",
        {"in": _IN},
        _reduce([{"reduce": "d"}, {"sum": "total"}, {"mean": "m"}], [{"reduce": "n"}, {"count": "c"}]),
        {
            "out": Rows(
                "c int32 not null, g string(5), total decimal(10,2) not null, average decimal(8,1) not null",
                [
                    (3, "a", "6.60", "2.2"),
                    (1, "b", "-2.00", "-2.0"),
                    (1, None, "9.99", "10.0"),
                    (0, "c", "0.00", "0.0"),
                ],
                output={
                    "valueDerivation": [
                        {"columnName": "total", "parsedExpression": "Sum(in.d)", "sourceColumn": "in.d"},
                        {"columnName": "average", "parsedExpression": "Mean(in.d)", "sourceColumn": "in.d"},
                        {"columnName": "c", "parsedExpression": "Count(in.n)", "sourceColumn": "in.n"},
                    ]
                },
            )
        },
    ),
    Case(
        "a decimal result",
        "Aggregator",
        {"in": _IN},
        _reduce([{"reduce": "d"}, {"sum": "s", "decimal": "15,3"}, {"mean": "m", "decimal": "6,1"}]),
        {
            "out": Rows(
                "g string(5), s decimal(15,3) not null, m decimal(6,1) not null",
                [("a", "6.600", "2.2"), ("b", "-2.000", "-2.0"), (None, "9.990", "10.0"), ("c", "0", "0")],
                schema=False,
            )
        },
    ),
    Case(
        "decimals as the default of the stage",
        "Aggregator",
        {"in": _IN},
        {**_reduce([{"reduce": "d"}, {"sum": "s"}]), "default_to_decimal": "8,2"},
        {
            "out": Rows(
                "g string(5), s decimal(8,2) not null",
                [("a", "6.60"), ("b", "-2.00"), (None, "9.99"), ("c", "0")],
                schema=False,
            )
        },
    ),
    Case(
        "least and greatest keep their type where that is asked for, and of texts and dates always",
        "Aggregator",
        {
            "in": Rows(
                "g int32, n int32, s string(5), day date",
                [(1, 3, "b", "2024-05-01"), (1, 1, "B", None), (1, None, None, "2023-01-01")],
            )
        },
        {
            **_KEY,
            "reduce_properties": [
                [{"reduce": "n"}, {"min": "least"}, {"max": "greatest"}, {"preserveType": "preserveType"}],
                [{"reduce": "s"}, {"min": "first"}, {"max": "last"}],
                [{"reduce": "day"}, {"min": "from"}, {"max": "to"}, {"count": "days"}],
            ],
        },
        {
            "out": Rows(
                "g int32, least int32 not null, greatest int32 not null, first string(5) not null, "
                "last string(5) not null, from date not null, to date not null, days int64 not null",
                [(1, 1, 3, "B", "b", "2023-01-01", "2024-05-01", 2)],
                schema=False,
            )
        },
    ),
    Case(
        "a number that counts as missing",
        "Aggregator",
        {"in": Rows("g int32, n int32, f float64", [(1, -1, 1.0), (1, 5, -1.0), (1, 7, 2.0), (1, None, None)])},
        {
            **_KEY,
            "reduce_properties": [
                [{"reduce": "n"}, {"mval": "-1"}, {"sum": "sn"}, {"count": "cn"}, {"missing": "mn"}],
                [{"reduce": "f"}, {"mval": "-1"}, {"sum": "sf"}, {"misscount": "mf"}],
            ],
        },
        {
            "out": Rows(
                "g int32, sn float64 not null, cn int64 not null, mn int64 not null, sf float64 not null, "
                "mf int64 not null",
                [(1, 12.0, 2, 2, 3.0, 2)],
                schema=False,
            )
        },
    ),
    Case(
        "weights bear on sum, mean, uncorrected squares and the sum of weights",
        "Aggregator",
        {"in": Rows("g int32, n int32, w int32", [(1, 10, 1), (1, 20, 3), (1, None, 5)])},
        {
            **_KEY,
            "reduce_properties": [
                [{"reduce": "n"}, {"weightField": "w"}]
                + [{name: name} for name in ("sum", "mean", "uss", "sumw", "count", "var", "max")]
            ],
        },
        {
            "out": Rows(
                "g int32, sum float64 not null, mean float64 not null, uss float64 not null, sumw float64 not null, "
                "count int64 not null, var float64 not null, max float64 not null",
                [(1, 70.0, 17.5, 1300.0, 4.0, 2, 50.0, 20.0)],
                schema=False,
            )
        },
    ),
    Case(
        "variances by the number of values",
        "Aggregator",
        {"in": Rows("g int32, n int32", [(1, 1), (1, 3), (2, 5)])},
        {**_KEY, "reduce_properties": [[{"reduce": "n"}, {"var": "v", "vardef": "NRecs"}, {"vardef": "NRecs"}]]},
        {"out": Rows("g int32, v float64 not null", [(1, 1.0), (2, 0.0)], schema=False)},
    ),
    Case(
        "an entry as one mapping",
        "Aggregator",
        {"in": Rows("g int32, n int32", [(1, 1), (1, 3)])},
        {**_KEY, "reduce_properties": [{"reduce": "n", "sum": "s", "count": "c"}]},
        {"out": Rows("g int32, s float64 not null, c int64 not null", [(1, 4.0, 2)], schema=False)},
    ),
    Case(
        "counting rows",
        "Aggregator",
        {"in": _IN},
        {**_KEY, "selection": "countField", "count_field_properties": [[{"countField": "rows"}]]},
        {"out": Rows("g string(5), rows int64 not null", [("a", 4), ("b", 1), (None, 1), ("c", 1)], schema=False)},
    ),
    Case(
        "counting rows by weight",
        "Aggregator",
        {"in": Rows("g int32, w float64", [(1, 0.5), (1, 2.0), (2, None)])},
        {
            **_KEY,
            "selection": "countField",
            "count_field_properties": [{"countField": "rows", "weightField": "w"}],
        },
        {"out": Rows("g int32, rows float64 not null", [(1, 2.5), (2, 0.0)], schema=False)},
    ),
    Case(
        "caseless keys come out in the spelling that sorts first",
        "Aggregator",
        {"in": Rows("g string(5), n int32", [("x", 1), ("X", 2), ("y", 4)])},
        {
            "key_properties": [{"key": "g", "ci-cs": "ci"}],
            "reduce_properties": [[{"reduce": "n"}, {"sum": "s"}]],
        },
        {"out": Rows("g string(5), s float64 not null", [("X", 3.0), ("y", 4.0)], schema=False)},
    ),
    Case(
        "the method sort gives the groups in the order of their keys",
        "Aggregator",
        {
            "in": Rows(
                "g string(5), h int32, n int32", [("b", 1, 1), ("a", 2, 2), (None, 0, 4), ("a", 1, 8), ("b", 1, 16)]
            )
        },
        {
            "method": "sort",
            "key_properties": [{"key": "g"}, {"key": "h"}],
            "reduce_properties": [[{"reduce": "n"}, {"sum": "s"}]],
        },
        {
            "out": Rows(
                "g string(5), h int32, s float64 not null",
                [(None, 0, 4.0), ("a", 1, 8.0), ("a", 2, 2.0), ("b", 1, 17.0)],
                schema=False,
            )
        },
        ordered=True,
    ),
    Case(
        "sums of large numbers are exact until they are converted",
        "Aggregator",
        {"in": Rows("g int32, n int64", [(1, 9007199254740993), (1, 9007199254740993), (1, 1)])},
        _reduce([{"reduce": "n"}, {"sum": "s"}]),
        {"out": Rows("g int32, s int64 not null", [(1, 18014398509481987)])},
    ),
    Case(
        "no rows",
        "Aggregator",
        {"in": Rows("g int32, n int32")},
        _reduce([{"reduce": "n"}, {"sum": "s"}]),
        {"out": Rows("g int32, s float64 not null", schema=False)},
    ),
    Case(
        "no key, and nothing to compute",
        "Aggregator",
        {"in": Rows("g int32")},
        {},
        {"out": Rows("g int32")},
        problems=["RS-4400", "RS-4406"],
    ),
    Case(
        "weight means weightField",
        "Aggregator",
        {"in": Rows("g int32, n int32, w float64", [(1, 2, 1), (1, 4, 3), (2, 10, 0.5)])},
        {
            "key_properties": [{"key": "g"}],
            "reduce_properties": [[{"reduce": "n"}, {"sum": "s"}, {"weight": "w"}, {"mean": "m"}]],
        },
        {"out": Rows("g int32, s float64 not null, m float64 not null", [(1, 14, 3.5), (2, 5, 10)], schema=False)},
    ),
    Case(
        "unknown columns, functions that do not fit, names that clash",
        "Aggregator",
        {"in": Rows("g string(5), n int32")},
        {
            **_KEY,
            "reduce_properties": [
                [{"reduce": "nn"}, {"sum": "s"}],
                [{"reduce": "g"}, {"mean": "m"}],
                [{"reduce": "n"}, {"sum": "g"}, {"mval": "none"}],
            ],
        },
        {"out": Rows("g string(5)")},
        problems=["RS-4407", "RS-4408", "RS-4409", "RS-4410"],
    ),
    Case(
        "columns of any name",
        "Aggregator",
        {"in": Rows('a"b int32, x.y int32', [(1, 2), (1, 3)])},
        {
            "key_properties": [{"key": 'a"b'}],
            "reduce_properties": [[{"reduce": "x.y"}, {"sum": "select"}, {"max": "ü"}]],
        },
        {"out": Rows('a"b int32, select float64 not null, ü float64 not null', [(1, 5.0, 3.0)], schema=False)},
    ),
]
