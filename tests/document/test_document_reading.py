"""Reading: what is no document is refused with its place; whatever is done to a document, nothing else is raised."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path

import pytest

from riverstage.document import Document, LinkRef
from riverstage.errors import DocumentError, NotFoundError, RemovedError, UsageError
from tests.document.flows import random_flow, reference_files, soak, swap


def minimal() -> dict:
    rows = {"ui_data": {"label": "Rows", "x_pos": 1, "y_pos": 2}}
    link = {"id": "l1", "node_id_ref": "n1", "port_id_ref": "o1", "link_name": "L", "type_attr": "PRIMARY"}
    nodes = [
        {
            "type": "binding",
            "id": "n1",
            "app_data": rows,
            "outputs": [{"id": "o1", "schema_ref": "s1"}],
        },
        {"type": "execution_node", "id": "n2", "op": "PxPeek", "inputs": [{"id": "i1", "links": [link]}]},
    ]
    comment = {"id": "c1", "x_pos": 0, "y_pos": 0, "width": 9, "height": 9, "content": "hi"}
    return {
        "doc_type": "pipeline",
        "version": "3.0",
        "id": "f",
        "primary_pipeline": "p1",
        "pipelines": [{"id": "p1", "nodes": nodes, "app_data": {"ui_data": {"comments": [comment]}}}],
        "schemas": [{"id": "s1", "fields": [{"name": "a", "metadata": {}, "app_data": {}}]}],
    }


def refused(tree: object) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        Document.loads(json.dumps(tree))
    return caught.value


def pipeline(tree: dict) -> dict:
    return tree["pipelines"][0]


def peek(tree: dict) -> dict:
    return pipeline(tree)["nodes"][1]


def link_of(tree: dict) -> dict:
    return peek(tree)["inputs"][0]["links"][0]


def ui_data(tree: dict) -> dict:
    return pipeline(tree)["nodes"][0]["app_data"]["ui_data"]


def comment(tree: dict) -> dict:
    return pipeline(tree)["app_data"]["ui_data"]["comments"][0]


MAIN = "pipelines[0]"
NODE = "pipelines[0].nodes[1]"
PLACES = [
    (lambda t: link_of(t).pop("node_id_ref"), f"{NODE}.inputs[0].links[0]"),
    (lambda t: link_of(t).update(node_id_ref="n3"), f"{NODE}.inputs[0].links[0].node_id_ref"),
    (lambda t: peek(t).update(id="n1"), f"{NODE}.id"),
    (lambda t: peek(t).update(id=""), f"{NODE}.id"),
    (lambda t: peek(t).update(inputs={}), f"{NODE}.inputs"),
    (lambda t: peek(t).update(inputs=None), f"{NODE}.inputs"),
    (lambda t: peek(t)["inputs"].append(3), f"{NODE}.inputs[1]"),
    (lambda t: ui_data(t).update(label=5), f"{MAIN}.nodes[0].app_data.ui_data.label"),
    (lambda t: pipeline(t).update(nodes=7), f"{MAIN}.nodes"),
    (lambda t: t.update(pipelines=[]), "pipelines"),
    (lambda t: t.pop("pipelines"), "the document"),
    (lambda t: t.update(primary_pipeline="p9"), "primary_pipeline"),
    (lambda t: t["schemas"][0]["fields"][0].update(name=None), "schemas[0].fields[0].name"),
    (lambda t: t["schemas"].append({"id": "s1", "fields": []}), "schemas[1].id"),
    (lambda t: comment(t).update(x_pos="3"), f"{MAIN}.app_data.ui_data.comments[0].x_pos"),
    (lambda t: t.update(version="2.0"), "version"),
    (lambda t: t.update(app_data={"riverstage": {"marks": {"links": -1}}}), "app_data.riverstage.marks.links"),
]


@pytest.mark.parametrize(("spoil", "path"), PLACES)
def test_the_place_of_what_is_wrong_is_named(spoil, path: str) -> None:
    tree = minimal()
    Document(copy.deepcopy(tree))
    spoil(tree)
    error = refused(tree)
    assert error.place.path == path
    assert error.code.startswith("RS-10")


def test_a_near_id_is_suggested() -> None:
    tree = minimal()
    tree["pipelines"][0]["nodes"][1]["inputs"][0]["links"][0]["node_id_ref"] = "n11"
    assert "Did you mean 'n1'?" in str(refused(tree))


def test_a_doubled_key_is_named() -> None:
    with pytest.raises(DocumentError) as caught:
        Document.loads('{"id": "f", "pipelines": [{"nodes": [{}, {"op": 1, "op": 2}]}]}', source="orders.json")
    assert caught.value.place.path == "pipelines[0].nodes[1]"
    assert caught.value.place.file == "orders.json"
    assert "'op'" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "3",
        "null",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": -Infinity}',
        b"\xff\xfe",
        "[" * 100_000,
        "9" * 5000,
    ],
)
def test_what_is_no_document_is_refused(text: str | bytes) -> None:
    with pytest.raises(DocumentError):
        Document.loads(text)


def test_a_missing_file_is_a_document_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        Document.load(tmp_path / "none.json")
    assert caught.value.place.file.endswith("none.json")


def test_a_byte_order_mark_is_read_and_not_written() -> None:
    text = json.dumps(minimal()).encode("utf-8-sig")
    assert Document.loads(text).dumps().startswith(b"{\n")


def test_the_flows_of_others_are_kept_byte_for_byte(reference: Path) -> None:
    files = reference_files(reference)
    assert len(files) >= 20
    for file in files:
        document = Document.load(file)
        document.audit()
        text = document.dumps()
        again = Document.loads(text)
        assert again.dumps() == text
        assert json.loads(text) == json.loads(file.read_bytes())


def test_the_strict_readers_smallest_document_is_read(reference: Path) -> None:
    document = Document.load(reference / "reference/captured/minimal_doc_accepted_on_get.json")
    (link,) = document.links("p1")
    assert (link.name, link.kind, link.source, link.target) == ("Lk", "PRIMARY", "n1", "n2")
    assert document.link_schema(link)["fields"][0]["name"] == "a"


def test_a_link_without_ids_is_addressed_by_its_place_until_an_edit() -> None:
    tree = minimal()
    link = tree["pipelines"][0]["nodes"][1]["inputs"][0]["links"][0]
    del link["id"], link["port_id_ref"]
    document = Document(tree)
    (ref,) = document.links("p1")
    assert ref.id is None
    assert ref.source_port["id"] == "o1"
    assert document.links_out("p1", "n1") == [ref]
    added = document.add_link("p1", "n1", "n2", name="M")
    document.audit()
    assert ref.exists
    assert ref.name == "L"
    assert ref.id
    document.remove_link(ref)
    document.audit()
    assert not ref.exists
    assert [other.name for other in document.links("p1")] == [added.name]


def test_links_with_one_id_are_kept_apart() -> None:
    tree = minimal()
    port = tree["pipelines"][0]["nodes"][1]["inputs"][0]
    port["links"].append({**port["links"][0], "link_name": "M"})
    document = Document(tree)
    first, second = document.links("p1")
    assert (first.name, second.name) == ("L", "M")
    document.remove_link(first)
    document.audit()
    assert second.name == "M"
    assert [ref.name for ref in document.links("p1")] == ["M"]


MUTANTS = [None, 0, -1, 1.5, True, "", "x", [], {}, [None], [{}], {"id": 3}, {"": []}, [[]], "n1"]


def mutate(tree: dict, chance: random.Random) -> None:
    """Change one to three values, keys or items anywhere in a tree."""
    for _ in range(chance.randint(1, 3)):
        holder: object = tree
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.85:
                holder = holder[key]
                continue
            act = chance.random()
            if act < 0.25:
                del holder[key]
            elif act < 0.35 and isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            elif act < 0.45 and isinstance(holder, dict):
                holder[f"{key}x"] = holder.pop(key)
            else:
                holder[key] = copy.deepcopy(chance.choice(MUTANTS))
            break


def use(document: Document) -> None:
    """Read everything and edit a little."""
    document.audit()
    for pid in document.pipeline_ids:
        document.free_label(pid, "Copy")
        document.free_link_name(pid)
        for node in document.nodes(pid):
            for ref in [*document.links_in(pid, node["id"]), *document.links_out(pid, node["id"])]:
                assert isinstance(ref, LinkRef)
                _ = (
                    ref.name,
                    ref.kind,
                    ref.source,
                    ref.target,
                    ref.source_port,
                    ref.target_port,
                    document.link_schema(ref),
                )
        for ref in document.links(pid)[:2]:
            document.rename_link(ref, "fresh", swap)
            document.set_link_schema(ref, [{"name": "a", "metadata": {}, "app_data": {}}])
        for node in document.nodes(pid)[:2]:
            document.rename_node(pid, node["id"], "renamed")
            document.placeholder(pid, node["id"], "inputs")
            document.add_link(pid, node["id"], node["id"], name="loop")
        for ref in document.links(pid)[:2]:
            document.remove_link(ref)
        for node in document.nodes(pid)[:2]:
            document.remove_node(pid, node["id"])
        document.add_comment(pid, {"content": "x"})
    document.audit()
    document.dumps()


def bases(reference: Path | None) -> list[bytes]:
    files = reference_files(reference) if reference else []
    small = [file.read_bytes() for file in files if file.stat().st_size < 21_000]
    return [json.dumps(minimal()).encode(), *(random_flow(seed, 25).dumps() for seed in range(6)), *small]


def check_mutants(texts: list[bytes], count: int) -> int:
    chance = random.Random(11)
    read = 0
    for _ in range(count):
        tree = json.loads(chance.choice(texts))
        mutate(tree, chance)
        try:
            document = Document.loads(json.dumps(tree))
        except DocumentError as error:
            assert error.place.path
            continue
        use(document)
        read += 1
    return read


def test_mutated_documents_raise_nothing_but_document_errors() -> None:
    read = check_mutants(bases(None), soak(500, 10_000))
    assert read > 100


def test_mutated_flows_of_others_raise_nothing_but_document_errors(reference: Path) -> None:
    check_mutants(bases(reference), soak(300, 10_000))


def test_asking_for_what_is_not_there() -> None:
    document = Document(minimal())
    with pytest.raises(NotFoundError):
        document.node("p1", "n9")
    with pytest.raises(NotFoundError):
        document.node("p9", "n1")
    with pytest.raises(NotFoundError):
        document.add_link("p1", "n1", "n2", schema_id="s9")
    with pytest.raises(UsageError):
        document.add_link("p1", "n1", "n2", kind="OTHER")
    with pytest.raises(NotFoundError):
        document.comment("p1", "c9")
    (ref,) = document.links("p1")
    document.remove_node("p1", "n2")
    assert document.is_removed("p1", "n2")
    with pytest.raises(RemovedError):
        document.node("p1", "n2")
    with pytest.raises(RemovedError):
        _ = ref.name
    document.remove_comment("p1", "c1")
    with pytest.raises(RemovedError):
        document.comment("p1", "c1")


def test_a_bad_tree_does_not_replace_a_good_one() -> None:
    document = Document(minimal())
    text = document.dumps()
    tree = minimal()
    tree["pipelines"][0]["nodes"][1]["inputs"] = 3
    with pytest.raises(DocumentError):
        document.replace(tree)
    assert document.dumps() == text
    other = minimal()
    other["pipelines"][0]["nodes"] = other["pipelines"][0]["nodes"][:1]
    (ref,) = document.links("p1")
    document.replace(other)
    assert document.is_removed("p1", "n2")
    assert not ref.exists
    document.replace(minimal())
    assert not document.is_removed("p1", "n2")
    assert ref.name == "L"
