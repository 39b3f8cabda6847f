"""Text whose lines do not all end alike is refused with the file, never by a bare message of the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage.errors import RunFailed
from riverstage.flow import BatchFlow


def _flow(folder: Path, data: bytes) -> BatchFlow:
    (folder / "in.csv").write_bytes(data)
    flow = BatchFlow("ends")
    source = flow.add_stage("Sequential file", "Source")
    source.configuration.file_plus = [str(folder / "in.csv")]
    target = flow.add_stage("Sequential file", "Target")
    target.configuration.file = [str(folder / "out.csv")]
    schema = source.connect_output_to(target).create_schema()
    for kind, name in (("INTEGER", "a"), ("VARCHAR", "b"), ("DATE", "d")):
        schema.add_field(kind, name)
    return flow


def test_a_lone_carriage_return_is_told_with_the_file_and_the_stage(tmp_path: Path) -> None:
    flow = _flow(tmp_path, b"1,a,2000-01-01\n2,b\rb,2000-01-01\n")
    with pytest.raises(RunFailed) as caught:
        flow.run(quiet=True)
    assert caught.value.code == "RS-6115"
    assert caught.value.place.file == str(tmp_path / "in.csv")
    assert caught.value.place.stage == "Source"
    assert not (tmp_path / "out.csv").exists()
