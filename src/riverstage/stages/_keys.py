"""Keys: how stages say which columns they sort, group and match by, and what that means in SQL.

Equal means the same everywhere: nulls are equal to each other (they sort together, form one group and match in a
join), strings are compared by code point, and a caseless key compares its lower-case form.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from riverstage.plan import Ordering, source_of
from riverstage.types import Column, DataType, RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.errors import Diagnostic
    from riverstage.plan import Input, Output, StageContext

__all__ = [
    "Key",
    "carried",
    "collation_problems",
    "default_value",
    "either",
    "every",
    "first_row",
    "folded",
    "is_row_first",
    "key_problems",
    "keys_of",
    "named",
    "near",
    "numbered",
    "ordered",
    "outgoing",
    "reference_text",
    "same",
    "text_of",
]

Mode = Literal["sort", "sorted", "grouped"]

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORDS = frozenset(
    {"if", "then", "else", "and", "or", "not", "matches", "match", "like", "eq", "ne", "lt", "gt", "le", "ge", "cats"}
)
_NO_KEYS = frozenset({"list", "struct"})


@dataclass(frozen=True, slots=True)
class Key:
    """One key column.

    Args:
        column: Its name.
        descending: Largest first.
        nulls_first: Where nulls stand.
        caseless: Whether upper and lower case are the same.
        mode: ``sort``, or what the rows already are: ``sorted`` by it, or ``grouped`` by it.
        ebcdic: Whether EBCDIC order was asked for.
    """

    column: str
    descending: bool = False
    nulls_first: bool = True
    caseless: bool = False
    mode: Mode = "sort"
    ebcdic: bool = False


def text_of(entry: Mapping[str, Any], *names: str) -> str:
    """Return what an entry says under the first of several spellings that says something, without blanks around it."""
    for name in names:
        value = entry.get(name)
        if value is not None and str(value).strip():
            return str(value).strip()
    return ""


def keys_of(ctx: StageContext, name: str = "key_properties") -> tuple[Key, ...]:
    """Return the keys that a property lists, in order; entries that name no column are left out."""
    found = []
    for entry in ctx.get(name) or ():
        if not isinstance(entry, Mapping):
            continue
        column = text_of(entry, "key", "keyCol", "key_col")
        if not column:
            continue
        mode = text_of(entry, "sorted-clustered", "sorted_clustered").lower()
        found.append(
            Key(
                column,
                descending=text_of(entry, "asc-desc", "asc_desc").lower() in ("desc", "descending"),
                nulls_first=text_of(entry, "nulls").lower() not in ("last", "nulls last"),
                caseless=text_of(entry, "ci-cs", "ci_cs").lower() == "ci",
                mode="sorted" if mode == "sorted" else "grouped" if mode in ("clustered", "grouped") else "sort",
                ebcdic=text_of(entry, "ebcdic").lower() not in ("", "ascii", "false"),
            )
        )
    return tuple(found)


def near(name: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests names like ``name``, or nothing."""
    matches = difflib.get_close_matches(name, list(known), n=3)
    return f"Did you mean {' or '.join(repr(match) for match in matches)}?" if matches else ""


def key_problems(ctx: StageContext, keys: Sequence[Key], inputs: Sequence[Input], base: int) -> list[Diagnostic]:
    """Return what is wrong with a stage's keys; codes are counted from ``base``.

    ``base``: none named; +1: unknown column; +2: named twice; +3: a type that has no order; +4: EBCDIC.
    """
    said: dict[str, Any] = {"property": "key_properties"}
    if not keys:
        return [ctx.problem(f"RS-{base}", "No key is named.", mend="Name at least one key column.", **said)]
    found: list[Diagnostic] = []
    seen: set[str] = set()
    for key in keys:
        if key.column in seen:
            found.append(ctx.problem(f"RS-{base + 2}", f"The key '{key.column}' is named twice.", **said))
        seen.add(key.column)
        if key.ebcdic:
            found.append(
                ctx.problem(
                    f"RS-{base + 4}",
                    f"The key '{key.column}' asks for EBCDIC order, which is not supported.",
                    mend="Strings are compared by code point.",
                    **said,
                )
            )
        for source in inputs:
            column = source.row.get(key.column)
            if column is None:
                if not source.row.open:
                    found.append(
                        ctx.problem(
                            f"RS-{base + 1}",
                            f"The link '{source.name}' has no column '{key.column}'.",
                            link=source.name,
                            mend=near(key.column, source.row.names),
                            **said,
                        )
                    )
            elif column.type.kind in _NO_KEYS:
                found.append(
                    ctx.problem(
                        f"RS-{base + 3}",
                        f"The column '{key.column}' ({column.type}) cannot be a key.",
                        link=source.name,
                        column=key.column,
                        **said,
                    )
                )
    return found


def collation_problems(ctx: StageContext, code: str) -> list[Diagnostic]:
    """Return a finding if a collation sequence was asked for: strings are compared by code point."""
    said = str(ctx.get("collation_sequence") or "OFF").strip()
    if said.upper() in ("", "OFF"):
        return []
    return [
        ctx.problem(
            code,
            f"The collation sequence '{said}' is not supported.",
            property="collation_sequence",
            mend="Set it to OFF: strings are then compared by code point.",
        )
    ]


def folded(value: exp.Expression, type: DataType | None, *, caseless: bool) -> exp.Expression:
    """Return what is compared of a key's value."""
    from riverstage.expressions.nodes import call

    if caseless and type is not None and type.is_text:
        return call("caseless", value)
    return value


