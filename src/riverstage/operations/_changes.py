"""What changed between two states of a flow, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["changes_between"]

_NAMED_AT_MOST = 8
_PARTS = {"schemas": "columns of links", "parameters": "parameters", "external_paramsets": "parameter sets"}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what changed between two states of a flow, such as ``stage 'Sort' was added``.

    Example:
        >>> peek = {"id": "1", "app_data": {"ui_data": {"label": "Peek"}}}
        >>> changes_between({"pipelines": [{"nodes": []}]}, {"pipelines": [{"nodes": [peek]}]})
        "stage 'Peek' was added"
    """
    said = list(dict.fromkeys(_changes(before, after)))
    if not said:
        return "only the order or the spelling of the file" if before == after else "something beside stages and links"
    more = len(said) - _NAMED_AT_MOST
    return ", ".join(said[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old_stages, new_stages = _stages(before), _stages(after)
    old_links, new_links = _links(before), _links(after)
    yield from _compared("stage", old_stages, new_stages)
    yield from _compared("link", old_links, new_links)
    yield from _compared("comment", _comments(before), _comments(after))
    if _description(before) != _description(after):
        yield "the description was changed"
    for key, what in _PARTS.items():
        if before.get(key) != after.get(key):
            yield f"{what} were changed"
    if before.get("app_data") != after.get("app_data"):
        yield "settings of the flow were changed"


def _compared(
    what: str, before: Mapping[str, tuple[str, object]], after: Mapping[str, tuple[str, object]]
) -> Iterator[str]:
    for key, (name, value) in after.items():
        if key not in before:
            yield f"{what} {name!r} was added"
        elif before[key][0] != name:
            yield f"{what} {before[key][0]!r} was renamed to {name!r}"
        elif before[key][1] != value:
            yield f"{what} {name!r} was changed"
    for key, (name, _) in before.items():
        if key not in after:
            yield f"{what} {name!r} was removed"


def _pipelines(tree: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in tree.get("pipelines") or () if isinstance(each, Mapping)]


def _stages(tree: Mapping[str, Any]) -> dict[str, tuple[str, object]]:
    """Return each stage by its id: its label, and all it says apart from links."""
    stages: dict[str, tuple[str, object]] = {}
    for pipeline in _pipelines(tree):
        for node in pipeline.get("nodes") or ():
            said = {key: value for key, value in node.items() if key not in ("inputs", "outputs")}
            ports = [
                {key: value for key, value in port.items() if key in ("parameters", "label")}
                for side in ("inputs", "outputs")
                for port in node.get(side) or ()
            ]
            label = node.get("app_data", {}).get("ui_data", {}).get("label")
            stages[str(node.get("id"))] = (str(label), (said, [port for port in ports if port]))
    return stages


def _links(tree: Mapping[str, Any]) -> dict[str, tuple[str, object]]:
    links: dict[str, tuple[str, object]] = {}
    for pipeline in _pipelines(tree):
        for node in pipeline.get("nodes") or ():
            for port in node.get("inputs") or ():
                for place, link in enumerate(port.get("links") or ()):
                    key = str(link.get("id") or f"{port.get('id')} {place}")
                    links[key] = (str(link.get("link_name")), link)
    return links


def _comments(tree: Mapping[str, Any]) -> dict[str, tuple[str, object]]:
    comments: dict[str, tuple[str, object]] = {}
    for pipeline in _pipelines(tree):
        ui_data = pipeline.get("app_data", {}).get("ui_data", {})
        for comment in ui_data.get("comments") or ():
            comments[str(comment.get("id"))] = (str(comment.get("content"))[:40], comment)
    return comments


def _description(tree: Mapping[str, Any]) -> list[object]:
    return [pipeline.get("description") for pipeline in _pipelines(tree)]
