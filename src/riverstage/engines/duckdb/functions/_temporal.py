"""Formats of dates, times and timestamps as DuckDB SQL.

Texts are checked against the format's own pattern first: DuckDB's readers take more than a format says (blanks around,
fewer digits). What its ``strptime`` and ``strftime`` know is left to them; the rest is put together here.
"""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import call, is_cheap, let, number, sql, text
from riverstage.expressions.functions._formats import Format, Tag

__all__ = ["read", "read_default", "write"]

_RESULT = {"date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP"}
_STRFTIME = {
    "yyyy": "%Y", "yy": "%y", "mm": "%m", "m": "%-m", "mmm": "%b", "mmmm": "%B", "dd": "%d", "d": "%-d", "ddd": "%j",
    "eee": "%a", "eeee": "%A", "WW": "%V", "hh": "%H", "h": "%-H", "HH": "%I", "H": "%-I", "nn": "%M", "n": "%-M",
    "ss": "%S", "s": "%-S", "SSSSSS": "%f",
}  # fmt: skip
_STRPTIME = {
    "yyyy": "%Y", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d", "hh": "%H", "h": "%H", "nn": "%M", "n": "%M",
    "ss": "%S", "s": "%S",
}  # fmt: skip
_HOUR = "(?:[01][0-9]|2[0-3])"
_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_DATE = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_TIME = f"{_HOUR}:[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{{1,6}})?"
_DEFAULT = {"date": _DATE, "time": _TIME, "timestamp": f"{_DATE} {_TIME}"}


def read_default(value: exp.Expression, kind: str) -> exp.Expression:
    """Return what a text says by the format that its kind has by default, null where it says nothing."""

    def body(s: exp.Expression) -> exp.Expression:
        matches = call("regexp_full_match", s, text(_DEFAULT[kind]))
        return sql(f"CASE WHEN m THEN TRY_CAST(s AS {_RESULT[kind]}) END", m=matches, s=s)

    return let(value, body)


def read(value: exp.Expression, format_: Format) -> exp.Expression | None:
    """Return what a text says by a format, null where it says nothing; None where there is no SQL for the format."""
    format_.check_readable()
    if any(tag.part in ("week", "weekday") for tag in format_.tags):
        return None
    return let(value, partial(_read_plain if _is_plain(format_) else _read_parts, format_=format_))


def _is_plain(format_: Format) -> bool:
    """Return whether ``strptime`` reads a format without doubt, once the text has its form."""
    for index, part in enumerate(format_.parts):
        if isinstance(part, str):
            continue
        if part.options or part.name not in _STRPTIME or (part.digits and format_.packed):
            return False
        after = format_.parts[index + 1] if index + 1 < len(format_.parts) else ""
        if part.is_variable and (not isinstance(after, str) or after[:1].isdigit()):
            return False
    return True


def _read_plain(s: exp.Expression, format_: Format) -> exp.Expression:
    directives = ""
    for part in format_.parts:
        if isinstance(part, str):
            directives += part.replace("%", "%%")
        else:
            directives += _STRPTIME[part.name] + (".%f" if part.digits else "")
    return sql(
        f"CASE WHEN m THEN CAST(f AS {_RESULT[format_.kind]}) END",
        m=call("regexp_full_match", s, text(format_.pattern())),
        f=call("try_strptime", s, text(directives)),
    )


def _read_parts(s: exp.Expression, format_: Format) -> exp.Expression:
    """Take a text apart by its pattern and put together one that DuckDB reads for certain."""
    tags = format_.tags
    names = exp.Array(expressions=[text(f"g{index}") for index in range(len(tags))])
    pieces = call("regexp_extract", s, text(f"\\A{format_.pattern()}\\z"), names)

    def body(found: exp.Expression) -> exp.Expression:
        groups = {
            tag.part: (tag, call("struct_extract", found, text(f"g{index}")))
            for index, tag in reversed(list(enumerate(tags)))
        }
        return _assembled(format_, groups, call("struct_extract", found, text("g0")))

    return let(pieces, body)


_Groups = dict[str, tuple[Tag, exp.Expression]]


