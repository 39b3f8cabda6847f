"""Columns and the fields that describe them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.document.fields import (
    ODBC_TYPES,
    Word,
    column_of,
    columns_of,
    field_of,
    fields_of,
    odbc_type_of,
    parse_directives,
    row_type_of,
    write_directives,
)
from riverstage.errors import DocumentError, UsageError
from riverstage.types import (
    BOOLEAN,
    DATE,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Column,
    DataType,
    binary,
    decimal,
    list_of,
    string,
    struct,
    time,
    timestamp,
)
from tests.document.flows import reference_files

TYPES = {
    "BIGINT": INT64,
    "BINARY": binary(100, fixed=True),
    "BIT": BOOLEAN,
    "CHAR": string(100, fixed=True),
    "DATE": DATE,
    "DECIMAL": decimal(38),
    "DOUBLE": FLOAT64,
    "FLOAT": FLOAT32,
    "INTEGER": INT32,
    "LONGNVARCHAR": string(100),
    "LONGVARBINARY": binary(100),
    "LONGVARCHAR": string(100),
    "NCHAR": string(100, fixed=True),
    "NUMERIC": decimal(38),
    "NVARCHAR": string(100),
    "REAL": FLOAT32,
    "SMALLINT": INT16,
    "TIME": time(),
    "TIMESTAMP": timestamp(),
    "TINYINT": INT8,
    "UNKNOWN": string(100),
    "VARBINARY": binary(100),
    "VARCHAR": string(100),
}


def test_the_types_of_the_published_client(reference: Path) -> None:
    facts = json.loads((reference / "reference/field_types.json").read_text())
    assert set(facts) == set(ODBC_TYPES)
    for name, fact in facts.items():
        wire = {"name": "X", **fact["wire"]}
        column = column_of(wire)
        assert (odbc_type_of(wire), column) == (name, Column("X", TYPES[name], nullable=False)), name
        assert field_of(column, like=wire) == wire
        made = field_of(column, odbc_type=name)
        assert list(made) == list(wire)
        assert made["app_data"] == wire["app_data"]
        assert made["type"] == wire["type"]
        if column.type.kind != "decimal":  # digits of a decimal without a length: the client says 100, at most 38 count
            assert made["metadata"] == wire["metadata"]
            assert list(made["metadata"]) == list(wire["metadata"])


def test_fields_of_others_are_written_back_as_they_were(reference: Path) -> None:
    seen = 0
    for file in reference_files(reference):
        for schema in json.loads(file.read_bytes())["schemas"]:
            for field in schema["fields"]:
                assert json.dumps(field_of(column_of(field), like=field)) == json.dumps(field)
                seen += 1
    assert seen > 300


TYPE = st.one_of(
    st.sampled_from(
        [BOOLEAN, DATE, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, STRING]
    ),
    st.builds(string, st.integers(1, 4000), fixed=st.booleans()),
    st.builds(binary, st.none() | st.integers(1, 4000)),
    st.integers(1, 38).flatmap(lambda digits: st.builds(decimal, st.just(digits), st.integers(0, digits))),
    st.builds(time, st.integers(0, 6)),
    st.builds(timestamp, st.integers(0, 6), zone=st.booleans()),
)
PROPERTIES = st.dictionaries(
    st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    st.integers(-(10**6), 10**6)
    | st.text(max_size=8)
    | st.just(True)
    | st.fixed_dictionaries({"value": st.text(max_size=4)}),
    max_size=3,
)


def columns(types: st.SearchStrategy[DataType]) -> st.SearchStrategy[Column]:
    names = st.text(min_size=1, max_size=8)
    return st.builds(Column, names, types, nullable=st.booleans(), key=st.booleans(), properties=PROPERTIES)


NESTED = st.recursive(
    TYPE | st.builds(list_of, TYPE),
    lambda inner: (
        st.lists(columns(inner), min_size=1, max_size=3).map(lambda members: struct(*members))
        | st.lists(columns(inner), min_size=1, max_size=3).map(lambda members: list_of(struct(*members)))
    ),
    max_leaves=6,
)


@given(st.lists(columns(NESTED), max_size=4))
def test_columns_become_fields_and_columns_again(made: list[Column]) -> None:
    fields = fields_of(made)
    assert columns_of(fields) == tuple(made)
    assert fields_of(columns_of(json.loads(json.dumps(fields)))) == fields
    assert row_type_of(fields).columns == tuple(made)


def test_a_type_is_changed_in_its_place() -> None:
    field = {**field_of(Column("a", INT32)), "updateFlag": "u"}
    field["app_data"]["table_def"] = "t"
    changed = field_of(
        Column("a", decimal(9, 2), key=True), like=field, description="d", source="L.a", derivation="L.a + 1"
    )
    assert column_of(changed) == Column("a", decimal(9, 2), key=True)
    assert changed["updateFlag"] == "u"
    assert changed["app_data"]["table_def"] == "t"
    assert changed["app_data"]["derivation"] == "L.a + 1"
    assert changed["metadata"]["source_field_id"] == "L.a"
    assert field["type"] == "integer"


def test_what_the_wire_says_of_time_and_sign() -> None:
    field = field_of(Column("a", timestamp(6, zone=True)))
    assert field["app_data"]["extended_type"] == "microseconds,timezone"
    assert (field["app_data"]["time_scale"], field["metadata"]["decimal_scale"]) == (6, 6)
    unsigned = field_of(Column("a", UINT16))
    assert (unsigned["metadata"]["is_signed"], unsigned["app_data"]["type_code"]) == (False, "INT16")
    vector = {**unsigned, "app_data": {**unsigned["app_data"], "dimension_min_size": 3, "dimension_max_size": 3}}
    assert column_of(vector).type == list_of(UINT16)
    assert field_of(column_of(vector), like=vector) == vector


def test_a_field_that_says_little_is_text_or_what_its_type_says() -> None:
    assert column_of({"name": "a"}).type == STRING
    assert column_of({"name": "a", "type": "INTEGER"}).type == INT32
    assert column_of({"name": "a", "metadata": {"max_length": "12"}}).type == string(12)
    with pytest.raises(DocumentError) as caught:
        column_of({"name": "a", "metadata": {"max_length": [1]}})
    assert caught.value.place.column == "a"


def test_a_type_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError):
        field_of(Column("a", INT32), odbc_type="DATE")
    with pytest.raises(UsageError):
        field_of(Column("a", INT32), odbc_type="MONEY")


READ = [
    ("", {}),
    ("cycle={init=0, incr=1}", {"cycle": {"init": 0, "incr": 1}}),
    ("cycle={value='1',value='2'}", {"cycle": {"value": ["1", "2"]}}),
    ("null_field=''", {"null_field": ""}),
    ("nullseed=3,nulls=10", {"nullseed": 3, "nulls": 10}),
    ("function=rundate", {"function": "rundate"}),
    ("random={limit=100,seed='5'}", {"random": {"limit": 100, "seed": "5"}}),
    ("text,padchar=' ', delim=','", {"text": True, "padchar": " ", "delim": ","}),
    (r"default='it\'s',x=\"a\\b\"".replace(r"\"", '"'), {"default": "it's", "x": "a\\b"}),
    ("a={b={c={d}}}", {"a": {"b": {"c": {"d": True}}}}),
    ("date_format='%yyyy-%mm-%dd',x=#set.name#", {"date_format": "%yyyy-%mm-%dd", "x": "#set.name#"}),
    ("n=-3,f=1.50", {"n": -3, "f": "1.50"}),
]


@pytest.mark.parametrize(("text", "settings"), READ)
def test_directives_are_read(text: str, settings: dict) -> None:
    assert parse_directives(text) == settings
    assert parse_directives(write_directives(parse_directives(text))) == settings


@pytest.mark.parametrize(
    "text", ["=", "a=", "a={", "a={b", "a='x", "a=}", "}", "a b='1' c", "a='b'c", "{}", "a={" * 50]
)
def test_what_is_no_directive_is_refused_with_its_position(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_directives(text)
    assert caught.value.place.position is not None


@pytest.mark.parametrize("text", [text for text, _ in READ if text])
def test_the_text_of_directives_stays_when_they_do(text: str) -> None:
    field = field_of(Column("a", STRING))
    field["app_data"]["apt_field_properties"] = text
    assert field_of(column_of(field), like=field) == field


def test_words_stay_bare_and_text_is_quoted() -> None:
    assert (
        write_directives({"function": "rundate", "quote": "none", "delim": ","})
        == "function=rundate,quote=none,delim=','"
    )
    assert write_directives({"x": Word("y"), "z": "y", "off": False, "on": True}) == "x=y,z='y',on"
    assert isinstance(parse_directives("x=y")["x"], Word)


def test_directives_go_with_their_column() -> None:
    field = field_of(Column("a", STRING, properties={"nulls": 5}))
    assert field["app_data"]["apt_field_properties"] == "nulls=5"
    assert "apt_field_properties" not in field_of(Column("a", STRING), like=field)["app_data"]


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        settings = parse_directives(text)
    except DocumentError:
        return
    assert parse_directives(write_directives(settings)) == settings


@pytest.mark.parametrize(
    ("precision", "scale", "message"), [(5, 9, "of 5 digits cannot have 9"), (100, 50, "at most 38 digits")]
)
def test_a_decimal_with_too_many_digits_behind_the_point_is_refused(precision: int, scale: int, message: str) -> None:
    wire = {"name": "a", "type": "double", "metadata": {"decimal_precision": precision, "decimal_scale": scale}}
    wire["app_data"] = {"odbc_type": "DECIMAL", "type_code": "DECIMAL"}
    with pytest.raises(DocumentError, match=message) as caught:
        column_of(wire)
    assert (caught.value.code, caught.value.place.column) == ("RS-1051", "a")
