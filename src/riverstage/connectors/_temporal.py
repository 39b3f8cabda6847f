"""Dates, times and timestamps from text, in DuckDB's SQL.

Without a format: ``2024-05-27``, ``14:30:00`` (seconds and a fraction may follow) and ``2024-05-27 14:30:00``, with a
``T`` between and a ``Z`` behind if need be; blanks around are fine, and digits of a fraction that the column has no
room for are cut. With a format (``%dd/%mm/%yyyy``) a field must match it from end to end.
"""

from __future__ import annotations

from dataclasses import dataclass

from riverstage.connectors._sql import text
from riverstage.errors import ConnectorError
from riverstage.expressions.functions._formats import MONTHS, Format, FormatKind, Tag, compile_format
from riverstage.types import DataType

__all__ = ["Temporal", "temporal"]

_STRPTIME = {"yyyy": "%Y", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d", "hh": "%H", "h": "%H", "nn": "%M", "n": "%M",
             "ss": "%S", "s": "%S"}  # fmt: skip
_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True, slots=True)
class Temporal:
    """How a field becomes a value: see ``Reading``."""

    first: str
    value: str
    usual: str
    otherwise: str


def temporal(type: DataType, format_text: str | None, field: str, probe: str) -> Temporal:
    """Return how a field of text is read as a date, time or timestamp.

    Args:
        type: The column's type.
        format_text: The format; None for the default.
        field: The text, in SQL.
        probe: What is computed first, in SQL.

    Raises:
        ExpressionError: The format is none.
        ConnectorError: The format cannot be read by.
    """
    if format_text:
        kind: FormatKind = "date" if type.kind == "date" else "time" if type.kind == "time" else "timestamp"
        return _by_format(type, compile_format(format_text, kind), field, probe)
    if type.kind == "date":
        first = f"CAST(try_strptime({field}, '%Y-%m-%d') AS DATE)"
        since = f"{probe} >= DATE '0001-01-01'"
        # What is as long may have blanks in place of digits; two comparisons are cheaper than an expression.
        usual = f"{since} AND strlen({field}) = 10 AND {field} >= '0' AND right({field}, 1) >= '0'"
        around = text(f"[ \t]*{_DAY}[ \t]*")
        return Temporal(first, probe, usual, f"coalesce({since}, FALSE) AND regexp_full_match({field}, {around})")
    if type.kind == "time":
        form = f"regexp_full_match(trim({field}), {text(_CLOCK)})"
        first = _cut(f"TRY_CAST({field} AS TIME)", type)
        return Temporal(first, probe, f"{probe} IS NOT NULL AND {form}", "FALSE")
    return _timestamp(type, field, probe)


def _timestamp(type: DataType, field: str, probe: str) -> Temporal:
    zone = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)?" if type.zone else "Z?"
    kind = "TIMESTAMPTZ" if type.zone else "TIMESTAMP"
    form = f"regexp_full_match(trim({field}), {text(_DAY + '[ T]' + _CLOCK + zone)})"
    day = f"regexp_full_match(trim({field}), {text(_DAY)})"
    usual = f"{probe} >= TIMESTAMP '0001-01-01 00:00:00' AND strlen({field}) = 19"
    slow = _cut(f"CASE WHEN {form} OR {day} THEN TRY_CAST(trim({field}) AS {kind}) END", type)
    return Temporal(
        f"try_strptime({field}, '%Y-%m-%d %H:%M:%S')",
        f"CASE WHEN {usual} THEN CAST({probe} AS {kind}) ELSE {slow} END",
        usual,
        f"({slow}) IS NOT NULL",
    )


def _cut(value: str, type: DataType) -> str:
    """Cut the digits of a second for which the column has no room."""
    if type.kind == "date" or (type.scale or 0) >= 6:
        return value
    spare = f"microsecond({value}) % {10 ** (6 - (type.scale or 0))}"
    return f"CASE WHEN {spare} = 0 THEN {value} ELSE {value} - to_microseconds({spare}) END"


