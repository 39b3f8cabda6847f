"""Values travel from Python to documents and back."""

from __future__ import annotations

import math
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.catalogue import Property, accepted_names, find, has_parameter, holds
from riverstage.errors import CatalogueError

SPECS = [find(name) for name in accepted_names()]


def slots() -> list[Property]:
    connections = [spec.connection for spec in SPECS if spec.connection]
    return [
        *(said for spec in SPECS for said in spec.slots),
        *(said for connection in connections for said in connection.fields.values()),
    ]


def slot(stage: str, name: str) -> Property:
    return find(stage).property(name)


def test_every_default_goes_and_comes_back() -> None:
    for said in slots():
        assert said.decode(said.encode(said.decode(said.default))) == said.default, said


def test_every_choice_goes_by_label_and_by_wire_value() -> None:
    for said in slots():
        for label, wire in said.choices.items():
            assert said.encode(wire) == wire
            assert type(said.encode(wire)) is type(wire)
            assert said.decode(wire) == wire
            if label not in said.choices.values():
                assert said.encode(label) == wire, (said, label)


def test_a_parameter_goes_whatever_the_kind() -> None:
    for said in slots():
        for text in ("#name#", "#set.name#", "before #$ENVIRONMENT# after"):
            assert said.encode(text) == text
            assert said.decode(text) == text
        assert said.encode(None) is None


def test_has_parameter() -> None:
    assert has_parameter("#a#")
    assert not has_parameter("# a #")
    assert not has_parameter("a#b")


@pytest.mark.parametrize(
    ("stage", "name", "value", "wire"),
    [
        ("Peek", "columns", True, " "),
        ("Peek", "columns", "true", " "),
        ("Peek", "columns", False, "field"),
        ("Peek", "columns", "field", "field"),
        ("Peek", "columns", " ", " "),
        ("Peek", "columns", "False", "field"),
        ("Peek", "dataset", True, "dataset"),
        ("Sort", "flag_key", True, "flagKey"),
        ("Sort", "stable", "nonStable", "nonStable"),
        ("Row Generator", "preserve", "set", 1),
        ("Row Generator", "preserve", "-3", -3),
        ("Row Generator", "runtime_column_propagation", True, 1),
        ("Row Generator", "runtime_column_propagation", "false", 0),
        ("Row Generator", "records", "25", 25),
        ("Row Generator", "records", 25.0, 25),
        ("Row Generator", "show_part_type", True, 1),
        ("Sort", "perform_sort", 1, True),
        ("Sequential file", "file", "a.csv", ["a.csv"]),
        ("Sequential file", "file", Path("a") / "b.csv", ["a/b.csv"]),
        ("Sequential file", "file_plus", ("a.csv", "b.csv"), ["a.csv", "b.csv"]),
        ("Sequential file", "file_format", "json_lines", "json_lines"),
        ("Sequential file", "delimiter", "comma", "','"),
        ("Sequential file", "delimiter", ",", "','"),
        ("Sequential file", "delimiter", "|", "|"),
        ("Sequential file", "read_from_multiple_nodes", True, "yes"),
        ("Sequential file", "decimal_options", ["precision", "scale"], ["precision", "scale"]),
        ("Head", "part", ["1", 2], [1, 2]),
        ("Switch", "key", "city", "city"),
        ("Aggregator", "default_to_decimal", 8, "8"),
        ("Transformer", "transformer_constraint", "In.a > 1", "In.a > 1"),
        ("Sort", "key_properties", "id", [{"key": "id"}]),
        ("Sort", "key_properties", {"key": "id"}, [{"key": "id"}]),
        (
            "Sort",
            "key_properties",
            ["id", {"key": "b", "asc_desc": "desc", "ci-cs": "ci"}],
            [{"key": "id"}, {"key": "b", "asc-desc": "desc", "ci-cs": "ci"}],
        ),
        ("Change Capture", "key_properties", [{"key_asc_desc": "desc"}], [{"key-asc-desc": "desc"}]),
        ("Filter", "where_properties", [{"where": "a > 1", "target": "0"}], [{"where": "a > 1", "target": 0}]),
        (
            "Aggregator",
            "reduce_properties",
            [[{"reduce": "price"}, {"sum": "total"}]],
            [[{"reduce": "price"}, {"sum": "total"}]],
        ),
        ("Transformer", "stage_variables", [{"name": "v", "derivation": "1"}], [{"Name": "v", "Derivation": "1"}]),
        ("Surrogate Key Generator", "block_size_properties", {"a": (1, 2)}, {"a": [1, 2]}),
    ],
)  # fmt: skip
def test_encode(stage: str, name: str, value: object, wire: object) -> None:
    said = slot(stage, name).encode(value)
    assert said == wire
    assert type(said) is type(wire)


