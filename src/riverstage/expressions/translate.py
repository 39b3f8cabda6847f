"""The translation of expressions to SQL: a value that never raises, and the condition under which it has failed.

What engines disagree on becomes one of our own calls (``nodes.call``), which an engine lowers: every function by its
name in lower case, and ``convert_value``, ``integer_add``, ``integer_subtract``, ``integer_multiply``, ``decimal_add``,
``decimal_subtract``, ``decimal_multiply``, ``power``, ``matches``, ``substring`` and ``last_characters``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from riverstage.expressions import _conversions, nodes, typed
from riverstage.expressions._arguments import gives_null
from riverstage.expressions._result import Result, strict
from riverstage.expressions._sql import any_of, cast, constant, is_null, paren
from riverstage.expressions._types_of import as_decimal
from riverstage.expressions.elaborate import NullRules, elaborate
from riverstage.expressions.meaning import exact_digits, integer_bounds
from riverstage.expressions.parser import parse
from riverstage.expressions.translated import Translated
from riverstage.types import FLOAT64, DataType

if TYPE_CHECKING:
    from riverstage.expressions.scope import Scope
    from riverstage.expressions.tree import Node

__all__ = ["assigned", "condition", "convert", "to_sql", "translate"]

_ARITHMETIC: dict[str, tuple[type[exp.Expression], str]] = {
    "+": (exp.Add, "add"),
    "-": (exp.Sub, "subtract"),
    "*": (exp.Mul, "multiply"),
}
_COMPARE: dict[str, type[exp.Expression]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, ">": exp.GT, "<=": exp.LTE, ">=": exp.GTE,
}  # fmt: skip
_INT64 = 2**63 - 1


def translate(
    node: Node | str, scope: Scope, *, target: DataType | None = None, nulls: NullRules = "propagate"
) -> Translated:
    """Return an expression as SQL.

    Args:
        node: The tree of the expression, or its text.
        scope: What its names stand for; bound values are SQL trees.
        target: The type of the column that it is for, which some functions take their result's type from. The value
            is not converted to it yet: ``convert`` does that.
        nulls: Which null rules hold.

    Returns:
        The value, its type, and where it fails.

    Raises:
        ExpressionError: If it cannot be read or typed.
    """
    tree = parse(node) if isinstance(node, str) else node
    return to_sql(elaborate(tree, scope, target=target, nulls=nulls))


def condition(node: Node | str, scope: Scope, *, nulls: NullRules = "propagate") -> Translated:
    """Return an expression as a boolean, as the constraint of a link takes it; rows pass only where it is true.

    Raises:
        ExpressionError: If it cannot be read or typed.
    """
    tree = parse(node) if isinstance(node, str) else node
    return to_sql(_conversions.is_true(elaborate(tree, scope, nulls=nulls)))


def to_sql(value: typed.Typed) -> Translated:
    """Return a typed tree as SQL."""
    result = _result(value)
    return Translated(result.value, result.type, result.nullable, result.fails_when, result.deterministic)


def assigned(value: typed.Typed, target: DataType, *, nullable: bool = True) -> Translated:
    """Return a typed tree as SQL, converted to the type of the column that takes it.

    What ``convert`` makes of ``to_sql``, with the failures of both said in one.

    Raises:
        ExpressionError: If no value of its type can be one of the target's.
    """
    return _assigned(_result(value), target, nullable=nullable)


def convert(value: Translated, target: DataType, *, nullable: bool = True) -> Translated:
    """Return a value as the type of the column that takes it.

    Digits without room behind the point are rounded half away from zero, texts that are too long are cut, numbers
    that do not fit fail. With ``nullable=False`` null fails too.

    Raises:
        ExpressionError: If no value of its type can be one of the target's.
    """
    origins = (value.value,) if value.nullable else ()
    start = Result(
        value.value, value.type, value.nullable, value.fails_when, origins, deterministic=value.deterministic
    )
    return _assigned(start, target, nullable=nullable)


def _assigned(start: Result, target: DataType, *, nullable: bool) -> Translated:
    source = typed.Typed(start.type, start.nullable)
    result = start if _conversions.converted(source, target) is source else _converted(start, target)
    fails = result.fails_when
    if not nullable and result.nullable:
        # Where it is null it has failed, or null is not taken: both are failures.
        fails = any_of([result.failed, is_null(result.value)])
    return Translated(result.value, target, result.nullable, fails, result.deterministic)


def _result(node: typed.Typed) -> Result:
    return _RESULTS[type(node)](node)


def _constant(node: typed.Constant) -> Result:
    limit = abs(node.value) if isinstance(node.value, int) else None
    return Result(constant(node.value, node.type), node.type, node.nullable, limit=limit, fixed=True)


def _reference(node: typed.Reference) -> Result:
    value = node.bound.value
    if not isinstance(value, exp.Expression):
        raise TypeError(f"the scope gave {value!r} for {node.name}, which is no SQL")
    origins = (value,) if node.nullable else ()
    deterministic = node.bound.deterministic
    return Result(nodes.copied(value), node.type, node.nullable, origins=origins, deterministic=deterministic)


def _convert(node: typed.Convert) -> Result:
    return _converted(_result(node.operand), node.type)


def _converted(operand: Result, target: DataType) -> Result:
    source = operand.type
    can_fail = _conversions.can_fail(source, target)
    plain = not can_fail and _is_plain(source, target)
    value = cast(operand.value, target) if plain else _converted_call(operand, target)
    limit = operand.limit if source.is_integer and target.is_integer else None
    return strict(value, target, [operand], can_fail=can_fail, limit=limit)


def _is_plain(source: DataType, target: DataType) -> bool:
    """Return whether every engine's cast is the language's conversion."""
    if target.kind == "timestamp":
        return source.kind == "date"
    if target.is_integer:
        return source.is_integer or source.kind == "boolean"
    if target.kind == "decimal":
        return not source.is_float
    return target.kind == "float64" and source.kind != "string"


def _converted_call(operand: Result, target: DataType) -> exp.Expression:
    if operand.type.kind == "null":
        return cast(exp.Null(), target)
    return nodes.call("convert_value", operand.value, types=(operand.type,), returns=target)


def _required(node: typed.Required) -> Result:
    operand = _result(node.operand)
    failed = any_of([operand.failed, is_null(operand.value)])
    return Result(operand.value, node.type, nullable=True, failed=failed, origins=(operand.value,), limit=operand.limit)


def _limit(operand: Result) -> int:
    """Return the greatest magnitude of a whole number."""
    if operand.limit is not None:
        return operand.limit
    low, high = integer_bounds(operand.type)
    return max(-low, high)


def _negate(node: typed.Negate) -> Result:
    operand = _result(node.operand)
    if not node.type.is_integer:
        return strict(exp.Neg(this=paren(_as(operand, node.type))), node.type, [operand], can_fail=False)
    zero = Result(constant(0, operand.type), operand.type, nullable=False, limit=0, fixed=True)
    return _whole("-", zero, operand, node.type)


def _arithmetic(node: typed.Arithmetic) -> Result:
    """Translate a chain of operators from its left end, in a loop."""
    spine: list[typed.Arithmetic] = []
    head: typed.Typed = node
    while isinstance(head, typed.Arithmetic):
        spine.append(head)
        head = head.left
    left = _result(head)
    for step in reversed(spine):
        left = _step(step, left, _result(step.right))
    return left


def _step(node: typed.Arithmetic, left: Result, right: Result) -> Result:
    if node.type.is_integer:
        return _whole(node.operator, left, right, node.type)
    if node.type.kind == "decimal":
        return _exact(node.operator, left, right, node.type)
    values = [_as(side, FLOAT64) for side in (left, right)]
    if node.operator == "^":
        power = nodes.call("power", *values, types=(FLOAT64, FLOAT64), returns=FLOAT64)
        return strict(power, FLOAT64, [left, right], can_fail=True)
    if node.operator == "/":
        divisor = exp.Nullif(this=values[1], expression=constant(0, FLOAT64))
        can_fail = not (
            right.fixed and right.limit != 0 and isinstance(node.right, typed.Constant) and node.right.value
        )
        value = exp.Div(this=paren(values[0]), expression=divisor if can_fail else values[1])
        return strict(value, FLOAT64, [left, right], can_fail=can_fail)
    kind, _ = _ARITHMETIC[node.operator]
    return strict(kind(this=paren(values[0]), expression=paren(values[1])), FLOAT64, [left, right], can_fail=False)


def _as(operand: Result, type: DataType) -> exp.Expression:
    return operand.value if operand.type == type else cast(operand.value, type)


def _whole(operator: str, left: Result, right: Result, returns: DataType) -> Result:
    """Compute with whole numbers, by the engine's plain operator where the result cannot leave the type."""
    sizes = _limit(left), _limit(right)
    limit = sizes[0] * sizes[1] if operator == "*" else sizes[0] + sizes[1]
    kind, name = _ARITHMETIC[operator]
    _, high = integer_bounds(returns)
    if limit <= high:
        value: exp.Expression = kind(this=paren(_as(left, returns)), expression=paren(_as(right, returns)))
        return strict(value, returns, [left, right], can_fail=False, limit=limit)
    value = nodes.call(f"integer_{name}", left.value, right.value, types=(left.type, right.type), returns=returns)
    return strict(value, returns, [left, right], can_fail=True)


