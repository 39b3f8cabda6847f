"""The conversions of a Modify stage: what each one makes of a column.

Most are functions of the Transformer language under other names, and mean exactly what those mean; what is null stays
null, and a value that cannot be converted fails. Decided where the facts are silent: positions of ``substring`` count
from 0; ``string_trim`` without a character takes off what fixed-length strings are filled up with, blanks and NUL
characters; whole numbers are cut out of decimals toward zero unless a rounding is said.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from sqlglot import exp

from riverstage.errors import ExpressionError, Place
from riverstage.expressions._sql import cast, constant, is_null
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.functions._formats import compile_format
from riverstage.expressions.meaning import convert_value
from riverstage.expressions.modify import Conversion, Value
from riverstage.expressions.nodes import call, literal
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.translate import convert, translate
from riverstage.expressions.translated import Translated
from riverstage.expressions.tree import ColumnReference, FunctionCall, Literal, Node, Substring
from riverstage.types import INT8, INT32, INT64, STRING, UINT64, DataType, decimal, string

__all__ = ["CONVERSIONS", "converted"]

_COLUMN = ColumnReference("input", "column")
_ROUNDINGS = ("ceil", "floor", "round_inf", "trunc_zero")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOOKUP = "it reads a lookup table file of the vendor's engine"
_TABLES = ("int16_from_string", "uint32_from_string", "string_from_int16", "string_from_uint32")
_GAPS = {f"lookup_{name.replace('string', kind)}": _LOOKUP for name in _TABLES for kind in ("string", "ustring")}


@dataclass(frozen=True, slots=True)
class _Form:
    """A conversion that is a function of the Transformer language.

    Args:
        function: The function.
        least: How many options it needs.
        most: How many options it takes.
        option: What its option is: a text, a rounding, a day of the week, or the format of a date, time or timestamp,
            which is one text, commas and all.
    """

    function: str
    least: int = 0
    most: int = 0
    option: OneOf["text", "rounding", "weekday", "date", "time", "timestamp"] = "text"


_FORMS: dict[str, _Form] = {
    "date_from_days_since": _Form("DateFromDaysSince", 0, 1),
    "date_from_julian_day": _Form("DateFromJulianDay"),
    "date_from_string": _Form("StringToDate", 0, 1, "date"),
    "date_from_timestamp": _Form("TimestampToDate"),
    "days_since_from_date": _Form("DaysSinceFromDate", 1, 1),
    "decimal_from_decimal": _Form("DecimalToDecimal", 0, 1, "rounding"),
    "decimal_from_dfloat": _Form("DFloatToDecimal", 0, 1, "rounding"),
    "decimal_from_string": _Form("StringToDecimal", 0, 1, "rounding"),
    "dfloat_from_decimal": _Form("DecimalToDFloat", 0, 1),
    "dfloat_from_string": _Form("StrToNum"),
    "hours_from_time": _Form("HoursFromTime"),
    "julian_day_from_date": _Form("JulianDayFromDate"),
    "lowercase_string": _Form("DownCase"),
    "mantissa_from_decimal": _Form("MantissaFromDecimal"),
    "mantissa_from_dfloat": _Form("MantissaFromDFloat"),
    "microseconds_from_time": _Form("MicroSecondsFromTime"),
    "midnight_seconds_from_time": _Form("MidnightSecondsFromTime"),
    "minutes_from_time": _Form("MinutesFromTime"),
    "month_day_from_date": _Form("MonthDayFromDate"),
    "month_from_date": _Form("MonthFromDate"),
    "next_weekday_from_date": _Form("NextWeekdayFromDate", 1, 1, "weekday"),
    "previous_weekday_from_date": _Form("PreviousWeekdayFromDate", 1, 1, "weekday"),
    "raw_from_string": _Form("StringToRaw"),
    "raw_length": _Form("RawLength"),
    "seconds_from_time": _Form("SecondsFromTime"),
    "seconds_since_from_timestamp": _Form("SecondsSinceFromTimestamp", 1, 1),
    "string_from_date": _Form("DateToString", 0, 1, "date"),
    "string_from_raw": _Form("RawToString"),
    "string_from_time": _Form("TimeToString", 0, 1, "time"),
    "string_from_timestamp": _Form("TimestampToString", 0, 1, "timestamp"),
    "string_from_ustring": _Form("StringToUString", 0, 1),
    "string_length": _Form("Len"),
    "time_from_midnight_seconds": _Form("TimeFromMidnightSeconds"),
    "time_from_string": _Form("StringToTime", 0, 1, "time"),
    "time_from_timestamp": _Form("TimestampToTime"),
    "timestamp_from_date": _Form("TimestampFromDate", 0, 1),
    "timestamp_from_seconds_since": _Form("TimestampFromSecondsSince", 0, 1),
    "timestamp_from_string": _Form("StringToTimestamp", 0, 1, "timestamp"),
    "timestamp_from_time": _Form("TimestampFromTime", 1, 1),
    "timestamp_from_timet": _Form("TimestampFromTimet"),
    "timet_from_timestamp": _Form("TimetFromTimestamp"),
    "uppercase_string": _Form("UpCase"),
    "ustring_from_string": _Form("StringToUString", 0, 1),
    "weekday_from_date": _Form("WeekdayFromDate", 0, 1, "weekday"),
    "year_day_from_date": _Form("YeardayFromDate"),
    "year_from_date": _Form("YearFromDate"),
    "year_week_from_date": _Form("YearweekFromDate"),
}


def _wrong(message: str, position: int, *, mend: str = "", code: str = "RS-3003") -> ExpressionError:
    return ExpressionError(message, code=code, place=Place(position=position), mend=mend)


def converted(conversion: Conversion, given: Translated | None, wanted: DataType | None) -> Translated:
    """Return what a conversion makes of a column.

    Args:
        conversion: The conversion as written.
        given: The column; None where the conversion names none.
        wanted: The type of the column that is made, where that is known.

    Raises:
        ExpressionError: If there is no such conversion, or it does not take that; ``place.position`` says where.
    """
    name = conversion.name.text
    maker = _MAKERS.get(name)
    if maker is None:
        raise _unknown(conversion)
    if given is None:
        if name == "null":
            return _nothing(conversion, wanted)
        raise _wrong(f"{name} needs a column.", conversion.name.end)
    if conversion.values and name not in ("handle_null", "make_null"):
        raise _wrong(f"{name} takes one column and nothing behind it.", conversion.values[0].start)
    return maker(conversion, given, wanted)


def _unknown(conversion: Conversion) -> ExpressionError:
    name, start = conversion.name.text, conversion.name.start
    if name in _GAPS:
        return _wrong(f"The conversion {name} is not supported: {_GAPS[name]}.", start, code="RS-3006")
    matches = difflib.get_close_matches(name, CONVERSIONS, n=3)
    mend = "Did you mean " + " or ".join(f"'{one}'" for one in matches) + "?" if matches else ""
    return _wrong(f"There is no conversion '{name}'.", start, mend=mend, code="RS-3002")


def _options(conversion: Conversion, least: int, most: int, *, whole: bool = False) -> tuple[str, ...]:
    """Return the parts of a conversion's options, as many as it takes."""
    found: list[str] = []
    for option in conversion.options:
        found.extend((option.whole,) if whole else option.parts)
    if least <= len(found) <= most:
        return tuple(found)
    name = conversion.name.text
    if not most:
        raise _wrong(f"{name} takes nothing in brackets.", conversion.options[0].start)
    takes = str(most) if least == most else f"{least} to {most}"
    what = "option" if most == 1 else "options"
    raise _wrong(f"{name} takes {takes} {what} in brackets, not {len(found)}.", conversion.name.end)


