"""The typed tree: an expression whose names are bound, whose types are known and whose conversions are explicit.

Both ways to compute an expression start here: the SQL translation and the Python evaluator walk the same tree, so what
an expression means is decided once, in ``elaborate``. Every conversion that the language makes is a ``Convert`` node;
the operands of every other node already have the types it wants. This module loads no SQL library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from riverstage.types import DataType

if TYPE_CHECKING:
    from riverstage.expressions.functions._function import Function
    from riverstage.expressions.scope import Bound

__all__ = [
    "Arithmetic",
    "Call",
    "Choose",
    "Compare",
    "Concat",
    "Constant",
    "Convert",
    "Logical",
    "Matches",
    "Negate",
    "Not",
    "Reference",
    "Required",
    "Slice",
    "Typed",
    "constant",
    "parts",
    "walk",
]


@dataclass(frozen=True, slots=True)
class Typed:
    """Anything in a typed expression.

    Args:
        type: The type of its value.
        nullable: Whether the value can be null.
        start: Offset of its first character in the text.
        end: Offset behind its last character.
    """

    type: DataType
    nullable: bool
    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Constant(Typed):
    """A Python scalar of the type (str, int, Decimal, float, bool, bytes, date, time or datetime), or None."""

    value: object


@dataclass(frozen=True, slots=True)
class Reference(Typed):
    """A column, stage variable, parameter, system variable or macro; ``bound.value`` is what the scope gave for it.

    Args:
        bound: What the scope said.
        name: The name as written, ``link.name`` for a column, for messages.
    """

    bound: Bound
    name: str


@dataclass(frozen=True, slots=True)
class Convert(Typed):
    """``operand`` as ``type`` (``meaning.convert_value``); null and failed where it cannot be."""

    operand: Typed


@dataclass(frozen=True, slots=True)
class Required(Typed):
    """``operand`` as it is, failed where it is null: for a column that takes none, or under the legacy rules."""

    operand: Typed


@dataclass(frozen=True, slots=True)
class Negate(Typed):
    """Minus a number; fails where the result does not fit the type."""

    operand: Typed


@dataclass(frozen=True, slots=True)
class Arithmetic(Typed):
    """``left operator right`` on numbers, null if either is (``meaning.arithmetic``).

    The result's type decides how it is computed: int32 and int64 exactly, failed where it does not fit; decimal
    exactly, then rounded half away from zero to the scale, failed where it does not fit; float64 in binary floating
    point. ``/`` and ``^`` are always float64, and fail for a zero divisor and where there is no finite result.
    """

    operator: Literal["+", "-", "*", "/", "^"]
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class Concat(Typed):
    """Strings joined; null if any is."""

    operands: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Compare(Typed):
    """``left operator right`` as boolean, null if either is.

    Both sides are of one family: strings (compared by code point), two floats, or whole numbers and decimals (compared
    by value, whatever their types), booleans, binaries, or temporal values of one kind; a side may be a null constant.
    """

    operator: Literal["=", "<>", "<", ">", "<=", ">="]
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class Matches(Typed):
    """Whether a string has a BASIC pattern (``meaning.matches``); null if either is."""

    text: Typed
    pattern: Typed


@dataclass(frozen=True, slots=True)
class Logical(Typed):
    """``And`` and ``Or`` of three values, as in SQL: true or null is true, false and null is false.

    They look at the right side only where the left does not decide: a failure on the right of a false ``And`` or of a
    true ``Or`` does not count.
    """

    operator: Literal["and", "or"]
    left: Typed
    right: Typed


@dataclass(frozen=True, slots=True)
class Not(Typed):
    """The opposite of a boolean; null stays null."""

    operand: Typed


@dataclass(frozen=True, slots=True)
class Choose(Typed):
    """``then`` where the boolean condition is true, ``otherwise`` where it is false or null; both have ``type``.

    Only the failures of the condition and of the side taken count.
    """

    condition: Typed
    then: Typed
    otherwise: Typed


@dataclass(frozen=True, slots=True)
class Slice(Typed):
    """``length`` characters from ``first`` (from 1), or without it the last ``length`` (``meaning.substring``)."""

    text: Typed
    first: Typed | None
    length: Typed


@dataclass(frozen=True, slots=True)
class Call(Typed):
    """A function of its converted arguments; those left out with a default are constants, those without are missing.

    Args:
        function: The function.
        arguments: Its arguments, converted to what its parameters accept.
    """

    function: Function
    arguments: tuple[Typed, ...]


def constant(type: DataType, value: object, *, start: int, end: int) -> Constant:
    """Return a constant; it is nullable when it is null."""
    return Constant(type, value is None, value, start=start, end=end)


def parts(node: Typed) -> tuple[Typed, ...]:
    """Return the nodes directly below a node."""
    match node:
        case Convert() | Required() | Negate() | Not():
            return (node.operand,)
        case Arithmetic() | Compare() | Logical():
            return (node.left, node.right)
        case Concat():
            return node.operands
        case Matches():
            return (node.text, node.pattern)
        case Choose():
            return (node.condition, node.then, node.otherwise)
        case Slice():
            return (node.text, node.length) if node.first is None else (node.text, node.first, node.length)
        case Call():
            return node.arguments
        case _:
            return ()


def walk(node: Typed) -> Iterator[Typed]:
    """Yield a node and everything below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(parts(current)))
