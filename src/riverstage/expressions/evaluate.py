"""The evaluation of typed expressions in Python: the meaning that every engine agrees with.

It loads no SQL library. Where a value comes from is a ``Slot``: the scope of an expression binds names to slots, and
an environment gives their values for one row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from riverstage.expressions import meaning, typed
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.scope import Bound, Names
from riverstage.types import DataType, RowType

__all__ = ["Slot", "compare", "evaluate", "needs_fitting", "slots"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value comes from.

    Args:
        kind: A column of the row, a stage variable, or a system variable.
        name: Its name; ``link.name`` for a column where rows of several links are at hand.
    """

    kind: Literal["column", "variable", "system"]
    name: str


def slots(columns: Mapping[str, RowType]) -> Names:
    """Return the scope that binds the columns of links to slots named ``link.name``.

    Args:
        columns: The rows by the names of their links.
    """
    return Names(
        {
            link: {
                column.name: Bound(Slot("column", f"{link}.{column.name}"), column.type, column.nullable)
                for column in row
            }
            for link, row in columns.items()
        }
    )


def evaluate(node: typed.Typed, environment: Mapping[Slot, object] | None = None) -> Any:
    """Return the value of an expression.

    Args:
        node: The typed expression; its names are bound to slots.
        environment: The values of the slots.

    Returns:
        A Python scalar of the node's type, or None for null.

    Raises:
        ConversionFailed: If it cannot be computed.

    Example:
        >>> from riverstage.expressions.elaborate import elaborate
        >>> from riverstage.expressions.parser import parse
        >>> evaluate(elaborate(parse("Abs(12 - 34) : ' days'"), slots({})))
        '22 days'
    """
    return _Evaluator(environment or {}).value(node)


def compare(operator: str, left: Any, right: Any) -> bool:
    """Return whether two values that are not null stand in a relation; NaN equals itself and is above all numbers."""
    if isinstance(left, float) and math.isnan(left):
        left, right = (1, 1) if isinstance(right, float) and math.isnan(right) else (1, 0)
    elif isinstance(right, float) and math.isnan(right):
        left, right = 0, 1
    return bool(_RELATIONS[operator](left, right))


_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def needs_fitting(type: DataType) -> bool:
    """Return whether what a reference implementation returns may have to be cut or rounded to its declared type."""
    if type.kind in ("time", "timestamp"):
        return (type.scale or 0) < 6
    return type.kind in ("decimal", "float32") or (type.kind in ("string", "binary") and type.length is not None)


class _Evaluator:
    """Holds the environment on the way down a tree."""

    def __init__(self, environment: Mapping[Slot, object]) -> None:
        self.environment = environment

    def value(self, node: typed.Typed) -> Any:
        return _VALUES[type(node)](self, node)

    def constant(self, node: typed.Constant) -> Any:
        return node.value

    def reference(self, node: typed.Reference) -> Any:
        slot = node.bound.value
        if not isinstance(slot, Slot):
            raise TypeError(f"the scope gave {slot!r} for {node.name}, which is no slot")
        return self.environment[slot]

    def convert(self, node: typed.Convert) -> Any:
        return meaning.convert_value(self.value(node.operand), node.operand.type, node.type)

    def required(self, node: typed.Required) -> Any:
        value = self.value(node.operand)
        if value is None:
            raise ConversionFailed("A value is required, and it is null.")
        return value

    def negate(self, node: typed.Negate) -> Any:
        value = self.value(node.operand)
        if value is None:
            return None
        return meaning.arithmetic("-", 0, value, node.type) if not isinstance(value, float) else -value

    def arithmetic(self, node: typed.Arithmetic) -> Any:
        """Compute a chain of operators from its left end, in a loop."""
        spine: list[typed.Arithmetic] = []
        head: typed.Typed = node
        while isinstance(head, typed.Arithmetic):
            spine.append(head)
            head = head.left
        left = self.value(head)
        for step in reversed(spine):
            right = self.value(step.right)
            missing = left is None or right is None
            left = None if missing else meaning.arithmetic(step.operator, left, right, step.type)
        return left

    def concat(self, node: typed.Concat) -> Any:
        values = [self.value(operand) for operand in node.operands]
        return None if None in values else "".join(values)

    def compare(self, node: typed.Compare) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        return None if left is None or right is None else compare(node.operator, left, right)

    def matches(self, node: typed.Matches) -> Any:
        from riverstage.expressions.functions import _patterns

        text, pattern = self.value(node.text), self.value(node.pattern)
        return None if text is None or pattern is None else _patterns.matches(text, pattern)

    def slice(self, node: typed.Slice) -> Any:
        operands = [self.value(part) for part in typed.parts(node)]
        if None in operands:
            return None
        return meaning.last_characters(*operands) if node.first is None else meaning.substring(*operands)

    def negation(self, node: typed.Not) -> Any:
        value = self.value(node.operand)
        return None if value is None else not value

    def logical(self, node: typed.Logical) -> Any:
        """Compute a chain of And and Or from its left end; the right side only where the left does not decide."""
        spine: list[typed.Logical] = []
        head: typed.Typed = node
        while isinstance(head, typed.Logical):
            spine.append(head)
            head = head.left
        left = self.value(head)
        for step in reversed(spine):
            decides = step.operator == "or"
            if left is decides:
                continue
            right = self.value(step.right)
            left = decides if right is decides else None if left is None or right is None else not decides
        return left

    def choose(self, node: typed.Choose) -> Any:
        tail: typed.Typed = node
        while isinstance(tail, typed.Choose):
            if self.value(tail.condition):
                return self.value(tail.then)
            tail = tail.otherwise
        return self.value(tail)

    def call(self, node: typed.Call) -> Any:
        function = node.function
        values = [self.caught(argument) if function.catches else self.value(argument) for argument in node.arguments]
        if function.nulls == "propagate" and None in values:
            return None
        result = function.python(*values, returns=node.type) if function.targeted else function.python(*values)
        return meaning.convert_value(result, node.type, node.type) if needs_fitting(node.type) else result

    def caught(self, node: typed.Typed) -> Any:
        try:
            return self.value(node)
        except ConversionFailed:
            return None


_VALUES: Mapping[type[typed.Typed], Callable[[_Evaluator, Any], Any]] = {
    typed.Constant: _Evaluator.constant,
    typed.Reference: _Evaluator.reference,
    typed.Convert: _Evaluator.convert,
    typed.Required: _Evaluator.required,
    typed.Negate: _Evaluator.negate,
    typed.Arithmetic: _Evaluator.arithmetic,
    typed.Concat: _Evaluator.concat,
    typed.Compare: _Evaluator.compare,
    typed.Matches: _Evaluator.matches,
    typed.Slice: _Evaluator.slice,
    typed.Not: _Evaluator.negation,
    typed.Logical: _Evaluator.logical,
    typed.Choose: _Evaluator.choose,
    typed.Call: _Evaluator.call,
}
