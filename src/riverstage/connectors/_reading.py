"""Text to values, in DuckDB's SQL: what a field may look like to be a value of a column.

DuckDB's own typed reading is not used, because it takes ``12.7``, ``1_000`` and ``0x10`` for whole numbers and drops
the offset of a timestamp, and because it does not look at the fields of columns that nobody asks for, so that which
records are bad would depend on the rest of the flow. Fields are read as text and turned into values here. The usual
form of a value is recognised by a comparison that costs next to nothing; only the rest asks a regular expression.

A whole number is an optional sign and digits, with a fraction of zeros at most; a decimal the same with any fraction,
whose excess digits are cut or rounded as the request says; blanks around a number and zeros before it are fine. A
field without characters is null in a column that may be null, but for strings, of which it is the empty one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from riverstage.connectors._sql import quoted, text
from riverstage.connectors._temporal import Temporal, temporal
from riverstage.connectors._types import duckdb_type
from riverstage.errors import ConnectorError, Place
from riverstage.types import Column, DataType

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Reading", "of_column", "setting"]

_WHOLE = r"\s*[+-]?[0-9]+(\.0*)?\s*"
_DECIMAL = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)\s*"
_ENDLESS = r"[+-]?(inf|infinity|nan)"
_YES = ("true", "t", "yes", "y", "1")
_NO = ("false", "f", "no", "n", "0")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field of text becomes a value, in two layers of SQL.

    Args:
        first: What is computed first, aliased ``probe`` (empty: nothing), from the field ``field``.
        value: The value, from ``field`` and ``probe``; anything where the field is bad.
        usual: Whether the field has the usual form of a value; cheap, and null counts as no.
        otherwise: Whether it can be read all the same; asked of fields without the usual form alone.
        empty: Whether a field without characters can be read: SQL, or nothing where the others see to that.
    """

    first: str
    value: str
    usual: str
    otherwise: str = "FALSE"
    empty: str = ""

    @property
    def good(self) -> str:
        """Whether the field can be read, as SQL; never null."""
        return self.unless("", "")

    def unless(self, condition: str, answer: str) -> str:
        """Return ``good`` with another answer where a condition holds."""
        before = f"WHEN {condition} THEN {answer} " if condition else ""
        return f"CASE {before}WHEN {self.usual} THEN TRUE {self.empty}ELSE {self.otherwise} END"


def setting(column: Column, options: Mapping[str, Any], *names: str) -> Any:
    """Return what a column says under one of several names, else what the request says under the first."""
    for name in names:
        value = column.properties.get(name)
        if value is not None:
            return value
    return options.get(names[0])


def of_column(column: Column, options: Mapping[str, Any], field: str, probe: str) -> Reading:
    """Return how the fields of a column are read.

    Args:
        column: The column; its properties overrule the request's options.
        options: The request's options: ``null``, ``decimal_separator``, ``rounding``, ``date_format`` …
        field: Name of the text.
        probe: Name for what is computed first.

    Raises:
        ConnectorError: The column's type cannot be read from text.
    """
    null = setting(column, options, "null", "null_field", "null_field_value")
    read = _BY_KIND.get(column.type.kind) or (_integer if column.type.is_integer else None)
    if read is None:
        raise _no_text(column)
    made = read(column, options, quoted(field), quoted(probe))
    return _with_null(made, column, None if null is None else str(null), quoted(field))


def _with_null(made: Reading, column: Column, null: str | None, field: str) -> Reading:
    """Add what stands for null: the null text, and no characters at all in columns that are no strings."""
    allowed = "TRUE" if column.nullable else "FALSE"
    if column.type.kind not in ("string", "binary"):
        # Behind the usual form: an empty field never has it.
        made = replace(made, empty=f"WHEN {field} = '' THEN {allowed} ")
        if not null:
            return made
    if null is None:
        return made
    is_null = f"{field} = {text(null)}"
    value = f"CASE WHEN {is_null} THEN NULL ELSE {made.value} END"
    # A null text may look like a value, so it is asked for before the usual form.
    return replace(made, value=value, usual=made.unless(is_null, allowed), otherwise="FALSE", empty="")


def _string(column: Column, options: Mapping[str, Any], field: str, _probe: str) -> Reading:
    length = column.type.length
    if length is None:
        # Asked of every string, so that bytes that are no text make a record bad whoever needs the column.
        return Reading("", field, f"{field} IS NOT NULL")
    usual, otherwise = f"strlen({field}) <= {length}", f"length({field}) <= {length}"
    value = field
    if column.type.fixed:
        pad = str(setting(column, options, "pad", "padchar") or " ")[:1]
        value = f"CASE WHEN length({field}) = {length} THEN {field} ELSE rpad({field}, {length}, {text(pad)}) END"
    return Reading("", value, usual, otherwise)


