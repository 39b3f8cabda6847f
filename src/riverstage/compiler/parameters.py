"""Bind parameters: local ones, parameter sets with value sets, environment variables; typed where they are used."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from riverstage.errors import Diagnostic, Place
from riverstage.plan import ParameterValue

__all__ = ["Assets", "Collected", "NoAssets", "bind_text", "bind_value", "collect_parameters", "typed_value"]

REFERENCE = re.compile(r"#(\$?[A-Za-z_][\w$]*(?:\.\$?[A-Za-z_][\w$]*)?)#")
_MOST_NESTED = 20
# Values that stand for others, as parameter sets of such services write them.
_FROM_ENVIRONMENT, _UNSET = "$ENV", "$UNSET"


class Assets(Protocol):
    """What a flow refers to by name: the project around it."""

    def parameter_set(self, name: str) -> Mapping[str, Any] | None:
        """Return a parameter set: ``parameters`` and ``value_sets``; None where there is none of that name."""

    def parameter_sets(self) -> Iterable[str]:
        """Return the names of the parameter sets that there are."""

    def connection(self, name: str) -> Mapping[str, Any] | None:
        """Return a connection asset by name or id; None where there is none."""

    def subflow(self, name: str) -> Any | None:
        """Return the document of a subflow asset by name; None where there is none."""

    def secret(self, token: str) -> str | None:
        """Return what a ``secret:NAME`` token stands for; None where nobody knows."""

    def environment(self, name: str) -> str | None:
        """Return an environment variable's value."""


class NoAssets:
    """A flow on its own: nothing but the process's environment variables."""

    def parameter_set(self, name: str) -> Mapping[str, Any] | None:
        """There is none."""

    def parameter_sets(self) -> Iterable[str]:
        """There are none."""
        return ()

    def connection(self, name: str) -> Mapping[str, Any] | None:
        """There is none."""

    def subflow(self, name: str) -> Any | None:
        """There is none."""

    def secret(self, token: str) -> str | None:
        """Return the secret from the environment."""
        import os

        return os.environ.get("RIVERSTAGE_SECRET_" + re.sub(r"\W", "_", token.removeprefix("secret:")).upper())

    def environment(self, name: str) -> str | None:
        """Return an environment variable of this process."""
        import os

        return os.environ.get(name)


def _to_integer(text: str) -> int:
    return int(text.strip())


def _to_time(text: str) -> dt.time:
    return dt.time.fromisoformat(text.strip())


_CONVERTERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "int64": ("a whole number", _to_integer),
    "integer": ("a whole number", _to_integer),
    "sfloat": ("a number", lambda text: float(text.strip())),
    "float": ("a number", lambda text: float(text.strip())),
    "decimal": ("a number", lambda text: Decimal(text.strip())),
    "date": ("a date as 2026-01-31", lambda text: dt.date.fromisoformat(text.strip())),
    "time": ("a time as 23:59:59", _to_time),
    "timestamp": ("a timestamp as 2026-01-31 23:59:59", lambda text: dt.datetime.fromisoformat(text.strip())),
}


def typed_value(kind: str, value: Any, valid_values: Iterable[Any] = ()) -> Any:
    """Return a parameter's value as the Python type that its declared type says.

    Args:
        kind: The declared type.
        value: What was given.
        valid_values: The choices of an ``enum`` (``list``) parameter.

    Raises:
        ValueError: The value does not fit; the message says what would.
    """
    choices = [str(choice) for choice in valid_values]
    if kind in ("enum", "list") and choices and str(value) not in choices:
        message = f"one of {', '.join(choices)}"
        raise ValueError(message)
    if value is None or kind not in _CONVERTERS:
        return value if value is None or isinstance(value, str) else str(value)
    wanted, convert = _CONVERTERS[kind]
    if isinstance(value, dt.date | dt.time) and kind in ("date", "time", "timestamp"):
        return value
    try:
        return convert(str(value))
    except (ValueError, InvalidOperation):
        raise ValueError(wanted) from None


