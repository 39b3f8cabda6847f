"""What a compiler is told of an expression: its type, whether it can be null, where it fails."""

import re

import pytest
from sqlglot import exp

from riverstage.errors import ExpressionError
from riverstage.expressions import nodes
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.translate import condition, convert, translate
from riverstage.expressions.translated import Translated
from riverstage.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    NULL,
    STRING,
    decimal,
    string,
    time,
    timestamp,
)
from tests.expressions.both import FAILED, check_both, in_duckdb, in_python

COLUMNS = {
    "tiny": INT8, "small": INT16, "i": INT32, "big": INT64, "e": decimal(10, 2), "wide": decimal(38, 10),
    "f": FLOAT64, "s": STRING,
    "s5": string(5), "d": DATE, "t": time(0), "m": timestamp(0), "b": BOOLEAN,
}  # fmt: skip
SCOPE = Names(
    {
        "L": {name: Bound(nodes.column(name), kind) for name, kind in COLUMNS.items()},
        "R": {"i": Bound(nodes.column("r"), INT32, nullable=False)},
    },
    {"sv": Bound(nodes.column("sv"), INT32)},
    {
        "rate": Bound("0.19", STRING, nullable=False, constant=True),
        "s.p": Bound(5, INT32, nullable=False, constant=True),
    },
    {"@INROWNUM": Bound(nodes.column("__row"), INT64, nullable=False, deterministic=False)},
    {"DSJobName": Bound("load", STRING, nullable=False, constant=True)},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L.tiny + L.tiny", INT32), ("L.small * L.small", INT64), ("L.i + 1", INT64), ("L.big - L.i", INT64),
        ("L.e + L.e", decimal(11, 2)), ("L.e * L.e", decimal(20, 4)), ("L.e * 1.10", decimal(13, 4)), ("L.e + L.i",
        decimal(13, 2)),
        ("L.wide + L.wide", decimal(38, 10)), ("L.wide * L.wide", decimal(38, 10)), ("L.e * L.wide", decimal(38, 10)),
        ("L.i / L.i", FLOAT64), ("L.e / 2", FLOAT64), ("L.i ^ 2", FLOAT64), ("L.e + L.f", FLOAT64), ("L.s + 1",
        FLOAT64), ('"2" + 1', INT64),
        ("-L.tiny", INT32), ("-L.e", decimal(10, 2)), ("L.b + 1", INT64), ("L.s5 : L.s5", string(10)),
        ('L.s5 : "abc"', string(8)), ("L.s5 : L.i", string()),
        ("L.i = 1", BOOLEAN), ("L.i = 1 And L.b", BOOLEAN), ("Not L.i", BOOLEAN), ("L.s5[1,2]", string(5)), ("@NULL",
        NULL), ("SetNull()", NULL), ("@TRUE", INT8),
        ("If L.b Then L.i Else L.big", INT64), ("If L.b Then L.e Else 0", decimal(10, 2)),
        ("If L.b Then L.e Else 0.125", decimal(11, 3)), ("If L.b Then L.i Else L.f", FLOAT64),
        ('If L.b Then "a" Else L.s5', string(5)), ('If L.b Then L.i Else "x"', string()), ("If L.b Then L.d Else L.m",
        timestamp(0)), ("If L.b Then SetNull() Else L.i", INT32),
        ("If L.b Then L.tiny Else 1000", INT32), ("NullToZero(L.e)", decimal(10, 2)), ("NullToValue(L.i, 0)", INT32),
        ('NullToEmpty(L.i)', string()), ('NullToValue(L.i, "")', string()),
        ("Trim(L.s5)", string(5)), ("UpCase(L.i)", string()), ("StringToDecimal(L.s)", decimal(38, 10)), ("sv + 1",
        INT64), ("rate + 1", decimal(4, 2)), ("#s.p#", INT32), ("s.p", INT32), ("DSJobName", STRING),
    ],
)  # fmt: skip
def test_types(text, expected):
    assert translate(text, SCOPE).type == expected


