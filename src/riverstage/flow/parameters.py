"""The parameters of a flow: its own, those of parameter sets it uses, and what a run shall give them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from riverstage.catalogue import MASK
from riverstage.document.parameters import PARAMETER_TYPES, stands_for_another, typed_value
from riverstage.errors import NotFoundError, ParameterError, Place, RemovedError, RiverstageError
from riverstage.flow._errors import did_you_mean, one_of

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["PARAMETER_TYPES", "Parameter", "ParameterSetReference", "Parameters"]

_ALIASES = {
    "list": "enum",
    "integer": "int64",
    "int": "int64",
    "float": "sfloat",
    "multiline_string": "multilinestring",
}
_NAME = re.compile(r"[A-Za-z_]\w*\Z")


def parameter_type(said: object) -> str:
    """Return a parameter's type as documents write it.

    Raises:
        ParameterError: It is none.
    """
    text = str(getattr(said, "value", said)).lower()
    found = _ALIASES.get(text, text)
    if found in PARAMETER_TYPES:
        return found
    message = f"{said!r} is no type of parameter: expected {one_of(PARAMETER_TYPES)}."
    raise ParameterError(message, mend=did_you_mean(text, [*PARAMETER_TYPES, *_ALIASES]))


class Parameter:
    """A parameter of a flow. Properties take its value where they say ``#name#``."""

    __slots__ = ("_document", "_name")

    def __init__(self, document: Document, name: str) -> None:
        self._document = document
        self._name = name

    def _entry(self) -> dict[str, Any]:
        for entry in local_entries(self._document):
            if entry.get("name") == self._name:
                return entry
        message = f"The parameter '{self._name}' was removed from its flow."
        raise RemovedError(message, place=Place(parameter=self._name))

    @property
    def name(self) -> str:
        """What properties call it."""
        return self._name

    @property
    def param_type(self) -> str:
        """Its type."""
        return str(self._entry().get("type") or "string")

    @param_type.setter
    def param_type(self, kind: str) -> None:
        self._entry()["type"] = parameter_type(kind)

    @property
    def description(self) -> str:
        """What it is for."""
        return str(self._entry().get("description") or "")

    @description.setter
    def description(self, text: str) -> None:
        self._entry()["description"] = text

    @property
    def prompt(self) -> str:
        """What a person is asked for."""
        return str(self._entry().get("prompt") or "")

    @prompt.setter
    def prompt(self, text: str) -> None:
        self._entry()["prompt"] = text

    @property
    def value(self) -> Any:
        """Its value where a run gives it no other."""
        return self._entry().get("value")

    @value.setter
    def value(self, value: Any) -> None:
        entry = self._entry()
        _require_valid(self._name, self.param_type, value, self.valid_values)
        entry["value"] = _plain(value)

    @property
    def valid_values(self) -> list[Any]:
        """The values it can have; empty for any."""
        choices = self._entry().get("valid_values")
        return list(choices) if isinstance(choices, list) else []

    @valid_values.setter
    def valid_values(self, values: list[Any] | None) -> None:
        self._entry()["valid_values"] = list(values or ())

    def __str__(self) -> str:
        return f"#{self._name}#"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameter) and other._document is self._document and other._name == self._name

    def __hash__(self) -> int:
        return hash((id(self._document), self._name))

    def __repr__(self) -> str:
        value = MASK if self.param_type == "encrypted" and self.value else self.value
        return f"Parameter(name={self._name!r}, param_type={self.param_type!r}, value={value!r})"


class Parameters(list[Parameter]):
    """The parameters of a flow, by place or by name."""

    __slots__ = ()

    def get(self, name: str) -> Parameter:
        """Return the parameter of that name.

        Raises:
            NotFoundError: There is none.
        """
        for one in self:
            if one.name == name:
                return one
        message = f"The flow has no parameter '{name}'."
        raise NotFoundError(message, mend=did_you_mean(name, [one.name for one in self]))

    def __getitem__(self, index: Any) -> Any:
        return self.get(index) if isinstance(index, str) else super().__getitem__(index)