def _binary(column: Column, _options: Mapping[str, Any], field: str, _probe: str) -> Reading:
    good = f"strlen({field}) <= {column.type.length}" if column.type.length else f"{field} IS NOT NULL"
    return Reading("", f"encode({field})", good)


def _integer(column: Column, _options: Mapping[str, Any], field: str, probe: str) -> Reading:
    otherwise = f"{probe} IS NOT NULL AND regexp_full_match({field}, {text(_WHOLE)})"
    first = f"TRY_CAST({field} AS {duckdb_type(column.type)})"
    return Reading(first, probe, f"CAST({probe} AS VARCHAR) = {field}", otherwise)


def _decimal(column: Column, options: Mapping[str, Any], field: str, probe: str) -> Reading:
    separator = str(setting(column, options, "decimal_separator") or ".")
    source = field if separator == "." else f"replace(translate({field}, '.', '_'), {text(separator)}, '.')"
    kind = duckdb_type(column.type)
    slow = _rounded(source, column.type, str(setting(column, options, "rounding", "round") or "trunc_zero"))
    usual = f"CAST({probe} AS VARCHAR) = {source}"
    form = f"regexp_full_match({source}, {text(_DECIMAL)})"
    return Reading(
        f"TRY_CAST({source} AS {kind})",
        f"CASE WHEN {usual} THEN {probe} ELSE {slow} END",
        usual,
        f"{form} AND ({slow}) IS NOT NULL",
    )


def _rounded(source: str, type: DataType, how: str) -> str:
    """Return a decimal whose excess digits are seen to; by the text, as a wider type may not have room for them."""
    kind, scale = duckdb_type(type), type.scale or 0
    if how == "round_inf":
        return f"TRY_CAST({source} AS {kind})"
    cut = f"TRY_CAST(regexp_replace(trim({source}), '(\\.[0-9]{{{scale}}})[0-9]+$', '\\1') AS {kind})"
    if how not in ("ceil", "floor"):
        return cut
    rest = f"regexp_matches({source}, '\\.[0-9]{{{scale}}}[0-9]*[1-9]')"
    side = f"starts_with(trim({source}), '-')"
    step = f"CAST({'1' if scale == 0 else '0.' + '0' * (scale - 1) + '1'} AS {kind})"
    moved = f"TRY({cut} + {step})" if how == "ceil" else f"TRY({cut} - {step})"
    away = f"NOT {side}" if how == "ceil" else side
    return f"TRY_CAST(CASE WHEN {rest} AND {away} THEN {moved} ELSE {cut} END AS {kind})"


def _float(column: Column, options: Mapping[str, Any], field: str, probe: str) -> Reading:
    separator = str(setting(column, options, "decimal_separator") or ".")
    source = field if separator == "." else f"replace(translate({field}, '.', '_'), {text(separator)}, '.')"
    usual = f"isfinite({probe}) AND NOT contains({source}, '_')"
    otherwise = f"{probe} IS NOT NULL AND regexp_full_match(lower(trim({field})), {text(_ENDLESS)})"
    return Reading(f"TRY_CAST({source} AS {duckdb_type(column.type)})", probe, usual, otherwise)


def _boolean(_column: Column, _options: Mapping[str, Any], field: str, probe: str) -> Reading:
    said = f"lower(trim({field}))"
    yes, no = (", ".join(text(word) for word in words) for words in (_YES, _NO))
    first = f"CASE WHEN {said} IN ({yes}) THEN TRUE WHEN {said} IN ({no}) THEN FALSE END"
    return Reading(first, probe, f"{probe} IS NOT NULL")


def _temporal(column: Column, options: Mapping[str, Any], field: str, probe: str) -> Reading:
    kind = column.type.kind
    format_ = setting(column, options, f"{kind}_format", "format_string")
    made: Temporal = temporal(column.type, str(format_) if format_ else None, field, probe)
    return Reading(made.first, made.value, made.usual, made.otherwise)


def _nested(column: Column, options: Mapping[str, Any], field: str, probe: str) -> Reading:
    if not options.get("json"):
        raise _no_text(column)
    first = f"CASE WHEN json_valid({field}) THEN TRY_CAST(CAST({field} AS JSON) AS {duckdb_type(column.type)}) END"
    return Reading(first, probe, f"{probe} IS NOT NULL")


def _no_text(column: Column) -> ConnectorError:
    return ConnectorError(
        f"The column '{column.name}' is a {column.type.kind}, which a text file cannot hold.",
        code="RS-5018",
        place=Place(column=column.name),
        mend="Write JSON lines or Parquet, or take the column out.",
    )


_BY_KIND: Mapping[str, Callable[[Column, Mapping[str, Any], str, str], Reading]] = {
    "string": _string, "binary": _binary, "decimal": _decimal, "float32": _float, "float64": _float,
    "list": _nested, "struct": _nested, "boolean": _boolean,
    "date": _temporal, "time": _temporal, "timestamp": _temporal,
}  # fmt: skip
