"""What a Transformer is told: stage variables, and for each output its constraint, derivations and row limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverstage.stages._keys import reference_text, text_of
from riverstage.types import (
    BOOLEAN,
    DATE,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    DataType,
    binary,
    decimal,
    string,
    time,
    timestamp,
)

if TYPE_CHECKING:
    from riverstage.plan import Output, StageContext

__all__ = ["OutputSettings", "VariableSettings", "output_settings", "unsupported", "variable_settings"]

_INTEGERS = {"BIGINT": INT64, "INTEGER": INT32, "SMALLINT": INT16, "TINYINT": INT8}
_FLOATS = {"DOUBLE": FLOAT64, "FLOAT": FLOAT32, "REAL": FLOAT32}
_SCALE = 10
"""The digits behind the point of a decimal variable of which no digits are said; a whole number would lose them."""
_FIXED = frozenset({"CHAR", "NCHAR"})
_TEXTS = frozenset({"VARCHAR", "NVARCHAR", "LONGVARCHAR", "LONGNVARCHAR"})
_GAPS = {
    "loop_while": "Loop conditions are not supported",
    "loop_variables": "Loop variables are not supported",
    "sur_key_state_file": "Surrogate key state files are not supported",
    "sk_db_name": "Surrogate keys from a database sequence are not supported",
}


@dataclass(frozen=True, slots=True)
class VariableSettings:
    """A stage variable as it is set.

    Args:
        name: Its name.
        derivation: Its expression; empty: it keeps its initial value.
        type: Its type; None: that of its expression.
        initial: The expression of its value before the first row; empty for the type's own.
    """

    name: str
    derivation: str
    type: DataType | None
    initial: str


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """An output as it is set.

    Args:
        output: The link.
        constraint: The condition of its rows; empty for every row.
        is_otherwise: Whether it takes the rows that no link before it took.
        row_limit: The number of rows at which the run ends with an error; 0 for none.
        derivations: Expressions by column.
    """

    output: Output
    constraint: str
    is_otherwise: bool
    row_limit: int
    derivations: Mapping[str, str]


def _number(value: Any) -> int:
    try:
        return int(str(value).strip())
    except ValueError:
        return 0


def variable_settings(ctx: StageContext) -> tuple[VariableSettings, ...]:
    """Return the stage variables, in the order in which they are computed."""
    found = []
    for entry in ctx.get("stage_variables") or ():
        if not isinstance(entry, Mapping):
            continue
        name = text_of(entry, "Name", "name")
        if name:
            found.append(
                VariableSettings(
                    name,
                    text_of(entry, "Derivation", "derivation"),
                    _variable_type(entry),
                    text_of(entry, "InitialValue", "initial_value"),
                )
            )
    return tuple(found)


def _variable_type(entry: Mapping[str, Any]) -> DataType | None:
    kind = text_of(entry, "SqlType", "sql_type").upper()
    length = _number(text_of(entry, "Precision", "length") or 0)
    scale = _number(text_of(entry, "Scale", "scale") or 0)
    if kind in _INTEGERS:
        return _INTEGERS[kind]
    if kind in _FLOATS:
        return _FLOATS[kind]
    if kind in _FIXED:
        return string(length or 1, fixed=True)
    if kind in _TEXTS:
        return string(length or None)
    if kind in ("DECIMAL", "NUMERIC"):
        digits = min(length or 38, 38)
        return decimal(digits, min(scale if length or scale else _SCALE, digits))
    if kind in ("BINARY", "VARBINARY", "LONGVARBINARY"):
        return binary(length or None)
    if kind in ("TIME", "TIMESTAMP"):
        return (time if kind == "TIME" else timestamp)(min(scale, 6) or 6)
    return {"DATE": DATE, "BIT": BOOLEAN}.get(kind)


def output_settings(ctx: StageContext) -> tuple[OutputSettings, ...]:
    """Return the outputs that are no rejects, in order, each with what its port says about it."""
    return tuple(
        OutputSettings(
            output,
            _constraint(output.link.output.get("TransformerConstraint"), output.name),
            output.link.output.get("Reject") in (True, 1, "1", "true", "True"),
            _number(output.link.output.get("RowLimit") or 0),
            dict(_derivations(output)),
        )
        for output in ctx.data_outputs
    )


def _constraint(said: Any, link: str) -> str:
    """Return a constraint, which travels as a text, or as a list of texts or of mappings."""
    if isinstance(said, list | tuple):
        texts = [_constraint(item, link) for item in said]
        return " And ".join(f"({text})" for text in texts if text) if len(texts) > 1 else "".join(texts)
    if isinstance(said, Mapping):
        named = text_of(said, "link", "link_name", "output_link", "output_name")
        if named not in ("", link):
            return ""
        return text_of(said, "constraint", "TransformerConstraint", "expression")
    return str(said or "").strip()


def _derivations(output: Output) -> Iterator[tuple[str, str]]:
    """Yield the expression of each column that has one: what the port says wins over what the schema says."""
    for field in output.link.fields:
        name = field.get("name")
        data = field.get("app_data") or {}
        metadata = field.get("metadata") or {}
        said = text_of(data, "derivation") or text_of(metadata, "derivation")
        source = text_of(metadata, "source_field_id")
        if isinstance(name, str) and (said or source):
            yield name, said or _quoted(source)
    for entry in output.link.output.get("valueDerivation") or ():
        if not isinstance(entry, Mapping):
            continue
        name = text_of(entry, "columnName")
        expression = text_of(entry, "parsedExpression") or _quoted(text_of(entry, "sourceColumn").split(";")[0])
        if name and expression:
            yield name, expression


def _quoted(source: str) -> str:
    """Return ``Link.column``, as documents write it, as an expression."""
    link, point, column = source.strip().partition(".")
    return reference_text(link, column) if point else reference_text(link) if link else ""


def unsupported(ctx: StageContext) -> Iterator[tuple[str, str]]:
    """Yield what is set and cannot be run: the property and why."""
    for name, reason in _GAPS.items():
        value = ctx.get(name)
        if value and str(value).strip():
            yield name, reason
