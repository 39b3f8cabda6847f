"""Formats of dates and times on DuckDB: what is written and read is what the reference writes and reads."""

from datetime import date, datetime
from decimal import Context, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverstage.engines.duckdb.functions._sql import text
from riverstage.engines.duckdb.functions.date_conversion import LOWER
from riverstage.expressions.functions import date_conversion
from riverstage.expressions.functions._formats import compile_format, write
from riverstage.types import DATE, STRING, decimal
from riverstage.types import time as time_type
from riverstage.types import timestamp as timestamp_type
from tests.engines.duckdb.functions.agreement import DATES, TIMES, TIMESTAMPS, in_duckdb, in_python

FUNCTIONS = {function.name: function for function in date_conversion.FUNCTIONS}
KINDS = {
    "date": ("Date", DATE, DATES), "time": ("Time", time_type(6), TIMES),
    "timestamp": ("Timestamp", timestamp_type(6), TIMESTAMPS),
}  # fmt: skip
DATE_TAGS = [
    "%dd", "%d", "%mm", "%m", "%mmm", "%mmmm", "%yyyy", "%yy", "%1950yy", "%ddd", "%eee", "%eeee", "%(d,s)",
    "%(dd,s)", "%(m,s)", "%(mm,s)", "%(mmm,u)", "%(mmmm,w)", "%(mmmm,-5)", "%(mmmm,+10)", "%(eeee,-4)", "%(ddd,v)",
    "%(ddd,s)", "%e", "%E", "%WW", "%W", "%(mmm,t)",
]  # fmt: skip
TIME_TAGS = [
    "%hh", "%h", "%HH", "%H", "%nn", "%n", "%ss", "%s", "%ss.3", "%s.2", "%ss.6", "%SSS", "%SSSSSS", "%(SSS,v)", "%aa",
    "%(aa,u)", "%(h,s)", "%(nn,s)", "%(ss.2,c)", "%(s.4,s)",
]  # fmt: skip
WHOLE_DATES = [
    ("%dd", "%mm", "%yyyy"), ("%d", "%m", "%yyyy"), ("%dd", "%mmm", "%yyyy"), ("%(d,s)", "%(m,s)", "%yyyy"),
    ("%dd", "%mm", "%yy"), ("%1930yy", "%mmmm", "%d"), ("%yyyy", "%ddd"), ("%(ddd,v)", "%yy"),
    ("%eee", "%(dd,s)", "%(mmm,u)", "%yyyy"), ("%eeee", "%d", "%(mmmm,-9)", "%yyyy"),
]  # fmt: skip
WHOLE_TIMES = [
    ("%hh", "%nn", "%ss"), ("%h", "%n", "%s"), ("%hh", "%nn", "%ss.6"), ("%hh", "%nn", "%ss.3"),
    ("%HH", "%nn", "%ss", "%aa"), ("%(h,s)", "%(n,s)", "%(s,s)"), ("%H", "%nn", "%(aa,u)"),
    ("%hh", "%nn", "%ss", "%SSS"), ("%hh", "%nn", "%(s.2,c)"), ("%hh", "%aa"), ("%hh",),
]  # fmt: skip
BETWEEN = st.sampled_from(["-", "/", " ", ":", ".", "", "T", "%%", "é", "'", "\\n"])
_SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def any_format(draw, kind):
    tags = {"date": DATE_TAGS, "time": TIME_TAGS, "timestamp": DATE_TAGS + TIME_TAGS}[kind]
    chosen = draw(st.lists(st.sampled_from(tags), min_size=1, max_size=6))
    return "".join(tag + draw(BETWEEN) for tag in chosen)


@st.composite
def whole_format(draw, kind):
    tags = [*(draw(st.sampled_from(WHOLE_DATES)) if kind != "time" else ())]
    tags += [*(draw(st.sampled_from(WHOLE_TIMES)) if kind != "date" else ())]
    if draw(st.booleans()):
        tags = draw(st.permutations(tags))
    return "".join(tag + draw(BETWEEN) for tag in tags)


@st.composite
def spoiled(draw, said):
    """Return a text with one place changed, or as it is."""
    place = draw(st.integers(0, max(len(said) - 1, 0)))
    put = draw(st.sampled_from(["", "0", "9", " ", "a", "-"]))
    changed = [said, said[:place] + put + said[place + 1 :], said[:place] + put + said[place:], f" {said}", f"{said}\n",
               said.upper(), said.swapcase(), ""]  # fmt: skip
    return draw(st.sampled_from(changed))