def _exact(operator: str, left: Result, right: Result, returns: DataType) -> Result:
    """Compute with decimals; where 38 digits do not hold every exact result it may fail."""
    types = as_decimal(left.type), as_decimal(right.type)
    values = [_as(side, wanted) for side, wanted in zip((left, right), types, strict=True)]
    _, name = _ARITHMETIC[operator]
    value = nodes.call(f"decimal_{name}", *values, types=types, returns=returns)
    return strict(value, returns, [left, right], can_fail=exact_digits(operator, *types) > 38)


def _concat(node: typed.Concat) -> Result:
    operands = [_result(operand) for operand in node.operands]
    value = paren(operands[0].value)
    for operand in operands[1:]:
        value = exp.DPipe(this=value, expression=paren(operand.value))
    return strict(value, node.type, operands, can_fail=False)


def _compare(node: typed.Compare) -> Result:
    left, right = _result(node.left), _result(node.right)
    value = _COMPARE[node.operator](this=paren(left.value), expression=paren(right.value))
    return strict(value, node.type, [left, right], can_fail=False)


def _matches(node: typed.Matches) -> Result:
    operands = [_result(node.text), _result(node.pattern)]
    return _strict_call("matches", operands, node.type, can_fail=False)


def _slice(node: typed.Slice) -> Result:
    if node.first is None:
        return _strict_call("last_characters", [_result(node.text), _result(node.length)], node.type, can_fail=False)
    operands = [_result(node.text), _result(node.first), _result(node.length)]
    return _strict_call("substring", operands, node.type, can_fail=False)


