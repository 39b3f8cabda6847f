"""Hold what is set on stages and links to the catalogue: choices, truths, numbers, limits, entries of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from riverstage import stages
from riverstage.catalogue import MASK, Property, StageSpec, holds
from riverstage.errors import CatalogueError, Diagnostic, Place
from riverstage.plan import Graph, Link, Stage

__all__ = ["Held", "hold_values"]

# Copies of the links' columns for a panel, not read here: what stands in them need not be right.
_COPIES = frozenset({"inputcolProperties", "outputcolProperties"})
_Tests = Mapping[str, tuple[Property, Callable[[Any], bool]]]


@dataclass(frozen=True, slots=True)
class Held:
    """A graph whose values are of their properties' kinds.

    Args:
        graph: The graph: values that mean one of the right kind are that one, those that mean none are gone.
        problems: One finding for each value that is not right.
        refused: Keys of the stages with an error among them: what they do is not known.
    """

    graph: Graph
    problems: tuple[Diagnostic, ...] = ()
    refused: frozenset[str] = frozenset()


def hold_values(graph: Graph) -> Held:
    """Hold every value that is set on a stage that can run, and on its links, to the catalogue."""
    found = _Found(graph)
    links = dict(_changed_links(graph, found))  # first: what a port says is a property of its stage too
    changed = dict(_changed_stages(graph, found))
    if changed or links:
        graph = replace(graph, stages={**graph.stages, **changed}, links={**graph.links, **links})
    return Held(graph, tuple(found.problems), frozenset(found.refused))


@dataclass(slots=True)
class _Found:
    """What is wrong so far; what a port says is a stage's property and a link's, and said once."""

    graph: Graph
    problems: list[Diagnostic] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    _said: set[tuple[str, str, str]] = field(default_factory=set)

    def say(self, stage: Stage, prop: Property, refusal: CatalogueError, link: str | None = None) -> None:
        marker = (stage.key, prop.name, refusal.message)
        if marker in self._said:
            return
        self._said.add(marker)
        idle = _idle_because(stage, prop)
        if idle is None:
            self.refused.add(stage.key)
        place = Place(flow=self.graph.name, stage=stage.label, link=link, property=prop.name)
        message = _covered(refusal.message if idle is None else f"{refusal.message} {idle}", self.graph)
        severity: Any = "error" if idle is None else "warning"
        self.problems.append(Diagnostic(refusal.code, severity, message, place, refusal.mend))


def _covered(message: str, graph: Graph) -> str:
    """Return a message in which no encrypted parameter's value stands."""
    for parameter in graph.parameters.values():
        if parameter.type == "encrypted" and parameter.value:
            message = message.replace(str(parameter.value), MASK)
    return message


def _changed_stages(graph: Graph, found: _Found) -> Iterator[tuple[str, Stage]]:
    for key, stage in graph.stages.items():
        tests = _tests_of(stage)
        if tests is None or any(graph.links[output].is_inner for output in stage.outputs):
            continue  # what a link asks for is held where the link says it
        changed = _held(stage.properties, tests[0], found, stage, None)
        if changed is not None:
            yield key, replace(stage, properties=changed)


def _changed_links(graph: Graph, found: _Found) -> Iterator[tuple[str, Link]]:
    for key, link in graph.links.items():
        changes: dict[str, Any] = {}
        for side, end, said in (("output", link.source, link.output), ("input", link.target, link.input)):
            tests = _tests_of(graph.stages[end]) if said and end in graph.stages else None
            changed = None if tests is None else _held(said, tests[1], found, graph.stages[end], link.name)
            if changed is not None:
                changes[side] = changed
        if changes:
            yield key, replace(link, **changes)


def _held(
    said: Mapping[str, Any], tests: _Tests, found: _Found, stage: Stage, link: str | None
) -> dict[str, Any] | None:
    """Return what was said with every value held; None where all may stay as it is."""
    changed: dict[str, Any] | None = None
    for name, value in said.items():
        test = tests.get(name)
        if test is None or test[1](value):
            continue
        prop = test[0]
        held, refusals = prop.hold(value)
        for refusal in refusals:
            found.say(stage, prop, refusal, link)
        if refusals or held is not value:
            changed = dict(said) if changed is None else changed
            changed[name] = held
            if refusals:
                del changed[name]
    return changed


def _tests_of(stage: Stage) -> tuple[_Tests, _Tests] | None:
    if stage.spec is None or stages.load(stage.type) is None:
        return None
    return _tests(stage.spec)


@cache
def _tests(spec: StageSpec) -> tuple[_Tests, _Tests]:
    """Return the quick tests of a type's properties, by Python name and by wire name."""
    said = [
        slot
        for slot in spec.slots
        if not slot.internal and slot.kind not in ("any", "map") and slot.wire not in _COPIES
    ]
    return {slot.name: (slot, slot.is_sound) for slot in said}, {slot.wire: (slot, slot.is_sound) for slot in said}


def _idle_because(stage: Stage, prop: Property) -> str | None:
    """Return why a property does not bear on the run; None where it does."""
    if prop.role == "source" and stage.inputs:
        return "Nothing is read here, so it changes nothing."
    if prop.role == "target" and not stage.inputs:
        return "Nothing is written here, so it changes nothing."
    if not holds(prop.visible_when, stage.get):
        return "It means nothing as the stage is set, so it changes nothing."
    return None
