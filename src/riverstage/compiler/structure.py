"""What can be wrong with a graph before any column is looked at: cycles, missing links, too many links."""

from __future__ import annotations

from collections.abc import Iterator

from riverstage.errors import Diagnostic, Place
from riverstage.plan import Graph, Stage

__all__ = ["SUBFLOW_PORT", "sort_stages", "structure_problems"]

SUBFLOW_PORT = "Subflow port"
"""The type of the stages that stand, in a graph, where a subflow begins and ends."""


def sort_stages(graph: Graph) -> tuple[list[str], list[str]]:
    """Return the stages, each after those that feed it and else in the document's order; and those on a cycle."""
    waits = dict.fromkeys(graph.stages, 0)
    feeds: dict[str, list[str]] = {key: [] for key in graph.stages}
    for link in graph.links.values():
        if link.source in feeds and link.target in waits:
            feeds[link.source].append(link.target)
            waits[link.target] += 1
    order: list[str] = []
    ready = [key for key, count in waits.items() if count == 0]
    ready.reverse()
    while ready:
        key = ready.pop()
        order.append(key)
        for target in reversed(feeds[key]):
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    done = set(order)
    return order, [key for key in graph.stages if key not in done]


def structure_problems(graph: Graph) -> Iterator[Diagnostic]:
    """Yield what is wrong with how stages are linked."""
    _, looped = sort_stages(graph)
    if looped:
        cycle = _cycle(graph, set(looped))
        yield Diagnostic(
            "RS-4001",
            "error",
            "The flow runs in a circle: " + " → ".join(cycle + cycle[:1]) + ".",
            Place(flow=graph.name, stage=cycle[0]),
            "Remove one of these links; a flow runs from its sources to its targets.",
        )
    if not graph.stages:
        yield Diagnostic(
            "RS-4005",
            "error",
            "The flow has no stages.",
            Place(flow=graph.name),
            "Add a source and a target, and link them. A subflow counts as the stages that are in it.",
        )
    for stage in graph.stages.values():
        yield from _link_problems(graph, stage)


def _cycle(graph: Graph, looped: set[str]) -> list[str]:
    """Return the labels of one cycle, in order.

    Stages that only hang behind a cycle are left over too, so the way is sought against the links: whatever is left
    over waits for something that is left over, and such a way must meet itself.
    """
    before: dict[str, str] = {}
    for link in graph.links.values():
        if link.source in looped and link.target in looped:
            before.setdefault(link.target, link.source)
    path: list[str] = []
    key = next(iter(before))
    while key not in path:
        path.append(key)
        key = before[key]
    cycle = path[path.index(key) :]
    cycle.reverse()
    first = min(range(len(cycle)), key=lambda place: list(graph.stages).index(cycle[place]))
    return [graph.stages[key].label for key in (*cycle[first:], *cycle[:first])]


def _link_problems(graph: Graph, stage: Stage) -> Iterator[Diagnostic]:
    spec = stage.spec
    place = Place(flow=graph.name, stage=stage.label)
    if stage.type == SUBFLOW_PORT:
        if not any(graph.links[key].kind != "reference" for key in stage.inputs):
            yield _few(place, "input", 0, 1)
        if not stage.outputs:
            yield _few(place, "output", 0, 1)
    if spec is None:
        return
    primary_in = [key for key in stage.inputs if graph.links[key].kind != "reference"]
    reference_in = [key for key in stage.inputs if graph.links[key].kind == "reference"]
    primary_out = [key for key in stage.outputs if graph.links[key].kind != "reject"]
    reject_out = [key for key in stage.outputs if graph.links[key].kind == "reject"]
    if not stage.inputs and not stage.outputs:
        yield Diagnostic(
            "RS-4002", "error", "The stage is not linked to anything.", place, "Link it to another stage, or remove it."
        )
        return
    least_in, most_in = spec.inputs
    least_out, most_out = spec.outputs
    if len(primary_in) < least_in:
        yield _few(place, "input", len(primary_in), least_in)
    if len(primary_out) < least_out:
        yield _few(place, "output", len(primary_out), least_out)
    yield from _many(place, "input links", len(primary_in), most_in)
    yield from _many(place, "output links", len(primary_out), most_out)
    yield from _many(place, "reject links", len(reject_out), spec.rejects.max)
    yield from _many(place, "reference links", len(reference_in), spec.references.max)
    if len(reference_in) < spec.references.min:
        yield _few(place, "reference", len(reference_in), spec.references.min)


def _few(place: Place, what: str, have: int, need: int) -> Diagnostic:
    linked = "none is linked" if have == 0 else f"{have} is linked" if have == 1 else f"{have} are linked"
    article = "an" if what[0] in "aeiou" else "a"
    wanted = f"{article} {what} link" if need == 1 else f"{need} {what} links"
    return Diagnostic(
        "RS-4002",
        "error",
        f"The stage needs {wanted}; {linked}.",
        place,
        "Link it, or remove the stage.",
    )


def _many(place: Place, what: str, have: int, most: int | None) -> Iterator[Diagnostic]:
    if most is not None and have > most:
        what = what[:-1] if have == 1 else what
        yield Diagnostic(
            "RS-4004",
            "error",
            f"The stage has {have} {what}; it can have {most if most else 'none'}.",
            place,
            "Remove the links that are too many.",
        )
