"""Keys that are never null are compared plainly, and null keys still meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from riverstage.flow import BatchFlow

_KEYS = st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=6)
_KINDS = ("innerjoin", "leftouterjoin", "rightouterjoin", "fullouterjoin")


def _join(folder: Path, sides: list[list[int | None]], kind: str = "innerjoin") -> BatchFlow:
    flow = BatchFlow("nulls")
    join = flow.add_stage("Join", "Join")
    for number, keys in enumerate(sides):
        path = folder / f"side{number}.parquet"
        pq.write_table(pa.table({"k": pa.array(keys, pa.int32()), f"v{number}": range(len(keys))}), path)
        source = flow.add_stage("Sequential file", f"Side {number}")
        source.configuration.file_plus = [str(path)]
        source.configuration.file_format = "parquet"
        source.connect_output_to(join).set_name(f"side{number}")
    join.configuration.operator = kind
    join.configuration.key_properties = ["k"]
    join.connect_output_to(flow.add_stage("Peek", "End")).set_name("joined")
    return flow


def _pairs(flow: BatchFlow) -> list[tuple[Any, Any]]:
    rows = flow.run(quiet=True).links["joined"].to_arrow().to_pylist()
    return sorted(((row["v0"], row["v1"]) for row in rows), key=repr)


def _expected(left: list[int | None], right: list[int | None], kind: str) -> list[tuple[int | None, int | None]]:
    met = [(a, b) for a, x in enumerate(left) for b, y in enumerate(right) if x == y]
    found: list[tuple[int | None, int | None]] = list(met)
    if kind in ("leftouterjoin", "fullouterjoin"):
        found += [(a, None) for a in range(len(left)) if a not in {one for one, _ in met}]
    if kind in ("rightouterjoin", "fullouterjoin"):
        found += [(None, b) for b in range(len(right)) if b not in {one for _, one in met}]
    return sorted(found, key=repr)


@pytest.mark.parametrize("kind", _KINDS)
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(left=_KEYS, right=_KEYS)
def test_joins_agree_with_a_nested_loop(
    tmp_path: Path, left: list[int | None], right: list[int | None], kind: str
) -> None:
    assert _pairs(_join(tmp_path, [left, right], kind)) == _expected(left, right, kind)


def _compares_plainly(flow: BatchFlow) -> list[bool]:
    text = "\n".join(flow.compile().sql)
    conditions = [part.split("FROM")[0] for part in text.split(" ON ")[1:]]
    return ["IS NOT DISTINCT" not in part for part in conditions]


@pytest.mark.parametrize(("left", "right"), [([1, 2], [1, 2]), ([1, None], [1, 2]), ([1, 2], [None, 2])])
def test_one_side_without_nulls_is_enough(tmp_path: Path, left: list[int | None], right: list[int | None]) -> None:
    assert all(_compares_plainly(_join(tmp_path, [left, right])))


def test_two_sides_with_nulls_match_them(tmp_path: Path) -> None:
    flow = _join(tmp_path, [[1, None], [None, 2]])
    assert not any(_compares_plainly(flow))
    assert _pairs(flow) == [(1, 0)]


def test_a_side_that_an_outer_join_left_empty_has_nulls(tmp_path: Path) -> None:
    flow = _join(tmp_path, [[1, 5], [1, 2]], "fullouterjoin")
    inner = flow.stages.get(label="Join")
    third = tmp_path / "third.parquet"
    pq.write_table(pa.table({"rightRec_k": pa.array([None, 2], pa.int32()), "w": [0, 1]}), third)
    flow.remove_stage(flow.stages.get(label="End"))
    again = flow.add_stage("Join", "Again")
    inner.connect_output_to(again).set_name("first")
    source = flow.add_stage("Sequential file", "Third")
    source.configuration.file_plus = [str(third)]
    source.configuration.file_format = "parquet"
    source.connect_output_to(again).set_name("third")
    again.configuration.operator = "innerjoin"
    again.configuration.key_properties = ["rightRec_k"]
    again.connect_output_to(flow.add_stage("Peek", "End")).set_name("joined")
    rows = flow.run(quiet=True).links["joined"].to_arrow().to_pylist()
    # The row of key 5 met nothing: its right key is null, and meets the null of the third file.
    assert sorted((row["leftRec_k"], row["w"]) for row in rows if row["leftRec_k"] is not None) == [(5, 0)]
    assert len(rows) == 2
