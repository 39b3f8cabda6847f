"""DuckDB and the Python reference agree on every function and operator, for values of every kind."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from riverstage.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    UINT64,
    binary,
    decimal,
    string,
    time,
    timestamp,
)
from tests.expressions.both import check_both

# One query a batch of rows: few batches, many rows; the message names the row, so that nothing need be made smaller.
FEW = settings(
    max_examples=300 if os.environ.get("RIVERSTAGE_SOAK") else int(os.environ.get("RIVERSTAGE_EXAMPLES", "3")),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

# Letters whose case mapping is one character in every version of Unicode, blanks, digits, marks, astral characters.
ALPHABET = "abcXYZ ,.|-'\"\\\t\n0123456789éÉñßøΔδжЖ中\u0301😀_%"
TEXTS = st.one_of(
    st.text(ALPHABET, max_size=12),
    st.sampled_from(
        ["", " ", "  a  b ", "a,b,c", ",", "aaa", "ABC", "  ", "racecar", "a\\b", "1e3", "12.5", "-7", ".5"]
    ),
)
NUMBER_TEXTS = st.one_of(
    st.from_regex(r"[ ]?[+-]?[0-9]{0,6}\.?[0-9]{0,6}(e[+-]?[0-9]{1,2})?[ ]?", fullmatch=True),
    st.sampled_from(["", "1_000", "0x1F", "0b1", "inf", "nan", "-inf", "1e400", "1e-400", "99999999999", "12,5", "5-3",
                     "2.675", "-2.5", "0.5", "1e", "e1", "+", ".", "1 2", "9223372036854775807", "9223372036854775808",
                     "\t12\n", "1.5e-1", "00012.50", "-0", "0.49999999999", "123456789012345678901234567890"]),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10**9, max_value=10**9).map(str),
)  # fmt: skip
SMALL = st.one_of(st.integers(-5, 15), st.sampled_from([-(2**31), 2**31 - 1, 1000]))
WIDE = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([2**63 - 1, -(2**63), 2**62, -(2**62), 3037000500]),
)
FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=64, min_value=-1e15, max_value=1e15),
    st.sampled_from(
        [0.0, -0.0, 2.5, -2.5, 2.675, 1.005, 0.5, 1e16, 1e21, 1.5e-7, 1e308, -1e308, 0.1, 0.49999999999999994]
    ),
)


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    bound = 10**precision - 1
    return st.one_of(st.integers(-bound, bound), st.integers(-min(bound, 300), min(bound, 300))).map(
        lambda n: Decimal((int(n < 0), tuple(int(digit) for digit in str(abs(n))), -scale))
    )


def rows(*columns: st.SearchStrategy[object], nulls: bool = True) -> st.SearchStrategy[list[tuple[object, ...]]]:
    values = [st.one_of(column, st.none()) if nulls else column for column in columns]
    return st.lists(st.tuples(*values), min_size=10, max_size=30)


S, N = {"s": STRING}, {"n": INT32}
SP = {"s": STRING, "p": STRING}
SN = {"s": STRING, "n": INT32}
SNM = {"s": STRING, "n": INT32, "m": INT32}

ONE_TEXT = [
    "Trim(L.s)", 'Trim(L.s : "")', 'Trim(L.s, ",")', 'Trim(L.s, " ")', 'Trim(L.s, "a", "A")', 'Trim(L.s, "a", "B")',
    'Trim(L.s, "a", "L")',
    'Trim(L.s, "a", "T")', 'Trim(L.s, "\\", "R")', 'Trim(L.s, ".", "R")', 'Trim(L.s, "", "D")', 'Trim(L.s, "", "E")',
    'Trim(L.s, "x", "F")',
    'Trim(L.s, "x", Left(L.s, 1))', 'Trim(L.s, "", "R")', 'Trim(L.s, "ab")', "TrimB(L.s)", "TrimF(L.s)",
    "TrimLeadingTrailing(L.s)", "CompactWhiteSpace(L.s)", "StripWhiteSpace(L.s)",
    "UpCase(L.s)", "DownCase(L.s)", "Len(L.s)", "SizeOf(L.s)", "Reverse(L.s)", "RmUnprint(L.s)", "Soundex(L.s)",
    "Soundex(L.s, 1)",
    "Alpha(L.s)", "AlNum(L.s)", "Num(L.s)", "IsBase64(L.s)", "DQuote(L.s)", "Squote(L.s)", "DQuoteEscape(L.s)",
    "SQuoteEscape(L.s)",
    "UrlEncode(L.s)", "UrlDecode(L.s)", "StringToBase64(L.s)", "Base64ToString(L.s)",
    "Base64ToString(StringToBase64(L.s))",
    'Field(L.s, ",", 2)', 'Field(L.s, ",", 1, 2)', 'Field(L.s, ",;", 2, 5)', 'Field(L.s, "", 1)',
    'Field(L.s, "a", 0)', 'Field(L.s, ",", 99)', 'Field(L.s, ",", 2, 0)',
    'Dcount(L.s, ",")', 'Dcount(L.s : "", ",")', 'Dcount(L.s, "")', 'Count(L.s, "a")', 'Count(L.s, "aa")',
    'Count(L.s, "aa", 1)', 'Count(L.s, "")',
    'Index(L.s, "a", 1)', 'Index(L.s, "a", 2)', 'Index(L.s, "", 1)', 'Index(L.s, "a", 0)',
    'IndexOfSubstring(L.s, "b", 1)', 'OffsetOfSubstring1(L.s, "é", 1)',
    'Left(L.s, 3)', 'Left(L.s, -1)', 'Right(L.s, 3)', 'Right(L.s, 0)', 'Right(L.s, -2)', 'L.s[2,3]', 'L.s[0,3]',
    'L.s[-2,3]', 'L.s[3]', 'L.s[2,0]', 'L.s[2,-1]', 'L.s[0]', 'L.s[-1]', 'L.s[5000000000,1]',
    'Substrings(L.s, 1, 3)', 'Substrings(L.s, -1, 3)', 'Substrings1(L.s, 2, 30)',
    'Change(L.s, "a", "xy")', 'Change(L.s, "", "xy")', 'Change(L.s, "a", "x", 1)', 'Change(L.s, "a", "x", 1, 2)',
    'Change(L.s, "a", "x", 0, 2)', 'Ereplace(L.s, "", "Z")', 'Ereplace(L.s, "a", "")',
    'EReplace(L.s, "aa", "a", 1, 1)', 'FindReplace(L.s, ",", ", ")', 'FindReplace(L.s, "", "x")',
    'Convert("ab", "XY", L.s)', 'Convert("abc", "X", L.s)', 'Convert("aab", "XYZ", L.s)', 'Convert(",", "", L.s)',
    'Convert("", "x", L.s)', 'Convert("é\\", "e/", L.s)', 'Convert("aa", "", L.s)',
    'SubstituteString(L.s, "a", "Z", 0, 0, 0)', 'SubstituteString(L.s, "a", "Z", 1, 1, 1)',
    'SubstituteString(L.s, "a", "Z", 2)',
    'PadString(L.s, "0", 3)', 'PadString(L.s, "xy", 2)', 'PadString(L.s, "", 2)', 'PadString(L.s, "x", -1)',
    'Str(L.s, 3)', 'Str(L.s, 0)', 'Str(L.s, 1000001)', 'StringNumCopy(L.s, 2)', 'StringNumConcatenate("x", L.s, 2)',
    'Fold(L.s, 3)', 'Fold(L.s, 0)', 'FieldStore(L.s, ",", 2, 2, "n")', 'FieldStore(L.s, ",", 2, -1, "n")',
    'FieldStore(L.s, ",", 2, 0, "n,m")',
    'MatchField(L.s, "1X0X", 2)', 'MatchField(L.s, "3N", 1)', 'MatchField(L.s, "0A\'-\'0X", 3)', 'L.s Matches "0X"',
    'L.s Matches "2A1N"', 'L.s like "...a..."', 'L.s Matches ""',
    'RegexMatch(L.s, "[a-z, ]*")', 'RegexSearch(L.s, "[0-9]+")', 'RegexReplace(L.s, "[0-9]+", "#")',
    'RegexReplace(L.s, "(a)(b)", "\\2\\1")', 'RegexMatch("a(b", L.s)', 'RegexSearch(L.s, "(?=b)")',
    'RegexMatch(L.s, "")',
    'Seq(L.s)', 'SeqAt(L.s, 1)', 'SeqAt(L.s, -1)', 'UniSeq(L.s)', 'CRC32(L.s)', 'md5(L.s)', 'StringToRaw(L.s)',
    'RawToString(StringToRaw(L.s))', 'RawLength(StringToRaw(L.s))', 'StringToUString(L.s, "x")',
    'BitCompress(L.s)', 'NullToEmpty(L.s)', 'NullToZero(L.s)', 'NullToValue(L.s, "?")', 'HandleNull(L.s, 5)',
    'MakeNull(L.s, "a")', 'IsNull(L.s)', 'If IsNotNull(L.s) Then L.s Else "none"',
    'L.s = "a"', 'L.s < "b"', 'L.s : "x" : L.s', 'If L.s > "a" Then L.s Else 5', 'contains(L.s, "a")',
    'startsWith(L.s, "a")', 'endsWith(L.s, "")', 'NextValidDate(L.s)',
]  # fmt: skip


@pytest.mark.parametrize("text", ONE_TEXT)
@FEW
@given(rows(TEXTS))
def test_one_text(text, given_rows):
    check_both(text, S, given_rows)


TWO_TEXTS = [
    "L.s : L.p", "Count(L.s, L.p)", "Count(L.s, L.p, 1)", "Dcount(L.s, L.p)", "Field(L.s, L.p, 1)",
    "Index(L.s, L.p, 1)", "contains(L.s, L.p)",
    "startsWith(L.s, L.p)", "endsWith(L.s, L.p)", "Compare(L.s, L.p)", 'Compare(L.s, L.p, "R")',
    'Compare(L.s, L.p, L.p)', "CompareNoCase(L.s, L.p)",
    "CompareNum(L.s, L.p, 2)", "CompareNumNoCase(L.s, L.p, 2)", "StrCmp(L.s, L.p)", "StringCompare(L.s, L.p)",
    'Change(L.s, L.p, "Z")', 'Ereplace(L.s, L.p, "Z")', 'FindReplace(L.s, L.p, "")',
    'Convert(L.p, "xyz", L.s)', 'Convert("abc", L.p, L.s)', "Trim(L.s, L.p)", 'Trim(L.s, L.p, "A")',
    "L.s Matches L.p", "StringNumConcatenate(L.s, L.p, 2)", 'PadString(L.s, L.p, 2)',
    "L.s = L.p", "L.s <> L.p", "L.s < L.p", "L.s >= L.p", 'If L.s = L.p Then "same" Else L.p',
    "NullToValue(L.s, L.p)", "MakeNull(L.s, L.p)", 'SubstituteString(L.s, L.p, "x")', "MatchField(L.s, L.p, 1)",
    "RegexMatch(L.s, L.p)",
]  # fmt: skip


@pytest.mark.parametrize("text", TWO_TEXTS)
@FEW
@given(rows(TEXTS, st.one_of(TEXTS, st.sampled_from([",", "a", "aa", "ab"]))))
def test_two_texts(text, given_rows):
    check_both(text, SP, given_rows)


TEXT_AND_NUMBER = [
    "Left(L.s, L.n)", "Right(L.s, L.n)", "L.s[L.n]", "L.s[L.n, 2]", "L.s[2, L.n]", "Substrings(L.s, L.n, 2)",
    "Substrings1(L.s, L.n, L.n)", 'Field(L.s, ",", L.n)', 'Field(L.s, ",", L.n, 2)',
    'Field(L.s, ",", 1, L.n)', 'PadString(L.s, "x", L.n)', "SeqAt(L.s, L.n)", 'Index(L.s, "a", L.n)',
    "StringNumCopy(L.s, L.n)", "CompareNum(L.s, \"ab\", L.n)", "Left(Right(L.s, L.n), L.n)", 'L.s : L.n',
    'Fold(L.s, L.n)', 'MatchField(L.s, "1X0X", L.n)',
    'Change(L.s, "a", "b", L.n)', 'SubstituteString(L.s, "a", "Z", L.n, 1)', 'NullToValue(L.s, L.n)',
    'If L.n > 2 Then L.s Else L.n',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXT_AND_NUMBER)
@FEW
@given(rows(TEXTS, st.one_of(SMALL, st.integers(-2, 6))))
def test_text_and_number(text, given_rows):
    check_both(text, SN, [row for row in given_rows if row[1] is None or row[1] < 10**6 or "Pad" not in text])


@pytest.mark.parametrize("text", ["Space(L.n)", 'Str("ab", L.n)', "Char(L.n)", "UniChar(L.n)", "BitExpand(L.n)",
    "L.n : ''", "-L.n", "Not(L.n)", "Not L.n", "L.n + 1 - L.n * 3", "If L.n Then 1 Else 0", 'L.n = "5"',
    "BitAnd(L.n, 6)", "BitOr(L.n, 1)", "BitXOr(L.n, 255)", 'SetBit(L.n, "2,4", 1)', "L.n ^ 2", "2 ** L.n", "L.n / 4",
    "12 / L.n", "NullToZero(L.n)", "NullToEmpty(L.n)", "MakeNull(L.n, 5)", "L.n < 3 Or L.n / 0 > 1",
    "L.n < 3 And 6 / L.n > 1", "If L.n > 0 Then 6 / L.n Else 0", "If 6 / L.n > 1 Then 1 Else 2"])  # fmt: skip
@FEW
@given(
    rows(
        st.one_of(
            st.integers(-20, 300),
            st.sampled_from([2**31 - 1, -(2**31), 0xD800, 0xDFFF, 0x10FFFF, 0x110000, 10**6, 10**6 + 1]),
        )
    )
)
def test_one_number(text, given_rows):
    check_both(text, N, given_rows)


ARITHMETIC = ["L.a + L.b", "L.a - L.b", "L.a * L.b", "L.a / L.b", "L.a + L.b * L.a", "L.a * L.b * L.a", "-L.a",
    "L.a = L.b", "L.a <> L.b", "L.a < L.b", "L.a >= L.b", "If L.a > L.b Then L.a Else L.b", "L.a : L.b",
    "NullToValue(L.a, L.b)", "L.a + 1", "L.a * 1.10", "1 - L.a", "L.a + 0.5 - L.b"]  # fmt: skip
NUMBERS = {
    "int8": (INT8, st.integers(-128, 127)),
    "int16": (INT16, st.integers(-(2**15), 2**15 - 1)),
    "int32": (INT32, st.integers(-(2**31), 2**31 - 1)),
    "int64": (INT64, WIDE),
    "uint64": (UINT64, st.one_of(st.integers(0, 5), st.integers(0, 2**64 - 1))),
    "decimal(10,2)": (decimal(10, 2), decimals(10, 2)),
    "decimal(38,10)": (decimal(38, 10), decimals(38, 10)),
    "decimal(38,30)": (decimal(38, 30), decimals(38, 30)),
    "float64": (FLOAT64, FLOATS),
    "boolean": (BOOLEAN, st.booleans()),
}
PAIRS = [("int32", "int32"), ("int64", "int64"), ("int8", "int16"), ("int64", "decimal(10,2)"), ("decimal(10,2)",
    "decimal(10,2)"), ("decimal(38,10)", "decimal(10,2)"), ("decimal(38,10)", "decimal(38,10)"), ("decimal(38,30)",
    "decimal(38,10)"), ("float64", "float64"), ("float64", "decimal(10,2)"), ("int64", "float64"), ("uint64",
    "int64"), ("boolean", "int32"), ("decimal(38,30)", "int64")]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@FEW
@given(data=st.data())
def test_arithmetic(pair, data):
    (left, lefts), (right, rights) = NUMBERS[pair[0]], NUMBERS[pair[1]]
    given_rows = data.draw(rows(lefts, rights))
    for text in ARITHMETIC:
        check_both(text, {"a": left, "b": right}, given_rows)


MOMENTS = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999))
SOURCES = {
    **NUMBERS,
    "text": (STRING, st.one_of(NUMBER_TEXTS, TEXTS, st.sampled_from(["2020-02-30", "2020-02-29", " 2021-12-01 ",
    "0000-01-01", "2020-1-1", "2020-01-01 10:00:00", "2020-01-01T23:59:59.123456", "24:00:00", "10:11:12",
    "10:11:12.5", "10:11", "2020-01-01 25:00:00", "0001-01-01", "infinity", "epoch"]))),
    "date": (DATE, st.dates()),
    "time": (time(6), st.times()),
    "timestamp": (timestamp(6), MOMENTS),
    "binary": (binary(), st.one_of(st.binary(max_size=6), TEXTS.map(str.encode))),
}  # fmt: skip
TARGETS = [
    *(("text", each) for each in ("int8", "int32", "int64", "uint64", "decimal(10,2)", "decimal(38,10)", "float64",
        "boolean", "date", "time", "time0", "time3", "timestamp", "timestamp0", "binary", "string(3)")),
    *((source, target) for source in ("int32", "int64", "uint64", "decimal(10,2)", "decimal(38,10)", "float64",
        "boolean") for target in ("int8", "int32", "int64", "uint64", "decimal(10,2)", "decimal(4,1)",
        "decimal(38,30)", "float64", "boolean", "string", "string(3)")),
    *((source, "string") for source in ("date", "time", "timestamp", "binary")),
    ("date", "timestamp"), ("timestamp", "date"), ("timestamp", "time"), ("timestamp", "time0"), ("timestamp",
    "timestamp0"), ("timestamp", "timestamp3"), ("time", "time0"), ("time", "time3"), ("timestamp", "string(10)"),
]  # fmt: skip
KINDS = {
    **{name: kind for name, (kind, _) in SOURCES.items()}, "decimal(4,1)": decimal(4, 1), "string": STRING,
        "string(3)": string(3),
    "string(10)": string(10), "time0": time(0), "time3": time(3), "timestamp0": timestamp(0),
    "timestamp3": timestamp(3),
}  # fmt: skip


@pytest.mark.parametrize("way", TARGETS, ids="-".join)
@FEW
@given(data=st.data())
def test_conversions(way, data):
    source, values = SOURCES[way[0]]
    check_both("L.x", {"x": source}, data.draw(rows(values)), target=KINDS[way[1]])


TO_DECIMAL = [
    f"{name}(L.x{rounding})"
    for name in ("StringToDecimal", "DFloatToDecimal", "DecimalToDecimal")
    for rounding in ("", ', "ceil"', ', "floor"', ', "round_inf"', ', "trunc_zero"')
]


@pytest.mark.parametrize("text", TO_DECIMAL)
@FEW
@given(data=st.data())
def test_decimals_of_a_target(text, data):
    source, values = SOURCES[
        {"S": "text", "F": "float64", "e": "decimal(38,10)"}[text[0] if text[0] == "S" else text[1]]
    ]
    given_rows = data.draw(rows(values))
    for target in (decimal(10, 2), decimal(5, 0), decimal(38, 10)):
        check_both(text, {"x": source}, given_rows, target=target)


@pytest.mark.parametrize("text", ["DecimalToString(L.x)", 'DecimalToString(L.x, "suppress_zero")',
    'DecimalToString(L.x, "fix_zero")', "DecimalToDFloat(L.x)", "IsValidDecimal(L.x)",
    "IsValidDecimal(L.x, 0)", 'L.x : "|"'])  # fmt: skip
@FEW
@given(data=st.data())
def test_decimals(text, data):
    for precision, scale in ((10, 2), (2, 2), (5, 0), (38, 10), (38, 30)):
        check_both(text, {"x": decimal(precision, scale)}, data.draw(rows(decimals(precision, scale))))


@pytest.mark.parametrize("text", ["NumToStr(L.x, 3)", "NumToStr(L.x, 0)", "NumToStrFixed(L.x, 2)",
    "DFloatToStringNoExp(L.x, 2)", 'DFloatToStringNoExp(L.x, "4")', "DFloatToStringNoExp(L.x, 30)",
    "DFloatToStringNoExp(L.x, -1)", "L.x : ''"])  # fmt: skip
@FEW
@given(rows(FLOATS))
def test_floats(text, given_rows):
    check_both(text, {"x": FLOAT64}, given_rows)


@pytest.mark.parametrize("text", ["StrToNum(L.x)", "StrToNumOrNull(L.x)", "StrToNumOrZero(L.x)",
    "StrToDecimalOrNull(L.x, 6, 2)", 'IsValid("int8", L.x)', 'IsValid("int64", L.x)', 'IsValid("uint8", L.x)',
    'IsValid("decimal", L.x)', 'IsValid("dfloat", L.x)', 'IsValid("date", L.x)', 'IsValid("time", L.x)',
    'IsValid("string", L.x)', 'IsValid(L.x, L.x)', "Num(L.x)", "L.x + 1", "L.x * 2.5", "If L.x Then 1 Else 0",
    "L.x > 5", "L.x = 12.5", "IsValidDecimal(StringToDecimal(L.x))", "NullToZero(StrToNumOrNull(L.x)) + 1",
    "StrToNumOrNull(L.x) / 0"])  # fmt: skip
@FEW
@given(rows(st.one_of(NUMBER_TEXTS, TEXTS)))
def test_texts_as_numbers(text, given_rows):
    check_both(text, {"x": STRING}, given_rows)


LOGIC = ["L.a And L.b", "L.a Or L.b", "Not(L.a And L.b)", "Not L.a Or L.b", "L.a And L.b Or Not L.a",
    "If L.a And L.b Then 1 Else If L.a Or L.b Then 2 Else 3", "If L.a Then L.b Else SetNull()", "L.a = L.b",
    "L.a : L.b", "IsNull(L.a) And L.b", "L.a + L.b", "If L.a = @TRUE Then 1 Else 0",
    "If IsNull(L.a) = 1 Then 1 Else 0", "1 / L.a > 0 And L.b", "L.b And 1 / L.a > 0", "L.b Or 1 / L.a > 0",
    "If L.b Then 1 / L.a Else 0"]  # fmt: skip


@pytest.mark.parametrize("text", LOGIC)
@pytest.mark.parametrize("nulls", ["propagate", "legacy"])
def test_logic(text, nulls):
    values = (True, False, None)
    check_both(text, {"a": BOOLEAN, "b": BOOLEAN}, [(a, b) for a in values for b in values], nulls=nulls)


@pytest.mark.parametrize("text", ["L.d = L.t", "L.d < L.t", 'L.d = "2020-01-01"', 'L.t > "2020-01-01 10:00:00"',
    'L.d : ""', "L.t : '|'", "If L.d < L.t Then L.d Else L.t", "NullToValue(L.d, L.t)", "L.d = L.s",
    "L.t >= L.s"])  # fmt: skip
@FEW
@given(
    rows(st.dates(), MOMENTS, st.sampled_from(["2020-01-01", "2020-01-01 10:00:00", "x", "", "1999-12-31 23:59:59.5"]))
)
def test_moments(text, given_rows):
    check_both(text, {"d": DATE, "t": timestamp(6), "s": STRING}, given_rows)
