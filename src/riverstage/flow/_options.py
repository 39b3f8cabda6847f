"""The options of schema fields beyond type and length: what each is called on the wire, and which types have it.

Format and generator directives stand together in one text, ``apt_field_properties``; ``document.fields`` reads and
writes that text, this table says what stands in it. What is left stands beside it in the field's ``app_data``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from riverstage.document.fields import Word
from riverstage.errors import UsageError
from riverstage.flow import enums
from riverstage.flow._errors import did_you_mean, one_of

__all__ = ["OPTIONS", "TYPES", "Option", "read", "write"]

Form = Literal["value", "flag", "word", "part", "list", "fixed", "app", "mode"]
Kind = Literal["text", "whole", "number", "flag", "any"]

_TEXT = frozenset({"CHAR", "LONGVARCHAR", "VARCHAR"})
_WIDE = frozenset({"NCHAR", "NVARCHAR", "LONGNVARCHAR", "UNKNOWN"})
_BINARY = frozenset({"BINARY", "VARBINARY", "LONGVARBINARY"})
_WHOLE = frozenset({"BIGINT", "INTEGER", "SMALLINT", "TINYINT"})
_FLOAT = frozenset({"DOUBLE", "FLOAT", "REAL"})
_EXACT = frozenset({"DECIMAL", "NUMERIC"})
_MOMENT = frozenset({"DATE", "TIME", "TIMESTAMP"})
_BIT = frozenset({"BIT"})
TYPES = _TEXT | _WIDE | _BINARY | _WHOLE | _FLOAT | _EXACT | _MOMENT | _BIT
_STRINGS = _TEXT | _WIDE
_COUNTED = _WHOLE | _FLOAT | _EXACT | _MOMENT | _BIT
_NUMERIC = _WHOLE | _FLOAT | _BIT


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a field.

    Args:
        wire: Its key in the directives; for a part ``outer.inner``; for one of several words the words stand in
            ``choices``.
        form: How it stands there: a value, a bare flag, one of several bare words, a part of a group, a repeated
            part, a flag that is a fixed value, a key of ``app_data``, or the choice between two groups.
        kind: What its value is.
        types: The types of columns that have it.
        choices: The values that it can have; with ``open`` others too.
        open: Whether any other value of its kind will do.
        rivals: Keys of directives that it takes the place of.
        longest: The most characters of a text that is none of the choices; None where any will do.
    """

    wire: str
    form: Form
    kind: Kind
    types: frozenset[str]
    choices: tuple[str, ...] = ()
    open: bool = False
    rivals: tuple[str, ...] = ()
    longest: int | None = None


def _choices(kind: type[Enum]) -> tuple[str, ...]:
    return tuple(str(member.value) for member in kind)


_POSITION = _choices(enums.CyclePosition)
_SIZE_1_2_4 = ("1", "2", "4")

