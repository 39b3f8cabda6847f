"""What new elements look like: fixed key orders and boilerplate, as flows of this format are written elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

__all__ = [
    "DOCUMENT_SCHEMA",
    "arranged",
    "blank_comment",
    "blank_document",
    "blank_input",
    "blank_link",
    "blank_node",
    "blank_output",
    "blank_pipeline",
    "clone",
    "in_order_of",
    "node_order",
    "port_order",
    "put",
    "put_in_order",
]

DOCUMENT_SCHEMA = "https://api.dataplatform.ibm.com/schemas/common-pipeline/pipeline-flow/pipeline-flow-v3-schema.json"

NodeType = Literal["binding", "execution_node", "super_node"]

_NODE_ORDERS: dict[str, tuple[str, ...]] = {
    "binding": ("type", "id", "app_data", "inputs", "outputs", "connection", "op", "parameters"),
    "execution_node": ("type", "id", "app_data", "op", "inputs", "outputs", "parameters"),
    "super_node": ("type", "id", "app_data", "subflow_ref", "inputs", "outputs", "parameters"),
}
_INPUT_ORDER = ("id", "schema_ref", "links", "subflow_node_ref", "parameters", "app_data")
_OUTPUT_ORDER = ("id", "schema_ref", "subflow_node_ref", "parameters", "app_data")
_COMMENT_ORDER = (
    "id", "x_pos", "y_pos", "width", "height", "content", "contentType", "associated_id_refs", "formats",
)  # fmt: skip


def clone(value: Any) -> Any:
    """Return a deep copy of a JSON value."""
    kind = type(value)
    if kind is dict:
        return {key: clone(item) if type(item) in _DEEP else item for key, item in value.items()}
    if kind is list:
        return [clone(item) if type(item) in _DEEP else item for item in value]
    return value


_DEEP = frozenset({dict, list})


def put(mapping: dict[str, Any], key: str, value: Any) -> None:
    """Set a key of a parameter map where it belongs.

    A key that is there stays in its place. A new one goes before the first greater key if the keys from there on are
    sorted, else to the end; so a first set is a small difference wherever the map is sorted.

    Example:
        >>> parameters = {"alpha": 1, "records": 5}
        >>> put(parameters, "beta", 2)
        >>> list(parameters)
        ['alpha', 'beta', 'records']
    """
    if key in mapping:
        mapping[key] = value
        return
    keys = list(mapping)
    place = next((index for index, other in enumerate(keys) if other > key), len(keys))
    if keys[place:] != sorted(keys[place:]):
        place = len(keys)
    _insert(mapping, place, key, value)


def put_in_order(mapping: dict[str, Any], key: str, value: Any, order: Sequence[str]) -> None:
    """Set a key; a new one goes before the first that follows it in ``order``."""
    if key in mapping or key not in order:
        mapping[key] = value
        return
    later = frozenset(order[order.index(key) + 1 :])
    place = next((index for index, other in enumerate(mapping) if other in later), len(mapping))
    _insert(mapping, place, key, value)


def _insert(mapping: dict[str, Any], place: int, key: str, value: Any) -> None:
    tail = list(mapping.items())[place:]
    for other, _ in tail:
        del mapping[other]
    mapping[key] = value
    mapping.update(tail)


def in_order_of(mapping: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """Return the same members with the known keys in order and the others behind them."""
    made = {key: mapping[key] for key in order if key in mapping}
    if len(made) < len(mapping):
        made.update((key, value) for key, value in mapping.items() if key not in made)
    return made


def arranged(mapping: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """Return a deep copy with the known keys in order and the others behind them."""
    copied: dict[str, Any] = clone(in_order_of(mapping, order))
    return copied


def node_order(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the order of a node's keys."""
    return _NODE_ORDERS.get(str(node.get("type")), _NODE_ORDERS["binding"])


def port_order(side: str) -> tuple[str, ...]:
    """Return the order of a port's keys."""
    return _INPUT_ORDER if side == "inputs" else _OUTPUT_ORDER


