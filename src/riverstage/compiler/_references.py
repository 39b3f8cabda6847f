"""The references to parameters in a document: bound in properties, left to the language in expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from riverstage.compiler.parameters import REFERENCE, Assets, Collected, Missing, bind_value
from riverstage.errors import Diagnostic, Place
from riverstage.plan import Graph, ParameterValue

__all__ = ["PartlyBound", "References"]

# Expressions have parameters of their own: they are bound there, when the text was read, not pasted into it.
_EXPRESSIONS = frozenset(
    {
        "valueDerivation",
        "TransformerConstraint",
        "StageVariables",
        "lookupDerivation",
        "LoopVariables",
        "LoopCondition",
        "Condition",
        "condition",
        "whereProperties",
    }
)


@dataclass(frozen=True, slots=True)
class PartlyBound(Graph):
    """A graph in which properties of some stages are not known.

    Args:
        unbound: Keys of those stages. Why was said already, so that they are asked nothing more.
    """

    unbound: frozenset[str] = frozenset()


@dataclass(slots=True)
class References:
    """Binds the references of a document, and says once what is wrong with each.

    Args:
        collected: The parameters of the run.
        assets: Where environment variables are found.
    """

    collected: Collected
    assets: Assets
    problems: list[Diagnostic] = field(default_factory=list)
    unbound: set[str] = field(default_factory=set)
    _said: set[tuple[str, str]] = field(default_factory=set)
    _stand_ins: dict[str, ParameterValue] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, ParameterValue]:
        """The parameters that expressions know: one whose value is bad is null there, as that was said already."""
        return {**self.collected.unusable, **self._stand_ins, **self.collected.values}

    def bind(self, value: Any, place: Place, stage: str, wire: str | None = None) -> Any:
        """Return a property's value with its parameters in it; expressions stay as they are.

        Args:
            value: The value as the document has it.
            place: Where it stands, for messages.
            stage: The stage that it says something of.
            wire: Its wire name.
        """
        if wire in _EXPRESSIONS:
            self._look_through(value, place, stage)
            return self._targets(value, place, stage) if wire == "whereProperties" else value
        if isinstance(value, str):
            return self._text(value, place, stage) if "#" in value else value
        if isinstance(value, list):
            return [self.bind(item, place, stage) for item in value]
        if isinstance(value, Mapping):
            return {key: self.bind(item, place, stage) for key, item in value.items()}
        return value

    def _targets(self, value: Any, place: Place, stage: str) -> Any:
        """Return a Filter's conditions as they are, with parameters in what else their entries say."""
        if isinstance(value, list):
            return [self._targets(item, place, stage) for item in value]
        if isinstance(value, Mapping):
            return {key: item if key == "where" else self.bind(item, place, stage) for key, item in value.items()}
        return value

    def _text(self, text: str, place: Place, stage: str) -> Any:
        try:
            return bind_value(text, self.collected.values, self.assets)
        except Missing as missing:
            self.unbound.add(stage)
            self._missing(str(missing.args[0]), place, stage)
            return text

    def _look_through(self, value: Any, place: Place, stage: str) -> None:
        """Find what expressions name and nobody declares: environment variables, parameters without a value."""
        for text in _texts(value):
            for found in REFERENCE.finditer(text):
                name = found.group(1)
                if name in self.collected.values or name in self._stand_ins:
                    continue
                known = self.assets.environment(name[1:]) if name.startswith("$") else None
                if known is None and (name.startswith("$") or name in self.collected.unset):
                    self._missing(name, place, stage)
                elif known is None:
                    continue
                self._stand_ins[name] = ParameterValue(name, "string", known)
            for group in self.collected.lost_sets:
                if f"{group}." in text:
                    self.unbound.add(stage)

    def _missing(self, name: str, place: Place, stage: str) -> None:
        collected = self.collected
        if name in collected.unusable or name.partition(".")[0] in collected.lost_sets or (name, stage) in self._said:
            return
        self._said.add((name, stage))
        place = replace(place, stage=place.stage or stage, parameter=name)
        if name in collected.unset:
            message, mend = f"Parameter '{name}' has no value.", "Give it one for this run, or a default."
            self.problems.append(Diagnostic("RS-4110", "error", message, place, mend))
            return
        is_outside = name.startswith("$")
        message = f"There is no {'environment variable' if is_outside else 'parameter'} '{name.lstrip('$')}'."
        where = "Set it in the environment of the run" if is_outside else "Add it to the flow or its parameter sets"
        mend = f"{where}, or mend the name."
        self.problems.append(Diagnostic("RS-4101", "error", message, place, mend))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "#" in value or "." in value:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
