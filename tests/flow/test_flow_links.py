"""Links: connecting, naming, renaming, partitioning."""

from __future__ import annotations

import pytest

from riverstage import BatchFlow, Link, LinkType
from riverstage.document import Document
from riverstage.errors import NotFoundError, UsageError
from riverstage.flow import PartitionKey, PartitionType


@pytest.fixture
def flow() -> BatchFlow:
    return BatchFlow("demo")


def test_a_link_is_named_when_it_is_made_and_numbers_do_not_come_back(flow: BatchFlow) -> None:
    source, peek, tail = flow.add_stage("Copy"), flow.add_stage("Peek"), flow.add_stage("Tail")
    first, second = source.connect_output_to(peek), tail.connect_input_to(source)
    assert [link.name for link in (first, second)] == ["Link_1", "Link_2"]
    source.disconnect_output_from(tail)
    assert source.connect_output_to(tail).name == "Link_3"
    again = BatchFlow.from_document(flow.document.copy())
    assert again.stages[0].connect_output_to(again.stages[2]).name == "Link_4"


def test_a_name_can_be_given_once(flow: BatchFlow) -> None:
    source, peek = flow.add_stage("Copy"), flow.add_stage("Peek")
    assert source.connect_output_to(peek, name="Link_2").name == "Link_2"
    assert source.connect_output_to(peek).name == "Link_1"
    assert source.connect_output_to(peek).name == "Link_3"
    with pytest.raises(UsageError, match="'Link_4' is free"):
        source.connect_output_to(peek, name="Link_1")
    with pytest.raises(UsageError, match="named 'Link_1' already"):
        flow.links.get(name="Link_3").set_name("Link_1")
    with pytest.raises(UsageError, match="is text"):
        flow.links[0].set_name("")
    assert len(flow.links) == 3


def test_its_ends_type_and_chaining(flow: BatchFlow) -> None:
    source, lookup = flow.add_stage("Row Generator"), flow.add_stage("Lookup")
    link = source.connect_output_to(lookup)
    assert (link.src, link.dest, link.type) == (source, lookup, "PRIMARY")
    assert link.reference() is link
    assert link.type == "REFERENCE"
    assert link.reject().type == "REJECT"
    assert link.primary().set_name("main").name == "main"
    assert source.connect_output_to(lookup, kind="reference").type == "REFERENCE"
    assert source.connect_output_to(lookup, kind=LinkType.REJECT).type == "REJECT"
    with pytest.raises(UsageError, match="Did you mean 'reference'"):
        source.connect_output_to(lookup, kind="refrence")


def test_links_in_their_order_and_filtered(flow: BatchFlow) -> None:
    lookup = flow.add_stage("Lookup")
    for kind in ("reference", "primary"):
        flow.add_stage("Row Generator").connect_output_to(lookup, kind=kind)
    assert [link.type for link in lookup.get_input_links()] == ["PRIMARY", "REFERENCE"]
    assert [link.name for link in flow.links.get_all(type="reference")] == ["Link_1"]
    assert [link.name for link in flow.links.get_all(dest="Lookup", src="Row_Generator_2")] == ["Link_2"]
    assert flow.links.get(dest=lookup, name="Link_2").name == "Link_2"
    with pytest.raises(NotFoundError, match="Did you mean 'Link_1'"):
        flow.links.get(name="Link_11")
    with pytest.raises(ValueError, match="cannot be filtered by 'colour'"):
        flow.links.get_all(colour=1)


def test_between_two_stages(flow: BatchFlow) -> None:
    source, peek = flow.add_stage("Copy", "A"), flow.add_stage("Peek", "B")
    with pytest.raises(ValueError, match=r"No links found between CopyStage\(label='A'\) and PeekStage\(label='B'\)"):
        source.get_link(peek)
    first = source.connect_output_to(peek)
    assert source.get_link(peek) == flow.get_link(source, peek) == first
    second = source.connect_output_to(peek)
    with pytest.raises(ValueError, match=r"Multiple links found between .* please provide a link_name"):
        source.get_link(peek)
    assert source.get_link(peek, "Link_2") == second
    with pytest.raises(ValueError, match="Did you mean 'Link_2'"):
        source.get_link(peek, "Link2")
    assert source.get_links_to(peek) == flow.get_links(source, peek) == [first, second]


def test_disconnecting(flow: BatchFlow) -> None:
    source, peek = flow.add_stage("Copy", "A"), flow.add_stage("Peek", "B")
    links = [source.connect_output_to(peek) for _ in range(3)]
    assert peek.disconnect_input_from(source, "Link_2") == [links[1]]
    assert source.disconnect_output_from(peek) == [links[0], links[2]]
    assert flow.links == []
    for call in (source.disconnect_output_from, peek.disconnect_output_from):
        with pytest.raises(ValueError, match="No link found between"):
            call(source if call.__self__ is peek else peek)
    flow.document.audit()


