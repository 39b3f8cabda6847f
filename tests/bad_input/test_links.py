"""What is wrong with links: circles name the stages on them alone, and half linked subflows are told."""

from __future__ import annotations

import pytest

from riverstage.flow import BatchFlow
from riverstage.runs.runtime import Runtime

LINKS = {
    "with a tail": ("A>B B>A B>C C>D", "A → B → A"),
    "of one stage behind another": ("X>A A>B B>C C>B", "B → C → B"),
    "of three": ("A>B B>C C>A C>D", "A → B → C → A"),
    "two": ("A>B B>A C>D D>C", "A → B → A"),
}


@pytest.mark.parametrize("name", LINKS)
def test_it_names_the_stages_on_it(name: str) -> None:
    said, expected = LINKS[name]
    flow = BatchFlow("circle")
    pairs = [pair.split(">") for pair in said.split()]
    stages = {
        label: flow.add_stage("Funnel", label) for label in dict.fromkeys(each for pair in pairs for each in pair)
    }
    for source, target in pairs:
        stages[source].connect_output_to(stages[target])
    found = [finding for finding in Runtime(flow.document, "circle").check() if finding.code == "RS-4001"]
    assert [finding.message for finding in found] == [f"The flow runs in a circle: {expected}."]


@pytest.mark.parametrize("removed", ["Row Generator", "Peek"])
def test_a_subflow_that_is_linked_on_one_side_is_a_finding(removed: str) -> None:
    flow = BatchFlow("half")
    stages = [flow.add_stage(kind, kind) for kind in ("Row Generator", "Copy", "Peek")]
    stages[0].connect_output_to(stages[1])
    stages[1].connect_output_to(stages[2])
    flow.create_subflow("Sub", [stages[1]])
    flow.remove_stage(flow.stages.get(label=removed))
    assert "RS-4013" in {finding.code for finding in Runtime(flow.document, "half").check()}


def test_a_reference_link_does_not_feed_a_subflow() -> None:
    flow = BatchFlow("reference")
    stages = [flow.add_stage(kind, kind) for kind in ("Row Generator", "Copy", "Peek")]
    stages[0].connect_output_to(stages[1])
    stages[1].connect_output_to(stages[2])
    flow.create_subflow("Sub", [stages[1]])
    link = next(each for each in flow.links if each.src.label == "Row Generator")
    link.reference()
    assert "RS-4002" in {finding.code for finding in Runtime(flow.document, "reference").check()}
