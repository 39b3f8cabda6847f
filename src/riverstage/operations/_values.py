"""Which value each parameter of a run has."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from typing import Any

from riverstage.errors import ParameterError, Place
from riverstage.operations._parameters import typed_value

__all__ = ["parameter_values"]

VARIABLE_PREFIX = "RIVERSTAGE_PARAMETER_"


def parameter_values(
    local_parameters: Iterable[Mapping[str, Any]] = (),
    parameter_sets: Iterable[Mapping[str, Any]] = (),
    *,
    given: Mapping[str, Any] | None = None,
    value_sets: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the value of each parameter of a run, as its type has it.

    First found, first taken: what was given for the run; the environment variable ``RIVERSTAGE_PARAMETER_`` + the name
    (``…_SET__NAME`` for one of a set; as written, or in capitals); the chosen value set; the parameter's own value. A
    value ``$ENV`` is the environment variable that is called as the parameter. Tokens of secrets are not resolved here.

    Args:
        local_parameters: The flow's own parameters, as its document has them.
        parameter_sets: The parameter sets that the flow uses, each with ``name``, ``parameters`` and ``value_sets``.
        given: Values for this run, by ``name`` or ``set.name``.
        value_sets: The value set to take, by name of the parameter set.
        environ: The environment; the process's own by default.

    Returns:
        Values by ``name`` and ``set.name``. A parameter without any value is left out.

    Raises:
        ParameterError: A value does not fit its type, or was given for a parameter that is not there, or a value set
            is not there.

    Example:
        >>> rows = {"name": "ps", "parameters": [{"name": "n", "type": "int64", "value": 5}], "value_sets": []}
        >>> parameter_values(parameter_sets=[rows], given={"ps.n": "7"}, environ={})
        {'ps.n': 7}
    """
    environ = os.environ if environ is None else environ
    wanted = dict(given or {})
    chosen = dict(value_sets or {})
    values: dict[str, Any] = {}
    known = []
    for parameter in local_parameters:
        known.append(str(parameter["name"]))
        _bind(values, known[-1], parameter, {}, wanted, environ)
    for parameter_set in parameter_sets:
        choice = _chosen_values(parameter_set, chosen.pop(parameter_set["name"], None))
        for parameter in parameter_set.get("parameters", ()):
            known.append(f"{parameter_set['name']}.{parameter['name']}")
            _bind(values, known[-1], parameter, choice, wanted, environ)
    if wanted:
        raise _unknown("parameter", next(iter(wanted)), known)
    if chosen:
        raise _unknown("parameter set", next(iter(chosen)), [str(each["name"]) for each in parameter_sets])
    return values


def _bind(
    values: dict[str, Any],
    full_name: str,
    parameter: Mapping[str, Any],
    choice: Mapping[str, Any],
    wanted: dict[str, Any],
    environ: Mapping[str, str],
) -> None:
    name = str(parameter["name"])
    variable = VARIABLE_PREFIX + full_name.removeprefix("$").replace(".", "__")
    from_environment = environ.get(variable, environ.get(variable.upper()))
    sources = (wanted.pop(full_name, None), from_environment, choice.get(name), parameter.get("value"))
    value = next((source for source in sources if source is not None), None)
    if value == "$ENV":
        value = environ.get(name.removeprefix("$"))
        if value is None:
            raise ParameterError(
                f"The parameter takes the environment variable {name.removeprefix('$')}, and it is not set.",
                code="RS-7024",
                place=Place(parameter=full_name),
            )
    if value is None or value == "$UNSET":
        return
    kind = str(parameter.get("type", "string"))
    if value == "" and kind not in ("string", "multilinestring", "path", "encrypted", "email"):
        return
    values[full_name] = (
        value if value == "" else typed_value(kind, value, parameter.get("valid_values"), name=full_name)
    )


def _chosen_values(parameter_set: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    value_sets = {str(each["name"]): each for each in parameter_set.get("value_sets", ())}
    if name not in value_sets:
        raise _unknown(f"value set of {parameter_set['name']!r}", name, list(value_sets))
    return {entry["name"]: entry["value"] for entry in value_sets[name].get("values", ())}


def _unknown(what: str, name: str, known: list[str]) -> ParameterError:
    near = difflib.get_close_matches(name, known, n=1)
    mend = f"Did you mean {near[0]!r}?" if near else (f"There are: {', '.join(known)}." if known else "")
    return ParameterError(f"There is no {what} {name!r}.", code="RS-7023", mend=mend)
