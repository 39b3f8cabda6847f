"""A Transformer as relations: variables level by level, the kernel, one relation that decides, and the outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from riverstage.plan import Count, Fragment, Relation, fail_when, hidden_key, project
from riverstage.plan.failing import VALUE
from riverstage.stages._keys import either, every, named, numbered
from riverstage.stages._rows import whole
from riverstage.stages._transformer_model import (
    IN_ROW,
    OUT_ROW,
    Made,
    Model,
    OutputModel,
    Variable,
    failure_column,
    previous_column,
    variable_column,
)
from riverstage.stages._transformer_reasons import MOST_NAMED, counted_reasons, logged_rows, reasons_of, spelled
from riverstage.types import BOOLEAN, INT64, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.plan import Node, Output

__all__ = ["plan_of"]

_ROW = "#row"
_MOST_SHOWN = 4
_MEND = "Handle it in the expression (IsNull, NullToValue), or let such rows go to a reject link (abort_on_null off)."


def plan_of(model: Model) -> Fragment:
    """Return the nodes of a Transformer."""
    return _Planner(model).run()


class _Planner:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.ctx = model.ctx
        self.nodes: list[Node] = []
        self.again = model.ctx.primary.type.deterministic and model.deterministic
        self.below = model.ctx.primary.key
        self.columns: list[Column] = list(model.ctx.primary.row)
        self.always_failed: list[exp.Expression] = []
        self.met: list[exp.Expression | None] = []
        self.failed: list[exp.Expression | None] = []

    def run(self) -> Fragment:
        if self.model.counts_input:
            self._number()
        lagging = self.model.lagging
        first = [item for item in self.model.variables if not item.has_state and not item.depends]
        self._add_variables(first, [item for item in lagging if item in first])
        if self.model.has_state:
            self._run_kernel()
        behind = [item for item in self.model.variables if item.depends]
        self._add_variables(behind, [item for item in lagging if item not in first])
        self._decide()
        for output in self.ctx.outputs:
            self.nodes.append(self._output(output))
        whys = self._whys()
        why = spelled([said for _, said in whys])
        seen, dropped = self._seen(why)
        self._tell_failures(whys)
        reject = self.ctx.reject
        failing = (*dropped, *(() if reject is None else (reject.key,)))
        reasons = dict.fromkeys(failing, why)
        return Fragment(tuple(self.nodes), seen=tuple(seen), dropped=dropped, reasons=reasons, warns=self._otherwise())

    def _whys(self) -> list[tuple[exp.Expression, str]]:
        """Return why a row may fail: when, and what is said of it; nothing where a failure ends the run."""
        if self._any_failed() is None or self.ctx.is_true("abort_on_null"):
            return []
        whys = [
            (self._column(failure_column(item.name)), f"the stage variable '{item.name}' could not be computed")
            for item in self.model.variables
            if item.can_fail and not item.has_state
        ]
        stateful = [f"'{item.name}'" for item in self.model.variables if item.has_state and item.can_fail]
        known = [condition for condition, _ in whys]
        which = f"the stage variable {stateful[0]}" if len(stateful) == 1 else "a stage variable"
        whys += [(failed, f"{which} could not be computed") for failed in self.always_failed if failed not in known]
        more = reasons_of(self.model, self.failed)
        # Each is computed anew: where nobody counts them, no more than are named.
        return [*whys, *(more if self._is_counted() else islice(more, MOST_NAMED + 1))]

    def _is_counted(self) -> bool:
        """Return whether rows are counted by their reasons; one output shares nothing, so all would be done twice."""
        return len(self.ctx.outputs) > 1

    def _tell_failures(self, whys: list[tuple[exp.Expression, str]]) -> None:
        """Add what counts the rows that fail by their reasons, and what shows some of them in the log."""
        failed = self._any_failed()
        if failed is None or self.ctx.is_true("abort_on_null"):
            return
        if self._is_counted():
            self.nodes += counted_reasons(self.ctx, self.below, failed, whys)
        limit = whole(self.ctx, "max_reject_log_msg", 0) or 0
        if limit > 0:
            # Without a reject link, a kernel hands on what is needed behind it, and no more.
            row = RowType(tuple(item for item in self.ctx.primary.row if item in self.columns))
            self.nodes += logged_rows(self.ctx, self.below, failed, row, limit)

    def _otherwise(self) -> dict[str, str]:
        """Return the otherwise links: rows that come there are warned of."""
        outputs = [item.settings.output for item in self.model.outputs if item.settings.is_otherwise]
        return {
            output.key: f"rows met no constraint and went to the otherwise link '{output.name}'" for output in outputs
        }

    def _hidden(self, purpose: str, sql: exp.Query, added: Iterable[Column]) -> None:
        key = hidden_key(self.ctx.stage.key, purpose)
        self.columns += added
        ordering = self.ctx.primary.type.ordering
        row = RowType(tuple(self.columns))
        self.nodes.append(Relation(self.ctx.stage.key, key, sql, (self.below,), row, ordering, self.again))
        self.below = key

    def _number(self) -> None:
        self._hidden("numbered", numbered(self.below, IN_ROW), [Column(IN_ROW, INT64, nullable=False)])

    # Stage variables

    def _add_variables(self, variables: Sequence[Variable], lagging: Sequence[Variable]) -> None:
        """Add variables and values of the row before as columns; what needs others stands in a relation over theirs."""
        from sqlglot import exp

        from riverstage.expressions.nodes import table

        waiting = [item for item in variables if item.constant is None and item.value is not None]
        delayed = list(lagging)
        while waiting or delayed:
            missing = {variable_column(item.name) for item in waiting}
            missing |= {previous_column(item.name) for item in delayed}
            ready = [item for item in waiting if not missing & _needs(item)]
            moved = [item for item in delayed if variable_column(item.name) not in missing]
            added: list[Column] = []
            values: list[exp.Expression] = []
            for item in ready:
                values += self._values(item, added)
            for item in moved:
                added.append(Column(previous_column(item.name), item.type))
                values.append(named(_lagged(item), previous_column(item.name)))
            sql = exp.Select(expressions=[exp.Star(), *values]).from_(table(self.below), copy=False)
            self._hidden(f"variables {len(self.nodes)}", sql, added)
            waiting = [item for item in waiting if item not in ready]
            delayed = [item for item in delayed if item not in moved]

    def _values(self, item: Variable, added: list[Column]) -> list[exp.Expression]:
        """Return a variable's column, and the one that says where it could not be computed."""
        if item.value is None:
            return []
        added.append(Column(variable_column(item.name), item.type))
        values = [named(item.value.value, variable_column(item.name))]
        if item.value.fails_when is not None:
            self._note_failure(failure_column(item.name), added)
            values.append(named(item.value.fails_when, failure_column(item.name)))
        return values

    def _note_failure(self, name: str, added: list[Column]) -> None:
        from riverstage.expressions.nodes import column

        added.append(Column(name, BOOLEAN, nullable=False))
        self.always_failed.append(column(name))

    def _run_kernel(self) -> None:
        """Compute the variables with state row by row; only columns that are needed behind go through it."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table
        from riverstage.stages._transformer_state import FAILED, kernel_of

        passing = self._needed_behind()
        kernel = kernel_of(self.model, hidden_key(self.ctx.stage.key, "state"), passing, self.columns)
        kept = [item for item in self.columns if item.name in kernel.reads or item in passing]
        hoisted = [named(value, item.name) for item, value in kernel.hoisted]
        values: list[exp.Expression] = [*(column(item.name) for item in kept), *hoisted]
        fed = [*kept, *(item for item, _ in kernel.hoisted)]
        if not fed:  # rows without columns cannot be handed over
            fed.append(Column(_ROW, BOOLEAN, nullable=False))
            values.append(named(exp.Boolean(this=True), _ROW))
        sql = exp.Select(expressions=values).from_(table(self.below), copy=False)
        self.columns = []
        self._hidden("state input", sql, fed)
        node = kernel.node(self.ctx.stage.key, self.below)
        self.nodes.append(node)
        self.below = node.link
        self.columns = list(node.row)
        if any(item.has_state and item.can_fail for item in self.model.variables):
            self.always_failed.append(column(FAILED))

    def _needed_behind(self) -> list[Column]:
        if self.ctx.reject is not None:
            return list(self.columns)
        used: set[str] = {IN_ROW}
        for output in self.model.outputs:
            used |= output.uses
            for made in output.columns:
                used |= made.uses
        for variable in self.model.variables:
            if variable.depends and variable.tree is not None:
                from riverstage.expressions.tree import references

                found = references(variable.tree)
                used |= {name for _, name in found.columns} | set(found.names)
        return [item for item in self.columns if item.name in used or item.name.startswith(("#v", "#p"))]

    # Which rows go where

    def _decide(self) -> None:
        """Add, for each output that has them, whether its constraint is met and whether a row fails on it."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        flags: list[exp.Expression] = []
        met: list[exp.Expression] = []
        added: list[Column] = []
        for index, output in enumerate(self.model.outputs):
            condition = self._condition(index, output, met)
            reference: exp.Expression | None = None
            if condition is not None:
                reference = column(f"#met {index}")
                flags.append(named(condition.copy(), f"#met {index}"))
                added.append(Column(f"#met {index}", BOOLEAN))
            met.append(condition if condition is not None else exp.Boolean(this=True))
            self.met.append(reference)
            fails = self._fails(output, condition)
            if fails is None:
                self.failed.append(None)
                continue
            flags.append(named(fails, f"#failed {index}"))
            added.append(Column(f"#failed {index}", BOOLEAN, nullable=False))
            self.failed.append(column(f"#failed {index}"))
        if flags:
            sql = exp.Select(expressions=[exp.Star(), *flags]).from_(table(self.below), copy=False)
            self._hidden("decided", sql, added)

    def _condition(self, index: int, output: OutputModel, met: Sequence[exp.Expression]) -> exp.Expression | None:
        """Return the condition of an output's rows; None for every row."""
        from sqlglot import exp

        terms: list[exp.Expression] = []
        if output.settings.is_otherwise and index:
            terms = [
                exp.Not(this=exp.Is(this=exp.Paren(this=other.copy()), expression=exp.Boolean(this=True)))
                for other in met
            ]
        if output.constraint is not None:
            terms.append(exp.Paren(this=output.constraint.value.copy()))
        return every(*terms) if terms else None

    def _fails(self, output: OutputModel, condition: exp.Expression | None) -> exp.Expression | None:
        """Return the condition, never null, that a row fails on an output; None where none can."""
        from sqlglot import exp

        columns = [
            made.value.fails_when
            for made in output.columns
            if made.value is not None and made.value.fails_when is not None and not made.counts_rows
        ]
        terms: list[exp.Expression] = []
        if columns:
            failed = either(*columns)
            if condition is not None:
                is_met = exp.Is(this=exp.Paren(this=condition.copy()), expression=exp.Boolean(this=True))
                failed = every(is_met, exp.Paren(this=failed))
            terms.append(failed)
        if output.constraint is not None and output.constraint.fails_when is not None:
            terms.append(output.constraint.fails_when.copy())
        return either(*terms) if terms else None

    def _goes(self, index: int) -> exp.Expression | None:
        """Return the condition, over the deciding relation, of the rows of an output; None for every row."""
        from sqlglot import exp

        terms: list[exp.Expression] = []
        met = self.met[index]
        if met is not None:
            terms.append(met.copy())
        failures = [*self.always_failed, *(item for item in self.failed[: index + 1] if item is not None)]
        terms += [exp.Not(this=failed.copy()) for failed in failures]
        return every(*terms) if terms else None

    def _any_failed(self) -> exp.Expression | None:

        terms = [failed.copy() for failed in (*self.always_failed, *self.failed) if failed is not None]
        return either(*terms) if terms else None

    # Outputs

    def _output(self, output: Output) -> Relation:
        from sqlglot import exp

        from riverstage.expressions.nodes import table

        if output.is_reject:
            query = self._rejected(output)
        else:
            index = next(
                number for number, item in enumerate(self.model.outputs) if item.settings.output.key == output.key
            )
            model = self.model.outputs[index]
            goes = self._guarded(output, self._goes(index))
            query = exp.Select(expressions=self._columns(output, model))
            if model.counts_rows:
                query = query.from_(self._counted(goes), copy=False).where(
                    *self._limit(output, model.settings.row_limit), copy=False
                )
            else:
                query = query.from_(table(self.below), copy=False)
                if goes is not None:
                    query = query.where(goes, copy=False)
        return Relation(
            self.ctx.stage.key, output.key, query, (self.below,), output.row, output.type.ordering, self.again
        )

    def _counted(self, goes: exp.Expression | None) -> exp.Expression:
        """Return an output's rows with their numbers."""
        from sqlglot import exp

        from riverstage.expressions.nodes import table

        number = named(exp.Window(this=exp.RowNumber()), OUT_ROW)
        taken = exp.Select(expressions=[exp.Star(), number]).from_(table(self.below), copy=False)
        if goes is not None:
            taken = taken.where(goes, copy=False)
        return taken.subquery(exp.Identifier(this="taken", quoted=True), copy=False)

    def _limit(self, output: Output, limit: int) -> list[exp.Expression]:
        from sqlglot import exp

        from riverstage.expressions.nodes import column

        if limit <= 0:
            return []
        reached = exp.GTE(this=column(OUT_ROW), expression=exp.Literal.number(limit))
        message = f"The link has reached its limit of {limit} row{'' if limit == 1 else 's'}."
        return [fail_when(self.ctx, reached, exp.Boolean(this=True), "RS-6250", message=message, link=output.name)]

    def _guarded(self, output: Output, goes: exp.Expression | None) -> exp.Expression | None:
        """Return an output's condition so that a row that fails ends the run, where that is asked for."""
        from sqlglot import exp

        failed = self._any_failed()
        if failed is None or not self.ctx.is_true("abort_on_null"):
            return goes
        message = "A value cannot be computed, or is null where null is not taken."
        reason = fail_when(
            self.ctx, exp.Boolean(this=True), exp.Boolean(this=True), "RS-6202", message=message, link=output.name
        )
        for condition, said in reversed(list(self._reasons())):
            reason = fail_when(self.ctx, condition, reason, "RS-6202", mend=_MEND, **said)
        # Which of them it was is asked of the row alone that ends the run.
        return exp.Case(ifs=[exp.If(this=failed, true=reason)], default=goes or exp.Boolean(this=True))

    def _reasons(self) -> Iterator[tuple[exp.Expression, dict[str, Any]]]:
        """Yield why a row may fail: the condition, and what is said of it."""
        for item in self.model.variables:
            if item.can_fail and not item.has_state:
                message = f"The stage variable '{item.name}' cannot be computed."
                yield self._column(failure_column(item.name)), {"message": message, "column": item.name}
        stateful = ", ".join(f"'{item.name}'" for item in self.model.variables if item.has_state and item.can_fail)
        for condition in self.always_failed:
            message = f"A stage variable cannot be computed: {stateful or 'one'}."
            yield condition.copy(), {"message": message}
        for output, failed in zip(self.model.outputs, self.failed, strict=True):
            if failed is None:
                continue
            link = output.settings.output.name
            for made in output.columns:
                if made.value is None or made.value.fails_when is None or made.counts_rows:
                    continue
                where, shown = self._from(made)
                what = "cannot be computed" if made.column.nullable else "cannot be computed, or is null and takes none"
                yield (
                    every(failed.copy(), either(made.value.fails_when.copy())),
                    {"message": f"The column '{made.column.name}' {what}{where}.", "shown": shown, "link": link}
                    | {"column": made.column.name},
                )
            message = "The constraint cannot be decided for a row."
            yield failed.copy(), {"message": message, "link": link}

    def _from(self, made: Made) -> tuple[str, list[exp.Expression]]:
        """Return the columns that a value is computed from, as a message says them, and the SQL of their values."""
        names = [item.name for item in self.ctx.primary.row if item.name in made.uses][:_MOST_SHOWN]
        said = ", ".join(f"'{name}' is {VALUE}" for name in names)
        return (f" where {said}" if said else ""), [self._column(name) for name in names]

    def _column(self, name: str) -> exp.Expression:
        from riverstage.expressions.nodes import column

        return column(name)

    def _columns(self, output: Output, model: OutputModel) -> list[exp.Expression]:
        """Return an output's columns; a star where they are the input's, all of them, as they stand."""
        from sqlglot import exp

        columns = [self._value(output, made) for made in model.columns]
        row = self.ctx.primary.row
        passes = self.below == self.ctx.primary.key and not row.open and not model.counts_rows
        if passes and row.names == tuple(item.name if isinstance(item, exp.Column) else None for item in columns):
            return [exp.Star()]
        return columns

    def _value(self, output: Output, made: Made) -> exp.Expression:
        from sqlglot import exp

        if made.value is None:
            return named(exp.Null(), made.column.name)
        value = made.value.value
        if made.counts_rows and made.value.fails_when is not None:
            where, shown = self._from(made)
            value = fail_when(
                self.ctx,
                made.value.fails_when,
                value,
                "RS-6201",
                message=f"The column '{made.column.name}' ({made.column.type}) cannot hold a value{where}.",
                mend="Give the column a type that holds it, or leave such rows out with the constraint.",
                link=output.name,
                column=made.column.name,
                shown=shown,
            )
        if isinstance(value, exp.Column) and value.name == made.column.name:
            return value
        return named(value, made.column.name)

    def _rejected(self, output: Output) -> exp.Select:
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        row = self.ctx.primary.row
        projection = project(self.ctx, output, row)
        columns: Sequence[exp.Expression] = projection.guarded(self.ctx, output)
        if projection.is_identity:
            columns = [column(item.name) for item in row]
        failed = self._any_failed()
        query = exp.Select(expressions=list(columns)).from_(table(self.below), copy=False)
        return query.where(failed if failed is not None else exp.Boolean(this=False), copy=False)

    def _seen(self, why: str) -> tuple[list[Count], dict[str, str]]:
        """Return where counts can be seen, and the rows that are dropped."""
        seen: list[Count] = []
        for index, output in enumerate(self.model.outputs):
            goes = self._goes(index)
            if goes is not None:
                seen.append(Count(output.settings.output.key, self.below, goes))
        failed = self._any_failed()
        dropped: dict[str, str] = {}
        if failed is None or self.ctx.is_true("abort_on_null"):
            return seen, dropped
        reject = self.ctx.reject
        if reject is not None:
            seen.append(Count(reject.key, self.below, failed))
        else:
            name = hidden_key(self.ctx.stage.key, "dropped")
            dropped[name] = "rows were dropped" if len(self.ctx.outputs) > 1 else f"rows dropped, as {why}"
            seen.append(Count(name, self.below, failed))
        return seen, dropped


def _needs(item: Variable) -> set[str]:
    """Return the columns that a variable is computed from."""
    now = {variable_column(name) for name in item.needs if name not in item.previous}
    return now | {previous_column(name) for name in item.previous}


def _lagged(item: Variable) -> exp.Expression:
    """Return a variable's value of the row before; in the first row, its initial value."""
    from sqlglot import exp

    from riverstage.expressions._sql import constant
    from riverstage.expressions.nodes import column

    value: exp.Expression = column(variable_column(item.name))
    if item.constant is not None:
        value = constant(item.constant.value, item.type)
    lag = exp.Lag(this=value, offset=exp.Literal.number(1), default=constant(item.initial, item.type))
    return exp.Window(this=lag)