OPTIONS: Mapping[str, Option] = {
    # Generators.
    "generate_type": Option("", "mode", "text", _COUNTED, _choices(enums.GenerateType)),
    "generate_algorithm": Option("", "mode", "text", _STRINGS, _choices(enums.GenerateAlgorithm)),
    "cycle_increment": Option("cycle.incr", "part", "any", _COUNTED, _POSITION, open=True, rivals=("random",)),
    "cycle_initial_value": Option("cycle.init", "part", "any", _COUNTED, _POSITION, open=True, rivals=("random",)),
    "cycle_limit": Option("cycle.limit", "part", "any", _COUNTED, _POSITION, open=True, rivals=("random",)),
    "cycle_values": Option("cycle.value", "list", "any", _STRINGS | _COUNTED, rivals=("alphabet", "random")),
    "alphabet": Option("alphabet", "value", "text", _STRINGS, rivals=("cycle",)),
    "random_limit": Option("random.limit", "part", "any", _COUNTED, _POSITION, open=True, rivals=("cycle",)),
    "random_seed": Option("random.seed", "part", "any", _COUNTED, ("part",), open=True, rivals=("cycle",)),
    "random_signed": Option("random.signed", "part", "flag", _COUNTED, rivals=("cycle",)),
    "percent_null": Option("nulls", "value", "number", TYPES - _BINARY),
    "null_seed": Option("nullseed", "value", "whole", TYPES - _BINARY),
    "percent_invalid": Option("invalids", "value", "number", _EXACT | _MOMENT),
    "percent_zeros": Option("zeros", "value", "number", _EXACT),
    "use_current_date": Option("function=rundate", "fixed", "flag", frozenset({"DATE"})),
    "epoch": Option("epoch", "value", "any", frozenset({"DATE", "TIMESTAMP"})),
    "scale_factor": Option("scale", "value", "whole", frozenset({"TIME", "TIMESTAMP"})),
    "generate_on_output": Option("generate", "flag", "flag", TYPES),
    # Files.
    "actual_field_length": Option("actual_length", "value", "whole", TYPES),
    "null_field_length": Option("null_length", "value", "whole", TYPES),
    "null_field_value": Option("null_field", "value", "text", TYPES),
    "byte_to_skip": Option("skip", "value", "whole", TYPES),
    "start_position": Option("position", "value", "whole", TYPES),
    "tag_case_value": Option("tagcase", "value", "whole", TYPES),
    "delimiter": Option("delim", "value", "text", TYPES, _choices(enums.Delimiter), open=True),
    "delimiter_string": Option("delim_string", "value", "text", TYPES),
    "quote": Option("quote", "value", "text", TYPES, _choices(enums.Quote), open=True, longest=1),
    "prefix_bytes": Option("prefix", "value", "whole", TYPES, _SIZE_1_2_4),
    "vector_prefix": Option("vector_prefix", "value", "whole", TYPES, _SIZE_1_2_4),
    "field_width": Option("width", "value", "whole", TYPES - _BINARY - _MOMENT),
    "field_max_width": Option("max_width", "value", "whole", TYPES - _BINARY - _MOMENT),
    "padchar": Option(
        "padchar", "value", "text", _STRINGS | _NUMERIC, _choices(enums.PadCharacter), open=True, longest=1
    ),
    "default": Option("default", "value", "any", TYPES - _BINARY),
    "is_link_field": Option("link", "flag", "flag", TYPES - _BINARY - _MOMENT),
    "link_field_reference": Option("reference", "value", "text", TYPES - frozenset({"BIGINT", "BIT", "CHAR"})),
    "c_format": Option("c_format", "value", "text", _NUMERIC),
    "out_format": Option("out_format", "value", "text", _NUMERIC),
    "byte_order": Option("", "word", "text", _WHOLE | _MOMENT | _BIT, _choices(enums.ByteOrder)),
    "charset": Option("", "word", "text", _TEXT | _COUNTED, _choices(enums.CharacterSet)),
    "data_format": Option("", "word", "text", _COUNTED, _choices(enums.DataFormat)),
    "export_ebcdic_as_ascii": Option("export_ebcdic_as_ascii", "flag", "flag", _TEXT),
    "decimal_separator": Option("decimal_separator", "value", "text", _EXACT, _choices(enums.DecimalSeparator)),
    "rounding": Option("round", "value", "text", _EXACT, _choices(enums.Rounding)),
    "decimal_padded": Option("decimal_padded", "flag", "flag", _EXACT),
    "packed": Option("", "word", "text", _EXACT, _choices(enums.DecimalPacking)),
    "allow_all_zeros": Option("fix_zero", "flag", "flag", _EXACT),
    "check_packed": Option("check", "flag", "flag", frozenset({"DECIMAL"})),
    "packed_signed": Option("signed", "flag", "flag", frozenset({"DECIMAL"})),
    "sign_position": Option("", "word", "text", frozenset({"DECIMAL"}), _choices(enums.SignPosition)),
    "precision": Option("precision", "value", "whole", frozenset({"DECIMAL"})),
    "decimal_type_scale": Option("scale", "value", "whole", frozenset({"DECIMAL"})),
    "format_string": Option("", "value", "text", _MOMENT),
    "days_since": Option("days_since", "value", "any", frozenset({"DATE"})),
    "julian": Option("julian", "flag", "flag", frozenset({"DATE"})),
    "is_midnight_seconds": Option("midnight_seconds", "flag", "flag", frozenset({"TIME"})),
    # Beside the directives.
    "pivot": Option("pivot_property", "app", "text", TYPES),
    "level_number": Option("level_number", "app", "whole", TYPES),
    "change_code": Option("change_code", "app", "flag", TYPES),
    "cluster_key_change": Option("cluster_key_change", "app", "flag", frozenset({"TINYINT"})),
    "key_change": Option("key_change", "app", "flag", frozenset({"TINYINT"})),
    "difference": Option("difference", "app", "flag", frozenset({"TINYINT"})),
}

# What text is generated from where nobody says.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORMATS = {"DATE": "date_format", "TIME": "time_format", "TIMESTAMP": "timestamp_format"}


def _wire(option: Option, odbc_type: str) -> str:
    return option.wire or _FORMATS.get(odbc_type, "")


