"""A run that fails raises ``RunFailed``, whatever room found out; all that was said of it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riverstage import BatchFlow
from riverstage.errors import ConnectorError, RunFailed


def _generating(kind: str, path: Path, **settings: object) -> BatchFlow:
    flow = BatchFlow("writing")
    source, target = flow.add_stage("Row Generator", "Make"), flow.add_stage(kind, "Write")
    target.configuration.file = str(path) if kind == "Data set" else [str(path)]
    for name, value in settings.items():
        target.configuration[name] = value
    source.connect_output_to(target).create_schema().add_field("INTEGER", "n")
    return flow


def test_a_file_that_is_only_to_be_created(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old\n")
    flow = _generating("Sequential file", tmp_path / "out.csv", file_update_mode="create")
    assert flow.check().is_ok
    with pytest.raises(RunFailed) as caught:
        flow.run(quiet=True)
    error = caught.value
    assert (error.code, error.place.stage, error.place.file) == ("RS-5007", "Write", str(tmp_path / "out.csv"))
    assert error.place.flow == "writing"
    assert "Remove it" in error.mend
    assert isinstance(error.__cause__, ConnectorError)
    assert error.result.status == "Failed"
    assert error.result.error["code"] == "RS-5007"
    assert (tmp_path / "out.csv").read_text() == "old\n"


def test_a_data_set_with_a_damaged_part(tmp_path: Path) -> None:
    path = tmp_path / "x.ds"
    _generating("Data set", path).run(quiet=True)
    (part,) = json.loads(path.read_text())["parts"]
    with (tmp_path / "x.ds.parts" / part["file"]).open("r+b") as file:
        file.truncate(60)
    flow = BatchFlow("reading")
    source = flow.add_stage("Data set", "Read")
    source.configuration.file = str(path)
    source.connect_output_to(flow.add_stage("Peek", "Look"))
    with pytest.raises(RunFailed) as caught:
        flow.run(quiet=True)
    place = caught.value.place
    assert (caught.value.code, place.flow, place.stage) == ("RS-5011", "reading", "Read")
    assert str(place.file).endswith(part["file"])
    assert isinstance(caught.value.__cause__, ConnectorError)
