"""What is counted how: few second evaluations in a row, and counts of rows that are kept anyway."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage.flow import BatchFlow


def _chain(stages: int, kinds: tuple[str, ...]) -> BatchFlow:
    flow = BatchFlow("chain")
    before = flow.add_stage("Row Generator", "Start")
    before.configuration.records = 40
    for number in range(stages):
        kind = kinds[number % len(kinds)]
        stage = flow.add_stage(kind, f"S{number}")
        link = before.connect_output_to(stage).set_name(f"L{number}")
        link.create_schema().add_field("INTEGER", "id", nullable=True)
        if before.type == "Transformer":
            link.derivations["id"] = f"L{number - 1}.id + 1"
        if kind == "Filter":
            stage.configuration.where_properties = [{"where": f"id > {number}"}]
        before = stage
    end = before.connect_output_to(flow.add_stage("Peek", "End")).set_name("end")
    end.create_schema().add_field("INTEGER", "id", nullable=True)
    if before.type == "Transformer":
        end.derivations["id"] = f"L{stages - 1}.id + 1"
    return flow


@pytest.mark.parametrize("kinds", [("Filter",), ("Transformer",), ("Filter", "Transformer")])
def test_counts_in_a_row_do_not_begin_at_the_source_each(kinds: tuple[str, ...]) -> None:
    flow = _chain(24, kinds)
    ledger = flow.explain()["ledger"]
    assert ledger["unknown"] == []
    assert len(ledger["second_passes"]) <= 18
    counts = flow.run(quiet=True).counts
    rows = list(range(40))
    for number in range(24):
        assert counts[f"L{number}"] == len(rows)
        kind = kinds[number % len(kinds)]
        rows = [row for row in rows if row > number] if kind == "Filter" else [row + 1 for row in rows]
    assert counts["end"] == len(rows)


def test_a_link_is_counted_where_its_rows_are_kept_anyway(tmp_path: Path) -> None:
    flow = BatchFlow("once")
    (tmp_path / "in.csv").write_text("".join(f"{number},x\n" for number in range(9)))
    start = flow.add_stage("Sequential file", "Start")
    start.configuration.file_plus = [str(tmp_path / "in.csv")]
    keep = flow.add_stage("Filter", "Keep")
    schema = start.connect_output_to(keep).set_name("all").create_schema()
    schema.add_field("INTEGER", "id", nullable=True)
    schema.add_field("VARCHAR", "name")
    keep.configuration.where_properties = [{"where": "id > 2"}]
    both = flow.add_stage("Transformer", "Both")
    keep.connect_output_to(both).set_name("kept")
    for name in ("one", "two"):
        link = both.connect_output_to(flow.add_stage("Peek", name.title())).set_name(name)
        link.create_schema().add_field("DOUBLE", "id", nullable=True)
        link.derivations["id"] = "10 / kept.id"
        link.constraint = f"kept.id > {len(name)}"
    observed = {item["count"]: item["how"] for item in flow.explain()["ledger"]["observed"]}
    assert observed["kept"] == "rows of Both#decided counted"
    assert flow.run(quiet=True).counts["kept"] == 6
