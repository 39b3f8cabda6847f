"""Stages that choose rows by their place: what is said where rows have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow
from riverstage.runs.compiled import explain_text
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_GROUPED = {"key_properties": [{"key": "k"}], "selection": "countField"}
_COUNTED = {**_GROUPED, "count_field_properties": [{"countField": "n"}]}
_ABOVE: dict[str, tuple[str, dict[str, Any]]] = {
    "aggregator": ("Aggregator", _COUNTED),
    "funnel": ("Funnel", {"operator": "funnel"}),
    "join": ("Join", {"key_properties": [{"key": "k"}]}),
}
_CHOOSING: list[tuple[str, dict[str, Any], str]] = [
    ("Head", {"nrecs": 2}, "RS-4461"),
    ("Head", {"all": True, "skip": 1}, "RS-4461"),
    ("Head", {"all": True, "period": 2}, "RS-4461"),
    ("Tail", {"nrecs": 2}, "RS-4481"),
    ("Remove Duplicates", {"key_properties": [{"key": "n"}]}, "RS-4446"),
    ("Remove Duplicates", {"key_properties": [{"key": "n"}], "keep": "last"}, "RS-4446"),
    (
        "Remove Duplicates",
        {"key_properties": [{"key": "k", "ci-cs": "ci"}, {"key": "n"}]},
        "RS-4446",
    ),
    ("Sort", {"key_properties": [{"key": "n"}], "unique": True}, "RS-4349"),
]
_IN_ONE_WAY_ONLY: list[tuple[str, dict[str, Any]]] = [
    ("Head", {"all": True}),
    ("Head", {"nrecs": 0}),
    ("Head", {"part": [1], "selection": False}),
    ("Tail", {"nrecs": 0}),
    ("Remove Duplicates", {"key_properties": [{"key": "k"}, {"key": "n"}]}),
    ("Remove Duplicates", {"key_properties": [{"key": "k"}, {"key": "n"}], "keep": "last"}),
    ("Sort", {"key_properties": [{"key": "n"}]}),
]


def _chain(folder: Path, above: str, kind: str, configuration: dict[str, Any], *, sort: bool = False) -> Chain:
    stages: dict[str, Any] = {"above": _ABOVE[above], "chosen": (kind, configuration), "out": ("Peek", {})}
    sources = {
        "in": Rows("k string(3)", [("b",)]) if above == "aggregator" else Rows("k string(3), n int32", [("b", 1)])
    }
    links: list[Any] = [("in", "above", "a", None)]
    if above != "aggregator":
        sources["other"] = Rows(f"k string(3), {'n' if above == 'funnel' else 'm'} int32", [("b", 2)])
        links.append(("other", "above", "b", None))
    if sort:
        stages["sort"] = ("Sort", {"key_properties": [{"key": "n"}]})
        links += [("above", "sort", "mid", None), ("sort", "chosen", "sorted", None)]
    else:
        links.append(("above", "chosen", "mid", None))
    return Chain(sources, stages, [*links, ("chosen", "out", "rest", None)], folder)


@pytest.mark.parametrize("above", list(_ABOVE))
@pytest.mark.parametrize(("kind", "configuration", "code"), _CHOOSING)
def test_rows_in_no_order_are_warned_of(
    above: str, kind: str, configuration: dict[str, Any], code: str, tmp_path: Path
) -> None:
    chain = _chain(tmp_path, above, kind, configuration)
    (found,) = chain.runtime.check()
    assert (found.code, found.severity, found.place.stage, found.place.link) == (code, "warning", "chosen", "mid")
    assert "is not determined" in found.message
    assert found.mend is not None and found.mend.startswith("Sort them")
    result = chain.run()
    assert result.status == "CompletedWithWarnings"
    assert [(entry.stage, entry.text) for entry in result.warnings] == [("chosen", found.message)]


@pytest.mark.parametrize(("kind", "configuration", "code"), _CHOOSING)
def test_a_sort_is_an_answer(kind: str, configuration: dict[str, Any], code: str, tmp_path: Path) -> None:
    chain = _chain(tmp_path, "aggregator", kind, configuration, sort=True)
    assert code not in [found.code for found in chain.runtime.check()]
    assert explain_text(chain.runtime.explain()).endswith("\nrow order is kept")


@pytest.mark.parametrize(("kind", "configuration"), _IN_ONE_WAY_ONLY)
def test_what_every_order_gives_is_no_cause_for_a_warning(
    kind: str, configuration: dict[str, Any], tmp_path: Path
) -> None:
    assert _chain(tmp_path, "aggregator", kind, configuration).runtime.check() == ()


def test_an_output_that_shows_more_than_the_keys(tmp_path: Path) -> None:
    same = {"key_properties": [{"key": "n"}]}
    for columns, codes in (("n int64", []), ("k string(3)", ["RS-4446"]), ("m int64", ["RS-4446"])):
        output = {"valueDerivation": [{"columnName": "m", "sourceColumn": "mid.k"}]} if columns == "m int64" else {}
        chain = Chain(
            {"in": Rows("k int64", [(1,)])},
            {"above": ("Aggregator", _COUNTED), "chosen": ("Remove Duplicates", same), "out": ("Peek", {})},
            [
                ("in", "above", "a", None),
                ("above", "chosen", "mid", None),
                ("chosen", "out", "rest", Rows(columns.replace("k string(3)", "k int64"), output=output)),
            ],
            tmp_path,
        )
        assert [found.code for found in chain.runtime.check()] == codes


@pytest.mark.parametrize("kind", ["sequence", "sortfunnel"])
def test_a_funnel_that_is_told_of_an_order_has_one(kind: str, tmp_path: Path) -> None:
    chain = Chain(
        {"in": Rows("k int32", [(1,)]), "other": Rows("k int32", [(2,)])},
        {
            "above": ("Funnel", {"operator": kind, "key_properties": [{"key": "k"}]}),
            "chosen": ("Head", {"nrecs": 1}),
            "out": ("Peek", {}),
        },
        [
            ("in", "above", "a", None),
            ("other", "above", "b", None),
            ("above", "chosen", "mid", None),
            ("chosen", "out", "c", None),
        ],
        tmp_path,
    )
    assert chain.runtime.check() == ()


def _explained(flow: BatchFlow) -> tuple[Any, str]:
    compiled = flow.compile()
    assert compiled.plan is not None
    return compiled.plan["order"], repr(compiled).splitlines()[-1]


@pytest.mark.parametrize("kind", ["Head", "Tail", "Remove Duplicates"])
def test_an_explanation_says_where_there_is_no_order(kind: str) -> None:
    flow = BatchFlow("f")
    source, above, chosen = (flow.add_stage(name) for name in ("Row Generator", "Aggregator", kind))
    source.connect_output_to(above, name="in").create_schema().add_field("INTEGER", "k")
    for name, value in _COUNTED.items():
        above.configuration[name] = value
    above.connect_output_to(chosen, name="mid")
    if kind == "Remove Duplicates":
        chosen.configuration.key_properties = [{"key": "n"}]
    sort = flow.add_stage("Sort")
    sort.configuration.key_properties = [{"key": "k"}]
    chosen.connect_output_to(sort, name="out")
    sort.connect_output_to(flow.add_stage("Peek"), name="last")
    order, said = _explained(flow)
    assert order == {"kept": ["last"], "none": ["mid"]}
    assert said == "row order is kept, but not everywhere: the rows of mid come in no order"
    flow.remove_stage(sort)
    chosen.connect_output_to(flow.stages.get(type="Peek"), name="rest")
    order, said = _explained(flow)
    assert order == {"kept": [], "none": ["mid", "rest"]}
    assert said == "the rows of mid, rest come in no order"


@pytest.mark.parametrize("kind", ["Lookup", "Switch"])
def test_rows_without_an_order_are_not_sorted_by_their_number(kind: str, tmp_path: Path) -> None:
    stages: dict[str, Any] = {
        "above": ("Aggregator", _COUNTED),
        "next": ("Switch", {"selection": "auto", "key": "k"}) if kind == "Switch" else ("Lookup", {}),
        "out": ("Peek", {}),
    }
    sources = {"in": Rows("k int32", [(1,), (1,)])}
    links: list[Any] = [("in", "above", "a", None), ("above", "next", "mid", None), ("next", "out", "last", None)]
    if kind == "Lookup":
        found = {"lookupDerivation": [{"columnName": "k", "parsedExpression": "mid.k", "keyType": "0"}]}
        sources["names"] = Rows("k int32, v string(1)", [(1, "x")], kind="reference", input=found)
        links.insert(2, ("names", "next", "ref", sources["names"]))
    chain = Chain(sources, stages, links, tmp_path)
    result = chain.run()
    assert result.status == "Completed"
    assert chain.rows("out") == [(1, 2) if kind == "Switch" else (1, 2, "x")]
    relations = chain.relations("next").values()
    assert not any('"#row"' in relation.sql.sql() for relation in relations)
