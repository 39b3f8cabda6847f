"""What a Lookup is told about its reference links: keys, conditions, and what happens where nothing is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from riverstage.stages._keys import keys_of, reference_text, text_of
from riverstage.stages._lost_links import Said

if TYPE_CHECKING:
    from riverstage.plan import Input, StageContext

__all__ = ["Action", "LookupKey", "Reference", "expressions_of", "is_unique", "references_of"]

Action = Literal["fail", "continue", "drop", "reject"]
_ACTIONS: dict[str, Action] = {
    "fail": "fail", "continue": "continue", "cont": "continue", "drop": "drop", "reject": "reject",
}  # fmt: skip
_RANGE = re.compile(r"\s*Range\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class LookupKey:
    """One key of a reference link.

    Args:
        column: The reference column that it is for.
        expression: What it must equal, or, for a range, the whole condition.
        kind: How they are compared.
    """

    column: str
    expression: str
    kind: Literal["equal", "caseless", "range"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference link and what is set on it.

    Args:
        index: Its number, from 1.
        input: The link.
        keys: Its keys.
        condition: When it is looked up at all; empty for always.
        on_unmet: What happens to a row for which the condition is not true.
        on_failure: What happens to a row for which nothing is found.
        many: Whether every matching row comes out, not only the first.
    """

    index: int
    input: Input
    keys: tuple[LookupKey, ...]
    condition: str
    on_unmet: Action
    on_failure: Action
    many: bool

    @property
    def equal_keys(self) -> tuple[LookupKey, ...]:
        """The keys that are compared for equality."""
        return tuple(key for key in self.keys if key.kind != "range")

    @property
    def ranges(self) -> tuple[LookupKey, ...]:
        """The conditions that are no equality."""
        return tuple(key for key in self.keys if key.kind == "range")


def references_of(ctx: StageContext) -> tuple[Reference, ...]:
    """Return the reference links in order, each with what its port or the stage says about it."""
    return tuple(_reference(ctx, index, source) for index, source in enumerate(ctx.references, start=1))


def _reference(ctx: StageContext, index: int, source: Input) -> Reference:
    entries = tuple(_entries(ctx, source))
    said: dict[str, Any] = {**ctx.stage.properties, **source.link.input}
    for entry in entries:
        said.update({name: value for name, value in entry.items() if value is not None})
    return Reference(
        index,
        source,
        tuple(_keys(ctx, source, entries)),
        condition=text_of(said, "Condition", "condition"),
        on_unmet=_action(said, "conditionNotMet", "condition_not_met"),
        on_failure=_action(said, "lookupFail", "lookup_fail", "lookup_failure"),
        many=text_of(said, "allow_dups").lower() in ("allow_dups", "true", "1"),
    )


def _action(said: Mapping[str, Any], *names: str) -> Action:
    word = text_of(said, *names)
    return _ACTIONS.get(word.lower(), "fail")


def _entries(ctx: StageContext, source: Input) -> Iterator[Mapping[str, Any]]:
    """Yield what is said about a reference link; entries for another link are left out."""
    said = source.link.input.get("lookupDerivation") or ctx.get("lookup_derivation") or ()
    for entry in said:
        if isinstance(entry, Mapping) and text_of(entry, "reference_link") in ("", source.name):
            yield entry


def _keys(ctx: StageContext, source: Input, entries: tuple[Mapping[str, Any], ...]) -> Iterator[LookupKey]:
    found = False
    for name, expression, kind in _said(entries):
        if not expression and name:
            expression = reference_text(ctx.primary.name, name)
        if not name and not expression:
            continue
        found = True
        yield LookupKey(name, *_kind(kind, expression))
    if not found:
        # Without a word about keys: the key columns of the reference that the primary link has too.
        for column in source.row:
            if column.key and column.name in ctx.primary.row:
                yield LookupKey(column.name, reference_text(ctx.primary.name, column.name), "equal")


def _said(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Yield the column, the expression and the kind of match of each key that entries say."""
    for entry in entries:
        derivations = entry.get("derivations")
        for item in derivations if isinstance(derivations, list | tuple) else (entry,):
            yield (
                text_of(item, "columnName", "key_column"),
                text_of(item, "parsedExpression", "key_expression", "sourceColumn"),
                text_of(item, "keyType", "key_type").lower(),
            )


def expressions_of(ctx: StageContext) -> Iterator[Said]:
    """Yield the expressions that are said of the reference links, also where no primary link is there."""
    for source in ctx.references:
        entries = tuple(_entries(ctx, source))
        for name, expression, kind in _said(entries):
            yield Said(_kind(kind, expression)[0], "lookup_derivation", source.name, name or None)
        for said in ({**ctx.stage.properties, **source.link.input}, *entries):
            condition = text_of(said, "Condition", "condition")
            if condition:
                yield Said(condition, "condition", source.name)


def _kind(said: str, expression: str) -> tuple[str, Literal["equal", "caseless", "range"]]:
    written = _RANGE.fullmatch(expression)
    if said in ("2", "range") or written is not None:
        return (written.group(1) if written is not None else expression), "range"
    return expression, "caseless" if said in ("1", "caseless") else "equal"


def is_unique(ctx: StageContext, reference: Reference) -> bool:
    """Return whether the stage above has made sure that no two rows of a reference have the same keys."""
    from dataclasses import replace

    above = ctx.graph.stages.get(reference.input.link.source)
    if above is None or reference.ranges:
        return False
    exact = {key.column for key in reference.keys if key.kind == "equal"}
    any_case = {key.column for key in reference.keys if key.kind == "caseless"}
    keyed = above.type in ("Remove Duplicates", "Aggregator")
    above_ctx = replace(ctx, stage=above)
    if above.type == "Sort" and above_ctx.is_true("unique"):
        keyed = True
    if not keyed or reference.input.link.output.get("valueDerivation"):
        return False
    keys = keys_of(above_ctx)
    return bool(keys) and all(
        key.column in exact or (key.column in any_case and key.caseless) for key in keys if key.mode == "sort"
    )
