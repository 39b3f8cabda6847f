"""Make the plan of a bound graph: every stage's nodes, in order, with laws and hints."""

from __future__ import annotations

from dataclasses import replace

from riverstage import stages
from riverstage._collector import collector_held
from riverstage.compiler.bind import Binding
from riverstage.errors import CheckFailed, Diagnostic, Place
from riverstage.plan import Count, Fragment, Law, Node, StageContext, Total, Unsupported
from riverstage.plan.plan import Plan, without_unread, writes

__all__ = ["make_plan"]


@collector_held()
def make_plan(binding: Binding) -> Plan:
    """Ask every stage for its nodes.

    Args:
        binding: A bound graph in which no error was found.

    Returns:
        The plan.

    Raises:
        CheckFailed: A stage cannot run with what is set on it.
    """
    nodes: list[Node] = []
    laws: list[Law] = []
    seen: list[Count | Total] = []
    dropped: dict[str, str] = {}
    reasons: dict[str, str] = {}
    asked: set[str] = set()
    warns: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for key in binding.order:
        ctx = binding.contexts[key]
        module = stages.load(ctx.stage.type)
        if module is None:
            continue
        fragment = module.plan(ctx)
        if isinstance(fragment, Unsupported):
            problems.append(_unsupported(ctx, fragment))
            continue
        _prove(ctx, fragment)
        nodes.extend(fragment.nodes)
        laws.extend(replace(law, stage=ctx.stage.label) for law in (*fragment.laws, *module.ledger(ctx)))
        seen.extend(fragment.seen)
        dropped.update(fragment.dropped)
        reasons.update(fragment.reasons)
        asked |= fragment.asked
        warns.update(fragment.warns)
    if problems:
        raise CheckFailed(problems, place=Place(flow=binding.graph.name))
    unique = tuple({_law_key(law): law for law in laws}.values())
    kept = without_unread(nodes, seen)
    return Plan(
        binding.graph,
        kept,
        binding.types,
        unique,
        tuple(seen),
        dropped,
        reasons,
        binding.wanted,
        frozenset(asked),
        warns,
    )


def _law_key(law: Law) -> tuple[object, ...]:
    return (tuple(sorted(law.terms.items())), law.constant)


def _unsupported(ctx: StageContext, reason: Unsupported) -> Diagnostic:
    return ctx.problem("RS-4012", reason.reason, property=reason.property)


def _prove(ctx: StageContext, fragment: Fragment) -> None:
    """Hold a stage to its contract: each of its outputs is written exactly once."""
    written = [key for node in fragment.nodes for key in writes(node)]
    for output in ctx.outputs:
        if written.count(output.key) != 1:
            message = (
                f"the stage type '{ctx.stage.type}' wrote its link '{output.name}' {written.count(output.key)} times"
            )
            raise AssertionError(message)
