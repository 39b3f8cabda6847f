"""What is said to a stage: names, values, where they stand, lists that write themselves back."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage import BatchFlow
from riverstage.catalogue import accepted_names, find
from riverstage.errors import CatalogueError, UsageError
from riverstage.flow._values import BoundDict, BoundList, bind, plain


@pytest.fixture
def flow() -> BatchFlow:
    return BatchFlow("demo")


def test_dot_bracket_and_wire_name_are_one(flow: BatchFlow) -> None:
    sort = flow.add_stage("Sort")
    sort.configuration.operator = "psort -sorter unix"
    assert sort.configuration["operator"] == "psort -sorter unix"
    sort.configuration["keyProperties"] = ["id"]
    assert sort.configuration.key_properties == [{"key": "id"}]
    assert "key_properties" in sort.configuration
    assert "keyProperties" in sort.configuration
    assert "nope" not in sort.configuration
    assert 5 not in sort.configuration


def test_two_names_of_a_slot_are_one(flow: BatchFlow) -> None:
    spec = find("PostgreSQL")
    stage = flow.add_stage("PostgreSQL")
    assert spec.aliases
    for other, first in spec.aliases.items():
        value = {"integer": 7, "choice": next(iter(spec.properties[first].choices.values()), None)}
        stage.configuration[other] = value.get(spec.properties[first].kind)
        assert stage.configuration[first] == stage.configuration[other] == value.get(spec.properties[first].kind)


def test_the_display_is_json_of_python_names(flow: BatchFlow) -> None:
    for name in accepted_names():
        more = {"wrapped_stage_name": "mine"} if name == "Wrapped Stage" else {}
        configuration = flow.add_stage(name, **more).configuration
        shown = json.loads(repr(configuration))
        spec = find(name)
        wanted = [
            prop.name
            for prop in spec.slots
            if not prop.internal or prop.name in ("input_count", "output_count", "connection")
        ]
        assert list(shown) == wanted
        assert repr(configuration).startswith('{\n    "')


def test_secrets_are_masked(flow: BatchFlow) -> None:
    stage = flow.add_stage("PostgreSQL")
    stage.configuration.connection.password = "canary-1"
    assert stage.configuration.connection.password == "canary-1"
    assert stage.configuration.password == "canary-1"
    for shown in (repr(stage.configuration), repr(stage.configuration.connection), repr(stage), repr(flow)):
        assert "canary-1" not in shown
    assert '"password": "********"' in repr(stage.configuration)
    with pytest.raises(CatalogueError) as caught:
        stage.configuration.connection.password = ["canary-2"]
    assert "canary-2" not in str(caught.value)


def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator", "Rows")
    before = flow.document.dumps()
    with pytest.raises(ValueError, match="stage 'Rows', property 'records'") as caught:
        stage.configuration.records = "many"
    assert caught.value.code == "RS-2103"
    with pytest.raises(CatalogueError, match="expected one of"):
        stage.configuration["execmode"] = "sideways"
    assert flow.document.dumps() == before


def test_parameters_go_everywhere(flow: BatchFlow) -> None:
    stage = flow.add_stage("Sort")
    for name, prop in find("Sort").properties.items():
        if name in ("input_count", "output_count"):
            continue
        stage.configuration[name] = "#set.name#"
        assert stage.configuration[name] == "#set.name#", prop


def test_an_unknown_name_suggests_the_near_one(flow: BatchFlow) -> None:
    configuration = flow.add_stage("Row Generator").configuration
    with pytest.raises(AttributeError, match="Did you mean 'records'") as caught:
        _ = configuration.recrods
    assert isinstance(caught.value, ValueError | KeyError)
    assert caught.value.code == "RS-2003"
    with pytest.raises(KeyError, match="Did you mean 'records'"):
        _ = configuration["recrods"]
    with pytest.raises(ValueError, match="Did you mean 'records'"):
        configuration.recrods = 5
    with pytest.raises(AttributeError):
        del configuration.recrods
    assert not hasattr(configuration, "nothing_like_it")


def test_a_choice_of_true_or_false_reads_as_such(flow: BatchFlow) -> None:
    peek, sort = flow.add_stage("Peek"), flow.add_stage("Sort")
    assert (peek.configuration.columns, peek.configuration.all, sort.configuration.stable) == (True, False, "stable")
    for value, wire in ((False, "field"), (True, " "), ("false", "field"), ("field", "field")):
        peek.configuration.columns = value
        assert peek._node()["parameters"]["columns"] == wire
        assert peek.configuration.columns is (wire == " ")
        assert flow.stages.get_all(columns=wire == " ") == [peek] == flow.stages.get_all(columns=wire)
        assert flow.stages.get_all(columns=wire != " ") == []
    again = BatchFlow.from_document(flow.document.copy()).stages[0].configuration
    assert (again.columns, '"columns": false' in repr(again)) == (False, True)
    peek.configuration.columns = "#shown#"
    assert peek.configuration.columns == "#shown#"
    with pytest.raises(CatalogueError, match="'maybe' is not a value of 'columns': expected True or False"):
        peek.configuration.columns = "maybe"


def test_a_configuration_is_a_mapping_to_copy_from(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator")
    stage.configuration.records = 5
    copied = dict(stage.configuration)
    assert (copied["records"], list(copied), {**stage.configuration}) == (5, list(stage.configuration), copied)
    assert (stage.configuration.get("records"), stage.configuration.get("recrods")) == (5, None)
    assert stage.configuration.get("recrods", 7) == 7
    assert (stage.configuration["records"], len(stage.configuration)) == (5, len(copied))


def test_none_and_del_bring_the_default_back(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator")
    before = flow.document.dumps()
    for clear in (
        lambda: setattr(stage.configuration, "records", None),
        lambda: delattr(stage.configuration, "records"),
        lambda: stage.configuration.__delitem__("records"),
    ):
        stage.configuration.records = 3
        clear()
        assert stage.configuration.records == 10
        assert flow.document.dumps() == before


def test_only_what_was_set_is_written(flow: BatchFlow) -> None:
    stage = flow.add_stage("Peek")
    assert stage._node()["parameters"] == {}
    repr(stage.configuration)
    _ = stage.configuration.field
    assert stage._node()["parameters"] == {}
    stage.configuration.nrecs = 10
    assert stage._node()["parameters"] == {"nrecs": 10}


def test_counts_are_live_and_not_set(flow: BatchFlow) -> None:
    source, peek = flow.add_stage("Row Generator"), flow.add_stage("Peek")
    assert (source.configuration.output_count, peek.configuration.input_count) == (0, 0)
    link = source.connect_output_to(peek)
    peek._node()["parameters"]["input_count"] = 7
    assert (source.configuration.output_count, peek.configuration.input_count) == (1, 1)
    source.disconnect_output_from(peek, link.name)
    assert peek.configuration.input_count == 0
    assert peek._node()["parameters"]["input_count"] == 7
    with pytest.raises(UsageError, match="is counted, not set"):
        peek.configuration.input_count = 2


def test_the_whole_configuration_can_be_set_from_a_mapping(flow: BatchFlow) -> None:
    one, two = flow.add_stage("Row Generator"), flow.add_stage("Row Generator")
    one.configuration = {"records": 4, "execmode": "par"}
    assert (one.configuration.records, one.configuration.execmode) == (4, "par")
    with pytest.raises(UsageError, match="from a mapping"):
        two.configuration = 5
    assert one.configuration == one.configuration
    assert one.configuration != two.configuration
    assert len({one.configuration, one.configuration, two.configuration}) == 2


def test_it_completes_and_iterates(flow: BatchFlow) -> None:
    configuration = flow.add_stage("Sort").configuration
    assert {"key_properties", "operator"} <= set(dir(configuration))
    assert len(list(configuration)) == len(configuration) == len(find("Sort").slots)


# Where a value lives --------------------------------------------------------------------------------------------------


def test_before_a_link_a_one_sided_value_stands_on_a_placeholder(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator")
    stage.configuration.records = 5
    [port] = stage._node()["outputs"]
    assert (port["id"], port["parameters"], stage._node()["parameters"]) == ("", {"records": 5}, {})
    link = stage.connect_output_to(flow.add_stage("Peek"))
    [port] = stage._node()["outputs"]
    assert (bool(port["id"]), port["parameters"]) == (True, {"records": 5})
    stage.disconnect_output_from(link.dest)
    [port] = stage._node()["outputs"]
    assert (port["id"], port["parameters"]) == ("", {"records": 5})
    assert stage.configuration.records == 5


def test_writing_updates_every_place_that_holds_the_key(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator")
    stage.connect_output_to(flow.add_stage("Peek"))
    stage._node()["parameters"]["records"] = 10
    stage._node()["outputs"][0]["parameters"]["records"] = 10
    stage.configuration.records = 6
    assert stage._node()["parameters"]["records"] == stage._node()["outputs"][0]["parameters"]["records"] == 6
    stage.configuration.records = None
    assert "records" not in stage._node()["parameters"]
    assert "records" not in stage._node()["outputs"][0]["parameters"]


def test_reading_accepts_every_place(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator")
    stage._node()["parameters"]["records"] = 3
    assert stage.configuration.records == 3
    stage.configuration.records = 4
    assert stage._node()["parameters"] == {"records": 4}


def test_a_file_reads_on_its_output_and_writes_on_its_input(flow: BatchFlow) -> None:
    stage = flow.add_stage("Sequential file")
    stage.configuration.file_plus = ["in.csv"]
    stage.configuration.file = ["out.csv"]
    assert stage._node()["outputs"][0]["parameters"] == {"file +": ["in.csv"]}
    assert stage._node()["inputs"][0]["parameters"] == {"file": ["out.csv"]}
    stage.connect_output_to(flow.add_stage("Peek"))
    assert stage._node()["outputs"][0]["parameters"] == {"file +": ["in.csv"]}
    assert stage.configuration.file == ["out.csv"]


def test_a_connector_keeps_its_values_in_its_connection(flow: BatchFlow) -> None:
    stage = flow.add_stage("Amazon RDS for PostgreSQL")
    stage.configuration.table_name = "orders"
    stage.configuration.connection.database = "d"
    assert stage._node()["connection"]["properties"] == {"table_name": "orders", "database": "d"}
    assert stage._node()["connection"]["ref"] == "local"
    assert stage.configuration.connection["database"] == stage.configuration.database == "d"
    with pytest.raises(AttributeError, match="Did you mean 'database'"):
        stage.configuration.connection.databse = "x"


def test_propagation_inherits_and_is_written_as_a_number(flow: BatchFlow) -> None:
    source, peek = flow.add_stage("Row Generator"), flow.add_stage("Peek")
    assert (source.configuration.runtime_column_propagation, peek.configuration.runtime_column_propagation) == (
        None,
        None,
    )
    source.configuration.runtime_column_propagation = False
    assert source._node()["parameters"] == {"runtime_column_propagation": 0}
    link = source.connect_output_to(peek)
    peek.configuration.runtime_column_propagation = True
    assert link._ref.target_port["parameters"] == {"runtime_column_propagation": 1}
    assert peek.configuration.runtime_column_propagation is True
    peek.configuration.runtime_column_propagation = None
    assert link._ref.target_port["parameters"] == {}


def test_a_value_for_all_links_is_written_to_each_port(flow: BatchFlow) -> None:
    join = flow.add_stage("Join")
    links = [flow.add_stage("Row Generator").connect_output_to(join) for _ in range(3)]
    links[1].configuration.runtime_column_propagation = False
    join.configuration.runtime_column_propagation = True
    assert [link.configuration.runtime_column_propagation for link in links] == [True, True, True]
    join.configuration.runtime_column_propagation = None
    assert [link._ref.target_port["parameters"] for link in links] == [{}, {}, {}]


def test_using_a_connection_keeps_what_is_read_and_drops_the_own_host(flow: BatchFlow) -> None:
    class Project:
        project_id = "p1"

    class Connection:
        name = "pg"
        connection_id = "c1"
        project = Project()

    stage = flow.add_stage("PostgreSQL")
    stage.configuration.table_name = "orders"
    stage.configuration.connection.database = "d"
    stage.use_connection(Connection())
    assert stage._node()["connection"] == {
        "name": "pg",
        "app_data": {},
        "ref": "c1",
        "project_ref": "p1",
        "properties": {"table_name": "orders"},
    }
    stage.configuration.connection = "other"
    assert (stage._node()["connection"]["name"], stage._node()["connection"]["ref"]) == ("other", "other")
    with pytest.raises(UsageError, match="has a name"):
        stage.use_connection(5)
    with pytest.raises(UsageError, match="is no connector"):
        flow.add_stage("Peek").use_connection("pg")


# Lists that write themselves back -------------------------------------------------------------------------------------


def test_append_on_a_default_is_not_lost(flow: BatchFlow) -> None:
    sort = flow.add_stage("Sort")
    sort.configuration.key_properties.append({"key": "id"})
    sort.configuration.key_properties.append({"key": "name", "asc_desc": "desc"})
    assert sort._node()["parameters"]["keyProperties"] == [{"key": "id"}, {"key": "name", "asc-desc": "desc"}]
    sort.configuration.key_properties[0]["ci-cs"] = "ci"
    assert sort._node()["parameters"]["keyProperties"][0] == {"key": "id", "ci-cs": "ci"}


def test_two_readers_share_one_list(flow: BatchFlow) -> None:
    sort = flow.add_stage("Sort")
    one, two = sort.configuration.key_properties, flow.stages[0].configuration.key_properties
    one.append({"key": "a"})
    two.append({"key": "b"})
    assert sort.configuration.key_properties == [{"key": "a"}, {"key": "b"}]
    sort.configuration.key_properties = [{"key": "c"}]
    one.append({"key": "d"})
    assert sort.configuration.key_properties == [{"key": "c"}, {"key": "d"}]


def test_a_refused_change_leaves_list_and_document_alone(flow: BatchFlow) -> None:
    peek = flow.add_stage("Peek")
    part = peek.configuration.part
    part.append(1)
    before = flow.document.dumps()
    for change in (
        lambda: part.append(None),
        lambda: part.__setitem__(0, [object()]),
        lambda: part.extend([2, object()]),
        lambda: part.__setitem__(9, 1),
    ):
        with pytest.raises((ValueError, IndexError)):
            change()
        assert (part, flow.document.dumps()) == ([1], before)


def test_a_row_that_was_taken_out_says_so(flow: BatchFlow) -> None:
    rows = flow.add_stage("Sort").configuration.key_properties
    rows.append({"key": "a"})
    row = rows[0]
    rows.clear()
    with pytest.raises(UsageError, match="no longer in its flow"):
        row["key"] = "b"


def test_nested_lists_write_back(flow: BatchFlow) -> None:
    stage = flow.add_stage("Aggregator")
    stage.configuration.reduce_properties = [[{"reduce": "net"}, {"sum": "total"}]]
    stage.configuration.reduce_properties[0].append({"mean": "average"})
    stage.configuration.reduce_properties[0][1]["sum"] = "whole"
    assert stage._node()["parameters"]["reduceProperties"] == [
        [{"reduce": "net"}, {"sum": "whole"}, {"mean": "average"}]
    ]


def test_they_copy_and_pickle_as_plain_lists(flow: BatchFlow) -> None:
    rows = flow.add_stage("Sort").configuration.key_properties
    rows.append({"key": "a"})
    for made in (copy.copy(rows), copy.deepcopy(rows), rows.copy(), pickle.loads(pickle.dumps(rows))):
        assert type(made) is list
        made.append(1)
    assert (rows, json.dumps(rows)) == ([{"key": "a"}], '[{"key": "a"}]')
    for made in (copy.copy(rows[0]), copy.deepcopy(rows[0]), rows[0].copy(), pickle.loads(pickle.dumps(rows[0]))):
        assert type(made) is dict


_ITEMS = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)
_STEPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), _ITEMS), max_size=12)


def _act(top: object, step: tuple[int, int, object]) -> None:
    """Change the list, or something inside it, in one of many ways; the same for bound and plain ones."""
    number, at, item = step
    target = top
    while isinstance(target, list) and target and at % 2 and isinstance(target[at % len(target)], list | dict):
        target = target[at % len(target)]
        at //= 2
    if isinstance(target, dict):
        key = "ab"[at % 2]
        actions = [
            lambda: target.__setitem__(key, item),
            lambda: target.pop(key, None),
            lambda: target.update({key: item}),
            lambda: target.setdefault(key, item),
            lambda: target.clear(),
            lambda: target.__ior__({key: item}),
            lambda: target and target.popitem(),
            lambda: key in target and target.__delitem__(key),
        ]
    else:
        place = at % (len(target) or 1)
        actions = [
            lambda: target.append(item),
            lambda: target.insert(place, item),
            lambda: target.extend([item, item]),
            lambda: target and target.pop(place),
            lambda: target and target.__setitem__(place, item),
            lambda: target and target.__delitem__(place),
            lambda: target.reverse(),
            lambda: target.clear(),
            lambda: target.__setitem__(slice(0, 1), [item]),
            lambda: target.__iadd__([item]),
            lambda: target and target.remove(target[place]),
            lambda: target.sort(key=repr),
            lambda: target.__imul__(2) if len(target) < 4 else None,
        ]
    actions[number % len(actions)]()


@given(st.lists(_ITEMS, max_size=3), _STEPS)
def test_bound_lists_behave_as_lists_and_are_what_is_stored(
    start: list[object], steps: list[tuple[int, int, object]]
) -> None:
    held = {"value": copy.deepcopy(start)}
    bound = bind(("test", object()), lambda: held["value"], lambda value: held.__setitem__("value", value))
    wanted = copy.deepcopy(start)
    for step in steps:
        _act(wanted, copy.deepcopy(step))
        _act(bound, copy.deepcopy(step))
        wanted = json.loads(json.dumps(wanted))  # plain lists may hold one part twice, documents cannot
        assert plain(bound) == bound == wanted == held["value"]
    assert isinstance(bound, BoundList)
    assert all(isinstance(one, BoundList | BoundDict | int) for one in bound)
