"""Parameter sets: named parameters that flows share, and the sets of values that they can have."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riverstage.catalogue import MASK
from riverstage.client._collections import Collection
from riverstage.errors import NotFoundError, ParameterError
from riverstage.flow._strict import Strict
from riverstage.operations import ParameterSetRecord, normal_body, normal_parameter

if TYPE_CHECKING:
    from riverstage.client._project import Project

__all__ = ["Parameter", "ParameterSet", "ParameterSets", "ValueSet"]


class Parameter(Strict):
    """One parameter: a name, a type and, usually, a value.

    Args:
        name: Its name.
        param_type: Its type: ``string``, ``int64``, ``enum`` and so on; ``integer``, ``float`` and ``list`` too.
        value: The value that it has when nothing else says one.
        description: What it is for.
        prompt: What to ask a person for.
        valid_values: What an ``enum`` may be.

    Raises:
        ParameterError: It cannot be called so, there is no such type, or the type cannot hold the value.
    """

    __slots__ = ("__weakref__", "description", "name", "param_type", "prompt", "valid_values", "value")

    def __init__(
        self,
        name: str,
        param_type: str = "string",
        value: Any = None,
        *,
        description: str | None = None,
        prompt: str | None = None,
        valid_values: Iterable[Any] | None = None,
    ) -> None:
        choices = None if valid_values is None else list(valid_values)
        said = {"name": name, "type": param_type, "value": value, "valid_values": choices}
        normal = normal_parameter(said)
        self.name = name
        self.param_type: str = normal["type"]
        self.value = normal.get("value")
        self.description = description
        self.prompt = prompt
        self.valid_values = choices

    def __repr__(self) -> str:
        shown = MASK if self.param_type == "encrypted" and self.value else self.value
        value = "" if self.value is None else f", value={shown!r}"
        return f"Parameter(name={self.name!r}, param_type={self.param_type!r}{value})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameter) and self.as_dict() == other.as_dict()

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Parameter:
        """Return the parameter that a mapping with ``name``, ``type`` and ``value`` says."""
        return cls(
            data.get("name", ""),
            data.get("type") or data.get("param_type") or "string",
            data.get("value"),
            description=data.get("description"),
            prompt=data.get("prompt"),
            valid_values=data.get("valid_values"),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is saved."""
        said = {key: getattr(self, key) for key in ("name", "value", "description", "prompt", "valid_values")}
        return normal_parameter({**said, "type": self.param_type})


