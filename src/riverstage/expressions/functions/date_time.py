"""The functions of the Transformer language that compute with dates, times and timestamps.

Years run from 1 to 9999; a result outside them fails. The clock functions give the moment the run started, the same
in every row of a run: engines bind them to it, and where Python computes them ``run_started`` gives it.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from riverstage.expressions.functions import _formats
from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter, ResultType
from riverstage.types import DATE, FLOAT64, INT8, INT16, INT32, INT64, STRING, TIME, TIMESTAMP, DataType
from riverstage.types import time as time_type
from riverstage.types import timestamp as timestamp_type

__all__ = ["DAYS", "FUNCTIONS", "LIMITS", "ORDERS", "ZONES", "Limits", "moment", "offset_of", "run_started"]

_Accepts = Literal["string", "integer", "float", "date", "time", "timestamp", "any"]

_JULIAN = 1_721_425  # Julian day number of 0001-01-01, less its ordinal
_EPOCH = datetime(1970, 1, 1)
_DAY = timedelta(days=1)
_DAY_MICROS = 86_400_000_000

DAYS = {
    spelled: index
    for index, name in enumerate(_formats.WEEKDAYS)
    for spelled in (name.lower(), name[:3].lower())
}  # fmt: skip
"""Weekdays by their full and their three-letter names, in lower case; Sunday is 0."""

ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "BST": 60, "EET": 120, "EEST": 180,
    "MSK": 180, "IST": 330, "CST": -360, "CDT": -300, "EST": -300, "EDT": -240, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "JST": 540, "KST": 540, "SGT": 480, "HKT": 480,
    "AEST": 600, "AEDT": 660, "ACST": 570, "AWST": 480, "NZST": 720, "NZDT": 780,
}  # fmt: skip
"""Minutes east of Greenwich by abbreviation; any other zone is read by its name in the zone database."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an offset can reach; a larger one fails."""

    years: int = 10_000
    months: int = 120_000
    hours: int = 100_000_000
    minutes: int = 10_000_000_000
    seconds: int = 1_000_000_000_000


LIMITS = Limits()

_started: ContextVar[datetime | None] = ContextVar("riverstage_run_started", default=None)


def moment() -> datetime:
    """Return when the run started, in local time; now, where no run is going on."""
    return _started.get() or datetime.now()


@contextmanager
def run_started(at: datetime) -> Iterator[None]:
    """Let the clock functions give a moment while the block lasts.

    Args:
        at: The start of the run, in local time.
    """
    token = _started.set(at)
    try:
        yield
    finally:
        _started.reset(token)


def _made(make: Callable[..., Any], what: str, *parts: Any) -> Any:
    try:
        return make(*parts)
    except (ValueError, OverflowError) as error:
        raise ConversionFailed(f"There is no {what} {', '.join(str(part) for part in parts)}.") from error


def _shifted(value: Any, **by: float) -> Any:
    try:
        return value + timedelta(**by)
    except OverflowError as error:
        said = " and ".join(f"{amount} {unit}" for unit, amount in by.items())
        raise ConversionFailed(f"{value} moved by {said} lies outside the years 1 to 9999.") from error


def _micros(seconds: float) -> int:
    """Return seconds as whole microseconds, rounded half to even as every engine does."""
    if not math.isfinite(seconds) or abs(seconds) > LIMITS.seconds:
        raise ConversionFailed(f"{seconds} is no number of seconds.")
    return round(seconds * 1e6)


def _check(offset: int, limit: int) -> None:
    if abs(offset) > limit:
        raise ConversionFailed(f"An offset of {offset} reaches too far.")


def _clock_micros(hours: int, minutes: int, seconds: float) -> int:
    _check(hours, LIMITS.hours)
    _check(minutes, LIMITS.minutes)
    return (hours * 3600 + minutes * 60) * 1_000_000 + _micros(seconds)


def _weekday(value: date) -> int:
    return value.isoweekday() % 7


def _day(name: str) -> int:
    found = DAYS.get(name.strip(" ").lower())
    if found is None:
        raise ConversionFailed(f"'{name}' is no day of the week.")
    return found


def _from_components(year: int, month: int, day: int) -> date:
    made: date = _made(date, "date of the year, month and day", year, month, day)
    return made


