"""Links: their ports, placeholders, schemas, order and names."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import pytest

from riverstage.document import Document, blank_node, put
from riverstage.document._index import split_number
from riverstage.errors import UsageError
from tests.document.flows import field, swap


def flow(*labels: str) -> tuple[Document, str, dict[str, str]]:
    document = Document.new("links")
    pid = document.primary_pipeline
    ids = {}
    for label in labels:
        kind, op = ("binding", "PxSequentialFile") if label.startswith("file") else ("execution_node", "PxJoin")
        ids[label] = document.add_node(pid, blank_node(kind, op, label=label, image="/x.svg"))
    return document, pid, ids


def changed(before: bytes, after: bytes) -> tuple[int, int]:
    lines = list(difflib.unified_diff(before.decode().splitlines(), after.decode().splitlines(), n=0, lineterm=""))[2:]
    return sum(line[0] == "-" for line in lines), sum(line[0] == "+" for line in lines)


def names(refs) -> list[str | None]:
    return [ref.name for ref in refs]


def test_a_new_link_is_shaped_like_those_of_the_published_client() -> None:
    document, pid, ids = flow("file", "peek")
    ref = document.add_link(pid, ids["file"], ids["peek"], name="Link_1")
    document.set_link_schema(ref, [field("a")])
    source, target = document.nodes(pid)
    assert list(source) == ["type", "id", "app_data", "outputs", "op", "parameters"]
    assert list(target) == ["type", "id", "app_data", "op", "inputs", "outputs", "parameters"]
    assert list(ref.link) == ["id", "node_id_ref", "port_id_ref", "link_name", "type_attr", "app_data"]
    assert list(ref.target_port) == ["id", "schema_ref", "links", "parameters", "app_data"]
    assert list(ref.source_port) == ["id", "schema_ref", "parameters", "app_data"]
    assert ref.source_port["schema_ref"] == ref.target_port["schema_ref"]
    assert ref.source_port["app_data"]["datastage"]["is_source_of_link"] == ref.id
    assert ref.link["port_id_ref"] == ref.source_port["id"]
    assert target["outputs"][0]["id"] == ""


def test_a_placeholder_is_filled_and_comes_back_when_it_says_something() -> None:
    document, pid, ids = flow("file", "peek")
    document.placeholder(pid, ids["file"], "outputs")["parameters"] = {"records": 7}
    ref = document.add_link(pid, ids["file"], ids["peek"], name="L")
    assert ref.source_port["parameters"] == {"records": 7}
    assert "inputs" not in document.node(pid, ids["file"])
    document.remove_link(ref)
    assert document.node(pid, ids["file"])["outputs"] == [{"id": "", "parameters": {"records": 7}}]
    assert document.node(pid, ids["file"])["inputs"] == [{"id": ""}]
    document.drop_placeholder(pid, ids["file"], "outputs")
    assert document.node(pid, ids["file"])["outputs"] == [{"id": ""}]


def test_adding_and_removing_leaves_nothing_but_the_mark() -> None:
    document, pid, ids = flow("file", "join", "peek")
    before = json.loads(document.dumps())
    ref = document.add_link(pid, ids["join"], ids["peek"], name="L")
    document.set_link_schema(ref, [field("a")])
    document.remove_link(ref)
    after = json.loads(document.dumps())
    assert after["app_data"].pop("riverstage") == {"marks": {"removals": 1}}
    assert after == before


def test_a_side_with_other_ports_loses_the_port_and_what_it_said() -> None:
    document, pid, ids = flow("join", "a", "b")
    first = document.add_link(pid, ids["join"], ids["a"], name="A")
    second = document.add_link(pid, ids["join"], ids["b"], name="B")
    first.source_port["parameters"]["TransformerConstraint"] = "x > 1"
    document.remove_link(first)
    assert document.node(pid, ids["join"])["outputs"] == [second.source_port]


def test_links_share_a_schema_until_one_of_them_changes_it() -> None:
    document, pid, ids = flow("file", "join", "peek")
    first = document.add_link(pid, ids["file"], ids["join"], name="A")
    schema = document.set_link_schema(first, [field("a")])
    second = document.add_link(pid, ids["join"], ids["peek"], name="B", schema_id=schema["id"])
    assert document.set_link_schema(first, [field("b")])["id"] != schema["id"]
    assert [each["name"] for each in document.link_schema(second)["fields"]] == ["a"]
    document.remove_link(second)
    assert document.schema(schema["id"]) is None
    assert len(document.tree["schemas"]) == 1
    document.drop_link_schema(first)
    assert document.link_schema(first) is None
    assert document.tree["schemas"] == []
    document.audit()


def test_schemas_that_nothing_refers_to_stay_when_loaded() -> None:
    document, pid, ids = flow("file", "peek")
    tree = json.loads(document.dumps())
    tree["schemas"].append({"id": "unused", "fields": []})
    document = Document(tree)
    ref = document.add_link(pid, ids["file"], ids["peek"])
    document.set_link_schema(ref, [field("a")])
    document.remove_node(pid, ids["peek"])
    assert [schema["id"] for schema in document.tree["schemas"]] == ["unused"]


def test_removing_a_stage_takes_its_links_references_and_schemas() -> None:
    document, pid, ids = flow("file", "join", "peek")
    first = document.add_link(pid, ids["file"], ids["join"], name="A")
    second = document.add_link(pid, ids["join"], ids["peek"], name="B")
    for ref in (first, second):
        document.set_link_schema(ref, [field("a")])
    refs = [{"node_ref": ids["join"]}, {"node_ref": ids["peek"]}]
    comment = document.add_comment(pid, {"content": "x", "associated_id_refs": refs})
    document.remove_node(pid, ids["join"])
    document.audit()
    assert document.links(pid) == []
    assert not first.exists
    assert document.tree["schemas"] == []
    assert document.comment(pid, comment)["associated_id_refs"] == [{"node_ref": ids["peek"]}]
    assert document.is_removed(pid, ids["join"])


def joined() -> tuple[Document, str, dict[str, str]]:
    document, pid, ids = flow("file a", "file b", "file c", "join")
    for name, label in (("A", "file a"), ("B", "file b"), ("C", "file c")):
        document.add_link(pid, ids[label], ids["join"], name=name)
    return document, pid, ids


def test_links_come_in_the_order_of_the_arrays() -> None:
    document, pid, ids = joined()
    assert names(document.links_in(pid, ids["join"])) == ["A", "B", "C"]


def test_a_complete_order_of_ports_decides() -> None:
    document, pid, ids = joined()
    join = document.node(pid, ids["join"])
    ports = [port["id"] for port in join["inputs"]]
    join["app_data"]["datastage"] = {"inputs_order": "|".join(reversed(ports))}
    assert names(document.links_in(pid, ids["join"])) == ["C", "B", "A"]
    join["app_data"]["datastage"] = {"inputs_order": "|".join(ports[1:])}
    assert names(document.links_in(pid, ids["join"])) == ["A", "B", "C"]


def test_a_complete_ordering_list_comes_first_and_is_kept_up() -> None:
    document, pid, ids = joined()
    join = document.node(pid, ids["join"])
    ports = [port["id"] for port in join["inputs"]]
    join["app_data"]["datastage"] = {"inputs_order": "|".join(reversed(ports))}
    listed = [("B", "Left"), ("A", "Intermediate 1"), ("C", "Right")]
    join["parameters"]["InputlinkOrderingList"] = [{"link_name": name, "link_label": label} for name, label in listed]
    assert names(document.links_in(pid, ids["join"])) == ["B", "A", "C"]
    added = document.add_link(pid, ids["file a"], ids["join"], name="D")
    assert names(document.links_in(pid, ids["join"])) == ["B", "A", "C", "D"]
    assert join["app_data"]["datastage"]["inputs_order"].count("|") == 3
    document.remove_link(document.link_named(pid, "B")[0])
    document.rename_link(added, "E", swap)
    assert [tuple(entry.values()) for entry in join["parameters"]["InputlinkOrderingList"]] == [
        ("A", "Left"),
        ("C", "Intermediate 1"),
        ("E", "Right"),
    ]
    assert names(document.links_in(pid, ids["join"])) == ["A", "C", "E"]


def test_primary_links_come_before_references_and_rejects() -> None:
    document, pid, ids = joined()
    first, second, _ = document.links(pid)
    document.set_link_kind(first, "REJECT")
    document.set_link_kind(second, "REFERENCE")
    assert names(document.links_in(pid, ids["join"])) == ["C", "B", "A"]


def test_the_lookup_of_the_published_client(reference: Path) -> None:
    document = Document.load(reference / "reference/captured/lookup_reference_reject.json")
    pid = document.primary_pipeline
    (lookup,) = document.labelled(pid, "Lookup_1")
    assert names(document.links_in(pid, lookup)) == ["L_main", "L_ref"]
    assert [ref.kind for ref in document.links_out(pid, lookup)] == ["PRIMARY", "REJECT"]


def test_a_link_is_renamed_wherever_its_name_stands(reference: Path) -> None:
    document = Document.load(reference / "reference/captured/lookup_reference_reject.json")
    pid = document.primary_pipeline
    before = document.dumps()
    (ref,) = document.link_named(pid, "L_main")
    document.rename_link(ref, "orders", swap)
    document.audit()
    assert b"L_main" not in document.dumps()
    assert changed(before, document.dumps()) == (7, 7)
    document.rename_link(ref, "L_main", swap)
    assert document.dumps() == before


def test_derivations_downstream_follow_a_renamed_link(reference: Path) -> None:
    document = Document.load(reference / "reference/captured/orders_join_xfm_sort_agg_seqfile.json")
    (ref,) = document.link_named(document.primary_pipeline, "L_joined")
    document.rename_link(ref, "all", swap)
    text = document.dumps().decode()
    assert "L_joined" not in text
    assert '"parsedExpression": "UpCase(all.name)"' in text
    assert '"derivation": "all.amt * svRate"' in text
    assert '"source_field_id": "all.cust_id"' in text


def test_partner_links_follow_the_link_inside(reference: Path) -> None:
    document = Document.load(reference / "reference/captured/local_subflow.json")
    outer, inner = document.pipeline_ids
    before = document.dumps()
    (ref,) = document.link_named(outer, "L1")
    document.rename_link(ref, "outside", swap)
    assert changed(before, document.dumps()) == (1, 1)
    assert ref.link["app_data"]["datastage"] == {"partner_link_in": "L1"}
    (into,) = document.link_named(inner, "L1")
    document.rename_link(into, "entered", swap)
    assert ref.link["app_data"]["datastage"] == {"partner_link_in": "entered"}
    (out,) = document.link_named(inner, "L2")
    document.rename_link(out, "left", swap)
    (ref,) = document.link_named(outer, "L2")
    assert ref.link["app_data"]["datastage"] == {"partner_link_out": "left"}


def test_stage_and_loop_variables_and_values_follow() -> None:
    document, pid, ids = flow("file", "join", "peek")
    into = document.add_link(pid, ids["file"], ids["join"], name="In")
    out = document.add_link(pid, ids["join"], ids["peek"], name="Out")
    node = document.node(pid, ids["join"])
    node["parameters"].update(
        StageVariables=[{"Name": "a", "Derivation": "In.x + 1", "InitialValue": "0"}],
        LoopVariables=[{"Name": "b", "Derivation": "In.y"}],
        LoopWhile="@ITERATION < In.n",
        inputName="In",
        outputName="Out",
    )
    out.source_port["parameters"].update(TransformerConstraint="In.x > Out.y", outputName="Out")
    into.link["app_data"]["ui_data"]["decorations"] = [{"id": "d", "label": "In"}, {"label": "10 rows"}]
    document.rename_link(into, "Fresh", swap)
    document.rename_link(out, "Gone", swap)
    assert node["parameters"]["StageVariables"][0] == {"Name": "a", "Derivation": "Fresh.x + 1", "InitialValue": "0"}
    assert node["parameters"]["LoopVariables"][0]["Derivation"] == "Fresh.y"
    assert node["parameters"]["LoopWhile"] == "@ITERATION < Fresh.n"
    assert (node["parameters"]["inputName"], node["parameters"]["outputName"]) == ("Fresh", "Gone")
    assert out.source_port["parameters"] == {"TransformerConstraint": "Fresh.x > Gone.y", "outputName": "Gone"}
    assert into.link["app_data"]["ui_data"]["decorations"] == [{"id": "d", "label": "Fresh"}, {"label": "10 rows"}]
    with pytest.raises(UsageError):
        document.rename_link(into, "", swap)


def test_labels_and_link_names_are_numbered_and_not_used_again() -> None:
    document, pid, ids = flow("Peek")
    assert document.free_label(pid, "Peek") == "Peek_2"
    second = document.add_node(pid, blank_node("execution_node", "PxPeek", label="Peek_2"))
    assert document.free_label(pid, "Peek") == "Peek_3"
    assert document.free_link_name(pid) == "Link_1"
    document.add_link(pid, ids["Peek"], second, name="Link_1")
    document.remove_node(pid, second)
    assert document.free_label(pid, "Peek") == "Peek_3"
    assert document.free_link_name(pid) == "Link_2"
    again = Document.loads(document.dumps())
    assert again.free_label(pid, "Peek") == "Peek_3"
    assert again.free_link_name(pid) == "Link_2"
    assert again.own == {"marks": {"labels": {"Peek": 2}, "links": 1, "removals": 1}}


def test_numbers_of_labels_and_names_that_changed_are_not_used_again() -> None:
    document, pid, ids = flow("Peek", "Peek_2", "Copy_3")
    ref = document.add_link(pid, ids["Peek"], ids["Peek_2"], name="Link_4")
    document.rename_link(ref, "x", swap)
    document.rename_node(pid, ids["Peek_2"], "y")
    document.rename_node(pid, ids["Copy_3"], "z")
    document.rename_node(pid, ids["Peek"], "last", is_spent=True)
    assert document.own == {"marks": {"labels": {"Copy": 3, "Peek": 2}, "links": 4}}
    again = Document.loads(document.dumps())
    assert (again.free_label(pid, "Peek"), again.free_link_name(pid)) == ("Peek_3", "Link_5")


@pytest.mark.parametrize(
    ("label", "parts"),
    [("Peek", ("Peek", 1)), ("Peek_2", ("Peek", 2)), ("_2", ("_2", 1)), ("a_b_10", ("a_b", 10)), ("a_01", ("a_01", 1))],
)
def test_numbers_of_labels(label: str, parts: tuple[str, int]) -> None:
    assert split_number(label) == parts


def test_a_stage_is_renamed_in_one_line() -> None:
    document, pid, ids = flow("Peek", "other")
    before = document.dumps()
    document.rename_node(pid, ids["Peek"], "Load")
    assert changed(before, document.dumps()) == (1, 1)
    assert document.labelled(pid, "Load") == (ids["Peek"],)
    assert document.labelled(pid, "Peek") == ()
    document.rename_node(pid, ids["other"], "Load")
    assert document.labelled(pid, "Load") == (ids["Peek"], ids["other"])
    assert document.own == {}
    with pytest.raises(UsageError):
        document.rename_node(pid, ids["Peek"], "")


def test_two_flows_of_one_name_have_one_text() -> None:
    assert flow("a", "b")[0].dumps() == flow("a", "b")[0].dumps()
    assert Document.new("a").id != Document.new("b").id
    assert Document.new("a", flow_id="x").id == "x"
    assert Document.new("a", own={"catalogue": "1"}).own == {"catalogue": "1"}


def test_a_new_key_goes_where_the_tail_is_sorted() -> None:
    for keys, key, wanted in [
        (["a", "c"], "b", ["a", "b", "c"]),
        (["a", "d", "c"], "b", ["a", "d", "c", "b"]),
        ([], "b", ["b"]),
        (["z", "a"], "m", ["z", "a", "m"]),
        (["b"], "b", ["b"]),
    ]:
        mapping = dict.fromkeys(keys, 0)
        put(mapping, key, 1)
        assert list(mapping) == wanted
        assert mapping[key] == 1
