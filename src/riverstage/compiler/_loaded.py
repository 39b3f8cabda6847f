"""What a loaded document says that means nothing, of fields, links, ports and nodes, with its place in the JSON."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from riverstage.document.fields import column_of, known_kind, known_names
from riverstage.errors import Diagnostic, DocumentError, Place, Severity
from riverstage.types import Column, RowType

if TYPE_CHECKING:
    from riverstage.document import Document, LinkRef

__all__ = ["pipeline_problems", "row_and_problems"]

_KINDS = ("PRIMARY", "REFERENCE", "REJECT")
_NODES = ("execution_node", "binding", "super_node", "model_node")
_UNTOLD = frozenset({None, ""})
_APART = ("app_data", "metadata")
_DIRECTIVES = "apt_field_properties"


def row_and_problems(
    document: Document, schema: Mapping[str, Any], place: Place
) -> tuple[RowType, tuple[Diagnostic, ...]]:
    """Return the columns of a schema and what is wrong with its fields; what means nothing counts as not said.

    Args:
        document: The document that the schema stands in.
        schema: The schema.
        place: Where it is used.
    """
    columns: list[Column] = []
    problems: list[Diagnostic] = []
    for number, field in enumerate(schema["fields"]):
        try:
            if _is_sound(field):
                columns.append(column_of(field))
                continue
        except DocumentError:
            pass  # said below, with its place
        here = replace(place, column=str(field.get("name", "")), path=f"{_path(document, schema)}.fields[{number}]")
        columns.append(_mended(field, here, problems))
    return RowType(tuple(columns)), tuple(problems)


def _is_sound(field: Mapping[str, Any]) -> bool:
    """Return whether a field says nothing but what it can; its numbers and directives are not looked at."""
    metadata, app_data = field.get("metadata") or {}, field.get("app_data") or {}
    directives = app_data.get(_DIRECTIVES)
    if not (directives is None or type(directives) is str):
        return False
    for said in (field.get("nullable"), metadata.get("is_key"), metadata.get("is_signed")):
        if not (said is None or type(said) is bool):
            return False
    try:
        return _is_known(field.get("type"), app_data.get("odbc_type"), app_data.get("type_code"))
    except TypeError:  # one of them is a list or an object
        return False


@cache
def _is_known(*said: Any) -> bool:
    return not list(_unknown(*said))


def _unknown(type_: object, odbc: object, code: object) -> Iterator[tuple[str, Any, tuple[str, ...], Severity]]:
    """Yield what says no type: where it stands, what it is, what it can be; a warning where another one decides."""
    kinds = [known_kind(member, value) for member, value in (("type", type_), ("odbc_type", odbc), ("type_code", code))]
    named = [value is not None and value != "" for value in (type_, odbc, code)]
    settled: Severity = "warning" if kinds[1] or kinds[2] else "error"
    for place, value, kind, is_named in zip(
        ("app_data.odbc_type", "app_data.type_code"), (odbc, code), kinds[1:], named[1:], strict=True
    ):
        if is_named and kind is None:
            yield place, value, known_names(place.rpartition(".")[2]), settled
    if named[0] and kinds[0] is None and not (named[1] or named[2]):
        yield "type", type_, known_names("type"), "error"


def _mended(field: Mapping[str, Any], here: Place, problems: list[Diagnostic]) -> Column:
    """Return the column of a field without what is wrong with it, and say that."""
    done = {**field, **{part: dict(field.get(part) or {}) for part in _APART}}

    def say(
        member: str,
        message: str,
        mend: str = "",
        severity: Severity = "error",
        code: str = "RS-4024",
        position: int | None = None,
    ) -> None:
        place = replace(here, path=f"{here.path}.{member}", position=position)
        problems.append(Diagnostic(code, severity, message, place, mend))
        part, _, key = member.rpartition(".")
        (done[part] if part else done).pop(key, None)

    for member in ("nullable", "metadata.is_key", "metadata.is_signed"):
        part, _, key = member.rpartition(".")
        value = (done[part] if part else done).get(key)
        if value is not None and type(value) is not bool:
            say(member, f"Expected true or false as '{key}', found {value!r}.")
    app_data = done["app_data"]
    if not isinstance(app_data.get(_DIRECTIVES) or "", str):
        say(f"app_data.{_DIRECTIVES}", f"Expected text as '{_DIRECTIVES}', found {app_data[_DIRECTIVES]!r}.")
    for member, value, known, severity in _unknown(
        done.get("type"), app_data.get("odbc_type"), app_data.get("type_code")
    ):
        what = member.rpartition(".")[2]
        message = f"{value!r} is no '{what}' that is known."
        if severity == "warning":
            message += " What else the field says decides its type."
        say(member, message, _near(value, known), severity)
    while True:
        try:
            return column_of(done)
        except DocumentError as error:
            member = error.place.property or _DIRECTIVES
            part = "metadata" if member in done["metadata"] else "app_data"
            say(f"{part}.{member}", error.message, error.mend, code=error.code, position=error.place.position)


def _near(value: Any, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(value).upper(), [*known], 1) or difflib.get_close_matches(
        str(value).lower(), [*known], 1
    )
    return f"Did you mean '{near[0]}'?" if near else ""


def pipeline_problems(document: Document, pipeline: str, flow: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with the nodes and links of a pipeline, as they were loaded."""
    for number, node in enumerate(document.nodes(pipeline)):
        kind = node.get("type")
        if kind is not None and kind not in _NODES:
            place = Place(
                flow=flow, stage=_label(node), path=f"{_pipeline_path(document, pipeline)}.nodes[{number}].type"
            )
            message = f"A node's type is one of {', '.join(_NODES)}, not {kind!r}."
            yield Diagnostic("RS-4008", "error", message, place, _near(kind, _NODES))
    refs = document.links(pipeline)
    for ref in refs:
        yield from _link_problems(document, pipeline, ref, flow)
    yield from _doubled(document, pipeline, refs, flow)


