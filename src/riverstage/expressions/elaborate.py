"""The typing of expressions: from the tree as written to the typed tree, with every name bound and conversion explicit.

All decisions about types, implicit conversions and nulls are taken here, once for every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal as OneOf

from riverstage.errors import ExpressionError, Place
from riverstage.expressions import tree
from riverstage.expressions._arguments import typed_call
from riverstage.expressions._conversions import converted, is_true, number, text, unify
from riverstage.expressions._types_of import arithmetic_type, compared
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.meaning import arithmetic
from riverstage.expressions.scope import Bound, Scope
from riverstage.expressions.typed import (
    Arithmetic,
    Choose,
    Compare,
    Concat,
    Constant,
    Logical,
    Matches,
    Negate,
    Not,
    Reference,
    Required,
    Slice,
    Typed,
    constant,
)
from riverstage.types import BOOLEAN, INT8, INT32, INT64, NULL, DataType, decimal, string

__all__ = ["NullRules", "assign", "comparison", "elaborate"]

NullRules = OneOf["propagate", "legacy"]


def elaborate(
    node: tree.Node, scope: Scope, *, target: DataType | None = None, nulls: NullRules = "propagate"
) -> Typed:
    """Return the typed tree of an expression.

    Args:
        node: The tree as parsed.
        scope: What its names stand for.
        target: The type of the column that it is for. Functions whose result has the precision and scale of their
            column take it from there; the result is not converted to it: ``assign`` does that.
        nulls: ``propagate``: a null makes the result null; ``legacy``: a null that is used makes the row fail, unless
            a function that handles nulls takes it or the expression is that column alone.

    Returns:
        The typed tree.

    Raises:
        ExpressionError: If a name or function is not known or types do not fit; ``place.position`` says where.
    """
    elaborator = _Elaborator(scope, nulls)
    if nulls == "legacy" and isinstance(node, tree.ColumnReference | tree.NameReference):
        return elaborator.reference(node)
    return elaborator.typed(node, target)


def assign(value: Typed, target: DataType, *, nullable: bool = True) -> Typed:
    """Return a value converted to the type of the column that takes it; null fails where the column is not nullable.

    Raises:
        ExpressionError: If no value of its type can be one of the target's.
    """
    result = converted(value, target)
    if nullable or not result.nullable:
        return result
    return Required(type=result.type, nullable=False, operand=result, start=value.start, end=value.end)


class _Elaborator:
    """Holds what does not change on the way down a tree."""

    def __init__(self, scope: Scope, nulls: NullRules) -> None:
        self.scope = scope
        self.legacy = nulls == "legacy"

    def typed(self, node: tree.Node, target: DataType | None = None) -> Typed:
        result = self._typed(node, target)
        if self.legacy and isinstance(result, Reference) and result.nullable:
            return Required(type=result.type, nullable=False, operand=result, start=node.start, end=node.end)
        return result

    def _typed(self, node: tree.Node, target: DataType | None) -> Typed:
        match node:
            case tree.Literal():
                return constant(node.type, node.value, start=node.start, end=node.end)
            case tree.Binary():
                return self._chain(node)
            case tree.Unary():
                return self._unary(node)
            case tree.If():
                return self._if(node, target)
            case tree.Substring():
                return self._substring(node)
            case tree.FunctionCall():
                return typed_call(node, self._argument, target)
            case _:
                return self.reference(node)

    def _argument(self, node: tree.Node, *, takes_null: bool) -> Typed:
        """Return an argument; one that a function takes even when null is never required under the legacy rules."""
        if takes_null and isinstance(node, tree.ColumnReference | tree.NameReference):
            return self.reference(node)
        return self.typed(node)

    def reference(self, node: tree.Node) -> Typed:
        name, bind = self._binding(node)
        if name == "@NULL":
            return constant(NULL, None, start=node.start, end=node.end)
        if name in ("@TRUE", "@FALSE"):
            return constant(INT8, int(name == "@TRUE"), start=node.start, end=node.end)
        try:
            bound = bind()
        except ExpressionError as error:
            raise placed(error, node) from error
        if bound.constant:
            return constant(bound.type, bound.value, start=node.start, end=node.end)
        return Reference(bound.type, bound.nullable, bound, name, start=node.start, end=node.end)

    def _binding(self, node: tree.Node) -> tuple[str, Callable[[], Bound]]:
        match node:
            case tree.ColumnReference():
                return f"{node.link}.{node.name}", lambda: self.scope.resolve(node.link, node.name)
            case tree.NameReference():
                return node.name, lambda: self.scope.resolve(None, node.name)
            case tree.ParameterReference():
                name = node.name if node.set is None else f"{node.set}.{node.name}"
                return name, lambda: self.scope.parameter(node.set, node.name)
            case tree.SystemVariable():
                return node.name, lambda: self.scope.system(node.name)
            case tree.Macro():
                return node.name, lambda: self.scope.macro(node.name)
        raise TypeError(f"{type(node).__name__} is no reference")

    def _chain(self, node: tree.Binary) -> Typed:
        """Type a chain of operators from its left end, in a loop: long ones are real."""
        spine: list[tree.Binary] = []
        head: tree.Node = node
        while isinstance(head, tree.Binary):
            spine.append(head)
            head = head.left
        left = self.typed(head)
        for link in reversed(spine):
            left = self._binary(link, left, self.typed(link.right))
        return left

    def _binary(self, node: tree.Binary, left: Typed, right: Typed) -> Typed:
        span = {"start": node.start, "end": node.end}
        match node.operator:
            case "+" | "-" | "*" | "/" | "^":
                return _arithmetic(node.operator, left, right, span)
            case ":":
                return _concat(left, right, span)
            case "and" | "or":
                left, right = is_true(left), is_true(right)
                return Logical(BOOLEAN, left.nullable or right.nullable, node.operator, left, right, **span)
            case "matches":
                left, right = text(left), text(right)
                return Matches(BOOLEAN, left.nullable or right.nullable, left, right, **span)
        return _compare(node.operator, left, right, span)

    def _unary(self, node: tree.Unary) -> Typed:
        span = {"start": node.start, "end": node.end}
        operand = self.typed(node.operand)
        if node.operator == "not":
            operand = is_true(operand)
            return Not(BOOLEAN, operand.nullable, operand, **span)
        operand = number(operand, INT32)
        if node.operator == "+":
            return replace(operand, start=node.start, end=node.end)
        if isinstance(operand, Constant) and isinstance(operand.value, int | float | Decimal):
            negative = operand.value.copy_negate() if isinstance(operand.value, Decimal) else -operand.value
            return constant(operand.type, negative, **span)
        result = operand.type
        if result.is_integer:
            result = arithmetic_type("-", INT8, operand.type)
        return Negate(result, operand.nullable or result == INT64, operand, **span)

    def _if(self, node: tree.If, target: DataType | None) -> Typed:
        """Type a chain of Ifs from its end, in a loop."""
        chain: list[tree.If] = []
        tail: tree.Node = node
        while isinstance(tail, tree.If):
            chain.append(tail)
            tail = tail.otherwise
        conditions = [is_true(self.typed(link.condition)) for link in chain]
        values = unify([*(self.typed(link.then, target) for link in chain), self.typed(tail, target)])
        result = values[-1]
        for link, condition, then in zip(reversed(chain), reversed(conditions), reversed(values[:-1]), strict=True):
            nullable = then.nullable or result.nullable
            result = Choose(then.type, nullable, condition, then, result, start=link.start, end=link.end)
        return result

    def _substring(self, node: tree.Substring) -> Typed:
        whole = text(self.typed(node.text))
        first = None if node.first is None else converted(self.typed(node.first), INT64)
        length = converted(self.typed(node.length), INT64)
        nullable = any(part.nullable for part in (whole, first, length) if part is not None)
        return Slice(whole.type, nullable, whole, first, length, start=node.start, end=node.end)


def placed(error: ExpressionError, node: tree.Node | Typed) -> ExpressionError:
    """Return an error with the place of a node, unless it has one."""
    if error.place.position is not None:
        return error
    return ExpressionError(error.message, code=error.code, place=Place(position=node.start), mend=error.mend)


def _arithmetic(operator: OneOf["+", "-", "*", "/", "^"], left: Typed, right: Typed, span: dict[str, int]) -> Typed:
    left, right = number(left, right.type), number(right, left.type)
    if operator in ("+", "-", "*") and "decimal" in (left.type.kind, right.type.kind):
        left, right = _narrow(left), _narrow(right)
    result = arithmetic_type(operator, left.type, right.type)
    if isinstance(left, Constant) and isinstance(right, Constant) and None not in (left.value, right.value):
        try:
            return constant(result, arithmetic(operator, left.value, right.value, result), **span)
        except ConversionFailed:
            pass  # it fails at run time, where it is used at all
    nullable = left.nullable or right.nullable or operator in ("/", "^") or not result.is_float
    return Arithmetic(result, nullable, operator, left, right, **span)


def _narrow(value: Typed) -> Typed:
    """Return a whole constant beside a decimal with as many digits as it has, so that the result needs no more."""
    if not isinstance(value, Constant) or not isinstance(value.value, int) or not value.type.is_integer:
        return value
    return replace(value, type=decimal(len(str(abs(value.value)))), value=Decimal(value.value))


def _concat(left: Typed, right: Typed, span: dict[str, int]) -> Typed:
    operands: list[Typed] = []
    for side in (left, right):
        operands.extend(side.operands if isinstance(side, Concat) else [text(side)])
    lengths = [operand.type.length for operand in operands]
    length = None if None in lengths else sum(each for each in lengths if each is not None)
    return Concat(string(length), any(operand.nullable for operand in operands), tuple(operands), **span)


def _compare(
    operator: OneOf["=", "<>", "<", ">", "<=", ">="], left: Typed, right: Typed, span: dict[str, int]
) -> Typed:
    left, right = comparison(left, right)
    return Compare(BOOLEAN, left.nullable or right.nullable, operator, left, right, **span)


def comparison(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Return two sides as the types that they are compared as.

    A constant text beside a number is that very number, not one of a wide decimal.

    Raises:
        ExpressionError: If they cannot be compared.
    """
    if left.type.is_text and right.type.kind != "string" and isinstance(left, Constant):
        left = _like(left, right)
    elif right.type.is_text and left.type.kind != "string" and isinstance(right, Constant):
        right = _like(right, left)
    types = compared(left.type, right.type)
    if types is None:
        raise ExpressionError(
            f"A {left.type} cannot be compared with a {right.type}.",
            code="RS-3005",
            place=Place(position=left.start),
            mend="Convert one of them first.",
        )
    return converted(left, types[0]), converted(right, types[1])


def _like(constant: Constant, other: Typed) -> Typed:
    return number(constant, other.type) if other.type.is_numeric else constant