def read(name: str, odbc_type: str, directives: Mapping[str, Any], app_data: Mapping[str, Any]) -> Any:
    """Return the value of an option of a field; None where it is unset, False for an unset flag."""
    option = OPTIONS[name]
    unset = False if option.kind == "flag" else None
    wire = _wire(option, odbc_type)
    if option.form == "app":
        return app_data.get(wire, unset)
    if option.form in ("word", "mode"):
        return next((word for word in option.choices if word in directives), None)
    if option.form == "fixed":
        key, _, value = wire.partition("=")
        return directives.get(key) == value
    if option.form in ("part", "list"):
        outer, _, inner = wire.partition(".")
        group = directives.get(outer)
        found = group.get(inner, unset) if isinstance(group, Mapping) else unset
        if option.form == "list" and found is not None:
            return [_shown(option, one) for one in (found if isinstance(found, list | tuple) else [found])]
        return _shown(option, found)
    return _shown(option, directives.get(wire, unset))


def _shown(option: Option, value: Any) -> Any:
    """Return a value of a directive as people wrote it: words are texts, and decimals among them numbers."""
    if not isinstance(value, Word):
        return value
    if option.kind in ("number", "any"):
        try:
            return float(value)
        except ValueError:
            return str(value)
    return str(value)


def write(name: str, odbc_type: str, directives: dict[str, Any], app_data: dict[str, Any], value: object) -> None:
    """Set an option of a field; None, or False for a flag, takes it away."""
    option = OPTIONS[name]
    checked = None if value is None else _check(name, option, value)
    wire = _wire(option, odbc_type)
    gone = checked is None or checked is False
    if not gone:
        for rival in option.rivals:
            directives.pop(rival, None)
    if option.form == "app":
        _put(app_data, wire, checked, gone=gone)
    elif option.form in ("word", "mode"):
        _word(option, directives, checked)
    elif option.form == "fixed":
        key, _, fixed = wire.partition("=")
        _put(directives, key, fixed, gone=gone)
    elif option.form in ("part", "list"):
        _part(wire, directives, checked, gone=gone)
    else:
        _put(directives, wire, checked, gone=gone)


def _put(held: dict[str, Any], key: str, value: Any, *, gone: bool) -> None:
    if gone:
        held.pop(key, None)
    else:
        held[key] = value


def _word(option: Option, directives: dict[str, Any], word: Any) -> None:
    for other in option.choices:
        if other != word:
            directives.pop(other, None)
    if word is not None and word not in directives:
        directives[word] = _ALPHABET if word == "alphabet" else True


def _part(wire: str, directives: dict[str, Any], value: Any, *, gone: bool) -> None:
    outer, _, inner = wire.partition(".")
    group = directives.get(outer)
    parts = dict(group) if isinstance(group, Mapping) else {}
    _put(parts, inner, value, gone=gone)
    if parts:
        directives[outer] = parts
    elif gone and isinstance(group, Mapping):
        directives.pop(outer)


def _refuse(name: str, value: object, expected: str, mend: str = "") -> UsageError:
    return UsageError(f"{value!r} is not a value of '{name}': expected {expected}.", code="RS-2021", mend=mend)


def _check(name: str, option: Option, value: object) -> Any:
    plain = value.value if isinstance(value, Enum) else value
    if option.form == "list":
        items = [plain] if isinstance(plain, str) else plain
        if not isinstance(items, list | tuple) or not items:
            raise _refuse(name, value, "a list of values")
        return [_listed(item.value if isinstance(item, Enum) else item) for item in items]
    if name == "charset" and plain == "ebdic":
        plain = "ebcdic"  # The published client spells it so.
    if option.choices and str(plain) in option.choices:
        if option.kind == "whole":
            return int(str(plain))
        return Word(plain) if option.form == "part" else plain
    if option.choices and not option.open:
        raise _refuse(name, value, one_of(option.choices), did_you_mean(plain, option.choices))
    return _scalar(name, option, plain)


def _listed(item: object) -> str:
    """Return an item of a list as directives hold it."""
    return str(int(item)) if isinstance(item, bool) else str(item)


def _scalar(name: str, option: Option, value: object) -> Any:
    if option.kind == "flag":
        if isinstance(value, bool):
            return value
        raise _refuse(name, value, "True or False")
    if isinstance(value, bool):
        raise _refuse(name, value, "a value, not a truth")
    if option.kind in ("whole", "number"):
        if isinstance(value, int) or (option.kind == "number" and isinstance(value, float)):
            return value
        if isinstance(value, str) and value.lstrip("+-").isdecimal():
            return int(value)
        raise _refuse(name, value, "a whole number" if option.kind == "whole" else "a number")
    if option.kind == "text":
        if isinstance(value, str) and (option.longest is None or len(value) <= option.longest):
            return value
        either = f"{', '.join(map(repr, option.choices))} or " if option.choices else ""
        raise _refuse(name, value, either + ("text" if option.longest is None else "one character"))
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        return value
    raise _refuse(name, value, "text or a number")
