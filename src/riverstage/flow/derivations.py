"""What a Transformer computes and a Lookup looks for: derivations, stage variables, lookup keys.

Each stands where flows of this format keep it: derivations in the output port's ``valueDerivation`` and beside the
column they give, variables in the stage's ``StageVariables``, lookup keys in the reference port's
``lookupDerivation``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from riverstage.errors import NotFoundError, Place, UsageError
from riverstage.flow._errors import UnknownNameError, did_you_mean
from riverstage.flow._options import TYPES
from riverstage.flow._slots import port_parameters, put_value

if TYPE_CHECKING:
    from riverstage.flow.link import Link
    from riverstage.flow.stage import StageNode

__all__ = ["Derivations", "LookupKeys", "StageVariable", "StageVariables"]

_TRANSFORMERS = ("CTransformerStage",)
_PLAIN_COLUMN = re.compile(r"[A-Za-z_$][\w$]*\.[A-Za-z_$][\w$]*\Z")
_TYPE = re.compile(r"\s*(\w+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*\Z")


def require_expression(expression: object, place: Place) -> str:
    """Return an expression, or raise where it is none."""
    if isinstance(expression, str) and expression.strip():
        return expression
    raise UsageError(f"An expression is text that is not empty, not {expression!r}.", code="RS-2007", place=place)


def _source_parameters(link: Link) -> dict[str, Any]:
    port = link._live().source_port
    if port is None:
        message = "The document does not say which port this link comes from."
        raise UsageError(message, code="RS-2007", place=link._place(), mend="Disconnect and connect the stages again.")
    return port_parameters(port)


def _is_from_transformer(link: Link) -> bool:
    return link.src._node().get("op") in _TRANSFORMERS


def _require_transformer(link: Link) -> None:
    if not _is_from_transformer(link):
        message = f"{link.src!r} is no Transformer: only links out of one have constraints."
        raise UsageError(message, code="RS-2007", place=link._place())


def transformer_value(link: Link, key: str) -> Any:
    """Return what a Transformer's port says under a key; None for other stages."""
    port = link._live().source_port or {}
    return (port.get("parameters") or {}).get(key)


def set_transformer_value(link: Link, key: str, value: Any) -> None:
    """Set or, with None, clear what a Transformer's port says under a key."""
    _require_transformer(link)
    held = _source_parameters(link)
    if value is None:
        held.pop(key, None)
    else:
        put_value(held, key, value)


