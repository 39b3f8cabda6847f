"""Python source made of typed expressions: straight statements on local names, no interpretation of trees left.

Text of users never becomes code: strings and names come in as literals made by ``repr`` and as mangled identifiers.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from riverstage.expressions import meaning, typed
from riverstage.expressions._conversions import can_fail
from riverstage.expressions.evaluate import Slot, evaluate, needs_fitting
from riverstage.expressions.functions import _patterns
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.meaning import integer_bounds
from riverstage.types import DataType

__all__ = ["Source", "Value", "identifier"]

_DEEPEST = 12  # loops and try blocks inside each other; Python takes 20
_WITH_DEFAULT = frozenset({"NullToValue", "NullToZero", "NullToEmpty", "HandleNull"})
_INDENTED = 60  # levels of indentation; Python takes 100


_HELPERS: dict[str, Any] = {
    "Failed": ConversionFailed,
    "arithmetic": meaning.arithmetic,
    "convert": meaning.convert_value,
    "evaluate": evaluate,
    "last_characters": meaning.last_characters,
    "matches": _patterns.matches,
    "substring": meaning.substring,
}


def identifier(prefix: str, name: str) -> str:
    """Return a Python name for any name; the prefix keeps it apart from others."""
    plain = re.sub(r"[^0-9A-Za-z_]", "_", name)[:40].strip("_")
    found = f"{prefix}_{plain}" if plain else prefix
    return f"{found}_" if keyword.iskeyword(found) else found


@dataclass(frozen=True, slots=True)
class Value:
    """What a node became.

    Args:
        text: An expression without side effects that cannot fail.
        nullable: Whether it can be None.
        simple: Whether it is a name or a constant, so that it may be written twice.
    """

    text: str
    nullable: bool
    simple: bool = True


@dataclass(slots=True)
class Source:
    """Source code in the making.

    Args:
        names: The local names of slots.
        lines: The lines so far.
        constants: Objects that the code refers to by name.
        depth: Indentation of the next line.
        never_null: The slots that hold no null.
        unchecked: Ids of the whole-number steps that are not checked against their type.
        may_fail: Whether a line since it was last reset can raise ``ConversionFailed``.
    """

    names: Mapping[Slot, str]
    lines: list[str] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=lambda: dict(_HELPERS))
    depth: int = 0
    never_null: frozenset[Slot] = frozenset()
    unchecked: frozenset[int] = frozenset()
    may_fail: bool = False
    _count: int = 0
    _blocks: int = 0

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a line with what is added meanwhile indented under it."""
        self.line(head)
        self.depth += 1
        yield
        self.depth -= 1

    def temporary(self) -> str:
        """Return a fresh local name."""
        self._count += 1
        return f"t{self._count}"

    def constant(self, value: Any, prefix: str = "k") -> str:
        """Return the name of an object."""
        for name, known in self.constants.items():
            if known is value and name not in _HELPERS:
                return name
        name = f"{prefix}{len(self.constants)}"
        self.constants[name] = value
        return name

    def value(self, node: typed.Typed) -> Value:
        """Add the statements that a node needs and return its value."""
        if self.depth > _INDENTED and not isinstance(node, typed.Constant | typed.Reference):
            return _interpreted(self, node)
        compiled: Value = _COMPILE[type(node)](self, node)
        return compiled

    def apart(self, node: typed.Typed) -> tuple[Value, list[str]]:
        """Return a node's value and the statements that it needs, indented one step, without adding them."""
        before, self.lines = self.lines, []
        self.depth += 1
        value = self.value(node)
        self.depth -= 1
        lines, self.lines = self.lines, before
        return value, lines

    def named(self, node: typed.Typed) -> Value:
        """Return a node's value as a name or constant."""
        return self._simple(self.value(node))

    def _simple(self, value: Value) -> Value:
        if value.simple:
            return value
        name = self.temporary()
        self.line(f"{name} = {value.text}")
        return Value(name, value.nullable)

    def guarded(self, operands: Sequence[Value], text: str) -> Value:
        """Return an expression that is None where one of its operands is."""
        checks = dict.fromkeys(f"{operand.text} is None" for operand in operands if operand.nullable)
        if not checks:
            return Value(text, nullable=False, simple=False)
        return Value(f"(None if {' or '.join(checks)} else {text})", nullable=True, simple=False)

    def failing(self, operands: Sequence[Value], text: str) -> Value:
        """Return the value of an expression that may raise, computed here and now."""
        self.may_fail = True
        value = self.guarded(operands, text)
        name = self.temporary()
        self.line(f"{name} = {value.text}")
        return Value(name, value.nullable)

    def fail_unless(self, condition: str) -> None:
        """Add the check that makes the expression fail where a condition is false."""
        self.may_fail = True
        with self.block(f"if not ({condition}):"):
            self.line("raise Failed")

    @contextmanager
    def present(self, operands: Sequence[Value], result: str) -> Iterator[bool]:
        """Add statements for the case that no operand is None; ``result`` is None otherwise."""
        checks = dict.fromkeys(f"{operand.text} is None" for operand in operands if operand.nullable)
        if not checks:
            yield False
            return
        with self.block(f"if {' or '.join(checks)}:"):
            self.line(f"{result} = None")
        with self.block("else:"):
            yield True


