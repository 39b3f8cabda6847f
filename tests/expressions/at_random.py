"""Random expressions over a row of every type, and random rows for them."""

from datetime import date, datetime, time
from decimal import Context, Decimal

from hypothesis import strategies as st

from riverstage.expressions.evaluate import Slot
from riverstage.expressions.scope import Bound
from riverstage.types import BOOLEAN, DATE, FLOAT64, INT8, INT32, INT64, STRING, decimal
from riverstage.types import time as time_type
from riverstage.types import timestamp as timestamp_type

COLUMNS = {
    "i": INT64, "j": INT32, "k": INT8, "f": FLOAT64, "e": decimal(10, 2), "s": STRING, "n": STRING, "d": DATE,
    "t": time_type(6), "m": timestamp_type(6), "b": BOOLEAN,
}  # fmt: skip
NUMERIC = ("i", "j", "k", "f", "b")

_DATES = st.one_of(st.dates(), st.dates(date(1890, 1, 1), date(2040, 1, 1)), st.just(date(2024, 2, 29)))
_CELLS = {
    "i": st.one_of(st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1), st.sampled_from([-(2**63), 2**63 - 1])),
    "j": st.one_of(st.integers(-9, 9), st.integers(-(2**31), 2**31 - 1)),
    "k": st.integers(-128, 127),
    "f": st.one_of(st.floats(-100, 100), st.floats(allow_nan=False, allow_infinity=False), st.just(0.5)),
    "e": st.integers(-(10**10) + 1, 10**10 - 1).map(lambda digits: Decimal(digits).scaleb(-2, Context(prec=40))),
    "s": st.one_of(st.sampled_from(["", "a", "abc", " x ", "2024-02-29", "12", "Mon"]), st.text("aB1 -", max_size=5)),
    "n": st.sampled_from(["1", "-2", "3.5", "x", "", " 7 ", "1e3"]),
    "d": _DATES,
    "t": st.one_of(st.times(), st.just(time(23, 59, 59))),
    "m": st.one_of(st.datetimes(), st.datetimes(datetime(1890, 1, 1), datetime(2040, 1, 1))),
    "b": st.booleans(),
}  # fmt: skip


def rows(columns=tuple(COLUMNS), *, least=1, most=12):
    """Return lists of rows, each a dict of a value or None for every column."""
    cells = {name: st.one_of(_CELLS[name], _CELLS[name], _CELLS[name], st.none()) for name in columns}
    return st.lists(st.fixed_dictionaries(cells), min_size=least, max_size=most)


def _two(template, left, right):
    return st.tuples(left, right).map(lambda pair: template.format(*pair))


def _three(template, *parts):
    return st.tuples(*parts).map(lambda each: template.format(*each))


def _one(template, part):
    return part.map(template.format)


def _deepen(number, condition):
    """Return larger numbers and conditions made of given ones."""
    numbers = st.one_of(
        *(_two(f"({{}} {operator} {{}})", number, number) for operator in "+-*/"),
        _one("(-{})", number),
        _three("(If {} Then {} Else {})", condition, number, number),
        _one("NullToZero({})", number),
        _two("NullToValue({}, {})", number, number),
        _one("IsNull({})", number),
        _two("Max({}, {})", number, number),
        _two("Min({}, {})", number, number),
    )
    conditions = st.one_of(
        *(_two(f"({{}} {operator} {{}})", number, number) for operator in ("=", "<>", "<", ">=")),
        *(_two(f"({{}} {operator} {{}})", condition, condition) for operator in ("And", "Or")),
        _one("(Not {})", condition),
        _one("IsNotNull({})", number),
    )
    return numbers, conditions


def _grown(number, condition, more, depth):
    for _ in range(depth):
        numbers, conditions = more(number, condition)
        number, condition = st.one_of(number, numbers), st.one_of(condition, conditions)
    return number, condition


def numbers(columns=NUMERIC, *, depth=3):
    """Return expressions of numbers and booleans alone, over those columns and any names besides."""
    leaves = st.sampled_from([*columns, "0", "1", "2.5e0", "-3", "7"])
    conditions = st.sampled_from(["i > 0", "f < 1.5e0", "b", "i = j", "@TRUE"])
    return _grown(leaves, conditions, _deepen, depth)[0]