def _days_after(days: int, base: date) -> date:
    return _offset_days(base, days)


def _offset_days(base: date, days: int) -> date:
    moved: date = _shifted(base, days=days)
    return moved


def _date_of_julian(day: int) -> date:
    return date.fromordinal(day - _JULIAN)


def _from_julian(day: int) -> date:
    made: date = _made(_date_of_julian, "date of the Julian day", day)
    return made


def _offset_date(base: date, years: int, months: int, days: int) -> date:
    """Move by years and months first, to the month's last day where it is shorter, then by days."""
    _check(years, LIMITS.years)
    _check(months, LIMITS.months)
    month = base.year * 12 + base.month - 1 + years * 12 + months
    year, month = divmod(month, 12)
    if not 1 <= year <= 9999:
        raise ConversionFailed(f"{base} moved by {years} years and {months} months lies outside the years 1 to 9999.")
    last = calendar.monthrange(year, month + 1)[1]
    return _offset_days(date(year, month + 1, min(base.day, last)), days)


def _offset_timestamp(
    base: datetime, years: int, months: int, days: int, hours: int, minutes: int, seconds: float
) -> datetime:
    day = _offset_date(base.date(), years, months, days)
    micros = _clock_micros(hours, minutes, seconds)
    moved: datetime = _shifted(datetime.combine(day, base.time()), microseconds=micros)
    return moved


