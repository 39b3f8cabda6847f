"""Our own nodes in SQL trees: what engines disagree on, with one meaning (ours), lowered by each engine.

An engine lowers a call by the name it carries; plain transpilation is never trusted for these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlglot import exp

if TYPE_CHECKING:
    from riverstage.types import DataType

__all__ = ["call", "called", "column", "copied", "literal", "row_place", "series", "signature", "table"]


Tree = TypeVar("Tree", bound=exp.Expression)

_PREFIX = "rs_"


def call(
    name: str, *arguments: exp.Expression, types: tuple[DataType, ...] = (), returns: DataType | None = None
) -> exp.Anonymous:
    """Return a call of one of our own nodes, ``name`` in the engine's lowering tables.

    A plain ``exp.Anonymous`` with our prefix, not a class of our own: SQLGlot's compiled form cannot be subclassed.

    Args:
        name: The node's name, without prefix, lower case.
        arguments: SQL trees.
        types: The arguments' types, where the lowering depends on them.
        returns: The result's type, where the lowering depends on it.
    """
    # An argument that is no tree and no list: a copy of the node shares it, and no generator looks at it.
    return exp.Anonymous(this=_PREFIX + name, expressions=list(arguments), signature=(types, returns))


def called(node: exp.Expression) -> str | None:
    """Return the name of one of our own nodes, or None for any other."""
    if isinstance(node, exp.Anonymous) and isinstance(node.this, str) and node.this.startswith(_PREFIX):
        return node.this.removeprefix(_PREFIX)
    return None


def signature(node: exp.Expression) -> tuple[tuple[DataType, ...], DataType | None]:
    """Return the types of the arguments of one of our own nodes, and of its result, where they were said."""
    types, returns = node.args.get("signature") or ((), None)
    return types, returns


def copied(tree: Tree) -> Tree:
    """Return a copy of a tree: what stands in two places of one must be two."""
    return cast("Tree", tree.__deepcopy__({}))  # twice as fast for small trees as by way of ``copy``


def series(rows: exp.Expression, alias: str = "series") -> exp.Table:
    """Return a table of ``rows`` rows with one BIGINT column ``__n`` counting from 0, in order."""
    return exp.Table(this=call("series", rows), alias=exp.TableAlias(this=exp.Identifier(this=alias, quoted=True)))


def column(name: str, relation: str | None = None) -> exp.Column:
    """Return a quoted column of a relation."""
    this = exp.Identifier(this=name, quoted=True)
    if relation is None:
        return exp.Column(this=this)
    return exp.Column(this=this, table=exp.Identifier(this=relation, quoted=True))


def table(name: str, alias: str | None = None) -> exp.Table:
    """Return a quoted relation: the rows of a link by its key."""
    this = exp.Table(this=exp.Identifier(this=name, quoted=True))
    if alias is not None:
        this.set("alias", exp.TableAlias(this=exp.Identifier(this=alias, quoted=True)))
    return this


def literal(value: Any) -> exp.Expression:
    """Return a literal for a Python str, int, bool or None; other values go through typed nodes."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        number = exp.Literal.number(abs(value))
        return exp.Neg(this=number) if value < 0 else number
    return exp.Literal.string(str(value))


def row_place() -> exp.Anonymous:
    """Return a BIGINT that grows from row to row in the order of the one relation that a query reads; gaps may be."""
    return call("row_place")
