"""The functions of dates, times and timestamps on DuckDB: null outside the years 1 to 9999.

The clock functions become ``run_started``, our own node for the moment when the run started, a timestamp in local
time that the engine binds to a constant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, let, number, sql, text
from riverstage.expressions import nodes
from riverstage.expressions.functions.date_time import DAYS, LIMITS
from riverstage.types import DataType, timestamp

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
_Body = Callable[..., exp.Expression]

_FIRST = "CAST('0001-01-01' AS DATE)"
_LAST = "CAST('9999-12-31' AS DATE)"
_MIDNIGHT = "CAST('00:00:00' AS TIME)"
_JULIAN_FIRST = 1_721_426  # Julian day number of 0001-01-01
_DAY_MICROS = 86_400_000_000
_SECONDS = f"BETWEEN -{LIMITS.seconds} AND {LIMITS.seconds}"


def _bind(values: list[exp.Expression], body: _Body) -> exp.Expression:
    """Return ``body`` of values that are each computed once."""
    if not values:
        return body()
    first, *rest = values
    return let(first, lambda bound: _bind(rest, partial(body, bound)))


def _of(template: str, *names: str) -> Lowering:
    """Return the lowering that puts the arguments into a template once each."""

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql(template, **dict(zip(names, arguments, strict=True)))

    return lower


def _once(template: str, *names: str) -> Lowering:
    """Return the lowering that puts the arguments into a template, computed once however often it names them."""

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return _bind(arguments, lambda *bound: sql(template, **dict(zip(names, bound, strict=True))))

    return lower


def _epoch(template: str, result: str) -> Lowering:
    """Return the lowering of a part of a time, from its microseconds ``t`` after midnight."""

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql(f"CAST({template} AS {result})", t=call("epoch_us", arguments[0]))

    return lower


def _part(function: str, result: str) -> Lowering:
    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql(f"CAST(f AS {result})", f=call(function, arguments[0]))

    return lower


def _plus_days(base: exp.Expression, days: exp.Expression) -> exp.Expression:
    """Return a date moved by days, null outside the years."""
    template = f"CASE WHEN n BETWEEN {_FIRST} - d AND {_LAST} - d THEN d + CAST(n AS INTEGER) END"
    return let(base, lambda d: let(days, lambda n: sql(template, d=d, n=n)))


def _days_after(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return _plus_days(arguments[1], arguments[0])


def _offset_days(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return _plus_days(arguments[0], arguments[1])


_FROM_COMPONENTS = (
    "CASE WHEN y BETWEEN 1 AND 9999 AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND CASE WHEN m <> 2 "
    "THEN 30 + (m + m // 8) % 2 WHEN y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0) THEN 29 ELSE 28 END THEN f END"
)


def _from_components(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    def body(y: exp.Expression, m: exp.Expression, d: exp.Expression) -> exp.Expression:
        made = call("make_date", *(sql("CAST(x AS BIGINT)", x=x) for x in (y, m, d)))
        return sql(_FROM_COMPONENTS, y=y, m=m, d=d, f=made)

    return _bind(arguments, body)


def _moved_months(base: exp.Expression, years: exp.Expression, months: exp.Expression) -> exp.Expression:
    """Return a date moved by years and months, at the last day of a shorter month; null outside the years."""
    template = (
        f"CASE WHEN y BETWEEN -{LIMITS.years} AND {LIMITS.years} AND m BETWEEN -{LIMITS.months} AND {LIMITS.months} "
        "AND year(d) * 12 + month(d) - 1 + CAST(y AS BIGINT) * 12 + CAST(m AS BIGINT) BETWEEN 12 AND 119999 "
        "THEN CAST(d + f AS DATE) END"
    )

    def body(d: exp.Expression, y: exp.Expression, m: exp.Expression) -> exp.Expression:
        total = sql("CAST(CAST(y AS BIGINT) * 12 + CAST(m AS BIGINT) AS INTEGER)", y=y, m=m)
        return sql(template, d=d, y=y, m=m, f=call("to_months", total))

    return _bind([base, years, months], body)


def _offset_date(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    base, years, months, days = arguments
    return _plus_days(_moved_months(base, years, months), days)


def _micros(seconds: exp.Expression) -> exp.Expression:
    """Return seconds as whole microseconds, null for too many; halves go to the even one."""
    return let(seconds, lambda s: sql(f"CASE WHEN s {_SECONDS} THEN CAST(s * 1000000 AS BIGINT) END", s=s))


def _clock_micros(hours: exp.Expression, minutes: exp.Expression, seconds: exp.Expression) -> exp.Expression:
    template = (
        f"CASE WHEN h BETWEEN -{LIMITS.hours} AND {LIMITS.hours} AND m BETWEEN -{LIMITS.minutes} AND {LIMITS.minutes} "
        "THEN (CAST(h AS BIGINT) * 3600 + CAST(m AS BIGINT) * 60) * 1000000 + us END"
    )
    return let(hours, lambda h: let(minutes, lambda m: sql(template, h=h, m=m, us=_micros(seconds))))


def _stamp(micros: exp.Expression) -> exp.Expression:
    """Return the timestamp so many microseconds after the epoch, null outside the years."""
    template = "CASE WHEN us BETWEEN -62135596800000000 AND 253402300799999999 THEN f END"
    return let(micros, lambda us: sql(template, us=us, f=call("make_timestamp", us)))


def _clock(micros: exp.Expression) -> exp.Expression:
    """Return the time so many microseconds after some midnight."""
    return sql(f"{_MIDNIGHT} + f", f=call("to_microseconds", sql(f"us % {_DAY_MICROS}", us=micros)))


def _offset_timestamp(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    base, years, months, days, *clock = arguments

    def body(stamp: exp.Expression) -> exp.Expression:
        moved = _moved_months(sql("CAST(t AS DATE)", t=stamp), years, months)
        day = sql("CAST(d AS TIMESTAMP)", d=_plus_days(moved, days))
        time = sql("CAST(t AS TIME)", t=stamp)
        return _stamp(
            sql("d + t + o", d=call("epoch_us", day), t=call("epoch_us", time), o=_clock_micros(*clock))
        )  # fmt: skip

    return let(base, body)


def _offset_seconds(base: exp.Expression, seconds: exp.Expression) -> exp.Expression:
    return _stamp(sql("t + o", t=call("epoch_us", base), o=_micros(seconds)))


def _offset_time(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    base, *clock = arguments
    offset = _clock_micros(*clock) if len(clock) == 3 else _micros(clock[0])
    template = f"t + (o % {_DAY_MICROS}) + {_DAY_MICROS}"
    return _clock(sql(template, t=call("epoch_us", base), o=offset))


def _from_midnight(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    template = f"CASE WHEN us BETWEEN 0 AND {_DAY_MICROS - 1} THEN f END"
    return let(_micros(arguments[0]), lambda us: sql(template, us=us, f=_clock(us)))


def _time_from(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    template = (
        "CASE WHEN h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59 AND s BETWEEN 0 AND 59 AND u BETWEEN 0 AND 999999 "
        "THEN f END"
    )

    def body(*parts: exp.Expression) -> exp.Expression:
        named = dict(zip("hmsu", (sql("CAST(x AS BIGINT)", x=part) for part in parts), strict=True))
        micros = sql("((h * 60 + m) * 60 + s) * 1000000 + u", **named)
        return sql(template, **dict(zip("hmsu", parts, strict=True)), f=_clock(micros))

    return _bind(arguments, body)


def _day_index(name: exp.Expression) -> exp.Expression:
    """Return the number of a day of the week by its name, null for no name."""
    known = constant(name)
    if isinstance(known, str):
        index = DAYS.get(known.strip(" ").lower())
        return sql("CAST(NULL AS BIGINT)") if index is None else number(index)
    spelled = call("lower", call("trim", name))
    return exp.Case(
        this=spelled, ifs=[exp.If(this=text(day), true=number(index)) for day, index in DAYS.items()]
    )  # fmt: skip


def _weekday(template: str) -> Lowering:
    """Return the lowering of a date moved to a day of the week.

    The template gives the days to move, from the wanted day ``k``, the weekday ``w`` and a count ``n``.
    """

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        base, day, *count = arguments
        k = _day_index(day)

        def body(d: exp.Expression, *rest: exp.Expression) -> exp.Expression:
            parts = dict(zip(("n",), rest, strict=False))
            return _plus_days(d, let(k, lambda k: sql(template, k=k, w=call("dayofweek", d), **parts)))

        return _bind([base, *count], body)

    return lower


def _weekday_from(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    template = "CAST((w - k + 7) % 7 AS TINYINT)"
    return sql(template, w=call("dayofweek", arguments[0]), k=_day_index(arguments[1]))


def _year_week(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return let(
        arguments[0],
        lambda d: sql(
            "CAST((y + 6 - w) // 7 AS SMALLINT)", y=call("dayofyear", d), w=call("dayofweek", d)
        ),
    )  # fmt: skip


def _days_in_month(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST(f AS INTEGER)", f=call("day", call("last_day", arguments[0])))


def _days_in_year(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    last = call("make_date", call("year", arguments[0]), number(12), number(31))
    return sql("CAST(f AS INTEGER)", f=call("dayofyear", last))


def _seconds_between(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    a, b = (call("epoch_us", argument) for argument in arguments)
    return sql("(a - b) / CAST(1000000 AS DOUBLE)", a=a, b=b)


def _from_timet(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    def body(s: exp.Expression) -> exp.Expression:
        made = call("make_timestamp", sql("CAST(s AS BIGINT) * 1000000", s=s))
        return sql("CASE WHEN s BETWEEN -62135596800 AND 253402300799 THEN f END", s=s, f=made)

    return let(arguments[0], body)


def _timet(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    """Return the whole seconds, rounded down: DuckDB's division cuts, so the division starts from year 1."""
    start = 62_135_596_800
    return sql(f"(us + {start}000000) // 1000000 - {start}", us=call("epoch_us", arguments[0]))


