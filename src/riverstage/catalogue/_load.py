"""Reading the catalogue's files: the facts under ``data``, the texts under ``texts``, put together a type at a time.

Facts are generated (``tools/build_catalogue.py``); texts are edited by hand. ``texts/_stages.json`` has category and
summary of every type. A text file says ``groups``, the order of a form's parts, and ``properties``, by Python name or
wire key: label, help, group, required, internal, role, visible_when, more choices, other words that documents have for
choices (``also``), limits of numbers (``least``, ``most``) and of text (``longest``), and the items of tables, which
may have more ``names``. Three layers are put on each other: ``_common`` for every type, ``_connectors`` for connectors
(also for the fields of their connections), and the type's own file, which wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from riverstage.catalogue._conditions import properties_of
from riverstage.catalogue._spec import ConnectionSpec, Items, Property, Role, Span, StageSpec, Where

__all__ = ["load", "read", "stage_texts", "texts_of"]

_HERE = Path(__file__).parent
_Json = dict[str, Any]

_PLACES: dict[str, Where] = {
    "node": "node",
    "input": "input",
    "output": "output",
    "source": "connection",
    "target": "connection",
}
_GROUPS: dict[Role | None, str] = {"source": "Reading", "target": "Writing", None: "Options"}
_PLAIN = ("required", "internal", "help", "role", "least", "most", "longest")


def read(path: str) -> _Json:
    """Return one of the catalogue's files."""
    found: _Json = json.loads((_HERE / path).read_bytes())
    return found


@cache
def _shared() -> _Json:
    return read("data/_shared.json")


@cache
def _long_choices() -> _Json:
    return read("data/_choices.json")


@cache
def _common_texts(name: str) -> _Json:
    return read(f"texts/{name}.json")


@cache
def stage_texts() -> _Json:
    """Return category and summary of every type, by name."""
    return read("texts/_stages.json")


def texts_of(file: str) -> _Json:
    """Return the texts of one type's own file, empty where it has none."""
    return read(f"texts/{file}.json") if (_HERE / "texts" / f"{file}.json").exists() else {}


@cache
def load(file: str) -> StageSpec:
    """Return the spec in that file, put together with its texts."""
    facts = read(f"data/{file}.json")
    texts = [
        _common_texts("_common"),
        *([_common_texts("_connectors")] if facts["is_connector"] else []),
        texts_of(file),
    ]
    own_groups = [group for text in reversed(texts) for group in text.get("groups", ())]
    two_sided = facts["node_type"] == "binding" and facts["inputs"][1] != 0 and facts["outputs"][1] != 0
    properties = _properties(facts, texts, two_sided=two_sided)
    by_wire: dict[str, Property] = {}
    for said in properties.values():
        by_wire.setdefault(said.wire, said)
    used = {said.group for said in properties.values()}
    groups = [group for group in dict.fromkeys(own_groups) if group in used]
    line = stage_texts()[facts["name"]]
    connection = facts.get("connection")
    return StageSpec(
        name=facts["name"],
        class_name=facts["class"],
        config_name=facts["config"],
        op=facts["op"],
        node_type=facts["node_type"],
        category=line[0],
        summary=line[1],
        image=facts["image"],
        is_connector=facts["is_connector"],
        inputs=_span(facts["inputs"]),
        outputs=_span(facts["outputs"]),
        link_limits=MappingProxyType(facts["link_limits"]),
        properties=MappingProxyType(properties),
        groups=(*groups, *sorted(used.difference(groups))),
        always_sent=MappingProxyType({place: tuple(names) for place, names in facts["always_sent"].items()}),
        sent_when_untouched=MappingProxyType(facts["sent_when_untouched"]),
        connection=None if connection is None else _connection(connection, texts),
        by_wire=MappingProxyType(by_wire),
    )


def _span(said: list[int]) -> Span:
    return Span(said[0], None if said[1] < 0 else said[1])


def _resolved(said: str | _Json) -> _Json:
    return _shared()[said] if isinstance(said, str) else said


def _properties(facts: _Json, texts: list[_Json], *, two_sided: bool) -> dict[str, Property]:
    """Return Python name to property; names with one wire key get one property between them."""
    slots: dict[str, list[str]] = {}
    said_of: dict[str, _Json] = {}
    for name, entry in facts["properties"].items():
        said = said_of[name] = _resolved(entry)
        slots.setdefault(said.get("wire", name), []).append(name)
    done: dict[str, Property] = {}
    for wire, names in slots.items():
        said = said_of[names[0]]
        if len(names) > 1:
            said = _joined([said_of[name] for name in names])
        text = _text(names, wire, [part.get("properties", {}) for part in texts])
        role: Role | None = _role(said["in"], names[0], facts) if two_sided else None
        slot = _property(names, wire, said, text, role=role)
        done.update(dict.fromkeys(names, slot))
    ordered = {name: done[name] for name in facts["properties"]}
    return _conditions_by_python_name(ordered)