def same(left: exp.Expression, right: exp.Expression, *, nullable: bool) -> exp.Expression:
    """Return whether two keys are equal; ``nullable``: whether both can be null."""
    from sqlglot import exp

    return exp.NullSafeEQ(this=left, expression=right) if nullable else exp.EQ(this=left, expression=right)


def ordered(value: exp.Expression, key: Key) -> exp.Ordered:
    """Return a term of an ORDER BY."""
    from sqlglot import exp

    return exp.Ordered(this=value, desc=key.descending, nulls_first=key.nulls_first)


def named(value: exp.Expression, name: str) -> exp.Expression:
    """Return a value as a column of that name."""
    from sqlglot import exp

    return exp.Alias(this=value, alias=exp.Identifier(this=name, quoted=True))


def every(*conditions: exp.Expression) -> exp.Expression:
    """Return the condition that all of those hold."""
    from sqlglot import exp

    terms = [exp.Paren(this=term) if isinstance(term, exp.Or) else term for term in conditions]
    found = terms[0] if terms else exp.Boolean(this=True)
    for term in terms[1:]:
        found = exp.And(this=found, expression=term)
    return found


def either(*conditions: exp.Expression) -> exp.Expression:
    """Return the condition that one of those holds."""
    from sqlglot import exp

    found = conditions[0] if conditions else exp.Boolean(this=False)
    for term in conditions[1:]:
        found = exp.Or(this=found, expression=exp.Paren(this=term) if isinstance(term, exp.Or) else term)
    return found


def numbered(relation: str, name: str, *, alias: str | None = None, with_gaps: bool = False) -> exp.Select:
    """Return the rows of a relation with their number, counted from 1 in the relation's order, in a column ``name``.

    Args:
        relation: Its link.
        name: The column.
        alias: What to call the relation.
        with_gaps: Whether all that is asked of the numbers is that they grow; an engine may then have them for less.
    """
    from sqlglot import exp

    from riverstage.expressions.nodes import row_place, table

    place = row_place() if with_gaps else exp.Window(this=exp.RowNumber())
    number = exp.Alias(this=place, alias=exp.Identifier(this=name, quoted=True))
    return exp.Select(expressions=[exp.Star(), number]).from_(table(relation, alias), copy=False)


def is_row_first(
    partition: Sequence[exp.Expression], order: Sequence[exp.Ordered], *, last: bool = False
) -> exp.Expression:
    """Return whether a row is the first (``last``: the last) of its group in an order; any one where there is none."""
    from sqlglot import exp

    terms = [term.copy() for term in order]
    if not terms and partition:
        # Any row will do; with an order, even of equals, engines keep one row a group instead of sorting them all.
        terms = [exp.Ordered(this=partition[0].copy(), desc=False, nulls_first=True)]
    if last:
        for term in terms:
            term.set("desc", not term.args.get("desc"))
            term.set("nulls_first", not term.args.get("nulls_first"))
    window = exp.Window(
        this=exp.RowNumber(),
        partition_by=[value.copy() for value in partition],
        order=exp.Order(expressions=terms) if terms else None,
    )
    return exp.EQ(this=window, expression=exp.Literal.number(1))


def default_value(type: DataType) -> exp.Expression:
    """Return what stands in a column that cannot be null where there is no value: zero, no text, the first day."""
    from sqlglot import exp

    from riverstage.expressions.nodes import literal

    if type.kind == "string":
        return literal(" " * (type.length or 0) if type.fixed else "")
    if type.kind == "boolean":
        return literal(value=False)
    if type.is_integer:
        return literal(0)
    texts = {"date": "0001-01-01", "time": "00:00:00", "timestamp": "0001-01-01 00:00:00", "binary": ""}
    kinds = {
        "date": "DATE", "time": "TIME", "binary": "BLOB", "float32": "FLOAT", "float64": "DOUBLE",
        "timestamp": "TIMESTAMPTZ" if type.zone else "TIMESTAMP",
        "decimal": f"DECIMAL({type.precision or 38},{type.scale or 0})",
    }  # fmt: skip
    if type.kind not in kinds:
        return exp.Null()
    value = literal(texts[type.kind]) if type.kind in texts else literal(0)
    return exp.Cast(this=value, to=exp.DataType.build(kinds[type.kind], dialect="duckdb"))


def first_row(columns: Iterable[Column], *, open: bool = False) -> RowType:
    """Return a row of the first column of each name."""
    kept: dict[str, Column] = {}
    for column in columns:
        kept.setdefault(column.name, column)
    return RowType(tuple(kept.values()), open)


def outgoing(output: Output, made: RowType, row: RowType) -> dict[str, str]:
    """Return the name that each column of ``made`` has on an output, for those that it carries."""
    names: dict[str, str] = {}
    if output.link.schema is not None:
        for target, origin in source_of(output, made).items():
            names.setdefault(origin, target)
    for name in row.names:
        if name in made:
            names.setdefault(name, name)
    return {origin: target for origin, target in names.items() if target in row}


def carried(ordering: Ordering, names: Mapping[str, str]) -> Ordering:
    """Return an order under the columns' new names, as far as its first keys are all carried."""
    keys = []
    for key in ordering.keys:
        if key.column not in names:
            break
        keys.append(replace(key, column=names[key.column]))
    return Ordering(ordering.known, tuple(keys))


def reference_text(*names: str) -> str:
    """Return ``link.column`` as an expression, each name in quotes where it needs them."""
    return ".".join(
        name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else '"' + name.replace('"', '""') + '"'
        for name in names
    )
