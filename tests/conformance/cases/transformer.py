"""Transformer: derivations, constraints, several outputs, stage variables, state, nulls, rejects, row numbers."""

from __future__ import annotations

from typing import Any

from tests.conformance.case import Case, Rows


def _out(derivations: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Return what an output port says: expressions by column, and the rest by wire names."""
    entries = [{"columnName": name, "parsedExpression": text} for name, text in (derivations or {}).items()]
    return {**({"valueDerivation": entries} if entries else {}), **more}


def _variable(name: str, derivation: str, **more: str) -> dict[str, str]:
    return {"name": name, "derivation": derivation, **more}


_IN = Rows(
    "id int32 not null, name string(10), amt decimal(7,2)", [(1, "ann", "10.00"), (2, None, "20.50"), (3, "c", None)]
)

_DERIVING = [
    Case(
        "derived, renamed and passed columns",
        "Transformer",
        {"in": _IN},
        {},
        {
            "out": Rows(
                "id int32 not null, upper string(10), twice decimal(9,2), label string(20)",
                [(1, "ANN", "20.00", "row 1"), (2, None, "41.00", "row 2"), (3, "C", None, "row 3")],
                output=_out({"upper": "UpCase(in.name)", "twice": "in.amt * 2", "label": "'row ' : in.id"}),
            )
        },
        ordered=True,
    ),
    Case(
        "an output without a schema has the columns that are derived",
        "Transformer",
        {"in": _IN},
        {},
        {
            "out": Rows(
                "key int32 not null, n string(10)",
                [(1, "ann"), (2, None), (3, "c")],
                schema=False,
                output=_out({"key": "in.id", "n": "in.name"}),
            )
        },
        ordered=True,
    ),
    Case(
        "an output that says nothing has the input's columns",
        "Transformer",
        {"in": _IN},
        {},
        {"out": Rows(_IN.columns, _IN.rows, schema=False)},
        ordered=True,
    ),
    Case(
        "columns that are not named are carried where columns propagate",
        "Transformer",
        {"in": _IN},
        {},
        {
            "out": Rows(
                "n string(10), id int32 not null, amt decimal(7,2)",
                [("ann", 1, "10.00"), (None, 2, "20.50"), ("c", 3, None)],
                schema=False,
                output=_out({"n": "in.name"}),
            )
        },
        propagate=True,
        ordered=True,
    ),
    Case(
        "parameters and macros",
        "Transformer",
        {"in": Rows("id int32", [(1,)])},
        {},
        {
            "out": Rows(
                "a string(20), b string(20), c string(20), d string(20)",
                [("x!", "x", "case", "Stage")],
                output=_out({"a": "#P# : '!'", "b": "P", "c": "DSJobName", "d": "DSStageName"}),
            )
        },
        parameters={"P": "x"},
    ),
    Case(
        "system variables",
        "Transformer",
        {"in": Rows("id int32", [(10,), (20,), (30,)])},
        {},
        {
            "out": Rows(
                "inrow int64, outrow int64, part int32, parts int32, yes int32, nothing string(5)",
                [(2, 1, 0, 1, 1, None), (3, 2, 0, 1, 1, None)],
                output=_out(
                    {
                        "inrow": "@INROWNUM",
                        "outrow": "@OUTROWNUM",
                        "part": "@PARTITIONNUM",
                        "parts": "@NUMPARTITIONS",
                        "yes": "@TRUE",
                        "nothing": "@NULL",
                    },
                    TransformerConstraint="in.id > 10",
                ),
            )
        },
        ordered=True,
    ),
]

_STRANGE = 'select int32, ü string(5), a"b int32, x.y int32, #row int32'

_DERIVING.append(
    Case(
        "columns of any name",
        "Transformer",
        {"in": Rows(_STRANGE, [(1, "a", 2, 3, 4), (5, None, 6, 7, 8)])},
        {"stage_variables": [_variable("größe", 'größe + in."a""b" + in.select', sql_type="INTEGER")]},
        {
            "out": Rows(
                'select int32, ü string(5), a"b int32, x.y int32, #row int32, sum int32',
                [(1, "a!", 2, 3, 4, 3), (5, None, 6, 7, 8, 14)],
                output=_out({"ü": "in.ü : '!'", "sum": "größe"}),
            )
        },
        ordered=True,
    )
)

_SPLITTING = [
    Case(
        "a row may go to several outputs; null is not true",
        "Transformer",
        {"in": _IN},
        {},
        {
            "small": Rows("id int32 not null", [(1,)], output=_out(TransformerConstraint="in.amt < 15")),
            "all": Rows("id int32 not null", [(1,), (2,), (3,)]),
            "large": Rows("id int32 not null", [(1,), (2,)], output=_out(TransformerConstraint="in.amt > 5")),
        },
        ordered=True,
    ),
    Case(
        "otherwise takes what no output before took",
        "Transformer",
        {"in": _IN},
        {},
        {
            "a": Rows("id int32 not null", [(1,)], output=_out(TransformerConstraint="in.id = 1")),
            "b": Rows("id int32 not null", [(2,)], output=_out(TransformerConstraint="in.amt > 15")),
            "rest": Rows("id int32 not null", [(3,)], output=_out(Reject=True, TransformerConstraint="")),
        },
        ordered=True,
    ),
    Case(
        "a constraint and otherwise",
        "Transformer",
        {"in": _IN},
        {},
        {
            "a": Rows("id int32 not null", [(1,)], output=_out(TransformerConstraint="in.amt < 15")),
            "rest": Rows("id int32 not null", [(2,), (3,)], output=_out(Reject=True)),
        },
        ordered=True,
    ),
    Case(
        "a row that fails goes to the reject link as it came, and to no output from there on",
        "Transformer",
        {"in": Rows("id int32, t string(10)", [(1, "5"), (2, "x"), (3, None), (4, "-7")])},
        {},
        {
            "first": Rows("id int32", [(1,), (2,), (3,), (4,)]),
            "second": Rows("id int32, n int32", [(1, 5), (3, None), (4, -7)], output=_out({"n": "in.t"})),
            "third": Rows("id int32", [(1,), (3,), (4,)]),
            "rej": Rows("id int32, t string(10)", [(2, "x")], kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "an output whose constraint is not met does not make a row fail",
        "Transformer",
        {"in": Rows("id int32, t string(10)", [(1, "5"), (2, "x")])},
        {},
        {
            "out": Rows("n int32", [(5,)], output=_out({"n": "in.t"}, TransformerConstraint="in.id = 1")),
            "rest": Rows("id int32", [(2,)], output=_out(Reject=True)),
            "rej": Rows("id int32, t string(10)", kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "a null for a column that takes none is rejected",
        "Transformer",
        {"in": _IN},
        {},
        {
            "out": Rows("id int32 not null, name string(10) not null", [(1, "ann"), (3, "c")]),
            "rej": Rows(_IN.columns, [(2, None, "20.50")], kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "without a reject link a row that fails is dropped and counted",
        "Transformer",
        {"in": _IN},
        {},
        {"out": Rows("id int32 not null, name string(10) not null", [(1, "ann"), (3, "c")])},
        ordered=True,
        counts={"Stage#dropped": 1},
    ),
    Case(
        "a row that fails ends the run where that is asked for",
        "Transformer",
        {"in": _IN},
        {"abort_on_null": True},
        {"out": Rows("id int32 not null, name string(10) not null")},
        fails="RS-6202",
    ),
    Case(
        "the row limit ends the run",
        "Transformer",
        {"in": _IN},
        {},
        {"out": Rows("id int32 not null", output=_out(RowLimit=2, TransformerConstraint="in.id > 1"))},
        fails="RS-6250",
    ),
    Case(
        "a row limit that is not reached",
        "Transformer",
        {"in": _IN},
        {},
        {"out": Rows("id int32 not null", [(3,)], output=_out(RowLimit=2, TransformerConstraint="in.id > 2"))},
    ),
    Case(
        "no rows",
        "Transformer",
        {"in": Rows("id int32")},
        {"stage_variables": [_variable("n", "n + 1", sql_type="INTEGER", initial_value="0")]},
        {
            "out": Rows("id int32, n int32", output=_out({"n": "n"})),
            "rej": Rows("id int32", kind="reject"),
        },
    ),
]

_NULLS = [
    Case(
        "null rules: null goes through expressions, is not true, and is seen by the functions for it",
        "Transformer",
        {"in": Rows("s string(5), n int32", [(None, None), ("a", 1)])},
        {},
        {
            "out": Rows(
                "joined string(10), added int32, chosen string(5), isnull int32, filled string(5), lasting int32",
                [(None, None, "else", 1, "none", 1), ("a!", 2, "then", 0, "a", 1)],
                output=_out(
                    {
                        "joined": "in.s : '!'",
                        "added": "in.n + 1",
                        "chosen": "If in.n = 1 Then 'then' Else 'else'",
                        "isnull": "IsNull(in.s)",
                        "filled": "NullToValue(in.s, 'none')",
                        "lasting": "If @TRUE Or in.n = 1 Then 1 Else 0",
                    }
                ),
            )
        },
        ordered=True,
    ),
    Case(
        "the old null rules: a null that is used makes the row fail, unless a function for nulls takes it",
        "Transformer",
        {"in": Rows("s string(5), n int32", [(None, 1), ("a", None), ("b", 2)])},
        {"old_null_handling": True},
        {
            "out": Rows(
                "joined string(10), n int32",
                [("none!", 1), ("a!", None), ("b!", 2)],
                output=_out({"joined": "NullToValue(in.s, 'none') : '!'", "n": "in.n"}),
            ),
            "used": Rows("m int32", [(2,), (3,)], output=_out({"m": "in.n + 1"})),
            "rej": Rows("s string(5), n int32", [("a", None)], kind="reject"),
        },
        ordered=True,
    ),
]

_STATE = [
    Case(
        "a stage variable with state and no column of the input",
        "Transformer",
        {"in": Rows("n int32", [(5,), (None,), (7,)])},
        {"stage_variables": [_variable("v", "v + 1", sql_type="INTEGER", initial_value="0")]},
        {"out": Rows("id int32", [(1,), (2,), (3,)], output=_out({"id": "v"}))},
        ordered=True,
    ),
    Case(
        "decimal stage variables without digits keep their fractions, with state and without",
        "Transformer",
        {"in": Rows("p decimal(5,2)", [("1.25",), ("0.5",)])},
        {
            "stage_variables": [
                _variable("half", "in.p / 2", sql_type="DECIMAL"),
                _variable("total", "total + in.p", sql_type="NUMERIC", initial_value="0.125"),
                _variable("whole", "in.p", sql_type="DECIMAL", length="9"),
            ]
        },
        {
            "out": Rows(
                "half decimal(10,3), total decimal(10,3), whole decimal(10,3)",
                [("0.625", "1.375", "1"), ("0.25", "1.875", "1")],
                output=_out({"half": "half", "total": "total", "whole": "whole"}),
            )
        },
        ordered=True,
    ),
    Case(
        "stage variables without state, each using those before",
        "Transformer",
        {"in": Rows("p decimal(5,2), q int32", [("1.50", 2), (None, 3)])},
        {
            "stage_variables": [
                _variable("net", "in.p * in.q", sql_type="DECIMAL", length="10", scale="2"),
                _variable("gross", "net * 1.2", sql_type="DECIMAL", length="10", scale="2"),
                _variable("rate", "0.5"),
            ]
        },
        {
            "out": Rows(
                "net decimal(10,2), gross decimal(10,2), half decimal(10,3)",
                [("3.00", "3.60", "1.500"), (None, None, None)],
                output=_out({"net": "net", "gross": "gross", "half": "net * rate"}),
            )
        },
        ordered=True,
    ),
    Case(
        "a running sum, a counter and the row before",
        "Transformer",
        {"in": Rows("n int32", [(5,), (7,), (-2,)])},
        {
            "stage_variables": [
                _variable("before", "now", sql_type="INTEGER"),
                _variable("now", "in.n", sql_type="INTEGER", initial_value="-1"),
                _variable("total", "total + in.n", sql_type="INTEGER", initial_value="100"),
                _variable("rows", "rows + 1", sql_type="INTEGER"),
            ]
        },
        {
            "out": Rows(
                "n int32, before int32, total int32, rows int32",
                [(5, -1, 105, 1), (7, 5, 112, 2), (-2, 7, 110, 3)],
                output=_out({"before": "before", "total": "total", "rows": "rows"}),
            )
        },
        ordered=True,
    ),
    Case(
        "a number within each group, by the key of the row before",
        "Transformer",
        {"in": Rows("k string(5), v string(5)", [("a", "1"), ("a", "2"), ("b", "3"), (None, "4"), ("a", "5")])},
        {
            "stage_variables": [
                _variable("nth", "If in.k = last Then nth + 1 Else 1", sql_type="INTEGER"),
                _variable("all", "If in.k = last Then all : ',' : in.v Else in.v", sql_type="VARCHAR", length="20"),
                _variable("last", "in.k", sql_type="VARCHAR", length="5"),
            ]
        },
        {
            "out": Rows(
                "k string(5), nth int32, all string(20)",
                [("a", 1, "1"), ("a", 2, "1,2"), ("b", 1, "3"), (None, 1, "4"), ("a", 1, "5")],
                output=_out({"nth": "nth", "all": "all"}),
            )
        },
        ordered=True,
    ),
    Case(
        "what follows from state is computed behind it, and may choose rows",
        "Transformer",
        {"in": Rows("n int32, t string(5)", [(1, " a "), (2, "b"), (3, "c"), (4, "d")])},
        {
            "stage_variables": [
                _variable("trimmed", "Trim(in.t)", sql_type="VARCHAR", length="5"),
                _variable("sum", "sum + in.n", sql_type="INTEGER"),
                _variable("text", "trimmed : sum", sql_type="VARCHAR", length="10"),
            ]
        },
        {
            "out": Rows(
                "text string(10), row int64, nth int64",
                [("b3", 2, 1), ("c6", 3, 2)],
                output=_out(
                    {"text": "text", "row": "@INROWNUM", "nth": "@OUTROWNUM"},
                    TransformerConstraint="sum > 1 And sum < 10",
                ),
            ),
            "rest": Rows("n int32", [(1,), (4,)], output=_out(Reject=True)),
        },
        ordered=True,
    ),
    Case(
        "a variable keeps what it has where its expression says so",
        "Transformer",
        {"in": Rows("d date, n int32", [(None, 1), ("2024-02-29", 2), (None, 3)])},
        {
            "stage_variables": [
                _variable("seen", "If IsNotNull(in.d) Then in.d Else seen", sql_type="DATE"),
                _variable("most", "If in.n > most Then in.n Else most", sql_type="INTEGER", initial_value="2"),
            ]
        },
        {
            "out": Rows(
                "seen date, most int32",
                [(None, 2), ("2024-02-29", 2), ("2024-02-29", 3)],
                output=_out({"seen": "seen", "most": "most"}),
            )
        },
        ordered=True,
    ),
    Case(
        "a stage variable that cannot be computed makes the row fail; it is null for the rows behind",
        "Transformer",
        {"in": Rows("t string(5)", [("1",), ("x",), ("3",)])},
        {
            "stage_variables": [
                _variable("before", "now", sql_type="INTEGER", initial_value="0"),
                _variable("now", "in.t", sql_type="INTEGER"),
            ]
        },
        {
            "out": Rows("t string(5), before int32", [("1", 0), ("3", None)], output=_out({"before": "before"})),
            "rej": Rows("t string(5)", [("x",)], kind="reject"),
        },
        ordered=True,
    ),
    Case(
        "a counter without a type",
        "Transformer",
        {"in": Rows("n int32", [(5,), (7,)])},
        {"stage_variables": [_variable("c", "c + 1", initial_value="0")]},
        {"out": Rows("n int32, c int64", [(5, 1), (7, 2)], output=_out({"c": "c"}))},
        ordered=True,
    ),
    Case(
        "decimals with state stay exact",
        "Transformer",
        {"in": Rows("a decimal(9,2)", [("0.10",), ("0.20",), (None,), ("0.30",)])},
        {
            "stage_variables": [
                _variable("t", "t + NullToZero(in.a)", sql_type="DECIMAL", length="12", scale="2", initial_value="0")
            ]
        },
        {"out": Rows("t decimal(12,2)", [("0.10",), ("0.30",), ("0.30",), ("0.60",)], output=_out({"t": "t"}))},
        ordered=True,
    ),
]

_PROBLEMS = [
    Case(
        "every problem at once",
        "Transformer",
        {"in": _IN},
        {"stage_variables": [_variable("v", "in.nam"), _variable("w", "Trimm(in.name)")]},
        {
            "out": Rows(
                "id int32, x int32, y int32",
                output=_out({"x": "in.id +", "y": "in.id + v"}, TransformerConstraint="on.id = 1"),
            )
        },
        problems=["RS-3004", "RS-3002", "RS-3001"],
    ),
    Case(
        "a column that nothing gives",
        "Transformer",
        {"in": _IN},
        {},
        {"out": Rows("id int32, z int32")},
        problems=["RS-4020"],
    ),
    Case(
        "loops are not supported",
        "Transformer",
        {"in": _IN},
        {"loop_while": "@ITERATION < 3"},
        {"out": Rows("id int32")},
        problems=["RS-4541"],
    ),
    Case(
        "surrogate key state files are not supported",
        "Transformer",
        {"in": _IN},
        {"sur_key_state_file": "/keys"},
        {"out": Rows("id int32")},
        problems=["RS-4541"],
    ),
    Case(
        "a derivation that no column has, an otherwise link before all others, one that nothing is left for",
        "Transformer",
        {"in": _IN},
        {"triggers": [{"when": "start"}]},
        {
            "first": Rows("id int32", output=_out({"zz": "1"}, Reject=True)),
            "all": Rows("id int32"),
            "rest": Rows("id int32", output=_out(Reject=True)),
        },
        problems=["RS-4542", "RS-4545", "RS-4547", "RS-4548"],
    ),
    Case(
        "a constraint over the output's own row number, an initial value that needs a row, a variable twice",
        "Transformer",
        {"in": _IN},
        {
            "stage_variables": [
                _variable("v", "v + 1", initial_value="Rand()", sql_type="INTEGER"),
                _variable("v", "1"),
            ]
        },
        {"out": Rows("id int32", output=_out(TransformerConstraint="@OUTROWNUM < 3"))},
        problems=["RS-4543", "RS-4544", "RS-4546"],
    ),
]

CASES = [*_DERIVING, *_SPLITTING, *_NULLS, *_STATE, *_PROBLEMS]
