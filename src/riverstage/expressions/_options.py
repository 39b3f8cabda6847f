"""What a constant argument of a function must be: formats, options, patterns and names that can never be right.

Such a mistake is no matter of a row's data, so it is found before a row is read. An argument that is no constant can
only be judged row by row.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

from riverstage.errors import ExpressionError, Place
from riverstage.expressions.functions._formats import compile_format
from riverstage.expressions.functions._function import ConversionFailed, Function
from riverstage.expressions.typed import Constant, Typed

__all__ = ["check_options"]

_Check = Callable[[Any], object]
_Kind = Literal["date", "time", "timestamp"]
_KINDS: tuple[_Kind, ...] = ("date", "time", "timestamp")


def check_options(function: Function, arguments: Sequence[Typed]) -> None:
    """Check the constants among a function's arguments.

    Raises:
        ExpressionError: If one can never be right; its place is that of the argument.
    """
    checks = _checks().get(function.name)
    if checks is None:
        return
    for parameter, argument in zip(function.parameters, arguments, strict=False):
        check = checks.get(parameter.name)
        if check is None or not isinstance(argument, Constant) or argument.value is None:
            continue
        place = Place(position=argument.start)
        try:
            check(argument.value)
        except ExpressionError as error:
            raise ExpressionError(error.message, code=error.code, place=place, mend=error.mend) from error
        except ConversionFailed as error:
            raise ExpressionError(str(error), code="RS-3007", place=place) from error
    if function.name == "IsValid" and len(arguments) > 2:
        _check_format_of_type(arguments[0], arguments[2])


def _check_format_of_type(kind: Typed, format_: Typed) -> None:
    if isinstance(kind, Constant) and isinstance(format_, Constant) and format_.value is not None:
        name = str(kind.value).strip().lower()
        for known in _KINDS:
            if name == known:
                _check_format(known, str(format_.value), place=Place(position=format_.start))


def _check_format(kind: _Kind, text: str, *, reads: bool = True, place: Place | None = None) -> None:
    try:
        found = compile_format(text, kind)
        if reads:
            found.check_readable()
    except ExpressionError as error:
        if place is None:
            raise
        raise ExpressionError(error.message, code=error.code, place=place, mend=error.mend) from error


def _check_packed(kind: _Kind, text: str, *, reads: bool) -> None:
    from riverstage.expressions.functions.date_conversion import packed_format

    found, _ = packed_format(text, kind)
    if reads:
        found.check_readable()


def _one_of(what: str, known: Sequence[str], value: str) -> None:
    if value.strip().lower() in known:
        return
    near = difflib.get_close_matches(value.strip().lower(), known, n=1)
    mend = f"Did you mean '{near[0]}'?" if near else ""
    raise ExpressionError(f"'{value}' is no {what}: it is one of {', '.join(known)}.", code="RS-3007", mend=mend)


def _letter(function: str, known: str, value: str) -> None:
    if value and value[0].upper() not in known:
        raise ConversionFailed(f"{function} has no option '{value}': it is one of {', '.join(known)}.")


def _check_pattern(value: str) -> None:
    try:
        re.compile(value, re.ASCII)
    except re.error as error:
        raise ConversionFailed(f"'{value}' is no regular expression: {error}.") from error


def _check_zone(value: str) -> None:
    from riverstage.expressions.functions.date_time import offset_of

    offset_of(value, datetime(2000, 1, 1))


_TABLE: dict[str, Mapping[str, _Check]] = {}


def _checks() -> Mapping[str, Mapping[str, _Check]]:
    """Return the check of each parameter that has one, by the function's name and its own."""
    if _TABLE:
        return _TABLE
    from riverstage.expressions.functions._conversion_codes import compile_codes
    from riverstage.expressions.functions._encryption import check_key
    from riverstage.expressions.functions._fmt import compile_fmt
    from riverstage.expressions.functions._string_codes import check_mode
    from riverstage.expressions.functions._string_forms import TRIM_OPTIONS
    from riverstage.expressions.functions.date_time import DAYS, ORDERS
    from riverstage.expressions.functions.type_conversion import INTEGER_KINDS

    made: dict[str, Mapping[str, _Check]] = {
        "Trim": {"option": partial(_letter, "Trim", TRIM_OPTIONS)},
        "Compare": {"justify": partial(_letter, "Compare", "LR")},
        "DecimalToString": {"mode": partial(_one_of, "form of a decimal", ("fix_zero", "suppress_zero", "full"))},
        "ConvertDatum": {"order": partial(_one_of, "order of day, month and year", [name.lower() for name in ORDERS])},
        "ConvertTimeZone": {"from": _check_zone, "to": _check_zone},
    }
    made |= {name: {"code": compile_codes} for name in ("Iconv", "Oconv")}
    made |= {"Conversion": {"code": compile_codes, "mode": check_mode}}
    made |= {name: {"mask": compile_fmt} for name in ("Fmt", "FmtDP")}
    made |= {name: {"key": check_key} for name in ("EncryptString", "DecryptString")}
    types = (*INTEGER_KINDS, "decimal", "dfloat", "sfloat", *_KINDS, "raw", "string", "ustring")
    made["IsValid"] = {"type": partial(_one_of, "type that IsValid knows", types)}
    rounding = partial(_one_of, "rounding type", ("ceil", "floor", "round_inf", "trunc_zero"))
    made |= {
        name: {"rounding": rounding}
        for name in ("DecimalToDecimal", "StringToDecimal", "DFloatToDecimal", "Int32FromDecimal")
    }
    made |= {name: {"pattern": _check_pattern} for name in ("RegexMatch", "RegexSearch", "RegexReplace")}
    day = {part: partial(_one_of, "day of the week", list(DAYS)) for part in ("day", "origin")}
    weekdays = ("NextWeekdayFromDate", "PreviousWeekdayFromDate", "NthWeekdayFromDate", "WeekdayFromDate")
    made |= dict.fromkeys(weekdays, day)
    for kind in _KINDS:
        name = kind.capitalize()
        made[f"{name}ToString"] = {"format": partial(_check_format, kind, reads=False)}
        made[f"StringTo{name}"] = {"format": partial(_check_format, kind)}
        made[f"{name}ToDecimal"] = {"format": partial(_check_packed, kind, reads=False)}
        made[f"DecimalTo{name}"] = {"format": partial(_check_packed, kind, reads=True)}
    for name in ("StrToTimestampOrInvalid", "StrToTimestampOrNull"):
        made[name] = {"format": partial(_check_format, "timestamp")}
    _TABLE.update(made)
    return _TABLE
