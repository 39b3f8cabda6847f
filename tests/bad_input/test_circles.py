"""A circle is told as it is: the stages on it, and none that only hangs behind it."""

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