def test_enum_members_go_by_their_value() -> None:
    class Columns(Enum):
        ALL = " "
        SOME = "field"

    assert slot("Peek", "columns").encode(Columns.SOME) == "field"


@pytest.mark.parametrize(
    ("stage", "name", "value", "message"),
    [
        ("Row Generator", "records", "abc", "'abc' is not a value of 'records': expected a whole number, 0 or more."),
        ("Row Generator", "records", True, "True is not a value of 'records': expected a whole number, 0 or more."),
        ("Row Generator", "records", 1.5, "1.5 is not a value of 'records': expected a whole number, 0 or more."),
        ("Row Generator", "records", -5, "-5 is not a value of 'records': expected a whole number, 0 or more."),
        ("Peek", "nrecs", "-1", "'-1' is not a value of 'nrecs': expected a whole number, 0 or more."),
        ("Sort", "stage_description", math.nan, "nan is not a value of 'stage_description': expected text."),
        ("Sort", "stage_description", math.inf, "inf is not a value of 'stage_description': expected text."),
        ("Sort", "perform_sort", "maybe", "'maybe' is not a value of 'perform_sort': expected True or False."),
        ("Join", "operator", "inerjoin", "'inerjoin' is not a value of 'operator': expected one of 'innerjoin', "
         "'leftouterjoin', 'rightouterjoin', 'fullouterjoin'."),
        ("Join", "operator", True, "True is not a value of 'operator': expected one of 'innerjoin', "
         "'leftouterjoin', 'rightouterjoin', 'fullouterjoin'."),
        ("Sequential file", "file", 3, "3 is not a value of 'file': expected a list."),
        ("Sequential file", "file", [None], "[None] is not a value of 'file': expected a list without None in it."),
        ("Sequential file", "null_field_value", ["x"], "['x'] is not a value of 'null_field_value': expected text."),
        ("Sort", "key_properties", 3, "3 is not a value of 'key_properties': expected a list of mappings."),
        ("Sort", "key_properties", [3], "3 is not a value of 'key_properties': expected a list of mappings."),
        ("Sort", "key_properties", [{"key": "a", "asc_desc": "up"}],
         "'up' is not a value of 'asc_desc': expected one of 'asc', 'desc'."),
        ("Sort", "key_properties", [{"key": "a", "asc_desc": "asc", "asc-desc": "desc"}],
         "{'key': 'a', 'asc_desc': 'asc', 'asc-desc': 'desc'} is not a value of 'key_properties': "
         "expected one value for 'asc-desc'."),
        ("Sort", "key_properties", [{"ky": "a"}], "An entry of 'key_properties' has no 'ky'."),
        ("Filter", "where_properties", [{"wher": "a > 1"}], "An entry of 'where_properties' has no 'wher'."),
        ("Aggregator", "reduce_properties", [[{"reduce": "a"}, {"summ": "x"}]],
         "An entry of 'reduce_properties' has no 'summ'."),
        ("Surrogate Key Generator", "block_size_properties", 3,
         "3 is not a value of 'block_size_properties': expected a mapping."),
        ("Rest", "variables", math.nan, "nan is not a value of 'variables': expected a value that JSON can hold."),
    ],
)  # fmt: skip
def test_what_cannot_be_held(stage: str, name: str, value: object, message: str) -> None:
    with pytest.raises(CatalogueError) as raised:
        slot(stage, name).encode(value)
    assert raised.value.message == message
    assert raised.value.code == "RS-2103"


