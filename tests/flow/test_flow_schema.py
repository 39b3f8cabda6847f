"""Schemas and their 23 types of columns."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from riverstage import BatchFlow, Link, Schema
from riverstage.document.fields import ODBC_TYPES, column_of
from riverstage.errors import NotFoundError, UsageError
from riverstage.flow import fields
from riverstage.flow._options import OPTIONS, TYPES
from riverstage.flow.enums import DecimalPacking, Quote, TimeExtendedType


@pytest.fixture
def link() -> Link:
    flow = BatchFlow("demo")
    return flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek"))


def test_the_example(link: Link) -> None:
    assert link.schema is None
    schema = link.create_schema()
    field = schema.add_field("VARCHAR", "COLUMN_1", length=50, nullable=True, key=True)
    assert repr(field) == "VarChar(name=COLUMN_1, type=string)"
    assert json.loads(repr(schema)) == [
        {"name": "COLUMN_1", "odbc_type": "VARCHAR", "nullable": True, "key": True, "vector_occurs": None, "length": 50}
    ]
    assert repr(schema).startswith('[\n    {\n        "name"')
    assert schema[0] == schema["COLUMN_1"] == field == schema.fields[0]
    assert (len(schema), "COLUMN_1" in schema, field in schema, "x" in schema) == (1, True, True, False)
    assert [one.name for one in schema] == schema.names == ["COLUMN_1"]


def test_both_ports_share_it(link: Link) -> None:
    link.create_schema().add_field("DATE", "day")
    assert link._ref.source_port["schema_ref"] == link._ref.target_port["schema_ref"]
    assert link.schema == link.schema
    before = link._ref.target_port["schema_ref"]
    assert link.create_schema().names == []
    assert link._ref.target_port["schema_ref"] == before


@pytest.mark.parametrize("odbc_type", sorted(ODBC_TYPES))
def test_each_type(link: Link, odbc_type: str) -> None:
    schema = link.create_schema()
    field = schema.add_field(odbc_type.lower(), "X")
    kind = fields.FIELD_CLASSES[odbc_type]
    assert (type(field), field.odbc_type, field.nullable) == (kind, odbc_type, False)
    assert column_of(field.to_dict()).name == "X"
    for name, option in OPTIONS.items():
        assert hasattr(field, name) == (odbc_type in option.types), name
    with pytest.raises(AttributeError, match=f"of the type {odbc_type} has no option 'nope'"):
        field.nope = 1


def test_types_options_and_wire_are_those_of_the_published_client(link: Link, reference: Path) -> None:
    facts = json.loads((reference / "reference" / "field_types.json").read_bytes())
    assert set(facts) == set(fields.FIELD_CLASSES) == set(TYPES)
    schema = link.create_schema()
    for odbc_type, fact in facts.items():
        field = schema.add_field(odbc_type, "X")
        assert repr(field) == fact["repr"]
        wire = {key: value for key, value in field.to_dict().items() if key != "name"}
        assert wire == fact["wire"]
        assert json.loads(repr(schema)) == [fact["str"]]
        assert [name for name in fact["props_or_methods"] if not hasattr(field, name)] == []
        assert type(field).__name__ == fact["class"]
        schema.remove_field("X")


def test_lengths_and_scales_are_written_as_others_do(link: Link) -> None:
    schema = link.create_schema()
    amount = schema.add_field("DECIMAL", "amount", length=10, scale=2).to_dict()["metadata"]
    assert (amount["max_length"], amount["decimal_precision"], amount["decimal_scale"]) == (10, 10, 2)
    code = schema.add_field("CHAR", "code", length=3).to_dict()["metadata"]
    assert (code["max_length"], code["min_length"]) == (3, 3)
    name = schema.add_field("VARCHAR", "name", length=30).to_dict()["metadata"]
    assert (name["max_length"], name["min_length"]) == (30, 0)
    at = schema.add_field("TIMESTAMP", "at", length=26, scale=6)
    assert str(column_of(at.to_dict()).type) == "timestamp(6)"
    count = schema.add_field("BIGINT", "count", unsigned=True)
    assert str(column_of(count.to_dict()).type) == "uint64"


@pytest.mark.parametrize("kind", ["DECIMAL", "NUMERIC"])
def test_digits_that_make_no_number_are_refused_when_set(link: Link, kind: str) -> None:
    schema = link.create_schema()
    for wrong in ({"length": 5, "scale": 9}, {"scale": 9, "length": 5}, {"length": 256}, {"scale": 101}):
        with pytest.raises(UsageError, match="digits"):
            schema.add_field(kind, "amount", **wrong)
    assert list(schema) == []
    field = schema.add_field(kind, "amount", scale=9, length=12)
    with pytest.raises(UsageError, match=r"A [A-Z]+ of 5 digits cannot have 9 of them behind the point"):
        field.length = 5
    with pytest.raises(UsageError, match="12 digits cannot have 13"):
        field.scale = 13
    assert (field.length, field.scale) == (12, 9)
    for said in ({"length": 3, "scale": 1}, {"scale": 20, "length": 30}, {"length": 30, "scale": 30}):
        field.set(**said)
        assert (field.length, field.scale) == (said["length"], said["scale"])
    field.set(length=None, scale=0)
    assert (field.length, field.scale) == (100, 0)
    column = link.create_schema().add_field("TIMESTAMP", "at", length=3, scale=6)
    assert (column.length, column.scale) == (3, 6)


@pytest.mark.parametrize("option", ["quote", "padchar"])
def test_an_option_that_is_one_character_takes_no_more(link: Link, option: str) -> None:
    field = link.create_schema().add_field("CHAR", "code", length=4, **{option: "#"})
    with pytest.raises(UsageError, match="or one character"):
        field[option] = "zz-bogus"
    assert field[option] == "#"
    field[option] = "null" if option == "padchar" else "single"


def test_attributes_can_be_set_read_and_cleared(link: Link) -> None:
    schema = link.create_schema()
    field = schema.add_field("VARCHAR", "a", "what it is")
    assert (field.description, field.source, field.unicode, field.vector) == ("what it is", None, False, None)
    field.set(length=7, nullable=True, key=True, source="in.a", unicode=True, description="other")
    assert (field.length, field.nullable, field.key, field.source, field["unicode"]) == (7, True, True, "in.a", True)
    field["source"] = None
    assert field.source is None
    field.vector_occurs = 3
    assert (field.vector, field.vector_occurs, str(column_of(field.to_dict()).type.kind)) == (
        "vector_occurs",
        3,
        "list",
    )
    field.vector = "variable"
    assert (field.vector, field.vector_occurs) == ("variable", None)
    field.vector = None
    assert (field.vector, column_of(field.to_dict()).type.kind) == (None, "string")
    moment = schema.add_field("TIMESTAMP", "t", microseconds=True)
    moment.timezone = True
    assert moment.extended_type == TimeExtendedType.MICROSECONDS_AND_TIMEZONE
    moment.microseconds = False
    assert (moment.extended_type, moment.timezone) == ("timezone", True)
    moment.extended_type = None
    assert (moment.microseconds, moment.timezone) == (False, False)


@pytest.mark.parametrize(
    ("odbc_type", "options", "text"),
    [
        (
            "INTEGER",
            {"cycle_limit": 1000, "cycle_increment": 1, "cycle_initial_value": 1},
            "cycle={limit=1000,incr=1,init=1}",
        ),
        ("VARCHAR", {"cycle_values": ["Ann", "Bob", "Cy"]}, "cycle={value='Ann',value='Bob',value='Cy'}"),
        ("INTEGER", {"cycle_values": ["5", "-7"]}, "cycle={value='5',value='-7'}"),
        ("DECIMAL", {"random_limit": 100, "random_seed": "5"}, "random={limit=100,seed='5'}"),
        ("DATE", {"use_current_date": True}, "function=rundate"),
        ("VARCHAR", {"null_seed": 3, "percent_null": 10}, "nullseed=3,nulls=10"),
        ("VARCHAR", {"alphabet": "S"}, "alphabet='S'"),
        ("VARCHAR", {"null_field_value": "", "quote": "none"}, "null_field='',quote=none"),
        ("VARCHAR", {"delimiter": "|", "quote": Quote.DOUBLE}, "delim='|',quote=double"),
        (
            "INTEGER",
            {"cycle_initial_value": "part", "cycle_increment": "partcount"},
            "cycle={init=part,incr=partcount}",
        ),
        ("INTEGER", {"random_signed": True, "random_seed": 4}, "random={signed,seed=4}"),
        ("DECIMAL", {"packed": DecimalPacking.ZONED, "rounding": "ceil"}, "zoned,round=ceil"),
        ("DATE", {"format_string": "%yyyy-%mm-%dd"}, "date_format='%yyyy-%mm-%dd'"),
        ("TIMESTAMP", {"format_string": "%hh"}, "timestamp_format='%hh'"),
        ("INTEGER", {"byte_order": "big_endian", "data_format": "binary"}, "big_endian,binary"),
        ("DECIMAL", {"percent_invalid": 2.5, "percent_zeros": 5}, "invalids=2.5,zeros=5"),
        ("INTEGER", {"prefix_bytes": 2, "field_width": 8}, "prefix=2,width=8"),
        ("CHAR", {"charset": "ebdic", "export_ebcdic_as_ascii": True}, "ebcdic,export_ebcdic_as_ascii"),
        ("INTEGER", {"generate_type": "random"}, "random"),
    ],
)
def test_directives(link: Link, odbc_type: str, options: dict[str, object], text: str) -> None:
    field = link.create_schema().add_field(odbc_type, "c", **options)
    assert field.to_dict()["app_data"]["apt_field_properties"] == text
    for name, value in options.items():
        assert getattr(field, name) == ("ebcdic" if value == "ebdic" else value)
    for name in options:
        setattr(field, name, None)
        assert getattr(field, name) in (None, False)
    assert "apt_field_properties" not in field.to_dict()["app_data"]


def test_a_list_of_values_may_hold_any_of_the_type(link: Link) -> None:
    schema = link.create_schema()
    assert schema.add_field("BIT", "b", cycle_values=[True, False]).cycle_values == ["1", "0"]
    assert schema.add_field("DATE", "d", cycle_values=[datetime.date(2024, 2, 29)]).cycle_values == ["2024-02-29"]
    assert schema.add_field("INTEGER", "n", cycle_values=[5, -7]).cycle_values == ["5", "-7"]


def test_one_way_of_generating_takes_the_place_of_the_other(link: Link) -> None:
    schema = link.create_schema()
    number, text = schema.add_field("INTEGER", "n", cycle_increment=1), schema.add_field("VARCHAR", "t", alphabet="ab")
    assert (number.generate_type, text.generate_algorithm) == ("cycle", "alphabet")
    number.random_limit = 9
    text.cycle_values = ["x"]
    assert (number.generate_type, number.cycle_increment) == ("random", None)
    assert (text.generate_algorithm, text.alphabet) == ("cycle", None)
    number.generate_type = "cycle"
    assert (number.generate_type, number.random_limit) == ("cycle", None)
    text.generate_algorithm = "alphabet"
    assert text.alphabet.startswith("abc")


def test_directives_of_elsewhere_stay(link: Link) -> None:
    field = link.create_schema().add_field("INTEGER", "n")
    field._wire()["app_data"]["apt_field_properties"] = "something={new=1}, width=3"
    field.null_field_length = 2
    assert field.to_dict()["app_data"]["apt_field_properties"] == "something={new=1},width=3,null_length=2"


def test_what_cannot_be(link: Link) -> None:
    schema = link.create_schema()
    schema.add_field("INTEGER", "i")
    with pytest.raises(ValueError, match=r"Field i already exists in schema."):
        schema.add_field("INTEGER", "i")
    with pytest.raises(ValueError, match=r"Unsupported field type: BOOLEAN. Supported types are: .'BIGINT', 'BINARY'"):
        schema.add_field("BOOLEAN", "b")
    with pytest.raises(ValueError, match="Did you mean 'VARCHAR'"):
        schema.add_field("VARCAHR", "b")
    with pytest.raises(AttributeError, match="of the type INTEGER has no option 'alphabet'"):
        schema.add_field("INTEGER", "b", alphabet="x")
    for wrong in (
        {"length": 0}, {"length": "5"}, {"length": True}, {"nullable": 1}, {"quote": 5}, {"field_width": "x"},
        {"cycle_values": []}, {"padchar": True}, {"vector": "some"}, {"vector_occurs": 0}, {"source": 4},
    ):  # fmt: skip
        with pytest.raises(UsageError, match="is not a value of"):
            schema.add_field("VARCHAR", "b", **wrong)
    for wrong in ({"byte_order": "bigendian"}, {"generate_type": "cycel"}):
        with pytest.raises(UsageError, match="Did you mean"):
            schema.add_field("INTEGER", "b", **wrong)
    with pytest.raises(UsageError, match="is text"):
        schema.add_field("INTEGER", "")
    assert schema.names == ["i"]


def test_removing_selecting_renaming(link: Link) -> None:
    schema = link.create_schema()
    for name in "abcd":
        schema.add_field("INTEGER", name)
    gone = schema["b"]
    assert schema.remove_field("b") is schema
    with pytest.raises(NotFoundError, match="has no field 'b'"):
        _ = gone.nullable
    assert schema.select_fields("d", "a").names == ["d", "a"]
    with pytest.raises(NotFoundError, match="has no field 'nope'"):
        schema.select_fields("nope")
    with pytest.raises(NotFoundError, match="Did you mean 'd'"):
        schema.remove_field("D")
    field = schema["a"]
    field.name = "z"
    assert (field.name, schema.names) == ("z", ["d", "z"])
    with pytest.raises(ValueError, match="Field d already exists"):
        field.name = "d"
    field.name = "z"


def test_copies_belong_to_no_link(link: Link) -> None:
    schema = link.create_schema()
    schema.add_field("INTEGER", "a", derivation="1 + 1")
    copied, single = schema.clone(), schema["a"].clone()
    copied["a"].nullable = True
    copied.add_field("DATE", "b", derivation="CurrentDate()")
    single.name = "c"
    single.derivation = None
    assert (schema.names, schema["a"].nullable, single.derivation) == (["a"], False, None)
    assert (schema != copied, len({schema, copied})) == (True, 2)
    link.schema = copied
    assert link.schema.names == ["a", "b"]
    assert link.derivations["b"] == "CurrentDate()"
    copied.remove_field("a")
    assert link.schema.names == ["a", "b"]
    link.schema = None
    assert link.schema is None
    with pytest.raises(UsageError, match="is a Schema"):
        link.schema = ["a"]
    assert Schema(fields=[single]).names == ["c"]


def test_a_shared_schema_becomes_the_links_own_when_it_is_changed() -> None:
    flow = BatchFlow("demo")
    copy, peek, tail = flow.add_stage("Copy"), flow.add_stage("Peek"), flow.add_stage("Tail")
    one, two = copy.connect_output_to(peek), copy.connect_output_to(tail)
    one.create_schema().add_field("INTEGER", "a")
    tree = flow.document.copy().tree
    schema_id = tree["schemas"][0]["id"]
    for node in tree["pipelines"][0]["nodes"]:
        for port in [*node.get("inputs", ()), *node.get("outputs", ())]:
            if port["id"]:
                port["schema_ref"] = schema_id
    flow.document.replace(tree)
    two.schema["a"].nullable = True
    assert (one.schema["a"].nullable, two.schema["a"].nullable) == (False, True)
    assert len(flow.document.tree["schemas"]) == 2
    flow.document.audit()


def test_it_shows_itself_in_notebooks(link: Link) -> None:
    link.create_schema().add_field("DECIMAL", "a<b", length=5, scale=2, key=True)
    assert "<td>a&lt;b</td><td>DECIMAL(5, 2)</td><td></td><td>yes</td>" in link.schema._repr_html_()


def test_options_are_attributes_and_methods(link: Link) -> None:
    field = link.create_schema().add_field("VARCHAR", "a")
    assert (field.derivation, field.quote, field.percent_null, field.unicode) == (None, None, None, False)
    assert not field.derivation
    assert repr(field.delimiter) == "None"
    called = field.derivation("in.a").quote("single").delimiter("tab").percent_null(10).cycle_values(["x", "y"])
    assert called.unicode().is_link_field().pivot("p") == field
    assert (field.derivation, field.quote, field.delimiter, field.percent_null) == ("in.a", "single", "tab", 10)
    assert (field.cycle_values, field.pivot) == (["x", "y"], "p")
    assert (bool(field.unicode), repr(field.is_link_field)) == (True, "True")
    assert link.derivations["a"] == "in.a"
    field.pivot()
    field.is_link_field(False)
    assert (field.pivot, field.is_link_field) == (None, False)
    with pytest.raises(TypeError, match="a value is missing"):
        field.derivation()


def test_what_is_read_of_one_field_can_be_set_on_another(link: Link) -> None:
    schema = link.create_schema()
    one = schema.add_field("VARCHAR", "a", quote="double", percent_null=1.5, unicode=True, derivation="in.a")
    two = schema.add_field("VARCHAR", "b", delimiter="tab")
    for name in ("quote", "percent_null", "unicode", "delimiter", "is_link_field", "cycle_values", "derivation"):
        setattr(two, name, getattr(one, name))
        assert getattr(two, name) == getattr(one, name)
    link.schema = schema
    assert two.to_dict()["app_data"]["is_unicode_string"] is True
    assert {type(value) for value in two.to_dict()["app_data"].values()} <= {str, int, bool}


@pytest.mark.parametrize("kind", ["VARCHAR", "CHAR", "VARBINARY", "NCHAR"])
def test_text_without_a_length_is_of_any_length(link: Link, kind: str) -> None:
    field = link.create_schema().add_field(kind, "a", length=5)
    field.length = None
    assert field.length is None
    assert column_of(field.to_dict()).type.length is None
    assert '"length": null' in repr(link.schema)
    field.length = 7
    assert column_of(field.to_dict()).type.length == 7


@pytest.mark.parametrize("kind", ["DECIMAL", "NUMERIC", "TIME", "TIMESTAMP", "REAL"])
def test_a_number_without_a_length_is_as_a_new_one(link: Link, kind: str) -> None:
    schema = link.create_schema()
    new, field = schema.add_field(kind, "a"), schema.add_field(kind, "b", length=5)
    field.length = None
    assert {**field.to_dict(), "name": "a"} == new.to_dict()


def test_a_field_is_put_in_the_place_of_another(link: Link) -> None:
    schema = link.create_schema()
    schema.add_field("INTEGER", "a", derivation="in.a")
    schema.add_field("DATE", "b")
    copied = schema["a"].clone()
    copied.name, copied.nullable = "c", True
    schema[1] = copied
    assert (schema.names, schema["c"].odbc_type, schema["c"].nullable) == (["a", "c"], "INTEGER", True)
    assert (link.derivations["c"], schema["a"].nullable) == ("in.a", False)
    copied.name = "d"
    assert schema.names == ["a", "c"]
    schema["c"] = schema["c"]
    schema["a"] = copied
    assert (schema.names, link.derivations["d"]) == (["d", "c"], "in.a")
    assert "a" not in link.derivations
    with pytest.raises(UsageError, match="already exists"):
        schema[0] = schema["c"]
    with pytest.raises(UsageError, match="holds fields"):
        schema[0] = "x"
    with pytest.raises(IndexError):
        schema[5] = copied
    with pytest.raises(NotFoundError):
        schema["nope"] = copied


def test_the_configuration_of_a_schema_is_a_copy(link: Link) -> None:
    schema = link.create_schema()
    schema.add_field("INTEGER", "a")
    schema.configuration[0]["name"] = "b"
    assert schema.configuration == [schema["a"].to_dict()]