def _constant(source: Source, node: typed.Constant) -> Value:
    value = node.value
    if value is None:
        return Value("None", nullable=True)
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        text = repr(value)
        return Value(f"({text})" if text.startswith("-") else text, nullable=False)
    return Value(source.constant(value), nullable=False)


def _reference(source: Source, node: typed.Reference) -> Value:
    slot = node.bound.value
    if not isinstance(slot, Slot):
        raise TypeError(f"the scope gave {slot!r} for {node.name}, which is no slot")
    return Value(source.names[slot], nullable=slot not in source.never_null)


def _convert(source: Source, node: typed.Convert) -> Value:
    operand, wanted, given = source.named(node.operand), node.type, node.operand.type
    fails = can_fail(given, wanted)
    if given.kind == "null":
        return Value("None", nullable=True)
    if given.is_integer and wanted.is_integer and not fails:
        return operand
    if (given.is_integer or given.is_float) and wanted.kind == "float64":
        return source.guarded([operand], f"float({operand.text})")
    if given.is_integer and wanted.kind == "string" and wanted.length is None:
        return source.guarded([operand], f"str({operand.text})")
    if given.is_text and wanted.is_text and wanted.length is not None:
        return source.guarded([operand], f"{operand.text}[:{wanted.length}]")
    if given.is_integer and wanted.is_integer:
        low, high = integer_bounds(wanted)
        result = source.temporary()
        with source.present([operand], result):
            source.fail_unless(f"{low} <= {operand.text} <= {high}")
            source.line(f"{result} = {operand.text}")
        return Value(result, operand.nullable)
    text = f"convert({operand.text}, {source.constant(given)}, {source.constant(wanted)})"
    return source.failing([operand], text) if fails else source.guarded([operand], text)


def _required(source: Source, node: typed.Required) -> Value:
    operand = source.named(node.operand)
    if operand.nullable:
        source.fail_unless(f"{operand.text} is not None")
    return Value(operand.text, nullable=False)


def _negate(source: Source, node: typed.Negate) -> Value:
    operand = source.named(node.operand)
    if node.type.is_float:
        return source.guarded([operand], f"-{operand.text}")
    if node.type.is_integer:
        return _whole(source, node.type, operand, f"-{operand.text}", _reach(node.operand))
    text = f'arithmetic("-", 0, {operand.text}, {source.constant(node.type)})'
    return source.failing([operand], text)


def _arithmetic(source: Source, node: typed.Arithmetic) -> Value:
    """Compile a chain of operators from its left end, in a loop."""
    spine: list[typed.Arithmetic] = []
    head: typed.Typed = node
    while isinstance(head, typed.Arithmetic):
        spine.append(head)
        head = head.left
    left = source.value(head)
    for step in reversed(spine):
        left = _step(source, step, source._simple(left), source.named(step.right))
    return left


def _step(source: Source, node: typed.Arithmetic, left: Value, right: Value) -> Value:
    if node.type.is_integer:
        reach = (_reach(node.left), _reach(node.right))
        limit = reach[0] * reach[1] if node.operator == "*" else reach[0] + reach[1]
        if id(node) in source.unchecked:
            limit = 0
        return _whole(source, node.type, (left, right), f"{left.text} {node.operator} {right.text}", limit)
    if node.type.is_float and node.operator in ("+", "-", "*"):
        text = f"{_float(left, node.left)} {node.operator} {_float(right, node.right)}"
        return source.guarded([left, right], text)
    if node.operator == "/":
        return _division(source, node, left, right)
    text = f"arithmetic({node.operator!r}, {left.text}, {right.text}, {source.constant(node.type)})"
    return source.failing([left, right], text)


