"""Where rows stand in their source, carried to where somebody asks for their order.

Numbering rows keeps all threads waiting for one. Where all that is asked of the numbers is that they grow, and between
the source and the question stand only stages that look at a row at a time, the source's own numbers do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from sqlglot import exp

from riverstage.expressions.nodes import called, column, copied
from riverstage.plan import PLACE, NativeScan, Relation, Source
from riverstage.plan.plan import Plan, reads

__all__ = ["with_places"]

# What a query may consist of that gives at most one row for each that it reads, and looks at no other.
_PARTS_OF_A_PASS = frozenset({"expressions", "from_", "where"})
_ACROSS_ROWS = (exp.Window, exp.AggFunc, exp.Query, exp.UDTF, exp.Explode)


def with_places(plan: Plan, scans: Mapping[str, NativeScan | None]) -> tuple[Plan, dict[str, NativeScan | None]]:
    """Return the plan and its scans so that sources give the place of their rows where that spares counting them.

    Args:
        plan: The plan.
        scans: How each source is read, by its link.
    """
    changed: dict[str, Relation] = {}
    found = dict(scans)
    writer = {node.link: node for node in plan.nodes if isinstance(node, Source | Relation)}
    readers = Counter(key for node in plan.nodes for key in reads(node))
    for node in plan.nodes:
        if not isinstance(node, Relation) or not _asks(node):
            continue
        above: list[Relation] = []
        at = writer.get(node.inputs[0])
        while isinstance(at, Relation) and readers[at.link] == 1 and _is_pass(at):
            above.append(at)
            at = writer.get(at.inputs[0])
        scan = scans.get(at.link) if isinstance(at, Source) else None
        if at is None or scan is None or scan.placed is None or readers[at.link] != 1:
            continue
        found[at.link] = replace(scan, sql=scan.placed)
        changed.update((relation.link, _carrying(relation)) for relation in above)
        changed[node.link] = _answered(node)
    return plan.with_relations(changed), found


def _asks(relation: Relation) -> bool:
    return len(relation.inputs) == 1 and any(map(_is_place, relation.tree.find_all(exp.Anonymous)))


def _is_place(node: exp.Expression) -> bool:
    return called(node) == "row_place"


def _is_pass(relation: Relation) -> bool:
    """Return whether a relation looks at one row at a time, and reads one link."""
    tree = relation.tree
    if not isinstance(tree, exp.Select) or relation.shortcut is not None or len(relation.inputs) != 1:
        return False
    if {name for name, value in tree.args.items() if value} - _PARTS_OF_A_PASS:
        return False
    source = tree.args["from_"].this if tree.args.get("from_") else None
    if not isinstance(source, exp.Table) or source.name != relation.inputs[0]:
        return False
    return not any(node is not tree for node in tree.find_all(*_ACROSS_ROWS))


def _carrying(relation: Relation) -> Relation:
    """Return a relation that passes the place of its rows on."""
    tree = relation.tree
    if not isinstance(tree, exp.Select) or any(one.is_star for one in tree.expressions):
        return relation
    carrying = copied(tree)
    carrying.append("expressions", column(PLACE))
    return replace(relation, sql=carrying)


def _answered(relation: Relation) -> Relation:
    """Return a relation with the place of its rows where it asked for numbers."""
    tree = cast("exp.Select", copied(relation.tree))
    for node in list(tree.find_all(exp.Anonymous)):
        if _is_place(node):
            node.replace(column(PLACE))
    return replace(relation, sql=tree)
