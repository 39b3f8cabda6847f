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


@pytest.mark.parametrize(
    ("data", "message", "settings"),
    [
        (b"3,a\nx,b\n", "A record cannot be read: The column 'n' has no int32. The record is: x,b", {}),
        (b"3,a\n4,b,c\n", "{}: it has 3 fields instead of 2.", {}),
        (b"3,a\n4\n", "{}: it has 1 field instead of 2.", {}),
        (b'3,a\n4,"b\n', "{}: its quotes do not pair.", {}),
        (
            b"3,a\n4,\xff\n",
            "{}: its bytes are no text in the character set of the file.",
            {},
        ),
        (
            b"3,\xe9\n4,b,c\n",
            "{}: it has 3 fields instead of 2.",
            {"map_name": "ISO_8859_1"},
        ),
    ],
)
@pytest.mark.parametrize("names", [["good.csv", "bad.csv"], ["bad.csv"], ["*d.csv"]])
def test_a_record_that_ends_the_run_is_told_with_stage_file_and_reason(
    names: list[str], data: bytes, message: str, settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "good.csv").write_text("1,a\n2,b\n")
    (tmp_path / "bad.csv").write_bytes(data)
    flow = BatchFlow("reading")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = [str(tmp_path / name) for name in names]
    source.configuration.reject_mode = "fail"
    for name, value in settings.items():
        source.configuration[name] = value
    schema = source.connect_output_to(flow.add_stage("Peek", "Look")).create_schema()
    schema.add_field("INTEGER", "n")
    schema.add_field("VARCHAR", "t")
    with pytest.raises(RunFailed) as caught:
        flow.run(quiet=True)
    error, bad = caught.value, str(tmp_path / "bad.csv")
    assert (error.code, error.place.stage, error.place.file) == ("RS-6230", "Read", bad)
    assert error.message == message.replace("{}", f"Line 2 of '{bad}' cannot be read")
    assert "reject mode" in error.mend
