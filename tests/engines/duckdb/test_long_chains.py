"""Long rows of stages: cut where DuckDB would plan too long, without a change to rows, order or counts."""

from pathlib import Path
from typing import Any

from riverstage.flow import BatchFlow
from riverstage.runs.runtime import Runtime


def _chain(stages: int, *, join: bool = False) -> BatchFlow:
    """Return a flow of numbers that pass Filters, Transformers that add one, and Copies, and a Join at its end."""
    flow = BatchFlow("long")
    before = flow.add_stage("Row Generator", "Start")
    before.configuration.records = 7
    for number in range(stages):
        kind = ("Filter", "Transformer", "Copy")[number % 3]
        stage = flow.add_stage(kind, f"S{number}")
        link = before.connect_output_to(stage)
        link.create_schema().add_field("INTEGER", "id")
        if number % 3 == 2:
            link.derivations["id"] = f"{before.get_input_links()[0].name}.id + 1"
        before = stage
        if kind == "Filter":
            stage.configuration.where_properties = [{"where": "id >= 2"}]
    if join:
        side, both = flow.add_stage("Row Generator", "Side"), flow.add_stage("Join", "Join")
        side.configuration.records = 3
        link = before.connect_output_to(both)
        link.create_schema().add_field("INTEGER", "id")
        beside = side.connect_output_to(both)
        beside.set_name("beside")
        beside.create_schema().add_field("INTEGER", "id")
        both.configuration.key_properties = [{"key": "id"}]
        before = both
    end = before.connect_output_to(flow.add_stage("Peek", "End"))
    end.set_name("end")
    end.create_schema().add_field("INTEGER", "id")
    return flow


def _runtime(flow: BatchFlow, folder: Path, into: list[Any]) -> Runtime:
    return Runtime(flow.document, flow.name, folder=folder, collect={"End": into})


def _statements(runtime: Runtime) -> list[str]:
    return [statement for round_ in runtime.explain()["rounds"] for statement in round_]


def test_a_long_row_is_cut_and_keeps_rows_order_and_counts(tmp_path: Path) -> None:
    into: list[Any] = []
    flow = _chain(150)
    runtime = _runtime(flow, tmp_path, into)
    assert sum(statement.startswith("CREATE TABLE") for statement in _statements(runtime)) == 2
    result = runtime.run()
    # Of the numbers 0 to 6 those from 2 on pass; fifty Transformers add one.
    assert [row["id"] for batch in into for row in batch.to_pylist()] == [52, 53, 54, 55, 56]
    assert set(result.counts.values()) == {7, 5}


def test_a_short_row_is_not_cut(tmp_path: Path) -> None:
    statements = _statements(_runtime(_chain(45), tmp_path, []))
    assert not any(statement.startswith("CREATE TABLE") for statement in statements)


def test_what_is_joined_far_down_is_not_stored_before(tmp_path: Path) -> None:
    into: list[Any] = []
    runtime = _runtime(_chain(150, join=True), tmp_path, into)
    assert not any(statement.startswith('CREATE TABLE "beside"') for statement in _statements(runtime))
    result = runtime.run()
    assert (result.counts["beside"], result.counts["end"], into) == (3, 0, [])
