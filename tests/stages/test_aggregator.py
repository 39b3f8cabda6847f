"""Aggregator: summaries that are aggregated again give what one aggregation of all rows gives."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from riverstage import BatchFlow
from riverstage.document import Document
from riverstage.runs.runtime import Runtime
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_FUNCTIONS = ("count", "missing", "sum", "mean", "min", "max", "range", "uss", "css", "var", "std", "ste", "cv", "sumw")
_ROWS = [("a", 1, 2), ("a", 1, 4), ("a", 2, 4), ("a", 2, None), ("b", 1, 7), ("c", 1, None)]


def _in_one(rows: list[tuple[Any, ...]], folder: Path) -> Chain:
    wanted = [{"reduce": "n"}, *({name: name} for name in _FUNCTIONS)]
    return Chain(
        {"in": Rows("g string(5), h int32, n int32", rows)},
        {
            "one": (
                "Aggregator",
                {"key_properties": [{"key": "g"}], "reduce_properties": [wanted], "nul_res": "nul_res"},
            ),
            "out": ("Peek", {}),
        },
        [("in", "one", "a", None), ("one", "out", "b", None)],
        folder,
    )


def _in_two(rows: list[tuple[Any, ...]], folder: Path) -> Chain:
    summed = {
        "key_properties": [{"key": "g"}, {"key": "h"}],
        "reduce_properties": [[{"reduce": "n"}, {"summary": "s"}]],
    }
    again = {
        "key_properties": [{"key": "g"}],
        "selection": "rereduce",
        "rereduce_properties": [[{"rereduce": "s"}, *({name: name} for name in _FUNCTIONS)]],
        "nul_res": "nul_res",
    }
    return Chain(
        {"in": Rows("g string(5), h int32, n int32", rows)},
        {"first": ("Aggregator", summed), "again": ("Aggregator", again), "out": ("Peek", {})},
        [("in", "first", "a", None), ("first", "again", "b", None), ("again", "out", "c", None)],
        folder,
    )


def _same(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> None:
    assert len(left) == len(right)
    for one, other in zip(sorted(left, key=repr), sorted(right, key=repr), strict=True):
        assert one[0] == other[0]
        assert [value is None for value in one] == [value is None for value in other]
        numbers = [[value for value in row[1:] if value is not None] for row in (one, other)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-7, abs=1e-6)


def test_summaries_are_aggregated_again(tmp_path: Path) -> None:
    one, two = _in_one(_ROWS, tmp_path), _in_two(_ROWS, tmp_path)
    one.run()
    two.run()
    _same(two.rows("out"), one.rows("out"))


@hypothesis_settings(max_examples=10)
@given(values=st.lists(st.none() | st.integers(-1000, 1000), min_size=1, max_size=20))
def test_moments_are_those_of_the_standard_library(values: list[int | None], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("moments")
    rows = [("g", index % 3, value) for index, value in enumerate(values)]
    chain = _in_one(rows, folder)
    chain.run()
    (row,) = chain.rows("out")
    got = dict(zip(_FUNCTIONS, row[1:], strict=True))
    there = [value for value in values if value is not None]
    assert (got["count"], got["missing"]) == (len(there), len(values) - len(there))
    if there:
        assert (got["sum"], got["min"], got["max"]) == (sum(there), min(there), max(there))
        assert got["mean"] == pytest.approx(statistics.fmean(there))
        assert got["css"] == pytest.approx(statistics.pvariance(there) * len(there))
    if len(there) > 1:
        assert got["var"] == pytest.approx(statistics.variance(there))
        assert got["std"] == pytest.approx(statistics.stdev(there))
    again = _in_two(rows, folder)
    again.run()
    _same(again.rows("out"), [row])


def test_a_recalculation_needs_a_summary(tmp_path: Path) -> None:
    chain = Chain(
        {"in": Rows("g int32, n int32")},
        {
            "again": (
                "Aggregator",
                {
                    "key_properties": [{"key": "g"}],
                    "selection": "rereduce",
                    "rereduce_properties": [[{"rereduce": "n"}, {"sum": "s"}]],
                },
            ),
            "out": ("Peek", {}),
        },
        [("in", "again", "a", None), ("again", "out", "b", None)],
        tmp_path,
    )
    assert [finding.code for finding in chain.runtime.check()] == ["RS-4409"]


@pytest.mark.parametrize(
    ("wire", "value", "near"),
    [
        ("reduceProperties", [[{"reduce": "n"}, {"sum": "s"}, {"bogus": "q"}]], "There are reduce, css, "),
        ("reduceProperties", [[{"reduce": "n"}, {"summ": "s"}, {"min": "m"}]], "'sum'"),
        ("countFieldProperties", [{"countField": "c", "wieght": "n"}], "'weight'"),
    ],
)
def test_a_loaded_entry_that_means_nothing_is_found(wire: str, value: list[Any], near: str, tmp_path: Path) -> None:
    flow = BatchFlow("totals")
    made = flow.add_stage("Row Generator", "rows")
    summed = flow.add_stage("Aggregator", "sums")
    summed.configuration.key_properties = [{"key": "g"}]
    if wire == "countFieldProperties":
        summed.configuration.selection = "countField"
    link = made.connect_output_to(summed)
    link.create_schema().add_field("INTEGER", "g")
    link.schema.add_field("INTEGER", "n")
    summed.connect_output_to(flow.add_stage("Peek", "out"))
    tree = json.loads(flow.document.dumps())
    node = next(node for node in tree["pipelines"][0]["nodes"] if node.get("op") == "PxAggregator")
    node["parameters"][wire] = value
    (found,) = [item for item in Runtime(Document(tree), "totals", folder=tmp_path).check() if item.severity == "error"]
    assert (found.code, found.place.stage, found.place.property) == (
        "RS-4411",
        "sums",
        "count_field_properties" if wire.startswith("count") else "reduce_properties",
    )
    assert near in found.mend
