"""Parameters: their types, what they can hold, and how a parameter set is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from riverstage.document import parameters as held
from riverstage.document.parameters import PARAMETER_TYPES, stands_for_another
from riverstage.errors import ParameterError, Place

__all__ = ["PARAMETER_TYPES", "normal_body", "normal_parameter", "parameter_type", "typed_value"]

_ALIASES = {"list": "enum", "integer": "int64", "float": "sfloat", "multiline_string": "multilinestring"}
_NAME = re.compile(r"[a-zA-Z0-9_]+\Z")
_PARAMETER_NAME = re.compile(r"\$?[a-zA-Z_][a-zA-Z0-9_]*\Z")


def parameter_type(name: str) -> str:
    """Return the wire name of a parameter type; ``list``, ``integer`` and ``float`` are understood.

    Raises:
        ParameterError: There is no such type.

    Example:
        >>> parameter_type("Integer")
        'int64'
    """
    text = str(getattr(name, "value", name)).strip().lower()
    text = _ALIASES.get(text, text)
    if text in PARAMETER_TYPES:
        return text
    near = difflib.get_close_matches(text, [*PARAMETER_TYPES, *_ALIASES], n=1)
    raise ParameterError(
        f"There is no parameter type {name!r}.",
        code="RS-7020",
        mend=f"Did you mean {near[0]!r}?" if near else f"It is one of {', '.join(PARAMETER_TYPES)}.",
    )


def typed_value(kind: str, value: object, valid_values: Iterable[object] | None = None, *, name: str = "") -> Any:
    """Return a parameter's value as its type has it: a number for ``int64`` and ``sfloat``, text for the others.

    Args:
        kind: The type, by wire name.
        value: A value of the type, or text that says one.
        valid_values: For an ``enum``, what it may be.
        name: Name of the parameter, for errors.

    Raises:
        ParameterError: The type cannot hold the value. A secret is not shown.

    Example:
        >>> from datetime import date
        >>> typed_value("int64", "12"), typed_value("date", date(2024, 2, 29))
        (12, '2024-02-29')
    """
    return held.typed_value(kind, value, valid_values, name=name, code="RS-7021")


def normal_parameter(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parameter as files have it: its type by wire name, its keys in one order, its value checked.

    Args:
        given: ``name``, ``type`` (or ``param_type``) and, as they are set, ``description``, ``prompt``, ``value`` and
            ``valid_values``.

    Raises:
        ParameterError: It has no name or no such type, or cannot hold its value.
    """
    name = given.get("name")
    if not isinstance(name, str) or not _PARAMETER_NAME.match(name):
        raise ParameterError(
            f"A parameter cannot be called {name!r}.",
            code="RS-7022",
            mend="Use letters, digits and _, a letter or _ first; $ before it names an environment variable.",
        )
    kind = parameter_type(str(given.get("type") or given.get("param_type") or "string"))
    choices = given.get("valid_values")
    if kind == "enum" and not choices:
        raise ParameterError(
            "A parameter of type enum needs valid_values.", code="RS-7021", place=Place(parameter=name)
        )
    value = given.get("value")
    normal: dict[str, Any] = {"name": name, "type": kind}
    normal.update({key: given[key] for key in ("description", "prompt") if given.get(key)})
    if value is not None:
        normal["value"] = value if stands_for_another(value) else typed_value(kind, value, choices, name=name)
    if choices:
        normal["valid_values"] = list(choices)
    return normal


def normal_body(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parameter set as files have it, every parameter and value checked.

    Args:
        given: ``name``, and as they are set ``description``, ``parameters`` and ``value_sets``.

    Raises:
        ParameterError: A name is no name or comes twice, or a value does not fit.
    """
    name = given.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        raise ParameterError(
            f"A parameter set cannot be called {name!r}.", code="RS-7022", mend="Use letters, digits and _."
        )
    parameters = [normal_parameter(parameter) for parameter in given.get("parameters") or ()]
    _refuse_doubles("parameter", [parameter["name"] for parameter in parameters], name)
    known = {parameter["name"]: parameter for parameter in parameters}
    value_sets = [_normal_value_set(value_set, known) for value_set in given.get("value_sets") or ()]
    _refuse_doubles("value set", [value_set["name"] for value_set in value_sets], name)
    return {
        "name": name,
        "description": given.get("description") or "",
        "parameters": parameters,
        "value_sets": value_sets,
    }


def _normal_value_set(given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ParameterError("A value set needs a name.", code="RS-7022")
    values = []
    for entry in given.get("values") or ():
        parameter = known.get(entry.get("name"))
        if parameter is None:
            near = difflib.get_close_matches(str(entry.get("name")), known, n=1)
            raise ParameterError(
                f"The value set {name!r} has a value for {entry.get('name')!r}, and there is no such parameter.",
                code="RS-7023",
                mend=f"Did you mean {near[0]!r}?" if near else "",
            )
        value = entry.get("value")
        if value is not None and not stands_for_another(value):
            value = typed_value(parameter["type"], value, parameter.get("valid_values"), name=parameter["name"])
        values.append({"name": parameter["name"], "value": value})
    _refuse_doubles("value", [value["name"] for value in values], name)
    return {"name": name, "values": values}


def _refuse_doubles(what: str, names: list[str], where: str) -> None:
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise ParameterError(f"{where!r} has the {what} {doubled!r} twice.", code="RS-7022")
