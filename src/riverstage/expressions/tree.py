"""The tree of an expression as it was written: what the parser gives and everything else reads.

Nodes are immutable and know where they stand in their text (``start`` and ``end``, 0-based, end excluded); two nodes
are equal when they mean the same, wherever they stand. This module loads no SQL library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal as OneOf

from riverstage.types import DataType

__all__ = [
    "MACROS",
    "SYSTEM_VARIABLES",
    "Binary",
    "BinaryOperator",
    "ColumnReference",
    "FunctionCall",
    "If",
    "Literal",
    "Macro",
    "NameReference",
    "Node",
    "ParameterReference",
    "References",
    "Substring",
    "SystemVariable",
    "Unary",
    "children",
    "references",
    "walk",
]

BinaryOperator = OneOf[
    "^", "*", "/", "+", "-", ":", "=", "<>", "<", ">", "<=", ">=", "matches", "and", "or"
]  # fmt: skip

SYSTEM_VARIABLES = (
    "@TRUE", "@FALSE", "@NULL", "@INROWNUM", "@OUTROWNUM", "@ITERATION", "@NUMPARTITIONS", "@PARTITIONNUM",
)  # fmt: skip

MACROS = (
    "DSFlowId", "DSFlowName", "DSHostName", "DSJobController", "DSJobId", "DSJobInvocationId", "DSJobName",
    "DSJobRunId", "DSJobStartDate", "DSJobStartTime", "DSJobStartTimestamp", "DSJobWaveNo", "DSProjectId",
    "DSProjectName", "DSStageName",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in an expression.

    Args:
        start: Offset of its first character in the text.
        end: Offset behind its last character.
    """

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant: a str, an int, an exact Decimal, or a float (written with an exponent).

    Args:
        value: Its value.
        type: Its type: a string of its length; int32, int64 or decimal for whole numbers by their size; a decimal of
            the digits as written (leading zeros count); float64.
    """

    value: str | int | Decimal | float
    type: DataType


@dataclass(frozen=True, slots=True)
class ColumnReference(Node):
    """``link.name``: a column of a link, or a parameter of a set; the scope knows which.

    Args:
        link: What stands before the point.
        name: What stands behind it; further points belong to it (fields of a structure).
        link_span: Where the link's name stands, quotes included.
        name_span: Where the name stands, quotes included.
    """

    link: str
    name: str
    link_span: tuple[int, int] = field(default=(0, 0), compare=False, kw_only=True)
    name_span: tuple[int, int] = field(default=(0, 0), compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NameReference(Node):
    """A bare name: a stage variable, a job parameter or a column; the scope knows which."""

    name: str


@dataclass(frozen=True, slots=True)
class ParameterReference(Node):
    """``#name#``, ``#set.name#`` or ``#$NAME#``.

    Args:
        set: The parameter set, or None.
        name: The parameter's name, with its ``$`` for an environment variable.
    """

    set: str | None
    name: str


@dataclass(frozen=True, slots=True)
class SystemVariable(Node):
    """``@INROWNUM`` and the like; ``name`` is one of SYSTEM_VARIABLES."""

    name: str


@dataclass(frozen=True, slots=True)
class Macro(Node):
    """``DSJobName`` and the like; ``name`` is one of MACROS."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-a``, ``+a`` or ``Not a``."""

    operator: OneOf["-", "+", "not"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``a operator b``, the operator in its first spelling: ``**`` is ``^``, ``Cats`` is ``:``, ``#`` is ``<>``."""

    operator: BinaryOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """``If condition Then then Else otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Substring(Node):
    """``text[first, length]`` counted from 1, or ``text[length]``: the last characters (``first`` is None)."""

    text: Node
    first: Node | None
    length: Node


@dataclass(frozen=True, slots=True)
class FunctionCall(Node):
    """``name(arguments)``, the name as written.

    Args:
        name: The function's name as written.
        arguments: Its arguments.
        name_end: Offset behind the name.
    """

    name: str
    arguments: tuple[Node, ...]
    name_end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class References:
    """What an expression refers to, each once, in the order of first use.

    Args:
        columns: Pairs of link and name, as written before and behind a point.
        names: Bare names.
        parameters: Pairs of parameter set (or None) and name, written ``#…#``.
        system_variables: Names with their ``@``.
        macros: Names of macros.
        functions: Names of functions, as written.
    """

    columns: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    parameters: tuple[tuple[str | None, str], ...] = ()
    system_variables: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in the order of the text."""
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case If():
            return (node.condition, node.then, node.otherwise)
        case Substring():
            return (node.text, node.length) if node.first is None else (node.text, node.first, node.length)
        case FunctionCall():
            return node.arguments
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def references(node: Node) -> References:
    """Return what an expression refers to.

    Example:
        >>> from riverstage.expressions.parser import parse
        >>> references(parse("Trim(in.NAME) : #env.SUFFIX#")).columns
        (('in', 'NAME'),)
    """
    columns: dict[tuple[str, str], None] = {}
    names: dict[str, None] = {}
    parameters: dict[tuple[str | None, str], None] = {}
    system: dict[str, None] = {}
    macros: dict[str, None] = {}
    functions: dict[str, None] = {}
    for part in walk(node):
        match part:
            case ColumnReference():
                columns[(part.link, part.name)] = None
            case NameReference():
                names[part.name] = None
            case ParameterReference():
                parameters[(part.set, part.name)] = None
            case SystemVariable():
                system[part.name] = None
            case Macro():
                macros[part.name] = None
            case FunctionCall():
                functions[part.name] = None
    return References(tuple(columns), tuple(names), tuple(parameters), tuple(system), tuple(macros), tuple(functions))