_NUMBERS = st.sampled_from(["i", "j", "k", "f", "e", "n", "0", "3", "-2", "1.25", "100", "1.5e0"])
_SMALL = st.sampled_from(["j", "k", "0", "1", "-1", "5", "14"])
_TEXT = st.sampled_from(["s", "n", "'abc'", "''", "'2024-02-29'"])
_DATE = st.sampled_from(["d", "'2024-02-29'", "'1899-12-31'", "m"])
_TIME = st.sampled_from(["t", "'23:59:59.5'", "'00:00:00'"])
_STAMP = st.sampled_from(["m", "'2024-02-29 23:59:59'", "d"])
_DAY = st.sampled_from(["'Sunday'", "'thu'", "s"])


def _everything(number, condition):
    numbers, conditions = _deepen(number, condition)
    floats = ("Sin", "Sqrt", "Ln", "Exp", "Acos", "Fabs", "Ceil", "Floor", "Abs", "Neg", "AsInteger", "AsDouble")
    parts = ("YearFromDate", "MonthFromDate", "WeekdayFromDate", "YearweekFromDate", "DaysInMonth", "JulianDayFromDate")
    more = st.one_of(
        *(_one(f"{name}({{}})", number) for name in floats),
        *(_one(f"{name}({{}})", _DATE) for name in parts),
        _two("Mod({}, {})", _SMALL, _SMALL),
        _two("Pwr({}, {})", number, _SMALL),
        _two("DaysSinceFromDate({}, {})", _DATE, _DATE),
        _one("SecondsFromTime({})", _TIME),
        _two("SecondsSinceFromTimestamp({}, {})", _STAMP, _STAMP),
        _one("TimetFromTimestamp({})", _STAMP),
        _one("Len({})", _TEXT),
        _one("IsValidDate(StringToDate({}))", _TEXT),
        _two("YearFromDate(DateOffsetByDays({}, {}))", _DATE, _SMALL),
        _two("MonthDayFromDate(NextWeekdayFromDate({}, {}))", _DATE, _DAY),
        _three("MonthFromDate(DateFromComponents({}, {}, {}))", number, _SMALL, _SMALL),
        _one("DateToDecimal({})", _DATE),
        _two("SecondsFromTime(TimeOffsetBySeconds({}, {}))", _TIME, number),
    )
    return st.one_of(numbers, more, more), conditions


def expressions(*, depth=2):
    """Return expressions of every kind."""
    number, condition = _grown(
        _NUMBERS, st.sampled_from(["i > 0", "s = 'a'", "d < m", "b", "s Matches '1N0X'"]), _everything, depth
    )
    text = st.one_of(
        _two("{} : {}", _TEXT, number),
        _three("(If {} Then {} Else {})", condition, _TEXT, _TEXT),
        _one("DateToString({})", _DATE),
        _one("DateToString({}, '%(d,s) %mmmm %yy')", _DATE),
        _one("TimestampToString({}, '%HH:%nn:%ss.3 %aa')", _STAMP),
        _one("TimeToString({}, '%hh|%nn|%ss')", _TIME),
        _three("{}[{}, {}]", _TEXT, _SMALL, _SMALL),
        _two("{}[{}]", _TEXT, _SMALL),
    )
    temporal = st.one_of(
        _one("StringToDate({})", _TEXT),
        _one("StringToTimestamp({}, '%yyyy-%mm-%dd')", _TEXT),
        _two("DateOffsetByDays({}, {})", _DATE, _SMALL),
        _three("DateOffsetByComponents({}, {}, {}, 1)", _DATE, _SMALL, _SMALL),
        _two("TimestampOffsetBySeconds({}, {})", _STAMP, number),
        _two("TimestampFromDateTime({}, {})", _DATE, _TIME),
    )
    return st.one_of(number, condition, text, temporal)


def bound_names(value_of, columns=COLUMNS):
    """Return a scope's variables: every column by its bare name, bound to what a callable gives."""
    return {name: Bound(value_of(name), kind) for name, kind in columns.items()}


def slot_names(columns=COLUMNS):
    """Return those names bound to slots."""
    return bound_names(lambda name: Slot("column", name), columns)