def _assembled(format_: Format, groups: _Groups, first: exp.Expression) -> exp.Expression:
    kind = _RESULT[format_.kind]
    made = _time_text(format_, groups)
    condition, hour = made
    if format_.kind == "time":
        return sql("CASE WHEN g <> '' AND c THEN TRY_CAST(t AS TIME) END", g=first, c=condition, t=hour)
    day = _date(groups)
    if format_.kind == "date":
        return sql("CASE WHEN g <> '' THEN d END", g=first, d=day)
    return sql(
        f"CASE WHEN g <> '' AND c THEN TRY_CAST(CAST(d AS VARCHAR) || ' ' || t AS {kind}) END",
        g=first, c=condition, d=day, t=hour,
    )  # fmt: skip


def _number(groups: _Groups, part: str) -> exp.Expression:
    """Return what a part says as a whole number."""
    tag, group = groups[part]
    whole = sql("CAST(g AS BIGINT)", g=group)
    if tag.name == "yy":
        # The offset from the cutoff, kept positive for DuckDB's remainder.
        return sql("c + (y - c + 10000) % 100", c=number(tag.cutoff), y=whole)
    if part == "month" and tag.name in ("mmm", "mmmm"):
        names = exp.Array(expressions=[text(name.strip().lower()) for name in tag.names()])
        return sql("CAST(f AS BIGINT)", f=call("list_position", names, call("lower", call("trim", group))))
    return whole


def _padded(value: exp.Expression, digits: int) -> exp.Expression:
    return call("lpad", sql("CAST(v AS VARCHAR)", v=value), number(digits), text("0"))


def _date(groups: _Groups) -> exp.Expression:
    year = _number(groups, "year")
    if "month" in groups and "day" in groups:
        parts = [_padded(year, 4), _padded(_number(groups, "month"), 2), _padded(_number(groups, "day"), 2)]
        return sql("TRY_CAST(y || '-' || m || '-' || d AS DATE)", **dict(zip("ymd", parts, strict=True)))
    template = (
        "CASE WHEN n BETWEEN 1 AND 365 OR (n = 366 AND y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0)) "
        "THEN f + CAST(n - 1 AS INTEGER) END"
    )

    def body(y: exp.Expression) -> exp.Expression:
        return sql(template, y=y, n=_number(groups, "yearday"), f=call("make_date", y, number(1), number(1)))

    return let(year, body)


def _time_text(format_: Format, groups: _Groups) -> tuple[exp.Expression, exp.Expression]:
    """Return under which condition there is a time, and its text."""
    condition, hour = _hour(groups)
    minute = _padded(_number(groups, "minute"), 2) if "minute" in groups else text("00")
    second, fraction = _second(format_, groups)
    pieces = {"h": _padded(hour, 2), "n": minute, "s": second, "f": fraction}
    return condition, sql("h || ':' || n || ':' || s || '.' || f", **pieces)


def _second(format_: Format, groups: _Groups) -> tuple[exp.Expression, exp.Expression]:
    """Return the two digits of the second and the digits of its fraction."""
    if "second" not in groups:
        return text("00"), _fraction(groups)
    tag, group = groups["second"]
    if not tag.digits:
        return _padded(_number(groups, "second"), 2), _fraction(groups)
    if format_.packed:
        return call("left", group, number(2)), call("substr", group, number(3))
    trimmed = call("trim", call("split_part", group, text(tag.point), number(1)))
    return call("lpad", trimmed, number(2), text("0")), call("split_part", group, text(tag.point), number(2))


def _fraction(groups: _Groups) -> exp.Expression:
    if "fraction" not in groups:
        return text("0")
    tag, _ = groups["fraction"]
    return _padded(_number(groups, "fraction"), 3 if tag.name == "SSS" else 6)


def _hour(groups: _Groups) -> tuple[exp.Expression, exp.Expression]:
    """Return under which condition there is an hour from 0 to 23, and which."""
    if "hour" not in groups:
        return exp.Boolean(this=True), number(0)
    tag, _ = groups["hour"]
    hour = _number(groups, "hour")
    condition = sql("h BETWEEN 1 AND 12" if tag.name in ("H", "HH") else "h BETWEEN 0 AND 23", h=hour)
    if "half" not in groups:
        return condition, hour
    pm = sql("x = 'pm'", x=call("lower", groups["half"][1]))
    condition = sql("c AND (h <= 12 OR p)", c=condition, h=hour, p=pm)
    return condition, sql("CASE WHEN h > 12 THEN h WHEN p THEN h % 12 + 12 ELSE h % 12 END", h=hour, p=pm)