def _called(conversion: Conversion, node: Node, given: Translated, *, target: DataType | None = None) -> Translated:
    """Return an expression over the column; its errors are said to stand where the conversion stands."""
    bound = Bound(given.value, given.type, given.nullable, deterministic=given.deterministic)
    try:
        made = translate(node, Names({"input": {"column": bound}}), target=target)
    except ExpressionError as error:
        said = f"{conversion.name.text}: {error.message}"
        raise _wrong(said, conversion.name.start, mend=error.mend, code=error.code) from error
    fails = made.fails_when
    if given.fails_when is not None:
        fails = given.fails_when if fails is None else exp.Or(this=given.fails_when, expression=exp.Paren(this=fails))
    return replace(made, nullable=given.nullable, fails_when=fails)


def _function(conversion: Conversion, given: Translated, wanted: DataType | None) -> Translated:
    form = _FORMS[conversion.name.text]
    is_format = form.option in ("date", "time", "timestamp")
    options = _options(conversion, form.least, form.most, whole=is_format)
    for option in options:
        _check_option(conversion, form, option)
    if form.function == "TimestampFromDate" and not options:
        options = ("00:00:00",)
    arguments = (_COLUMN, *(Literal(option, string(len(option))) for option in options))
    return _called(conversion, FunctionCall(form.function, arguments), given, target=wanted)