def _by_format(type: DataType, format_: Format, field: str, probe: str) -> Temporal:
    format_.check_readable()
    form = f"regexp_full_match({field}, {text(format_.pattern())})"
    result = {"date": "DATE", "time": "TIME"}.get(type.kind, "TIMESTAMPTZ" if type.zone else "TIMESTAMP")
    if all(_is_plain(part) for part in format_.parts):
        directives = "".join(_directive(part) for part in format_.parts)
        first = f"CASE WHEN {form} THEN CAST(try_strptime({field}, {text(directives)}) AS {result}) END"
        return Temporal(first, _fitted(probe, format_, type), f"{probe} IS NOT NULL", "FALSE")
    if any(tag.part in ("week", "weekday") for tag in format_.tags):
        message = f"Text cannot be read by the format '{format_.text}', which counts weeks."
        raise ConnectorError(message, code="RS-5017", mend="Read the column as a string and convert it later.")
    names = "[" + ", ".join(f"'g{index}'" for index in range(len(format_.tags))) + "]"
    first = f"CASE WHEN {form} THEN regexp_extract({field}, {text(f'^{format_.pattern()}$')}, {names}) END"
    built = f"TRY_CAST({_assembled(format_, probe)} AS {result})"
    return Temporal(first, _fitted(built, format_, type), f"{built} IS NOT NULL", "FALSE")


def _fitted(value: str, format_: Format, type: DataType) -> str:
    has_fraction = any(tag.digits or tag.part == "fraction" for tag in format_.tags)
    return _cut(value, type) if has_fraction else value


def _is_plain(part: Tag | str) -> bool:
    return isinstance(part, str) or (part.name in _STRPTIME and not part.options)


def _directive(part: Tag | str) -> str:
    if isinstance(part, str):
        return part.replace("%", "%%")
    return _STRPTIME[part.name] + (".%f" if part.digits else "")


def _assembled(format_: Format, probe: str) -> str:
    """Return the ISO text of what the tags of a format gave, as SQL over the groups of its pattern."""
    groups = {tag.part: (tag, f"{probe}.g{index}") for index, tag in reversed(list(enumerate(format_.tags)))}
    day = _day(groups) if format_.kind != "time" else ""
    if format_.kind == "date":
        return day
    clock = " || ':' || ".join(
        [f"lpad(CAST({_hour(groups)} AS VARCHAR), 2, '0')", _two(groups, "minute"), _second(groups)]
    )
    return clock if format_.kind == "time" else f"{day} || ' ' || {clock}"


_Groups = dict[str, tuple[Tag, str]]


def _two(groups: _Groups, part: str) -> str:
    return f"lpad(trim({groups[part][1]}), 2, '0')" if part in groups else "'00'"


def _year(groups: _Groups) -> str:
    tag, group = groups["year"]
    if tag.name != "yy":
        return group
    return f"lpad(CAST({tag.cutoff} + (CAST({group} AS INTEGER) - {tag.cutoff} + 10000) % 100 AS VARCHAR), 4, '0')"


def _day(groups: _Groups) -> str:
    if "month" not in groups or "day" not in groups:
        number = f"CAST({groups['yearday'][1]} AS INTEGER)"
        start = f"TRY_CAST({_year(groups)} || '-01-01' AS DATE)"
        day = f"({start} + {number} - 1)"
        return f"CASE WHEN {number} > 0 AND year({day}) = year({start}) THEN CAST({day} AS VARCHAR) END"
    tag, group = groups["month"]
    month = _two(groups, "month")
    if tag.name in ("mmm", "mmmm"):
        names = ", ".join(text(name[:3].lower()) for name in MONTHS)
        place = f"list_position([{names}], left(lower(trim({group})), 3))"
        month = f"lpad(CAST({place} AS VARCHAR), 2, '0')"
    return f"{_year(groups)} || '-' || {month} || '-' || {_two(groups, 'day')}"


def _hour(groups: _Groups) -> str:
    if "hour" not in groups:
        return "0"
    hour = f"CAST({groups['hour'][1]} AS INTEGER)"
    if "half" not in groups:
        return hour
    return f"({hour} % 12 + CASE WHEN lower({groups['half'][1]}) = 'pm' THEN 12 ELSE 0 END)"


def _second(groups: _Groups) -> str:
    fraction = ""
    if "fraction" in groups:
        tag, group = groups["fraction"]
        fraction = f" || '.' || lpad({group}, {3 if tag.name == 'SSS' else 6}, '0')"
    if "second" not in groups:
        return f"'00'{fraction}"
    tag, group = groups["second"]
    whole = f"lpad(trim(split_part(replace({group}, ',', '.'), '.', 1)), 2, '0')"
    if tag.digits:
        fraction = f" || '.' || split_part(replace({group}, ',', '.'), '.', 2)"
    return whole + fraction
