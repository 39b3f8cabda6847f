"""Shortcuts: taken where their number is 0, and the same rows and counts either way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from riverstage.flow import BatchFlow

_KEYS = st.one_of(st.none(), st.integers(0, 5))


def _flow(folder: Path, main: list[int | None], reference: list[tuple[int | None, int | None]]) -> BatchFlow:
    pq.write_table(pa.table({"k": pa.array(main, pa.int32())}), folder / "main.parquet")
    pq.write_table(
        pa.table(
            {
                "a": pa.array([key for key, _ in reference], pa.int32()),
                "b": pa.array([key for _, key in reference], pa.int32()),
                "n": pa.array(range(len(reference)), pa.int32()),
            }
        ),
        folder / "reference.parquet",
    )
    flow = BatchFlow("shortcuts")
    look = flow.add_stage("Lookup", "Look")
    for name in ("main", "reference"):
        source = flow.add_stage("Sequential file", name.title())
        source.configuration.file_plus = [str(folder / f"{name}.parquet")]
        source.configuration.file_format = "parquet"
        source.connect_output_to(look).set_name(name)
    flow.links.get(name="reference").reference()
    look.connect_output_to(flow.add_stage("Peek", "End")).set_name("found")
    return flow


def _keyed(flow: BatchFlow, *keys: str) -> BatchFlow:
    link = flow.links.get(name="reference")
    link.configuration.lookup_fail = "continue"
    for key in keys:
        link.lookup_keys[key] = "main.k"
    return flow


def _found(flow: BatchFlow) -> tuple[list[tuple[Any, ...]], dict[str, Any], dict[str, Any]]:
    result = flow.run(quiet=True)
    table = result.links["found"].to_arrow()
    return (
        sorted(zip(table["k"].to_pylist(), table["n"].to_pylist(), strict=True), key=repr),
        result.counts,
        result.dropped,
    )


def test_a_reference_without_duplicates_is_read_as_it_is(tmp_path: Path) -> None:
    flow = _keyed(_flow(tmp_path, [1, 2, None, 9], [(2, 0), (1, 0), (None, 0)]), "a")
    rows, counts, dropped = _found(flow)
    assert rows == sorted([(1, 1), (2, 0), (None, 2), (9, None)], key=repr)
    assert (counts["reference"], counts["found"]) == (3, 4)
    assert not any(dropped.values())


def test_of_duplicates_the_first_is_taken_and_the_others_are_counted(tmp_path: Path) -> None:
    flow = _keyed(_flow(tmp_path, [1, 2], [(2, 0), (1, 0), (2, 1), (2, 2), (None, 3), (None, 4)]), "a")
    rows, _, dropped = _found(flow)
    assert rows == [(1, 1), (2, 0)]
    assert sum(dropped.values()) == 3


def test_explain_says_what_is_asked_beforehand(tmp_path: Path) -> None:
    flow = _keyed(_flow(tmp_path, [1], [(1, 0)]), "a")
    (choice,) = flow.explain()["shortcuts"]
    assert choice["stage"] == "Look"
    assert choice["if"] == "no two rows of the reference link 'reference' have the same keys"
    assert "reference.parquet" in choice["asked"]
    assert "no two rows of the reference link 'reference'" in repr(flow.compile())


def test_a_reference_that_is_dear_to_compute_twice_is_not_asked(tmp_path: Path) -> None:
    flow = _keyed(_flow(tmp_path, [1], [(1, 0)]), "a")
    source = flow.stages.get(label="Reference")
    source.disconnect_output_from(flow.stages.get(label="Look"))
    group = flow.add_stage("Aggregator", "Group")
    source.connect_output_to(group)
    group.configuration.key_properties = ["a", "b"]
    group.configuration.reduce_properties = [[{"reduce": "n"}, {"min": "n"}]]
    group.connect_output_to(flow.stages.get(label="Look")).set_name("reference").reference()
    assert _keyed(flow, "a").explain()["shortcuts"] == []


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_KEYS, max_size=8), st.lists(st.tuples(_KEYS, _KEYS), max_size=8), st.booleans())
def test_rows_are_those_of_a_nested_loop(
    tmp_path: Path,
    main: list[int | None],
    reference: list[tuple[int | None, int | None]],
    both: bool,
) -> None:
    keys = ("a", "b") if both else ("a",)
    rows, _, dropped = _found(_keyed(_flow(tmp_path, main, reference), *keys))
    cut = [pair[: len(keys)] for pair in reference]
    expected = [(key, cut.index((key,) * len(keys)) if (key,) * len(keys) in cut else None) for key in main]
    assert rows == sorted(expected, key=repr)
    assert sum(dropped.values()) == len(cut) - len(set(cut))