def _started(template: str) -> Lowering:
    def lower(_arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql(template, now=nodes.call("run_started", returns=timestamp(6)))

    return lower


def _time_date(_arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("strftime", nodes.call("run_started", returns=timestamp(6)), text("%H:%M:%S %d %b %Y"))


_BETWEEN_DAYS = _of("CAST(a - b AS INTEGER)", "a", "b")


def _since(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return _offset_seconds(arguments[1], arguments[0])


def _later(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return _offset_seconds(arguments[0], arguments[1])


LOWER: dict[str, Lowering] = {
    "currentdate": _started("CAST(now AS DATE)"),
    "currenttime": _started("date_trunc('second', CAST(now AS TIMESTAMP))::TIME"),
    "currenttimems": _started("CAST(now AS TIME)"),
    "currenttimestamp": _started("CAST(date_trunc('second', CAST(now AS TIMESTAMP)) AS TIMESTAMP)"),
    "currenttimestampms": _started("CAST(now AS TIMESTAMP)"),
    "datefromcomponents": _from_components,
    "datefromdayssince": _days_after,
    "datefromdayssince2": _days_after,
    "datefromjulianday": _once(
        f"CASE WHEN n BETWEEN {_JULIAN_FIRST} AND 5373484 THEN {_FIRST} + CAST(n - {_JULIAN_FIRST} AS INTEGER) END", "n"
    ),
    "dateoffsetbycomponents": _offset_date,
    "dateoffsetbydays": _offset_days,
    "daysinmonth": _days_in_month,
    "daysinyear": _days_in_year,
    "dayssincefromdate": _BETWEEN_DAYS,
    "dayssincefromdate2": _BETWEEN_DAYS,
    "hoursfromtime": _epoch("t // 3600000000", "TINYINT"),
    "juliandayfromdate": _of(f"CAST(d - {_FIRST} AS INTEGER) + {_JULIAN_FIRST}", "d"),
    "microsecondsfromtime": _epoch("t % 1000000", "INTEGER"),
    "midnightsecondsfromtime": _epoch("t / CAST(1000000 AS DOUBLE)", "DOUBLE"),
    "minutesfromtime": _epoch("t // 60000000 % 60", "TINYINT"),
    "monthdayfromdate": _part("day", "TINYINT"),
    "monthfromdate": _part("month", "TINYINT"),
    "nextweekdayfromdate": _weekday("(k - w + 6) % 7 + 1"),
    "nthweekdayfromdate": _weekday(
        "CASE WHEN n BETWEEN 1 AND 1000000 THEN (k - w + 6) % 7 + 1 + 7 * (CAST(n AS BIGINT) - 1) "
        "WHEN n BETWEEN -1000000 AND -1 THEN 7 * (CAST(n AS BIGINT) + 1) - ((w - k + 6) % 7 + 1) "
        "WHEN n = 0 THEN (k - w + 7) % 7 END"
    ),
    "previousweekdayfromdate": _weekday("-((w - k + 6) % 7 + 1)"),
    "secondsfromtime": _epoch("t % 60000000 / CAST(1000000 AS DOUBLE)", "DOUBLE"),
    "secondssincefromtimestamp": _seconds_between,
    "secondssincefromtimestamp2": _seconds_between,
    "timedate": _time_date,
    "timefromcomponents": _time_from,
    "timefrommidnightseconds": _from_midnight,
    "timeoffsetbycomponents": _offset_time,
    "timeoffsetbyseconds": _offset_time,
    "timestampfromdate": _of("d + t", "d", "t"),
    "timestampfromdatetime": _of("d + t", "d", "t"),
    "timestampfromsecondssince": _since,
    "timestampfromsecondssince2": _since,
    "timestampfromtime": _of("d + t", "t", "d"),
    "timestampfromtime2": _of("CAST(d AS DATE) + t", "t", "d"),
    "timestampfromtimet": _from_timet,
    "timestampoffsetbycomponents": _offset_timestamp,
    "timestampoffsetbyseconds": _later,
    "timetfromtimestamp": _timet,
    "weekdayfromdate": _weekday_from,
    "yeardayfromdate": _part("dayofyear", "SMALLINT"),
    "yearfromdate": _part("year", "SMALLINT"),
    "yearweekfromdate": _year_week,
}
"""ConvertDatum and ConvertTimeZone are computed in Python."""