class ValueSet(Strict):
    """Values for the parameters of a set, to be taken together.

    Args:
        name: Its name.
        values: Values by parameter, or a list of mappings with ``name`` and ``value``.
    """

    __slots__ = ("__weakref__", "_hidden", "name", "values")

    def __init__(self, name: str, values: Mapping[str, Any] | Iterable[Mapping[str, Any]] = ()) -> None:
        self.name = name
        if isinstance(values, Mapping):
            values = [{"name": key, "value": value} for key, value in values.items()]
        self.values: list[dict[str, Any]] = [dict(value) for value in values]
        self._hidden: set[str] = set()

    def __repr__(self) -> str:
        shown = [{**each, "value": MASK} if each.get("name") in self._hidden else each for each in self.values]
        return f"ValueSet(name={self.name!r}, values={shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValueSet) and self.as_dict() == other.as_dict()

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ValueSet:
        """Return the value set that a mapping with ``name`` and ``values`` says."""
        return cls(data.get("name", ""), data.get("values") or ())

    def add_value(self, name: str, value: Any) -> ValueSet:
        """Set the value of a parameter, and return the value set."""
        for each in self.values:
            if each["name"] == name:
                each["value"] = value
                return self
        self.values.append({"name": name, "value": value})
        return self

    def remove_value(self, name: str) -> ValueSet:
        """Remove the value of a parameter, and return the value set.

        Raises:
            NotFoundError: It has no value for such a parameter.
        """
        kept = [each for each in self.values if each["name"] != name]
        if len(kept) == len(self.values):
            raise _unknown("value", name, [each["name"] for each in self.values])
        self.values = kept
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is saved."""
        return {"name": self.name, "values": self.values}


class ParameterSet(Strict):
    """Parameters under one name. A property refers to one as ``#set.parameter#``, which ``set["parameter"]`` gives.

    Args:
        name: Its name: letters, digits and ``_``.
        parameters: Its parameters.
        description: What it is for.
        value_sets: Its value sets.

    Example:
        >>> rows = ParameterSet("rows").add_parameter("integer", "quantity", value=10)
        >>> rows["quantity"]
        '#rows.quantity#'
        >>> rows.parameters
        [Parameter(name='quantity', param_type='int64', value=10)]
    """

    __slots__ = (
        "__weakref__", "_revision", "_saved_name", "description", "name", "parameter_set_id", "parameters", "project",
        "value_sets",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        parameters: Iterable[Parameter | Mapping[str, Any]] = (),
        description: str = "",
        value_sets: Iterable[ValueSet | Mapping[str, Any]] = (),
    ) -> None:
        self.name = name
        self.description = description
        self.parameters = [each if isinstance(each, Parameter) else Parameter.from_dict(each) for each in parameters]
        self.value_sets: list[ValueSet] = []
        self.parameter_set_id = ""
        self.project: Project | None = None
        self._saved_name = name
        self._revision = ""
        for value_set in value_sets:
            self.add_value_set(value_set)
        normal_body(self.as_dict())

    def __repr__(self) -> str:
        return (
            f"ParameterSet(name={self.name!r}, parameters={self.parameters!r}, description={self.description!r}, "
            f"value_sets={self.value_sets!r})"
        )

    def __getitem__(self, parameter: str) -> str:
        if parameter not in self:
            raise _unknown("parameter", parameter, [each.name for each in self.parameters])
        return f"#{self.name}.{parameter}#"

    def __contains__(self, parameter: object) -> bool:
        return any(each.name == parameter for each in self.parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __bool__(self) -> bool:
        return True

    @classmethod
    def from_dict(cls, parameter_set_data: Mapping[str, Any]) -> ParameterSet:
        """Return the parameter set that a mapping with ``name``, ``parameters`` and ``value_sets`` says."""
        return cls(
            parameter_set_data.get("name", ""),
            parameter_set_data.get("parameters") or (),
            parameter_set_data.get("description") or "",
            parameter_set_data.get("value_sets") or (),
        )

    def add_parameter(
        self,
        parameter_type: str,
        name: str,
        description: str | None = None,
        prompt: str | None = None,
        value: Any = None,
        valid_values: Iterable[Any] | None = None,
    ) -> ParameterSet:
        """Add a parameter, and return the set.

        Args:
            parameter_type: Its type: ``string``, ``int64``, ``enum`` and so on; ``integer``, ``float``, ``list`` too.
            name: Its name, unique in the set.
            description: What it is for.
            prompt: What to ask a person for.
            value: The value that it has when nothing else says one.
            valid_values: What an ``enum`` may be.

        Raises:
            ParameterError: The set has such a parameter, or the parameter cannot be so.
        """
        if name in self:
            raise ParameterError(
                f"The parameter set {self.name!r} has the parameter {name!r} already.",
                code="RS-7022",
                mend="Remove it first, or choose another name.",
            )
        self.parameters.append(
            Parameter(name, parameter_type, value, description=description, prompt=prompt, valid_values=valid_values)
        )
        self._hide()
        return self

    def remove_parameter(self, parameter_name: str) -> ParameterSet:
        """Remove a parameter and its values in value sets, and return the set.

        Raises:
            NotFoundError: There is no such parameter.
        """
        if parameter_name not in self:
            raise _unknown("parameter", parameter_name, [each.name for each in self.parameters])
        self.parameters = [each for each in self.parameters if each.name != parameter_name]
        for value_set in self.value_sets:
            value_set.values = [each for each in value_set.values if each["name"] != parameter_name]
        return self

    def add_value_set(self, value_set: ValueSet | Mapping[str, Any]) -> ParameterSet:
        """Add a value set, and return the set.

        Args:
            value_set: The value set, or a mapping with ``name`` and ``values``.

        Raises:
            ParameterError: It has a value for a parameter that is not there, or one that does not fit.
        """
        added = value_set if isinstance(value_set, ValueSet) else ValueSet.from_dict(value_set)
        normal_body({**self.as_dict(), "value_sets": [*(each.as_dict() for each in self.value_sets), added.as_dict()]})
        self.value_sets.append(added)
        self._hide()
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return it as the public parameter set API has it."""
        return {
            "name": self.name,
            "description": self.description,
            "parameters": [parameter.as_dict() for parameter in self.parameters],
            "value_sets": [value_set.as_dict() for value_set in self.value_sets],
        }

    def _hide(self) -> None:
        hidden = {each.name for each in self.parameters if each.param_type == "encrypted"}
        for value_set in self.value_sets:
            value_set._hidden = hidden

    def _take(self, project: Project, record: ParameterSetRecord) -> ParameterSet:
        """Become what is kept: ids, revision, and tokens in place of secrets."""
        self.name = self._saved_name = record.name
        self.description = record.description
        self.parameters = [Parameter.from_dict(each) for each in record.parameters]
        self.value_sets = [ValueSet.from_dict(each) for each in record.value_sets]
        self._hide()
        self.parameter_set_id = record.parameter_set_id
        self.project = project
        self._revision = record.revision
        return self

    def _record(self) -> ParameterSetRecord:
        body = self.as_dict()
        return ParameterSetRecord(
            "" if self.project is None else self.project.project_id,
            self.parameter_set_id,
            self.name,
            self.description,
            body["parameters"],
            body["value_sets"],
            self._revision,
        )


class ParameterSets(Collection[ParameterSet]):
    """The parameter sets of a project.

    Args:
        project: The project.
    """

    what = "parameter set"
    attributes = ("name", "description", "parameter_set_id")

    def __init__(self, project: Project) -> None:
        self._project = project

    def _all(self) -> Iterator[ParameterSet]:
        for record in self._project._operations.parameter_sets.list():
            yield ParameterSet(record.name)._take(self._project, record)


def _unknown(what: str, name: str, known: list[str]) -> NotFoundError:
    near = difflib.get_close_matches(name, known, n=1)
    return NotFoundError(
        f"There is no {what} {name!r} in the set.", code="RS-7002", mend=f"Did you mean {near[0]!r}?" if near else ""
    )
