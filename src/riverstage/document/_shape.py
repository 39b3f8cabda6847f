"""Check the shape of a flow document: everything that an index or a reader touches, and no more.

Unknown keys, stages and values stay as they are. What is wrong is named by its path in the JSON text and by what was
expected there.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, cast

from riverstage.errors import DocumentError, Place

__all__ = ["check_comment", "check_document", "check_fields", "check_node", "explain"]

_NAMES = {dict: "an object", list: "an array", str: "text", bool: "true or false", int: "a number", float: "a number"}


class Misshapen(Exception):
    """Something that is not what it must be; the path is completed while the checks unwind."""

    def __init__(self, path: str, message: str, code: str = "RS-1003") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.code = code


def explain(problem: Misshapen, source: str | None = None) -> DocumentError:
    """Return the error that tells a person about the problem."""
    path = problem.path.lstrip(".") or "the document"
    return DocumentError(problem.message, code=problem.code, place=Place(file=source, path=path))


def _wrong(path: str, value: object, expected: str) -> NoReturn:
    found = "null" if value is None else _NAMES.get(type(value), type(value).__name__)
    if isinstance(value, str | int | float):
        found += f" ({value!r})" if len(repr(value)) <= 40 else ""
    message = f"Expected {expected}, found {found}."
    raise Misshapen(path, message)


def _object(holder: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """Return the object under a key, None where there is no such key."""
    value = holder.get(key)
    if type(value) is dict:
        return value
    if value is None and key not in holder:
        return None
    _wrong(f".{key}", value, "an object")


def _array(holder: Mapping[str, Any], key: str, *, needed: bool = False) -> list[Any]:
    value = holder.get(key)
    if type(value) is list:
        return value
    if value is None and key not in holder:
        if needed:
            raise Misshapen("", f"'{key}' is missing; expected an array of that name.")
        return []
    _wrong(f".{key}", value, "an array")


def _text(holder: Mapping[str, Any], key: str, *, needed: bool = False) -> str | None:
    """Return the text under a key; None where it is missing or null."""
    value = holder.get(key)
    if isinstance(value, str):
        return value
    if value is None and not needed:
        return None
    if key not in holder:
        raise Misshapen("", f"'{key}' is missing; expected text of that name.")
    _wrong(f".{key}", value, "text")


def _number(holder: Mapping[str, Any], key: str) -> None:
    value = holder.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        _wrong(f".{key}", value, "a number")


def _each(
    holder: Mapping[str, Any], key: str, check: Callable[[dict[str, Any]], None], *, needed: bool = False
) -> None:
    """Check every member of an array of objects."""
    for index, item in enumerate(_array(holder, key, needed=needed)):
        try:
            if type(item) is not dict:
                _wrong("", item, "an object")
            check(item)
        except Misshapen as problem:
            problem.path = f".{key}[{index}]{problem.path}"
            raise


def _inside(holder: Mapping[str, Any], key: str, check: Callable[[dict[str, Any]], None]) -> None:
    """Check the object under a key, if there is one."""
    inner = _object(holder, key)
    if inner is not None:
        try:
            check(inner)
        except Misshapen as problem:
            problem.path = f".{key}{problem.path}"
            raise


def _unique(holder: Mapping[str, Any], key: str, what: str) -> None:
    """Check that no two members of an array of objects have one id."""
    first: dict[str, int] = {}
    for index, item in enumerate(_array(holder, key)):
        other = first.setdefault(item["id"], index)
        if other != index:
            message = f"The {what} id '{item['id']}' is taken already, by {key}[{other}]."
            raise Misshapen(f".{key}[{index}].id", message, "RS-1004")


def check_document(tree: object, *, source: str | None = None) -> dict[str, Any]:
    """Return the tree if it is a flow document.

    Raises:
        DocumentError: If it is not; ``place.path`` says where, the message what was expected.
    """
    try:
        if type(tree) is not dict:
            _wrong("", tree, "an object (a flow document)")
        _check_top(tree)
    except Misshapen as problem:
        raise explain(problem, source) from None
    return tree


def _check_top(tree: dict[str, Any]) -> None:
    version = _text(tree, "version")
    if version is not None and version.split(".")[0] != "3":
        raise Misshapen(".version", f"Pipeline-flow version 3 is supported, this is version {version}.")
    _text(tree, "id")
    _inside(tree, "app_data", _check_top_app_data)
    _inside(tree, "parameters", _check_parameters)
    _each(tree, "external_paramsets", _check_nothing)
    _each(tree, "pipelines", _check_pipeline, needed=True)
    _unique(tree, "pipelines", "pipeline")
    if not tree["pipelines"]:
        raise Misshapen(".pipelines", "A document has at least one pipeline, this has none.")
    primary = _text(tree, "primary_pipeline", needed=True)
    known = [pipeline["id"] for pipeline in tree["pipelines"]]
    if primary not in known:
        raise Misshapen(".primary_pipeline", f"No pipeline has the id '{primary}'.", "RS-1006")
    _each(tree, "schemas", _check_schema)
    _unique(tree, "schemas", "schema")


def _check_nothing(_item: dict[str, Any]) -> None:
    """Any object will do."""


def _check_parameters(parameters: dict[str, Any]) -> None:
    _each(parameters, "local_parameters", _check_nothing)


def _check_top_app_data(app_data: dict[str, Any]) -> None:
    _object(app_data, "additionalProperties")
    _inside(app_data, "riverstage", _check_own)


def _check_own(own: dict[str, Any]) -> None:
    _inside(own, "marks", _check_marks)


def _check_marks(marks: dict[str, Any]) -> None:
    for key in ("links", "removals"):
        _count(marks, key)
    _inside(marks, "labels", _check_label_marks)


def _check_label_marks(labels: dict[str, Any]) -> None:
    for key in labels:
        _count(labels, key)


def _count(holder: Mapping[str, Any], key: str) -> None:
    value = holder.get(key, 0)
    if type(value) is not int or value < 0:
        _wrong(f".{key}", value, "a count")


def _check_pipeline(pipeline: dict[str, Any]) -> None:
    _text(pipeline, "id", needed=True)
    _text(pipeline, "description")
    _text(pipeline, "runtime_ref")
    _inside(pipeline, "app_data", _check_pipeline_app_data)
    _each(pipeline, "nodes", check_node)
    _unique(pipeline, "nodes", "node")
    known = {node["id"] for node in _array(pipeline, "nodes")}
    for index, node in enumerate(_array(pipeline, "nodes")):
        for side, port in enumerate(_array(node, "inputs")):
            for ordinal, link in enumerate(_array(port, "links")):
                if link["node_id_ref"] not in known:
                    path = f".nodes[{index}].inputs[{side}].links[{ordinal}].node_id_ref"
                    raise Misshapen(path, _no_such_node(link["node_id_ref"], known), "RS-1006")


def _no_such_node(node_id: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(node_id, sorted(known), n=1)
    return f"The link comes from the node '{node_id}', which this pipeline does not have." + (
        f" Did you mean '{near[0]}'?" if near else ""
    )


def _check_pipeline_app_data(app_data: dict[str, Any]) -> None:
    _object(app_data, "datastage")
    _inside(app_data, "ui_data", _check_pipeline_ui_data)


def _check_pipeline_ui_data(ui_data: dict[str, Any]) -> None:
    _each(ui_data, "comments", check_comment)
    _unique(ui_data, "comments", "comment")


def check_comment(comment: dict[str, Any]) -> None:
    """Check one comment."""
    _text(comment, "id", needed=True)
    _text(comment, "content")
    for key in ("x_pos", "y_pos", "width", "height"):
        _number(comment, key)
    _each(comment, "associated_id_refs", _check_comment_ref)
    _each(comment, "formats", _check_nothing)


def _check_comment_ref(ref: dict[str, Any]) -> None:
    _text(ref, "node_ref")


def check_node(node: dict[str, Any]) -> None:
    """Check one node with its ports and links."""
    if not _text(node, "id", needed=True):
        raise Misshapen(".id", "A node's id must not be empty.")
    _text(node, "type")
    _text(node, "op")
    _inside(node, "app_data", _check_node_app_data)
    _object(node, "parameters")
    _inside(node, "connection", _check_connection)
    _inside(node, "subflow_ref", _check_subflow_ref)
    _each(node, "inputs", _check_port)
    _each(node, "outputs", _check_port)


def _check_connection(connection: dict[str, Any]) -> None:
    _object(connection, "properties")


def _check_subflow_ref(ref: dict[str, Any]) -> None:
    _text(ref, "pipeline_id_ref")


def _check_node_app_data(app_data: dict[str, Any]) -> None:
    _inside(app_data, "ui_data", _check_node_ui_data)
    _inside(app_data, "datastage", _check_orders)


def _check_node_ui_data(ui_data: dict[str, Any]) -> None:
    _text(ui_data, "label")
    for key in ("x_pos", "y_pos"):
        _number(ui_data, key)


def _check_orders(datastage: dict[str, Any]) -> None:
    _text(datastage, "inputs_order")
    _text(datastage, "outputs_order")


def _check_port(port: dict[str, Any]) -> None:
    _text(port, "id", needed=True)
    _text(port, "schema_ref")
    _object(port, "parameters")
    _inside(port, "app_data", _check_port_app_data)
    _each(port, "links", _check_link)


def _check_port_app_data(app_data: dict[str, Any]) -> None:
    _object(app_data, "ui_data")
    _inside(app_data, "datastage", _check_source_mark)


def _check_source_mark(datastage: dict[str, Any]) -> None:
    _text(datastage, "is_source_of_link")


def _check_link(link: dict[str, Any]) -> None:
    _text(link, "node_id_ref", needed=True)
    _text(link, "id")
    _text(link, "port_id_ref")
    _text(link, "link_name")
    _text(link, "type_attr")
    _inside(link, "app_data", _check_link_app_data)


def _check_link_app_data(app_data: dict[str, Any]) -> None:
    _inside(app_data, "ui_data", _check_link_ui_data)
    _object(app_data, "datastage")


def _check_link_ui_data(ui_data: dict[str, Any]) -> None:
    _each(ui_data, "decorations", _check_nothing)


def _check_schema(schema: dict[str, Any]) -> None:
    _text(schema, "id", needed=True)
    check_fields(schema)


def check_fields(schema: dict[str, Any]) -> None:
    """Check the fields of a schema; fields are many, so this looks before it calls."""
    for index, field in enumerate(_array(schema, "fields")):
        if type(field) is dict and isinstance(field.get("name"), str):
            metadata, app_data = field.get("metadata", _NONE), field.get("app_data", _NONE)
            if type(metadata) is dict and type(app_data) is dict:
                continue
        path = f".fields[{index}]"
        if type(field) is not dict:
            _wrong(path, field, "an object")
        try:
            _text(field, "name", needed=True)
            _object(field, "metadata")
            _object(field, "app_data")
        except Misshapen as problem:
            problem.path = path + problem.path
            raise


_NONE = cast("dict[str, Any]", {})