def test_what_cannot_be_linked(flow: BatchFlow) -> None:
    stage, note = flow.add_stage("Copy"), flow.add_annotation("x")
    with pytest.raises(ValueError, match="cannot be linked to itself"):
        stage.connect_output_to(stage)
    with pytest.raises(ValueError, match=r"comment.connect_to\(stage\)"):
        stage.connect_output_to(note)
    with pytest.raises(ValueError, match="not to 'Peek'"):
        stage.connect_output_to("Peek")
    with pytest.raises(ValueError, match="not to 5"):
        stage.connect_input_to(5)


def test_a_link_refuses_unknown_attributes(flow: BatchFlow) -> None:
    link = flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Lookup"))
    with pytest.raises(AttributeError, match="Did you mean 'constraint'"):
        link.constrain = "x"
    with pytest.raises(AttributeError, match=r"link.configuration.lookup_fail"):
        link.lookup_fail = "drop"
    with pytest.raises(AttributeError):
        link.address = "x"


def test_renaming_a_link_rewrites_every_reference(flow: BatchFlow) -> None:
    pytest.importorskip("riverstage.expressions.rename")
    source, transformer, sort = flow.add_stage("Row Generator"), flow.add_stage("Transformer"), flow.add_stage("Sort")
    link, out = source.connect_output_to(transformer), transformer.connect_output_to(sort)
    out.create_schema().add_field("INTEGER", "n", derivation="Link_1.n + 1")
    out.derivations["m"] = "Link_1.m"
    out.constraint = 'Link_1.n > 5 And Link_1.name <> "Link_1.n"'
    transformer.add_stage_variable("sv", "Link_1.n * 2", "INTEGER", 0)
    link.set_name("orders")
    assert dict(out.derivations) == {"n": "orders.n + 1", "m": "orders.m"}
    assert out.schema["n"].derivation == "orders.n + 1"
    assert out.constraint == 'orders.n > 5 And orders.name <> "Link_1.n"'
    assert transformer.stage_variables["sv"].derivation == "orders.n * 2"
    assert flow.links.get(name="orders") == link


@pytest.mark.parametrize("name", ['q"x', "it's", '"', "a\"b'c", "a;b", "a.b", "two words", "If"])
def test_a_link_of_any_name_is_renamed_again(flow: BatchFlow, name: str) -> None:
    source, transformer, peek = flow.add_stage("Row Generator"), flow.add_stage("Transformer"), flow.add_stage("Peek")
    link, out = source.connect_output_to(transformer), transformer.connect_output_to(peek)
    out.create_schema().add_field("INTEGER", "n", derivation="Link_1.id*2").source = "Link_1.id;Link_10.id"
    out.constraint = "Link_1.id > 5"
    link.name = name
    assert (out.schema["n"].source, out.constraint == "Link_1.id > 5") == (f"{name}.id;Link_10.id", False)
    again = BatchFlow.from_document(Document.loads(flow.to_bytes()))
    again.links.get(name=name).name = "zz"
    (column,) = again.links.get(name="Link_2").schema
    assert (column.derivation, column.source) == ("zz.id*2", "zz.id;Link_10.id")
    assert again.links.get(name="Link_2").constraint == "zz.id > 5"


def test_the_number_of_a_renamed_link_is_not_given_out_again(flow: BatchFlow) -> None:
    first, second = flow.add_stage("Sort"), flow.add_stage("Peek")
    first.connect_output_to(second).name = "x"
    assert first.connect_output_to(second).name == "Link_2"
    first.get_link(second, "x").name = "Link_3"
    again = BatchFlow.from_document(Document.loads(flow.to_bytes()))
    assert again.stages[0].connect_output_to(again.stages[1]).name == "Link_4"


# Partitioning --------------------------------------------------------------------------------------------------------


def test_partitioning_stands_in_the_input_port_as_others_write_it(flow: BatchFlow) -> None:
    link = flow.add_stage("Sort").connect_output_to(flow.add_stage("Aggregator"))
    assert (link.partitioning, link.partition_keys) == (None, [])
    made = link.set_partitioning("hash", perform_sort=True).add_partition_key("name", sorting=True)
    assert made is link
    [port] = link.dest._node()["inputs"]
    assert port["parameters"] == {
        "keyColsPart": [{"keyCol": "name", "partitioning": True, "sorting": True, "ci-cs": "cs", "asc-desc": "asc"}],
        "part_coll": "part_type",
        "part_type": "hash",
        "perform_sort": True,
    }
    assert link.partitioning == "hash"
    assert link.partition_keys == [PartitionKey("name", sorting=True)]