def _strict_call(name: str, operands: list[Result], returns: DataType, *, can_fail: bool) -> Result:
    types = tuple(operand.type for operand in operands)
    value = nodes.call(name, *(operand.value for operand in operands), types=types, returns=returns)
    return strict(value, returns, operands, can_fail=can_fail)


def _not(node: typed.Not) -> Result:
    operand = _result(node.operand)
    return strict(exp.Not(this=paren(operand.value)), node.type, [operand], can_fail=False)


def _logical(node: typed.Logical) -> Result:
    """Translate a chain of And and Or from its left end; the right side fails only where the left does not decide."""
    spine: list[typed.Logical] = []
    head: typed.Typed = node
    while isinstance(head, typed.Logical):
        spine.append(head)
        head = head.left
    left = _result(head)
    for step in reversed(spine):
        left = _joined(step, left, _result(step.right))
    return left


def _joined(node: typed.Logical, left: Result, right: Result) -> Result:
    is_and = node.operator == "and"
    right_fails = right.fails_when
    if right_fails is not None:
        undecided = exp.NullSafeNEQ(this=paren(nodes.copied(left.value)), expression=exp.Boolean(this=not is_and))
        right_fails = exp.And(this=undecided, expression=exp.Paren(this=right_fails))
    failed = any_of([left.fails_when, right_fails])
    kind = exp.And if is_and else exp.Or
    sides = [exp.Paren(this=side) if isinstance(side, exp.Connector) else side for side in (left.value, right.value)]
    if isinstance(left.value, kind):
        sides[0] = left.value
    value = kind(this=sides[0], expression=sides[1])
    deterministic = left.deterministic and right.deterministic
    return _own(value, node.type, nullable=left.nullable or right.nullable, failed=failed, deterministic=deterministic)


