"""Conversion codes, masks, display positions and encryption: what must hold for every value, and what fails."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.errors import ExpressionError
from riverstage.expressions.elaborate import elaborate
from riverstage.expressions.functions import ConversionFailed, find
from riverstage.expressions.functions._conversion_codes import converted, read
from riverstage.expressions.functions._encryption import decrypted, encrypted
from riverstage.expressions.functions._fmt import compile_fmt
from riverstage.expressions.functions._marks import FIELD_MARK, TEXT_MARK, shown_width
from riverstage.expressions.parser import parse
from riverstage.expressions.scope import Bound, Names
from riverstage.types import FLOAT64, INT32, STRING, decimal
from tests.expressions.both import FAILED, in_duckdb, in_python
from tests.expressions.test_python_code import program, run

KEY = "0123456789abcdef0123456789abcdef"
_DAYS = st.integers(-718_000, 2_000_000)
_CENTURY = st.integers((date(1930, 1, 1) - date(1967, 12, 31)).days, (date(2029, 12, 31) - date(1967, 12, 31)).days)
_CODES = st.text("DMTRLCXPGSQYJWAZ0123456789,.$#%*()[]-</;' ", max_size=9)
_TEXTS = st.one_of(st.text(max_size=12), st.integers().map(str), st.decimals(allow_nan=False).map(str),
                   st.text("0123456789-:/.,$<>CRDBampJUNEMay ", max_size=14))  # fmt: skip


@pytest.mark.parametrize("code", ["D", "D/", "D-E", "D4/E", "D.YMD", "D-DMY", "DDMAY", "DL", "DWADMY[A,2,A3,4]"])
@given(day=_DAYS)
def test_dates_are_read_as_they_are_written(code: str, day: int) -> None:
    assert read(converted(str(day), code), code) == str(day)


@pytest.mark.parametrize("code", ["D2", "D2/", "D2-E"])
@given(day=_CENTURY)
def test_years_of_two_digits_are_those_from_1930_to_2029(code: str, day: int) -> None:
    assert read(converted(str(day), code), code) == str(day)


@pytest.mark.parametrize("code", ["MTS", "MTHS", "MTPS.", "MTS''", "MTS' h '", "MTZS"])
@given(second=st.integers(0, 86_399))
def test_times_are_read_as_they_are_written(code: str, second: int) -> None:
    assert read(converted(str(second), code), code) == str(second)


@pytest.mark.parametrize(
    "code", ["MD2", "MD2,$", "MD2-", "MD2<", "MD2C", "MD2D", "MD33,", "MD2,12*", "MD2['€ ','.',',']", "MR2,#30",
             "ML2M*25", "MR2E", "MR2C%30"],
)  # fmt: skip
@given(number=st.integers(-(10**12), 10**12))
def test_numbers_are_read_as_they_are_written(code: str, number: int) -> None:
    assert read(converted(str(number), code), code) == str(number)


@pytest.mark.parametrize("code", ["MX", "MO", "MB", "MCD"])
@given(number=st.integers(0, 2**70))
def test_bases(code: str, number: int) -> None:
    assert read(converted(str(number), code), code) == str(number)


@pytest.mark.parametrize("code", ["MX0C", "MO0C", "MB0C", "MU0C"])
@given(text=st.text(min_size=1, max_size=9))
def test_characters_in_a_base(code: str, text: str) -> None:
    assert read(converted(text, code), code) == text


@given(code=_CODES, value=_TEXTS)
def test_any_code_converts_any_text_or_is_refused(code: str, value: str) -> None:
    try:
        results = read(value, code), converted(value, code)
    except ConversionFailed as error:
        assert str(error)
    else:
        assert all(isinstance(result, str) for result in results)


@given(mask=st.text("0123456789LRTUQEDZ$,.#%*-() ", max_size=8), value=_TEXTS)
def test_any_mask_formats_any_text_or_is_refused(mask: str, value: str) -> None:
    try:
        format_ = compile_fmt(mask)
    except ConversionFailed as error:
        assert str(error)
    else:
        if (format_.width or 0) < 10_000:
            assert isinstance(format_(value), str)


@given(value=st.text(st.characters(exclude_characters=TEXT_MARK), max_size=30), width=st.integers(2, 9),
       side=st.sampled_from("LRT"))  # fmt: skip
def test_fields_have_their_width(value: str, width: int, side: str) -> None:
    lines = compile_fmt(f"{width}{side}")(value).split(TEXT_MARK)
    assert {len(line) for line in lines} == {width}
    shown = compile_fmt(f"{width}{side}")(value, shown_width).split(TEXT_MARK)
    assert {shown_width(line) for line in shown} == {width}


@given(value=st.text(st.characters(exclude_characters=FIELD_MARK), max_size=30), width=st.integers(2, 9))
def test_folded_pieces_fit_and_lose_nothing_but_blanks(value: str, width: int) -> None:
    folded = find("FoldDP").python(value, width, "")
    assert isinstance(folded, str)
    assert all(shown_width(piece) <= width for piece in folded.split(FIELD_MARK))
    assert folded.replace(FIELD_MARK, "").replace(" ", "") == value.replace(" ", "")


def test_display_positions() -> None:
    texts = ("", "Rhône", "日本", "\uff21", "\uff71", "e\u0301", "한")
    assert [shown_width(text) for text in texts] == [0, 5, 4, 2, 1, 1, 2]


@given(value=st.text(max_size=40))
def test_what_is_encrypted_is_decrypted(value: str) -> None:
    secret = encrypted(value, KEY)
    assert decrypted(secret, KEY) == value
    assert encrypted(value, KEY) == secret
    assert encrypted(value, KEY[::-1]) != secret


@given(value=st.text(max_size=20), at=st.integers(0, 200), other=st.sampled_from("ABCxyz019+/="))
def test_a_damaged_text_is_told(value: str, at: int, other: str) -> None:
    secret = encrypted(value, KEY)
    index = at % len(secret)
    damaged = secret[:index] + other + secret[index + 1 :]
    try:
        found = decrypted(damaged, KEY)
    except ConversionFailed:
        return
    assert found == value, "only bits of Base64 that say nothing may differ"


@pytest.mark.parametrize("value", ["", "AAAA", "no Base64!", "é"])
def test_what_never_was_encrypted(value: str) -> None:
    with pytest.raises(ConversionFailed, match="not encrypted with this key"):
        decrypted(value, KEY)


def test_messages_do_not_tell_a_key() -> None:
    secret = "my own key, too short"
    with pytest.raises(ConversionFailed) as raised:
        encrypted("low tide", secret)
    assert str(raised.value) == "A key of EncryptString and DecryptString has 32 bytes, not 21."
    with pytest.raises(ExpressionError) as told:
        elaborate(parse(f'EncryptString(L.s, "{secret}")'), Names({"L": {"s": Bound(None, STRING)}}))
    assert secret not in str(told.value)
    with pytest.raises(ConversionFailed) as wrong:
        decrypted(encrypted("low tide", KEY), KEY[::-1])
    assert KEY[::-1] not in str(wrong.value)


ROWS = [
    ("Oconv(L.s, 'D2')", {"s": STRING}, [("12000",), ("x",), ("",), (None,)], ["07 NOV 00", "x", "", None]),
    ("Iconv(L.s, 'D/')", {"s": STRING}, [("11/07/2000",), ("x",), ("",), (None,)], ["12000", "", "", None]),
    ("Oconv(L.i, 'MD2,')", {"i": INT32}, [(123456,), (None,)], ["1,234.56", None]),
    ("Oconv(L.d, 'D/')", {"d": decimal(10, 2)}, [(Decimal("12000.00"),), (Decimal("0.50"),)], ["11/07/2000", "0.50"]),
    ("Fmt(L.f, '8R1')", {"f": FLOAT64}, [(2.25,), (1e20,), (None,)], ["     2.3", "10000000û00000000û 00000.0", None]),
    ("Oconv('12', L.s)", {"s": STRING}, [("MX",), ("no code",), (None,)], ["C", FAILED, None]),
    ("Fmt('12', L.s)", {"s": STRING}, [("4R",), ("no mask",)], ["  12", FAILED]),
    ("Conversion('12', 'MX', L.s)", {"s": STRING}, [("O",), ("i",), ("x",)], ["C", "18", FAILED]),
    ("DecryptString(EncryptString(L.s, L.k), L.k)", {"s": STRING, "k": STRING}, [("tide", KEY), ("tide", "k"),
     (None, KEY)], ["tide", FAILED, None]),
    (f"DecryptString(L.s, '{KEY}')", {"s": STRING}, [(encrypted("tide", KEY),), ("x",)], ["tide", FAILED]),
    ("LenDP(L.s)", {"s": STRING}, [("日本",), ("",), (None,)], [4, 0, None]),
    ("Remove(L.s, L.i)", {"s": STRING, "i": INT32}, [("aþbýc", 0), ("aþbýc", 3), ("aþbýc", 4), (None, 1)],
     ["a", "c", "", None]),
    ("IsInt32InbandNull(L.i)", {"i": INT32}, [(1,), (None,)], [False, True]),
]  # fmt: skip


@pytest.mark.parametrize("compute", [in_duckdb, in_python])
@pytest.mark.parametrize(("text", "types", "rows", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_columns(text, types, rows, expected, compute) -> None:
    assert compute(text, types, rows) == expected


def test_a_constant_code_cannot_fail() -> None:
    columns = Names({"L": {"s": Bound(None, STRING)}})
    for text in ("Oconv(L.s, 'D2')", "Fmt(L.s, '10L')", f"EncryptString(L.s, '{KEY}')", "Conversion(L.s, 'MX', 'I')"):
        assert not elaborate(parse(text), columns).function.can_fail
    for text in ("Oconv('1', L.s)", f"DecryptString(L.s, '{KEY}')", "Conversion('1', 'MX', L.s)"):
        assert elaborate(parse(text), columns).function.can_fail


def test_codes_in_a_kernel_that_travels() -> None:
    columns = {"i": INT32, "c": STRING}
    made = program(
        columns,
        {"every": (STRING, "every : Oconv(i, 'MTS') : Fmt(i, '4R')", "")},
        {"every": (STRING, "every"), "one": (STRING, "Oconv(i, c)")},
    )
    first, second = run(
        pickle.loads(pickle.dumps(made)), columns, [{"i": 60, "c": "MX"}, {"i": 61, "c": "no code"}], use_numba=False
    )
    assert first == {"every": "00:01:00  60", "one": "3C", "__failed": False}
    assert second == {"every": "00:01:00  6000:01:01  61", "one": None, "__failed": True}
