"""Filter: how it is planned, what the ledger knows, and that it filters as Python does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.plan import Law
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_ROWS = [(1, "a"), (2, None), (3, "b"), (4, "c")]


def _filter(
    folder: Path | None, outputs: int, *, reject: bool = False, rows: Any = _ROWS, **configuration: Any
) -> Chain:
    peeks = [f"out{number}" for number in range(outputs)] + (["rest"] if reject else [])
    links = [
        ("filter", name, name, Rows("", schema=False, kind="reject") if name == "rest" else None) for name in peeks
    ]
    return Chain(
        {"in": Rows("id int32, s string(3)", rows)},
        {"filter": ("Filter", configuration), **{name: ("Peek", {}) for name in peeks}},
        [("in", "filter", "all", None), *links],
        folder,
    )


def _wheres(*texts: str) -> list[dict[str, Any]]:
    return [{"where": text, "target": index} for index, text in enumerate(texts)]


def test_a_lone_output_is_one_select(tmp_path: Path) -> None:
    relations = _filter(tmp_path, 1, where_properties=_wheres("id > 1")).relations("filter")
    assert list(relations) == ["out0"]
    assert relations["out0"].inputs == ("all",)


def test_several_outputs_share_their_conditions(tmp_path: Path) -> None:
    relations = _filter(tmp_path, 2, reject=True, where_properties=_wheres("id > 1", "id < 3")).relations("filter")
    assert list(relations) == ["filter#conditions", "out0", "out1", "rest"]
    assert {relation.inputs for relation in list(relations.values())[1:]} == {("filter#conditions",)}


def _laws(chain: Chain) -> list[Law]:
    plan, _ = chain.runtime.plan()
    return [law for law in plan.laws if law.stage == "filter"]


def test_laws_say_only_what_holds(tmp_path: Path) -> None:
    wheres = _wheres("id > 1", "id < 3")
    assert _laws(_filter(tmp_path, 1, where_properties=wheres[:1])) == []
    assert _laws(_filter(tmp_path, 2, reject=True, where_properties=wheres)) == []
    assert _laws(_filter(tmp_path, 2, where_properties=wheres, first=True)) == []
    whole = {"out0": 1, "out1": 1, "rest": 1, "all": -1}
    assert _laws(_filter(tmp_path, 2, reject=True, where_properties=wheres, first=True)) == [Law(whole, 0, "filter")]
    assert _laws(_filter(tmp_path, 1, reject=True, where_properties=wheres[:1])) == [
        Law({"out0": 1, "rest": 1, "all": -1}, 0, "filter")
    ]


def test_every_link_is_counted(tmp_path: Path) -> None:
    chain = _filter(tmp_path, 2, reject=True, where_properties=_wheres("id > 2", "id = 4"))
    assert {name: chain.run().counts[name] for name in ("all", "out0", "out1", "rest")} == {
        "all": 4,
        "out0": 2,
        "out1": 1,
        "rest": 2,
    }


def test_findings_name_the_condition_and_the_place(tmp_path: Path) -> None:
    found = _filter(tmp_path, 1, where_properties=_wheres("id > 1", "id = = 1")).runtime.check()
    said = [(finding.code, finding.place.position, finding.message[:12]) for finding in found]
    assert said == [("RS-4321", None, "Condition 2 "), ("RS-3001", 5, "Condition 2:")]


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(st.none() | st.integers(-3, 3), st.none() | st.sampled_from(["a", "b"])), max_size=12),
    limits=st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    first=st.booleans(),
    nulls_last=st.booleans(),
)
def test_it_filters_as_python_does(
    rows: list[tuple[Any, Any]], limits: tuple[int, int], first: bool, nulls_last: bool
) -> None:
    wheres = _wheres(f"id < {limits[0]}", f"id >= {limits[1]} or s = 'a'")
    said = {"where_properties": wheres, "first": first, "nulls": "last" if nulls_last else "first"}
    chain = _filter(None, 2, reject=True, rows=rows, **said)
    chain.run()

    def number(value: int | None) -> float:
        return value if value is not None else float("inf" if nulls_last else "-inf")

    expected: dict[str, list[Any]] = {"out0": [], "out1": [], "rest": []}
    for row in rows:
        meets = [number(row[0]) < limits[0], number(row[0]) >= limits[1] or row[1] == "a"]
        if meets[0]:
            expected["out0"].append(row)
        if meets[1] and not (first and meets[0]):
            expected["out1"].append(row)
        if not any(meets):
            expected["rest"].append(row)
    assert {name: chain.rows(name) for name in expected} == expected