def test_near_choice_is_named() -> None:
    with pytest.raises(CatalogueError) as raised:
        slot("Join", "operator").encode("inerjoin")
    assert raised.value.mend == "Did you mean 'innerjoin'?"


@pytest.mark.parametrize(
    ("stage", "name", "entry", "mend"),
    [
        ("Sort", "key_properties", {"ky": "a"}, "Did you mean 'key'?"),
        ("Filter", "where_properties", {"wher": "a > 1"}, "Did you mean 'where'?"),
        ("Aggregator", "reduce_properties", {"summ": "x"}, "Did you mean 'sum'?"),
        ("Filter", "where_properties", {"zzz": 1}, "It can have: where, target."),
    ],
)
def test_near_key_of_an_entry_is_named(stage: str, name: str, entry: dict[str, object], mend: str) -> None:
    with pytest.raises(CatalogueError) as raised:
        slot(stage, name).encode([entry])
    assert raised.value.mend == mend


def test_keys_that_a_document_has_already_may_stay() -> None:
    rows = [{"where": "a > 1", "note": [1]}]
    assert slot("Filter", "where_properties").encode(rows, known=["note"]) == rows


@pytest.mark.parametrize(
    ("stage", "name", "value", "held"),
    [
        ("Sort", "key_properties", [{"key": "a", "asc-desc": "DESC"}], [{"key": "a", "asc-desc": "desc"}]),
        ("Sort", "key_properties", [{"key": "a", "nulls": "Nulls last"}], [{"key": "a", "nulls": "last"}]),
        ("Sort", "key_properties", [{"key": "a", "asc_desc": "descending"}], [{"key": "a", "asc_desc": "desc"}]),
        ("Sort", "key_properties", [{"key": "a", "odd": 1}], [{"key": "a", "odd": 1}]),
        ("Sort", "key_properties", "a", [{"key": "a"}]),
        ("Sort", "key_properties", ["a", {"key": "b"}], [{"key": "a"}, {"key": "b"}]),
        ("Sort", "key_properties", "#keys#", "#keys#"),
        ("Sort", "key_properties", [{"key": "a", "asc-desc": "#order#"}], [{"key": "a", "asc-desc": "#order#"}]),
        ("Sort", "flag_key", "true", "flagKey"),
        ("Sort", "flag_key", "", ""),
        ("Sort", "part_unique", "part_unique", True),
        ("Join", "operator", "LeftOuterJoin", "leftouterjoin"),
        ("Row Generator", "runtime_column_propagation", "TRUE", True),
        ("Row Generator", "records", " 12 ", 12),
        ("Row Generator", "records", Decimal(12), 12),
        ("Row Generator", "records", None, None),
        ("Row Generator", "preserve", "propagate", 2),
        ("Head", "part", "2", [2]),
        ("Head", "part", ["1", "#p#"], [1, "#p#"]),
        ("Sequential file", "file", "a.csv", ["a.csv"]),
        ("Sequential file", "file", [5], ["5"]),
        ("Sequential file", "delimiter", "|", "|"),
        ("Aggregator", "reduce_properties", [[{"reduce": "a"}, {"sum": "x"}]], [[{"reduce": "a"}, {"sum": "x"}]]),
    ],
)  # fmt: skip
def test_what_a_document_or_a_parameter_says_is_held(stage: str, name: str, value: object, held: object) -> None:
    said, refusals = slot(stage, name).hold(value)
    assert refusals == ()
    assert said == held
    assert type(said) is type(held)