def _entries(held: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    listed = held.get(key)
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _replace(kept: MutableMapping[str, str], wanted: object, place: Place) -> None:
    """Put a mapping of columns to expressions in place of what a link has; it stays as it was where one is refused."""
    if not isinstance(wanted, Mapping):
        message = f"Expressions are set from a mapping of columns to expressions, not {wanted!r}."
        raise UsageError(message, code="RS-2007", place=place)
    former, said = dict(kept), dict(wanted)
    try:
        for column, expression in said.items():
            kept[column] = expression
    except UsageError:
        for column in [one for one in kept if one not in former]:
            del kept[column]
        kept.update(former)
        raise
    for column in [one for one in former if one not in said]:
        del kept[column]


class Derivations(MutableMapping[str, str]):
    """Column name to expression, for the columns of one link, in the order of its schema."""

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    def _fields(self) -> list[dict[str, Any]]:
        held = self._link._document.link_schema(self._link._live()) or {}
        return list(held.get("fields") or ())

    def _all(self) -> dict[str, str]:
        port = self._link._live().source_port or {}
        entries = _entries(port.get("parameters") or {}, "valueDerivation")
        said = {str(entry.get("columnName")): str(entry.get("parsedExpression") or "") for entry in entries}
        found = {}
        for field in self._fields():
            expression = said.pop(field["name"], None) or self._own(field)
            if expression:
                found[field["name"]] = expression
        return found | {name: expression for name, expression in said.items() if expression}

    def _own(self, field: Mapping[str, Any]) -> str | None:
        own = (field.get("app_data") or {}).get("derivation") if _is_from_transformer(self._link) else None
        return own or (field.get("metadata") or {}).get("source_field_id")

    def _said(self, column: str) -> str | None:
        """Return what the port says about a column, if anything."""
        port = self._link._live().source_port or {}
        for entry in _entries(port.get("parameters") or {}, "valueDerivation"):
            if entry.get("columnName") == column:
                return str(entry.get("parsedExpression") or "") or None
        return None

    def __getitem__(self, column: str) -> str:
        found = self._all()
        if column in found:
            return found[column]
        message = f"The column '{column}' has no derivation."
        raise UnknownNameError(message, place=self._link._place(), mend=did_you_mean(column, found))

    def __setitem__(self, column: str, expression: str) -> None:
        require_expression(expression, Place(link=self._link.name, column=column))
        require_expression(column, self._link._place())
        is_plain = _PLAIN_COLUMN.match(expression) is not None
        held = _source_parameters(self._link)
        listed = held.get("valueDerivation")
        if not isinstance(listed, list):
            listed = []
            put_value(held, "valueDerivation", listed)
        entry = next((one for one in _entries(held, "valueDerivation") if one.get("columnName") == column), None)
        if entry is None:
            entry = {"columnName": column}
            listed.append(entry)
        entry["parsedExpression"] = expression
        if is_plain:
            entry["sourceColumn"] = expression
        else:
            entry.pop("sourceColumn", None)
        self._write_field(column, expression, is_plain=is_plain)

    def _write_field(self, column: str, expression: str, *, is_plain: bool) -> None:
        for field in self._fields():
            if field["name"] == column:
                if is_plain:
                    field.setdefault("metadata", {})["source_field_id"] = expression
                else:
                    field.get("metadata", {}).pop("source_field_id", None)
                field.setdefault("app_data", {})["derivation"] = expression

    def __delitem__(self, column: str) -> None:
        self[column]
        self.discard(column)

    def discard(self, column: str) -> None:
        """Take the derivation of a column away, if it has one."""
        port = self._link._live().source_port or {}
        held = port.get("parameters") or {}
        kept = [one for one in _entries(held, "valueDerivation") if one.get("columnName") != column]
        if kept:
            held["valueDerivation"][:] = kept
        else:
            held.pop("valueDerivation", None)
        for field in self._fields():
            if field["name"] == column:
                field.get("app_data", {}).pop("derivation", None)
                field.get("metadata", {}).pop("source_field_id", None)

    def replace(self, wanted: Mapping[str, str]) -> None:
        """Let these derivations take the place of all there are."""
        _replace(self, wanted, self._link._place())

    def rename(self, old: str, new: str) -> None:
        """Let the derivation of a column follow its new name."""
        port = self._link._live().source_port or {}
        for entry in _entries(port.get("parameters") or {}, "valueDerivation"):
            if entry.get("columnName") == old:
                entry["columnName"] = new

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


class LookupKeys(MutableMapping[str, str]):
    """The keys of a reference link: its column to the expression, over the primary link, that it must equal."""

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    def _held(self) -> dict[str, Any]:
        return port_parameters(self._link._live().target_port)

    def _read(self) -> list[dict[str, Any]]:
        return _entries(self._link._live().target_port.get("parameters") or {}, "lookupDerivation")

    def add(self, column: str, expression: str | None = None, key_type: str = "=") -> LookupKeys:
        """Add or change a key.

        Args:
            column: The column of the reference link.
            expression: What it must equal; None for the column of that name on the primary link.
            key_type: ``=`` for equal, ``caseless`` for equal but for case, ``range`` for a range.
        """
        place = Place(link=self._link.name, column=column)
        require_expression(column, place)
        if self._link.type != "REFERENCE":
            message = "Only a reference link has lookup keys."
            raise UsageError(message, code="RS-2007", place=place, mend="Call 'link.reference()' first.")
        said = require_expression(self._primary(column) if expression is None else expression, place)
        held = self._held()
        if not isinstance(held.get("lookupDerivation"), list):
            put_value(held, "lookupDerivation", [])
        entry = next((one for one in self._read() if one.get("columnName") == column), None)
        if entry is None:
            entry = {}
            held["lookupDerivation"].append(entry)
        tail = {key: entry[key] for key in entry if key not in ("parsedExpression", "sourceColumn")}
        entry.clear()
        entry["parsedExpression"] = said
        if _PLAIN_COLUMN.match(said):
            entry["sourceColumn"] = said
        entry.update(tail)
        entry["keyType"] = key_type
        entry["columnName"] = column
        return self

    def replace(self, wanted: Mapping[str, str]) -> None:
        """Let these keys take the place of all there are."""
        _replace(self, wanted, self._link._place())

    def _primary(self, column: str) -> str:
        links = [link for link in self._link.dest.get_input_links() if link.type == "PRIMARY"]
        if len(links) == 1:
            return f"{links[0].name}.{column}"
        message = "The primary link is not known, so the expression must say it."
        raise UsageError(message, code="RS-2007", place=self._link._place())

    def __getitem__(self, column: str) -> str:
        found = {str(entry.get("columnName")): str(entry.get("parsedExpression") or "") for entry in self._read()}
        if column in found:
            return found[column]
        message = f"'{column}' is no lookup key."
        raise UnknownNameError(message, place=self._link._place(), mend=did_you_mean(column, found))

    def __setitem__(self, column: str, expression: str) -> None:
        entry = next((one for one in self._read() if one.get("columnName") == column), {})
        self.add(column, expression, str(entry.get("keyType") or "="))

    def __delitem__(self, column: str) -> None:
        self[column]
        held = self._held()
        held["lookupDerivation"][:] = [one for one in self._read() if one.get("columnName") != column]
        if not held["lookupDerivation"]:
            del held["lookupDerivation"]

    def __iter__(self) -> Iterator[str]:
        return iter([str(entry.get("columnName")) for entry in self._read()])

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(dict(self))


class StageVariable:
    """A variable of a Transformer."""

    __slots__ = ("_name", "_stage")

    def __init__(self, stage: StageNode, name: str) -> None:
        self._stage = stage
        self._name = name

    def _entry(self) -> dict[str, Any]:
        for entry in StageVariables(self._stage)._read():
            if entry.get("Name") == self._name:
                return entry
        message = f"There is no stage variable '{self._name}' any more."
        raise NotFoundError(message, place=self._stage._place())

    @property
    def name(self) -> str:
        """What expressions call it."""
        return self._name

    @property
    def derivation(self) -> str:
        """The expression that gives its value for each row."""
        return str(self._entry().get("Derivation") or "")

    @derivation.setter
    def derivation(self, expression: str) -> None:
        self._entry()["Derivation"] = require_expression(expression, self._stage._place())

    @property
    def type(self) -> str | None:
        """Its type, as ``DECIMAL(10, 2)``; None where nobody said."""
        entry = self._entry()
        said = [str(entry[key]) for key in ("Precision", "Scale") if entry.get(key) not in (None, "")]
        kind = entry.get("SqlType")
        return None if kind is None else f"{kind}({', '.join(said)})" if said else str(kind)

    @type.setter  # noqa: A003 - the name that add_stage_variable gives it
    def type(self, type: str | None) -> None:
        entry = self._entry()
        for key in ("SqlType", "Precision", "Scale"):
            entry.pop(key, None)
        if type is not None:
            entry.update(_type_of(type, self._stage._place()))

    @property
    def initial(self) -> str:
        """Its value before the first row."""
        value = self._entry().get("InitialValue")
        return "" if value is None else str(value)

    @initial.setter
    def initial(self, value: object) -> None:
        self._entry()["InitialValue"] = str(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StageVariable) and (other._stage, other._name) == (self._stage, self._name)

    def __hash__(self) -> int:
        return hash((self._stage, self._name))

    def __repr__(self) -> str:
        return f"StageVariable(name='{self._name}', derivation='{self.derivation}')"


class StageVariables(Sequence[StageVariable]):
    """The variables of a Transformer in the order in which they are computed, by place or by name."""

    __slots__ = ("_stage",)

    def __init__(self, stage: StageNode) -> None:
        if stage._node().get("op") not in _TRANSFORMERS:
            message = f"{stage!r} is no Transformer: it has no stage variables."
            raise UsageError(message, code="RS-2007", place=stage._place())
        self._stage = stage

    def _read(self) -> list[dict[str, Any]]:
        return _entries(self._stage._node().get("parameters") or {}, "StageVariables")

    def add(
        self,
        name: str,
        derivation: str = "",
        type: str | None = None,
        initial: object = "",
        *,
        precision: int | None = None,
        scale: int | None = None,
    ) -> StageVariable:
        """Add a variable behind the others; see ``StageNode.add_stage_variable``."""
        place = self._stage._place()
        require_expression(name, place)
        if any(entry.get("Name") == name for entry in self._read()):
            message = f"There is a stage variable '{name}' already."
            raise UsageError(message, code="RS-2007", place=place)
        kind = _with_digits({} if type is None else _type_of(type, place), precision, scale, place)
        entry = {"Name": name, **kind, "Derivation": derivation, "InitialValue": str(initial), "Extended": "false"}
        held = self._stage._node().setdefault("parameters", {})
        if not isinstance(held.get("StageVariables"), list):
            put_value(held, "StageVariables", [])
        held["StageVariables"].append(entry)
        return StageVariable(self._stage, name)

    def remove(self, name: str) -> None:
        """Remove a variable.

        Raises:
            NotFoundError: There is none of that name.
        """
        self[name]
        held = self._stage._node()["parameters"]
        held["StageVariables"][:] = [one for one in self._read() if one.get("Name") != name]
        if not held["StageVariables"]:
            del held["StageVariables"]

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def __getitem__(self, index: int | str) -> StageVariable: ...
    @overload
    def __getitem__(self, index: slice) -> list[StageVariable]: ...
    def __getitem__(self, index: int | str | slice) -> StageVariable | list[StageVariable]:
        names = [str(entry.get("Name")) for entry in self._read()]
        if isinstance(index, slice):
            return [StageVariable(self._stage, name) for name in names[index]]
        if isinstance(index, str):
            if index not in names:
                message = f"There is no stage variable '{index}'."
                raise NotFoundError(message, place=self._stage._place(), mend=did_you_mean(index, names))
            return StageVariable(self._stage, index)
        return StageVariable(self._stage, names[index])

    def __repr__(self) -> str:
        return repr(list(self))


def _type_of(said: str, place: Place) -> dict[str, str]:
    match = _TYPE.match(said) if isinstance(said, str) else None
    kind = match[1].upper() if match else ""
    if match is None or kind not in TYPES:
        message = f"{said!r} is no column type."
        raise UsageError(message, code="RS-2020", place=place, mend=did_you_mean(kind or said, TYPES))
    made = {"SqlType": kind}
    if match[2]:
        made["Precision"] = match[2]
    if match[3]:
        made["Scale"] = match[3]
    return made


def _with_digits(kind: dict[str, str], precision: int | None, scale: int | None, place: Place) -> dict[str, str]:
    """Return a type with the digits that are said beside it."""
    said = {name: value for name, value in (("Precision", precision), ("Scale", scale)) if value is not None}
    if not said:
        return kind
    message = ""
    if any(isinstance(value, bool) or not isinstance(value, int) or value < 0 for value in said.values()):
        message = "A precision and a scale are whole numbers, 0 or more."
    elif "SqlType" not in kind:
        message = "A precision and a scale belong to a type, and none is named."
    elif "Precision" in kind:
        message = "The type says its digits itself; precision and scale say them again."
    elif scale is not None and (precision is None or scale > precision):
        message = "A scale needs a precision, and is not larger than it."
    if message:
        raise UsageError(message, code="RS-2020", place=place, mend="Write the type as DECIMAL(10, 2).")
    return {**kind, **{name: str(value) for name, value in said.items()}}