def blank_document(flow_id: str, pipeline_id: str, description: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without stages."""
    return {
        "doc_type": "pipeline",
        "version": "3.0",
        "json_schema": DOCUMENT_SCHEMA,
        "id": flow_id,
        "parameters": {"local_parameters": []},
        "primary_pipeline": pipeline_id,
        "pipelines": [blank_pipeline(pipeline_id, description)],
        "schemas": [],
        "external_paramsets": [],
        "app_data": {
            "additionalProperties": {"globalAcp": True, "runMode": "ETL"},
            **({"riverstage": dict(own)} if own else {}),
        },
    }


def blank_pipeline(pipeline_id: str, description: str | None = None) -> dict[str, Any]:
    """Return a pipeline without stages."""
    said = {} if description is None else {"description": description}
    return {
        "id": pipeline_id,
        "runtime_ref": "pxOsh",
        "nodes": [],
        "app_data": {"ui_data": {"comments": []}},
        **said,
    }


def blank_node(
    node_type: NodeType,
    op: str | None,
    *,
    label: str | None = None,
    image: str | None = None,
    position: tuple[float, float] | None = (0, 0),
    parameters: Mapping[str, Any] | None = None,
    connection: Mapping[str, Any] | None = None,
    sides: Sequence[Literal["inputs", "outputs"]] = ("inputs", "outputs"),
    output_cardinality: tuple[int, int] = (0, -1),
    subflow: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a node without links, for ``Document.add_node``.

    Args:
        node_type: Its kind in the format: ``binding`` for sources and targets, ``execution_node``, ``super_node``.
        op: What the catalogue calls its operator; None for a subflow and its entry and exit nodes.
        label: The stage's label.
        image: The address of its picture.
        position: Its place, in pixels; None if it has none yet.
        parameters: Its parameters.
        connection: Its connection, for a connector.
        sides: Which sides can have links.
        output_cardinality: How few and how many links may leave it; -1 for any number.
        subflow: Its ``subflow_ref``, for a subflow.
    """
    inputs: list[Any] = [{"id": ""}] if node_type == "binding" else []
    outputs: list[Any] = [{"id": ""}] if node_type == "binding" else [blank_output(output_cardinality)]
    ui_data: dict[str, Any] = {} if label is None else {"label": label}
    if image is not None:
        ui_data["image"] = image
    if position is not None:
        ui_data.update(x_pos=position[0], y_pos=position[1])
    if node_type != "super_node":
        ui_data.update(is_resized=True, resize_height=48, resize_width=48)
    else:
        outputs = []
    members: dict[str, Any] = {"type": node_type, "id": "", "app_data": {"ui_data": ui_data}}
    if subflow is not None:
        members["subflow_ref"] = dict(subflow)
    if "inputs" in sides:
        members["inputs"] = inputs
    if "outputs" in sides:
        members["outputs"] = outputs
    if connection is not None:
        members["connection"] = dict(connection)
    if op is not None:
        members["op"] = op
    members["parameters"] = dict(parameters or {})
    return in_order_of(members, _NODE_ORDERS[node_type])


def blank_output(cardinality: tuple[int, int] = (0, -1)) -> dict[str, Any]:
    """Return an output port without a link."""
    bounds = {"min": cardinality[0], "max": cardinality[1]}
    return {"id": "", "app_data": {"ui_data": {"cardinality": bounds, "label": "outPort"}}}


def blank_input() -> dict[str, Any]:
    """Return an input port without a link."""
    return {"id": "", "links": [], "parameters": {}, "app_data": {"ui_data": {"label": ""}}}


def blank_link(link_id: str, source: str, port_id: str, name: str | None, kind: str) -> dict[str, Any]:
    """Return a link."""
    named = {} if not name else {"link_name": name}
    return {
        "id": link_id,
        "node_id_ref": source,
        "port_id_ref": port_id,
        **named,
        "type_attr": kind,
        "app_data": {"ui_data": {"class_name": "", "decorations": []}, "datastage": {}},
    }


def blank_comment(comment: Mapping[str, Any]) -> dict[str, Any]:
    """Return a comment with everything that a strict reader wants, in the fixed order."""
    filled = {
        "id": "", "x_pos": 0, "y_pos": 0, "width": 175, "height": 60, "content": "", "associated_id_refs": [],
        **comment,
    }  # fmt: skip
    return arranged(filled, _COMMENT_ORDER)