def _joined(parts: list[_Json]) -> _Json:
    """Return the definition of a slot with several names: the first, with the places and labels of all."""
    said = dict(parts[0])
    said["in"] = list(dict.fromkeys(place for part in parts for place in part["in"]))
    if "choices" in said:
        said["choices"] = {label: wire for part in parts for label, wire in _choices(part).items()}
    return said


def _choices(said: _Json) -> _Json:
    choices = said.get("choices", {})
    if isinstance(choices, str):
        choices = _long_choices()[choices]
    return {label: label for label in choices} if isinstance(choices, list) else choices


def _text(names: list[str], wire: str, layers: list[_Json]) -> _Json:
    found: _Json = {}
    for layer in layers:
        entry = next((layer[key] for key in (*names, wire) if key in layer), None)
        if entry is not None:
            found.update(entry)
    return found


def _role(places: list[str], name: str, facts: _Json) -> Role | None:
    """Return the side that a property of a source-or-target stage belongs to."""
    if name == "runtime_column_propagation":
        return None
    if facts["is_connector"]:
        if name.startswith("reject_") and places == ["output"]:
            return "target"  # the reject link of a target is an output
        reading, writing = "source" in places, "target" in places
    else:
        reading, writing = "output" in places, "input" in places
    if reading == writing:
        return None
    return "source" if reading else "target"


def _label(name: str) -> str:
    words = name.strip("_").replace("_", " ")
    return words[:1].upper() + words[1:]


def _property(names: list[str], wire: str, said: _Json, text: _Json, *, role: Role | None = None) -> Property:
    plain = {key: text[key] for key in _PLAIN if key in text}
    role = plain.pop("role", role)
    kind = said["kind"]
    items = _items(said.get("items", {}), text.get("items", {})) if kind == "table" or "items" in text else None
    return Property(
        name=names[0],
        names=tuple(names),
        wire=wire,
        kind="table" if items is not None else kind,
        initial=said.get("default"),
        choices=MappingProxyType({**_choices(said), **text.get("choices", {})}),
        also=MappingProxyType(text.get("also", {})),
        places=tuple(dict.fromkeys(_PLACES[place] for place in said.get("in", ()))),
        secret=said.get("secret", False),
        label=text.get("label") or _label(names[0]),
        group=text.get("group") or _GROUPS[role],
        visible_when=text.get("visible_when"),
        items=items,
        role=role,
        of=said.get("of"),
        nullable=said.get("nullable", True),
        open=said.get("open", False),
        multiple=said.get("multiple", False),
        as_number=said.get("as_number", False),
        enum=(said.get("enum") or "".join(map(str.capitalize, names[0].split("_")))) if kind == "choice" else "",
        **plain,
    )


def _items(facts: _Json, text: _Json) -> Items:
    """Return the shape of a table's rows: what the facts list first, then what only the texts know."""
    texts: _Json = text.get("fields", {})
    fields: dict[str, Property] = {}
    for name in dict.fromkeys([*(key for key in texts if key in facts), *facts, *texts]):
        said = dict(facts.get(name, {"kind": "string"}))
        more = texts.get(name, {})
        said.update({key: more[key] for key in ("wire", "kind", "default", "choices", "open") if key in more})
        fields[name] = _property(
            [name, *more.get("names", ())],
            said.get("wire", name),
            said,
            {key: more[key] for key in more if key != "choices"},
        )
    return Items(fields=MappingProxyType(fields), nested=text.get("nested", False))


def _connection(facts: _Json, texts: list[_Json]) -> ConnectionSpec:
    layers = [part.get("connection", {}) for part in texts]
    fields = {}
    for name, entry in facts["fields"].items():
        said = _resolved(entry)
        wire = said.get("wire", name)
        text = {"group": "Connection", **_text([name], wire, layers)}
        fields[name] = _property([name], wire, {**said, "in": ["source"]}, text)
    return ConnectionSpec(facts["class"], facts["datasource_type"], MappingProxyType(fields))


def _conditions_by_python_name(properties: dict[str, Property]) -> dict[str, Property]:
    """Let conditions, which texts may write in wire keys, speak in this type's Python names."""
    wires = {said.wire: said.name for said in reversed(properties.values())}
    changed: dict[str, Property] = {}
    for said in properties.values():
        if said.visible_when and said.name not in changed:
            known = {name: name if name in properties else wires.get(name) for name in properties_of(said.visible_when)}
            condition = None if None in known.values() else _renamed(said.visible_when, known)
            changed[said.name] = replace(said, visible_when=condition)
    return {name: changed.get(said.name, said) for name, said in properties.items()}


def _renamed(condition: Mapping[str, Any], names: Mapping[str, str | None]) -> Mapping[str, Any]:
    done = dict(condition)
    if "property" in done:
        done["property"] = names[done["property"]]
    for key in ("all", "any"):
        if key in done:
            done[key] = [_renamed(part, names) for part in done[key]]
    if "not" in done:
        done["not"] = _renamed(done["not"], names)
    return done