def _link_problems(document: Document, pipeline: str, ref: LinkRef, flow: str) -> Iterator[Diagnostic]:
    link, source_port = ref.link, ref.source_port

    def finding(code: str, member: str, message: str, mend: str = "", severity: Severity = "error") -> Diagnostic:
        place = Place(flow=flow, link=ref.name, path=_link_path(document, pipeline, ref, member))
        return Diagnostic(code, severity, message, place, mend)

    said = link.get("type_attr")
    if said not in _UNTOLD and str(said).upper() not in _KINDS:
        message = f"A link is one of {', '.join(_KINDS)}, not {said!r}."
        yield finding("RS-4008", "links[].type_attr", message, _near(said, _KINDS))
    port = link.get("port_id_ref")
    if port and (source_port is None or source_port.get("id") != port):
        source = _label(document.node(pipeline, ref.source))
        message = f"The link comes from the port '{port}', which the stage '{source}' does not have."
        mend = "" if source_port is None else f"The port '{source_port.get('id')}' of that stage is taken for it."
        yield finding("RS-4007", "links[].port_id_ref", message, mend, "error" if source_port is None else "warning")
    schema = ref.target_port.get("schema_ref")
    if schema and document.schema(schema) is None:
        message = f"The columns of the link stand in the schema '{schema}', which the document does not have."
        yield finding("RS-4007", "schema_ref", message, "Give the link its columns again.")


def _doubled(document: Document, pipeline: str, refs: Sequence[LinkRef], flow: str) -> Iterator[Diagnostic]:
    counts = Counter(ref.name for ref in refs if ref.name)
    for name, count in counts.items():
        if count == 1:
            continue
        same = [ref for ref in refs if ref.name == name]
        is_shared = any(len({getattr(ref, end) for ref in same}) < count for end in ("source", "target"))
        labels = [_label(document.node(pipeline, ref.target)) for ref in same]
        yield Diagnostic(
            "RS-4006",
            "error" if is_shared else "warning",
            f"{count} links have the name '{name}': those to {', '.join(map(repr, labels))}.",
            Place(flow=flow, link=name, path=_link_path(document, pipeline, same[1], "links[].link_name")),
            "Rename all but one, so that expressions, messages and counts can tell them apart.",
        )


def _path(document: Document, schema: Mapping[str, Any]) -> str:
    schemas = document.tree.get("schemas") or ()
    return next((f"schemas[{number}]" for number, each in enumerate(schemas) if each is schema), "schemas")


def _pipeline_path(document: Document, pipeline: str) -> str:
    return f"pipelines[{document.pipeline_ids.index(pipeline)}]"


def _link_path(document: Document, pipeline: str, ref: LinkRef, member: str) -> str:
    """Return the path of a member of a link's input port; ``links[]`` in it stands for the link."""
    for number, node in enumerate(document.nodes(pipeline)):
        for side, port in enumerate(node.get("inputs") or ()):
            for ordinal, link in enumerate(port.get("links") or ()):
                if link is ref.link:
                    place = f"{_pipeline_path(document, pipeline)}.nodes[{number}].inputs[{side}]"
                    return f"{place}.{member.replace('[]', f'[{ordinal}]')}"
    return member


def _label(node: Mapping[str, Any]) -> str:
    label = ((node.get("app_data") or {}).get("ui_data") or {}).get("label")
    return str(label) if label else str(node.get("op") or node.get("id"))