def _check_option(conversion: Conversion, form: _Form, option: str) -> None:
    """Raise an error for an option that would fail in every row."""
    start = (conversion.options or (conversion.name,))[0].start
    if form.option == "rounding" and option.lower() not in _ROUNDINGS:
        raise _wrong(f"There is no rounding '{option}'.", start, mend=f"It is one of {', '.join(_ROUNDINGS)}.")
    if form.option == "weekday":
        _check_weekday(option, start)
    if form.option in ("date", "time", "timestamp"):
        try:
            layout = compile_format(option, form.option)
            if form.function.startswith("StringTo"):
                layout.check_readable()
        except ExpressionError as error:
            raise _wrong(error.message, start, mend=error.mend, code=error.code) from error


def _check_weekday(option: str, start: int) -> None:
    said = option.strip().lower()
    if len(said) < 3 or not any(day.startswith(said) for day in _WEEKDAYS):
        raise _wrong(f"'{option}' is no day of the week.", start, mend=f"It is one of {', '.join(_WEEKDAYS)}.")


def _whole_number(type: DataType) -> _Maker:
    """Return the maker of a whole number from a decimal."""

    def make(conversion: Conversion, given: Translated, _wanted: DataType | None) -> Translated:
        options = [option for option in _options(conversion, 0, 2) if option.lower() != "fix_zero"]
        rounding = options[0] if options else "trunc_zero"
        _check_option(conversion, _Form("", 0, 1, "rounding"), rounding)
        arguments = (_COLUMN, Literal(rounding, string(len(rounding))))
        if type == INT32:
            return _called(conversion, FunctionCall("Int32FromDecimal", arguments), given)
        node = FunctionCall("DecimalToDecimal", arguments)
        return convert(_called(conversion, node, given, target=decimal(38, 0)), type)

    return make


def _decimal_text(conversion: Conversion, given: Translated, _wanted: DataType | None) -> Translated:
    options = [option.lower() for option in _options(conversion, 0, 2)]
    mode = "suppress_zero" if "suppress_zero" in options else options[0] if options else None
    arguments = (_COLUMN,) if mode is None else (_COLUMN, Literal(mode, string(len(mode))))
    return _called(conversion, FunctionCall("DecimalToString", arguments), given)


def _nth_weekday(conversion: Conversion, given: Translated, _wanted: DataType | None) -> Translated:
    day, number = _options(conversion, 2, 2)
    _check_weekday(day, conversion.options[0].start)
    arguments = (_COLUMN, Literal(day, string(len(day))), Literal(_count(conversion, number, least=-999), INT32))
    return _called(conversion, FunctionCall("NthWeekdayFromDate", arguments), given)


def _count(conversion: Conversion, text: str, *, least: int = 0) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if least <= number < 2**31 - 1:
        return number
    raise _wrong(f"{conversion.name.text} takes whole numbers in brackets, not '{text}'.", conversion.options[0].start)


def _substring(conversion: Conversion, given: Translated, _wanted: DataType | None) -> Translated:
    start, length = (_count(conversion, option) for option in _options(conversion, 2, 2))
    node = Substring(_COLUMN, Literal(start + 1, INT32), Literal(length, INT32))
    return _called(conversion, node, given)


def _trim(conversion: Conversion, given: Translated, wanted: DataType | None) -> Translated:
    character, end, justify = _trim_options(conversion)
    text = _called(conversion, FunctionCall("StringToUString", (_COLUMN,)), given)
    if character is None:
        where = exp.Literal.string(end)
        made = replace(text, value=call("trim_padding", text.value, where, types=(STRING, STRING), returns=STRING))
    else:
        option = Literal("L" if end == "begin" else "T", string(1))
        node = FunctionCall("Trim", (_COLUMN, Literal(character, string(1)), option))
        made = _called(conversion, node, given)
    if wanted is None or not wanted.is_text or not wanted.fixed or wanted.length is None:
        return made
    cut = convert(made, string(wanted.length))
    padded = call("pad_text", cut.value, literal(wanted.length), exp.Literal.string(justify), returns=wanted)
    return replace(cut, value=padded, type=wanted, nullable=given.nullable)