@pytest.mark.parametrize(
    ("text", "nullable", "can_fail"),
    [
        ("L.i", True, False), ("R.i", False, False), ("R.i + 1", False, False), ("L.i + L.i", True, False),
        ("L.big + L.big", True, True), ("R.i + R.i + R.i + R.i", False, False),
        ("R.i / 2", False, False), ("R.i / R.i", True, True), ("R.i ^ 2", True, True), ("IsNull(L.i)", False, False),
        ("NullToZero(L.i)", False, False), ("NullToValue(L.i, L.i)", True, False),
        ("L.s + 1", True, True), ('If L.b Then "a" Else "b"', False, False), ("If R.i > 0 Then R.i Else 6 / R.i",
        True, True), ("@NULL", True, False), ("Trim(L.s)", True, False), ("UpCase(L.s)", True, False),
        ("IsValidDecimal(StringToDecimal(L.s))", False, False), ("StrToNumOrNull(L.s)", True, False),
        ("Trim(DSJobName)", False, False), ('Trim(L.s, "x", "L")', True, False), ("Trim(L.s, L.s)", True, False),
        ('Trim(L.s, "x", L.s)', True, True), ('IsValidDate("x")', False, False),
        ("L.e + L.e", True, False), ("L.wide + L.e", True, True), ('"a" : "b"', False, False),
    ],
)  # fmt: skip
def test_nullable_and_failing(text, nullable, can_fail):
    found = translate(text, SCOPE)
    assert (found.nullable, found.fails_when is not None) == (nullable, can_fail)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ('IsValidDate("2024-02-30")', 0), ('IsValidDate("2024-02-29")', 1), ('IsValidDate("")', 0),
        ('IsValidTime("25:00:00")', 0), ('IsValidTime("23:59:59")', 1), ('IsValidTimestamp("2024-02-30 00:00:00")', 0),
        ('IsValidTimestamp("2024-02-29 00:00:00")', 1), ('IsValidDecimal("1,5")', 0), ('IsValidDecimal("1.5")', 1),
    ],
)  # fmt: skip
def test_a_constant_that_is_not_valid_is_no_mistake(text, valid):
    assert in_duckdb(text, {}) == in_python(text, {}) == [valid]


@pytest.mark.parametrize(
    ("text", "deterministic"),
    [("L.i + 1", True), ("@INROWNUM", False), ("1 + @INROWNUM", False), ("If @INROWNUM = 1 Then 1 Else 2", False),
        ("Rand()", False), ("If L.b Or @INROWNUM = 1 Then 1 Else 2", False)],
)  # fmt: skip
def test_deterministic(text, deterministic):
    assert translate(text, SCOPE).deterministic == deterministic


@pytest.mark.parametrize(
    ("text", "position", "code", "message"),
    [
        ("L.nope", 0, "RS-3004", "Link 'L' has no column 'nope'."),
        ("1 + X.i", 4, "RS-3004", "There is no link or parameter set 'X'."),
        ("s5", None, None, ""),
        ("i", 0, "RS-3004", "'i' is a column of several links: L, R."),
        ("nothing + 1", 0, "RS-3004", "There is no stage variable, parameter or column 'nothing'."),
        ("#nope#", 0, "RS-3004", "There is no parameter 'nope'."),
        ("@OUTROWNUM + 1", 0, "RS-3004", "@OUTROWNUM has no value here."),
        ("DSHostName", 0, "RS-3004", "DSHostName has no value here."),
        ("1 + Tirm(L.s)", 4, "RS-3002", "There is no function 'Tirm'."),
        ("Left(L.s)", 0, "RS-3003", "Left takes 2, and 1 argument is given."),
        ("Trim(L.s, L.s, L.s, L.s)", 0, "RS-3003", "Trim takes 1 to 3, and 4 arguments are given."),
        ("NullToZero(L.i, 5)", 0, "RS-3003", "NullToZero takes 1, and 2 arguments are given."),
        ("NextSurrogateKey()", 0, "RS-3006",
        "NextSurrogateKey is not supported: surrogate keys come from a Surrogate Key Generator stage."),
        ("L.d + 1", 0, "RS-3005", "A date is no number."),
        ("1 - L.m", 4, "RS-3005", "A timestamp is no number."),
        ("L.d = 1", 0, "RS-3005", "A date cannot be compared with a int32."),
        ("L.t = L.m", 0, "RS-3005", "A time cannot be compared with a timestamp."),
        ('L.i + "x"', 6, "RS-3005", "'x' is no number."),
        ('L.i = "x"', 6, "RS-3005", "'x' is no number."),
        ("If L.d Then 1 Else 2", 3, "RS-3005", "A date is no number."),
        ("Abs(L.d)", 4, "RS-3005", "A date is no number."),
        ("L.s[L.d]", 4, "RS-3005", "A date is no number."),
        ("(1 +", 4, "RS-3001", "A value was expected, and the end stands there."),
    ],
)  # fmt: skip
def test_mistakes(text, position, code, message):
    if code is None:
        assert translate(text, SCOPE).type == string(5)
        return
    with pytest.raises(ExpressionError, match=re.escape(message)) as caught:
        translate(text, SCOPE)
    assert (caught.value.place.position, caught.value.code) == (position, code)