def test_partition_keys(flow: BatchFlow) -> None:
    link = flow.add_stage("Sort").connect_output_to(flow.add_stage("Aggregator")).set_partitioning(PartitionType.HASH)
    link.add_partition_key("a").add_partition_key("b", True, False, "desc", True)
    assert link.partition_keys[1] == PartitionKey("b", True, False, True, True)
    with pytest.raises(UsageError, match="'a' is a partition key already"):
        link.add_partition_key("a")
    with pytest.raises(NotFoundError, match="'c' is no partition key"):
        link.remove_partition_key("c")
    with pytest.raises(UsageError, match="expected 'asc' or 'desc'"):
        link.add_partition_key("c", sort_order="up")
    with pytest.raises(UsageError, match="name of a column"):
        link.add_partition_key("")
    with pytest.raises(UsageError, match="Did you mean 'modulus'"):
        link.set_partitioning("modulo")
    assert link.remove_partition_key("a").remove_partition_key("b").partition_keys == []
    link.set_partitioning("round robin", part_stable=True, part_unique=False)
    assert link.dest._node()["inputs"][0]["parameters"] == {
        "part_coll": "part_type",
        "part_stable": True,
        "part_type": "roundrobin",
        "part_unique": False,
    }


# What is said to one link ---------------------------------------------------------------------------------------------


def test_the_configuration_of_a_link_is_that_of_its_ports(flow: BatchFlow) -> None:
    lookup = flow.add_stage("Lookup")
    one, two = (flow.add_stage("Row Generator").connect_output_to(lookup, kind="reference") for _ in range(2))
    one.configuration.lookup_fail = "reject"
    assert (one.configuration.lookup_fail, two.configuration.lookup_fail) == ("reject", "fail")
    assert one.dest._node()["inputs"][0]["parameters"] == {"lookupFail": "reject"}
    lookup.configuration.lookup_fail = "drop"
    assert (one.configuration.lookup_fail, two.configuration.lookup_fail) == ("drop", "drop")
    del one.configuration.lookup_fail
    assert one.configuration.lookup_fail == "fail"
    one.configuration["runtime_column_propagation"] = True
    assert one._ref.target_port["parameters"]["runtime_column_propagation"] == 1
    with pytest.raises(AttributeError, match="The link 'Link_1' has no property 'nope'"):
        _ = one.configuration.nope


def test_the_output_side_of_a_link_is_configured_at_its_source(flow: BatchFlow) -> None:
    link = flow.add_stage("Transformer").connect_output_to(flow.add_stage("Peek"))
    link.configuration.row_limit = 5
    assert link._ref.source_port["parameters"] == {"RowLimit": 5}
    link.configuration.value_derivation = [{"columnName": "a", "parsedExpression": "1"}]
    link.configuration.value_derivation.append({"columnName": "b", "parsedExpression": "2"})
    assert dict(link.derivations) == {"a": "1", "b": "2"}


def ends(link: Link) -> tuple[str | None, str | None]:
    return link.src.label, link.dest.label


def test_a_link_is_led_to_another_stage() -> None:
    flow = BatchFlow("demo")
    a, b = flow.add_stage("Row Generator", "A"), flow.add_stage("Row Generator", "B")
    join, peek = flow.add_stage("Join", "J"), flow.add_stage("Peek", "P")
    first, second = a.connect_output_to(join, name="first"), b.connect_output_to(join, name="second")
    out = join.connect_output_to(peek, name="out")
    first.create_schema().add_field("INTEGER", "x", cycle_initial_value=1)
    out.create_schema().add_field("INTEGER", "x")
    out.set_partitioning("hash").add_partition_key("x")
    again, key = flow.links.get(name="first"), first.link_id
    first.src = flow.add_stage("Row Generator", "C")
    assert (ends(first), first.name, first.link_id, first.schema.names) == (("C", "J"), "first", key, ["x"])
    assert again == first
    assert ends(again) == ("C", "J")
    assert [link.name for link in join.get_input_links()] == ["first", "second"]
    assert a.get_output_links() == []
    out.dest = flow.add_stage("Peek", "Q")
    assert (ends(out), out.schema.names, peek.get_input_links()) == (("J", "Q"), ["x"], [])
    second.dest = peek
    assert [link.name for link in join.get_input_links()] == ["first"]
    assert ends(second) == ("B", "P")
    second.dest = peek
    flow.document.audit()
    loaded = BatchFlow.from_document(Document.loads(flow.to_bytes()))
    assert [repr(link) for link in loaded.links] == [repr(link) for link in flow.links]
    loaded.document.audit()


