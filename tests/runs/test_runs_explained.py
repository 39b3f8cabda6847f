"""What an explanation and a preview say of targets and of links that there are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage import BatchFlow, NotFoundError


@pytest.mark.parametrize(
    ("file_format", "said"), [("sequential", "csv"), ("parquet", "parquet"), ("json_lines", "json")]
)
def test_a_target_is_said_in_its_own_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    flow = BatchFlow("f")
    target = flow.add_stage("Sequential file", "out")
    target.configuration.file = ["out.x"]
    target.configuration.file_format = file_format
    link = flow.add_stage("Row Generator", "rows").connect_output_to(target)
    link.create_schema().add_field("INTEGER", "id")
    assert f"TO 'target of out' (FORMAT {said})" in flow.explain()["rounds"][0][0]


def test_a_flow_without_links_says_so() -> None:
    flow = BatchFlow("f")
    flow.add_stage("Row Generator", "rows")
    with pytest.raises(NotFoundError, match="It has no links at all") as caught:
        flow.preview("nope")
    assert "It has: ." not in str(caught.value)
