"""What a person gets for bad input at the command line: a code, a place, the state of the data; never a traceback.

Nothing is ever half written: after each failure the old target stands as it was and nothing else is there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from riverstage.document import Document
from riverstage.document.fields import field_of
from riverstage.flow import BatchFlow
from riverstage.types import INT32, STRING, Column

OLD = "old\n"


@dataclass
class Told:
    """What a command said."""

    code: int
    output: str
    errors: str


def command(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Told:
    """Run the command in a folder."""
    path = os.pathsep.join([str(Path("src").resolve()), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", "from riverstage.cli import main; main()", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": path,
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return Told(done.returncode, done.stdout, done.stderr)


def set_schema(flow: BatchFlow, name: str, *columns: Column) -> None:
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, name)
    flow.document.set_link_schema(ref, [field_of(column) for column in columns])


ROW = (Column("id", INT32, nullable=False), Column("name", STRING))


def copying(**settings: Any) -> BatchFlow:
    """Return a flow from one text file to another."""
    flow = BatchFlow("copying")
    source, target = flow.add_stage("Sequential file", "Read"), flow.add_stage("Sequential file", "Write")
    source.configuration["file"] = ["in.csv"]
    target.configuration["file"] = "out.csv"
    for name, value in settings.items():
        source.configuration[name] = value
    set_schema(flow, source.connect_output_to(target).name, *ROW)
    return flow


def generating(records: int = 10, *columns: Column) -> BatchFlow:
    """Return a flow from a generator to a text file."""
    flow = BatchFlow("generating")
    source, target = flow.add_stage("Row Generator", "Make"), flow.add_stage("Sequential file", "Write")
    source.configuration.records = records
    target.configuration["file"] = "out.csv"
    set_schema(flow, source.connect_output_to(target).name, *(columns or (Column("id", INT32),)))
    return flow


def circle() -> BatchFlow:
    flow = BatchFlow("circle")
    first, second = flow.add_stage("Funnel", "First"), flow.add_stage("Copy", "Second")
    flow.add_stage("Row Generator", "Make").connect_output_to(first)
    first.connect_output_to(second)
    second.connect_output_to(first)
    return flow


def two_writers() -> BatchFlow:
    flow = generating()
    flow.stages.get(label="Make")
    other, target = flow.add_stage("Row Generator", "Other"), flow.add_stage("Sequential file", "Write too")
    target.configuration["file"] = "./out.csv"
    set_schema(flow, other.connect_output_to(target).name, Column("id", INT32))
    return flow


def unlinked() -> BatchFlow:
    flow = generating()
    flow.add_stage("Sort", "Alone")
    return flow


def with_parameter(kind: str, value: Any) -> BatchFlow:
    flow = generating()
    flow.add_local_parameter(parameter_type="string" if isinstance(value, str) else kind, name="rows", value=value)
    flow.stages.get(label="Make").configuration["records"] = "#rows#"
    if isinstance(value, str):
        # The SDK refuses what a type cannot hold; a document may say it all the same.
        tree = json.loads(flow.document.dumps())
        (parameter,) = tree["parameters"]["local_parameters"]
        parameter["type"] = "int64"
        flow = BatchFlow.from_document(Document.loads(json.dumps(tree)))
    return flow


def missing_parameter() -> BatchFlow:
    flow = generating()
    flow.stages.get(label="Make").configuration["records"] = "#rows#"
    return flow


def to(target: str) -> BatchFlow:
    flow = generating()
    flow.stages.get(label="Write").configuration["file"] = target
    return flow


def large() -> BatchFlow:
    """Return a flow that needs more memory than it will be given, and may not spill."""
    flow = BatchFlow("large")
    source, group, target = (
        flow.add_stage("Row Generator", "Make"),
        flow.add_stage("Aggregator", "Group"),
        flow.add_stage("Sequential file", "Write"),
    )
    source.configuration.records = 20_000_000
    group.configuration["key_properties"] = [{"key": "id"}, {"key": "name"}]
    group.configuration["reduce_properties"] = [[{"reduce": "id"}, {"count": "n"}]]
    target.configuration["file"] = "out.csv"
    set_schema(flow, source.connect_output_to(group).name, Column("id", INT32), Column("name", STRING))
    group.connect_output_to(target)
    return flow


@dataclass(frozen=True)
class Bad:
    """A mistake and what must be said of it.

    Args:
        flow: Makes the flow.
        code: The error's code.
        says: What must stand in the text.
        content: What ``in.csv`` holds; None: there is none.
        arguments: More arguments of the command.
        environment: More of the environment.
        leaves: The exit code: 2 where only the command line is wrong.
    """

    flow: Callable[[], BatchFlow]
    code: str
    says: tuple[str, ...]
    content: bytes | None = b"1,a\n"
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    leaves: int = 1


_HEADER = {"first_line_is_column_names": "true"}
_FAIL = {"reject_mode": "fail"}
BAD = {
    "a missing file": Bad(copying, "RS-5001", ("in.csv", "does not exist"), None),
    "a row with too few fields": Bad(lambda: copying(**_FAIL), "RS-6230", ("Line 2",), b"1,a\n2\n"),
    "a wrong delimiter": Bad(lambda: copying(delim=";", **_FAIL), "RS-6230", ("Line 1",)),
    "a type that does not fit": Bad(lambda: copying(**_FAIL), "RS-6230", ("'id'", "x,b", "'Read'"), b"1,a\nx,b\n"),
    "bytes that are no UTF-8": Bad(lambda: copying(**_FAIL), "RS-6230", ("Line 2",), b"1,a\n2,\xff\xfe\n"),
    "a header without a column": Bad(lambda: copying(**_HEADER), "RS-", ("'name'", "in.csv"), b"id,nom\n1,a\n"),
    "a folder in the place of a file": Bad(lambda: copying(file=["."]), "RS-5001", ("is a folder",)),
    "a circle": Bad(circle, "RS-4001", ("First", "Second", "circle")),
    "an unlinked stage": Bad(unlinked, "RS-4002", ("'Alone'", "not linked")),
    "two writers of one file": Bad(two_writers, "RS-4263", ("Write", "out.csv")),
    "a parameter that nobody has": Bad(missing_parameter, "RS-4101", ("'rows'", "'Make'")),
    "a parameter of the wrong type": Bad(
        lambda: with_parameter("integer", "many"), "RS-4103", ("'rows'", "whole number")
    ),
    "a parameter given wrongly": Bad(
        lambda: with_parameter("integer", 5), "RS-4103", ("'rows'", "'x'"), arguments=("-p", "rows=x"), leaves=2
    ),
    "a parameter that the flow has not": Bad(
        lambda: with_parameter("integer", 5),
        "RS-4102",
        ("'row'", "Did you mean 'rows'?"),
        arguments=("-p", "row=1"),
        leaves=2,
    ),
    "a target's folder is missing": Bad(lambda: to("no/such/out.csv"), "RS-5004", ("no/such", "does not exist")),
    "a target is a folder": Bad(lambda: to("."), "RS-5003", ("is a folder",)),
    "a file where a folder should be": Bad(lambda: to("in.csv/out.csv"), "RS-500", ("in.csv",)),
    "too little memory": Bad(large, "RS-61", ("memory",), arguments=("--memory", "60MB", "--threads", "1")),
    "no memory limit": Bad(generating, "RS-8000", ("lots",), arguments=("--memory", "lots"), leaves=2),
    "a full disk": Bad(generating, "RS-5006", ("full",), environment={"RIVERSTAGE_FAILPOINT": "file.written:error"}),
    "no engine of that name": Bad(
        generating, "RS-6001", ("'duck'", "Did you mean 'duckdb'?"), arguments=("--engine", "duck"), leaves=2
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out.csv").write_text(OLD)
    return tmp_path


def untouched(folder: Path, *allowed: str) -> None:
    """Assert that the old target stands, and that nothing else is there."""
    assert (folder / "out.csv").read_text() == OLD
    assert set(os.listdir(folder)) - {"out.csv", "flow.json", "in.csv", *allowed} == set()


@pytest.mark.parametrize("name", BAD)
def test_it_is_told(name: str, folder: Path) -> None:
    bad = BAD[name]
    if bad.content is not None:
        (folder / "in.csv").write_bytes(bad.content)
    bad.flow().save(folder / "flow.json")
    told = command(folder, "run", "flow.json", *bad.arguments, environment=bad.environment)
    assert told.code == bad.leaves, told
    said = " ".join(told.errors.split())
    assert bad.code in said
    for text in bad.says:
        assert text in said
    # Where the command line itself could not be read, there is no state to tell.
    assert bad.code == "RS-8000" or any(
        state in said for state in ("Nothing was read or written", "as it was", "No target was changed")
    ), said
    untouched(folder)


@pytest.mark.parametrize("name", BAD if os.environ.get("RIVERSTAGE_SOAK") else list(BAD)[::5])
def test_it_is_told_as_json(name: str, folder: Path) -> None:
    bad = BAD[name]
    if bad.content is not None:
        (folder / "in.csv").write_bytes(bad.content)
    bad.flow().save(folder / "flow.json")
    told = command(folder, "run", "flow.json", "--json", *bad.arguments, environment=bad.environment)
    assert told.code == bad.leaves
    said = json.loads(told.output)
    assert said["error"]["code"].startswith("RS-")
    assert said["error"]["place"]
    untouched(folder)


def test_rows_that_cannot_be_read_are_dropped_with_a_warning(folder: Path) -> None:
    (folder / "in.csv").write_bytes(b"1,a\nx,b\n3\n4,\xff\n5,e\n")
    copying().save(folder / "flow.json")
    told = command(folder, "run", "flow.json")
    assert told.code == 3
    assert "3 " in told.output
    assert (folder / "out.csv").read_text() == "1,a\n5,e\n"
    assert command(folder, "run", "flow.json", "--warnings-ok").code == 0


def test_an_empty_file_has_no_rows(folder: Path) -> None:
    (folder / "in.csv").touch()
    copying().save(folder / "flow.json")
    assert command(folder, "run", "flow.json").code == 0
    assert (folder / "out.csv").read_text() == ""


def test_an_empty_file_has_no_header(folder: Path) -> None:
    (folder / "in.csv").touch()
    copying(**_HEADER).save(folder / "flow.json")
    told = command(folder, "run", "flow.json")
    assert told.code == 3
    assert "'in.csv' is empty: its first line should name the columns." in told.output


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "RS-1001"),
        (b"{", "RS-1001"),
        (b"\xff", "RS-1"),
        (b"[]", "RS-1"),
        (b"{}", "RS-1003"),
        (b'{"pipelines": [], "pipelines": []}', "RS-1"),
        (b"[" * 100_000, "RS-1001"),
    ],
)
def test_what_is_no_document(content: bytes, code: str, folder: Path) -> None:
    (folder / "flow.json").write_bytes(content)
    for what in ("run", "check", "explain"):
        told = command(folder, what, "flow.json")
        assert told.code in (1, 2)
        assert code in told.errors + told.output
    assert (folder / "flow.json").read_bytes() == content


@pytest.mark.parametrize(
    "arguments",
    [("run",), ("run", "--threads", "0", "flow.json"), ("ru", "flow.json"), ("run", "flow.json", "-p", "x"), ("--no",)],
)
def test_a_wrong_command_line_leaves_with_2(arguments: tuple[str, ...], folder: Path) -> None:
    generating().save(folder / "flow.json")
    assert command(folder, *arguments).code == 2
    untouched(folder)


def test_a_flow_that_is_not_there(folder: Path) -> None:
    generating().save(folder / "flow.json")
    told = command(folder, "run", "flo.json")
    assert told.code == 2
    assert "RS-8001" in told.errors
    assert "flow.json" in told.errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels(number: signal.Signals, folder: Path) -> None:
    generating(2_000_000_000).save(folder / "flow.json")
    with subprocess.Popen(
        [sys.executable, "-c", "from riverstage.cli import main; main()", "run", "flow.json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path("src").resolve()), *sys.path])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while not any(".riverstage-" in name for name in os.listdir(folder)):
            assert running.poll() is None
        running.send_signal(number)
        output, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in output + errors
    assert "cancelled" in errors
    assert "No target was changed." in errors
    untouched(folder)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a file system of 128 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
@pytest.mark.parametrize("name", ["out.csv", "out.ds", "out.parquet", "out.jsonl"])
def test_a_disk_that_fills_up(name: str, small: Path) -> None:
    (small / "out.csv").write_text(OLD)
    flow = BatchFlow("filling")
    source = flow.add_stage("Row Generator", "Make")
    target = flow.add_stage("Data set" if name.endswith(".ds") else "Sequential file", "Write")
    source.configuration.records = 300_000
    target.configuration["file"] = name
    set_schema(
        flow, source.connect_output_to(target).name, Column("id", INT32, properties={"random": {"limit": 10**9}})
    )
    flow.save(small / "flow.json")
    told = command(small, "run", "flow.json")
    assert told.code == 1
    assert "full" in told.errors
    assert "RS-" in told.errors
    assert (small / "out.csv").read_text() == OLD
    assert [each for each in os.listdir(small) if each not in ("out.csv", "flow.json")] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize("which", ["read", "write"])
def test_a_folder_that_is_closed(which: str, folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    flow = to("closed/out.csv") if which == "write" else copying(file=["closed/in.csv"])
    flow.save(folder / "flow.json")
    closed.chmod(0)
    try:
        told = command(folder, "run", "flow.json")
    finally:
        closed.chmod(0o700)
    assert told.code == 1
    assert "RS-500" in told.errors
    untouched(folder, "closed")
