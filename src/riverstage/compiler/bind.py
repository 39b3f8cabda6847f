"""Bind a graph: the type of every link, every problem at once, and who relies on order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from riverstage import stages
from riverstage._collector import collector_held
from riverstage.compiler._references import PartlyBound
from riverstage.compiler._values import hold_values
from riverstage.compiler.structure import sort_stages, structure_problems
from riverstage.errors import Diagnostic, Place, RiverstageError
from riverstage.plan import Graph, Input, LinkType, LinkTypes, Output, ReadRequest, Stage, StageContext
from riverstage.plan.connector import Described
from riverstage.types import RowType

__all__ = ["Binding", "bind", "check_binding"]

Describe = Callable[[ReadRequest], Described]
_ABOUT_LINKS = frozenset({"RS-4001", "RS-4002", "RS-4004"})
"""Findings about how a stage is linked, with which it cannot be asked."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A graph with the types of its links.

    Args:
        graph: The graph.
        order: Keys of its stages, each after those that feed it.
        contexts: What each stage is told, its outputs bound.
        types: What each link carries.
        says: What each stage said of its links.
        wanted: Links whose order somebody relies on.
        problems: What was found on the way.
        broken: Stages that could not be asked; what they feed is typed by its schemas alone.
        unbound: Those of them of which a property is not known: why was said already.
    """

    graph: Graph
    order: tuple[str, ...]
    contexts: Mapping[str, StageContext]
    types: Mapping[str, LinkType]
    says: Mapping[str, LinkTypes]
    wanted: frozenset[str]
    problems: tuple[Diagnostic, ...]
    broken: frozenset[str]
    unbound: frozenset[str] = frozenset()


@collector_held()
def bind(
    graph: Graph,
    *,
    describe: Describe | None = None,
    facts: Mapping[str, Any] | None = None,
    wants: Iterable[str] = (),
) -> Binding:
    """Ask every stage, from the sources on, what its outputs carry.

    Args:
        graph: The resolved flow.
        describe: Asks a connector what a source holds; None leaves sources alone.
        facts: What is known of the run (names, start time), for macros.
        wants: Links whose order somebody besides the stages relies on: one that is previewed.

    Returns:
        The binding; problems are in it, never raised.
    """
    held = hold_values(graph)
    graph = held.graph
    problems = [*held.problems, *structure_problems(graph)]
    unbound = held.refused | _unbound(graph)
    mislinked = {found.place.stage for found in problems if found.severity == "error" and found.code in _ABOUT_LINKS}
    order, looped = sort_stages(graph)
    contexts: dict[str, StageContext] = {}
    types: dict[str, LinkType] = {}
    says: dict[str, LinkTypes] = {}
    broken: set[str] = set(looped)
    for key in order:
        stage = graph.stages[key]
        ctx = _context(graph, stage, types, describe, facts or {})
        said = None if key in unbound else _ask(ctx, problems, mislinked)
        if said is None:
            broken.add(key)
            said = LinkTypes({output.key: _declared(output) for output in ctx.outputs})
        outputs = []
        for output in ctx.outputs:
            link_type = said.outputs.get(output.key) or _declared(output)
            types[output.key] = link_type
            outputs.append(replace(output, type=link_type))
            problems.extend(_case_problems(ctx, output.name, link_type.row))
        contexts[key] = ctx.with_outputs(tuple(outputs))
        says[key] = said
    wanted = _wanted(order, says, wants)
    for key, ctx in contexts.items():
        contexts[key] = ctx.with_outputs(tuple(replace(item, order_wanted=item.key in wanted) for item in ctx.outputs))
    return Binding(graph, tuple(order), contexts, types, says, wanted, tuple(problems), frozenset(broken), unbound)


@collector_held()
def check_binding(binding: Binding) -> tuple[Diagnostic, ...]:
    """Return every problem of a bound graph: what binding found and what each stage says of itself."""
    problems = list(binding.problems)
    tainted = set(binding.broken)
    for key in binding.order:
        ctx = binding.contexts[key]
        if any(_is_unknown(binding, item, tainted) for item in ctx.inputs):
            # What feeds it is unknown, so what it says of its columns would only repeat that.
            tainted.add(key)
            continue
        module = stages.load(ctx.stage.type)
        if module is not None and key not in tainted:
            problems.extend(module.check(ctx))
    return tuple(dict.fromkeys(problems))


def _unbound(graph: Graph) -> frozenset[str]:
    return graph.unbound if isinstance(graph, PartlyBound) else frozenset()


def _is_unknown(binding: Binding, item: Input, tainted: Collection[str]) -> bool:
    """Return whether nobody can tell what an input carries; a stage not bound still gives what its link says."""
    source = binding.graph.links[item.key].source
    return source in tainted and not (source in binding.unbound and item.link.schema is not None)


def _context(
    graph: Graph, stage: Stage, types: Mapping[str, LinkType], describe: Describe | None, facts: Mapping[str, Any]
) -> StageContext:
    inputs = tuple(Input(graph.links[key], types.get(key) or LinkType(RowType(open=True))) for key in stage.inputs)
    outputs = tuple(Output(graph.links[key]) for key in stage.outputs)
    return StageContext(graph, stage, inputs, outputs, describe, facts)


def _ask(ctx: StageContext, problems: list[Diagnostic], mislinked: Collection[str | None]) -> LinkTypes | None:
    module = stages.load(ctx.stage.type)
    if module is None:
        problems.append(_not_running(ctx))
        return None
    if ctx.stage.label in mislinked:
        # Its columns are not known, but what names links that are gone is.
        problems.extend(module.check_unlinked(ctx) if hasattr(module, "check_unlinked") else ())
        return None
    try:
        said: LinkTypes = module.schema(ctx)
        return said
    except RiverstageError as error:
        place = replace(error.place, flow=ctx.graph.name, stage=ctx.stage.label)
        problems.append(Diagnostic(error.code, "error", error.message, place, error.mend))
        return None


def _not_running(ctx: StageContext) -> Diagnostic:
    if ctx.stage.spec is None and not ctx.stage.op:
        return ctx.problem(
            "RS-4013",
            "This is where a subflow begins or ends, and nothing outside it is linked here.",
            mend="A subflow runs inside a flow: use it in one, and link this side of it.",
        )
    if ctx.stage.spec is None:
        return ctx.problem(
            "RS-4010",
            f"The stage's type '{ctx.stage.op or ctx.stage.type}' is not in the catalogue, so it cannot run.",
            mend="It is kept and saved as it is; remove it, or replace it by a stage that runs.",
        )
    return ctx.problem(
        "RS-4011",
        f"Stages of type '{ctx.stage.type}' can be drawn and saved, but this version cannot run them.",
        mend="`riverstage stages` lists the types that run.",
    )


def _declared(output: Output) -> LinkType:
    schema = output.link.schema
    return LinkType(schema if schema is not None else RowType(open=True))


def _case_problems(ctx: StageContext, link: str, row: RowType) -> Iterable[Diagnostic]:
    seen: dict[str, str] = {}
    for name in row.names:
        folded = name.casefold()
        if folded in seen:
            same = seen[folded] == name
            said = f"'{name}' is there twice" if same else f"'{seen[folded]}' and '{name}' differ only in case"
            yield ctx.problem(
                "RS-4021",
                f"Two columns cannot be told apart: {said}.",
                link=link,
                column=name,
                mend="Rename one of them.",
            )
        seen[folded] = name


def _wanted(order: Iterable[str], says: Mapping[str, LinkTypes], wants: Iterable[str]) -> frozenset[str]:
    wanted: set[str] = set(wants)
    for key in reversed(list(order)):
        said = says[key]
        wanted |= said.wants_order
        wanted |= {source for output, source in said.passes_order if output in wanted}
    return frozenset(wanted)


def place_of(graph: Graph, stage: Stage) -> Place:
    """Return where a stage is, for messages."""
    return Place(flow=graph.name, stage=stage.label)