@pytest.mark.parametrize(
    ("stage", "name", "value", "messages"),
    [
        ("Row Generator", "records", "junk",
         ["'junk' is not a value of 'records': expected a whole number, 0 or more."]),
        ("Row Generator", "records", {"a": 1},
         ["{'a': 1} is not a value of 'records': expected a whole number, 0 or more."]),
        ("Row Generator", "records", Decimal("NaN"),
         ["Decimal('NaN') is not a value of 'records': expected a whole number, 0 or more."]),
        ("Row Generator", "stage_description", [1], ["[1] is not a value of 'stage_description': expected text."]),
        ("Sort", "runtime_column_propagation", "maybe",
         ["'maybe' is not a value of 'runtime_column_propagation': expected True or False."]),
        ("Sort", "key_properties", 5, ["5 is not a value of 'key_properties': expected a mapping as an entry."]),
        ("Sort", "key_properties", [{"key": "a", "asc-desc": "up", "nulls": "no"}, None],
         ["Entry 1: 'up' is not a value of 'asc_desc': expected one of 'asc', 'desc'.",
          "Entry 1: 'no' is not a value of 'nulls': expected one of 'first', 'last'.",
          "Entry 2: None is not a value of 'key_properties': expected a mapping as an entry."]),
        ("Head", "part", ["x"], ["'x' is not a value of 'part': expected a whole number."]),
        ("Sequential file", "file", [["x"]], ["['x'] is not a value of 'file': expected text."]),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_each_by_itself(
    stage: str, name: str, value: object, messages: list[str]
) -> None:
    said, refusals = slot(stage, name).hold(value)
    assert [refusal.message for refusal in refusals] == messages
    assert {refusal.code for refusal in refusals} == {"RS-2103"}
    assert said is value


def test_long_lists_of_choices_are_cut() -> None:
    with pytest.raises(CatalogueError, match="and 582 more"):
        slot("Sort", "collation_sequence").encode("zzzzzz")


def test_a_refused_secret_is_not_shown() -> None:
    connection = find("PostgreSQL").connection
    assert connection is not None
    with pytest.raises(CatalogueError) as raised:
        connection.fields["password"].encode(["canary"])
    assert "canary" not in str(raised.value)


def test_unknown_property() -> None:
    with pytest.raises(CatalogueError, match='no property "recrods"') as raised:
        find("Row Generator").property("recrods")
    assert raised.value.mend == 'Did you mean "records"?'
    with pytest.raises(CatalogueError, match="lists what it has"):
        find("Row Generator").property("zzzzzzzzzzzz")


@pytest.mark.parametrize(
    ("stage", "name", "wire", "value"),
    [
        ("Row Generator", "runtime_column_propagation", 1, True),
        ("Row Generator", "runtime_column_propagation", 0, False),
        ("Row Generator", "runtime_column_propagation", "true", True),
        ("Row Generator", "runtime_column_propagation", 7, 7),
        ("Peek", "show_coll_type", False, 0),
        ("Peek", "columns", "nothing known", "nothing known"),
        ("Peek", "nrecs", "ten", "ten"),
        ("Sort", "key_properties", "odd", "odd"),
    ],
)
def test_decode(stage: str, name: str, wire: object, value: object) -> None:
    said = slot(stage, name).decode(wire)
    assert said == value
    assert type(said) is type(value)


def test_what_a_value_means() -> None:
    columns = slot("Peek", "columns")
    assert columns.is_truth
    assert (columns.truth(" "), columns.truth("field"), columns.truth("odd")) == (True, False, None)
    assert columns.label_of("field") == "false"
    assert slot("Sequential file", "report_progress").truth("yes") is True
    assert slot("Sort", "perform_sort").truth(0) is False
    assert slot("Row Generator", "records").truth(10) is None


def test_a_default_is_the_callers_own() -> None:
    said = slot("Sort", "key_properties")
    said.default.append("changed")
    assert said.default == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        ({"property": "a", "in": [1]}, True),
        ({"property": "a", "not_in": [1]}, False),
        ({"property": "b", "set": True}, False),
        ({"property": "b", "set": False}, True),
        ({"property": "missing", "set": True}, False),
        ({"not": {"property": "a", "in": [1]}}, False),
        ({"all": [{"property": "a", "in": [1]}, {"property": "b", "in": [""]}]}, True),
        ({"any": [{"property": "a", "in": [2]}, {"property": "b", "in": ["x"]}]}, False),
    ],
)
def test_conditions(condition: dict[str, object] | None, expected: bool) -> None:
    assert holds(condition, {"a": 1, "b": ""}.get) is expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