@dataclass(slots=True)
class Collected:
    """The parameters of a run.

    Args:
        values: Those that have a value, by ``name`` or ``set.name``.
        problems: What is wrong with them.
        unusable: Those whose value is bad, as null: the problems say why.
        unset: Those that nobody gave a value.
        lost_sets: Parameter sets that are not in the project.
    """

    values: dict[str, ParameterValue] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    unusable: dict[str, ParameterValue] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    lost_sets: set[str] = field(default_factory=set)


class _Collector:
    """Collects a flow's parameters and what is wrong with them."""

    def __init__(self, flow: str, given: Mapping[str, Any]) -> None:
        self.flow = flow
        self.given = dict(given)
        self.raw: dict[str, tuple[str, Any, tuple[Any, ...]]] = {}
        self.problems: list[Diagnostic] = []

    def say(self, code: str, name: str, message: str, mend: str = "") -> None:
        self.problems.append(Diagnostic(code, "error", message, Place(flow=self.flow, parameter=name), mend))

    def declare(self, name: str, entry: Mapping[str, Any], value: Any) -> None:
        kind = str(entry.get("type") or "string").lower()
        choices = entry.get("valid_values") or ()
        if not isinstance(choices, list | tuple):
            message = f"What parameter '{name}' may be must be a list of values; {choices!r} is none."
            self.say("RS-4111", name, message, "Set its valid values again, or take them out.")
            choices = ()
        given = self.given.pop(name, None)  # None is no value: the declared one holds
        self.raw[name] = (kind, value if given is None else given, tuple(choices))


def collect_parameters(
    flow: str,
    local: Iterable[Mapping[str, Any]],
    sets: Iterable[str],
    *,
    given: Mapping[str, Any],
    value_sets: Mapping[str, str],
    assets: Assets,
) -> Collected:
    """Return a flow's parameters with their values for this run, and what is wrong with them.

    Args:
        flow: The flow's name.
        local: Its local parameters, as the document has them.
        sets: Names of the parameter sets that it uses.
        given: Values given for this run, by ``name`` or ``set.name``.
        value_sets: The value set chosen of each parameter set.
        assets: Where parameter sets are found.
    """
    found = _Collector(flow, given)
    collected = Collected(problems=found.problems)
    for entry in local:
        found.declare(str(entry.get("name")), entry, entry.get("value"))
    for name in sets:
        if not _declare_set(found, name, value_sets.get(name), assets):
            collected.lost_sets.add(name)
    for name in value_sets:
        if name not in set(sets):
            uses = f"It uses {', '.join(sets)}." if sets else "It uses none."
            found.say("RS-4104", name, f"The flow does not use a parameter set '{name}'.", _near(name, sets) or uses)
    for name in found.given:
        if name.partition(".")[0] in collected.lost_sets:
            continue
        found.say(
            "RS-4102",
            name,
            f"The flow has no parameter '{name}'.",
            _near(name, found.raw) or "Add it with add_local_parameter, or leave it out.",
        )
    for name, (kind, value, choices) in found.raw.items():
        if value == _UNSET or (value in ("", None) and (kind in _CONVERTERS or (kind in ("enum", "list") and choices))):
            # A flow that does not use it runs all the same.
            collected.unset.add(name)
            continue
        try:
            collected.values[name] = ParameterValue(name, kind, _value(found, assets, name, kind, value, choices))
        except _Unusable as refusal:
            collected.unusable[name] = ParameterValue(name, kind, None)
            found.say(*refusal.args)
    return collected


