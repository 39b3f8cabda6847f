"""Stage variables with state: the kernel that computes them row by row, with all that needs no state left to SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from riverstage.expressions import typed
from riverstage.expressions.elaborate import elaborate
from riverstage.expressions.evaluate import Slot
from riverstage.expressions.python_code import FAILED, KernelProgram
from riverstage.expressions.python_code import Output as KernelOutput
from riverstage.expressions.python_code import Variable as KernelVariable
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.translate import to_sql
from riverstage.plan import Kernel
from riverstage.stages._transformer_model import Model, Variable, previous_column, variable_column
from riverstage.stages._transformer_scope import names
from riverstage.types import BOOLEAN, INT64, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["FAILED", "StateKernel", "kernel_of"]

_DEEPEST = 100
_IN_ROW = Slot("system", "@INROWNUM")


@dataclass(frozen=True, slots=True)
class StateKernel:
    """A kernel and what it needs.

    Args:
        link: The link that it writes.
        program: What it computes.
        row: What it gives.
        hoisted: Parts of its expressions that need no state, as SQL, by the name of the column that brings them.
        reads: Names of the columns that it reads or hands on.
        reason: Why it is no SQL.
    """

    link: str
    program: KernelProgram
    row: RowType
    hoisted: tuple[tuple[Column, exp.Expression], ...]
    reads: frozenset[str]
    reason: str

    def node(self, stage: str, below: str) -> Kernel:
        """Return it as a node of the plan."""
        return Kernel(stage, self.link, below, self.program, self.row, self.reason)


def kernel_of(model: Model, link: str, passing: list[Column], at_hand: list[Column]) -> StateKernel:
    """Return the kernel of a Transformer's stage variables.

    Args:
        model: The Transformer.
        link: The link that the kernel writes.
        passing: Columns that are needed behind it.
        at_hand: Columns that its input can have.
    """
    maker = _Maker(model, {column.name: column for column in at_hand})
    variables = tuple(maker.variable(item) for item in maker.members)
    stateful = [item for item in model.variables if item.has_state]
    outputs = tuple(
        KernelOutput(
            variable_column(item.name),
            typed.Reference(item.type, True, _bound(Slot("variable", item.name), item.type), item.name),  # noqa: FBT003
            item.type,
        )
        for item in stateful
    )
    inputs = tuple((name, maker.used[name].type) for name in maker.used)
    program = KernelProgram(inputs, variables, outputs, tuple(column.name for column in passing))
    row = RowType(
        (
            *passing,
            *(Column(variable_column(item.name), item.type) for item in stateful),
            Column(FAILED, BOOLEAN, nullable=False),
        )
    )
    said = ", ".join(f"'{item.name}'" for item in stateful)
    reason = f"stage variables that remember earlier rows: {said}"
    reads = frozenset(maker.used) | {column.name for column in passing}
    return StateKernel(link, program, row, tuple(maker.hoisted), reads, reason)


def _bound(slot: Slot, type: Any, *, nullable: bool = True) -> Bound:
    return Bound(slot, type, nullable)


class _Maker:
    def __init__(self, model: Model, at_hand: dict[str, Column]) -> None:
        self.model = model
        self.at_hand = at_hand
        self.used: dict[str, Column] = {}
        self.hoisted: list[tuple[Column, exp.Expression]] = []
        self.members = [item for item in model.variables if item.has_state]

    def _scope(self, within: Variable) -> Names:
        """Return the scope in which names are places of a kernel's row."""
        variables: dict[str, Bound] = {}
        for item in self.model.variables:
            if item.has_state:
                variables[item.name] = _bound(Slot("variable", item.name), item.type)
            elif item.index >= within.index:
                variables[item.name] = _bound(Slot("column", previous_column(item.name)), item.type)
            elif item.constant is not None:
                variables[item.name] = item.constant
            else:
                variables[item.name] = _bound(Slot("column", variable_column(item.name)), item.type)
        source = self.model.ctx.primary
        columns = {
            source.name: {
                column.name: _bound(Slot("column", column.name), column.type, nullable=column.nullable)
                for column in source.row
            }
        }
        system = {
            "@INROWNUM": _bound(_IN_ROW, INT64, nullable=False),
            "@ITERATION": Bound(1, INT64, nullable=False, constant=True),
        }
        return names(self.model.ctx, columns, variables, system)

    def variable(self, item: Variable) -> KernelVariable:
        """Return a stage variable as the kernel computes it."""
        if item.tree is None or item.sql_typed is None:
            message = f"the stage variable {item.name} has no expression"
            raise TypeError(message)
        node = elaborate(item.tree, self._scope(item), target=item.settings.type)
        node = self._hoist(node, item.sql_typed)
        for part in typed.walk(node):
            if isinstance(part, typed.Reference) and isinstance(part.bound.value, Slot):
                slot = part.bound.value
                if slot.kind == "column":
                    self.used.setdefault(slot.name, self.at_hand.get(slot.name) or Column(slot.name, part.type))
        return KernelVariable(item.name, node, item.type, item.initial)

    def _hoist(self, node: typed.Typed, twin: typed.Typed, depth: int = 0) -> typed.Typed:
        """Replace the parts of an expression that need no state by columns that SQL computes.

        ``twin`` is the same expression over SQL columns: both trees have the same shape. What stands very deep stays.
        """
        if type(node) is not type(twin) or depth > _DEEPEST:
            return node
        if not _needs_state(node) and not isinstance(node, typed.Reference | typed.Constant | typed.Required):
            value = to_sql(twin)
            if value.fails_when is None and value.deterministic and value.type == node.type:
                column = Column(f"#e.{len(self.hoisted)}", node.type, value.nullable)
                self.hoisted.append((column, value.value))
                self.at_hand[column.name] = column
                bound = _bound(Slot("column", column.name), node.type, nullable=value.nullable)
                return typed.Reference(node.type, value.nullable, bound, column.name)
        children, twins = typed.parts(node), typed.parts(twin)
        if len(children) != len(twins):
            return node
        changed = iter([self._hoist(child, other, depth + 1) for child, other in zip(children, twins, strict=True)])
        return _with_parts(node, lambda: next(changed))


def _needs_state(node: typed.Typed) -> bool:
    """Return whether an expression uses a stage variable of the kernel, or the number of the row."""
    slots = [part.bound.value for part in typed.walk(node) if isinstance(part, typed.Reference)]
    return any(isinstance(slot, Slot) and slot.kind != "column" for slot in slots)


def _with_parts(node: typed.Typed, following: Callable[[], typed.Typed]) -> typed.Typed:
    """Return a node with the nodes below it replaced, in their order."""
    changes: dict[str, Any] = {}
    for item in fields(node):  # ``parts`` gives them in the order of the fields
        value = getattr(node, item.name)
        if isinstance(value, typed.Typed):
            changes[item.name] = following()
        elif isinstance(value, tuple) and value and all(isinstance(each, typed.Typed) for each in value):
            changes[item.name] = tuple(following() for _ in value)
    return replace(node, **changes) if changes else node
