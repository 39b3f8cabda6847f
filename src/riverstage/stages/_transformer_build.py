"""How a Transformer is understood: expressions parsed and typed, stage variables put in order, every problem found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from riverstage.errors import Diagnostic, ExpressionError
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.tree import ColumnReference, Node, References, references
from riverstage.stages._transformer_model import (
    IN_ROW,
    OUT_ROW,
    Made,
    Model,
    OutputModel,
    Variable,
    previous_column,
    variable_column,
)
from riverstage.stages._transformer_scope import expression_problem, names
from riverstage.stages._transformer_settings import OutputSettings, output_settings, unsupported, variable_settings
from riverstage.types import INT64, NULL, STRING, Column, DataType, decimal

if TYPE_CHECKING:
    from riverstage.expressions.elaborate import NullRules
    from riverstage.expressions.translated import Translated
    from riverstage.plan import StageContext

__all__ = ["build"]


def build(ctx: StageContext) -> Model:
    """Read, order and type everything that a Transformer says; done once for the same inputs."""
    inputs, model = ctx.memo.get("transformer") or (None, None)
    if isinstance(model, Model) and inputs is ctx.inputs:
        return replace(model, ctx=ctx)
    model = Model(ctx)
    _Builder(model).run()
    ctx.memo["transformer"] = (ctx.inputs, model)
    return model


class _Parsed(NamedTuple):
    """An expression that could be read, and the names in it."""

    tree: Node
    used: References


class _Builder:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.ctx = model.ctx
        self.row = model.ctx.primary.row
        self.by_name: dict[str, Variable] = {}
        self.at_hand = self._columns()
        self.final: Names | None = None
        self.nulls: NullRules = "legacy" if model.ctx.is_true("old_null_handling") else "propagate"

    def run(self) -> None:
        for name, reason in unsupported(self.ctx):
            self._say(self.ctx.problem("RS-4541", f"{reason}.", property=name))
        if self.ctx.get("triggers"):
            self._say(self.ctx.problem("RS-4542", "Triggers are not called.", severity="warning", property="triggers"))
        self._read_variables()
        self._mark_state()
        self._type_variables()
        for settings in output_settings(self.ctx):
            self.model.outputs.append(self._output(settings))
        self._check_otherwise()

    def _say(self, problem: Diagnostic) -> None:
        self.model.problems.append(problem)

    def _parse(self, text: str, *, property: str, link: str | None = None, column: str | None = None) -> _Parsed | None:
        from riverstage.expressions.parser import parse

        try:
            tree = parse(text)
        except ExpressionError as error:
            self._say(expression_problem(self.ctx, error, property=property, link=link, column=column))
            return None
        used = references(tree)
        if "@INROWNUM" in used.system_variables:
            self.model.counts_input = True
        return _Parsed(tree, used)

    # Stage variables

    def _read_variables(self) -> None:
        for settings in variable_settings(self.ctx):
            if settings.name.casefold() in {name.casefold() for name in self.by_name}:
                self._say(
                    self.ctx.problem(
                        "RS-4543",
                        f"Two stage variables are named '{settings.name}', but for upper and lower case.",
                        property="stage_variables",
                        column=settings.name,
                    )
                )
                continue
            variable = Variable(settings, len(self.by_name))
            if settings.derivation:
                parsed = self._parse(settings.derivation, property="stage_variables", column=settings.name)
                variable.tree = None if parsed is None else parsed.tree
            self.by_name[settings.name] = variable
            self.model.variables.append(variable)
        for variable in self.model.variables:
            if variable.tree is None:
                continue
            used = [name for name in references(variable.tree).names if name in self.by_name]
            variable.needs = tuple(used)
            variable.previous = tuple(name for name in used if self.by_name[name].index >= variable.index)

    def _reaches(self, start: Variable) -> set[str]:
        """Return the variables that one is computed from, at whatever remove."""
        seen: set[str] = set()
        ahead = list(start.needs)
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead.extend(self.by_name[name].needs)
        return seen

    def _mark_state(self) -> None:
        """Mark the variables that are computed from their own past, and those between two of them.

        A variable that only sees another's past needs no state: that is a column of the row before.
        """
        variables = self.model.variables
        reach = {variable.name: self._reaches(variable) for variable in variables}
        cyclic = {name for name, below in reach.items() if name in below}
        feeding: set[str] = set().union(*(reach[name] for name in cyclic)) if cyclic else set()
        for variable in variables:
            below = bool(reach[variable.name] & cyclic)
            variable.has_state = variable.name in cyclic or (below and variable.name in feeding)
            variable.depends = below and not variable.has_state

    def _type_variables(self) -> None:
        seen_later = {name for variable in self.model.variables for name in variable.previous}
        for variable in self.model.variables:
            variable.type = variable.settings.type or STRING
            self._type_initial(variable, seen_later=variable.name in seen_later)
        for variable in self.model.variables:
            if variable.tree is None:
                variable.constant = Bound(variable.initial, variable.type, variable.initial is None, constant=True)
            else:
                self._type_variable(variable, fixed=variable.name in seen_later)

    def _type_initial(self, variable: Variable, *, seen_later: bool) -> None:
        """Find a variable's value before the first row, and the type of one that says none and is seen a row later."""
        from riverstage.expressions._conversions import converted
        from riverstage.expressions._types_of import unified
        from riverstage.expressions.elaborate import elaborate
        from riverstage.expressions.typed import Constant

        text = variable.settings.initial
        parsed = self._parse(text, property="stage_variables", column=variable.name) if text else None
        try:
            first = elaborate(parsed.tree, names(self.ctx, {})) if parsed is not None else None
            if first is not None and not isinstance(first, Constant):
                raise ExpressionError(
                    "An initial value must be known before the first row.",
                    code="RS-4544",
                    mend="Use constants and parameters only.",
                )
            if variable.settings.type is None and (seen_later or variable.tree is None):
                start = NULL if first is None else first.type
                variable.type = _grown(unified(start, self._guess(variable, start)))
            if variable.settings.type is None and first is not None and not seen_later:
                return
            if first is None:
                variable.initial = zero_of(variable.type)
                return
            value = converted(first, variable.type)
            variable.initial = value.value if isinstance(value, Constant) else None
        except ExpressionError as error:
            self._say(expression_problem(self.ctx, error, property="stage_variables", column=variable.name))

    def _guess(self, variable: Variable, start: DataType) -> DataType:
        """Return the type of a variable's expression, as far as it can be known before the others have theirs."""
        from riverstage.expressions.elaborate import elaborate

        if variable.tree is None:
            return start
        bound = {name: Bound(None, other.settings.type or INT64) for name, other in self.by_name.items()}
        if variable.settings.type is None and start != NULL:
            bound[variable.name] = Bound(None, start)
        try:
            return elaborate(variable.tree, self._names(bound)).type
        except ExpressionError:
            return STRING

    def _type_variable(self, variable: Variable, *, fixed: bool) -> None:
        from riverstage.expressions.elaborate import elaborate
        from riverstage.expressions.translate import assigned
        from riverstage.expressions.typed import Constant

        tree = variable.tree
        if tree is None:
            return
        try:
            typed = elaborate(tree, self.scope(variable), target=variable.settings.type)
            if variable.settings.type is None and not fixed:
                variable.type = typed.type
            value = assigned(typed, variable.type)
        except ExpressionError as error:
            self._say(expression_problem(self.ctx, error, property="stage_variables", column=variable.name))
            return
        if isinstance(typed, Constant) and typed.type == variable.type and not variable.has_state:
            variable.constant = Bound(typed.value, typed.type, typed.value is None, constant=True)
        variable.sql_typed = typed
        variable.value = replace(value, nullable=value.nullable or value.fails_when is not None)

    # Scopes

    def _columns(self) -> dict[str, dict[str, Bound]]:
        from riverstage.expressions.nodes import column as sql_column

        bound = {column.name: Bound(sql_column(column.name), column.type, column.nullable) for column in self.row}
        return {self.ctx.primary.name: bound}

    def _names(self, variables: Mapping[str, Bound], *, out_row: bool = False) -> Names:
        from riverstage.expressions.nodes import column as sql_column

        system = {
            "@INROWNUM": Bound(sql_column(IN_ROW), INT64, nullable=False),
            "@ITERATION": Bound(1, INT64, nullable=False, constant=True),
        }
        if out_row:
            system["@OUTROWNUM"] = Bound(sql_column(OUT_ROW), INT64, nullable=False)
        return names(self.ctx, self.at_hand, variables, system)

    def scope(self, within: Variable | None = None, *, out_row: bool = False) -> Names:
        """Return the scope of an expression, with every stage variable as far as it is typed.

        Args:
            within: The stage variable whose expression it is: it sees itself and later ones as they were a row before.
            out_row: Whether the number of the output row is known.
        """
        from riverstage.expressions.nodes import column as sql_column

        variables: dict[str, Bound] = {}
        for variable in self.model.variables:
            if within is not None and variable.index >= within.index:
                variables[variable.name] = Bound(sql_column(previous_column(variable.name)), variable.type)
                continue
            if variable.constant is not None:
                variables[variable.name] = variable.constant
                continue
            nullable = variable.has_state or variable.value is None or variable.value.nullable
            deterministic = variable.value is None or variable.value.deterministic
            variables[variable.name] = Bound(
                sql_column(variable_column(variable.name)), variable.type, nullable, deterministic=deterministic
            )
        return self._names(variables, out_row=out_row)

    # Outputs

    def _output(self, settings: OutputSettings) -> OutputModel:
        output = settings.output
        model = OutputModel(settings)
        if settings.constraint:
            parsed = self._parse(settings.constraint, property="transformer_constraint", link=output.name)
            if parsed is not None:
                model.constraint = self._condition(parsed, output.name)
                model.uses = self._uses(parsed.used)
        made = [self._made(settings, column, text) for column, text in self._wanted(settings)]
        model.columns = (*made, *self._carried(made))
        return model

    def _passed(self, name: str) -> _Parsed:
        """Return the expression that is a column of the input."""
        link = self.ctx.primary.name
        return _Parsed(ColumnReference(link, name), References(columns=((link, name),)))

    def _wanted(self, settings: OutputSettings) -> Iterator[tuple[Column | str, str | _Parsed]]:
        """Yield each column of an output with its expression; a name alone where its type is that of the expression."""
        output = settings.output
        declared = output.link.schema
        derivations = dict(settings.derivations)
        if declared is not None and len(declared):
            for column in declared:
                text = derivations.pop(column.name, "")
                yield column, text if text or column.name not in self.row else self._passed(column.name)
            for name in derivations:
                self._say(
                    self.ctx.problem(
                        "RS-4545",
                        f"A derivation is for the column '{name}', which the link does not have.",
                        severity="warning",
                        property="value_derivation",
                        link=output.name,
                        column=name,
                        mend="Add the column to the link's schema, or remove the derivation.",
                    )
                )
        elif derivations:
            yield from derivations.items()
        else:
            for column in self.row:
                yield column, self._passed(column.name)

    def _carried(self, made: list[Made]) -> Iterator[Made]:
        """Yield the columns that an output carries without naming them."""
        from riverstage.expressions.nodes import column as sql_column
        from riverstage.expressions.translated import Translated

        if not self.ctx.propagates():
            return
        taken = {item.column.name for item in made} | {item.source for item in made if item.source is not None}
        for column in self.row:
            if column.name not in taken:
                value = Translated(sql_column(column.name), column.type, column.nullable)
                yield Made(column, value, column.name, uses=frozenset({column.name}))

    def _made(self, settings: OutputSettings, wanted: Column | str, text: str | _Parsed) -> Made:
        output = settings.output.name
        name = wanted if isinstance(wanted, str) else wanted.name
        column = Column(name, STRING) if isinstance(wanted, str) else wanted
        if not text:
            if not self.row.open:
                self._say(
                    self.ctx.problem(
                        "RS-4020",
                        f"Nothing gives the column '{name}'.",
                        link=output,
                        column=name,
                        mend="Give it a derivation, or remove it from the link's schema.",
                    )
                )
            return Made(column, None)
        parsed = text if isinstance(text, _Parsed) else None
        if isinstance(text, str):
            parsed = self._parse(text, property="value_derivation", link=output, column=name)
        if parsed is None:
            return Made(column, None)
        return self._typed(parsed, column, output, fixed=not isinstance(wanted, str))

    def _typed(self, parsed: _Parsed, column: Column, link: str, *, fixed: bool) -> Made:
        from riverstage.expressions.elaborate import elaborate
        from riverstage.expressions.translate import assigned

        tree = parsed.tree
        counts = "@OUTROWNUM" in parsed.used.system_variables
        try:
            said = column.type if fixed else None
            typed = elaborate(tree, self._scope_of_columns(), target=said, nulls=self.nulls)
            if not fixed:
                column = replace(column, type=typed.type, nullable=typed.nullable)
                if isinstance(tree, ColumnReference):
                    column = replace(self.row.get(tree.name) or column, name=column.name)
            value = assigned(typed, column.type, nullable=column.nullable)
        except ExpressionError as error:
            self._say(expression_problem(self.ctx, error, property="value_derivation", link=link, column=column.name))
            return Made(column, None)
        source = None
        if isinstance(tree, ColumnReference) and tree.link == self.ctx.primary.name and tree.name in self.row:
            source = tree.name
        return Made(column, value, source, counts, self._uses(parsed.used), typed)

    def _scope_of_columns(self) -> Names:
        """Return the scope of derivations, made once: it is the same for all of them."""
        if self.final is None:
            self.final = self.scope(out_row=True)
        return self.final

    def _uses(self, used: References) -> frozenset[str]:
        """Return the columns of the input that an expression uses."""
        found = {name for link, name in used.columns if link == self.ctx.primary.name}
        found |= {name for name in used.names if name not in self.by_name}
        return frozenset(name for name in found if name in self.row)

    def _condition(self, parsed: _Parsed, link: str) -> Translated | None:
        from riverstage.expressions.translate import condition

        if "@OUTROWNUM" in parsed.used.system_variables:
            self._say(
                self.ctx.problem(
                    "RS-4546",
                    "A constraint cannot use @OUTROWNUM: it decides which rows are counted.",
                    property="transformer_constraint",
                    link=link,
                    mend="Use a Head stage behind the link, or a stage variable that counts.",
                )
            )
            return None
        try:
            return condition(parsed.tree, self.scope(), nulls=self.nulls)
        except ExpressionError as error:
            self._say(expression_problem(self.ctx, error, property="transformer_constraint", link=link))
            return None

    def _check_otherwise(self) -> None:
        for index, output in enumerate(self.model.outputs):
            if not output.settings.is_otherwise:
                continue
            name = output.settings.output.name
            if index == 0:
                self._say(
                    self.ctx.problem(
                        "RS-4547",
                        "An otherwise link takes what earlier links leave, and there is none before it.",
                        property="reject",
                        link=name,
                        severity="warning",
                        mend="Put it behind the others in the order of the outputs.",
                    )
                )
            elif any(
                not before.settings.constraint and not before.settings.is_otherwise
                for before in self.model.outputs[:index]
            ):
                self._say(
                    self.ctx.problem(
                        "RS-4548",
                        "An earlier link takes every row, so nothing is left for this one.",
                        property="reject",
                        link=name,
                        severity="warning",
                    )
                )


def _grown(type: DataType) -> DataType:
    """Return the type that a value of another may grow into from row to row."""
    if type.is_integer or type.kind == "null":
        return INT64
    if type.kind == "decimal":
        return decimal(38, type.scale or 0)
    return STRING if type.is_text else type


def zero_of(type: DataType) -> Any:
    """Return the value that a stage variable has before the first row: zero, an empty text, else null."""
    from decimal import Decimal

    if type.is_integer:
        return 0
    if type.kind == "decimal":
        return Decimal(0).scaleb(-(type.scale or 0))
    if type.is_float:
        return 0.0
    if type.kind == "boolean":
        return False
    if type.is_text:
        return " " * (type.length or 0) if type.fixed else ""
    return None
