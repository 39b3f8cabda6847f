"""File names that no file can have, and folders that this process may not look into: each with a code and a place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riverstage.connectors.infer import infer
from riverstage.errors import CheckFailed, ConnectorError, RiverstageError, RunFailed
from riverstage.flow import BatchFlow

_NAMES = ["a\0b.csv", "a\0/b.csv", "~nobody at all/b.csv", "\ud800.csv", "*\0.csv"]


def _flow(folder: Path, *, read: str = "", write: str = "", kind: str = "Sequential file") -> BatchFlow:
    """Return a flow from a file to a file, the named ones by stages of a kind."""
    (folder / "in.csv").write_text("1\n")
    flow = BatchFlow("names")
    source = flow.add_stage(kind if read else "Sequential file", "Read")
    target = flow.add_stage(kind if write else "Sequential file", "Write")
    for stage, name, value in (
        (source, "file_plus", read or str(folder / "in.csv")),
        (target, "file", write or "out.csv"),
    ):
        stage.configuration["file" if stage.type == "Data set" else name] = (
            value if stage.type == "Data set" else [value]
        )
    source.connect_output_to(target).set_name("rows").create_schema().add_field("INTEGER", "n")
    return flow


@pytest.mark.parametrize("kind", ["Sequential file", "Data set"])
@pytest.mark.parametrize("which", ["read", "write"])
@pytest.mark.parametrize("name", _NAMES)
def test_a_name_that_no_file_can_have(name: str, which: str, kind: str, tmp_path: Path) -> None:
    flow = _flow(tmp_path, kind=kind, **{which: name})
    label = which.capitalize()
    assert (label, "RS-5021") in [(item.place.stage, item.code) for item in flow.check().errors]
    with pytest.raises(CheckFailed) as caught:
        flow.run(folder=tmp_path, quiet=True)
    assert "\0" not in str(caught.value)
    assert (label, "RS-5021") in [(item.place.stage, item.code) for item in caught.value.diagnostics]


@pytest.mark.parametrize("name", ["a\0b.csv", "\ud800.csv"])
def test_a_name_that_a_parameter_gives(name: str, tmp_path: Path) -> None:
    flow = _flow(tmp_path, read="#name#")
    flow.add_local_parameter("string", "name", value="in.csv")
    with pytest.raises(CheckFailed) as caught:
        flow.run(folder=tmp_path, quiet=True, name=name)
    assert {item.code for item in caught.value.diagnostics} == {"RS-5021"}


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    for which, kind in (("read", CheckFailed), ("write", RunFailed)):
        with pytest.raises(kind) as caught:
            _flow(tmp_path, **{which: "a" * 300}).run(folder=tmp_path, quiet=True)
        assert "File name too long" in str(caught.value)


def test_names_that_are_looked_at_for_types(tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match="RS-5021"):
        infer("a\0b.csv", folder=str(tmp_path))


_ANOTHER_USER = """
import os, sys
sys.path[:0] = sys.argv[2].split(os.pathsep)
from pathlib import Path
from tests.bad_input.test_names import closed, warmed_up
# Afterwards this user may not be let to where Python keeps its modules.
warmed_up(Path(sys.argv[1]) / "own")
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
os.environ["HOME"] = sys.argv[1]
closed(Path(sys.argv[1]))
"""


def _told(act: Any) -> list[tuple[str, str | None, str | None]]:
    """Return the codes of what goes wrong, with its stage and file."""
    try:
        act()
    except CheckFailed as error:
        return [(item.code, item.place.stage, item.place.file) for item in error.diagnostics]
    except RiverstageError as error:
        return [(error.code, error.place.stage, error.place.file)]
    return []


def warmed_up(folder: Path) -> None:
    """Load all that is loaded late."""
    for read in ("in.csv", "none.csv"):
        for kind in ("sequential", "parquet", "json_lines"):
            flow = _flow(folder, read=read)
            flow.stages.get(label="Read").configuration.file_format = kind
            _told(lambda flow=flow: flow.run(folder=folder, quiet=True))
        _told(lambda read=read: infer(folder / read))
    _told(lambda: _flow(folder, read="none.ds", write="x.ds", kind="Data set").check())
    for name in ("out.csv", ".riverstage"):
        subprocess.run(["rm", "-r", str(folder / name)], check=False, capture_output=True)


def closed(folder: Path) -> None:
    """Check what is said of a folder of mode 0, and of files behind it."""
    shut = folder / "shut"
    for name in ("x.csv", "x.parquet", "*.csv", "*/x.csv"):
        kind = "parquet" if name.endswith("parquet") else "sequential"
        flow = _flow(folder / "own", read=f"{shut}/{name}")
        flow.stages.get(label="Read").configuration.file_format = kind
        expected = [("RS-5005", "Read", f"{shut}/{name}")]
        assert _told(lambda flow=flow: flow.run(folder=folder / "own", quiet=True)) == expected
        assert [(item.code, item.place.stage, item.place.file) for item in flow.check().errors] == expected
        assert [item.message for item in flow.check().errors] == [f"The folder '{shut}' may not be looked into."]
        assert [item.mend for item in flow.check().errors if not item.mend] == []
        assert _told(lambda name=name: infer(f"{shut}/{name}")) == [("RS-5005", None, f"{shut}/{name}")]
    # A pattern that reaches into several folders does not leave out those that are closed.
    flow = _flow(folder / "own", read=f"{folder}/*/in.csv")
    assert _told(flow.check) == []
    assert [item.code for item in flow.check().errors] == ["RS-5005"]
    for kind in ("Data set", "Sequential file"):
        reading = _flow(folder / "own", read=f"{shut}/x.ds", kind=kind)
        assert [(item.code, item.place.stage) for item in reading.check().errors] == [("RS-5005", "Read")]
        writing = _flow(folder / "own", write=f"{shut}/below/x.ds", kind=kind)
        assert [(item.code, item.place.stage) for item in writing.check().errors] == [("RS-5005", "Write")]


def test_a_folder_that_is_closed(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "x.csv").write_text("1\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "in.csv").write_text("1\n")
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    (tmp_path / "own").chmod(0o777)
    (tmp_path / "own" / "in.csv").chmod(0o666)
    (tmp_path / "shut").chmod(0)
    path = os.pathsep.join([str(Path("src").resolve()), str(Path().resolve()), *sys.path])
    try:
        done = subprocess.run(
            [sys.executable, "-c", _ANOTHER_USER, str(tmp_path), path],
            capture_output=True,
            check=False,
            text=True,
            timeout=300,
        )
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert done.returncode == 0, done.stderr