class ParameterSetReference:
    """A parameter set of the project that a flow uses. Properties take its values where they say ``#set.name#``."""

    __slots__ = ("_entry", "_sets")

    def __init__(self, entry: dict[str, Any], sets: Any = None) -> None:
        self._entry = entry
        self._sets = sets

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._entry.get("name") or "")

    @property
    def description(self) -> str:
        """What it is for."""
        return str(self._entry.get("description") or "")

    @property
    def parameter_set_id(self) -> str | None:
        """Its id, where the project has one."""
        return self._entry.get("ref")

    @property
    def parameters(self) -> list[Any] | None:
        """Its parameters, as the flow's project has them; None for a flow that no project keeps.

        Raises:
            NotFoundError: The project has no such set.
        """
        if self._sets is None:
            return None
        found: list[Any] = self._sets.get(name=self.name).parameters
        return found

    def __getitem__(self, parameter: str) -> str:
        return f"#{self.name}.{parameter}#"

    def __eq__(self, other: object) -> bool:
        return getattr(other, "name", None) == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        try:
            kept = self.parameters
        except RiverstageError:
            kept = None
        shown = "" if kept is None else f", parameters={kept!r}"
        return f"ParameterSet(name={self.name!r}{shown})"


def local_entries(document: Document) -> list[dict[str, Any]]:
    """Return the flow's own parameters as the document has them."""
    held = document.tree.get("parameters")
    listed = held.get("local_parameters") if isinstance(held, dict) else None
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def add_local(
    document: Document, kind: str, name: str, description: str, prompt: str, value: Any, valid_values: list[Any] | None
) -> Parameter:
    """Add a parameter to a flow.

    Raises:
        ParameterError: The name, type or value cannot be one, or the name is taken.
    """
    place = Place(parameter=name if isinstance(name, str) else None)
    if not isinstance(name, str) or not _NAME.match(name):
        message = f"{name!r} cannot be the name of a parameter: letters, digits and '_', no digit first."
        raise ParameterError(message, code="RS-2009", place=place)
    if any(entry.get("name") == name for entry in local_entries(document)):
        raise ParameterError(f"The flow has a parameter '{name}' already.", code="RS-2009", place=place)
    said = parameter_type(kind)
    choices = list(valid_values or ())
    if said == "enum" and not choices:
        message = "A parameter that is a choice needs 'valid_values'."
        raise ParameterError(message, code="RS-2009", place=place)
    _require_valid(name, said, value, choices)
    entry = {
        "name": name, "type": said, "description": description, "prompt": prompt, "value": _plain(value),
        "valid_values": choices,
    }  # fmt: skip
    held = document.tree.setdefault("parameters", {})
    held.setdefault("local_parameters", []).append(entry)
    return Parameter(document, name)


def remove_local(document: Document, name: str) -> None:
    """Remove a parameter from a flow.

    Raises:
        NotFoundError: There is none of that name.
    """
    entries = local_entries(document)
    if all(entry.get("name") != name for entry in entries):
        mend = did_you_mean(name, [str(entry.get("name")) for entry in entries])
        raise NotFoundError(f"The flow has no parameter '{name}'.", place=Place(parameter=name), mend=mend)
    document.tree["parameters"]["local_parameters"][:] = [one for one in entries if one.get("name") != name]


def set_references(document: Document, sets: Any = None) -> list[ParameterSetReference]:
    """Return the parameter sets that a flow uses; ``sets`` are those of its project."""
    listed = document.tree.get("external_paramsets")
    return [ParameterSetReference(entry, sets) for entry in listed or () if isinstance(entry, dict)]


def use_set(document: Document, parameter_set: object) -> None:
    """Let a flow use a parameter set, given as an object with a name or by its name."""
    name = parameter_set if isinstance(parameter_set, str) else getattr(parameter_set, "name", None)
    if not isinstance(name, str) or not name:
        message = f"A parameter set has a name; {parameter_set!r} has none."
        raise ParameterError(message, code="RS-2009")
    listed = document.tree.setdefault("external_paramsets", [])
    entry = next((one for one in listed if isinstance(one, dict) and one.get("name") == name), None)
    if entry is None:
        entry = {"name": name, "description": ""}
        listed.append(entry)
    if isinstance(parameter_set, str):
        return
    entry["description"] = str(getattr(parameter_set, "description", None) or entry.get("description") or "")
    reference = getattr(parameter_set, "parameter_set_id", None)
    if reference:
        entry["ref"] = str(reference)
    project = getattr(getattr(parameter_set, "project", None), "project_id", None)
    if project:
        entry["project_id"] = str(project)


def _require_valid(name: str, kind: str, value: Any, choices: Any) -> None:
    if value is None or stands_for_another(value):
        return
    if choices and value not in choices and not (isinstance(value, str) and value in map(str, choices)):
        message = f"{value!r} is not a value of the parameter '{name}': expected {one_of(choices)}."
        raise ParameterError(
            message, code="RS-2009", place=Place(parameter=name), mend=did_you_mean(value, map(str, choices))
        )
    known = _ALIASES.get(kind.lower(), kind.lower())
    if known in PARAMETER_TYPES and (known != "enum" or choices):
        typed_value(known, value, choices, name=name, code="RS-2009")


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