def _near(name: str, known: Iterable[str]) -> str:
    """Return the question whether a name that is near was meant; nothing where none is."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean '{near[0]}'?" if near else ""


class _Unusable(Exception):
    """A parameter has no value that could be used: the code, its name, the message and the mend."""


def _value(found: _Collector, assets: Assets, name: str, kind: str, value: Any, choices: tuple[Any, ...]) -> Any:
    if value == _FROM_ENVIRONMENT:
        value = assets.environment(name.rpartition(".")[2].lstrip("$"))
        if value is None:
            message = f"The environment has no value for parameter '{name}'."
            raise _Unusable("RS-4109", name, message, "Set it, or give it.")
    resolved = _expand(value, found, assets, name)
    if isinstance(resolved, str) and resolved.startswith("secret:"):
        resolved = assets.secret(resolved)
        if resolved is None:
            message = f"Nobody knows the secret of parameter '{name}'."
            raise _Unusable("RS-4108", name, message, "Set it again, or give it.")
    try:
        return typed_value(kind, resolved, choices)
    except ValueError as error:
        shown = "the value given" if kind == "encrypted" else repr(resolved)
        raise _Unusable("RS-4103", name, f"Parameter '{name}' must be {error}; {shown} is not.") from None


def _declare_set(found: _Collector, name: str, chosen: str | None, assets: Assets) -> bool:
    """Declare a set's parameters; return whether there is such a set."""
    asset = assets.parameter_set(name)
    if asset is None:
        found.say(
            "RS-4105",
            name,
            f"The parameter set '{name}' is not in the project.",
            _near(name, assets.parameter_sets())
            or "Create it with project.create_parameter_set, or run the flow from its project.",
        )
        return False
    overrides: dict[str, Any] = {}
    if chosen:
        sets = {str(item.get("name")): item for item in asset.get("value_sets") or ()}
        if chosen not in sets:
            has = f"It has: {', '.join(sets)}." if sets else "It has no value set at all."
            has = _near(chosen, sets) or has
            found.say("RS-4106", name, f"The parameter set '{name}' has no value set '{chosen}'.", has)
        else:
            overrides = {str(item.get("name")): item.get("value") for item in sets[chosen].get("values") or ()}
    for entry in asset.get("parameters") or ():
        own = str(entry.get("name"))
        found.declare(f"{name}.{own}", entry, overrides.get(own, entry.get("value")))
    return True


def _expand(value: Any, found: _Collector, assets: Assets, name: str, depth: int = 0) -> Any:
    """Replace references to other parameters in a parameter's value."""
    if not isinstance(value, str) or "#" not in value:
        return value
    if depth > _MOST_NESTED:
        raise _Unusable("RS-4107", name, f"Parameter '{name}' refers to itself.")

    def replaced(match: re.Match[str]) -> str:
        inner = match.group(1)
        if inner.startswith("$"):
            return assets.environment(inner[1:]) or ""
        if inner not in found.raw:
            return match.group(0)
        return str(_expand(found.raw[inner][1], found, assets, name, depth + 1))

    return REFERENCE.sub(replaced, value)


class Missing(LookupError):
    """A reference to a parameter that there is not."""


def bind_text(text: str, parameters: Mapping[str, ParameterValue], assets: Assets) -> Any:
    """Return a property's text with its parameter references replaced.

    A text that is one reference and nothing else takes the parameter's typed value.

    Raises:
        Missing: A parameter that there is not; its name is the argument.
    """

    def value_of(name: str) -> Any:
        if name.startswith("$"):
            found = assets.environment(name[1:])
            if found is None:
                raise Missing(name)
            return found
        if name not in parameters:
            raise Missing(name)
        return parameters[name].value

    whole = REFERENCE.fullmatch(text.strip())
    if whole is not None:
        return value_of(whole.group(1))
    return REFERENCE.sub(lambda match: _shown(value_of(match.group(1))), text)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def bind_value(value: Any, parameters: Mapping[str, ParameterValue], assets: Assets) -> Any:
    """Return a property's value with the parameter references in its texts replaced, however deep they stand.

    Raises:
        Missing: A parameter that there is not; its name is the argument.
    """
    if isinstance(value, str):
        return bind_text(value, parameters, assets) if "#" in value else value
    if isinstance(value, list):
        return [bind_value(item, parameters, assets) for item in value]
    if isinstance(value, Mapping):
        return {key: bind_value(item, parameters, assets) for key, item in value.items()}
    return value
