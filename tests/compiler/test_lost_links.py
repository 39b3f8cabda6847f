"""Expressions that name links that are gone are findings together with the link that a stage lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage import BatchFlow
from riverstage.runs.runtime import Runtime


def _found(flow: BatchFlow, folder: Path) -> list[tuple[str, str | None, str | None, str | None]]:
    return [
        (item.code, item.place.link, item.place.column, item.place.property)
        for item in Runtime(flow.document, "f", folder=folder).check()
    ]


def test_a_transformer_without_its_source(tmp_path: Path) -> None:
    flow = BatchFlow("f")
    source, derive = flow.add_stage("Row Generator", "A"), flow.add_stage("Transformer", "X")
    source.connect_output_to(derive, name="in").create_schema().add_field("INTEGER", "id")
    out = derive.connect_output_to(flow.add_stage("Peek", "P"), name="out")
    out.constraint = "in.id > 1"
    out.derivations["y"] = "in.id + 1"
    out.derivations["z"] = "1 + "
    out.derivations["fine"] = "v + 1"
    derive.add_stage_variable("v", "v + in.id", "INTEGER", 0)
    flow.remove_stage(source)
    assert _found(flow, tmp_path) == [
        ("RS-4002", None, None, None),
        ("RS-3004", None, "v", "stage_variables"),
        ("RS-3004", "out", None, "transformer_constraint"),
        ("RS-3004", "out", "y", "value_derivation"),
        ("RS-3001", "out", "z", "value_derivation"),
    ]


def test_a_lookup_without_its_primary_link(tmp_path: Path) -> None:
    flow = BatchFlow("f")
    primary, reference = flow.add_stage("Row Generator", "O"), flow.add_stage("Row Generator", "N")
    lookup = flow.add_stage("Lookup", "L")
    primary.connect_output_to(lookup, name="o").create_schema().add_field("INTEGER", "c")
    names = reference.connect_output_to(lookup, kind="reference", name="n")
    names.create_schema().add_field("INTEGER", "c")
    names.lookup_keys["c"] = "o.c"
    lookup.connect_output_to(flow.add_stage("Peek"))
    assert _found(flow, tmp_path) == []
    flow.remove_stage(primary)
    assert _found(flow, tmp_path) == [
        ("RS-4002", None, None, None),
        ("RS-3004", "n", "c", "lookup_derivation"),
    ]


@pytest.mark.parametrize(
    ("number", "said"), [(1, "The stage has 1 input link; it"), (2, "The stage has 2 input links; it")]
)
def test_links_that_are_too_many_are_counted(number: int, said: str) -> None:
    flow = BatchFlow("counted")
    target = flow.add_stage("Row Generator", "T")
    for _ in range(number):
        flow.add_stage("Row Generator").connect_output_to(target)
    (finding,) = [one for one in flow.check() if one.code == "RS-4004" and one.place.stage == "T"]
    assert finding.message == f"{said} can have none."