def _trim_options(conversion: Conversion) -> tuple[str | None, str, str]:
    """Return the character (None: padding), the end it is taken off, and the end at which the rest stands."""
    options = (*_options(conversion, 0, 3), "", "", "")
    character: str | None = options[0]
    if not character or character.upper() == "NULL":
        character = None
    elif len(character) != 1:
        raise _wrong(f"string_trim takes one character, not '{character}'.", conversion.options[0].start)
    ends = [option.strip().lower() or default for option, default in zip(options[1:3], ("end", "begin"), strict=True)]
    for end in ends:
        if end not in ("begin", "end"):
            raise _wrong(f"string_trim takes 'begin' or 'end', not '{end}'.", conversion.options[0].start)
    return character, ends[0], ends[1]


def _single(conversion: Conversion) -> Value:
    _options(conversion, 0, 0)
    if len(conversion.values) != 1:
        name = conversion.name.text
        raise _wrong(f"{name} takes a column and a value.", conversion.name.start, mend=f"As in {name}(column, 0).")
    return conversion.values[0]


def _constant(value: Value, kind: DataType) -> exp.Expression:
    """Return a value of a specification as a constant of a type."""
    try:
        made = convert_value(str(value.value), STRING, kind)
    except ConversionFailed as error:
        raise _wrong(f"'{value.value}' is no {kind}.", value.start, code="RS-3005") from error
    return constant(made, kind)


def _handle_null(conversion: Conversion, given: Translated, wanted: DataType | None) -> Translated:
    value = _single(conversion)
    kind = wanted or given.type
    if kind.is_text and kind.length is not None:
        # The value that stands for null is not cut.
        kind = string(max(kind.length, len(str(value.value))))
    try:
        taken = convert(given, kind)
    except ExpressionError as error:
        raise _wrong(error.message, conversion.name.start, mend=error.mend, code=error.code) from error
    made = exp.Coalesce(this=taken.value, expressions=[_constant(value, kind)])
    return replace(taken, value=made, nullable=False)


def _make_null(conversion: Conversion, given: Translated, _wanted: DataType | None) -> Translated:
    value = _single(conversion)
    kind = string() if given.type.is_text else given.type
    made = exp.Nullif(this=given.value.copy(), expression=_constant(value, kind))
    return replace(given, value=made, nullable=True)


def _nothing(conversion: Conversion, wanted: DataType | None) -> Translated:
    _options(conversion, 0, 0)
    if wanted is None:
        raise _wrong(
            "null() does not say of which type the column is.",
            conversion.name.start,
            mend="Write it behind the column: new:nullable int32 = null().",
            code="RS-3005",
        )
    return Translated(cast(exp.Null(), wanted), wanted)


def _is_nothing(*, wanted: bool) -> _Maker:
    """Return the maker of 1 where a column is null (or is not), else 0."""

    def make(conversion: Conversion, given: Translated, _wanted: DataType | None) -> Translated:
        _options(conversion, 0, 0)
        yes, no = (constant(number, INT8) for number in ((1, 0) if wanted else (0, 1)))
        value = exp.Case(ifs=[exp.If(this=is_null(given.value), true=yes)], default=no)
        return Translated(value, INT8, nullable=False, fails_when=given.fails_when)

    return make


_Maker = Callable[[Conversion, Translated, DataType | None], Translated]

_MAKERS: dict[str, _Maker] = {
    **dict.fromkeys(_FORMS, _function),
    "handle_null": _handle_null,
    "int32_from_decimal": _whole_number(INT32),
    "int64_from_decimal": _whole_number(INT64),
    "make_null": _make_null,
    "notnull": _is_nothing(wanted=False),
    "nth_weekday_from_date": _nth_weekday,
    "null": _is_nothing(wanted=True),
    "string_from_decimal": _decimal_text,
    "string_trim": _trim,
    "substring": _substring,
    "u_substring": _substring,
    "uint64_from_decimal": _whole_number(UINT64),
}
_MAKERS |= {
    name.replace("string", "ustring", 1): maker
    for name, maker in list(_MAKERS.items())
    if name in ("string_from_date", "string_from_decimal", "string_from_time", "string_from_timestamp", "string_trim",
                "string_length", "lowercase_string", "uppercase_string")
}  # fmt: skip
_MAKERS |= {name.replace("_string", "_ustring"): _MAKERS[name] for name in (
    "date_from_string", "time_from_string", "timestamp_from_string", "decimal_from_string", "dfloat_from_string",
    "raw_from_string",
)}  # fmt: skip
_FORMS |= {name: _FORMS[name.replace("ustring", "string")] for name in _MAKERS
           if name not in _FORMS and "ustring" in name and name.replace("ustring", "string") in _FORMS}  # fmt: skip

CONVERSIONS = tuple(sorted(_MAKERS))
"""The names of all conversions."""