def write(value: exp.Expression, format_: Format) -> exp.Expression:
    """Return the text of a date, time or timestamp by a format."""
    if format_.kind == "time":
        value = sql("CAST('2000-01-01' AS DATE) + t", t=value)
    if len(_pieces(format_)) > 1 and not is_cheap(value):
        return let(value, partial(_written, format_=format_))
    return _written(value, format_)


def _written(v: exp.Expression, format_: Format) -> exp.Expression:
    written: exp.Expression | None = None
    for piece in _pieces(format_):
        part = call("strftime", v, text(piece)) if isinstance(piece, str) else _piece(v, piece, packed=format_.packed)
        written = part if written is None else exp.DPipe(this=written, expression=part)
    if written is None:
        return sql("CASE WHEN v IS NOT NULL THEN '' END", v=v)
    return exp.Paren(this=written)


def _directive(tag: Tag) -> str | None:
    """Return how ``strftime`` writes a tag, or None if it does not."""
    if tag.width or tag.options - {"t", "C"}:
        return "%-j" if tag.name == "ddd" and tag.options == {"v"} else None
    directive = _STRFTIME.get(tag.name)
    if not tag.digits:
        return directive
    return f"{directive}.%f" if tag.digits == 6 else None


def _pieces(format_: Format) -> list[str | Tag]:
    """Return a format as texts for ``strftime`` and the tags that it does not know."""
    pieces: list[str | Tag] = []
    for part in format_.parts:
        directive = part.replace("%", "%%") if isinstance(part, str) else _directive(part)
        if directive is None or (format_.packed and isinstance(part, Tag) and part.digits):
            pieces.append(part)
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += directive
        else:
            pieces.append(directive)
    return pieces


def _piece(v: exp.Expression, tag: Tag, *, packed: bool) -> exp.Expression:
    """Return the text of a tag that ``strftime`` does not know."""
    if tag.part in ("month", "name") and tag.name in ("mmm", "mmmm", "eee", "eeee"):
        return _name_piece(v, tag)
    if tag.name == "aa":
        halves = ("PM", "AM") if "u" in tag.options else ("pm", "am")
        return exp.Case(
            ifs=[exp.If(this=sql("h >= 12", h=call("hour", v)), true=text(halves[0]))], default=text(halves[1])
        )  # fmt: skip
    if tag.name in ("e", "E"):
        return sql(
            "CAST(d AS VARCHAR)", d=call("isodow", v) if tag.name == "E" else sql("d + 1", d=call("dayofweek", v))
        )
    if tag.name in ("SSS", "SSSSSS"):
        return _digits(
            sql("m % 1000000 // n", m=call("microsecond", v), n=number(1000 if tag.name == "SSS" else 1)), tag
        )
    digits = _digits(_part_of(v, tag), tag)
    if not tag.digits:
        return digits
    fraction = call("left", call("strftime", v, text("%f")), number(tag.digits))
    return sql("d || p || f", d=digits, p=text("" if packed else tag.point), f=fraction)


def _part_of(v: exp.Expression, tag: Tag) -> exp.Expression:
    """Return the number that a tag writes."""
    if tag.name in ("H", "HH"):
        return sql("(h + 11) % 12 + 1", h=call("hour", v))
    if tag.name == "yy":
        return sql("y % 100", y=call("year", v))
    functions = {"yearday": "dayofyear", "week": "weekofyear"}
    return call(functions.get(tag.part, tag.part), v)


def _digits(value: exp.Expression, tag: Tag) -> exp.Expression:
    shown = sql("CAST(v AS VARCHAR)", v=value)
    if tag.is_variable and not (tag.digits and tag.name == "ss"):
        return shown
    return call("lpad", shown, number(tag.size), text(" " if "s" in tag.options else "0"))


def _name_piece(v: exp.Expression, tag: Tag) -> exp.Expression:
    name = call("strftime", v, text(_STRFTIME[tag.name]))
    if "u" in tag.options or "w" in tag.options:
        name = call("upper" if "u" in tag.options else "lower", name)
    if not tag.width:
        return name
    cut = call("left", name, number(tag.width))
    return call("lpad" if tag.right else "rpad", cut, number(tag.width), text(" "))
