"""The reference page of a stage type, made from its spec: as data, and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from riverstage.catalogue._spec import Items, Property, StageSpec

__all__ = ["as_dict", "property_as_dict", "render"]

_SHOWN_CHOICES = 12
_LISTED_LAST = ("Partitioning", "Description", "Advanced")


def as_dict(spec: StageSpec, *, internal: bool = False) -> dict[str, Any]:
    """Return everything that a form or a page needs to know of a stage type, as JSON-ready data.

    Args:
        spec: The stage type.
        internal: Also list the properties in which other tools keep their own state.
    """
    said = [slot for slot in spec.slots if internal or not slot.internal]
    connection = spec.connection
    return {
        "name": spec.name,
        "op": spec.op,
        "class_name": spec.class_name,
        "category": spec.category,
        "summary": spec.summary,
        "node_type": spec.node_type,
        "image": spec.image,
        "is_connector": spec.is_connector,
        "inputs": dict(spec.inputs._asdict()),
        "outputs": dict(spec.outputs._asdict()),
        "rejects": dict(spec.rejects._asdict()),
        "references": dict(spec.references._asdict()),
        "groups": [group for group in spec.groups if any(slot.group == group for slot in said)],
        "properties": [property_as_dict(slot) for slot in said],
        "connection": None
        if connection is None
        else {
            "datasource_type": connection.datasource_type,
            "fields": [property_as_dict(slot) for slot in connection.fields.values() if internal or not slot.internal],
        },
    }


def property_as_dict(said: Property) -> dict[str, Any]:
    """Return one property as JSON-ready data; what is usual is left out."""
    done: dict[str, Any] = {
        "name": said.name,
        "wire": said.wire,
        "kind": said.kind,
        "label": said.label,
        "help": said.help,
        "group": said.group,
        "default": said.default,
        "places": list(said.places),
    }
    if len(said.names) > 1:
        done["names"] = list(said.names)
    if said.choices:
        done["choices"] = dict(said.choices)
    for limit in ("least", "most", "longest"):
        if getattr(said, limit) is not None:
            done[limit] = getattr(said, limit)
    if said.of:
        done["of"] = said.of
    if said.role:
        done["role"] = said.role
    if said.visible_when:
        done["visible_when"] = said.visible_when
    if said.items is not None:
        done["items"] = {
            "nested": said.items.nested,
            "fields": [property_as_dict(field) for field in said.items.fields.values()],
        }
    flags = ("required", "secret", "internal", "open", "multiple")
    done.update({flag: True for flag in flags if getattr(said, flag)})
    return done


def render(spec: StageSpec, *, internal: bool = False) -> str:
    """Return the reference page of a stage type in Markdown.

    Args:
        spec: The stage type.
        internal: Also list the properties in which other tools keep their own state.

    Example:
        >>> from riverstage.catalogue import find
        >>> print(render(find("Copy")).splitlines()[0])
        # Copy
    """
    return "\n".join(_page(spec, internal=internal)) + "\n"


def _page(spec: StageSpec, *, internal: bool) -> Iterator[str]:
    yield f"# {spec.name}"
    yield ""
    yield spec.summary
    yield ""
    yield f"* Category: {spec.category}"
    yield f"* Inputs: {spec.inputs}" + _beside(spec.references, "reference")
    yield f"* Outputs: {spec.outputs}" + _beside(spec.rejects, "reject")
    if spec.op:
        yield f"* Operator: `{spec.op}`"
    yield f'* In Python: `flow.add_stage("{spec.name}", "My label")`'
    first = [group for group in spec.groups if group not in _LISTED_LAST and group != "Internal"]
    for group in (*first, *_LISTED_LAST, "Internal"):
        said = [slot for slot in spec.slots if slot.group == group and (internal or not slot.internal)]
        if said:
            yield from _section(group, said, spec.properties)
    if spec.connection is not None:
        fields = [slot for slot in spec.connection.fields.values() if internal or not slot.internal]
        yield from _section("Settings of a connection", fields, {**spec.properties, **spec.connection.fields})


def _beside(span: Any, what: str) -> str:
    return "" if span.max == 0 else f", and {span} {what}"


def _section(title: str, said: list[Property], known: Mapping[str, Property]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield "| Property | Type | Default | What it does |"
    yield "|---|---|---|---|"
    for slot in said:
        names = " or ".join(f"`{name}`" for name in slot.names)
        yield f"| **{_cell(slot.label)}** {names} | {_type(slot)} | {_default(slot)} | {_cell(_about(slot, known))} |"
    shapes: dict[tuple[str, ...], list[str]] = {}
    for slot in said:
        if slot.items is not None and slot.items.fields:
            shapes.setdefault(tuple(_rows(slot.items)), []).append(f"`{slot.name}`")
    for rows, tables in shapes.items():
        yield from ("", f"A row of {', '.join(tables)} may say:", "", *rows)


def _rows(items: Items) -> Iterator[str]:
    for field in items.fields.values():
        choices = f" ({_choices(field.choices)})" if field.choices else ""
        help_text = f": {field.help}" if field.help else ""
        yield f"* `{field.name}`{help_text}{choices}"


def _type(slot: Property) -> str:
    if slot.kind == "choice":
        return _cell(_choices(slot.choices))
    if slot.kind == "list" and slot.of:
        return f"list of {slot.of}"
    return slot.kind


def _choices(choices: Mapping[str, Any]) -> str:
    shown = [f"`{label}`" for label in list(choices)[:_SHOWN_CHOICES]]
    rest = len(choices) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _default(slot: Property) -> str:
    if slot.initial is None or slot.initial == "":
        return ""
    label = slot.label_of(slot.initial) if slot.kind == "choice" else None
    return f"`{_cell(label or json.dumps(slot.initial, ensure_ascii=False))}`"


def _about(slot: Property, known: Mapping[str, Property]) -> str:
    parts = [slot.help]
    if slot.least is not None or slot.most is not None:
        parts.append(_limits(slot))
    if slot.longest is not None:
        parts.append("One character." if slot.longest == 1 else f"At most {slot.longest} characters.")
    if slot.required:
        parts.append("Required.")
    if slot.role:
        parts.append("Only as a source." if slot.role == "source" else "Only as a target.")
    if slot.secret:
        parts.append("Kept secret.")
    if slot.visible_when:
        parts.append(f"Means something when {_condition(slot.visible_when, known)}.")
    return " ".join(part for part in parts if part)


def _limits(slot: Property) -> str:
    if slot.most is None:
        return f"{slot.least} or more."
    return f"{slot.most} or less." if slot.least is None else f"From {slot.least} to {slot.most}."


def _condition(condition: Mapping[str, Any], known: Mapping[str, Property]) -> str:
    for key, word in (("all", " and "), ("any", " or ")):
        if key in condition:
            return word.join(_condition(part, known) for part in condition[key])
    if "not" in condition:
        return f"not ({_condition(condition['not'], known)})"
    name = f"`{condition['property']}`"
    if "set" in condition:
        return f"{name} is set" if condition["set"] else f"{name} is not set"
    slot = known.get(condition["property"])
    said = condition.get("in", condition.get("not_in", ()))
    values = " or ".join(f"`{_said(value, slot)}`" for value in said)
    return f"{name} is {values}" if "in" in condition else f"{name} is not {values}"


def _said(value: Any, slot: Property | None) -> str:
    """Return a wire value as people write it."""
    label = None if slot is None else slot.label_of(value)
    if label is None and isinstance(value, str) and value.strip():
        return value
    return label or json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
