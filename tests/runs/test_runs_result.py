"""What a run gives back: rows that stages dropped, where targets are."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage import BatchFlow
from riverstage.runs.result import RunResult


def run(folder: Path, text: str) -> RunResult:
    (folder / "in.csv").write_text(text)
    flow = BatchFlow("copying")
    source = flow.add_stage("Sequential file", "Read # 1")
    source.configuration.file = ["in.csv"]
    target = flow.add_stage("Sequential file", "Write")
    target.configuration.file = ["out.csv"]
    source.connect_output_to(target).create_schema().add_field("INTEGER", "id")
    return flow.run(folder=folder)


@pytest.mark.parametrize(
    ("text", "dropped", "said"),
    [
        ("1\n2\n", {}, []),
        ("1\nx\n", {"Read # 1": 1}, ["1 record could not be read and was dropped: the column 'id' has no int32."]),
        ("x\ny\n", {"Read # 1": 2}, ["2 records could not be read and were dropped: the column 'id' has no int32."]),
    ],
)
def test_only_what_was_dropped_is_said(tmp_path: Path, text: str, dropped: dict[str, int], said: list[str]) -> None:
    result = run(tmp_path, text)
    assert (dict(result.dropped), [entry.text for entry in result.warnings]) == (dropped, said)
    assert [entry.stage for entry in result.warnings] == ["Read # 1"] * len(said)


def test_a_target_is_said_as_it_can_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (target,) = run(tmp_path, "1\n").targets
    assert (target.where, target.path, target.shown) == ("out.csv", str(tmp_path / "out.csv"), target.path)
    monkeypatch.chdir(tmp_path.parent)
    assert target.shown == str(Path(tmp_path.name, "out.csv"))