def _division(source: Source, node: typed.Arithmetic, left: Value, right: Value) -> Value:
    result = source.temporary()
    with source.present([left, right], result):
        if not (isinstance(node.right, typed.Constant) and node.right.value):
            source.fail_unless(f"{right.text} != 0")
        source.line(f"{result} = {_float(left, node.left)} / {_float(right, node.right)}")
    return Value(result, left.nullable or right.nullable)


def _float(value: Value, node: typed.Typed) -> str:
    return value.text if node.type.is_float else f"float({value.text})"


def _reach(node: typed.Typed) -> int:
    """Return the greatest magnitude of a whole number."""
    if isinstance(node, typed.Constant) and isinstance(node.value, int):
        return abs(node.value)
    low, high = integer_bounds(node.type) if node.type.is_integer else (0, 1)
    return max(-low, high)


def _whole(source: Source, type: DataType, operands: Value | Sequence[Value], text: str, limit: int) -> Value:
    """Return the value of whole-number arithmetic, checked where it can leave the type."""
    given = [operands] if isinstance(operands, Value) else list(operands)
    low, high = integer_bounds(type)
    if limit <= high:
        return source.guarded(given, text)
    result = source.temporary()
    with source.present(given, result):
        source.line(f"{result} = {text}")
        source.fail_unless(f"{low} <= {result} <= {high}")
    return Value(result, any(operand.nullable for operand in given))


def _concat(source: Source, node: typed.Concat) -> Value:
    operands = [source.named(operand) for operand in node.operands]
    return source.guarded(operands, " + ".join(operand.text for operand in operands))


_NAN_SAFE = {
    "=": "({a} == {b} or ({a} != {a} and {b} != {b}))",
    "<>": "({a} != {b} and not ({a} != {a} and {b} != {b}))",
    "<": "({a} < {b} or ({a} == {a} and {b} != {b}))",
    ">": "({a} > {b} or ({a} != {a} and {b} == {b}))",
    "<=": "({a} <= {b} or {b} != {b})",
    ">=": "({a} >= {b} or {a} != {a})",
}


def _compare(source: Source, node: typed.Compare) -> Value:
    left, right = source.named(node.left), source.named(node.right)
    return source.guarded([left, right], compared(node, left.text, right.text))


def compared(node: typed.Compare, left: str, right: str) -> str:
    """Return the text of a comparison of two values that are there."""
    if node.left.type.is_float or node.right.type.is_float:
        return _NAN_SAFE[node.operator].format(a=left, b=right)
    operator = {"=": "==", "<>": "!="}.get(node.operator, node.operator)
    return f"({left} {operator} {right})"


def _matches(source: Source, node: typed.Matches) -> Value:
    text, pattern = source.named(node.text), source.named(node.pattern)
    return source.guarded([text, pattern], f"matches({text.text}, {pattern.text})")


def _slice(source: Source, node: typed.Slice) -> Value:
    operands = [source.named(part) for part in typed.parts(node)]
    name = "last_characters" if node.first is None else "substring"
    return source.guarded(operands, f"{name}({', '.join(operand.text for operand in operands)})")


def _not(source: Source, node: typed.Not) -> Value:
    operand = source.named(node.operand)
    return source.guarded([operand], f"(not {operand.text})")


def _logical(source: Source, node: typed.Logical) -> Value:
    """Compile And and Or; the right side is reached only where the left does not decide."""
    spine: list[typed.Logical] = []
    head: typed.Typed = node
    while isinstance(head, typed.Logical):
        spine.append(head)
        head = head.left
    left = source.named(head)
    for step in reversed(spine):
        left = _joined(source, step, left)
    return left