def _own(
    value: exp.Expression, type: DataType, *, nullable: bool, failed: exp.Expression | None, deterministic: bool
) -> Result:
    """Return a value that begins a chain of its own: null in it does not mean null in its operands."""
    return Result(value, type, nullable, failed, (value,) if nullable else (), deterministic=deterministic)


def _choose(node: typed.Choose) -> Result:
    """Translate a chain of Ifs to one CASE, and its failures to another that takes the same way."""
    values: list[exp.If] = []
    failures: list[exp.If] = []
    seen: list[Result] = []
    tail: typed.Typed = node
    while isinstance(tail, typed.Choose):
        test, then = _result(tail.condition), _result(tail.then)
        values.append(exp.If(this=test.value, true=then.value))
        if (test_fails := test.fails_when) is not None:
            failures.append(exp.If(this=test_fails, true=exp.Boolean(this=True)))
        failures.append(exp.If(this=nodes.copied(test.value), true=then.fails_when or exp.Boolean(this=False)))
        seen += [test, then]
        tail = tail.otherwise
    last = _result(tail)
    seen.append(last)
    failed = None
    if any(result.fails_when is not None for result in seen):
        failed = exp.Case(ifs=failures, default=last.fails_when or exp.Boolean(this=False))
    value = exp.Case(ifs=values, default=last.value)
    nullable = any(result.nullable for result in seen[1::2]) or last.nullable
    deterministic = all(result.deterministic for result in seen)
    return _own(value, node.type, nullable=nullable, failed=failed, deterministic=deterministic)


def _call(node: typed.Call) -> Result:
    function = node.function
    operands = [_result(argument) for argument in node.arguments]
    if function.name in ("IsNull", "IsNotNull"):
        value = is_null(operands[0].value)
        if function.name == "IsNotNull":
            value = exp.Not(this=value)
        return _own(
            value, node.type, nullable=False, failed=operands[0].fails_when, deterministic=operands[0].deterministic
        )
    types = tuple(operand.type for operand in operands)
    name = function.name.lower()
    value = nodes.call(name, *(operand.value for operand in operands), types=types, returns=node.type)
    if not gives_null(function):
        return strict(value, node.type, operands, can_fail=function.can_fail, deterministic=function.deterministic)
    failed = None if function.catches else any_of(operand.fails_when for operand in operands)
    if function.can_fail:
        present = [exp.Not(this=is_null(operand.value)) for operand in operands if operand.nullable]
        own: exp.Expression = is_null(value)
        for condition_ in present:
            own = exp.And(this=own, expression=condition_)
        failed = any_of([failed, own])
    deterministic = function.deterministic and all(operand.deterministic for operand in operands)
    return _own(value, node.type, nullable=node.nullable, failed=failed, deterministic=deterministic)


_RESULTS: dict[type[typed.Typed], Callable[..., Result]] = {
    typed.Constant: _constant,
    typed.Reference: _reference,
    typed.Convert: _convert,
    typed.Required: _required,
    typed.Negate: _negate,
    typed.Arithmetic: _arithmetic,
    typed.Concat: _concat,
    typed.Compare: _compare,
    typed.Matches: _matches,
    typed.Slice: _slice,
    typed.Not: _not,
    typed.Logical: _logical,
    typed.Choose: _choose,
    typed.Call: _call,
}
