"""The columns that a Modify stage's specifications make of its input's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from riverstage.errors import Diagnostic, ExpressionError
from riverstage.expressions.modify import Assignment, Conversion, Name, Selection, parse_modify
from riverstage.expressions.nodes import column
from riverstage.expressions.translate import convert
from riverstage.expressions.translated import Translated
from riverstage.plan import StageContext
from riverstage.stages._keys import near
from riverstage.stages._modify_conversions import converted
from riverstage.types import Column, DataType, RowType

__all__ = ["Made", "Modified", "modified"]

_PROPERTY = "modifyspec_properties"


@dataclass(frozen=True, slots=True)
class Made:
    """A column that leaves the stage.

    Args:
        column: The column.
        value: The SQL that gives it.
        fails_when: Where that fails.
        origin: The input's column whose values it has, perhaps as another type; None for what a conversion made.
    """

    column: Column
    value: exp.Expression
    fails_when: exp.Expression | None = None
    origin: str | None = None


@dataclass(slots=True)
class Modified:
    """What the specifications come to.

    Args:
        columns: The columns, in order.
        problems: What is wrong with the specifications; then ``columns`` is what could be made of the rest.
    """

    columns: list[Made] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def row(self) -> RowType:
        """The columns as a row."""
        return RowType(tuple(made.column for made in self.columns))


def modified(ctx: StageContext) -> Modified:
    """Return the columns that the specifications make of the input's, and what is wrong with them."""
    return _Reader(ctx).read()


@dataclass(frozen=True, slots=True)
class _Said:
    """A specification with the entry that it stands in, counted from 1."""

    spec: Assignment | Selection
    entry: int