def _joined(source: Source, step: typed.Logical, left: Value) -> Value:
    left = source._simple(left)
    right, lines = source.apart(step.right)
    nullable, decides = left.nullable or right.nullable, step.operator == "or"
    if not lines and not nullable:
        return Value(f"({left.text} {step.operator} {right.text})", nullable=False, simple=False)
    result = source.temporary()
    source.line(f"{result} = {left.text}")
    with source.block(f"if {result} is not {decides}:"):
        source.lines += lines
        if not nullable:
            source.line(f"{result} = {right.text}")
        else:
            right = source._simple(right)
            unknown = f"(None if {result} is None or {right.text} is None else {not decides})"
            source.line(f"{result} = {decides} if {right.text} is {decides} else {unknown}")
    return Value(result, nullable)


def _choose(source: Source, node: typed.Choose) -> Value:
    """Compile a chain of Ifs flat, in a loop that is left as soon as one side was taken."""
    result, chain = source.temporary(), []
    tail: typed.Typed = node
    while isinstance(tail, typed.Choose):
        chain.append(tail)
        tail = tail.otherwise
    if len(chain) == 1:
        return _one_choice(source, node, result)
    if source._blocks >= _DEEPEST:
        return _interpreted(source, node)
    source._blocks += 1
    nullable = False
    with source.block("while True:"):
        for link in chain:
            condition = source.named(link.condition)
            with source.block(f"if {condition.text}:"):
                side = source.value(link.then)
                source.line(f"{result} = {side.text}")
                source.line("break")
            nullable |= side.nullable
        last = source.value(tail)
        source.line(f"{result} = {last.text}")
        source.line("break")
    source._blocks -= 1
    return Value(result, nullable or last.nullable)


def _one_choice(source: Source, node: typed.Choose, result: str) -> Value:
    condition = source.value(node.condition)
    then, then_lines = source.apart(node.then)
    otherwise, other_lines = source.apart(node.otherwise)
    nullable = then.nullable or otherwise.nullable
    if not then_lines and not other_lines:
        return Value(f"({then.text} if {condition.text} else {otherwise.text})", nullable, simple=False)
    for head, lines, side in ((f"if {condition.text}:", then_lines, then), ("else:", other_lines, otherwise)):
        with source.block(head):
            source.lines += lines
            source.line(f"{result} = {side.text}")
    return Value(result, nullable)


def _interpreted(source: Source, node: typed.Typed) -> Value:
    """Leave a node to the evaluator: it lies deeper than Python nests blocks."""
    used: dict[Slot, str] = {}
    for part in typed.walk(node):
        if isinstance(part, typed.Reference) and isinstance(part.bound.value, Slot):
            used[part.bound.value] = source.names[part.bound.value]
    pairs = ", ".join(f"{source.constant(slot)}: {name}" for slot, name in used.items())
    value = source.failing([], f"evaluate({source.constant(node)}, {{{pairs}}})")
    return Value(value.text, nullable=True)


def _call(source: Source, node: typed.Call) -> Value:
    function = node.function
    name = function.name
    if name in ("IsNull", "IsNotNull"):
        operand = source.named(node.arguments[0])
        if not operand.nullable:
            return Value(str(name == "IsNotNull"), nullable=False)
        return Value(f"({operand.text} {'is' if name == 'IsNull' else 'is not'} None)", nullable=False, simple=False)
    operands = [
        _caught(source, argument) if function.catches else source.named(argument) for argument in node.arguments
    ]
    texts = [operand.text for operand in operands]
    if function.targeted:
        texts.append(f"returns={source.constant(node.type)}")
    text = f"{source.constant(function.python, 'f')}({', '.join(texts)})"
    if needs_fitting(node.type):
        text = f"convert({text}, {source.constant(node.type)}, {source.constant(node.type)})"
    value = source.failing(operands if function.nulls == "propagate" else [], text)
    if function.nulls == "propagate" or function.catches:
        return value
    return Value(value.text, nullable=operands[-1].nullable if name in _WITH_DEFAULT and operands else True)


def _caught(source: Source, node: typed.Typed) -> Value:
    """Return an argument whose failure is caught: None where it fails."""
    if source._blocks >= _DEEPEST:
        return _interpreted(source, node)
    result, before = source.temporary(), source.may_fail
    source._blocks += 1
    with source.block("try:"):
        source.line(f"{result} = {source.value(node).text}")
    with source.block("except Failed:"):
        source.line(f"{result} = None")
    source._blocks -= 1
    source.may_fail = before
    return Value(result, nullable=True)


_COMPILE: Mapping[type[typed.Typed], Any] = {
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