def check(name, rows, types, returns, constants=()):
    found = in_duckdb(LOWER[name.lower()], rows, types, returns, constants)
    for row, value in zip(rows, found, strict=True):
        assert value == in_python(FUNCTIONS[name], row, returns), (name, row, value)


@pytest.mark.parametrize("kind", KINDS)
@_SETTINGS
@given(data=st.data())
def test_writing(kind, data):
    name, type_, values = KINDS[kind]
    format_ = data.draw(any_format(kind))
    rows = [(value, format_) for value in data.draw(st.lists(st.one_of(values, st.none()), min_size=5, max_size=30))]
    check(f"{name}ToString", rows, [type_, STRING], STRING, [text(format_)])
    check(f"{name}ToString", [row[:1] for row in rows], [type_], STRING)


@pytest.mark.parametrize("kind", KINDS)
@_SETTINGS
@given(data=st.data())
def test_reading(kind, data):
    name, type_, values = KINDS[kind]
    format_ = data.draw(whole_format(kind))
    some = data.draw(st.lists(values, min_size=3, max_size=15))
    said = [compile_format(format_, kind).write(value) for value in some]
    rows = [(each, format_) for each in [*said, *(data.draw(spoiled(each)) for each in said)]]
    check(f"StringTo{name}", rows, [STRING, STRING], type_, [text(format_)])
    plain = [(each,) for value in some for each in (write(value), str(value), data.draw(spoiled(str(value))))]
    check(f"StringTo{name}", plain, [STRING], type_)


PACKED = {
    "date": ["%yyyy%mm%dd", "%dd%mm%yy", "%yyyy%ddd", "%1970yy%mm%dd", "%dd0%mm%yyyy"],
    "time": ["%hh%nn%ss", "%ss%nn%hh", "%hh%nn%ss.4", "%hh%nn"],
    "timestamp": ["%yyyy%mm%dd%hh%nn%ss", "%hh%nn%ss%yy%mm%dd", "%yyyy%mm%dd%hh%nn%ss.6"],
}


@pytest.mark.parametrize("kind", KINDS)
@_SETTINGS
@given(data=st.data())
def test_decimals(kind, data):
    name, type_, values = KINDS[kind]
    format_ = data.draw(st.sampled_from(PACKED[kind]))
    some = data.draw(st.lists(values, min_size=3, max_size=15))
    returns = data.draw(st.sampled_from([decimal(38), decimal(10, 2), decimal(20, 5), decimal(8, 8), decimal(7)]))
    check(f"{name}ToDecimal", [(each, format_) for each in some], [type_, STRING], returns, [text(format_)])
    given = data.draw(st.sampled_from([decimal(38), decimal(38, 3), decimal(20, 4)]))
    numbers = [int(compile_format(format_, kind, packed=True).write(each)) for each in some]
    numbers += data.draw(st.lists(st.integers(-(10**20) + 1, 10**20 - 1), max_size=8))
    rows = [(Decimal(each).scaleb(-given.scale, Context(prec=60)), format_) for each in numbers]
    check(f"DecimalTo{name}", rows, [given, STRING], type_, [text(format_)])


@given(
    st.sampled_from(WHOLE_DATES),
    st.sampled_from(WHOLE_TIMES),
    st.datetimes(datetime(1930, 1, 1), datetime(1999, 12, 31)),
)
def test_what_a_format_writes_it_reads(days, clock, value):
    known = compile_format("|".join((*days, *clock)), "timestamp")
    assert known.write(known.read(known.write(value))) == known.write(value)


@pytest.mark.parametrize(
    ("lower", "format_"), [("stringtodate", "%yyyy-%WW-%e"), ("stringtotimestamp", "%yyyy %W %E %hh")]
)
def test_weeks_are_left_to_python(lower, format_):
    assert LOWER[lower]([text("2008-22-3"), text(format_)], (STRING, STRING), DATE) is None
    read = compile_format(format_, "date" if lower == "stringtodate" else "timestamp").read
    assert read("2008-22-3" if "-" in format_ else "2008 22 2 10") in (date(2008, 5, 27), datetime(2008, 5, 27, 10))