class _Reader:
    def __init__(self, ctx: StageContext) -> None:
        self.ctx = ctx
        self.row = ctx.primary.row
        self.found = Modified()
        self.said: list[_Said] = []
        self.entries = 0

    def read(self) -> Modified:
        said = self.ctx.get(_PROPERTY) or ()
        entries = [said] if isinstance(said, str | Mapping) else list(said)
        self.entries = len(entries)
        for index, entry in enumerate(entries, 1):
            text = entry.get("modifyspec") if isinstance(entry, Mapping) else entry
            try:
                self.said.extend(_Said(spec, index) for spec in parse_modify("" if text is None else str(text)))
            except ExpressionError as error:
                self._problem(index, error.code, error.message, error.place.position, error.mend)
        if not self.said and not self.found.problems:
            self.found.problems.append(
                self.ctx.problem("RS-4500", "There is no specification.", property=_PROPERTY, mend="As in KEEP a, b.")
            )
        self._columns()
        return self.found

    def _problem(self, entry: int, code: str, message: str, position: int | None, mend: str = "") -> None:
        which = f"Specification {entry}: " if self.entries > 1 else ""
        self.found.problems.append(
            self.ctx.problem(code, which + message, property=_PROPERTY, position=position, mend=mend)
        )

    def _selections(self, kind: str) -> list[tuple[_Said, Selection]]:
        return [(said, said.spec) for said in self.said if isinstance(said.spec, Selection) and said.spec.kind == kind]

    def _assignments(self) -> dict[str, _Said]:
        found: dict[str, _Said] = {}
        for said in self.said:
            if not isinstance(said.spec, Assignment):
                continue
            target = said.spec.target
            if target.text in found:
                self._problem(said.entry, "RS-4503", f"The column '{target.text}' is made twice.", target.start)
            found[target.text] = said
        return found

    def _columns(self) -> None:
        assigned = self._assignments()
        kept, is_kept_by_name = self._kept(assigned)
        renamed: dict[str, list[str]] = {}
        for target, said in assigned.items():
            source = said.spec.source if isinstance(said.spec, Assignment) else None
            if isinstance(source, Name) and source.text != target:
                renamed.setdefault(source.text, []).append(target)
        placed: set[str] = set()
        for item in self.row:
            if item.name in assigned:
                self._assign(assigned[item.name], placed)
                continue
            for target in renamed.get(item.name, ()):
                if target not in self.row:
                    self._assign(assigned[target], placed)
            stays = is_kept_by_name or item.name not in renamed
            if item.name in kept and stays:
                self.found.columns.append(Made(item, column(item.name), origin=item.name))
        for target, said in assigned.items():
            if target not in placed:
                self._assign(said, placed)
        if not self.found.columns and not self.found.problems:
            self._problem(self.entries, "RS-4504", "No column is left.", None, "Drop fewer columns.")

    def _kept(self, assigned: Mapping[str, _Said]) -> tuple[set[str], bool]:
        """Return the input's columns that stay, and whether they were named to stay."""
        keeps, drops = self._selections("keep"), self._selections("drop")
        if keeps and drops:
            later = max(keeps[0], drops[0], key=lambda pair: (pair[0].entry, pair[1].start))
            message = "KEEP and DROP exclude each other."
            self._problem(later[0].entry, "RS-4501", message, later[1].start, "Leave one of them.")
        kept = {name.text for _, spec in keeps for name in spec.columns}
        dropped = {name.text for _, spec in drops for name in spec.columns}
        for said, spec in keeps + drops:
            for name in spec.columns:
                known = name.text in self.row or (spec.kind == "keep" and name.text in assigned)
                if not known and not self.row.open:
                    self._missing(said.entry, name)
        return (kept if keeps else set(self.row.names) - dropped), bool(keeps)

    def _missing(self, entry: int, name: Name) -> None:
        message = f"The input has no column '{name.text}'."
        self._problem(entry, "RS-4502", message, name.start, near(name.text, self.row.names))

    def _assign(self, said: _Said, placed: set[str]) -> None:
        spec = said.spec
        if not isinstance(spec, Assignment) or spec.target.text in placed:
            return
        placed.add(spec.target.text)
        read = spec.column
        given = self.row.get(read.text) if read is not None else None
        if read is not None and given is None:
            self._missing(said.entry, read)
            return
        try:
            self.found.columns.append(self._made(spec, given))
        except ExpressionError as error:
            position = spec.start if error.place.position is None else error.place.position
            self._problem(said.entry, error.code, error.message, position, error.mend)

    def _made(self, spec: Assignment, given: Column | None) -> Made:
        name = spec.target.text
        start = Translated(column(given.name), given.type, given.nullable) if given is not None else None
        if isinstance(spec.source, Conversion):
            value = converted(spec.source, start, spec.type or self._wanted(spec, spec.source))
        elif start is not None and given is not None:
            value = start
        else:
            raise TypeError(spec)
        nullable = value.nullable if spec.nullable is None else spec.nullable
        kind = spec.type or value.type
        taken = _taken(value, kind, nullable=nullable)
        origin = given.name if isinstance(spec.source, Name) and given is not None else None
        is_key = origin is not None and given is not None and given.key
        return Made(Column(name, kind, nullable, is_key), taken.value, taken.fails_when, origin)

    def _wanted(self, spec: Assignment, conversion: Conversion) -> DataType | None:
        """Return the type that the output says the column has, for conversions whose result takes it from there."""
        name = conversion.name.text
        if name != "null" and not name.startswith("decimal_from"):
            return None
        for output in self.ctx.outputs:
            declared = output.link.schema.get(spec.target.text) if output.link.schema is not None else None
            if declared is not None and (name == "null" or declared.type.kind == "decimal"):
                return declared.type
        known = self.row.get(spec.target.text)
        return known.type if known is not None and name == "null" else None


def _taken(value: Translated, kind: DataType, *, nullable: bool) -> Translated:
    """Return a value as the column's type; null fails where the column cannot be null."""
    failed = value.fails_when
    taken = convert(value, kind, nullable=nullable or not value.nullable)
    if failed is not None and taken.fails_when is None:
        return Translated(taken.value, kind, nullable, failed, value.deterministic)
    return taken
