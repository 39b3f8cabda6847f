"""What cannot be asked of a run or a preview, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow, UsageError


@pytest.fixture
def flow() -> BatchFlow:
    flow = BatchFlow("f")
    link = flow.add_stage("Row Generator", "Rows").connect_output_to(flow.add_stage("Peek", "Peek"))
    link.create_schema().add_field("INTEGER", "id")
    return flow


@pytest.mark.parametrize("rows", [-1, "x", "3", 1.5, True, None])
def test_rows_of_a_preview(flow: BatchFlow, rows: Any) -> None:
    with pytest.raises(UsageError, match="A preview shows 0 rows or more") as caught:
        flow.preview("Link_1", rows)
    assert (caught.value.code, caught.value.place.property) == ("RS-6003", "rows")
    assert repr(rows) in str(caught.value)


def test_a_preview_of_no_row(flow: BatchFlow) -> None:
    assert (len(flow.preview("Link_1", 0)), len(flow.preview("Link_1", 3))) == (0, 3)


@pytest.mark.parametrize(
    ("folder", "said"),
    [("nowhere", "There is no folder 'nowhere'."), ("a.txt", "'a.txt' is a file"), (3, "A folder is a path, not 3.")],
)
def test_folders_that_are_none(
    flow: BatchFlow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").touch()
    with pytest.raises(UsageError) as caught:
        flow.run(folder=folder)
    assert (caught.value.code, caught.value.place.property) == ("RS-6003", "folder")
    assert said in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt"]


def test_a_folder_by_path_or_text(flow: BatchFlow, tmp_path: Path) -> None:
    assert flow.run(folder=tmp_path, quiet=True).status == flow.run(folder=str(tmp_path), quiet=True).status