def test_near_names():
    with pytest.raises(ExpressionError, match="Did you mean 'small'"):
        translate("L.smal", SCOPE)
    with pytest.raises(ExpressionError, match=re.escape("Say which: L.i")):
        translate("i + 1", SCOPE)


def test_assignment():
    value = translate("L.big", SCOPE)
    taken = convert(value, INT32)
    assert (taken.type, taken.nullable, taken.fails_when is not None) == (INT32, True, True)
    assert convert(value, INT64) == value
    kept = convert(Translated(nodes.column("x"), string(5), nullable=False), STRING)
    assert (kept.value, kept.type, kept.fails_when) == (nodes.column("x"), STRING, None)
    required = convert(value, INT64, nullable=False)
    assert required.fails_when.sql() == '"big" IS NULL'
    with pytest.raises(ExpressionError, match=re.escape("A date is no number.")):
        convert(translate("L.d", SCOPE), INT32)


def test_a_null_constant_is_no_failure():
    for text in (
        "Trim(@NULL)",
        "1 / @NULL",
        "@NULL + L.i",
        "StrToNum(@NULL)",
        "StrToNum(L.s) = @NULL",
        "L.s : (1 / @NULL)",
        "Left(StrToNum(L.s), @NULL)",
    ):
        check_both(text, {"i": INT32, "s": STRING}, [(1, "1"), (None, None), (2, "x")])


def test_only_the_side_taken_fails():
    rows = [(0,), (2,), (None,)]
    types = {"i": INT32}
    assert in_duckdb("If L.i <> 0 Then 6 / L.i Else -1", types, rows) == [-1.0, 3.0, -1.0]
    assert in_duckdb("If L.i = 0 Then 6 / L.i Else -1", types, rows) == [FAILED, -1.0, -1.0]
    assert in_duckdb("L.i <> 0 And 6 / L.i > 1", types, rows) == [False, True, None]
    assert in_duckdb("L.i = 0 Or 6 / L.i > 1", types, rows) == [True, True, None]
    assert in_duckdb("6 / L.i > 1 And L.i <> 0", types, rows) == [FAILED, True, None]
    assert in_duckdb("If 6 / L.i > 1 Then 1 Else 2", types, rows) == [FAILED, 1, 2]


def test_nulls_of_today_and_of_the_past():
    rows = [(None,), (1,)]
    types = {"i": INT32}
    for text, today, past in [
        ("L.i", [None, 1], [None, 1]),
        ("L.i + 1", [None, 2], [FAILED, 2]),
        ('"a" : L.i', [None, "a1"], [FAILED, "a1"]),
        ("If IsNull(L.i) Then 0 Else L.i + 1", [0, 2], [0, 2]),
        ("NullToZero(L.i) + 1", [1, 2], [1, 2]),
        ("If L.i = 1 Then 1 Else 2", [2, 1], [FAILED, 1]),
        ("IsNotNull(L.i) And L.i > 0", [False, True], [False, True]),
        ("Not(L.i = 1)", [None, False], [FAILED, False]),
    ]:
        assert in_duckdb(text, types, rows) == today
        assert in_python(text, types, rows) == today
        assert in_duckdb(text, types, rows, nulls="legacy") == past
        assert in_python(text, types, rows, nulls="legacy") == past


def test_condition():
    found = condition("L.i", SCOPE)
    assert (found.type, found.value.sql("duckdb")) == (BOOLEAN, '"i" <> 0')


def test_long_chains():
    concat = " : ".join(["L.s"] * 400)
    assert translate(concat, SCOPE).value.sql("duckdb").count("||") == 399
    summed = " + ".join(["L.f"] * 400)
    assert translate(summed, SCOPE).value.sql("duckdb").count("+") == 399
    tests = " Or ".join(f"L.i = {n}" for n in range(400))
    assert in_duckdb(tests.replace("L.i", "L.i"), {"i": INT32}, [(399,), (400,)]) == [True, False]
    chain = "".join(f'If L.i = {n} Then "{n}" Else ' for n in range(400)) + '"?"'
    assert in_duckdb(chain, {"i": INT32}, [(399,), (400,)]) == ["399", "?"]
    assert in_python(chain, {"i": INT32}, [(399,), (400,)]) == ["399", "?"]


def test_deep_trees_stay_small():
    text = "L.s"
    for _ in range(12):
        text = f"Str(UpCase({text}), 1)"
    found = translate(text, SCOPE)
    assert len(found.value.sql()) < 1000
    assert len(found.fails_when.sql()) < 2000


def test_trees_share_nothing():
    column = nodes.column("x")
    scope = Names({"L": {"x": Bound(column, INT32)}})
    found = translate("L.x + L.x", scope)
    assert column.parent is None
    assert len({id(node) for node in found.value.find_all(exp.Column)}) == 2