def _clock(value: time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _time_at(micros: int) -> time:
    """Return the time so many microseconds after midnight, whole days left out."""
    seconds, micro = divmod(micros % _DAY_MICROS, 1_000_000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, micro)


def _offset_time(base: time, hours: int, minutes: int, seconds: float) -> time:
    return _time_at(_clock(base) + _clock_micros(hours, minutes, seconds))


def _offset_time_seconds(base: time, seconds: float) -> time:
    return _offset_time(base, 0, 0, seconds)


def _from_midnight(seconds: float) -> time:
    micros = _micros(seconds)
    if not 0 <= micros < _DAY_MICROS:
        raise ConversionFailed(f"A day has no {seconds} seconds.")
    return _time_at(micros)


def _time_from(hours: int, minutes: int, seconds: int, micros: int) -> time:
    made: time = _made(time, "time of the hours, minutes, seconds and microseconds", hours, minutes, seconds, micros)
    return made


def _next_weekday(base: date, day: str) -> date:
    return _offset_days(base, (_day(day) - _weekday(base) - 1) % 7 + 1)


def _previous_weekday(base: date, day: str) -> date:
    return _offset_days(base, -((_weekday(base) - _day(day) - 1) % 7 + 1))


def _nth_weekday(base: date, day: str, count: int) -> date:
    """Return the count-th such day after the base, before it for a negative count; on or after it for zero."""
    if count > 0:
        return _offset_days(_next_weekday(base, day), 7 * (count - 1))
    if count < 0:
        return _offset_days(_previous_weekday(base, day), 7 * (count + 1))
    return _offset_days(base, (_day(day) - _weekday(base)) % 7)


def _weekday_from(value: date, origin: str) -> int:
    return (_weekday(value) - _day(origin)) % 7


def _year_week(value: date) -> int:
    """Return the week of the year: the first Sunday starts week 1, the days before it are week 0."""
    return (value.timetuple().tm_yday + 6 - _weekday(value)) // 7


def _days_in_month(value: date) -> int:
    return calendar.monthrange(value.year, value.month)[1]


def _days_in_year(value: date) -> int:
    return 366 if calendar.isleap(value.year) else 365


def _days_between(given: date, source: date) -> int:
    return (given - source).days


def _seconds_between(given: datetime, base: datetime) -> float:
    return ((given - base) // timedelta(microseconds=1)) / 1e6


def _seconds_after(seconds: float, base: datetime) -> datetime:
    return _offset_seconds(base, seconds)


def _offset_seconds(base: datetime, seconds: float) -> datetime:
    moved: datetime = _shifted(base, microseconds=_micros(seconds))
    return moved


def _from_timet(seconds: int) -> datetime:
    if abs(seconds) > 10**12:
        raise ConversionFailed(f"{seconds} seconds lie outside the years 1 to 9999.")
    moved: datetime = _shifted(_EPOCH, seconds=seconds)
    return moved


def _timet(value: datetime) -> int:
    return (value - _EPOCH) // timedelta(seconds=1)


def _combined(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


def _time_on_date(clock: time, day: date) -> datetime:
    return datetime.combine(day, clock)


def _time_on_timestamp(clock: time, base: datetime) -> datetime:
    return datetime.combine(base.date(), clock)


def offset_of(zone: str, at: datetime) -> timedelta:
    """Return how far a zone's clock is ahead of Greenwich's at a moment, or raise ``ConversionFailed``."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    fixed = ZONES.get(zone.strip().upper())
    if fixed is not None:
        return timedelta(minutes=fixed)
    try:
        offset = at.replace(tzinfo=ZoneInfo(zone.strip())).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConversionFailed(f"'{zone}' is no time zone.") from error
    return offset or timedelta(0)


def _convert_zone(
    year: int, month: int, day: int, hour: int, minute: int, second: int, source: str, target: str
) -> str:
    local: datetime = _made(datetime, "timestamp of the parts", year, month, day, hour, minute, second)
    try:
        utc = local - offset_of(source, local)
        # The target's offset depends on its own clock; one correction settles it except inside a gap.
        shifted = utc + offset_of(target, utc)
        return _formats.write(utc + offset_of(target, shifted))
    except OverflowError as error:
        raise ConversionFailed(f"{local} in '{target}' lies outside the years 1 to 9999.") from error


ORDERS = {
    "YYYY": ("year", "month", "day"), "YYYYMMDD": ("year", "month", "day"), "YYYYDDMM": ("year", "day", "month"),
    "MMDDYYYY": ("month", "day", "year"), "DDMMYYYY": ("day", "month", "year"), "MMDD": ("month", "day", "year"),
    "DDMM": ("day", "month", "year"),
}  # fmt: skip


def _convert_datum(text: str, order: str) -> str:
    """Lay out a date of eight digits, day first, in another order; the date must exist."""
    wanted = ORDERS.get(order.strip().upper())
    if wanted is None:
        raise ConversionFailed(f"'{order}' is no order of day, month and year.")
    found = _formats.read_date(text.strip(), "%dd%mm%yyyy")
    said = {"year": f"{found.year:04d}", "month": f"{found.month:02d}", "day": f"{found.day:02d}"}
    return "".join(said[part] for part in wanted)


def _time_date() -> str:
    now = moment()
    return f"{now:%H:%M:%S} {now.day:02d} {_formats.MONTHS[now.month - 1][:3]} {now.year:04d}"


def _longest(index: int) -> Callable[[Sequence[DataType]], DataType]:
    """Return the result type of a timestamp that has the fraction of the argument at an index."""

    def typed(types: Sequence[DataType]) -> DataType:
        return timestamp_type(types[index].scale or 0)

    return typed


def _p(name: str, accepts: _Accepts, **more: Any) -> Parameter:
    return Parameter(name, accepts, **more)


def _f(
    name: str, summary: str, parameters: tuple[Parameter, ...], returns: ResultType, python: Callable[..., object],
    *, can_fail: bool = False, deterministic: bool = True,
) -> Function:  # fmt: skip
    return Function(
        name, "date_time", summary, parameters, returns, python, can_fail=can_fail, deterministic=deterministic
    )


def _now(name: str, summary: str, returns: DataType, python: Callable[..., object], *extra: Parameter) -> Function:
    return _f(name, summary, extra, returns, python, deterministic=False)


def _current_date() -> date:
    return moment().date()


def _current_time(*_: object) -> time:
    return moment().time().replace(microsecond=0)


def _current_timestamp(*_: object) -> datetime:
    return moment().replace(microsecond=0)


def _current_time_micros() -> time:
    return moment().time()


_DATE = _p("date", "date")
_TIME = _p("time", "time")
_TIMESTAMP = _p("timestamp", "timestamp")
_BASE_DATE = _p("baseline", "date", optional=True, default="1970-01-01")
_BASE_TIMESTAMP = _p("baseline", "timestamp", optional=True, default="1970-01-01 00:00:00")
_MICROS_TIME = time_type(6)
_MICROS_TIMESTAMP = timestamp_type(6)
_AFTER = "The date so many days after a baseline."
_BETWEEN = "The days from a source date to a given one."
_ELAPSED = "The seconds from a base timestamp to a given one."
_SINCE = "The timestamp so many seconds after a baseline."
_OFFSETS = (_p("years", "integer"), _p("months", "integer"), _p("days", "integer"))
_CLOCK_OFFSETS = (_p("hours", "integer"), _p("minutes", "integer"), _p("seconds", "float"))


def _part(name: str, summary: str, parameter: Parameter, returns: DataType, attribute: str) -> Function:
    def python(value: Any) -> int:
        return int(getattr(value, attribute))

    return _f(name, summary, (parameter,), returns, python)


FUNCTIONS: tuple[Function, ...] = (
    _f("ConvertDatum", "A date of eight digits, day first, with its parts in another order.",
       (_p("date", "string"), _p("order", "string")), STRING, _convert_datum, can_fail=True),
    _f("ConvertTimeZone", "A moment in one time zone as the text of a timestamp in another.",
       (*(_p(part, "integer") for part in ("year", "month", "day", "hour", "minute", "second")), _p("from", "string"),
        _p("to", "string")), STRING, _convert_zone, can_fail=True),
    _now("CurrentDate", "The date when the run started.", DATE, _current_date),
    _now("CurrentTime", "The time when the run started.", TIME, _current_time, _p("time", "any", optional=True)),
    _now("CurrentTimeMS", "The time when the run started, with microseconds.", _MICROS_TIME, _current_time_micros),
    _now("CurrentTimestamp", "The moment when the run started.", TIMESTAMP, _current_timestamp,
         _p("timestamp", "any", optional=True)),
    _now("CurrentTimestampMS", "The moment when the run started, with microseconds.", _MICROS_TIMESTAMP, moment),
    _f("DateFromComponents", "The date of a year, a month and a day of the month.",
       (_p("year", "integer"), _p("month", "integer"), _p("day", "integer")), DATE, _from_components, can_fail=True),
    _f("DateFromDaysSince", _AFTER, (_p("days", "integer"), _BASE_DATE), DATE, _days_after, can_fail=True),
    _f("DateFromDaysSince2", _AFTER, (_p("days", "integer"), _BASE_DATE), DATE, _days_after, can_fail=True),
    _f("DateFromJulianDay", "The date of a Julian day number.", (_p("day", "integer"),), DATE, _from_julian,
       can_fail=True),
    _f("DateOffsetByComponents",
       "A date moved by years and months, to the last day of a shorter month, and then by days.",
       (_DATE, *_OFFSETS), DATE, _offset_date, can_fail=True),
    _f("DateOffsetByDays", "A date moved by days.", (_DATE, _p("days", "integer")), DATE, _offset_days,
       can_fail=True),
    _f("DaysInMonth", "How many days the date's month has.", (_DATE,), INT32, _days_in_month),
    _f("DaysInYear", "How many days the date's year has.", (_DATE,), INT32, _days_in_year),
    _f("DaysSinceFromDate", _BETWEEN, (_p("given", "date"), _p("source", "date")), INT32, _days_between),
    _f("DaysSinceFromDate2", _BETWEEN, (_p("given", "date"), _p("source", "date")), INT32, _days_between),
    _part("HoursFromTime", "The hour of a time.", _TIME, INT8, "hour"),
    _f("JulianDayFromDate", "The Julian day number of a date.", (_DATE,), INT32,
       lambda value: value.toordinal() + _JULIAN),
    _part("MicroSecondsFromTime", "The microseconds of a time.", _TIME, INT32, "microsecond"),
    _f("MidnightSecondsFromTime", "The seconds from midnight to a time.", (_TIME,), FLOAT64,
       lambda value: _clock(value) / 1e6),
    _part("MinutesFromTime", "The minute of a time.", _TIME, INT8, "minute"),
    _part("MonthDayFromDate", "The day of the month.", _DATE, INT8, "day"),
    _part("MonthFromDate", "The month of a date.", _DATE, INT8, "month"),
    _f("NextWeekdayFromDate", "The first such day of the week after a date.", (_DATE, _p("day", "string")), DATE,
       _next_weekday, can_fail=True),
    _f("NthWeekdayFromDate",
       "The n-th such day of the week after a date, before it for a negative n, on or after it for 0.",
       (_DATE, _p("day", "string"), _p("n", "integer")), DATE, _nth_weekday, can_fail=True),
    _f("PreviousWeekdayFromDate", "The last such day of the week before a date.", (_DATE, _p("day", "string")), DATE,
       _previous_weekday, can_fail=True),
    _f("SecondsFromTime", "The seconds of a time, with their fraction.", (_TIME,), FLOAT64,
       lambda value: (value.second * 1_000_000 + value.microsecond) / 1e6),
    _f("SecondsSinceFromTimestamp", _ELAPSED, (_TIMESTAMP, _p("base", "timestamp")), FLOAT64, _seconds_between),
    _f("SecondsSinceFromTimestamp2", _ELAPSED, (_TIMESTAMP, _p("base", "timestamp")), FLOAT64, _seconds_between),
    _now("TimeDate", "The moment when the run started, as a text such as 16:21:48 20 Jun 2008.", STRING, _time_date),
    _f("TimeFromComponents", "The time of hours, minutes, seconds and microseconds.",
       (_p("hours", "integer"), _p("minutes", "integer"), _p("seconds", "integer"), _p("microseconds", "integer")),
       _MICROS_TIME, _time_from, can_fail=True),
    _f("TimeFromMidnightSeconds", "The time so many seconds after midnight.", (_p("seconds", "float"),), _MICROS_TIME,
       _from_midnight, can_fail=True),
    _f("TimeOffsetByComponents", "A time moved by hours, minutes and seconds, around midnight where need be.",
       (_TIME, *_CLOCK_OFFSETS), _MICROS_TIME, _offset_time, can_fail=True),
    _f("TimeOffsetBySeconds", "A time moved by seconds, around midnight where need be.",
       (_TIME, _p("seconds", "float")), _MICROS_TIME, _offset_time_seconds, can_fail=True),
    _f("TimestampFromDate", "The timestamp of a date and a time.", (_DATE, _TIME), _longest(1), _combined),
    _f("TimestampFromDateTime", "The timestamp of a date and a time.", (_DATE, _TIME), _longest(1), _combined),
    _f("TimestampFromSecondsSince", _SINCE, (_p("seconds", "float"), _BASE_TIMESTAMP), _MICROS_TIMESTAMP,
       _seconds_after, can_fail=True),
    _f("TimestampFromSecondsSince2", _SINCE, (_p("seconds", "float"), _BASE_TIMESTAMP), _MICROS_TIMESTAMP,
       _seconds_after, can_fail=True),
    _f("TimestampFromTime", "The timestamp of a time and a date.", (_TIME, _DATE), _longest(0), _time_on_date),
    _f("TimestampFromTime2", "The date of a timestamp with another time.", (_TIME, _TIMESTAMP), _longest(0),
       _time_on_timestamp),
    _f("TimestampFromTimet", "The timestamp of seconds since 1970-01-01 00:00:00.", (_p("seconds", "integer"),),
       TIMESTAMP, _from_timet, can_fail=True),
    _f("TimestampOffsetByComponents",
       "A timestamp moved by years and months, to the last day of a shorter month, and then by the rest.",
       (_TIMESTAMP, *_OFFSETS, *_CLOCK_OFFSETS), _MICROS_TIMESTAMP, _offset_timestamp, can_fail=True),
    _f("TimestampOffsetBySeconds", "A timestamp moved by seconds.", (_TIMESTAMP, _p("seconds", "float")),
       _MICROS_TIMESTAMP, _offset_seconds, can_fail=True),
    _f("TimetFromTimestamp", "The whole seconds from 1970-01-01 00:00:00 to a timestamp.", (_TIMESTAMP,), INT64,
       _timet),
    _f("WeekdayFromDate", "The day of the week, counted from 0 for the origin day.",
       (_DATE, _p("origin", "string", optional=True, default="Sunday")), INT8, _weekday_from, can_fail=True),
    _f("YeardayFromDate", "The day of the year.", (_DATE,), INT16, lambda value: value.timetuple().tm_yday),
    _part("YearFromDate", "The year of a date.", _DATE, INT16, "year"),
    _f("YearweekFromDate", "The week of the year; its first Sunday starts week 1.", (_DATE,), INT16, _year_week),
)  # fmt: skip