def test_what_a_link_keeps_of_the_end_that_stays() -> None:
    flow = BatchFlow("demo")
    source, transformer = flow.add_stage("Row Generator", "R"), flow.add_stage("Transformer", "T")
    into, out = source.connect_output_to(transformer, name="in"), transformer.connect_output_to(flow.add_stage("Peek"))
    out.derivations["y"] = "in.x"
    into.set_partitioning("hash")
    out.dest = flow.add_stage("Head", "H")
    into.src = flow.add_stage("Row Generator", "S")
    assert (out.derivations["y"], into.partitioning, out.schema) == ("in.x", "hash", None)
    flow.document.audit()


def test_a_link_is_led_into_a_subflow_and_out_again() -> None:
    flow = BatchFlow("demo")
    a, b, c = flow.add_stage("Row Generator", "A"), flow.add_stage("Copy", "B"), flow.add_stage("Peek", "C")
    a.connect_output_to(b, name="in")
    link = b.connect_output_to(c, name="out")
    sub = flow.create_subflow("Sub", [b])
    entries = len(sub.stages)
    link.src = a
    assert ends(link) == ("A", "C")
    link.src = sub
    assert (ends(link), len(sub.stages)) == (("Sub", "C"), entries)
    flow.document.audit()


def test_ends_that_cannot_be() -> None:
    flow, other = BatchFlow("demo"), BatchFlow("other")
    a, b = flow.add_stage("Row Generator"), flow.add_stage("Peek")
    link = a.connect_output_to(b)
    for end, value in (("src", b), ("dest", a), ("src", other.add_stage("Copy")), ("dest", "x"), ("dest", None)):
        with pytest.raises(UsageError):
            setattr(link, end, value)
    assert link.src == a
    assert link.dest == b


def test_lookup_keys_and_derivations_are_replaced_by_a_mapping(flow: BatchFlow) -> None:
    source, more = flow.add_stage("Row Generator"), flow.add_stage("Row Generator")
    lookup, transformer = flow.add_stage("Lookup"), flow.add_stage("Transformer")
    source.connect_output_to(lookup)
    table = more.connect_output_to(lookup).reference()
    table.lookup_keys.add("a", "Link_1.x", "caseless")
    table.lookup_keys.add("gone")
    table.lookup_keys = {"a": "Link_1.y", "b": "Link_1.z"}
    assert dict(table.lookup_keys) == {"a": "Link_1.y", "b": "Link_1.z"}
    assert [key["keyType"] for key in table._live().target_port["parameters"]["lookupDerivation"]] == ["caseless", "="]
    for wrong in ({"c": "Link_1.c", "d": ""}, ["a"], "a", None):
        with pytest.raises(UsageError):
            table.lookup_keys = wrong
        assert dict(table.lookup_keys) == {"a": "Link_1.y", "b": "Link_1.z"}
    table.lookup_keys = table.lookup_keys
    assert len(table.lookup_keys) == 2
    table.lookup_keys = {}
    assert "lookupDerivation" not in table._live().target_port["parameters"]
    out = transformer.connect_output_to(flow.add_stage("Peek"))
    out.derivations = {"n": "in.n + 1", "m": "in.m"}
    out.derivations = {"m": "in.k"}
    assert dict(out.derivations) == {"m": "in.k"}
    with pytest.raises(UsageError, match="from a mapping of columns to expressions"):
        out.derivations = "in.k"


def test_links_of_a_flow_are_found_by_their_ends(flow: BatchFlow) -> None:
    source, copy, peek = flow.add_stage("Row Generator"), flow.add_stage("Copy"), flow.add_stage("Peek")
    first, second = source.connect_output_to(copy), copy.connect_output_to(peek)
    assert flow.get_links() == [first, second]
    assert (flow.get_links(source), flow.get_links(destination=peek)) == ([first], [second])
    assert (flow.get_links(copy, peek), flow.get_links(source, peek)) == ([second], [])
    with pytest.raises(UsageError, match="belongs to another flow"):
        flow.get_links(destination=BatchFlow("x").add_stage("Peek"))


def test_renaming_a_link_reaches_the_conditions_of_filters_and_lookups() -> None:
    flow = BatchFlow("conditions")
    keep = flow.add_stage("Filter", "Keep")
    link = flow.add_stage("Row Generator", "Rows").connect_output_to(keep)
    link.name = "rows"
    keep.configuration.where_properties = [{"where": "rows.a > 3 and a like 'rows.a'", "target": "0"}]
    look = flow.add_stage("Lookup", "Look")
    primary = flow.add_stage("Row Generator", "Main").connect_output_to(look)
    primary.name = "main"
    reference = flow.add_stage("Row Generator", "Other").connect_output_to(look)
    reference.name = "other"
    reference.reference()
    reference.configuration.condition = "main.c > other.c"
    link.name, primary.name = "lines", "first"
    assert keep.configuration.where_properties[0]["where"] == "lines.a > 3 and a like 'rows.a'"
    assert reference.configuration.condition == "first.c > other.c"