some_slots = st.sampled_from(
    [
        slot("Row Generator", "records"), slot("Row Generator", "runtime_column_propagation"), slot("Peek", "columns"),
        slot("Row Generator", "preserve"), slot("Sequential file", "file"), slot("Sequential file", "delimiter"),
        slot("Sort", "key_properties"), slot("Aggregator", "reduce_properties"), slot("Head", "part"),
        slot("Sequential file", "decimal_options"), slot("Transformer", "stage_variables"), slot("Rest", "variables"),
        slot("Surrogate Key Generator", "block_size_properties"), slot("PostgreSQL", "table_name"),
    ]
)  # fmt: skip


@given(some_slots, json_values)
def test_encoding_twice_is_encoding_once(said: Property, value: object) -> None:
    """A value is refused by the catalogue's own error, or its wire form is stable through reading and writing."""
    try:
        wire = said.encode(value)
    except CatalogueError:
        return
    assert said.encode(said.decode(wire)) == wire
    assert said.encode(wire) == wire


@given(some_slots, json_values)
def test_decoding_never_fails(said: Property, wire: object) -> None:
    said.decode(wire)


@given(some_slots, json_values)
def test_what_can_be_set_is_held_as_it_is(said: Property, value: object) -> None:
    """What a person may say is held without a refusal; what is held is held again as it is."""
    try:
        wire = said.encode(value)
    except CatalogueError:
        held, refusals = said.hold(value)
        assert not refusals or held is value
        return
    held, refusals = said.hold(wire)
    assert refusals == ()
    assert said.hold(held) == (held, ())


@given(st.integers(min_value=0))
def test_whole_numbers_are_exact(value: int) -> None:
    records = slot("Row Generator", "records")
    assert records.encode(value) == value
    assert records.encode(str(value)) == value


@given(st.text())
def test_text_goes_as_it_is(value: str) -> None:
    assert slot("PostgreSQL", "table_name").encode(value) == value


@pytest.mark.parametrize("stage", ["Amazon RDS for MySQL", "Amazon Aurora for MySQL"])
@pytest.mark.parametrize("value", ["Link_1", -1, 2])
def test_a_link_to_reject_from_goes_by_name_and_by_number(stage: str, value: object) -> None:
    said = slot(stage, "reject_from_link")
    assert said.decode(said.encode(value)) == value
    assert said.default == -1


@pytest.mark.parametrize("name", ["decimal_separator", "decimal_sep_value", "pad_char", "padchar_value", "quote"])
def test_one_character_is_not_two(name: str) -> None:
    said = slot("Sequential file", name)
    for value in ("zz-bogus", "'zz'", "\\tt", 12):
        with pytest.raises(CatalogueError, match="text of one character"):
            said.encode(value)
        assert [refusal.code for refusal in said.hold(value)[1]] == ["RS-2103"]
    for value in ("*", "'*'", "'", "\\t", "'\\t'", "#p#", ""):
        assert said.hold(said.encode(value)) == (said.encode(value), ())


def test_a_delimiter_is_a_few_characters() -> None:
    said = slot("Sequential file", "delimiter")
    assert said.encode("||") == "||"
    with pytest.raises(CatalogueError, match="or text of at most 4 characters"):
        said.encode("zz-bogus")
