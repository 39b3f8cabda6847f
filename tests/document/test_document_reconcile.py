"""A client that makes every id anew changes no id of what was there before."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from riverstage.document import Document
from riverstage.document.reconcile import reconcile
from tests.document.flows import random_flow, reference_files

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def ids_of(value: object) -> set[str]:
    """Return every id of an element; what refers to a connection or project is none."""
    if isinstance(value, dict):
        own = {value["id"]} if isinstance(value.get("id"), str) else set()
        return own.union(*(ids_of(child) for child in value.values()))
    return set().union(*(ids_of(child) for child in value)) if isinstance(value, list) else set()


def with_new_ids(text: bytes) -> dict:
    fresh = {old: str(uuid4()) for old in ids_of(json.loads(text))}
    return json.loads(UUIDS.sub(lambda match: fresh.get(match[0], match[0]), text.decode()))


def changed_lines(before: bytes, after: bytes) -> int:
    lines = difflib.unified_diff(before.decode().splitlines(), after.decode().splitlines(), n=0, lineterm="")
    return sum(line[0] in "+-" for line in list(lines)[2:])


def test_flows_of_others_keep_their_ids(reference: Path) -> None:
    for file in reference_files(reference):
        kept = Document.load(file)
        if not kept.id or len(kept.id) != 36:
            continue
        text = kept.dumps()
        again = Document(reconcile(kept.tree, with_new_ids(text)))
        again.audit()
        schemas = [schema["id"] for schema in kept.tree["schemas"] if not kept.schemas.references[schema["id"]]]
        assert changed_lines(text, again.dumps()) <= 2 * len(schemas), file.name


def named_flow(seed: int) -> Document:
    """Return a random flow in which every stage and link has a name of its own, and schemas are not shared."""
    document = random_flow(seed, 80)
    for pid in document.pipeline_ids[1:]:
        document.remove_pipeline(pid)
    pid = document.primary_pipeline
    for place, node in enumerate(document.nodes(pid)):
        document.rename_node(pid, node["id"], f"stage {place}")
    for place, ref in enumerate(document.links(pid)):
        document.rename_link(ref, f"link {place}", lambda text, _names: text)
        document.drop_link_schema(ref)
        document.set_link_schema(ref, [{"name": "a", "metadata": {}, "app_data": {}}])
    for place, comment in enumerate(document.comments(pid)):
        comment["content"] = f"comment {place}"
    return document


@pytest.mark.parametrize("seed", range(12))
def test_random_flows_keep_their_ids_whatever_the_order(seed: int) -> None:
    kept = named_flow(seed)
    text = kept.dumps()
    sent = with_new_ids(text)
    main = sent["pipelines"][0]
    main["nodes"].reverse()
    sent["schemas"].reverse()
    main["app_data"]["ui_data"]["comments"].reverse()
    sent.get("app_data", {}).pop("riverstage", None)
    sent = {key: sent[key] for key in reversed(sent)}
    again = Document(reconcile(kept.tree, sent))
    again.audit()
    assert again.dumps() == text
    assert kept.dumps() == text


def test_what_is_new_keeps_its_id_and_what_changed_changes_alone() -> None:
    kept = named_flow(1)
    text = kept.dumps()
    sent = with_new_ids(text)
    nodes = sent["pipelines"][0]["nodes"]
    nodes[0]["parameters"]["added"] = 1
    fresh = str(UUID(int=7))
    nodes.append({"type": "execution_node", "id": fresh, "op": "PxPeek", "parameters": {}})
    again = Document(reconcile(kept.tree, sent))
    pid = again.primary_pipeline
    assert again.nodes(pid)[-1]["id"] == fresh
    assert [node["id"] for node in again.nodes(pid)[:-1]] == [node["id"] for node in kept.nodes(pid)]
    assert changed_lines(text, again.dumps()) <= 12


def test_stages_match_by_label_and_links_by_name() -> None:
    kept = named_flow(2)
    pid = kept.primary_pipeline
    sent = with_new_ids(kept.dumps())
    sent["pipelines"][0]["nodes"] = [node for node in sent["pipelines"][0]["nodes"] if not node.get("inputs")] or []
    again = Document(reconcile(kept.tree, sent))
    for node in again.nodes(pid):
        assert kept.labelled(pid, node["app_data"]["ui_data"]["label"]) == (node["id"],)


def test_the_layout_is_kept_on_demand() -> None:
    kept = named_flow(3)
    pid = kept.primary_pipeline
    sent = with_new_ids(kept.dumps())
    for node in sent["pipelines"][0]["nodes"]:
        node["app_data"]["ui_data"]["x_pos"] += 500
    moved = Document(reconcile(kept.tree, sent))
    assert moved.dumps() != kept.dumps()
    still = Document(reconcile(kept.tree, sent, keep_layout=True))
    assert still.dumps() == kept.dumps()
    assert len(still.nodes(pid)) > 3


def test_ids_that_came_back_as_they_were_stay() -> None:
    kept = named_flow(4)
    assert Document(reconcile(kept.tree, kept.copy().tree)).dumps() == kept.dumps()
