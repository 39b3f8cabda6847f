"""A reader as strict as the published client: unknown keys and missing ones are errors."""

from __future__ import annotations

from typing import Any

_TOP = {
    "doc_type", "version", "json_schema", "id", "parameters", "primary_pipeline", "pipelines", "schemas",
    "external_paramsets", "app_data", "runtimes",
}  # fmt: skip
_PIPELINE = {"id", "runtime_ref", "nodes", "app_data", "description", "name"}
_NODE = {"type", "id", "app_data", "inputs", "outputs", "connection", "op", "parameters", "subflow_ref"}
_PORT = {"id", "schema_ref", "links", "parameters", "app_data", "subflow_node_ref"}
_LINK = {"id", "node_id_ref", "port_id_ref", "link_name", "type_attr", "app_data"}


def _only(holder: dict[str, Any], allowed: set[str], required: set[str]) -> None:
    assert set(holder) <= allowed, set(holder) - allowed
    assert required <= set(holder), required - set(holder)


def read_strictly(tree: dict[str, Any]) -> None:
    """Raise where the published client would not read a document, or would lose a link of it."""
    _only(tree, _TOP, {"schemas", "primary_pipeline", "pipelines"})
    assert tree.get("version", "3.0") == "3.0"
    schemas = {schema["id"]: schema for schema in tree["schemas"]}
    for schema in schemas.values():
        for field in schema["fields"]:
            assert {"name", "type", "nullable", "metadata", "app_data"} <= set(field)
            assert field["app_data"]["odbc_type"]
    for pipeline in tree["pipelines"]:
        _only(pipeline, _PIPELINE, {"id", "runtime_ref", "nodes", "app_data"})
        outputs = {}
        for node in pipeline["nodes"]:
            _only(node, _NODE, {"type", "id", "app_data"})
            data = node["app_data"]["ui_data"]
            assert isinstance(data["x_pos"], int | float)
            assert isinstance(data["y_pos"], int | float)
            for port in node.get("outputs", ()):
                _only(port, _PORT - {"links"}, {"id"})
                outputs[node["id"], port["id"]] = port
        for node in pipeline["nodes"]:
            for port in node.get("inputs", ()):
                _only(port, _PORT, {"id"})
                for link in port.get("links", ()):
                    _only(link, _LINK, {"id", "node_id_ref", "port_id_ref", "type_attr", "link_name"})
                    source = outputs[link["node_id_ref"], link["port_id_ref"]]
                    assert source["app_data"]["datastage"]["is_source_of_link"] == link["id"]
                    assert source.get("schema_ref") == port.get("schema_ref")
                    assert port.get("schema_ref") is None or port["schema_ref"] in schemas
        for comment in pipeline["app_data"]["ui_data"]["comments"]:
            assert {"id", "x_pos", "y_pos", "width", "height"} <= set(comment)
            assert min(comment["width"], comment["height"]) >= 10
